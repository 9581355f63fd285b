"""Which pairs are worth comparing: rows that share a value, or where too many share it, several values at once.

A common value, such as a city, is only a key together with others, so no block explodes; and a pair that agrees on any
few columns meets, whatever is wrong with the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sheetcrm.matching.coded import Codes, Places

ALL_PAIRS = 300
"""Up to so many rows all pairs are compared."""
WORK = 400_000
AT_ONCE = 2_000_000
"""Pairs gathered before those that were met twice are dropped."""
SMALLEST_CAP, LARGEST_CAP = 5, 100
DEEP = 100_000
"""Up to so many rows three values together are a key, too; in larger tables two must do."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
Keys = npt.NDArray[np.uint64]
Halves = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Feature:
    """Something by which rows may meet: a code for each row, -1 for none; several where a row has several values."""

    name: str
    codes: tuple[Codes, ...]
    alone: bool = True
    """Whether rows meet on it alone, too."""


@dataclass(frozen=True)
class _Entries:
    """Rows with the keys of blocks that were too large, and the last feature in the key."""

    rows: Places
    keys: Keys
    last: int


def largest_block(rows: int) -> int:
    """The largest block that is compared all with all: smaller ones in larger tables."""
    return max(SMALLEST_CAP, min(LARGEST_CAP, WORK // max(rows, 1)))


def pairs(features: Sequence[Feature], rows: int) -> tuple[Places, Places]:
    """Each pair (one < other) worth comparing, once, in order."""
    if rows <= ALL_PAIRS:
        one, other = np.triu_indices(rows, 1)
        return one.astype(np.int64), other.astype(np.int64)
    distinct = np.empty(0, np.int64)
    waiting: list[Places] = []
    for met in _found(features, rows, largest_block(rows)):
        waiting.append(met)
        if sum(map(len, waiting)) > AT_ONCE:
            distinct = _united(distinct, waiting)
            waiting.clear()
    distinct = _united(distinct, waiting)
    return distinct // rows, distinct % rows


def _united(one: Places, others: Sequence[Places]) -> Places:
    """All the pairs once, in order."""
    both = np.concatenate([one, *others])
    both.sort()
    return both[np.append(True, both[1:] != both[:-1])] if len(both) else both


def _found(features: Sequence[Feature], width: int, cap: int) -> Iterator[Places]:
    deepest = 3 if width <= DEEP else 2
    too_large: list[list[Halves]] = []
    for i, feature in enumerate(features):
        rest = _entries(feature, i)
        if feature.alone:
            met, rest = _split(rest, width, cap)
            yield met
        too_large.append(_by_column(rest, width))
    for i, columns in enumerate(too_large):
        waiting = [_of_columns(columns, i)]
        for depth in range(2, deepest + 1):
            deeper: list[_Entries] = []
            for entries in waiting:
                for place in range(entries.last + 1, len(features)):
                    met, rest = _split(_refined(entries, too_large[place], place), width, cap)
                    yield met
                    if depth < deepest and len(rest.rows):
                        deeper.append(rest)
            waiting = deeper
        columns.clear()  # no later key begins with it, and none ends with it


def _of_columns(columns: list[Halves], place: int) -> _Entries:
    rows = [np.flatnonzero(column) for column in columns]
    keys = [column[at].astype(np.uint64) for column, at in zip(columns, rows, strict=True)]
    return _Entries(
        np.concatenate([np.empty(0, np.int64), *rows]), np.concatenate([np.empty(0, np.uint64), *keys]), place
    )


def _entries(feature: Feature, place: int) -> _Entries:
    rows, keys = [], []
    for codes in feature.codes:
        at = np.flatnonzero(codes >= 0)
        rows.append(at)
        keys.append(_mixed(np.full(len(at), place + 1, np.uint64), codes[at].astype(np.uint64)))
    return _Entries(np.concatenate(rows), np.concatenate(keys), place)


def _mixed(one: Keys, other: Keys) -> Keys:
    mixed = (one ^ (other + _MIX + (one << np.uint64(6)) + (one >> np.uint64(2)))) * _MIX
    return np.asarray(mixed ^ (mixed >> np.uint64(29)), np.uint64)


def _by_column(entries: _Entries, width: int) -> list[Halves]:
    """The keys as columns over all rows, 0 for none: one column for each value that a row may have."""
    columns = []
    rows, keys = entries.rows, entries.keys
    while len(rows):
        first = np.full(width, -1)
        first[rows[::-1]] = np.arange(len(rows) - 1, -1, -1)
        first = first[first >= 0]
        column = np.zeros(width, np.uint32)
        # Half a key is enough: two that are one by chance cost a few comparisons.
        column[rows[first]] = (keys[first] >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
        columns.append(column)
        rest = np.ones(len(rows), bool)
        rest[first] = False
        rows, keys = rows[rest], keys[rest]
    return columns


def _refined(entries: _Entries, columns: list[Halves], place: int) -> _Entries:
    rows, keys = [np.empty(0, np.int64)], [np.empty(0, np.uint64)]
    for column in columns:
        more = column[entries.rows]
        at = np.flatnonzero(more)
        rows.append(entries.rows[at])
        keys.append(_mixed(entries.keys[at], more[at].astype(np.uint64)))
    return _Entries(np.concatenate(rows), np.concatenate(keys), place)


def _split(entries: _Entries, width: int, cap: int) -> tuple[Places, _Entries]:
    """The pairs of the blocks up to `cap` rows, and the entries of the larger ones."""
    # The row in its key's last bits: sorting such numbers costs a fifth of sorting places by keys. Two keys that are
    # one without those bits cost a few comparisons.
    bits = np.uint64(width.bit_length())
    packed = entries.keys >> bits
    packed <<= bits
    packed |= entries.rows.view(np.uint64)
    packed.sort()
    keys = packed >> bits
    keys <<= bits
    packed ^= keys
    rows = packed.view(np.int64)
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1])) if len(keys) else np.empty(0, np.int64)
    sizes = np.diff(np.append(starts, len(keys)))
    large = np.repeat(sizes > cap, sizes)
    small = np.repeat((sizes > 1) & (sizes <= cap), sizes)
    met = _pairs_of(rows[small], keys[small], width, cap)
    return met, _Entries(rows[large], keys[large], entries.last)


def _pairs_of(rows: Places, keys: Keys, width: int, cap: int) -> Places:
    found = []
    left = np.arange(len(rows))
    for step in range(1, cap):
        left = left[left + step < len(rows)]
        left = left[keys[left] == keys[left + step]]
        if not len(left):
            break
        one, other = rows[left], rows[left + step]
        low, high = np.minimum(one, other), np.maximum(one, other)
        found.append((low * width + high)[low != high])
    return np.concatenate(found) if found else np.empty(0, np.int64)
