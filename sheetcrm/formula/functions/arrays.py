"""Blocks made of blocks, for use inside functions that take blocks: SUM(FILTER(…)), ROWS(UNIQUE(…))."""

from __future__ import annotations

from bisect import bisect_right
from functools import cmp_to_key
from itertools import pairwise

from sheetcrm.formula.context import Context
from sheetcrm.formula.functions.aggregates import numbers
from sheetcrm.formula.functions.statistics import ordered
from sheetcrm.formula.registry import Anything, Block, Logical, Number, Values, Whole, function
from sheetcrm.formula.values import CALC, NUM, VALUE, Array, Stop, Value, compare, key_of
from sheetcrm.table import CellError

_MOST_CELLS = 1_000_000


@function("TRANSPOSE", gives="block")
def transpose(context: Context, block: Block) -> Block:
    """The block with rows and columns exchanged."""
    context.spend(len(block))
    return Array.of_rows(block.columns)


@function("UNIQUE", gives="block")
def unique(context: Context, block: Block, by_column: Logical = False, once_only: Logical = False) -> Block:
    """The different rows of a block, or those that occur just once."""
    context.spend(len(block))
    lines: list[tuple[Value, ...]] = [tuple(one) for one in block.columns] if by_column else list(block.rows)
    counts: dict[object, int] = {}
    first: dict[object, tuple[Value, ...]] = {}
    for line in lines:
        key = tuple((type(cell), key_of(cell)) for cell in line)
        counts[key] = counts.get(key, 0) + 1
        first.setdefault(key, line)
    kept = [line for key, line in first.items() if not once_only or counts[key] == 1]
    if not kept:
        raise Stop(CALC)
    return Array([list(line) for line in kept]) if by_column else Array.of_rows(kept)


@function("FILTER", gives="block")
def filter_(context: Context, block: Block, keep: Block, if_empty: Anything = None) -> Block:
    """The rows (or columns) of a block for which a block of truths says so."""
    context.spend(len(block))
    by_row = keep.width == 1 and keep.height == block.height
    if not by_row and not (keep.height == 1 and keep.width == block.width):
        raise Stop(VALUE)
    places = [i for i, cell in enumerate(keep.flat) if context.logical(cell)]
    if not places:
        if if_empty is None:
            raise Stop(CALC)
        return Array([[if_empty]])
    if by_row:
        return block.part(places, range(block.width))
    return block.part(range(block.height), places)


@function("SORT", gives="block")
def sort(context: Context, block: Block, by: Whole = 1, order: Whole = 1, by_column: Logical = False) -> Block:
    """The rows of a block in order of one of its columns; order -1 from the largest on."""
    context.spend(len(block) * 4)
    if order not in {1, -1}:
        raise Stop(VALUE)
    lines = [list(one) for one in block.columns] if by_column else [list(row) for row in block.rows]
    if not 1 <= by <= len(lines[0]):
        raise Stop(VALUE)

    def compared(one: list[Value], other: list[Value]) -> int:
        return _order(one[by - 1], other[by - 1], order)

    lines.sort(key=cmp_to_key(compared))
    return Array(lines) if by_column else Array.of_rows(lines)


def _order(one: Value, other: Value, direction: int) -> int:
    # Errors stand behind all else, blanks behind them, whatever the direction.
    ranks = [2 if cell is None else 1 if type(cell) is CellError else 0 for cell in (one, other)]
    if any(ranks):
        return ranks[0] - ranks[1]
    return compare(one, other) * direction


@function("SEQUENCE", gives="block")
def sequence(context: Context, rows: Whole, columns: Whole = 1, start: Number = 1, step: Number = 1) -> Block:
    """A block of numbers that grow by a step."""
    if rows < 1 or columns < 1 or rows * columns > _MOST_CELLS:
        raise Stop(VALUE)
    context.spend(rows * columns)
    return Array.of_rows([[float(start + (i * columns + j) * step) for j in range(columns)] for i in range(rows)])


def _matrix(context: Context, block: Array) -> list[list[float]]:
    context.spend(len(block))
    if any(type(cell) is not float for cell in block.flat):
        raise Stop(VALUE)
    return [list(row) for row in block.rows]


@function("MMULT", gives="block")
def mmult(context: Context, one: Block, other: Block) -> Block:
    """The product of two matrices."""
    left, right = _matrix(context, one), [list(column) for column in other.columns]
    _matrix(context, other)
    if one.width != other.height:
        raise Stop(VALUE)
    context.spend(one.height * one.width * other.width)
    return Array.of_rows([[sum(a * b for a, b in zip(row, column, strict=True)) for column in right] for row in left])


