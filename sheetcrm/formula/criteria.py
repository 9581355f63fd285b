"""Criteria as in COUNTIF: what they mean, and the cells of a column that meet them, found by an index."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sheetcrm.formula.context import Context
from sheetcrm.formula.reading import number_of_text
from sheetcrm.formula.values import ERRORS, VALUE, Array, Stop, Value, compare, key_of
from sheetcrm.formula.wildcards import has_wildcards, is_like
from sheetcrm.table import CellError

_SIGNS = (">=", "<=", "<>", ">", "<", "=")
_LONGEST = 255
_BY_CODE = {one.code: one for one in ERRORS}


@dataclass(frozen=True, slots=True)
class Test:
    """A criterion understood: a sign and what cells are compared with; `is_bare` where no sign was written."""

    sign: str
    value: Value
    is_bare: bool = False

    @property
    def key(self) -> object:
        """What tells this test from others: 1 is not TRUE."""
        return self.sign, type(self.value), self.value, self.is_bare


def test_of(criterion: Value, context: Context) -> Test:
    """The test that a criterion means. Raises Stop for texts longer than Excel takes."""
    if criterion is None:
        return Test("=", 0.0)
    if type(criterion) is not str:
        return Test("=", criterion)
    if len(criterion) > _LONGEST:
        raise Stop(VALUE)
    sign = next((one for one in _SIGNS if criterion.startswith(one)), "")
    rest = criterion[len(sign) :]
    return Test(sign or "=", _meant(rest, context), is_bare=not sign)


def _meant(text: str, context: Context) -> Value:
    if not text:
        return ""
    number = number_of_text(text, context.locale, context.year)
    if number is not None:
        return number
    upper = text.upper()
    if upper in {"TRUE", "FALSE"}:
        return upper == "TRUE"
    return _BY_CODE.get(upper, text)


def meets(value: Value, test: Test, context: Context) -> bool:
    """Whether a cell meets a test."""
    if test.sign == "=":
        return _equals(value, test, context)
    if test.sign == "<>":
        return value is not None if test.value == "" else not _equals(value, test, context)
    if type(value) is not type(test.value) or type(value) is CellError:
        return False
    order = compare(value, test.value)
    return order < 0 if test.sign == "<" else order > 0 if test.sign == ">" else order <= 0 if test.sign == "<=" else order >= 0  # fmt: skip


def _equals(value: Value, test: Test, context: Context) -> bool:
    wanted = test.value
    if type(wanted) is str:
        if wanted == "":
            return value is None or (test.is_bare and value == "")
        return type(value) is str and (is_like(value, wanted) if has_wildcards(wanted) else value.lower() == wanted.lower())  # fmt: skip
    if type(value) is str and type(wanted) is float:
        number = number_of_text(value, context.locale, context.year)
        return number is not None and key_of(number) == key_of(wanted)
    return type(value) is type(wanted) and key_of(value) == key_of(wanted)


def places(block: Array, test: Test, context: Context) -> Sequence[int]:
    """The places of a block's cells that meet a test, in order."""
    known = block.cache.setdefault("places", {})
    if test.key not in known:
        known[test.key] = _find(block, test, context)
    found: Sequence[int] = known[test.key]
    return found


def is_indexed(test: Test) -> bool:
    """Whether the cells that meet a test are found without looking at others."""
    if test.sign != "=" or test.value == "":
        return False
    return not (type(test.value) is str and has_wildcards(test.value))


def _find(block: Array, test: Test, context: Context) -> Sequence[int]:
    if is_indexed(test):
        found: list[int] = _index(block).get(key_of(test.value), [])
        if type(test.value) is float:
            texts: list[int] = _numbers_in_texts(block, context).get(key_of(test.value), [])
            return sorted([*found, *texts]) if texts else found
        return found
    if test.sign not in {"=", "<>"} and type(test.value) is float:
        return _between(block, test, context)
    index = _index(block)
    context.spend(len(index))
    if test.value == "" and test.sign == "=":
        return sorted([*index.get(None, []), *(index.get("", []) if test.is_bare else [])])
    cells = block.flat
    met = [group for group in index.values() if meets(cells[group[0]], test, context)]
    return met[0] if len(met) == 1 else sorted(place for group in met for place in group)


