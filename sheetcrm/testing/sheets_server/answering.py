"""The Spreadsheet resource: what `spreadsheets.get` answers, with the cells of chosen ranges where they are wanted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import Any

from sheetcrm.testing.sheets_server.computing import Values
from sheetcrm.testing.sheets_server.defaults import COLUMN_PIXELS, ROW_PIXELS
from sheetcrm.testing.sheets_server.fields import Mask, below, masked, selects
from sheetcrm.testing.sheets_server.filtering import hidden_rows
from sheetcrm.testing.sheets_server.forms import plain_number, tidied
from sheetcrm.testing.sheets_server.formulas import format_of
from sheetcrm.testing.sheets_server.model import (
    OBJECTS,
    Cell,
    Entered,
    ErrorValue,
    Formula,
    Json,
    Sheet,
    Spreadsheet,
    Value,
)
from sheetcrm.testing.sheets_server.places import Area
from sheetcrm.testing.sheets_server.rights import User, may_edit
from sheetcrm.testing.sheets_server.showing import default_pattern, shown

_LINK = re.compile(r'=\s*HYPERLINK\(\s*"((?:[^"]|"")*)"', re.IGNORECASE)

Chosen = Sequence[tuple[Sheet, Mapping[str, Any]]]
"""Sheets and GridRanges that are wanted."""


class Reader:
    """Gives one state of a spreadsheet to one user."""

    def __init__(self, book: Spreadsheet, now: datetime, user: User) -> None:
        self.book = book
        self.values = Values(book, now)
        self._user = user
        self._formats: dict[int, Json] = {}

    def resource(self, chosen: Chosen | None, *, has_data: bool, mask: Mask) -> Json:
        """The Spreadsheet, of the chosen ranges only where some are chosen, as far as the mask wants it."""
        book = self.book
        sheets = book.sheets if chosen is None else [one for one in book.sheets if any(one is s for s, _ in chosen)]
        plain: Json = {
            "spreadsheetId": book.id,
            "properties": book.properties,
            "namedRanges": book.named_ranges,
            "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{book.id}/edit",
            "developerMetadata": self._metadata_at("SPREADSHEET"),
        }
        wanted: Json = deepcopy(masked(mask, {name: one for name, one in plain.items() if one}))
        tidied("Spreadsheet", wanted)
        of_sheets = below(mask, "sheets")
        if of_sheets is not None and sheets:
            wanted["sheets"] = [self._sheet(one, chosen, has_data, of_sheets) for one in sheets]
        return wanted

    def _metadata_at(self, kind: str) -> list[Json]:
        return [one for one in self.book.metadata if one["location"]["locationType"] == kind]

    def properties(self, sheet: Sheet) -> Json:
        """The SheetProperties as they stand."""
        index = next(i for i, one in enumerate(self.book.sheets) if one is sheet)
        plain = {"sheetId": sheet.id, "title": sheet.title, "index": index, **deepcopy(sheet.properties)}
        if plain.get("sheetType") == "GRID":
            sizes = {"rowCount": sheet.row_count, "columnCount": sheet.column_count}
            plain["gridProperties"] = {**sizes, **plain["gridProperties"], **sizes}
        else:
            plain.pop("gridProperties", None)
        return tidied("SheetProperties", plain)

    def _sheet(self, sheet: Sheet, chosen: Chosen | None, has_data: bool, mask: Mask) -> Json:
        """The Sheet, as far as a mask of Sheets wants it."""
        plain: Json = {"properties": self.properties(sheet)}
        for name in OBJECTS:
            if sheet.objects[name] and selects(mask, name):
                plain[name] = deepcopy(sheet.objects[name])
        if sheet.objects["basicFilter"]:
            plain["basicFilter"] = deepcopy(sheet.objects["basicFilter"][0])
        for one in plain.get("protectedRanges", ()):
            if may_edit(self._user, one):
                one["requestingUserCanEdit"] = True
        own = [one for one in self._metadata_at("SHEET") if one["location"]["sheetId"] == sheet.id]
        if own:
            plain["developerMetadata"] = deepcopy(own)
        tidied("Sheet", plain)
        wanted: Json = masked(mask, plain)
        of_data = below(mask, "data")
        if of_data is not None and (has_data or mask):
            ranges = [{}] if chosen is None else [plain_ for one, plain_ in chosen if one is sheet]
            wanted["data"] = [self._data(sheet, sheet.clipped(one), of_data) for one in ranges]
        return wanted

    def _data(self, sheet: Sheet, area: Area, mask: Mask) -> Json:
        """The GridData of an area, as far as a mask of GridData wants it."""
        plain: Json = {"startRow": area.top, "startColumn": area.left}
        if selects(mask, "rowMetadata"):
            hidden = hidden_rows(sheet, self.values, self.book.locale)
            plain["rowMetadata"] = [
                self._dimension(sheet, "ROWS", i, hidden_by_filter=i in hidden) for i in range(area.top, area.bottom)
            ]
        if selects(mask, "columnMetadata"):
            plain["columnMetadata"] = [self._dimension(sheet, "COLUMNS", i) for i in range(area.left, area.right)]
        plain = {name: one for name, one in plain.items() if one or name not in ("startRow", "startColumn")}
        wanted: Json = masked(mask, plain)
        of_cells = below(mask, "rowData", "values")
        rows = self._rows(sheet, area, of_cells) if of_cells is not None else []
        return wanted | ({"rowData": rows} if rows else {})

    def _dimension(self, sheet: Sheet, dimension: str, index: int, *, hidden_by_filter: bool = False) -> Json:
        if dimension == "ROWS":
            row = sheet.rows[index]
            plain = {"pixelSize": ROW_PIXELS, **(row.properties if row is not None else {})}
        else:
            plain = {"pixelSize": COLUMN_PIXELS, **sheet.columns[index]}
        if hidden_by_filter:
            plain["hiddenByFilter"] = True
        wanted = "ROW" if dimension == "ROWS" else "COLUMN"
        own = [
            one
            for one in self._metadata_at(wanted)
            if one["location"]["dimensionRange"].get("sheetId", 0) == sheet.id
            and one["location"]["dimensionRange"].get("startIndex", 0) == index
        ]
        if own:
            plain["developerMetadata"] = own
        return tidied("DimensionProperties", deepcopy(plain))

    def _rows(self, sheet: Sheet, area: Area, mask: Mask) -> list[Json]:
        spilled: dict[int, list[int]] = {}
        for i, j in self.values.spilled_in(sheet, area):
            spilled.setdefault(i, []).append(j)
        rows: list[Json] = []
        for i in range(area.top, max(sheet.extent(area).bottom, *(row + 1 for row in spilled), 0)):
            row = sheet.rows[i]
            filled = [j for j in row.cells if area.left <= j < area.right] if row is not None else []
            last = max([*filled, *spilled.get(i, ())], default=area.left - 1)
            cells = [self.cell(sheet, i, j, mask) for j in range(area.left, last + 1)]
            rows.append({"values": cells} if cells else {})
        return rows

    def cell(self, sheet: Sheet, row: int, column: int, mask: Mask) -> Json:
        """The CellData of a place, as far as a mask of CellData wants it."""
        cell = sheet.cell(row, column)
        plain: Json = {}
        value = cell.value
        if not isinstance(value, bool | float | str):
            value = self.values.at(sheet, row, column)
        if cell.is_bare and value is None:
            return plain
        self._add_values(plain, cell, value, mask)
        if cell.format and (not mask or "userEnteredFormat" in mask):
            plain["userEnteredFormat"] = cell.format
        if not mask or "effectiveFormat" in mask:
            plain["effectiveFormat"] = self._effective(cell, mask.get("effectiveFormat") or {})
        if cell.extra:
            plain |= cell.extra
        if not mask:
            return plain
        return {name: masked(mask[name], one) if mask[name] else one for name, one in plain.items() if name in mask}

    def _effective(self, cell: Cell, mask: Mask) -> Json:
        """The effective format; only its number format where nothing else is wanted, which most callers want."""
        if mask.keys() != {"numberFormat"}:
            return self.effective_format(cell)
        number_format = self.number_format(cell)
        return {"numberFormat": dict(number_format)} if number_format else {}

    def _add_values(self, plain: Json, cell: Cell, value: Value, mask: Mask) -> None:
        if cell.value is not None and (not mask or "userEnteredValue" in mask):
            plain["userEnteredValue"] = extended(cell.value)
        if value is None and cell.value is None:
            return
        if (not mask or "effectiveValue" in mask) and value is not None:
            plain["effectiveValue"] = extended(value)
        if not mask or "formattedValue" in mask:
            plain["formattedValue"] = shown(value, self.number_format(cell), self.book.locale)
        if mask and "hyperlink" not in mask:
            return
        link = _LINK.match(cell.value.text) if isinstance(cell.value, Formula) else None
        url = link[1].replace('""', '"') if link else cell.format.get("textFormat", {}).get("link", {}).get("uri")
        if url:
            plain["hyperlink"] = url

    def number_format(self, cell: Cell) -> Mapping[str, Any] | None:
        """The number format that a cell is shown by, its pattern spelled out; None for a general one."""
        own: Mapping[str, Any] | None = cell.format.get("numberFormat")
        if own is None and isinstance(cell.value, Formula) and (kind := format_of(cell.value.text, self.book.locale)):
            own = {"type": kind}
        own = own or self.book.properties.get("defaultFormat", {}).get("numberFormat")
        if own is None or own.get("pattern"):
            return own
        return {"type": own.get("type", ""), "pattern": default_pattern(own.get("type", ""), self.book.locale)}

    def effective_format(self, cell: Cell) -> Json:
        """The CellFormat that a cell is shown by."""
        key = id(cell.format)
        number_format = self.number_format(cell)
        if key in self._formats and number_format is None:
            return self._formats[key]
        base = deepcopy(self.book.properties["defaultFormat"])
        _merge(base, cell.format)
        base.setdefault("hyperlinkDisplayType", "PLAIN_TEXT")
        if number_format is not None:
            base["numberFormat"] = dict(number_format)
        else:
            self._formats[key] = base
        return dict(base)


def _merge(base: Json, over: Mapping[str, Any]) -> None:
    for name, one in over.items():
        if isinstance(one, Mapping) and isinstance(base.get(name), dict) and name in ("textFormat", "padding"):
            _merge(base[name], one)
        else:
            base[name] = deepcopy(one)


def extended(value: Entered) -> Json:
    """The ExtendedValue of what stands in a cell."""
    if isinstance(value, Formula):
        return {"formulaValue": value.text}
    if isinstance(value, ErrorValue):
        return {"errorValue": {"type": value.kind} | ({"message": value.message} if value.message else {})}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    return {"numberValue": plain_number(value)} if value is not None else {}
