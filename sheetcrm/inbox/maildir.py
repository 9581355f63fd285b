"""A maildir as inbox: each mail is a file in `new` or `cur` (https://cr.yp.to/proto/maildir.html)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from hashlib import blake2b
from pathlib import Path

from sheetcrm.errors import ConfigError
from sheetcrm.inbox.protocol import MOST_BYTES, MOST_MAILS, Fetched


class Maildir:
    """The mails of a maildir; the mark names those that were read, as far as they still lie there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, mark: str, since: date) -> Fetched:
        """The mails not read yet, the oldest first. Raises ConfigError where there is no maildir."""
        if not all((self._folder / name).is_dir() for name in ("new", "cur")):
            raise ConfigError(f"{self._folder} is no maildir: it needs the folders new and cur.", "Correct maildir.")
        start = datetime(since.year, since.month, since.day, tzinfo=UTC).timestamp()
        there = {_name(path): path for name in ("cur", "new") for path in (self._folder / name).iterdir()}
        # As a mail is read its file moves from `new` to `cur`; between the two looks it may be gone.
        times = {name: path.stat().st_mtime for name, path in there.items() if path.is_file()}
        read = set(json.loads(mark)) if mark else {name for name, moment in times.items() if moment < start}
        fresh = sorted((moment, name) for name, moment in times.items() if name not in read)[:MOST_MAILS]
        mails = tuple(_content(there[name]) for _, name in fresh)
        kept = sorted((read & times.keys()) | {name for _, name in fresh})
        return Fetched(mails, json.dumps(kept, separators=(",", ":")))

    def describe(self) -> str:
        """The inbox in one phrase, with its folder."""
        return f"the maildir {self._folder}"


def _name(path: Path) -> str:
    """A mail's name for good: what stands behind the colon are flags, which change."""
    return blake2b(path.name.partition(":")[0].encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES)
