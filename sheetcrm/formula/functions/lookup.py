"""Finding something in another table by a key."""

from __future__ import annotations

from sheetcrm.formula.context import Context
from sheetcrm.formula.lookup_index import descending, nearest, place_up_to, position_like, position_of
from sheetcrm.formula.registry import Anything, Block, Logical, Number, Scalar, Whole, function
from sheetcrm.formula.values import NA, REF, VALUE, Array, Stop, Value


def _found(place: int | None) -> int:
    if place is None:
        raise Stop(NA)
    return place


def _line(block: Array, *, is_row: bool, at: int) -> Array:
    """A row or column of a block, kept with it, so that its index is made once."""
    key = ("line", is_row, at)
    if key not in block.cache:
        cells = [column[at] for column in block.columns] if is_row else block.columns[at]
        block.cache[key] = Array([cells], is_reference=block.is_reference)
    line: Array = block.cache[key]
    return line


def _place(line: Array, value: Value, *, is_sorted: bool) -> int:
    if is_sorted:
        return _found(place_up_to(line, value))
    return _found(position_like(line, value))


@function("VLOOKUP")
def vlookup(value: Scalar, block: Block, column: Whole, is_sorted: Logical = True) -> Anything:
    """The cell in a column of the row whose first cell is the value; of a sorted block, of the last one not larger."""
    if column < 1:
        raise Stop(VALUE)
    if column > block.width:
        raise Stop(REF)
    return block.at(_place(_line(block, is_row=False, at=0), value, is_sorted=is_sorted), column - 1)


@function("HLOOKUP")
def hlookup(value: Scalar, block: Block, row: Whole, is_sorted: Logical = True) -> Anything:
    """As VLOOKUP, with rows and columns exchanged."""
    if row < 1:
        raise Stop(VALUE)
    if row > block.height:
        raise Stop(REF)
    return block.at(row - 1, _place(_line(block, is_row=True, at=0), value, is_sorted=is_sorted))


@function("LOOKUP")
def lookup(value: Scalar, block: Block, results: Block | None = None) -> Anything:
    """What stands beside the last value that is not larger, in sorted cells."""
    across = block.width > block.height
    if results is None:
        keys = _line(block, is_row=across, at=0)
        answers = _line(block, is_row=across, at=(block.height if across else block.width) - 1)
    else:
        if min(results.height, results.width) > 1 or (min(block.height, block.width) > 1):
            raise Stop(NA)
        keys, answers = _line(block, is_row=across, at=0), results
    place = _found(place_up_to(keys, value))
    if place >= len(answers):
        raise Stop(REF)
    return answers.flat[place]


@function("MATCH")
def match(context: Context, value: Scalar, cells: Block, order: Number = 1) -> Number:
    """The place of a value in a column: 0 exactly, 1 the last not larger, -1 the last not smaller."""
    if min(cells.height, cells.width) != 1:
        raise Stop(NA)
    if order == 0:
        return _found(position_like(cells, value)) + 1
    if order > 0:
        return _found(place_up_to(cells, value)) + 1
    context.spend(len(cells))
    return _found(descending(cells.flat, value)) + 1


def _search(cells: Array, value: Value, match_mode: int, search_mode: int) -> int | None:
    if match_mode not in {-1, 0, 1, 2} or search_mode not in {-2, -1, 1, 2}:
        raise Stop(VALUE)
    last = search_mode == -1
    if match_mode == 2:
        return position_like(cells, value, last=last)
    if match_mode == 0:
        return position_of(cells, value, last=last) if value is not None else _blank(cells, last=last)
    return nearest(cells, value, larger=match_mode == 1, last=last)


def _blank(cells: Array, *, last: bool) -> int | None:
    # XLOOKUP and XMATCH find a blank by a blank, unlike MATCH.
    places = [i for i, cell in enumerate(cells.flat) if cell is None]
    return (places[-1] if last else places[0]) if places else None


@function("XMATCH")
def xmatch(value: Scalar, cells: Block, match_mode: Whole = 0, search_mode: Whole = 1) -> Number:
    """The place of a value: 0 exactly, -1 or the next smaller, 1 or the next larger, 2 by wildcards."""
    if min(cells.height, cells.width) != 1:
        raise Stop(VALUE)
    return _found(_search(cells, value, match_mode, search_mode)) + 1


@function("XLOOKUP")
def xlookup(
    value: Scalar,
    cells: Block,
    results: Block,
    if_missing: Anything = None,
    match_mode: Whole = 0,
    search_mode: Whole = 1,
) -> Anything:
    """What stands in one column where a value stands in another; modes as in XMATCH."""
    if min(cells.height, cells.width) != 1:
        raise Stop(VALUE)
    across = cells.width > 1
    if (results.width if across else results.height) != len(cells):
        raise Stop(VALUE)
    place = _search(cells, value, match_mode, search_mode)
    if place is None:
        return NA if if_missing is None else if_missing
    if across:
        return results.at(0, place) if results.height == 1 else results.part(range(results.height), [place])
    return results.at(place, 0) if results.width == 1 else results.part([place], range(results.width))


@function("INDEX")
def index(block: Block, row: Whole, column: Whole | None = None) -> Anything:
    """The cell at a row and column of a block; 0 stands for all of them."""
    if column is None:
        row, column = (row, 1 if block.width == 1 else 0) if block.height > 1 else (1, row)
    if row and column:
        return block.at(_within(row, block.height), _within(column, block.width))
    rows = range(block.height) if row == 0 else [_within(row, block.height)]
    columns = range(block.width) if column == 0 else [_within(column, block.width)]
    part = block.part(rows, columns)
    return part.at(0, 0) if len(part) == 1 else part


def _within(place: int, size: int) -> int:
    if place < 0:
        raise Stop(VALUE)
    if place > size:
        raise Stop(REF)
    return place - 1


@function("ROWS")
def rows(block: Block) -> Number:
    """How many rows a block has."""
    return block.height


@function("COLUMNS")
def columns(block: Block) -> Number:
    """How many columns a block has."""
    return block.width


@function("HYPERLINK")
def hyperlink(link: Scalar, shown: Anything = None) -> Anything:
    """What a link shows: its text, or the address itself."""
    return link if shown is None else shown
