"""What a tab looks like, for people and programs that want more than its values: formulas, formats, filters, hiding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sheetcrm.tab import Rectangle
from sheetcrm.table import TableRange
from sheetcrm.xlsx.formulas import formulas_of
from sheetcrm.xlsx.looks import Looks
from sheetcrm.xlsx.markup import attribute, check_no_dtd, tags
from sheetcrm.xlsx.outline import Outline, Sheet, tables_of
from sheetcrm.xlsx.package import Package
from sheetcrm.xlsx.places import place, rectangle
from sheetcrm.xlsx.sheet import SheetText


@dataclass(frozen=True)
class TabLook:
    """A tab as a person sees it; places are (row, column) counted from 0."""

    formulas: Mapping[tuple[int, int], str]
    """By place, without `=`; an array formula stands in its first cell."""
    formats: Mapping[tuple[int, int], str]
    """Excel number formats by place, of the cells that have another than General."""
    merged: tuple[Rectangle, ...]
    tables: tuple[TableRange, ...]
    filtered: Rectangle | None
    """The range of the tab's own filter."""
    hidden_rows: frozenset[int]
    hidden_columns: frozenset[int]


def described(package: Package, outline: Outline, sheet: Sheet) -> TabLook:
    """How the sheet looks."""
    raw = package.read(sheet.part)
    check_no_dtd(raw, sheet.part)
    text = SheetText(raw, sheet.part)
    filters = tags(text.blank, text.end, None, [text.prefix + b"autoFilter"])
    filtered = next((rectangle(attribute(tag.attributes, b"ref") or "") for tag in filters), None)
    return TabLook(
        formulas={one.area[:2]: one.text for one in formulas_of(text, sheet)},
        formats=_formats(text, Looks(package, outline.styles)),
        merged=tuple(text.merges),
        tables=tuple(table.range for table in tables_of(package, sheet)),
        filtered=filtered,
        hidden_rows=_hidden_rows(text),
        hidden_columns=_hidden_columns(text),
    )


def _formats(text: SheetText, looks: Looks) -> dict[tuple[int, int], str]:
    codes: dict[str, str] = {"0": ""}
    found: dict[tuple[int, int], str] = {}
    for tag in tags(text.blank, text.begin, text.end, [text.prefix + b"c"]):
        style = attribute(tag.attributes, b"s") or "0" if not tag.is_closing else "0"
        if style not in codes:
            codes[style] = looks.number_format(int(style)) if style.isdecimal() else ""
        where = place(attribute(tag.attributes, b"r") or "") if codes[style] else None
        if where is not None:
            found[where] = codes[style]
    return found


def _hidden_rows(text: SheetText) -> frozenset[int]:
    found = zip(text.numbers, text.starts, strict=True)
    return frozenset(number for number, start in found if _is_hidden(text.blank[start : text.blank.index(b">", start)]))


def _hidden_columns(text: SheetText) -> frozenset[int]:
    hidden: set[int] = set()
    for tag in tags(text.blank, 0, text.opening, [text.prefix + b"col"]):
        first, last = (attribute(tag.attributes, name) or "0" for name in (b"min", b"max"))
        if _is_hidden(tag.attributes) and first.isdecimal() and last.isdecimal():
            hidden.update(range(int(first) - 1, min(int(last), 16_384)))
    return frozenset(hidden)


def _is_hidden(attributes: bytes) -> bool:
    return attribute(attributes, b"hidden") in ("1", "true", "on")
