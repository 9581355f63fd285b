"""What each person did: activities of a period by kind, beside the period before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sheetcrm.reports.periods import Period
from sheetcrm.schema.kinds import as_day
from sheetcrm.table import Invalid, Table


@dataclass(frozen=True, slots=True)
class Doing:
    """One person's activities of a period: how many, in the period before, of each kind, and of how many leads."""

    who: str
    count: int
    before: int
    kinds: tuple[tuple[str, int], ...]
    leads: int


def doings(log: Table | None, period: Period) -> tuple[Doing, ...]:
    """The activities whose day lies in the period, by person (column By), the busiest first; empty for nobody."""
    if log is None or "day" not in log.values:
        return ()
    blank: list[object] = [None] * len(log)
    columns = [[_word(one) for one in log.values.get(name, blank)] for name in ("by", "type", "lead")]
    now, before = Counter[str](), Counter[str]()
    kinds: dict[str, Counter[str]] = {}
    leads: dict[str, set[str]] = {}
    earlier = period.before()
    for value, who, kind, lead in zip(log.values["day"], *columns, strict=True):
        day = as_day(value)
        if day is None:
            continue
        if period.start <= day < period.end:
            now[who] += 1
            kinds.setdefault(who, Counter())[kind] += 1
            leads.setdefault(who, set()).update({lead} - {""})
        elif earlier.start <= day < earlier.end:
            before[who] += 1
    found = (
        Doing(
            who,
            now[who],
            before[who],
            tuple(sorted(kinds.get(who, Counter()).items(), key=lambda one: (-one[1], one[0]))),
            len(leads.get(who, ())),
        )
        for who in {*now, *before}
    )
    return tuple(sorted(found, key=lambda one: (-one.count, -one.before, one.who)))


def _word(value: object) -> str:
    return "" if value is None or isinstance(value, Invalid) else str(value).strip()
