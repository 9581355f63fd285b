"""Workbooks of odd makes, written byte by byte."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"

STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    "<fonts><font/></fonts><fills><fill/></fills><borders><border/></borders><cellStyleXfs><xf/></cellStyleXfs>"
    '<cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="164" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="0"><alignment wrapText="1"/></xf></cellXfs></styleSheet>'
)
STRINGS = (
    f'<sst xmlns="{MAIN}" count="9" uniqueCount="3"><si><t>Name</t></si><si><r><t>An</t></r><r><t>n</t></r></si>'
    '<si><t xml:space="preserve"> padded </t></si></sst>'
)


def links(*pairs: tuple[str, str]) -> str:
    """A relations part: kind and target of each link."""
    inside = "".join(
        f'<Relationship Id="rId{i}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(pairs)
    )
    return f'<Relationships xmlns="{RELATIONS}">{inside}</Relationships>'


def sheet(inside: str, *, before: str = "", after: str = "") -> str:
    """A worksheet part with these rows."""
    return f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}">{before}<sheetData>{inside}</sheetData>{after}</worksheet>'


def row(number: int, *cells: str) -> str:
    """A row with these cells."""
    return f'<row r="{number}">{"".join(cells)}</row>'


def parts_of(sheet_xml: str | bytes, more: dict[str, str | bytes] | None = None) -> dict[str, str | bytes]:
    """All parts of a workbook with one sheet, `Sheet1`."""
    return {
        "[Content_Types].xml": f'<Types xmlns="{TYPES}"><Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType='
        '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
        "_rels/.rels": links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr/><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId0"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": links(
            ("worksheet", "worksheets/sheet1.xml"), ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")
        ),
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": STRINGS,
        "xl/worksheets/sheet1.xml": sheet_xml,
        **(more or {}),
    }


def zipped(parts: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The parts as a zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def put(
    folder: Path, sheet_xml: str | bytes, more: dict[str, str | bytes] | None = None, name: str = "book.xlsx"
) -> Path:
    """The path of a workbook with that sheet."""
    path = folder / name
    path.write_bytes(zipped(parts_of(sheet_xml, more)))
    return path


def contents(path: Path) -> dict[str, bytes]:
    """Every member of a zip file, unpacked."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def sheet_of(path: Path) -> str:
    """The first sheet's XML."""
    return contents(path)["xl/worksheets/sheet1.xml"].decode()
