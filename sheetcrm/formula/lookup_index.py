"""Finding a value in a column: exactly by an index made once, approximately by Excel's own halving."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from sheetcrm.formula.values import Array, Value, compare, key_of, order_of_text
from sheetcrm.formula.wildcards import has_wildcards, is_like
from sheetcrm.table import CellError

_LONGEST_PATTERN = 255


def position_of(block: Array, value: Value, *, last: bool = False) -> int | None:
    """The place of the first (or last) cell that holds a value; blank finds 0."""
    kind = "last" if last else "first"
    if kind not in block.cache:
        cells = block.flat
        places = range(len(cells)) if last else range(len(cells) - 1, -1, -1)
        block.cache[kind] = {key_of(cells[i]): i for i in places if cells[i] is not None}
    places_of: dict[object, int] = block.cache[kind]
    return places_of.get(key_of(0.0 if value is None else value))


def position_like(block: Array, value: Value, *, last: bool = False) -> int | None:
    """As `position_of`; a text with wildcards finds the first text that meets it."""
    if type(value) is not str or not has_wildcards(value):
        return position_of(block, value, last=last)
    if len(value) > _LONGEST_PATTERN:
        return None
    known = block.cache.setdefault(("like", last), {})
    if value not in known:
        places = range(len(block)) if not last else range(len(block) - 1, -1, -1)
        cells = block.flat
        known[value] = next((i for i in places if type(cells[i]) is str and is_like(cells[i], value)), None)
    place: int | None = known[value]
    return place


def place_up_to(block: Array, value: Value) -> int | None:
    """The place of the last of sorted cells that is not larger; of unsorted ones where Excel's halving ends."""
    kind = float if value is None else type(value)
    if "ascending keys" not in block.cache:
        block.cache["ascending keys"] = _ascending(block)
    keys = block.cache["ascending keys"]
    if keys is None or type(block.flat[0]) is not kind or kind not in {float, str}:
        return halved(block.flat, value)
    at = bisect_right(keys, _rounded(0.0 if value is None else value)) - 1
    return at if at >= 0 else None


def _ascending(block: Array) -> list[Any] | None:
    """What cells are ordered by, if all are numbers or all texts and they stand in order."""
    kinds = set(map(type, block.flat))
    if kinds not in ({float}, {str}):
        return None
    keys = [_rounded(cell) for cell in block.flat]
    return keys if all(one <= other for one, other in pairwise(keys)) else None


def _rounded(value: Value) -> Any:
    return order_of_text(value) if type(value) is str else key_of(value)


def halved(cells: Sequence[Value], value: Value) -> int | None:
    """The place that Excel's halving ends at among ascending cells: the last one that is not larger.

    On cells that are not sorted it ends where Excel's does: it halves, and steps over cells of another type.
    """
    if value is None:
        value = 0.0
    low, high = -1, len(cells)
    while high - low > 1:
        middle = (low + high) // 2
        place = middle
        while place < high and type(cells[place]) is not type(value):
            place += 1
        if place == high:
            high = middle
            continue
        order = compare(value, cells[place])
        if order == 0:
            return _end_of_run(cells, value, place, high)
        if order < 0:
            # Nothing but other types lay between: all of them stand behind the value as well.
            high = min(place, middle)
        else:
            low = place
    return low if low >= 0 else None


def _end_of_run(cells: Sequence[Value], value: Value, place: int, high: int) -> int:
    while place + 1 < high and type(cells[place + 1]) is type(value) and compare(value, cells[place + 1]) == 0:
        place += 1
    return place


def descending(cells: Sequence[Value], value: Value) -> int | None:
    """The place of the last of descending cells that is not smaller than a value."""
    if value is None:
        value = 0.0
    found = None
    for i, cell in enumerate(cells):
        if type(cell) is not type(value):
            continue
        order = compare(cell, value)
        if order < 0:
            break
        found = i
        if order == 0:
            break
    return found


def _order_key(value: Value) -> Any:
    return order_of_text(value) if type(value) is str else value


def nearest(block: Array, value: Value, *, larger: bool, last: bool = False) -> int | None:
    """The place of the value itself or else of the next smaller (or larger) one of its type, sorted or not."""
    if value is None:
        value = 0.0
    place = position_of(block, value, last=last)
    if place is not None or type(value) is CellError:
        return place
    key = ("sorted", type(value))
    if key not in block.cache:
        told = [(_order_key(cell), i) for i, cell in enumerate(block.flat) if type(cell) is type(value)]
        told.sort()
        block.cache[key] = ([one for one, _ in told], [i for _, i in told])
    keys, places = block.cache[key]
    own = _order_key(value)
    at = bisect_left(keys, own) if larger else bisect_left(keys, own) - 1
    if not 0 <= at < len(keys):
        return None
    # Of several alike the first (or last) in the tab counts.
    first, behind = bisect_left(keys, keys[at]), bisect_right(keys, keys[at])
    found: int = places[behind - 1] if last else places[first]
    return found
