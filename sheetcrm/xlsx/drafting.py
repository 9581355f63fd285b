"""A tab drawn by XlsxWriter in a workbook of its own: its parts, ready to be carried into another workbook."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sheetcrm.errors import EditRefused
from sheetcrm.tab import CellFormat, Rectangle, TabChart, TabContent
from sheetcrm.table import Raw, cell_name
from sheetcrm.xlsx.values import date_kind, serial, written

SHEET = "xl/worksheets/sheet1.xml"
_KINDS = re.compile(rb'<Override PartName="/([^"]+)" ContentType="([^"]+)"/>')
_WIDTH = 9.140625
_CARRIED = ("xl/worksheets/", "xl/drawings/", "xl/charts/", "xl/tables/")


@dataclass(frozen=True, slots=True)
class Draft:
    """The parts of one tab by name, relations included, and the content type of each that is no relations part."""

    parts: dict[str, bytes]
    types: dict[str, str]


def drafted(
    name: str, content: TabContent, mark: str, style: Callable[[CellFormat, str], int], *, is_1904: bool
) -> Draft:
    """The tab's parts; `style` gives the number of a cell format in the workbook that the parts go to.

    `mark` becomes the sheet's code name. EditRefused where XlsxWriter finds fault with the content.
    """
    from xlsxwriter.exceptions import XlsxWriterException  # a tenth of a second, which reading need not wait for

    file = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            _draw(file, name, content, mark, is_1904=is_1904)
    except (XlsxWriterException, UserWarning) as error:
        raise EditRefused(f"The tab {name} cannot be made: {error}.", "Change its content.") from error
    with zipfile.ZipFile(file) as archive:
        parts = {one: archive.read(one) for one in archive.namelist() if one.startswith(_CARRIED)}
        types = {part.decode(): kind.decode() for part, kind in _KINDS.findall(archive.read("[Content_Types].xml"))}
    # Texts go inline and numbers with all their digits: XlsxWriter shares the ones and rounds the others.
    begin, end = (parts[SHEET].index(tag) for tag in (b"<sheetData", b"<pageMargins"))
    closing = parts[SHEET].find(b"</sheetData>", begin, end)
    after = closing + len(b"</sheetData>") if closing >= 0 else begin + len(b"<sheetData/>")
    data = _sheet_data(name, content, style, is_1904=is_1904)
    before = _with_column_formats(parts[SHEET][:begin], content, style)
    parts[SHEET] = before + data + parts[SHEET][after:]
    return Draft(parts, {part: kind for part, kind in types.items() if part in parts})


def _with_column_formats(xml: bytes, content: TabContent, style: Callable[[CellFormat, str], int]) -> bytes:
    for column, look in content.column_formats.items():
        tag = b'<col min="%d" max="%d"' % (column + 1, column + 1)
        xml = xml.replace(tag, tag + b' style="%d"' % style(look, ""), 1)
    return xml


def _draw(file: io.BytesIO, name: str, content: TabContent, mark: str, *, is_1904: bool) -> None:
    from xlsxwriter import Workbook

    with Workbook(file, {"in_memory": True}) as book:
        tab = book.add_worksheet(name)
        tab.set_vba_name(mark)
        for column in sorted({*content.widths, *content.column_formats}):
            tab.set_column(column, column, content.widths.get(column, _WIDTH))
        for one in content.dropdowns:
            options: dict[str, Any] = {"validate": "list", "source": list(one.choices), "input_message": one.message}
            options["error_type"] = "stop" if one.is_strict else "warning"
            is_taken(tab.data_validation(*one.range, options), name, one.range.top, one.range.left)
        if content.frozen_rows:
            tab.freeze_panes(content.frozen_rows, 0)
        plain = book.add_format()
        for row, column, cell in content.cells():
            if cell.link:
                is_taken(tab.write_url(row, column, cell.link, plain, str(cell.value)), name, row, column)
            else:
                _write(tab, row, column, cell.value, is_1904=is_1904)
        for table in content.tables:
            area = table.range
            headers = [str(content.value(area.top, column)) for column in range(area.left, area.right + 1)]
            columns = [{"header": header} for header in headers]
            settings = {"name": table.name, "style": table.style, "columns": columns}
            is_taken(tab.add_table(*area, settings), name, area.top, area.left)
        for chart in content.charts:
            size = {"x_scale": chart.width / 480, "y_scale": chart.height / 288}
            tab.insert_chart(chart.row, chart.column, chart_in(book, name, chart), size)


def _write(tab: Any, row: int, column: int, value: Raw, *, is_1904: bool) -> None:
    """The value, for the copies of it that charts keep."""
    if isinstance(value, bool):
        tab.write_boolean(row, column, value)
    elif isinstance(value, int | float) or date_kind(value):
        tab.write_number(row, column, serial(value, is_1904=is_1904))
    elif value not in (None, ""):
        tab.write_string(row, column, str(value))


def is_taken(code: int | None, tab: str, row: int, column: int) -> None:
    """Nothing; raises EditRefused where XlsxWriter did not take what belongs into a cell."""
    if code:
        raise EditRefused(f"{tab}!{cell_name(row, column)} cannot be made by XlsxWriter ({code}).", "Change it.")


def chart_in(book: Any, tab: str, chart: TabChart) -> Any:
    """The chart as XlsxWriter draws it in a workbook of its own."""
    options = {"type": chart.kind} | ({"subtype": "stacked"} if chart.is_stacked else {})
    new = book.add_chart(options)
    for one in chart.series:
        look = {"fill": {"color": f"#{one.color}"}, "line": {"color": f"#{one.color}"}} if one.color else {}
        new.add_series(
            {"name": one.name, "categories": _range(tab, one.categories), "values": _range(tab, one.values), **look}
        )
    new.set_title({"name": chart.title} if chart.title else {"none": True})
    if len(chart.series) == 1 and chart.kind not in ("pie", "doughnut"):
        new.set_legend({"none": True})
    return new


def _range(tab: str, area: Rectangle) -> list[str | int]:
    return [tab, *area]


def _sheet_data(tab: str, content: TabContent, style: Callable[[CellFormat, str], int], *, is_1904: bool) -> bytes:
    lines: dict[int, list[str]] = {}
    for row, column, cell in content.cells():
        name = cell_name(row, column)
        held = written(cell.value, "", is_1904=is_1904, where=f"{tab}!{name}")
        number = style(cell.format, date_kind(cell.value))
        tag = f'<c r="{name}"' + (f' s="{number}"' if number else "") + (f' t="{held.kind}"' if held.kind else "")
        lines.setdefault(row, []).append(f"{tag}>{held.body}</c>" if held.body else f"{tag}/>")
    heights = {row: f' ht="{points:g}" customHeight="1"' for row, points in content.heights.items()}
    lines = {row: lines.get(row, []) for row in sorted({*lines, *heights})}
    rows = "".join(f'<row r="{row + 1}"{heights.get(row, "")}>{"".join(cells)}</row>' for row, cells in lines.items())
    return f"<sheetData>{rows}</sheetData>".encode()
