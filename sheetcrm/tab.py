"""A whole tab as values: cells with simple formats, widths, a frozen header, tables, links, choices and charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from sheetcrm.raw_json import raw_from_json, raw_to_json
from sheetcrm.table import Raw, cell_name


class Rectangle(NamedTuple):
    """A range of cells, corners included."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Whether the place is inside."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def holds_row(self, row: int) -> bool:
        """Whether the range crosses the row."""
        return self.top <= row <= self.bottom

    def __str__(self) -> str:
        first, last = cell_name(self.top, self.left), cell_name(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"


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

    def value(self, row: int, column: int) -> Raw:
        """The value at a place; None where nothing stands."""
        if row >= len(self.rows) or column >= len(self.rows[row]):
            return None
        one = self.rows[row][column]
        return one.value if isinstance(one, Styled) else one


def content_to_json(content: TabContent) -> dict[str, Any]:
    """The tab as JSON values; `content_from_json` gives an equal one. Formats are listed once."""
    formats: list[CellFormat] = []

    def number(look: CellFormat) -> int:
        if look not in formats:
            formats.append(look)
        return formats.index(look)

    def cell(one: Raw | Styled) -> Any:
        styled = one if isinstance(one, Styled) else Styled(one)
        value, kind = raw_to_json(styled.value)
        if not isinstance(one, Styled) and kind in {"text", "blank", "yes/no"}:
            return value
        return [value, kind, number(styled.format), styled.link] if isinstance(one, Styled) else [value, kind]

    rows = [[cell(one) for one in row] for row in content.rows]
    columns = {str(column): number(look) for column, look in content.column_formats.items()}
    return {
        "rows": rows,
        "formats": [_plain(one) for one in formats],
        "column_formats": columns,
        "widths": {str(column): width for column, width in content.widths.items()},
        "heights": {str(row): points for row, points in content.heights.items()},
        "frozen_rows": content.frozen_rows,
        "tables": [_plain(one) for one in content.tables],
        "charts": [_plain(one) for one in content.charts],
        "dropdowns": [_plain(one) for one in content.dropdowns],
    }


def content_from_json(plain: Mapping[str, Any]) -> TabContent:
    """The tab that `content_to_json` wrote."""
    formats = [CellFormat(**one) for one in plain["formats"]]

    def cell(one: Any) -> Raw | Styled:
        if not isinstance(one, list):
            return one  # type: ignore[no-any-return]
        value = raw_from_json(*one[:2])
        return Styled(value, formats[one[2]], one[3]) if len(one) > 2 else value

    def chart(one: Mapping[str, Any]) -> TabChart:
        series = (
            ChartSeries(part["name"], Rectangle(*part["categories"]), Rectangle(*part["values"]), part["color"])
            for part in one["series"]
        )
        return TabChart(**{**one, "series": tuple(series)})

    return TabContent(
        rows=tuple(tuple(cell(one) for one in row) for row in plain["rows"]),
        widths={int(column): width for column, width in plain["widths"].items()},
        frozen_rows=plain["frozen_rows"],
        tables=tuple(TabTable(one["name"], Rectangle(*one["range"]), one["style"]) for one in plain["tables"]),
        charts=tuple(chart(one) for one in plain["charts"]),
        dropdowns=tuple(
            DropDown(Rectangle(*one["range"]), tuple(one["choices"]), one["message"], one["is_strict"])
            for one in plain["dropdowns"]
        ),
        column_formats={int(column): formats[look] for column, look in plain["column_formats"].items()},
        heights={int(row): points for row, points in plain["heights"].items()},
    )


def _plain(one: Any) -> Any:
    """A value of this file as JSON values."""
    if isinstance(one, Rectangle):
        return list(one)
    if isinstance(one, tuple):
        return [_plain(part) for part in one]
    if hasattr(one, "__dataclass_fields__"):
        return {part.name: _plain(getattr(one, part.name)) for part in fields(one)}
    return one
