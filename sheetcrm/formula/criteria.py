"""Criteria as in COUNTIF: what they mean, and the cells of a column that meet them, found by an index."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from sheetcrm.formula.context import Context
from sheetcrm.formula.groups import Groups, different
from sheetcrm.formula.reading import number_of_text
from sheetcrm.formula.values import ERRORS, VALUE, Array, Stop, Value, compare, key_of
from sheetcrm.formula.wildcards import has_wildcards, is_like
from sheetcrm.table import CellError

_SIGNS = (">=", "<=", "<>", ">", "<", "=")
_LONGEST = 255
_BY_CODE = {one.code: one for one in ERRORS}


class Test:
    """A criterion understood: a sign and what cells are compared with; `is_bare` where no sign was written."""

    __slots__ = ("found_by", "is_bare", "is_indexed", "is_joined", "key", "sign", "value")

    def __init__(self, sign: str, value: Value, *, is_bare: bool = False) -> None:
        self.sign = sign
        self.value = value
        self.is_bare = is_bare
        self.found_by = key_of(value)
        is_pattern = type(value) is str and has_wildcards(value)
        self.is_indexed = sign == "=" and value != "" and not is_pattern
        """Whether the cells that meet it are found without looking at others."""
        self.is_joined = self.is_indexed and type(value) is not float
        """Whether an index over several columns finds them; numbers also mean texts that read as one."""
        self.key = (sign, type(value), value, is_bare)
        """What tells this test from others: 1 is not TRUE."""


def test_of(criterion: Value, context: Context) -> Test:
    """The test that a criterion means. Raises Stop for texts longer than Excel takes."""
    if criterion is None:
        return Test("=", 0.0)
    if type(criterion) is not str:
        return Test("=", criterion)
    known: Test | None = context.tests.get(criterion)
    if known is None:
        known = context.tests[criterion] = _read(criterion, context)
    return known


def _read(criterion: str, context: Context) -> Test:
    if len(criterion) > _LONGEST:
        raise Stop(VALUE)
    if criterion[:1].isalpha():
        return Test("=", _meant(criterion, context), is_bare=True)
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
    if order == 0:
        return test.sign in {"<=", ">="}
    return (order < 0) is (test.sign in {"<", "<="})


def _equals(value: Value, test: Test, context: Context) -> bool:
    wanted = test.value
    if type(wanted) is str:
        if wanted == "":
            return value is None or (test.is_bare and value == "")
        if type(value) is not str:
            return False
        return is_like(value, wanted) if has_wildcards(wanted) else value.lower() == wanted.lower()
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


def _find(block: Array, test: Test, context: Context) -> Sequence[int]:
    groups = together([block])
    if test.is_indexed:
        found = groups.places([test.found_by])
        if type(test.value) is float:
            texts = _numbers_in_texts(block, context).get(test.found_by, [])
            return _merged(groups, [[test.found_by], *[[key] for key in texts]]) if texts else found
        return found
    if test.sign not in {"=", "<>"} and type(test.value) is float:
        return _between(block, test, context)
    told = different(block)
    context.spend(len(told) * 10)
    if test.value == "" and test.sign == "=":
        return _merged(groups, [[None], [""]] if test.is_bare else [[None]])
    return _merged(groups, [[key] for key in told if meets(_cell(key), test, context)])


def _cell(key: object) -> Value:
    """A cell that has a key."""
    return key[0] if isinstance(key, tuple) else key


def _merged(groups: Groups, keys: Sequence[Sequence[object]]) -> Sequence[int]:
    return sorted(place for key in keys for place in groups.places(key))


def together(blocks: Sequence[Array]) -> Groups:
    """The index over several columns, made once."""
    cache = blocks[0].cache
    key = tuple(map(id, blocks))
    if key not in cache:
        cache[key] = Groups(blocks)
    groups: Groups = cache[key]
    return groups


def _numbers_in_texts(block: Array, context: Context) -> dict[object, list[object]]:
    """The texts that read as a number, by that number: a criterion of 5 finds the text "5" too."""
    if "texts" not in block.cache:
        told: dict[object, list[object]] = {}
        for key in different(block):
            number = number_of_text(key, context.locale, context.year) if isinstance(key, str) else None
            if number is not None:
                told.setdefault(key_of(number), []).append(key)
        block.cache["texts"] = told
    found: dict[object, list[object]] = block.cache["texts"]
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


def count(pairs: Sequence[tuple[Array, Value]], context: Context) -> int:
    """How many places meet all criteria. Raises Stop where the blocks differ in size."""
    tests = _tests(pairs, context)
    if all(test.is_joined for test in tests):
        return together([block for block, _ in pairs]).count([test.found_by for test in tests])
    block, test = pairs[0][0], tests[0]
    if len(tests) == 1 and test.sign in {"<", "<=", ">", ">="} and type(test.value) is float:
        start, end = _bounds(block, test)
        return end - start
    return len(_selected(pairs, tests, context))


def selected(pairs: Sequence[tuple[Array, Value]], context: Context) -> Sequence[int]:
    """The places that meet all criteria, each in its own block. Raises Stop where the blocks differ in size."""
    return _selected(pairs, _tests(pairs, context), context)


def _tests(pairs: Sequence[tuple[Array, Value]], context: Context) -> list[Test]:
    first = pairs[0][0]
    for block, _ in pairs[1:]:
        if block.height != first.height or block.width != first.width:
            raise Stop(VALUE)
    return [test_of(criterion, context) for _, criterion in pairs]


def _selected(pairs: Sequence[tuple[Array, Value]], tests: Sequence[Test], context: Context) -> Sequence[int]:
    joined = [i for i, test in enumerate(tests) if test.is_joined]
    if len(joined) > 1:
        # Found by one index, so that a key per row costs no look at other rows.
        groups = together([pairs[i][0] for i in joined])
        found = groups.places([tests[i].found_by for i in joined])
        rest = [i for i in range(len(tests)) if i not in joined]
    else:
        start, *rest = sorted(range(len(tests)), key=lambda i: not tests[i].is_indexed)
        found = places(pairs[start][0], tests[start], context)
    for i in rest:
        context.spend(len(found))
        cells, test = pairs[i][0].flat, tests[i]
        found = [place for place in found if meets(cells[place], test, context)]
    return found
