"""Sums, counts and averages over values and columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from sheetcrm.formula.context import Context
from sheetcrm.formula.registry import Block, Number, Values, function
from sheetcrm.formula.values import DIV0, NUM, VALUE, Array, Stop, Value
from sheetcrm.table import CellError


def numbers(context: Context, values: Sequence[Value]) -> list[float]:
    """All numbers among values: text and truths count where they stand in the formula, not in cells. Raises Stop."""
    if len(values) == 1 and type(values[0]) is Array:
        return in_cells(context, values[0])
    found: list[float] = []
    for value in values:
        if type(value) is Array:
            found.extend(in_cells(context, value))
        else:
            found.append(context.number(value))
    return found


def in_cells(context: Context, block: Array) -> list[float]:
    """The numbers of a block. Raises Stop for the first error in it."""
    context.spend(len(block))
    if "numbers" not in block.cache:
        found = [cell for cell in block.flat if type(cell) in _COUNTED]
        error = next((cell for cell in found if type(cell) is CellError), None)
        block.cache["numbers"] = (found, error)
    kept: tuple[list[Any], CellError | None] = block.cache["numbers"]
    if kept[1] is not None:
        raise Stop(kept[1])
    return kept[0]


_COUNTED = {float, CellError}


def numbers_a(context: Context, values: Sequence[Value]) -> list[float]:
    """As `numbers`, but in cells text counts as 0 and TRUE as 1. Raises Stop."""
    found: list[float] = []
    for value in values:
        if type(value) is not Array:
            found.append(context.number(value))
            continue
        context.spend(len(value))
        for cell in value.flat:
            if type(cell) is CellError:
                raise Stop(cell)
            # In a block that is no cells Excel leaves truths out.
            if cell is not None and (value.is_reference or type(cell) is not bool):
                found.append(0.0 if type(cell) is str else float(cell))
    return found


def total(found: Sequence[float]) -> float:
    """The sum, rounded once."""
    try:
        return math.fsum(found)
    except (OverflowError, ValueError):
        raise Stop(NUM) from None


def mean(found: Sequence[float]) -> float:
    """The average. Raises Stop where there is no number."""
    if not found:
        raise Stop(DIV0)
    return total(found) / len(found)


@function("SUM")
def sum_(context: Context, *values: Values) -> Number:
    """The sum of the numbers."""
    return total(numbers(context, values))


@function("PRODUCT")
def product(context: Context, *values: Values) -> Number:
    """The product of the numbers; 0 where there is none."""
    found = numbers(context, values)
    return math.prod(found) if found else 0.0


@function("SUMSQ")
def sumsq(context: Context, *values: Values) -> Number:
    """The sum of the numbers' squares."""
    return total([one * one for one in numbers(context, values)])


@function("AVERAGE")
def average(context: Context, *values: Values) -> Number:
    """The average of the numbers; #DIV/0! where there is none."""
    return mean(numbers(context, values))


@function("AVERAGEA")
def averagea(context: Context, *values: Values) -> Number:
    """The average; in cells text counts as 0 and TRUE as 1."""
    return mean(numbers_a(context, values))


@function("MAX")
def max_(context: Context, *values: Values) -> Number:
    """The largest number; 0 where there is none."""
    return max(numbers(context, values), default=0.0)


@function("MIN")
def min_(context: Context, *values: Values) -> Number:
    """The smallest number; 0 where there is none."""
    return min(numbers(context, values), default=0.0)


@function("MAXA")
def maxa(context: Context, *values: Values) -> Number:
    """The largest number; in cells text counts as 0 and TRUE as 1."""
    return max(numbers_a(context, values), default=0.0)


@function("MINA")
def mina(context: Context, *values: Values) -> Number:
    """The smallest number; in cells text counts as 0 and TRUE as 1."""
    return min(numbers_a(context, values), default=0.0)


@function("COUNT")
def count(context: Context, *values: Values) -> Number:
    """How many numbers there are."""
    found = 0
    for value in values:
        if type(value) is Array:
            context.spend(len(value))
            found += sum(type(cell) is float for cell in value.flat)
        else:
            found += _is_number(context, value)
    return found


def _is_number(context: Context, value: Value) -> bool:
    try:
        context.number(value)
    except Stop:
        return False
    return True


@function("COUNTA")
def counta(context: Context, *values: Values) -> Number:
    """How many cells or values are not blank."""
    found = 0
    for value in values:
        if type(value) is Array:
            context.spend(len(value))
            found += sum(cell is not None for cell in value.flat)
        else:
            found += 1
    return found


@function("COUNTBLANK")
def countblank(context: Context, cells: Block) -> Number:
    """How many cells are blank or hold a text of no length."""
    context.spend(len(cells))
    return sum(cell is None or (type(cell) is str and not cell) for cell in cells.flat)


def _as_number(cell: Value) -> float:
    if type(cell) is CellError:
        raise Stop(cell)
    return cell if type(cell) is float else 0.0


@function("SUMPRODUCT")
def sumproduct(context: Context, *blocks: Block) -> Number:
    """The sum of the products of what stands at the same place in each block; anything but numbers counts as 0."""
    first = blocks[0]
    context.spend(len(first) * len(blocks))
    if any((one.height, one.width) != (first.height, first.width) for one in blocks):
        raise Stop(VALUE)
    lists = [[_as_number(cell) for cell in one.flat] for one in blocks]
    return total([math.prod(row) for row in zip(*lists, strict=True)] if len(lists) > 1 else lists[0])


def _pairs(context: Context, one: Array, other: Array) -> list[tuple[float, float]]:
    context.spend(len(one) * 2)
    if (one.height, one.width) != (other.height, other.width):
        raise Stop(_NA)
    for cell in (*one.flat, *other.flat):
        if type(cell) is CellError:
            raise Stop(cell)
    return [(x, y) for x, y in zip(one.flat, other.flat, strict=True) if type(x) is float and type(y) is float]


_NA = CellError("#N/A")


@function("SUMX2MY2")
def sumx2my2(context: Context, one: Block, other: Block) -> Number:
    """The sum of the differences of squares."""
    return total([x * x - y * y for x, y in _pairs(context, one, other)])


@function("SUMX2PY2")
def sumx2py2(context: Context, one: Block, other: Block) -> Number:
    """The sum of the sums of squares."""
    return total([x * x + y * y for x, y in _pairs(context, one, other)])


@function("SUMXMY2")
def sumxmy2(context: Context, one: Block, other: Block) -> Number:
    """The sum of the squares of differences."""
    return total([(x - y) ** 2 for x, y in _pairs(context, one, other)])
