"""Counting and adding up the rows that meet criteria, found by an index."""

from __future__ import annotations

from collections.abc import Sequence

from sheetcrm.formula.context import Context
from sheetcrm.formula.criteria import count, selected
from sheetcrm.formula.functions.aggregates import mean, total
from sheetcrm.formula.registry import Criterion, Number, Range, function
from sheetcrm.formula.values import VALUE, Array, Stop, Value
from sheetcrm.table import CellError


def _grouped(pairs: Sequence[Value]) -> list[tuple[Array, Value]]:
    if len(pairs) % 2:
        raise Stop(VALUE)
    return list(zip(pairs[::2], pairs[1::2], strict=True))


def _picked(context: Context, block: Array, pairs: Sequence[tuple[Array, Value]]) -> list[float]:
    """The numbers of a block at the places that meet all criteria."""
    found = selected(pairs, context)
    context.spend(len(found))
    cells = block.flat
    numbers: list[float] = []
    for place in found:
        cell = cells[place]
        if type(cell) is float:
            numbers.append(cell)
        elif type(cell) is CellError:
            raise Stop(cell)
    return numbers


def _fitted(block: Array | None, like: Array) -> Array:
    """The block whose numbers are meant, of the size of the one that is searched, as SUMIF takes it."""
    if block is None:
        return like
    if (block.height, block.width) == (like.height, like.width):
        return block
    known = block.cache.setdefault("fitted", {})
    size = (like.height, like.width)
    if size not in known:
        columns = [
            [block.at(i, j) if i < block.height and j < block.width else None for i in range(like.height)]
            for j in range(like.width)
        ]
        known[size] = Array(columns, is_reference=True)
    fitted: Array = known[size]
    return fitted


def _same_size(block: Array, pairs: Sequence[tuple[Array, Value]]) -> None:
    first = pairs[0][0]
    if (block.height, block.width) != (first.height, first.width):
        raise Stop(VALUE)


@function("COUNTIF")
def countif(context: Context, cells: Range, criterion: Criterion) -> Number:
    """How many cells meet a criterion."""
    return count([(cells, criterion)], context)


@function("SUMIF")
def sumif(context: Context, cells: Range, criterion: Criterion, numbers: Range | None = None) -> Number:
    """The sum of the numbers (or of the cells themselves) in the rows whose cells meet a criterion."""
    return total(_picked(context, _fitted(numbers, cells), [(cells, criterion)]))


@function("AVERAGEIF")
def averageif(context: Context, cells: Range, criterion: Criterion, numbers: Range | None = None) -> Number:
    """The average of the numbers in the rows whose cells meet a criterion."""
    return mean(_picked(context, _fitted(numbers, cells), [(cells, criterion)]))


@function("COUNTIFS", repeat=2)
def countifs(context: Context, cells: Range, criterion: Criterion, *more: Criterion) -> Number:
    """How many rows meet all criteria."""
    return count(_grouped((cells, criterion, *more)), context)


@function("SUMIFS", repeat=2)
def sumifs(context: Context, numbers: Range, cells: Range, criterion: Criterion, *more: Criterion) -> Number:
    """The sum of the numbers in the rows that meet all criteria."""
    pairs = _grouped((cells, criterion, *more))
    _same_size(numbers, pairs)
    return total(_picked(context, numbers, pairs))


@function("AVERAGEIFS", repeat=2)
def averageifs(context: Context, numbers: Range, cells: Range, criterion: Criterion, *more: Criterion) -> Number:
    """The average of the numbers in the rows that meet all criteria; #DIV/0! where there is none."""
    pairs = _grouped((cells, criterion, *more))
    _same_size(numbers, pairs)
    return mean(_picked(context, numbers, pairs))


@function("MAXIFS", repeat=2)
def maxifs(context: Context, numbers: Range, cells: Range, criterion: Criterion, *more: Criterion) -> Number:
    """The largest number in the rows that meet all criteria; 0 where there is none."""
    pairs = _grouped((cells, criterion, *more))
    _same_size(numbers, pairs)
    return max(_picked(context, numbers, pairs), default=0.0)


@function("MINIFS", repeat=2)
def minifs(context: Context, numbers: Range, cells: Range, criterion: Criterion, *more: Criterion) -> Number:
    """The smallest number in the rows that meet all criteria; 0 where there is none."""
    pairs = _grouped((cells, criterion, *more))
    _same_size(numbers, pairs)
    return min(_picked(context, numbers, pairs), default=0.0)
