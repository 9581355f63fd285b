"""Clocks: one that stands still until it is told to go on; the real one is asked where the program starts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the moment, aware."""


class FixedClock:
    """Stands still; only `forward` moves it."""

    def __init__(self, moment: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """The moment."""
        return self.moment

    def forward(self, seconds: float) -> None:
        """Lets time pass."""
        self.moment += timedelta(seconds=seconds)