def _reduced(rows: list[list[float]], size: int) -> float:
    """Brings rows into reduced form in place; gives the determinant."""
    determinant = 1.0
    for i in range(size):
        pivot = max(range(i, size), key=lambda k: abs(rows[k][i]))
        if not rows[pivot][i]:
            return 0.0
        if pivot != i:
            rows[i], rows[pivot] = rows[pivot], rows[i]
            determinant = -determinant
        scale = rows[i][i]
        determinant *= scale
        rows[i] = [cell / scale for cell in rows[i]]
        for k in range(size):
            if k != i and rows[k][i]:
                factor = rows[k][i]
                rows[k] = [a - factor * b for a, b in zip(rows[k], rows[i], strict=True)]
    return determinant


@function("MDETERM")
def mdeterm(context: Context, block: Block) -> Number:
    """The determinant of a matrix."""
    rows = _matrix(context, block)
    if block.height != block.width:
        raise Stop(VALUE)
    context.spend(block.height**3)
    return _reduced(rows, block.height)


@function("MINVERSE", gives="block")
def minverse(context: Context, block: Block) -> Block:
    """The inverse of a matrix."""
    rows = _matrix(context, block)
    size = block.height
    if size != block.width:
        raise Stop(VALUE)
    context.spend(size**3 * 2)
    wide = [[*row, *[float(i == j) for j in range(size)]] for i, row in enumerate(rows)]
    if not _reduced(wide, size):
        raise Stop(NUM)
    return Array.of_rows([row[size:] for row in wide])


@function("MUNIT", gives="block")
def munit(size: Whole) -> Block:
    """The unit matrix."""
    if not 1 <= size <= 1000:
        raise Stop(VALUE)
    return Array.of_rows([[float(i == j) for j in range(size)] for i in range(size)])


@function("FREQUENCY", gives="block")
def frequency(context: Context, values: Values, limits: Values) -> Block:
    """How many numbers lie up to each limit, and how many beyond the last."""
    found = ordered(context, values)
    tops = numbers(context, (limits,))
    up_to = {top: bisect_right(found, top) for top in tops}
    ascending = sorted(up_to)
    below = {top: up_to[lower] for lower, top in pairwise(ascending)}
    counts = {top: float(up_to[top] - below.get(top, 0)) for top in ascending}
    seen: set[float] = set()
    column: list[Value] = []
    for top in tops:
        # Of limits alike the first one counts.
        column.append(0.0 if top in seen else counts[top])
        seen.add(top)
    rest = len(found) - (up_to[ascending[-1]] if ascending else 0)
    return Array([[*column, float(rest)]])


def _lines(chosen: tuple[int, ...], size: int) -> list[int]:
    places = [one - 1 if one > 0 else size + one for one in chosen]
    if not places or any(one == 0 for one in chosen) or any(not 0 <= place < size for place in places):
        raise Stop(VALUE)
    return places


@function("CHOOSECOLS", gives="block")
def choosecols(block: Block, *columns: Whole) -> Block:
    """Some columns of a block; negative ones count from the end."""
    return block.part(range(block.height), _lines(columns, block.width))


@function("CHOOSEROWS", gives="block")
def chooserows(block: Block, *rows: Whole) -> Block:
    """Some rows of a block; negative ones count from the end."""
    return block.part(_lines(rows, block.height), range(block.width))


def _taken(size: int, count: int | None, *, is_drop: bool) -> list[int]:
    if count is None:
        return list(range(size))
    places = list(range(size))
    if is_drop:
        return places[count:] if count >= 0 else places[:count]
    return places[:count] if count >= 0 else places[count:]


def _cut(block: Array, rows: int | None, columns: int | None, *, is_drop: bool) -> Array:
    kept_rows = _taken(block.height, rows, is_drop=is_drop)
    kept_columns = _taken(block.width, columns, is_drop=is_drop)
    if not kept_rows or not kept_columns:
        raise Stop(CALC)
    return block.part(kept_rows, kept_columns)


@function("TAKE", gives="block")
def take(block: Block, rows: Whole | None = None, columns: Whole | None = None) -> Block:
    """The first rows and columns of a block; negative counts take the last."""
    return _cut(block, rows, columns, is_drop=False)


@function("DROP", gives="block")
def drop(block: Block, rows: Whole | None = None, columns: Whole | None = None) -> Block:
    """A block without its first rows and columns; negative counts leave out the last."""
    return _cut(block, rows, columns, is_drop=True)


@function("TOCOL", gives="block")
def tocol(context: Context, block: Block, ignore: Whole = 0) -> Block:
    """All cells of a block as one column: 1 without blanks, 2 without errors, 3 without either."""
    context.spend(len(block))
    cells = [
        cell
        for cell in block.flat
        if not (ignore in {1, 3} and cell is None) and not (ignore in {2, 3} and type(cell) is CellError)
    ]
    if not cells:
        raise Stop(CALC)
    return Array([cells])
