"""Stored results of formulas taken over from another program's calculation; nothing but the results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sheetcrm.table import CellError, Raw
from sheetcrm.xlsx.markup import Splice, attribute, tags, unescaped, with_attribute
from sheetcrm.xlsx.sheet import Cell, SheetText
from sheetcrm.xlsx.values import Written

Places = Iterable[tuple[int, int]]
_KINDS = {None: "", "n": "", "str": "str", "b": "b", "e": "e"}


def results_in(sheet: SheetText, places: Places) -> dict[tuple[int, int], Written]:
    """The results that a sheet stores in these places; those are left out that hold none, or no formula."""
    found: dict[tuple[int, int], Written] = {}
    for place, cell in _cells(sheet, places):
        kind = attribute(cell.attributes, b"t")
        value = next(tags(sheet.blank, cell.body, cell.body_end, [sheet.prefix + b"v"]), None)
        if sheet.holds_formula(cell) and value is not None and kind in _KINDS:
            end = value.end if value.is_empty else sheet.blank.index(b"<", value.end)
            found[place] = Written(_KINDS[kind], sheet.text[value.end : end].decode("utf-8", "replace"))
    return found


def with_results(sheet: SheetText, results: Mapping[tuple[int, int], Written]) -> list[Splice]:
    """The splices by which formulas store these results; their text, format and place stay."""
    return [_stored(sheet, cell, results[place]) for place, cell in _cells(sheet, results) if sheet.holds_formula(cell)]


def value_of(result: Written) -> Raw:
    """The value that a result stands for."""
    if result.kind == "b":
        return result.body.strip() in ("1", "true")
    text = unescaped(result.body)
    if result.kind == "e":
        return CellError(text)
    return text if result.kind == "str" else float(text)


def _cells(sheet: SheetText, places: Places) -> Iterator[tuple[tuple[int, int], Cell]]:
    by_row: dict[int, list[int]] = {}
    for row, column in places:
        by_row.setdefault(row, []).append(column)
    for number in sorted(by_row):
        line = sheet.row(number)
        there, _ = sheet.cells_at(line, sorted(by_row[number])) if line is not None else ({}, None)
        yield from (((number, column), cell) for column, cell in there.items())


def _stored(sheet: SheetText, cell: Cell, result: Written) -> Splice:
    names = {name: sheet.prefix + name for name in (b"c", b"f", b"v")}
    attributes = with_attribute(cell.attributes.rstrip(b"/ \t\r\n"), b"t", result.kind or None)
    formula = next(tags(sheet.blank, cell.body, cell.body_end, [names[b"f"]]))
    after = formula.end if formula.is_empty else sheet.blank.index(b">", sheet.blank.index(b"</", formula.end)) + 1
    old = next(tags(sheet.blank, after, cell.body_end, [names[b"v"]]), None)
    begin = end = after
    if old is not None:
        begin = old.start
        end = old.end if old.is_empty else sheet.blank.index(b">", sheet.blank.index(b"</", old.end)) + 1
    value = b"<" + names[b"v"] + b">" + result.body.encode() + b"</" + names[b"v"] + b">"
    opening = b"<" + names[b"c"] + attributes + b">"
    return Splice(
        cell.start, cell.body_end, opening + sheet.text[cell.body : begin] + value + sheet.text[end : cell.body_end]
    )
