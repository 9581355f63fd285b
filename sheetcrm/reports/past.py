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
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.frame import NO_DAY, TRACKED, placed, typed_frame
from sheetcrm.reports.values import Stages
from sheetcrm.table import Snapshot

_FEWEST_RENAMED = 3


@dataclass(frozen=True)
class Past:
    """All events of all leads that were ever seen, by `row` and `reading`; `day` and `seen` of each reading."""

    events: pd.DataFrame
    keys: tuple[str, ...]
    days: np.ndarray[Any, Any]
    seen: np.ndarray[Any, Any]
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
        rows, readings = self._arrays
        known = np.flatnonzero(readings <= reading)
        is_last = np.append(rows[known][1:] != rows[known][:-1], True) if len(known) else np.array([], dtype=bool)
        state = self.events.iloc[known[is_last]]
        left: pd.DataFrame = state[~state["is_gone"].to_numpy() & ~state["is_duplicate"].to_numpy()]
        return left

    def _reading(self, day: date) -> int | None:
        place = int(np.searchsorted(self.days, np.datetime64(day, "D"), "left"))
        if place < len(self.days) and self.days[place] == np.datetime64(day, "D"):
            return place
        return place - 1 if place else None

    @cached_property
    def _arrays(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        return self.events["row"].to_numpy(), self.events["reading"].to_numpy()

    @cached_property
    def moves(self) -> pd.DataFrame:
        """Each change of a stage, first appearances included, by row and reading.

        `before`, `before_place`, `before_order` are empty, empty and NaN-like (-3) at a first appearance; `seen` is its
        day, NaT for what the very first reading found. Events of duplicates and of rows that are gone are left out.
        """
        events = self.events
        live = events[~events["is_gone"].to_numpy() & ~events["is_duplicate"].to_numpy()]
        row, status = live["row"].to_numpy(), live["status"].to_numpy()
        is_first = np.append(True, row[1:] != row[:-1])[: len(live)]
        is_move = is_first | np.append(True, status[1:] != status[:-1])[: len(live)]
        before = live[["status", "place", "order"]].shift(1)
        columns = [
            "row",
            "reading",
            "status",
            "place",
            "order",
            "created",
            "closed",
            "expected_close",
            "company",
            "name",
        ]
        moves: pd.DataFrame = live[columns][is_move].copy()
        moves["is_first"] = is_first[is_move]
        for name, none in (("status", ""), ("place", ""), ("order", -3)):
            moves[f"before_{name}"] = np.where(moves["is_first"], none, before[name][is_move])
        seen = self.seen[moves["reading"].to_numpy()]
        moves["seen"] = np.where(moves["is_first"] & (moves["reading"] == 0), NO_DAY, seen)
        return moves


def past_of(snapshot: Snapshot, now: pd.DataFrame, stages: Stages) -> Past:
    """The past of the snapshot's leads, `now` being its frame of all leads."""
    trail = snapshot.trails("Leads", TRACKED)
    zone = snapshot.now.tzinfo
    kept = [i for i, moment in enumerate(trail.moments) if moment <= snapshot.now]
    place = np.full(len(trail.moments) + 1, -1)
    place[kept] = np.arange(len(kept))
    dates = [trail.moments[i].astimezone(zone).date() for i in kept] + [snapshot.today]
    days = np.maximum.accumulate(np.array(dates, dtype="datetime64[D]").astype(np.int64)).astype("datetime64[D]")
    is_first = np.append(True, days[1:] != days[:-1])
    old = typed_frame(trail.fields, snapshot.currency) if trail.row else pd.DataFrame()
    old["row"], old["reading"] = np.array(trail.row, dtype=np.int64), place[np.array(trail.moment, dtype=np.int64)]
    old["is_gone"] = np.array(trail.is_gone, dtype=bool)
    old = old[old["reading"].to_numpy() >= 0]
    events, keys = _with_now(old, list(trail.keys), now, len(kept))
    events, renamed = _renamed(events)
    return Past(placed(events, stages), keys, days, days - is_first.astype("timedelta64[D]"), renamed)


def _with_now(
    old: pd.DataFrame, keys: list[str], now: pd.DataFrame, reading: int
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The events with those of the report's own reading, in order."""
    numbers = {key: i for i, key in enumerate(keys)}
    rows = np.array([numbers.setdefault(key, len(numbers)) for key in now["who"]], dtype=np.int64)
    names = [
        *("status", "owner", "company", "name", "has_amount", "cents", "currency", "chance", "is_duplicate"),
        *("created", "last_contact", "next_due", "expected_close", "closed"),
    ]
    current = now[names].assign(row=rows, reading=reading, is_gone=False)
    known = old["row"].to_numpy()
    left = np.setdiff1d(known, rows)
    gone = old[np.isin(known, left)].groupby("row", as_index=False).tail(1)
    gone = gone[~gone["is_gone"].to_numpy()].assign(reading=reading, is_gone=True)
    columns = [*names, "row", "reading", "is_gone"]
    parts = [one[columns] for one in (old, gone, current) if len(one)] or [current[columns]]
    events = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    order = np.lexsort((events["reading"].to_numpy(), events["row"].to_numpy()))
    return events.iloc[order].reset_index(drop=True), tuple(numbers)


def _renamed(events: pd.DataFrame) -> tuple[pd.DataFrame, tuple[tuple[str, str], ...]]:
    """The events under the stages' later names, and which stage became which.

    A stage was renamed where, from one reading to the next, all its rows (three at least) went to one stage that no
    row had held before: nobody moves all deals at once into a stage just made.
    """
    row, reading = events["row"].to_numpy(), events["reading"].to_numpy()
    codes, names = pd.factorize(events["status"])
    is_same = np.append(False, row[1:] == row[:-1])[: len(events)] & ~events["is_gone"].to_numpy()
    change = np.flatnonzero(is_same & np.append(False, codes[1:] != codes[:-1])[: len(events)])
    pairs = pd.DataFrame({"reading": reading[change], "old": codes[change - 1], "new": codes[change]})
    counts = pairs.value_counts().reset_index()
    gone = events["is_gone"].to_numpy(dtype=bool)
    renamed: list[tuple[str, str]] = []
    found: Any = counts[counts["count"] >= _FEWEST_RENAMED].sort_values("reading").itertuples()
    for one in found:
        if not names[one.old] or not names[one.new] or reading[codes == one.new].min() < one.reading:
            continue
        if _holders(row, reading, codes, one.reading, one.old, gone) > one.count:
            continue
        renamed.append((str(names[one.old]), str(names[one.new])))
        codes = np.where((codes == one.old) & (reading < one.reading), one.new, codes)
    if renamed:
        events = events.assign(status=np.asarray(names, dtype=object)[codes])
    return events, tuple(renamed)


def _holders(row: Any, reading: Any, codes: Any, before: int, code: int, gone: Any) -> int:
    """How many rows held a stage just before a reading and were still there at it."""
    known = np.flatnonzero(reading < before)
    is_last = np.append(row[known][1:] != row[known][:-1], True)
    holders = row[known[is_last]][codes[known[is_last]] == code]
    return len(np.setdiff1d(holders, row[(reading == before) & gone]))