def _index(block: Array) -> dict[object, list[int]]:
    if "index" not in block.cache:
        index: dict[object, list[int]] = {}
        for i, value in enumerate(block.flat):
            key = value.lower() if type(value) is str else key_of(value)
            if key in index:
                index[key].append(i)
            else:
                index[key] = [i]
        block.cache["index"] = index
    found: dict[object, list[int]] = block.cache["index"]
    return found


def _numbers_in_texts(block: Array, context: Context) -> dict[object, list[int]]:
    """The places of texts that read as numbers: a criterion of 5 finds the text "5" too."""
    if "texts" not in block.cache:
        told: dict[object, list[int]] = {}
        for key, group in _index(block).items():
            number = number_of_text(key, context.locale, context.year) if type(key) is str else None
            if number is not None:
                told.setdefault(key_of(number), []).extend(group)
        block.cache["texts"] = {key: sorted(group) for key, group in told.items()}
    found: dict[object, list[int]] = block.cache["texts"]
    return found


def _sorted_numbers(block: Array) -> tuple[list[float], list[int]]:
    if "ordered" not in block.cache:
        told = sorted((value, i) for i, value in enumerate(block.flat) if type(value) is float)
        block.cache["ordered"] = ([value for value, _ in told], [i for _, i in told])
    found: tuple[list[float], list[int]] = block.cache["ordered"]
    return found


def _bounds(block: Array, test: Test) -> tuple[int, int]:
    numbers, _ = _sorted_numbers(block)
    wanted = test.value
    # The numbers that count as the same to 15 digits lie around it.
    low = bisect_left(numbers, wanted - abs(wanted) * 5e-16)
    high = bisect_right(numbers, wanted + abs(wanted) * 5e-16)
    match test.sign:
        case "<":
            return 0, low
        case "<=":
            return 0, high
        case ">":
            return high, len(numbers)
    return low, len(numbers)


def _between(block: Array, test: Test, context: Context) -> Sequence[int]:
    start, end = _bounds(block, test)
    context.spend(end - start)
    return sorted(_sorted_numbers(block)[1][start:end])


def count(block: Array, test: Test, context: Context) -> int:
    """How many cells of a block meet a test."""
    if test.sign in {"<", "<=", ">", ">="} and type(test.value) is float:
        start, end = _bounds(block, test)
        return end - start
    return len(places(block, test, context))


def selected(pairs: Sequence[tuple[Array, Value]], context: Context) -> Sequence[int]:
    """The places that meet all criteria, each in its own block, in order. Raises Stop where the blocks differ in size."""
    size = pairs[0][0].height, pairs[0][0].width
    if any((block.height, block.width) != size for block, _ in pairs):
        raise Stop(VALUE)
    tests = [(block, test_of(criterion, context)) for block, criterion in pairs]
    # Those found by index narrow down the rest, so that a key per row costs no look at all rows.
    indexed = sorted((places(block, test, context) for block, test in tests if is_indexed(test)), key=len)
    rest = [(block, test) for block, test in tests if not is_indexed(test)]
    if not indexed:
        block, test = rest.pop(0)
        indexed = [places(block, test, context)]
    found: Sequence[int] = indexed[0]
    for other in indexed[1:]:
        found = _both(found, other, context)
    for block, test in rest:
        context.spend(len(found))
        cells = block.flat
        found = _kept(found, cells, test, context)
    return found


def _both(found: Sequence[int], other: Sequence[int], context: Context) -> Sequence[int]:
    context.spend(len(found))
    if len(found) * 8 < len(other):
        return [place for place in found if (at := bisect_left(other, place)) < len(other) and other[at] == place]
    members = set(other)
    context.spend(len(other))
    return [place for place in found if place in members]


def _kept(found: Sequence[int], cells: Sequence[Any], test: Test, context: Context) -> Sequence[int]:
    return [place for place in found if meets(cells[place], test, context)]
