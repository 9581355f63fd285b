"""What every inbox can do: give the mails that came since the last time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

MOST_MAILS = 500
"""Mails that are taken at one time; the next time goes on from there."""

MOST_BYTES = 2_000_000
"""Of a mail no more than this is read: what it is stands at its beginning."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """Mails as they came, the oldest first, and a mark from which to go on the next time."""

    mails: tuple[bytes, ...]
    mark: str


class Inbox(Protocol):
    """A place where mails come in; it is read only."""

    def fetch(self, mark: str, since: date) -> Fetched:
        """The mails after a mark; without one those of a day and later. Raises SheetcrmError or OSError."""

    def describe(self) -> str:
        """The inbox in one phrase for a person."""
