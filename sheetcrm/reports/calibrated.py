"""How often leads of a stage are won in the end, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

PRIOR = 10
"""So many leads the even steps of the stages count for: what few closed deals say does not upset a forecast."""
ENOUGH = 20
"""Closed leads from which a stage's own rate is used for leads that name no probability."""


@dataclass(frozen=True, slots=True)
class WinRate:
    """Of `closed` leads that were seen open in a stage and settled since, `won` were won.

    `rate` is (won + 10 p) / (closed + 10), p being the even step of the stage, to four places; `low` and `high` are
    Wilson's 90 % interval around it.
    """

    stage: str
    closed: int
    won: int
    rate: Decimal
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Whether enough leads were closed to go by."""
        return self.closed >= ENOUGH
