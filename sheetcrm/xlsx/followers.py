"""What follows a tab's data elsewhere in the workbook: names and charts that grow with it, pivot tables to refresh."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sheetcrm.tab import Rectangle
from sheetcrm.xlsx.extents import Growth
from sheetcrm.xlsx.markup import (
    Splice,
    Tag,
    attribute,
    check_no_dtd,
    decoded,
    encoded,
    escaped,
    masked,
    spliced,
    tags,
    unescaped,
    with_attribute,
)
from sheetcrm.xlsx.outline import Outline, Sheet, relations, tables_of
from sheetcrm.xlsx.parts import Parts
from sheetcrm.xlsx.places import rectangle
from sheetcrm.xlsx.references import Reference, parts_of, with_areas


def grow_names(parts: Parts, outline: Outline, tab: str, grown: Sequence[Growth]) -> None:
    """Defined names that ended with the data end with it again; Excel's own ones, such as print areas, stay."""
    _regrow(parts, outline.part, b"definedName", tab, grown)


def grow_charts(parts: Parts, tab: str, grown: Sequence[Growth]) -> None:
    """Series of charts, on whichever tab, that ended with the data end with it again."""
    for name in parts:
        if "chart" in name.lower() and name.lower().endswith(".xml"):
            _regrow(parts, name, b"f", tab, grown)


def refresh_pivots(parts: Parts, outline: Outline, sheet: Sheet, cells: Collection[tuple[int, int]]) -> None:
    """Pivot tables whose source holds one of these cells are told to read it again when the workbook is opened."""
    caches = [link.part for link in relations(parts, outline.part) if link.kind == "pivotCacheDefinition"]
    for part in caches:
        if part not in parts:
            continue
        text, codec = decoded(parts.read(part))
        check_no_dtd(text, part)
        blank = masked(text)
        root = next(tags(blank), None)
        if root is None or attribute(root.attributes, b"refreshOnLoad") in ("1", "true"):
            continue
        if any(_concerns(parts, outline, tag, sheet, cells) for tag in _named(blank, b"worksheetSource")):
            attributes = with_attribute(root.attributes, b"refreshOnLoad", "1")
            splice = Splice(root.start, root.end, b"<" + root.name + attributes + b">")
            parts.put(part, encoded(spliced(text, [splice]), codec))


def _concerns(parts: Parts, outline: Outline, source: Tag, sheet: Sheet, cells: Collection[tuple[int, int]]) -> bool:
    name = attribute(source.attributes, b"name")
    if name is not None:
        tables = [one.range for one in tables_of(parts, sheet) if one.range.name.lower() == name.lower()]
        areas = [Rectangle(one.top, one.left, one.bottom, one.right) for one in tables]
        areas = areas or list(_areas_of_name(parts, outline, name, sheet.tab))
    elif (attribute(source.attributes, b"sheet") or "").lower() == sheet.tab.lower():
        areas = [area] if (area := rectangle(attribute(source.attributes, b"ref") or "")) else []
    else:
        areas = []
    return any(area.holds(row, column) for area in areas for row, column in cells)


def _areas_of_name(parts: Parts, outline: Outline, name: str, tab: str) -> Iterator[Rectangle]:
    text, _ = decoded(parts.read(outline.part))
    blank = masked(text)
    for tag in _named(blank, b"definedName"):
        if (attribute(tag.attributes, b"name") or "").lower() == name.lower():
            formula = _content(text, blank, tag)
            for found in parts_of(formula):
                if isinstance(found, Reference) and found.sheet.lower() == tab.lower():
                    yield found.area


def _regrow(parts: Parts, name: str, element: bytes, tab: str, grown: Sequence[Growth]) -> None:
    text, codec = decoded(parts.read(name))
    blank = masked(text)
    splices = []
    for tag in _named(blank, element):
        if tag.is_empty or (attribute(tag.attributes, b"name") or "").startswith("_xlnm."):
            continue
        old = _content(text, blank, tag)
        new = _with_ranges(old, tab, grown)
        if new != old:
            splices.append(Splice(tag.end, blank.index(b"<", tag.end), escaped(new).encode()))
    if splices:
        parts.put(name, encoded(spliced(text, splices), codec))


def _with_ranges(formula: str, tab: str, grown: Sequence[Growth]) -> str:
    def reached(found: Reference) -> Rectangle:
        if found.sheet.lower() != tab.lower():
            return found.area
        return found.area._replace(bottom=max((one.reached(found.area).bottom for one in grown), default=0))

    return with_areas(formula, reached) if grown else formula


def _named(blank: bytes, name: bytes) -> Iterator[Tag]:
    return (tag for tag in tags(blank) if not tag.is_closing and tag.name.rpartition(b":")[2] == name)


def _content(text: bytes, blank: bytes, tag: Tag) -> str:
    end = blank.find(b"<", tag.end)
    return unescaped(text[tag.end : max(end, tag.end)].decode("utf-8", "replace"))
