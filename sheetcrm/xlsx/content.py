"""What a whole tab is to hold: cells with simple formats, widths, a frozen header, tables, links and charts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sheetcrm.errors import EditRefused
from sheetcrm.table import Raw, cell_name, column_letters
from sheetcrm.xlsx.places import Rectangle, is_on_sheet
from sheetcrm.xlsx.values import written

CHARTS = ("column", "bar", "line", "area", "pie", "doughnut")
_SCHEMES = ("https://", "http://", "mailto:", "internal:")
_COLOR = re.compile(r"(?:[0-9A-Fa-f]{6})?")
_TABLE_NAME = re.compile(r"(?![A-Za-z]{1,3}[0-9]+$)(?![RrCc]$)[A-Za-z_][A-Za-z0-9_.]{0,254}")
_LINK_LIMIT = 2_079
_LIST_LIMIT = 255
_TALLEST = 409


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How a cell looks; colours are six hexadecimal digits, everything empty is as the workbook's own default."""

    number: str = ""
    """An Excel number format, such as `#,##0.00` or `dd.mm.yyyy`."""
    is_bold: bool = False
    is_italic: bool = False
    is_underlined: bool = False
    is_wrapped: bool = False
    color: str = ""
    fill: str = ""
    align: str = ""
    """`left`, `center` or `right`."""
    points: float = 0


LINK = CellFormat(is_underlined=True, color="0563C1")
"""The format of a link that has none."""


@dataclass(frozen=True, slots=True)
class Styled:
    """A value with its format and, for text, a link: https, mailto, or `internal:'Tab'!A1`."""

    value: Raw
    format: CellFormat = CellFormat()
    link: str = ""


@dataclass(frozen=True, slots=True)
class TabTable:
    """An Excel table over a range of the tab whose first row holds its headers."""

    name: str
    range: Rectangle
    style: str = "Table Style Light 9"


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """One series of a chart, over ranges of the same tab."""

    name: str
    categories: Rectangle
    values: Rectangle
    color: str = ""


@dataclass(frozen=True, slots=True)
class TabChart:
    """A native chart whose upper left corner lies on a cell; sizes are in pixels."""

    kind: str
    title: str
    series: tuple[ChartSeries, ...]
    row: int
    column: int
    width: int = 480
    height: int = 288
    is_stacked: bool = False


@dataclass(frozen=True, slots=True)
class DropDown:
    """Cells in which a person chooses from a list; `message` is shown while one of them is selected."""

    range: Rectangle
    choices: tuple[str, ...]
    message: str = ""
    is_strict: bool = True
    """Whether Excel refuses other values; else it only asks."""


@dataclass(frozen=True)
class TabContent:
    """A whole tab: `rows[i][j]` stands in row i, column j; text that begins with `=` stays text."""

    rows: tuple[tuple[Raw | Styled, ...], ...]
    widths: Mapping[int, float] = field(default_factory=dict)
    """Columns' widths in characters."""
    frozen_rows: int = 0
    tables: tuple[TabTable, ...] = ()
    charts: tuple[TabChart, ...] = ()
    dropdowns: tuple[DropDown, ...] = ()
    column_formats: Mapping[int, CellFormat] = field(default_factory=dict)
    """How cells look that nobody has filled yet."""
    heights: Mapping[int, float] = field(default_factory=dict)
    """Rows' heights in points, where Excel is not to choose them."""

    def cells(self) -> Iterator[tuple[int, int, Styled]]:
        """Every cell that holds something or has a format, with its row and column."""
        for i, row in enumerate(self.rows):
            for j, one in enumerate(row):
                cell = one if isinstance(one, Styled) else Styled(one)
                if cell.value not in (None, "") or cell.format != CellFormat():
                    yield (
                        i,
                        j,
                        cell if not cell.link or cell.format != CellFormat() else Styled(cell.value, LINK, cell.link),
                    )

    def check(self, tab: str, *, is_1904: bool) -> None:
        """Nothing; EditRefused, naming place and reason, where Excel could not hold this."""
        for row, column, cell in self.cells():
            name = f"{tab}!{cell_name(row, column)}"
            if not is_on_sheet(row, column):
                raise EditRefused(f"{name} is not on the sheet.", "Rows end at 1,048,576 and columns at XFD.")
            written(cell.value, "", is_1904=is_1904, where=name)
            _check_format(cell.format, name)
            if cell.link:
                _check_link(cell, name)
        for table in self.tables:
            self._check_table(table, tab)
        for chart in self.charts:
            _check_chart(chart, tab)
        for column, look in self.column_formats.items():
            _check_format(look, f"{tab}, column {column_letters(column)},")
        for one in self.dropdowns:
            _check_dropdown(one, tab)
        if not all(0 < points <= _TALLEST for points in self.heights.values()):
            raise EditRefused(f"{tab} has a row too high for Excel.", "Rows are at most 409 points high.")

    def _check_table(self, table: TabTable, tab: str) -> None:
        area = table.range
        header = [self.value(area.top, column) for column in range(area.left, area.right + 1)]
        texts = [one for one in header if isinstance(one, str) and one]
        if len({one.lower() for one in texts}) < len(header) or not _TABLE_NAME.fullmatch(table.name):
            raise EditRefused(f"{tab}: the table {table.name} has no valid name and headers.", "Each needs its own.")
        if area.bottom <= area.top or not is_on_sheet(area.bottom, area.right):
            raise EditRefused(f"{tab}: the table {table.name} has no row below its header.", "Give it one.")

    def value(self, row: int, column: int) -> Raw:
        """The value at a place; None where nothing stands."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return None
        one = self.rows[row][column]
        return one.value if isinstance(one, Styled) else one


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
