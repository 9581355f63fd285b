"""All formulas of a workbook and the cells that each reads: references, names, tables; without calculating anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sheetcrm.tab import Rectangle
from sheetcrm.xlsx.markup import attribute, decoded, masked, tags, unescaped
from sheetcrm.xlsx.outline import Outline, Sheet, SheetTable, tables_of
from sheetcrm.xlsx.parts import Parts
from sheetcrm.xlsx.places import place, rectangle
from sheetcrm.xlsx.references import Name, Reference, parts_of, shifted
from sheetcrm.xlsx.sheet import SheetText

# What they read is known only once they are calculated.
_ANYTHING = frozenset({"indirect", "offset", ":"})
_BRACKETS = re.compile(r"\[((?:[^\[\]']|'.)*)\]")


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula: the cells on its sheet that show its results, and its text without `=`."""

    sheet: int
    area: Rectangle
    text: str
    has_result: bool


@dataclass(frozen=True, slots=True)
class Precedents:
    """The cells that a formula reads, by the number of their sheet; all of the workbook where that cannot be told."""

    areas: tuple[tuple[int, Rectangle], ...]
    is_anything: bool = False


def formulas_of(text: SheetText, sheet: Sheet) -> Iterator[Formula]:
    """The formulas of a sheet, in the order of the bytes; shared ones with the text that their own cell has."""
    if not text.count_of(b"f"):
        return
    prefix = re.escape(text.prefix)
    cell = re.compile(rb"<%sc(?=[\s>])([^<>]*+)>\s*+<%sf((?=[\s/>])[^<>]*+)>" % (prefix, prefix))
    closing = b"</" + text.prefix + b"f"
    value = re.compile(rb"\s*+<%sv\s*+>\s*+[^<\s]" % prefix)
    shared: dict[str, tuple[tuple[int, int], str]] = {}
    for found in cell.finditer(text.blank, text.begin, text.end):
        home = place(attribute(found.group(1), b"r") or "")
        attributes = found.group(2)
        end = found.end() if attributes.endswith(b"/") else text.blank.find(closing, found.end())
        if home is None or end < 0:
            continue
        formula = unescaped(text.text[found.end() : end].decode("utf-8", "replace"))
        after = end if attributes.endswith(b"/") else text.blank.find(b">", end) + 1
        has_result = value.match(text.blank, after) is not None or attribute(found.group(1), b"t") == "str"
        kind, area = attribute(attributes, b"t"), rectangle(attribute(attributes, b"ref") or "")
        own = Rectangle(*home, *home)
        if kind == "shared":
            key = attribute(attributes, b"si") or ""
            if formula and area is not None:
                shared[key] = home, formula
            formula = _from_shared(shared.get(key), home) if key in shared else formula
        elif kind in ("array", "dataTable") and area is not None:
            own = area
            formula = formula or "INDIRECT()"  # what a data table reads is told by its attributes
        yield Formula(sheet.number, own, formula, has_result)


def _from_shared(master: tuple[tuple[int, int], str] | None, home: tuple[int, int]) -> str:
    (row, column), formula = master or (home, "")
    return shifted(formula, home[0] - row, home[1] - column) if (row, column) != home else formula


