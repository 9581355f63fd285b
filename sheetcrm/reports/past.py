"""The leads from reading to reading: how they stood on a day, when each changed its stage, what a stage was called.

A *reading* is a run that read the workbook; the one that the report is made from is the last. The state *on a day* is
what the first reading of that day found or, where the day had none, the last one before it: edits of Friday afternoon,
found on Monday morning, lie before Monday. So what the first reading of a day finds new is *seen* on the day before,
and what a later one finds is seen on its own day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from sheetcrm.reports.events import Array, Events, events_of
from sheetcrm.reports.frame import NO_DAY, TRACKED, framed, placed, texts
from sheetcrm.reports.values import Stages
from sheetcrm.table import Snapshot

_FEWEST_RENAMED = 3
_NO_ORDER = -3


@dataclass(frozen=True)
class Past:
    """All events of all leads that were ever seen; `days` and `seen` tell the days of each reading.

    `keys` tells each row's name, `now` the row of each lead of the report's own reading.
    """

    events: Events
    snapshot: Snapshot
    keys: tuple[str, ...]
    now: Array
    days: Array
    seen: Array
    stages: Stages
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def has_past(self) -> bool:
        """Whether there is any reading before the report's own."""
        return len(self.days) > 1

    @property
    def since(self) -> date | None:
        """The day of the first reading, None where only the report's own is known."""
        return self.days[0].item() if self.has_past else None

    def on(self, day: date) -> pd.DataFrame | None:
        """The leads as they stood on a day, duplicates left out; None where the past does not reach so far."""
        reading = self._reading(day)
        if reading is None:
            return None
        known = np.flatnonzero(self.events.reading <= reading)
        state = known[_is_last(self.events.row[known])]
        return placed(self.events.frame(state[self._is_live[state]]), self.stages)

    def _reading(self, day: date) -> int | None:
        place = int(np.searchsorted(self.days, np.datetime64(day, "D"), "left"))
        if place < len(self.days) and self.days[place] == np.datetime64(day, "D"):
            return place
        return place - 1 if place else None

    @cached_property
    def names(self) -> dict[int, tuple[str, str]]:
        """Company and name by row, as last read before the report: for leads that are in the sheet no more."""
        trail = self.snapshot.trails("Leads", ("company", "name"))
        row, moment = np.array(trail.row, dtype=np.int64), np.array(trail.moment, dtype=np.int64)
        is_past = np.array([one <= self.snapshot.now for one in trail.moments], dtype=bool)
        known = np.flatnonzero(~np.array(trail.is_gone, dtype=bool) & is_past[moment])
        last = known[_is_last(row[known])]
        columns = (texts(one.values)[one.codes[last]].tolist() for one in trail.fields.values())
        return dict(zip(row[last].tolist(), zip(*columns, strict=True), strict=True))

    @cached_property
    def _is_live(self) -> Array:
        live: Array = ~self.events.is_gone & ~self.events.held("is_duplicate")
        return live

    @cached_property
    def moves(self) -> pd.DataFrame:
        """Each change of a stage, first appearances included, by row and reading.

        `before`, `before_place`, `before_order` are empty, empty and NaN-like (-3) at a first appearance; `seen` is its
        day, NaT for what the very first reading found. Events of duplicates and of rows that are gone are left out.
        """
        live = np.flatnonzero(self._is_live)
        row, status = self.events.row[live], self.events.held("status", live)
        codes, _ = pd.factorize(status)
        is_first = np.append(True, row[1:] != row[:-1])[: len(live)]
        moved = np.flatnonzero(is_first | np.append(True, codes[1:] != codes[:-1])[: len(live)])
        here, first = live[moved], is_first[moved]
        moves = placed(
            framed({"row": row[moved], "reading": self.events.reading[here], "status": status[moved]}),
            self.stages,
        )
        before = placed(framed({"status": status[moved - 1]}), self.stages)
        for name, none in (("status", ""), ("place", ""), ("order", _NO_ORDER)):
            told = np.where(first, none, before[name].to_numpy())
            moves[f"before_{name}"] = pd.Series(told, dtype=told.dtype)
        seen = self.seen[self.events.reading[here]]
        return moves.assign(
            created=self.events.held("created", here),
            is_first=first,
            seen=np.where(first & (self.events.reading[here] == 0), NO_DAY, seen),
        )


def past_of(snapshot: Snapshot, now: pd.DataFrame, stages: Stages) -> Past:
    """The past of the snapshot's leads, `now` being its frame of all leads."""
    trail = snapshot.trails("Leads", TRACKED)
    zone = snapshot.now.tzinfo
    kept = [i for i, moment in enumerate(trail.moments) if moment <= snapshot.now]
    reading = np.full(len(trail.moments) + 1, -1)
    reading[[*kept, -1]] = np.arange(len(kept) + 1)
    dates = [trail.moments[i].astimezone(zone).date() for i in kept] + [snapshot.today]
    days = np.maximum.accumulate(np.array(dates, dtype="datetime64[D]").astype(np.int64)).astype("datetime64[D]")
    is_first = np.append(True, days[1:] != days[:-1])
    events, keys, rows = events_of(trail, reading, now, snapshot.currency)
    events, renamed = _renamed(events)
    return Past(events, snapshot, keys, rows, days, days - is_first.astype("timedelta64[D]"), stages, renamed)


def _is_last(row: Array) -> Array:
    """Whether each of these events, which stand by row, is its row's last."""
    return np.append(row[1:] != row[:-1], True)[: len(row)]


def _renamed(events: Events) -> tuple[Events, tuple[tuple[str, str], ...]]:
    """The events under the stages' later names, and which stage became which.

    A stage was renamed where, from one reading to the next, all its rows (three at least) went to one stage that no
    row had held before: nobody moves all deals at once into a stage just made.
    """
    row, reading = events.row, events.reading
    codes, names = pd.factorize(events.held("status"))
    is_same = np.append(False, row[1:] == row[:-1])[: len(events)] & ~events.is_gone
    change = np.flatnonzero(is_same & np.append(False, codes[1:] != codes[:-1])[: len(events)])
    pairs = pd.DataFrame({"reading": reading[change], "old": codes[change - 1], "new": codes[change]})
    counts = pairs.value_counts().reset_index()
    counts = counts[counts["count"] >= _FEWEST_RENAMED].sort_values("reading")
    renamed: list[tuple[str, str]] = []
    first = _first_readings(codes, reading, len(names))
    for when, old, new, count in zip(*(counts[name].tolist() for name in counts), strict=True):
        if not names[old] or not names[new] or first[new] < when:
            continue
        if _holders(events, codes, when, old) > count:
            continue
        renamed.append((str(names[old]), str(names[new])))
        codes = np.where((codes == old) & (reading < when), new, codes)
        first = _first_readings(codes, reading, len(names))
    if renamed:
        events = events.with_statuses(np.asarray(names, dtype=object), codes)
    return events, tuple(renamed)


def _first_readings(codes: Array, reading: Array, count: int) -> Array:
    """The first reading at which any row held each stage."""
    first = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(first, codes, reading)
    return first


def _holders(events: Events, codes: Array, before: int, code: int) -> int:
    """How many rows held a stage just before a reading and were still there at it."""
    known = np.flatnonzero(events.reading < before)
    last = known[_is_last(events.row[known])]
    holders = events.row[last][codes[last] == code]
    return len(np.setdiff1d(holders, events.row[(events.reading == before) & events.is_gone]))
