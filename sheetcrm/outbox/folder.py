"""The outbox that is a folder of .eml files: nothing leaves the computer, and any mail program opens them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sheetcrm.errors import SheetcrmError
from sheetcrm.outbox.message_file import build_mail, in_realm, message_hash
from sheetcrm.outbox.protocol import Receipt
from sheetcrm.plan import Message


class FolderOutbox:
    """Writes each message once, as `<date> <recipient> <hash>.eml`; the folder is made when it is first needed."""

    def __init__(self, folder: Path, sender: str, realm: str = "", unsubscribe: str = "") -> None:
        """`realm` names the workbook, so that two of them may share a folder."""
        self._folder = folder
        self._sender = sender
        self._realm = realm
        self._unsubscribe = unsubscribe

    def send(self, message: Message, now: datetime, on_start: Callable[[], None] = lambda: None) -> Receipt:
        """The message's file, whole and on the disk; one that lies there already, from any day, is left as it is.

        Raises MessageRefused as `build_mail` does, and SheetcrmError where the folder cannot be written.
        """
        message = in_realm(message, self._realm)
        path = self._found(message)
        if path is None:
            content = build_mail(message, self._sender, now, self._unsubscribe).content
            path = self._folder / file_name(message, now)
            on_start()
            self._write(path, content)
        return Receipt("accepted", str(path))

    def expect(self, messages: Sequence[Message], now: datetime) -> None:
        """Nothing: files are written one by one."""

    def was_sent(self, message: Message) -> bool:
        """Whether the message's file lies in the folder, whatever its date."""
        return self._found(in_realm(message, self._realm)) is not None

    def describe(self) -> str:
        """The outbox in one phrase, with its folder."""
        return f"the folder {self._folder} (each mail a file that a mail program opens)"

    def close(self) -> None:
        """Nothing: a folder needs no end."""

    def _found(self, message: Message) -> Path | None:
        return next(self._folder.glob(f"*{message_hash(message)}.eml"), None)

    def _write(self, path: Path, content: bytes) -> None:
        partial = path.with_suffix(".partial")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
            _sync_folder(self._folder)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            raise SheetcrmError(
                f"The mail to {path} cannot be written: {error.strerror or error}.",
                "Make room or allow writing there, or name another outbox folder in the settings.",
            ) from error


def file_name(message: Message, now: datetime) -> str:
    """A name that Windows, macOS and Linux all take: the date, whom it goes to, and the message's hash."""
    recipient = re.sub(r"[^A-Za-z0-9@._+-]", "_", message.to)[:60].strip("._-")
    return f"{now.date().isoformat()} {recipient} {message_hash(message)}.eml"


def _sync_folder(folder: Path) -> None:
    """Make the new name itself last through a power cut, where the system lets a folder be opened (not Windows)."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