class Reads:
    """What formulas of one workbook read, names and tables resolved."""

    def __init__(self, parts: Parts, outline: Outline) -> None:
        self._parts = parts
        self._outline = outline
        self._numbers = {sheet.tab.lower(): sheet.number for sheet in outline.sheets}

    def of(self, formula: Formula) -> Precedents:
        """The cells that the formula reads."""
        return self._read(formula.text, formula.sheet, formula.area, frozenset())

    def _read(self, text: str, home: int, area: Rectangle, seen: frozenset[str]) -> Precedents:
        found: list[tuple[int, Rectangle]] = []
        is_anything = False
        for part in parts_of(text):
            if isinstance(part, Reference):
                found += ((number, part.area) for number in self._sheets(part.sheet, home))
            elif part.inside:
                found += self._of_table(part, home, area)
            elif part.word.lower() in _ANYTHING:
                is_anything = True
            elif not part.is_function:
                other = self._of_name(part.word.lower(), home, area, seen)
                found += other.areas
                is_anything |= other.is_anything
        return Precedents(tuple(dict.fromkeys(found)), is_anything)

    def _sheets(self, name: str, home: int) -> Iterable[int]:
        """The numbers of the sheets that a reference names; none for another workbook's."""
        if not name:
            return (home,)
        if name.lower() in self._numbers:
            return (self._numbers[name.lower()],)
        first, colon, last = name.lower().partition(":")
        if not colon or first not in self._numbers or last not in self._numbers:
            return ()
        order = [sheet.number for sheet in self._outline.sheets]
        one, other = sorted((order.index(self._numbers[first]), order.index(self._numbers[last])))
        return order[one : other + 1]

    def _of_name(self, word: str, home: int, area: Rectangle, seen: frozenset[str]) -> Precedents:
        if word in self._tables:
            number, table = self._tables[word]
            return Precedents(((number, _body(table)),))
        texts = self._names.get(word, ()) if word not in seen else ()
        found = [self._read(text, home, area, seen | {word}) for text in texts]
        return Precedents(tuple(one for part in found for one in part.areas), any(part.is_anything for part in found))

    def _of_table(self, part: Name, home: int, area: Rectangle) -> Iterator[tuple[int, Rectangle]]:
        if part.word:
            named = self._tables.get(part.word.lower())
        else:
            inside = ((n, one) for n, one in self._tables.values() if n == home and _holds(one, area))
            named = next(inside, None)
        if named is not None:
            number, table = named
            yield number, _within(table, part.inside, area if number == home else None)

    @cached_property
    def _names(self) -> Mapping[str, list[str]]:
        """The texts of the defined names; one name may have several, each for one sheet."""
        text, _ = decoded(self._parts.read(self._outline.part))
        blank = masked(text)
        names: dict[str, list[str]] = {}
        for tag in tags(blank):
            if tag.name.rpartition(b":")[2] == b"definedName" and not tag.is_closing and not tag.is_empty:
                content = unescaped(text[tag.end : blank.find(b"<", tag.end)].decode("utf-8", "replace"))
                names.setdefault((attribute(tag.attributes, b"name") or "").lower(), []).append(content)
        return names

    @cached_property
    def _tables(self) -> Mapping[str, tuple[int, SheetTable]]:
        """The Excel tables by name, each with the number of its sheet."""
        return {
            table.range.name.lower(): (sheet.number, table)
            for sheet in self._outline.sheets
            if sheet.part in self._parts
            for table in tables_of(self._parts, sheet)
        }


def _body(table: SheetTable) -> Rectangle:
    own = table.range
    return Rectangle(own.top + table.header_rows, own.left, own.bottom - own.has_totals, own.right)


def _holds(table: SheetTable, area: Rectangle) -> bool:
    own = table.range
    return own.top <= area.top <= own.bottom and own.left <= area.left <= own.right


def _within(table: SheetTable, inside: str, area: Rectangle | None) -> Rectangle:
    """The cells of a table that `[[#This Row],[Amount]]` names; `area` is where the formula stands on its sheet."""
    words = _BRACKETS.findall(inside) or [inside[1:-1]]
    special = {word.lower() for word in words if word.startswith("#")}
    if (inside.startswith("[@") or "#this row" in special) and area is not None:
        rows = range(area.top, area.bottom + 1)
    else:
        rows = _rows(table, special)
    left, right = _columns(table, [_plain(word) for word in words if not word.startswith("#")])
    return Rectangle(rows.start, left, max(rows.stop - 1, rows.start), right)


def _rows(table: SheetTable, special: set[str]) -> range:
    own, body = table.range, _body(table)
    top = own.top if special & {"#all", "#headers"} else body.top
    bottom = own.bottom if special & {"#all", "#totals"} else body.bottom
    if special == {"#totals"}:
        top = own.bottom
    if special == {"#headers"}:
        bottom = body.top - 1
    return range(top, bottom + 1)


def _columns(table: SheetTable, words: Iterable[str]) -> tuple[int, int]:
    """The first and the last column named; all of them where none of the words is a column's name."""
    places = [table.columns.index(word) for word in map(str.lower, words) if word in table.columns]
    if not places:
        return table.range.left, table.range.right
    return table.range.left + min(places), table.range.left + max(places)


def _plain(word: str) -> str:
    return re.sub(r"'(.)", r"\1", word.removeprefix("@")).strip()
