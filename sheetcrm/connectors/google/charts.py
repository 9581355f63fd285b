"""Charts of whole tabs as Google's native ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetcrm.connectors.google.looks import rgb
from sheetcrm.connectors.google.state import Json
from sheetcrm.tab import ChartSeries, Rectangle, TabChart, TabContent

_KINDS: Mapping[str, str] = {"column": "COLUMN", "bar": "BAR", "line": "LINE", "area": "AREA"}
_HOLES: Mapping[str, float] = {"pie": 0, "doughnut": 0.5}


def chart_request(chart: TabChart, content: TabContent, tab: int, number: int) -> Json:
    """The addChart request that draws a chart on a tab, under a number of its own."""
    body = _pie(chart, tab) if chart.kind in _HOLES else _basic(chart, content, tab)
    anchor = {"sheetId": tab, "rowIndex": chart.row, "columnIndex": chart.column}
    place = {"anchorCell": anchor, "widthPixels": chart.width, "heightPixels": chart.height}
    spec = {"title": chart.title, **body}
    return {"addChart": {"chart": {"chartId": number, "spec": spec, "position": {"overlayPosition": place}}}}


def _pie(chart: TabChart, tab: int) -> Json:
    series = chart.series[0]
    hole = _HOLES[chart.kind]
    pie: Json = {"legendPosition": "LABELED_LEGEND", "domain": _data(series.categories, tab)}
    pie |= {"series": _data(series.values, tab)} | ({"pieHole": hole} if hole else {})
    return {"pieChart": pie}


def _basic(chart: TabChart, content: TabContent, tab: int) -> Json:
    has_headers = _has_headers(chart.series, content)
    step = _to_header if has_headers else _as_it_is
    axis = "BOTTOM_AXIS" if chart.kind == "bar" else "LEFT_AXIS"
    series = [
        {"series": _data(step(one.values), tab), "targetAxis": axis}
        | ({"colorStyle": rgb(one.color)} if one.color else {})
        for one in chart.series
    ]
    basic: Json = {
        "chartType": _KINDS[chart.kind],
        # Google takes the names of series from their headers: where there are none, a legend would be empty.
        "legendPosition": "BOTTOM_LEGEND" if has_headers and len(series) > 1 else "NO_LEGEND",
        "domains": [{"domain": _data(step(chart.series[0].categories), tab)}],
        "series": series,
        "headerCount": int(has_headers),
    }
    is_stacked = chart.is_stacked and chart.kind != "line"
    return {"basicChart": basic | ({"stackedType": "STACKED"} if is_stacked else {})}


def _has_headers(series: Sequence[ChartSeries], content: TabContent) -> bool:
    """Whether the name of each series stands right before its values, and a cell before the categories is free too."""
    is_room = all(min(_header(one)) >= 0 for part in series for one in (part.categories, part.values))
    return is_room and all(content.value(*_header(one.values)) == one.name for one in series)


def _is_across(area: Rectangle) -> bool:
    return area.top == area.bottom and area.right > area.left


def _header(area: Rectangle) -> tuple[int, int]:
    return (area.top, area.left - 1) if _is_across(area) else (area.top - 1, area.left)


def _to_header(area: Rectangle) -> Rectangle:
    top, left = _header(area)
    return Rectangle(top, left, area.bottom, area.right)


def _as_it_is(area: Rectangle) -> Rectangle:
    return area


def _data(area: Rectangle, tab: int) -> Json:
    return {"sourceRange": {"sources": [grid_range(area, tab)]}}


def grid_range(area: Rectangle, tab: int) -> Json:
    """The GridRange of a rectangle."""
    rows = {"startRowIndex": area.top, "endRowIndex": area.bottom + 1}
    return {"sheetId": tab, **rows, "startColumnIndex": area.left, "endColumnIndex": area.right + 1}
