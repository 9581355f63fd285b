"""What becomes of slots that are due: which run now, and why the others do not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sheetcrm.schedule.settings import Missed
from sheetcrm.schedule.slots import Slot


@dataclass(frozen=True, slots=True)
class CatchUp:
    """How missed slots are made good: the policy, how far back, and how late still counts as on time."""

    missed: Missed
    window: timedelta
    grace: timedelta


@dataclass(frozen=True, slots=True)
class Decision:
    """The slots to work off now, the oldest first, and the missed ones, each with the reason."""

    run: tuple[Slot, ...]
    missed: tuple[tuple[Slot, str], ...]


def decide(pending: Sequence[Slot], now: datetime, how: CatchUp, begun: Collection[Slot] = ()) -> Decision:
    """What to do with the slots of one group that are due and not settled, in the order of time.

    `all` runs every slot within the window; `latest` the last one; `skip` the last one if it is on time, or was on time
    when it was begun.
    """
    old = [one for one in pending if now - one.due > how.window]
    rest = [one for one in pending if now - one.due <= how.window]
    hours = int(how.window.total_seconds() // 3600)
    missed = [(one, f"older than the window of {hours} hours") for one in old]
    if how.missed == "all" or not rest:
        return Decision(tuple(rest), tuple(missed))
    last = rest[-1]
    missed += [(one, f"overtaken by {last.name}") for one in rest[:-1]]
    if how.missed == "skip" and now - last.due > how.grace and last not in begun:
        return Decision((), (*missed, (last, "late, and missed slots are skipped")))
    return Decision((last,), tuple(missed))
