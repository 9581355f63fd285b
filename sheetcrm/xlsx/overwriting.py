"""Formulas overwritten on request: shared ones handed on to the next cell, the calculation chain kept true."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sheetcrm.errors import EditRefused
from sheetcrm.tab import Rectangle
from sheetcrm.xlsx.markup import (
    Splice,
    Tag,
    attribute,
    decoded,
    encoded,
    escaped,
    masked,
    spliced,
    tags,
    with_attribute,
)  # fmt: skip
from sheetcrm.xlsx.outline import Outline, Sheet, relations
from sheetcrm.xlsx.parts import Parts
from sheetcrm.xlsx.places import place
from sheetcrm.xlsx.references import shifted
from sheetcrm.xlsx.register import without_relation, without_types
from sheetcrm.xlsx.sheet import Cell, SheetText

Places = Collection[tuple[int, int]]


class SharedFormula(NamedTuple):
    """The formula that a cell shares with others, which refer to it by its key."""

    key: str
    text: str
    row: int
    column: int


def shared_by(sheet: SheetText, row: int, cell: Cell) -> SharedFormula | None:
    """The formula that this cell holds for others too; None where it holds none, or its own only."""
    tag = next(tags(sheet.blank, cell.body, cell.body_end, [sheet.prefix + b"f"]), None)
    if tag is None or attribute(tag.attributes, b"t") != "shared" or attribute(tag.attributes, b"ref") is None:
        return None
    return SharedFormula(attribute(tag.attributes, b"si") or "", sheet.content_of(tag), row, cell.column)


def handed_on(sheet: SheetText, shared: SharedFormula, overwritten: Places) -> list[Splice]:
    """The splice by which the first cell left of those that share the formula holds it from now on; none where none is.

    EditRefused where a sharing cell does not tell its address.
    """
    left = [(place, tag) for place, tag in _sharing(sheet, shared.key) if place not in overwritten]
    if not left:
        return []
    (row, column), tag = left[0]
    rows, columns = [place[0] for place, _ in left], [place[1] for place, _ in left]
    ref = Rectangle(min(rows), min(columns), max(rows), max(columns))
    formula = shifted(shared.text, row - shared.row, column - shared.column)
    attributes = with_attribute(tag.attributes, b"ref", f"{ref}").rstrip(b"/ \t\r\n")
    end = tag.end if tag.is_empty else sheet.blank.index(b">", sheet.blank.index(b"</", tag.end)) + 1
    new = b"<" + tag.name + attributes + b">" + escaped(formula).encode() + b"</" + tag.name + b">"
    return [Splice(tag.start, end, new)]


def _sharing(sheet: SheetText, key: str) -> Iterator[tuple[tuple[int, int], Tag]]:
    opening = b"<" + sheet.prefix + b"c"
    for tag in tags(sheet.blank, sheet.begin, sheet.end, [sheet.prefix + b"f"]):
        if tag.is_closing or attribute(tag.attributes, b"si") != key:
            continue
        start = sheet.blank.rfind(opening, sheet.begin, tag.start)
        found = place(attribute(sheet.blank[start + len(opening) : sheet.blank.index(b">", start)], b"r") or "")
        if found is None:
            raise EditRefused("A formula that several cells share cannot be followed.", "Change it in Excel.")
        yield found, tag


def drop_from_chain(parts: Parts, outline: Outline, sheet: Sheet, places: Places) -> None:
    """The calculation chain without these cells, and gone with its last one: Excel repairs a chain that is stale."""
    part = next((link.part for link in relations(parts, outline.part) if link.kind == "calcChain"), None)
    if part is None or part not in parts:
        return
    text, codec = decoded(parts.read(part))
    splices, number, carried, count = [], "", "", 0
    for tag in tags(masked(text)):
        if tag.is_closing or tag.name.rpartition(b":")[2] != b"c":
            continue
        # An entry without a sheet's number is on the sheet of the one before it.
        own = attribute(tag.attributes, b"i")
        number = own or number
        if number == str(sheet.number) and place(attribute(tag.attributes, b"r") or "") in places:
            splices.append(Splice(tag.start, tag.end, b""))
            carried = own or carried
            continue
        count += 1
        if carried and own is None:
            attributes = with_attribute(tag.attributes, b"i", carried)
            splices.append(Splice(tag.start, tag.end, b"<" + tag.name + attributes + b">"))
        carried = ""
    if splices and count:
        parts.put(part, encoded(spliced(text, splices), codec))
    elif splices:
        _drop_chain(parts, outline, part)


def _drop_chain(parts: Parts, outline: Outline, part: str) -> None:
    key = next(link.key for link in relations(parts, outline.part) if link.kind == "calcChain")
    without_relation(parts, outline.part, key)
    without_types(parts, [part])
    parts.drop(part)
