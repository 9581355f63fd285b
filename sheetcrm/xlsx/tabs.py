"""Whole tabs put into a workbook, replaced in place, or taken out again; all other tabs stay as they are."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from sheetcrm.errors import EditRefused
from sheetcrm.tab import CellFormat, TabContent
from sheetcrm.xlsx.drafting import SHEET, Draft, drafted
from sheetcrm.xlsx.formats import NO_STYLES, FormatBook
from sheetcrm.xlsx.markup import attribute, check_no_dtd, escaped, tags
from sheetcrm.xlsx.outline import Outline, relations
from sheetcrm.xlsx.parts import Parts
from sheetcrm.xlsx.register import (
    STRICT,
    TRANSITIONAL,
    SheetList,
    declared,
    relations_of,
    with_relation,
    with_types,
    without_relation,
    without_types,
)  # fmt: skip
from sheetcrm.xlsx.values import date_kind

_MARK = "SheetCRM"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")
_SPACES = (
    (TRANSITIONAL, STRICT),
    ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    ("http://schemas.openxmlformats.org/drawingml/2006/", "http://purl.oclc.org/ooxml/drawingml/"),
)


def check_name(name: str) -> None:
    """Nothing; EditRefused where no tab can have that name."""
    is_good = 0 < len(name) <= 31 and not _FORBIDDEN.search(name) and name.strip("'") == name and name.strip()
    if not is_good or name.lower() == "history":
        raise EditRefused(
            f"No tab can be called {name!r}.", "Use at most 31 letters, none of []:*?/\\, no quote around."
        )


class TabWriter:
    """Puts and removes whole tabs of one workbook, in the parts that are yet to be written."""

    def __init__(self, parts: Parts, outline: Outline) -> None:
        self._parts = parts
        self._outline = outline

    def put(self, name: str, content: TabContent) -> str:
        """The tab as content says: new and last, or in the place of an earlier one that was put here; its name."""
        sheets = SheetList(self._parts, self._outline.part)
        place = next((i for i, one in enumerate(sheets.names) if one.lower() == name.lower()), None)
        name = name if place is None else sheets.names[place]
        formats = self._formats() if _needs_formats(content) else None
        number = sheets.next_number if place is None else sheets.number(place)
        style = formats.style if formats is not None else lambda _look, _kind: 0
        part = "" if place is None else self._own(name, sheets.key(place))
        is_selected = bool(part) and b'tabSelected="1"' in self._parts.read(part)[:4096]
        draft = drafted(name, content, f"{_MARK}_{number}", style, is_1904=self._outline.is_1904)
        gone = self._drop_children(part) if part else set()
        self._check_tables(content)
        names = self._carry(draft, part, gone, is_selected=is_selected)
        kinds = {names[old]: kind for old, kind in draft.types.items() if not (part and old == SHEET)}
        without_types(self._parts, gone - kinds.keys())
        with_types(self._parts, {name: kind for name, kind in kinds.items() if name not in gone})
        if not part:
            key = with_relation(self._parts, self._outline.part, "worksheet", names[SHEET])
            sheets.add(name, key)
        if formats is not None and (new := formats.part()) is not None:
            self._parts.put(self._styles, new)
        return name

    def check_own(self, name: str) -> None:
        """Nothing; EditRefused where a tab of that name is a person's, or holds what must not be lost."""
        sheets = SheetList(self._parts, self._outline.part)
        place = next((i for i, one in enumerate(sheets.names) if one.lower() == name.lower()), None)
        if place is not None:
            self._own(name, sheets.key(place))

    def remove(self, name: str) -> None:
        """The tab gone with all its own parts; EditRefused where it was not put here or something refers to it."""
        sheets = SheetList(self._parts, self._outline.part)
        place = next(i for i, one in enumerate(sheets.names) if one.lower() == name.lower())
        key = sheets.key(place)
        part = self._own(name, key)
        sheets.remove(place)
        gone = self._drop_children(part)
        self._parts.drop(part)
        without_types(self._parts, [part, *gone])
        without_relation(self._parts, self._outline.part, key)
        self._check_unused(name)

    def _own(self, name: str, key: str) -> str:
        """The part of a tab that was put here before and holds nothing that must not be lost."""
        link = next((one for one in relations(self._parts, self._outline.part) if one.key == key), None)
        raw = self._parts.read(link.part) if link is not None and link.part in self._parts else b""
        if link is None or not re.search(rb"codeName=[\"']" + _MARK.encode() + b"_", raw[:4096]):
            raise EditRefused(f"The tab {name} was not made by sheetcrm.", "Give another name, or rename that tab.")
        if _FORMULA.search(raw):
            raise EditRefused(f"Somebody wrote formulas into the tab {name}.", "Move them to another tab first.")
        return link.part

    def _carry(self, draft: Draft, part: str, gone: set[str], *, is_selected: bool) -> dict[str, str]:
        """The draft's parts put under free names; the new name of each."""
        names: dict[str, str] = {}
        taken = declared(self._parts) - {one.lower() for one in gone}
        for old in draft.types:
            names[old] = part if part and old == SHEET else self._parts.free(old, taken)
            self._parts.put(names[old], b"")
        base = {posixpath.basename(old): posixpath.basename(new) for old, new in names.items()}
        tables = self._table_numbers()
        for old, new in names.items():
            data = draft.parts[old]
            if old == SHEET and not is_selected:
                data = data.replace(b' tabSelected="1"', b"", 1)
            if "/tables/" in old:
                tables = [*tables, max(tables, default=0) + 1]
                data = re.sub(rb' id="[0-9]+"', f' id="{tables[-1]}"'.encode(), data, count=1)
            self._parts.put(new, self._in_kind(data))
            links = draft.parts.get(relations_of(old))
            if links is not None:
                renamed = re.sub(rb'(Target="\.\./[a-z]+/)([^"/]+)"', lambda one: _renamed(one, base), links)
                self._parts.put(relations_of(new), self._in_kind(renamed))
        return names

    def _in_kind(self, data: bytes) -> bytes:
        """The part in the workbook's own dialect: strict workbooks name all namespaces otherwise."""
        if not self._is_strict:
            return data
        for old, new in _SPACES:
            data = data.replace(old.encode(), new.encode())
        return data

    @property
    def _is_strict(self) -> bool:
        return b"http://purl.oclc.org/ooxml/spreadsheetml/main" in self._parts.read(self._outline.part)[:4096]

    @property
    def _styles(self) -> str:
        return self._outline.styles or posixpath.join(posixpath.dirname(self._outline.part), "styles.xml")

    def _formats(self) -> FormatBook:
        if self._styles not in self._parts:
            self._parts.put(self._styles, self._in_kind(NO_STYLES))
            with_types(self._parts, {self._styles: _STYLES_TYPE})
            with_relation(self._parts, self._outline.part, "styles", self._styles)
        raw = self._parts.read(self._styles)
        check_no_dtd(raw, self._styles)
        return FormatBook(raw, self._styles)

    def _drop_children(self, part: str) -> set[str]:
        """Whatever only this sheet leads to, dropped: drawings, charts, tables, what a person added to them."""
        family = [part]
        for one in family:
            family += [link.part for link in relations(self._parts, one) if link.part not in family]
        others = [self._source(name) for name in self._parts if name.endswith(".rels")]
        used = {link.part for one in others if one not in family for link in relations(self._parts, one)}
        gone = [one for one in family[1:] if one in self._parts and one not in used]
        for one in [*gone, part]:
            self._parts.drop(relations_of(one))
        for one in gone:
            self._parts.drop(one)
        return set(gone)

    def _source(self, name: str) -> str:
        folder, base = posixpath.split(name)
        return posixpath.join(posixpath.dirname(folder), base.removesuffix(".rels"))

    def _tables(self) -> Iterable[bytes]:
        """The opening tags' attributes of all tables in the workbook."""
        for name in self._parts:
            if "table" in name.lower() and name.lower().endswith(".xml") and "pivot" not in name.lower():
                head = self._parts.read(name)[:4096]
                yield from (tag.attributes for tag in tags(head) if tag.name.rpartition(b":")[2] == b"table")

    def _table_numbers(self) -> list[int]:
        found = [attribute(one, b"id") or "" for one in self._tables()]
        return [int(one) for one in found if one.isdecimal()]

    def _check_tables(self, content: TabContent) -> None:
        if not content.tables:
            return
        taken = {(attribute(one, b"displayName") or "").lower() for one in self._tables()}
        book = self._parts.read(self._outline.part)
        names = (tag for tag in tags(book) if tag.name.rpartition(b":")[2] == b"definedName")
        taken |= {(attribute(tag.attributes, b"name") or "").lower() for tag in names}
        for table in content.tables:
            if table.name.lower() in taken:
                raise EditRefused(
                    f"The workbook has something called {table.name} already.", "Name the table otherwise."
                )
            taken.add(table.name.lower())

    def _check_unused(self, name: str) -> None:
        quoted = escaped(name.replace("'", "''"))
        forms = [
            re.escape(form.encode())
            for form in (f"{escaped(name)}!", f"{quoted}'!", f"{quoted.replace(chr(39), '&apos;')}&apos;!")
        ]
        pattern = re.compile(rb"(?<![\w.])(?:" + b"|".join(forms) + b")", re.IGNORECASE)
        for part in self._parts:
            if part.endswith(".xml") and part != self._outline.strings and pattern.search(self._parts.read(part)):
                raise EditRefused(f"Something in {part} refers to the tab {name}.", "Remove the reference first.")


def _needs_formats(content: TabContent) -> bool:
    return bool(content.column_formats) or any(
        cell.format != CellFormat() or date_kind(cell.value) for _, _, cell in content.cells()
    )


def _renamed(link: re.Match[bytes], names: dict[str, str]) -> bytes:
    name = link.group(2).decode()
    return link.group(1) + names.get(name, name).encode() + b'"'
