"""What every operation gets: the state to change or to read, who asks, when, and numbers for new things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sheetcrm.testing.sheets_server.answering import Reader
from sheetcrm.testing.sheets_server.model import Spreadsheet
from sheetcrm.testing.sheets_server.rights import User


@dataclass(frozen=True)
class Work:
    """One call on one spreadsheet."""

    book: Spreadsheet
    user: User
    now: datetime
    """Aware."""
    random: Random
    other_book: Callable[[str], Spreadsheet]
    """Another spreadsheet by its id. Raises the 404 that Google gives."""

    @property
    def local_now(self) -> datetime:
        """The moment on the spreadsheet's clock, without zone."""
        try:
            zone = ZoneInfo(str(self.book.properties.get("timeZone") or "Etc/GMT"))
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("Etc/GMT")
        return self.now.astimezone(zone).replace(tzinfo=None)

    def reader(self) -> Reader:
        """Gives the state as it is now."""
        return Reader(self.book, self.local_now, self.user)

    def new_id(self, taken: object = ()) -> int:
        """A number that is not taken."""
        while True:
            number = self.random.randrange(1, 2**31 - 1)
            if number not in taken:  # type: ignore[operator]
                return number
