"""Whole tabs as requests: a new one after all others, or one that was put here earlier filled anew in its place.

A tab that is filled anew keeps its number, so that formulas and links to it stay whole; charts that a person laid on it
stay as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from sheetcrm.connectors.google.charts import chart_request, grid_range
from sheetcrm.connectors.google.looks import cell_format, uri_of
from sheetcrm.connectors.google.reading import TAB_KEY
from sheetcrm.connectors.google.state import SCRATCH, Formula, Json, State, Tab
from sheetcrm.connectors.google.targets import unfit
from sheetcrm.connectors.google.writing import extended
from sheetcrm.errors import EditRefused
from sheetcrm.tab import DropDown, Styled, TabContent
from sheetcrm.table import cell_name
from sheetcrm.xlsx.content import check_content

MOST_CHARTS = 100
SPARE_ROWS, SPARE_COLUMNS = 50, 4
"""Room that people have below and beside what a tab holds."""
CHART_ROWS, CHART_COLUMNS = 20, 8
"""Cells that a chart lies over, about."""


@dataclass(frozen=True)
class Put:
    """A whole tab that is to be written."""

    id: int
    title: str
    content: TabContent | None
    """None where it is to go."""
    before: Tab | None = None
    """The one in whose place it comes."""

    @property
    def cell_count(self) -> int:
        """How many cells it holds."""
        return 0 if self.content is None else sum(1 for _ in self.content.cells())


def put_for(state: State, title: str, content: TabContent | None, number: int) -> Put | None:
    """The Put of a tab, under a number that a new one gets; None where nothing is to go. Raises EditRefused."""
    before = next((one for one in state.tabs if one.title.lower() == title.lower()), None)
    if before is not None:
        _check_own(before)
    if content is None:
        if before is None:
            return None
        _check_unused(state, before)
    else:
        _check_fits(state, title, content, before)
    return Put(before.id if before else number, before.title if before else title, content, before)


def _check_fits(state: State, title: str, content: TabContent, before: Tab | None) -> None:
    check_content(content, title, is_1904=False)
    if before is None and (title.lower() in state.other_titles or title.startswith(SCRATCH)):
        raise EditRefused(f"The sheet has something else called {title}.", "Give another name.")
    for row, column, cell in content.cells():
        if why := unfit(cell.value):
            raise EditRefused(f"{title}!{cell_name(row, column)} cannot be written: {why}.", "Correct it.")
    taken = {table.name.lower() for tab in state.tabs if tab is not before for _, table in tab.tables}
    for table in content.tables:
        if table.name.lower() in taken:
            raise EditRefused(f"The sheet has a table called {table.name} already.", "Name the table otherwise.")


def _check_unused(state: State, tab: Tab) -> None:
    """Nothing; EditRefused where a formula of another tab reads this one."""
    quoted = "'" + tab.title.replace("'", "''").lower() + "'!"
    for one in state.tabs:
        for i, row in enumerate(one.typed):
            for j, typed in enumerate(row):
                text = typed.text.lower() if isinstance(typed, Formula) else ""
                if quoted in text or f"{tab.title.lower()}!" in text:
                    what = f"{one.title}!{cell_name(i, j)} refers to the tab {tab.title}."
                    raise EditRefused(what, "Remove the reference first.")


def _check_own(tab: Tab) -> None:
    if not tab.is_ours:
        raise EditRefused(f"The tab {tab.title} was not made by sheetcrm.", "Give another name, or rename that tab.")
    if any(isinstance(one, Formula) for row in tab.typed for one in row):
        raise EditRefused(f"Somebody wrote formulas into the tab {tab.title}.", "Move them to another tab first.")
    if tab.protected:
        raise EditRefused(f"The tab {tab.title} is protected.", "Let the account edit it, or rename that tab.")


def put_requests(put: Put, numbers: Mapping[str, int], index: int) -> Iterator[Json]:
    """The requests that make a tab, or fill it anew; `numbers` tells other tabs' numbers by their titles."""
    content = put.content
    if content is None:
        yield {"deleteSheet": {"sheetId": put.id}}
        return
    yield from _made_new(put, content, index) if put.before is None else _cleared(put, content, put.before)
    yield from _cells(put.id, content, numbers)
    for column, look in content.column_formats.items():
        area = {"sheetId": put.id, "startRowIndex": len(content.rows)}
        area |= {"startColumnIndex": column, "endColumnIndex": column + 1}
        if entered := cell_format(look):
            yield {"repeatCell": {"range": area, "cell": {"userEnteredFormat": entered}, "fields": "userEnteredFormat"}}
    for table in content.tables:
        yield {"addTable": {"table": {"name": table.name, "range": grid_range(table.range, put.id)}}}
    yield from _sizes(put.id, content)
    for one in content.dropdowns:
        yield _choices(one, put.id)
    for n, chart in enumerate(content.charts[:MOST_CHARTS]):
        yield chart_request(chart, content, put.id, _chart_number(put.id, n))


