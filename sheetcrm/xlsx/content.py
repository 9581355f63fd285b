"""What a whole tab may hold: all that Excel could not is refused before anything is written."""

from __future__ import annotations

import re

from sheetcrm.errors import EditRefused
from sheetcrm.tab import CellFormat, DropDown, Styled, TabChart, TabContent, TabTable
from sheetcrm.table import cell_name, column_letters
from sheetcrm.xlsx.places import is_on_sheet
from sheetcrm.xlsx.values import written

CHARTS = ("column", "bar", "line", "area", "pie", "doughnut")
_SCHEMES = ("https://", "http://", "mailto:", "internal:")
_COLOR = re.compile(r"(?:[0-9A-Fa-f]{6})?")
_TABLE_NAME = re.compile(r"(?![A-Za-z]{1,3}[0-9]+$)(?![RrCc]$)[A-Za-z_][A-Za-z0-9_.]{0,254}")
_LINK_LIMIT = 2_079
_LIST_LIMIT = 255
_TALLEST = 409


def check_content(content: TabContent, tab: str, *, is_1904: bool) -> None:
    """Nothing; EditRefused, naming place and reason, where Excel could not hold this."""
    for row, column, cell in content.cells():
        name = f"{tab}!{cell_name(row, column)}"
        if not is_on_sheet(row, column):
            raise EditRefused(f"{name} is not on the sheet.", "Rows end at 1,048,576 and columns at XFD.")
        written(cell.value, "", is_1904=is_1904, where=name)
        _check_format(cell.format, name)
        if cell.link:
            _check_link(cell, name)
    for table in content.tables:
        _check_table(content, table, tab)
    for chart in content.charts:
        _check_chart(chart, tab)
    for column, look in content.column_formats.items():
        _check_format(look, f"{tab}, column {column_letters(column)},")
    for one in content.dropdowns:
        _check_dropdown(one, tab)
    if not all(0 < points <= _TALLEST for points in content.heights.values()):
        raise EditRefused(f"{tab} has a row too high for Excel.", "Rows are at most 409 points high.")


def _check_table(content: TabContent, table: TabTable, tab: str) -> None:
    area = table.range
    header = [content.value(area.top, column) for column in range(area.left, area.right + 1)]
    texts = [one for one in header if isinstance(one, str) and one]
    if len({one.lower() for one in texts}) < len(header) or not _TABLE_NAME.fullmatch(table.name):
        raise EditRefused(f"{tab}: the table {table.name} has no valid name and headers.", "Each needs its own.")
    if area.bottom <= area.top or not is_on_sheet(area.bottom, area.right):
        raise EditRefused(f"{tab}: the table {table.name} has no row below its header.", "Give it one.")


def _check_format(look: CellFormat, name: str) -> None:
    is_good = bool(_COLOR.fullmatch(look.color) and _COLOR.fullmatch(look.fill))
    is_good = is_good and look.align in ("", "left", "center", "right") and 0 <= look.points <= 409
    if not is_good or len(look.number) > 255 or not look.number.isprintable():
        raise EditRefused(f"{name} has a format that Excel does not know.", "Check its colours, alignment and sizes.")


def _check_link(cell: Styled, name: str) -> None:
    is_good = cell.link.startswith(_SCHEMES) and cell.link.isprintable() and len(cell.link) <= _LINK_LIMIT
    if not is_good or not isinstance(cell.value, str) or not cell.value:
        raise EditRefused(
            f"{name} has a link that cannot be kept: {cell.link[:60]!r}.", "Link text to https or mailto."
        )


def _check_dropdown(one: DropDown, tab: str) -> None:
    listed = ",".join(one.choices)
    is_good = 0 < len(listed) <= _LIST_LIMIT and not any("," in choice or not choice for choice in one.choices)
    if not is_good or not is_on_sheet(one.range.bottom, one.range.right) or len(one.message) > _LIST_LIMIT:
        raise EditRefused(
            f"{tab}: a drop-down list in {one.range} cannot be kept.", "Choices hold no comma and 255 letters in all."
        )


def _check_chart(chart: TabChart, tab: str) -> None:
    if chart.kind not in CHARTS or not chart.series or not is_on_sheet(chart.row, chart.column):
        raise EditRefused(f"{tab}: no chart of kind {chart.kind!r} can be drawn.", f"Kinds: {', '.join(CHARTS)}.")
    for one in chart.series:
        if not _COLOR.fullmatch(one.color):
            raise EditRefused(f"{tab}: {one.color!r} is no colour.", "Write six hexadecimal digits.")
