"""An IMAP folder as inbox: read only, by the numbers that the server gives its mails (RFC 9051)."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sheetcrm.errors import ConfigError, SheetcrmError
from sheetcrm.inbox.protocol import MOST_BYTES, MOST_MAILS, Fetched
from sheetcrm.outbox.secrets import access_token, secret
from sheetcrm.outbox.tls import trusting

if TYPE_CHECKING:
    from imap_tools import BaseMailBox


@dataclass(frozen=True, slots=True)
class ImapServer:
    """An IMAP server, how to get in, and which folder: `security` is tls, starttls or none."""

    host: str
    port: int
    user: str
    folder: str = "INBOX"
    security: str = "tls"
    ca_file: str = ""
    login: str = "password"
    token_url: str = ""
    client_id: str = ""
    timeout: float = 60


class ImapInbox:
    """The mails of one folder. The mark is the folder's own: its validity and the highest number read."""

    def __init__(self, server: ImapServer) -> None:
        self._server = server

    def fetch(self, mark: str, since: date) -> Fetched:
        """The mails after the mark, the oldest first; where the folder was made anew, those of `since` and later."""
        from imap_tools import AND, ImapToolsError, U

        server = self._server
        where = f"{server.host}:{server.port}"
        try:
            with self._opened() as box:
                validity = str(box.folder.status(server.folder, ["UIDVALIDITY"])["UIDVALIDITY"])
                before, _, last = mark.partition(":")
                is_same = before == validity and last.isdecimal()
                criteria = AND(uid=U(str(int(last) + 1), "*")) if is_same else AND(date_gte=since)
                # "5:*" gives the last mail even where its number is below 5.
                found = sorted(n for n in map(int, box.uids(criteria)) if not is_same or n > int(last))
                chosen = [str(n) for n in found[:MOST_MAILS]]
                mails = tuple(self._contents(box, chosen))
                highest = max([*map(int, chosen), int(last) if is_same else 0])
        except ssl.SSLError as error:
            raise SheetcrmError(f"{where}: no trustworthy TLS: {error}.", "Correct [mail.inbox].") from error
        except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
            raise SheetcrmError(f"{where} cannot be read: {_words(error)}.", "Correct [mail.inbox].") from error
        return Fetched(mails, f"{validity}:{highest}")

    @contextmanager
    def _opened(self) -> Iterator[BaseMailBox]:
        from imap_tools import MailBox, MailBoxStartTls, MailBoxUnencrypted

        server = self._server
        context = trusting(server.ca_file)
        account = f"{server.user}@{server.host}"
        box: BaseMailBox
        if server.security == "tls":
            box = MailBox(server.host, server.port, timeout=server.timeout, ssl_context=context)
        elif server.security == "starttls":
            box = MailBoxStartTls(server.host, server.port, timeout=server.timeout, ssl_context=context)
        else:
            box = MailBoxUnencrypted(server.host, server.port, timeout=server.timeout)
        try:
            if server.login == "xoauth2":
                token = access_token("SHEETCRM_IMAP_", server.token_url, server.client_id, account, server.timeout)
                box.xoauth2(server.user, token, initial_folder=None)
            else:
                box.login(server.user, secret("SHEETCRM_IMAP_PASSWORD", account), initial_folder=None)
            box.folder.set(server.folder, readonly=True)
            yield box
        finally:
            box.client.shutdown()

    def _contents(self, box: BaseMailBox, numbers: list[str]) -> Iterator[bytes]:
        """The beginning of each mail, as the server has it."""
        for number in numbers:
            _, data = box.client.uid("fetch", number, f"(BODY.PEEK[]<0.{MOST_BYTES}>)")
            yield next((bytes(one[1]) for one in data if isinstance(one, tuple)), b"")

    def describe(self) -> str:
        """The inbox in one phrase, with server and folder."""
        return f"the folder {self._server.folder} of {self._server.user} at {self._server.host}:{self._server.port}"


def _words(error: Exception) -> str:
    return (
        " ".join("".join(one if one.isprintable() else " " for one in str(error)).split())[:200] or type(error).__name__
    )


def check_installed() -> None:
    """Nothing; ConfigError where the extra is not installed."""
    try:
        import flufl.bounce  # noqa: F401
        import imap_tools  # noqa: F401
    except ImportError as error:
        raise ConfigError("Reading answers needs two more packages.", 'Run: pip install "sheetcrm[mail]"') from error
