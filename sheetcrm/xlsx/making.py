"""A new workbook made of whole tabs, by XlsxWriter: for reports that stand alone."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sheetcrm.errors import EditRefused
from sheetcrm.tab import CellFormat, TabContent
from sheetcrm.table import CellError
from sheetcrm.xlsx.drafting import chart_in, is_taken
from sheetcrm.xlsx.values import date_kind

_NUMBERS = {"date": "yyyy-mm-dd", "datetime": "yyyy-mm-dd hh:mm", "time": "hh:mm"}


def make_book(path: Path, tabs: Mapping[str, TabContent]) -> None:
    """Writes a workbook of these tabs, in order. Raises EditRefused for content that no tab can hold."""
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxWriterException

    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            with Workbook(str(path), options) as book:
                formats = _Formats(book)
                for name, content in tabs.items():
                    _draw(book, book.add_worksheet(name), name, content, formats)
    except (XlsxWriterException, UserWarning) as error:
        raise EditRefused(f"The workbook {path.name} cannot be made: {error}.", "Choose another file name.") from error


class _Formats:
    """XlsxWriter's formats, one for all cells that look alike."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._known: dict[tuple[CellFormat, str], Any] = {}

    def of(self, look: CellFormat, kind: str) -> Any:
        if (look, kind) not in self._known:
            number = look.number or _NUMBERS.get(kind, "")
            wanted = {
                "num_format": number or None,
                "bold": look.is_bold,
                "italic": look.is_italic,
                "underline": int(look.is_underlined),
                "text_wrap": look.is_wrapped,
                "font_color": f"#{look.color}" if look.color else None,
                "bg_color": f"#{look.fill}" if look.fill else None,
                "align": look.align or None,
                "font_size": look.points or None,
            }
            self._known[look, kind] = self._book.add_format({name: one for name, one in wanted.items() if one})
        return self._known[look, kind]


def _draw(book: Any, tab: Any, name: str, content: TabContent, formats: _Formats) -> None:
    tab.hide_gridlines(2)
    tab.set_landscape()
    tab.set_paper(9)  # A4
    tab.fit_to_pages(1, 0)
    for column, width in content.widths.items():
        tab.set_column(column, column, width)
    if content.frozen_rows:
        tab.freeze_panes(content.frozen_rows, 0)
    for row, column, cell in content.cells():
        look = formats.of(cell.format, date_kind(cell.value))
        value = str(cell.value) if isinstance(cell.value, CellError) else cell.value
        if cell.link:
            is_taken(tab.write_url(row, column, cell.link, look, str(value)), name, row, column)
        else:
            is_taken(tab.write(row, column, value, look), name, row, column)
    for table in content.tables:
        area = table.range
        headers = [{"header": str(content.value(area.top, column))} for column in range(area.left, area.right + 1)]
        tab.add_table(*area, {"name": table.name, "style": table.style, "columns": headers})
    for chart in content.charts:
        size = {"x_scale": chart.width / 480, "y_scale": chart.height / 288}
        tab.insert_chart(chart.row, chart.column, chart_in(book, name, chart), size)
