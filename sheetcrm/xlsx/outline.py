"""What a workbook consists of: its sheets, their parts, tables, date system, and what forbids writing."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from sheetcrm.errors import EditRefused, WorkbookUnreadable
from sheetcrm.table import TableRange
from sheetcrm.xlsx.markup import local, tree
from sheetcrm.xlsx.package import DAMAGED, Package
from sheetcrm.xlsx.parts import Parts
from sheetcrm.xlsx.places import rectangle


@dataclass(frozen=True, slots=True)
class Relation:
    """A link from one part to another, `kind` being the last word of its type."""

    key: str
    kind: str
    part: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet: its name, its part, and its place among all sheets, chart sheets counted."""

    tab: str
    part: str
    place: int
    is_hidden: bool
    number: int
    """The sheet's own number, by which the calculation chain knows it."""


@dataclass(frozen=True, slots=True)
class SheetTable:
    """An Excel table as its part tells it; `calculated` maps a column's index to its formula."""

    part: str
    range: TableRange
    header_rows: int
    kind: str
    calculated: dict[int, str]
    has_array_formula: bool
    columns: tuple[str, ...] = ()
    """The columns' names in lower case."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The workbook's skeleton."""

    part: str
    sheets: tuple[Sheet, ...]
    is_1904: bool
    styles: str | None
    strings: str | None
    has_chain: bool


def outline(package: Package) -> Outline:
    """The skeleton of the workbook in this package; WorkbookUnreadable where it holds none."""
    part = _workbook_part(package)
    root = _tree(package, part)
    if local(root) != "workbook":
        raise WorkbookUnreadable("This file is no Excel workbook.", "Save it as .xlsx.")
    links = relations(package, part)
    by_key = {link.key: link for link in links}
    kinds = {link.kind: link.part for link in links if link.part in package}
    sheets = [
        Sheet(node.get("name", ""), link.part, place, node.get("state", "visible") != "visible", _number(node))
        for place, node in enumerate(_inside(root, "sheets"))
        if (link := by_key.get(_relation_key(node))) and link.kind == "worksheet"
    ]
    if len({sheet.tab.lower() for sheet in sheets}) < len(sheets):
        raise WorkbookUnreadable("Two sheets of this workbook have the same name.", DAMAGED)
    settings = next((node for node in root if local(node) == "workbookPr"), None)
    is_1904 = settings is not None and settings.get("date1904") in ("1", "true", "on")
    return Outline(part, tuple(sheets), is_1904, kinds.get("styles"), kinds.get("sharedStrings"), "calcChain" in kinds)


def relations(package: Package | Parts, part: str) -> list[Relation]:
    """The links of a part to other parts of the package; none where it has no relations."""
    folder, name = posixpath.split(part)
    source = posixpath.join(folder, "_rels", f"{name}.rels")
    if source not in package:
        return []
    links = []
    for node in _tree(package, source):
        if node.get("TargetMode") == "External":
            continue
        target = node.get("Target", "").replace("\\", "/")
        found = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
        if found not in package and unquote(found) in package:
            found = unquote(found)
        links.append(Relation(node.get("Id", ""), node.get("Type", "").rpartition("/")[2], found))
    return links


def tables_of(package: Package | Parts, sheet: Sheet) -> list[SheetTable]:
    """The Excel tables of a sheet, in the order of its relations."""
    parts = [link.part for link in relations(package, sheet.part) if link.kind == "table" and link.part in package]
    return [table for part in parts if (table := _table(_tree(package, part), part))]


def check_writable(package: Package) -> None:
    """Nothing; EditRefused where any write would break what the workbook promises."""
    package.check_writable()
    names = [name.replace("\\", "/").lower() for name in package.names()]
    if any(name.startswith("_xmlsignatures/") for name in names):
        raise EditRefused(
            "The workbook is digitally signed; a write would void the signature.", "Save an unsigned copy."
        )
    if any("/revisions/" in name for name in names):
        raise EditRefused(
            "The workbook is shared the old way and keeps a change log.", "Unshare it in Excel's Review tab."
        )


def _workbook_part(package: Package) -> str:
    links = relations(package, "")
    found = next((link.part for link in links if link.kind == "officeDocument" and link.part in package), "")
    if not found and "xl/workbook.xml" in package:
        found = "xl/workbook.xml"
    if found.lower().endswith(".bin"):
        raise WorkbookUnreadable("This is a binary workbook (.xlsb).", "Save it as .xlsx.")
    if not found or found.lower().startswith(("word/", "ppt/")):
        if "mimetype" in package and b"opendocument" in package.read("mimetype", 200):
            raise WorkbookUnreadable("This is an OpenDocument file (.ods).", "Save it as .xlsx.")
        raise WorkbookUnreadable("This zip file holds no Excel workbook.", "Choose an .xlsx or .xlsm file.")
    return found


def _tree(package: Package | Parts, part: str) -> Element:
    return tree(package.read(part, package.limits.small_part_bytes), part)


def _inside(root: Element, name: str) -> list[Element]:
    return [child for node in root if local(node) == name for child in node]


def _relation_key(node: Element) -> str:
    return next((value for name, value in node.items() if name.endswith("}id")), "")


def _number(node: Element) -> int:
    number = node.get("sheetId", "")
    return int(number) if number.isdecimal() else 0


def _table(root: Element, part: str) -> SheetTable | None:
    corners = rectangle(root.get("ref", ""))
    if corners is None:
        return None
    totals = int(root.get("totalsRowCount") or 0) > 0
    name = root.get("displayName") or root.get("name") or ""
    calculated, has_array = {}, False
    columns = _inside(root, "tableColumns")
    for i, column in enumerate(columns):
        for node in column:
            if local(node) == "calculatedColumnFormula" and node.text:
                calculated[corners.left + i] = node.text
                has_array |= node.get("array") in ("1", "true")
    header_rows = int(root.get("headerRowCount") or 1) if root.get("headerRowCount") != "0" else 0
    kind = root.get("tableType", "worksheet")
    names = tuple(column.get("name", "").lower() for column in columns)
    return SheetTable(part, TableRange(name, *corners, totals), header_rows, kind, calculated, has_array, names)
