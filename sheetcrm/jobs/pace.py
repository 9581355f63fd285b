"""Reports of which nothing comes go out less often, where the reader asked for that. Pure.

No mail tells whether it was read, and ours do not spy. What can be seen is the workbook: a report names rows, and where
none of them has changed by the time of the next, that report was of no use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

PATIENCE = 4
"""So many mails in a row of which nothing came; the next one goes out at the slower pace."""
SLOW = {"day": 7, "mine": 7, "team": 7, "week": 28}
"""Days from one mail to the next then. What comes monthly or less often does not slow down."""
_TOLD = ("owner", "status", "whole", "day", "next_step")


@dataclass(frozen=True, slots=True)
class Pace:
    """How a subscription of one reader has fared: the last mail's day, the rows it named, how many mails were in vain.

    Each row stands with a digest of what the mail told of it.
    """

    day: date = date.min
    rows: Mapping[str, str] = field(default_factory=dict)
    in_vain: int = 0

    @property
    def is_slow(self) -> bool:
        """Whether the mail of that day went out at the slower pace."""
        return self.in_vain >= PATIENCE

    def to_text(self) -> str:
        """What is remembered."""
        return json.dumps([self.day.isoformat(), self.in_vain, dict(self.rows)])


def read_pace(text: str) -> Pace:
    """What was remembered; the usual pace where that cannot be read."""
    try:
        day, in_vain, rows = json.loads(text)
        return Pace(date.fromisoformat(day), dict(rows), int(in_vain))
    except (ValueError, TypeError):
        return Pace()


def next_pace(before: Pace, what: str, named: Mapping[str, str], day: date) -> Pace | None:
    """The pace with the mail of a day, which names these rows; None where that mail is to be left out."""
    is_useful = not before.rows or any(named.get(row) != digest for row, digest in before.rows.items())
    pace = Pace(day, named, 0 if is_useful else before.in_vain + 1)
    if pace.is_slow and day < before.day + timedelta(days=SLOW.get(what, 0)):
        return None
    return pace


def rows_named(context: Mapping[str, Any]) -> dict[str, str]:
    """The rows that a mail names as in need of somebody, each with a digest of what it tells of them."""
    leads = [*context.get("needs_you", ()), *(one for part in context.get("sections", ()) for one in part["leads"])]
    return {str(one["key"] or one["called"]): _digest([str(one[name]) for name in _TOLD]) for one in leads}


def _digest(words: list[str]) -> str:
    return blake2b("\x1f".join(words).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
