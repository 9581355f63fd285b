"""A plain copy of a workbook for calamine: only the parts it reads, under the usual names, each one checked."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress

from python_calamine import CalamineSheet, CalamineWorkbook

from sheetcrm.errors import EditRefused, WorkbookUnreadable
from sheetcrm.xlsx.markup import check_no_dtd, decoded
from sheetcrm.xlsx.outline import Outline
from sheetcrm.xlsx.package import Package, Packed, stored, zipped

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_COUNT = re.compile(rb"\s(?:uniqueC|c)ount\s*=\s*[\"']\s*[0-9]{7,}[^\"'<>]*[\"']")


class PlainWorkbook:
    """A workbook as calamine reads it. Tabs are asked for by their place among the outline's sheets."""

    def __init__(self, package: Package, outline: Outline) -> None:
        self._package = package
        self._outline = outline
        self._workbook: CalamineWorkbook | None = None

    def sheet(self, place: int) -> CalamineSheet:
        """The sheet at that place; the caller has checked the size of its part."""
        if self._workbook is None:
            outline = self._outline
            sheets = {i: self._part(one.part) for i, one in enumerate(outline.sheets) if one.part in self._package}
            self._workbook = self._opened(sheets, {"styles": outline.styles, "sharedStrings": outline.strings})
        return self._workbook.get_sheet_by_name(f"t{place}")

    def alone(self, sheet: bytes) -> CalamineSheet:
        """A sheet's XML read as if it were a tab of this workbook; its cells must share no strings."""
        return self._opened({0: stored(sheet)}, {"styles": self._outline.styles}).get_sheet_by_name("t0")

    def _opened(self, sheets: Mapping[int, Packed], shared: Mapping[str, str | None]) -> CalamineWorkbook:
        parts = {"[Content_Types].xml": stored(_content_types(sheets))}
        parts["_rels/.rels"] = stored(_relations([("officeDocument", "xl/workbook.xml")]))
        parts["xl/workbook.xml"] = stored(_workbook(sheets, is_1904=self._outline.is_1904))
        links = [("worksheet", f"worksheets/sheet{i}.xml") for i in sheets]
        parts |= {f"xl/worksheets/sheet{i}.xml": sheet for i, sheet in sheets.items()}
        for name, part in shared.items():
            if part is not None:
                parts[f"xl/{name}.xml"] = self._shared(part)
                links.append((name, f"{name}.xml"))
        parts["xl/_rels/workbook.xml.rels"] = stored(_relations(links))
        return CalamineWorkbook.from_filelike(io.BytesIO(zipped(parts)))

    def _shared(self, part: str) -> Packed:
        raw = self._package.read(part)
        check_no_dtd(raw, part)
        _check_count(raw, part, self._package.limits.cells)
        return stored(_uncounted(raw)) if _COUNT.search(raw) else self._part(part)

    def _part(self, name: str) -> Packed:
        """The part as it is packed; in UTF-8 where it is in another encoding, which calamine cannot read."""
        start = self._package.start_of(name, 200)
        with suppress(EditRefused):
            if decoded(start[: len(start) & ~1])[1] == "utf-8":
                return self._package.packed(name)
        text, _ = decoded(self._package.read(name))
        return stored(text[max(text.find(b"?>") + 2, 0) if text.lstrip(b"\xef\xbb\xbf").startswith(b"<?xml") else 0 :])


def _check_count(raw: bytes, part: str, limit: int) -> None:
    count = raw.count(b"<si") + raw.count(b":si")
    if count > limit:
        raise WorkbookUnreadable(f"{part} holds {count:,} texts; the limit is {limit:,}.", "Raise the limit.")


def _uncounted(raw: bytes) -> bytes:
    """The part without boastful counts: calamine sets aside the memory that they announce."""
    return _COUNT.sub(b"", raw)


def _content_types(places: Iterable[int]) -> bytes:
    kinds = {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles", "/xl/sharedStrings.xml": "sharedStrings"}
    kinds |= {f"/xl/worksheets/sheet{i}.xml": "worksheet" for i in places}
    inside = "".join(
        f'<Override PartName="{name}" ContentType="{_SHEET_TYPE}.{kind}+xml"/>' for name, kind in kinds.items()
    )
    rels = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'<Types xmlns="{_TYPES}">{rels}{inside}</Types>'.encode()


def _relations(links: list[tuple[str, str]]) -> bytes:
    inside = "".join(
        f'<Relationship Id="r{i}" Type="{_OFFICE}/{kind}" Target="{target}"/>' for i, (kind, target) in enumerate(links)
    )
    return f'<Relationships xmlns="{_RELATIONS}">{inside}</Relationships>'.encode()


def _workbook(places: Iterable[int], *, is_1904: bool) -> bytes:
    sheets = "".join(f'<sheet name="t{place}" sheetId="{i + 1}" r:id="r{i}"/>' for i, place in enumerate(places))
    settings = '<workbookPr date1904="1"/>' if is_1904 else "<workbookPr/>"
    return f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">{settings}<sheets>{sheets}</sheets></workbook>'.encode()
