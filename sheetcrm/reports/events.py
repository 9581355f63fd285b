"""What is known of every lead at every reading, as arrays: what few events held is told once for all that held it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.frame import DAYS, TEXTS, TRACKED, amounts, chances, days, framed, texts
from sheetcrm.trail import Coded, Trail

Array = np.ndarray[Any, Any]

_OF_AMOUNT = ("has_amount", "cents", "currency")
COLUMNS = (*(one for one in TRACKED if one not in {"amount", "probability", "currency"}), *_OF_AMOUNT, "chance")
"""What is known of a lead at a reading."""


@dataclass(frozen=True)
class Pool:
    """A column of many events: the one at place p held `values[codes[p]]`."""

    values: Array
    codes: Array

    def at(self, places: Array) -> Array:
        """What the events at these places held."""
        found: Array = self.values[self.codes[places]]
        return found

    def and_then(self, more: Array) -> Pool:
        """The column with further events, each with a value of its own."""
        ends = np.arange(len(self.values), len(self.values) + len(more), dtype=np.int32)
        return Pool(np.concatenate([self.values, more]), np.concatenate([self.codes, ends]))


@dataclass(frozen=True)
class Events:
    """Event e: the lead `row[e]` held `columns[...].at(place[e])` at the reading `reading[e]`, by row and reading."""

    row: Array
    reading: Array
    is_gone: Array
    place: Array
    columns: Mapping[str, Pool]

    def __len__(self) -> int:
        return len(self.row)

    def held(self, name: str, which: Any = slice(None)) -> Array:
        """What some events held in a column."""
        return self.columns[name].at(self.place[which])

    def frame(self, which: Array) -> pd.DataFrame:
        """Some events as a frame, with the columns of a lead."""
        return framed({name: self.held(name, which) for name in COLUMNS} | {"row": self.row[which]})

    def with_statuses(self, names: Array, codes: Array) -> Events:
        """The events under other stages: `names[codes[e]]`."""
        own = np.empty(len(codes), dtype=np.int32)
        own[self.place] = codes
        return replace(self, columns={**self.columns, "status": Pool(names, own)})


def events_of(trail: Trail, reading: Array, now: pd.DataFrame, currency: str) -> tuple[Events, tuple[str, ...], Array]:
    """The events of a trail and, last, of today's leads; the leads' names by row, and the row of each of today's.

    `reading` tells for each of the trail's moments which reading it is, -1 for what lies ahead, and, last, the
    report's own. A lead that is not there today is gone at it.
    """
    numbers = {key: i for i, key in enumerate(trail.keys)}
    today = np.array([numbers.setdefault(who, len(numbers)) for who in now["who"].tolist()], dtype=np.int64)
    old, when, was_gone = (
        np.array(trail.row, dtype=np.int64),
        reading[np.array(trail.moment, dtype=np.int64)],
        np.array(trail.is_gone, dtype=bool),
    )
    known = np.flatnonzero(when >= 0)
    gone = _left(old[known], was_gone[known], np.bincount(today, minlength=len(numbers)) > 0)
    places = np.concatenate([known, known[gone], np.arange(len(old), len(old) + len(today))])
    row = np.concatenate([old[known], old[known][gone], today])
    at = np.concatenate([when[known], np.full(len(gone) + len(today), reading[-1])])
    is_gone = np.concatenate([was_gone[known], np.ones(len(gone), bool), np.zeros(len(today), bool)])
    order = np.lexsort((at, row))
    columns = {name: _joined(pool, now[name]) for name, pool in _pools(trail, currency).items()}
    return Events(row[order], at[order], is_gone[order], places[order], columns), tuple(numbers), today


def _left(row: Array, was_gone: Array, is_there: Array) -> Array:
    """The last events of leads that are in the sheet no more and were not known to be gone."""
    is_last = np.append(row[1:] != row[:-1], True)[: len(row)]
    return np.flatnonzero(is_last & ~is_there[row] & ~was_gone)


def _joined(pool: Pool, now: pd.Series) -> Pool:
    own = now.to_numpy()
    return pool.and_then(own.astype("datetime64[D]") if own.dtype.kind == "M" else own)


def _pools(trail: Trail, currency: str) -> dict[str, Pool]:
    """The columns of a trail; of one without events none of their values."""
    fields = {name: trail.fields.get(name, Coded((), np.array([], dtype=np.int32))) for name in TRACKED}
    pools = {name: Pool(texts(one.values), one.codes) for name, one in fields.items() if name in TEXTS}
    pools |= {name: Pool(days(one.values), one.codes) for name, one in fields.items() if name in DAYS}
    pools["chance"] = Pool(chances(fields["probability"].values), fields["probability"].codes)
    pools["is_duplicate"] = Pool(pools["duplicate_of"].values != "", pools["duplicate_of"].codes)
    return pools | _prices(fields["amount"], fields["currency"], currency)


def _prices(sums: Coded, named: Coded, currency: str) -> dict[str, Pool]:
    """The columns of amounts: each amount counts with each currency that stands beside it."""
    width = max(len(named.values), 1)
    pairs, codes = np.unique(sums.codes.astype(np.int64) * width + named.codes, return_inverse=True)
    amount, sign = np.divmod(pairs, width)
    values, signs = [sums.values[i] for i in amount.tolist()], [named.values[i] for i in sign.tolist()]
    columns = amounts(values, signs, currency, len(codes))
    return {name: Pool(values, codes) for name, values in columns.items()}
