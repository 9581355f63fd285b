"""XlsxWriter with an owner's taste: one palette, title rows, typed cells, and cells written as they were typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import xlsxwriter
from story import Row
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

EPOCH = datetime(2026, 3, 2, 7, 30)  # noqa: DTZ001 -- Excel's own times have no zone
AMOUNTS = {"Amount", "Weighted", "Betrag"}
SHARES = {"Probability", "Wahrscheinlichkeit"}


@dataclass(frozen=True, slots=True)
class Taste:
    """The colours and cell formats of one owner."""

    dark: str
    light: str
    accent: str
    font: str
    day: str
    money: str


class Book:
    """A workbook under way with the owner's formats; `close` writes it."""

    def __init__(self, path: Path, taste: Taste, title: str, company: str) -> None:
        self.taste = taste
        self.file: Workbook = xlsxwriter.Workbook(
            str(path), {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        made_with = f"made with XlsxWriter {xlsxwriter.__version__}"
        self.file.set_properties(
            {"title": title, "company": company, "author": company, "created": EPOCH, "comments": made_with}
        )
        font = {"font_name": taste.font, "font_size": 10, "valign": "top"}
        self.file.formats[0].set_font_name(taste.font)
        self.file.formats[0].set_font_size(10)
        add = self.file.add_format
        self.plain = add(font)
        self.day = add({**font, "num_format": taste.day, "align": "left"})
        self.money = add({**font, "num_format": taste.money})
        self.share = add({**font, "num_format": "0%"})
        self.figure = add({**font, "num_format": "#,##0"})
        self.header = add({**font, "bold": True, "font_color": "white", "bg_color": taste.dark, "border": 1,
                           "border_color": taste.light, "text_wrap": True, "valign": "vcenter"})  # fmt: skip
        self.total = add({**font, "bold": True, "num_format": "#,##0", "top": 1, "bg_color": taste.light})
        self.title = add({**font, "bold": True, "font_size": 16, "font_color": taste.dark})
        self.hint = add({**font, "italic": True, "font_color": "#7F7F7F"})
        self.yellow = add({**font, "bg_color": "#FFF2A8"})
        self.red = add({"bg_color": "#F8C9C4", "font_color": "#8C1D18"})
        self.grey = add({"font_color": "#A6A6A6"})
        self.green = add({"font_color": "#2E6B34", "bold": True})

    def format_for(self, header: str, value: object) -> Format:
        """How a cell looks, by what it holds and where it stands."""
        if isinstance(value, date):
            return self.day
        if isinstance(value, int | float) and header in AMOUNTS:
            return self.money
        return self.share if isinstance(value, int | float) and header in SHARES else self.plain

    def write(self, tab: Worksheet, row: int, column: int, header: str, value: object) -> None:
        """One cell as typed: text stays text, also where it looks like a formula."""
        if isinstance(value, str):
            tab.write_string(row, column, value, self.format_for(header, value))
        elif isinstance(value, date):
            tab.write_datetime(row, column, value, self.day)
        elif value is not None:
            tab.write(row, column, value, self.format_for(header, value))

    def fill(self, tab: Worksheet, top: int, headers: Sequence[str], rows: Sequence[Row]) -> None:
        """The header in row `top` and all rows below; an empty row stays empty."""
        for column, header in enumerate(headers):
            tab.write_string(top, column, header, self.header)
        for number, row in enumerate(rows, start=top + 1):
            for column, header in enumerate(headers):
                self.write(tab, number, column, header, row.get(header))

    def widths(
        self, tab: Worksheet, headers: Sequence[str], widths: Mapping[str, float], hidden: Sequence[str] = ()
    ) -> None:
        """The width of each column (11 unless said), some of them hidden."""
        for column, header in enumerate(headers):
            tab.set_column(column, column, widths.get(header, 11), None, {"hidden": header in hidden})

    def drop_down(self, tab: Worksheet, column: int, span: tuple[int, int], choice: tuple[object, str]) -> None:
        """A drop-down on a span of rows: its source, and the warning that people click away."""
        check = {"validate": "list", "source": choice[0], "error_type": "warning", "error_message": choice[1]}
        tab.data_validation(span[0], column, span[1], column, check)

    def close(self) -> None:
        """Writes the file."""
        self.file.close()