def _made_new(put: Put, content: TabContent, index: int) -> Iterator[Json]:
    rows, columns = _size(content)
    grid = {"rowCount": rows, "columnCount": columns, "frozenRowCount": content.frozen_rows}
    properties = {"sheetId": put.id, "title": put.title, "index": index, "gridProperties": grid}
    yield {"addSheet": {"properties": properties}}
    made = {"metadataKey": TAB_KEY, "metadataValue": put.title, "visibility": "DOCUMENT"}
    yield {"createDeveloperMetadata": {"developerMetadata": {**made, "location": {"sheetId": put.id}}}}


def _cleared(put: Put, content: TabContent, before: Tab) -> Iterator[Json]:
    """Requests that leave nothing in a tab but what lies over its cells and is not ours, and size it."""
    if before.has_filter:
        yield {"clearBasicFilter": {"sheetId": put.id}}
    for id_, _ in before.tables:
        yield {"deleteTable": {"tableId": id_}}
    for band in before.bands:
        yield {"deleteBanding": {"bandedRangeId": band}}
    ours = {_chart_number(put.id, n) for n in range(MOST_CHARTS)}
    for chart in before.charts:
        if chart in ours:
            yield {"deleteEmbeddedObject": {"objectId": chart}}
    if before.merges:
        yield {"unmergeCells": {"range": {"sheetId": put.id}}}
    yield {"updateCells": {"range": {"sheetId": put.id}, "fields": "*"}}
    rows, columns = _size(content)
    grid = {"rowCount": max(rows, before.row_count), "columnCount": max(columns, before.column_count)}
    grid["frozenRowCount"] = content.frozen_rows
    fields = "gridProperties(rowCount,columnCount,frozenRowCount)"
    properties = {"sheetId": put.id, "gridProperties": grid}
    yield {"updateSheetProperties": {"properties": properties, "fields": fields}}


def _size(content: TabContent) -> tuple[int, int]:
    areas = [*(one.range for one in content.tables), *(one.range for one in content.dropdowns)]
    rows = [len(content.rows), content.frozen_rows + 1, *(one.bottom + 1 for one in areas)]
    rows += [i + 1 for i in content.heights]
    columns = [*map(len, content.rows), *(one.right + 1 for one in areas), *(j + 1 for j in content.widths)]
    columns += [j + 1 for j in content.column_formats]
    rows += [one.row + CHART_ROWS for one in content.charts]
    columns += [one.column + CHART_COLUMNS for one in content.charts]
    return max(rows) + SPARE_ROWS, max(columns, default=0) + SPARE_COLUMNS


def _cells(tab: int, content: TabContent, numbers: Mapping[str, int]) -> Iterator[Json]:
    rows: list[Json] = []
    for i, cells in groupby(content.cells(), key=lambda one: one[0]):
        line: list[Json] = []
        for _, j, cell in cells:
            line += [{}] * (j - len(line))
            line.append(_cell(cell, numbers))
        rows += [{}] * (i - len(rows))
        rows.append({"values": line})
    if rows:
        start = {"sheetId": tab, "rowIndex": 0, "columnIndex": 0}
        yield {"updateCells": {"start": start, "rows": rows, "fields": "userEnteredValue,userEnteredFormat"}}


def _cell(cell: Styled, numbers: Mapping[str, int]) -> Json:
    entered = extended(cell.value)
    look = cell_format(cell.format, cell.value, uri_of(cell, numbers) if cell.link else "")
    return ({"userEnteredValue": entered} if entered else {}) | ({"userEnteredFormat": look} if look else {})


def _sizes(tab: int, content: TabContent) -> Iterator[Json]:
    """Widths, which count letters, and heights, which count points, in pixels."""
    widths = (("COLUMNS", column, letters * 7 + 5) for column, letters in content.widths.items())
    heights = (("ROWS", row, points / 0.75) for row, points in content.heights.items())
    for dimension, i, pixels in (*widths, *heights):
        where = {"sheetId": tab, "dimension": dimension, "startIndex": i, "endIndex": i + 1}
        size = {"pixelSize": round(pixels)}
        yield {"updateDimensionProperties": {"range": where, "properties": size, "fields": "pixelSize"}}


def _choices(one: DropDown, tab: int) -> Json:
    # A choice is parsed as if it was typed: one that would be a formula is told to be text.
    values = [{"userEnteredValue": f"'{text}" if text[0] in "=+" else text} for text in one.choices]
    rule: Json = {"condition": {"type": "ONE_OF_LIST", "values": values}, "strict": one.is_strict, "showCustomUi": True}
    if one.message:
        rule["inputMessage"] = one.message
    return {"setDataValidation": {"range": grid_range(one.range, tab), "rule": rule}}


def _chart_number(tab: int, n: int) -> int:
    """The number of a tab's nth chart: always the same, so that ours are told from a person's."""
    return (tab * 1_000_003 + n * 7919) % (2**31 - 1) + 1
