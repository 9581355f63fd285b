"""Requests on charts, slicers and tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy

from sheetcrm.testing.sheets_server.edits_sheets import new_sheet, place_sheet
from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.fields import write
from sheetcrm.testing.sheets_server.model import Json, Sheet
from sheetcrm.testing.sheets_server.objects import answer, bounded, find, new_number, painted
from sheetcrm.testing.sheets_server.schema import parts
from sheetcrm.testing.sheets_server.showing import shown
from sheetcrm.testing.sheets_server.work import Work

WIDTH, HEIGHT = 600, 371
CHARTS = frozenset(
    {
        *("basicChart", "pieChart", "bubbleChart", "candlestickChart", "orgChart", "histogramChart"),
        *("waterfallChart", "treemapChart", "scorecardChart"),
    }
)


def _placed(work: Work, given: Json) -> tuple[Sheet, Json]:
    """The sheet that an object lies on, a new one where it asks for one, and its position in full."""
    if given.get("newSheet"):
        grid = {"rowCount": 0, "columnCount": 0}
        sheet = new_sheet(work, {"sheetType": "OBJECT", "gridProperties": grid, "title": _chart_title(work)})
        place_sheet(work, sheet, None)
        return sheet, {"sheetId": sheet.id}
    if "sheetId" in given:
        sheet = work.book.sheet(given["sheetId"])
        return sheet, {"sheetId": sheet.id}
    overlay = given.get("overlayPosition", {})
    anchor = overlay.get("anchorCell", {})
    sheet = work.book.sheet(anchor.get("sheetId"))
    row, column = anchor.get("rowIndex", 0), anchor.get("columnIndex", 0)
    for name, at, size in (("row", row, sheet.row_count), ("column", column, sheet.column_count)):
        if at >= size:
            raise bad(f"position.overlayPosition.anchorCell.{name}Index[{at}] is after last {name} in grid[{size - 1}]")
    anchor = {"sheetId": sheet.id, "rowIndex": row, "columnIndex": column}
    return sheet, {"overlayPosition": {"widthPixels": WIDTH, "heightPixels": HEIGHT, **overlay, "anchorCell": anchor}}


def _chart_title(work: Work) -> str:
    number = 1
    while work.book.titled(f"Chart{number}"):
        number += 1
    return f"Chart{number}"


def _check_spec(work: Work, spec: Json) -> None:
    if len(CHARTS & spec.keys()) != 1:
        raise bad("chart.spec: Exactly one kind of chart must be specified.")
    for kind, part in parts("ChartSpec", spec):
        if kind == "GridRange":
            bounded(work, part)
            part.setdefault("sheetId", 0)


def add_chart(work: Work, plain: Json) -> Json:
    """AddChart."""
    given = deepcopy(plain.get("chart", {}))
    spec = given.get("spec", {})
    _check_spec(work, spec)
    number = new_number(work, "charts", "chartId", given)
    sheet, position = _placed(work, given.get("position", {}))
    new = painted(work, "EmbeddedChart", {**given, "chartId": number, "position": position})
    sheet.objects["charts"].append(new)
    return {"addChart": {"chart": answer("EmbeddedChart", new)}}


def update_chart_spec(work: Work, plain: Json) -> Json:
    """UpdateChartSpec."""
    _, one = find(work, "charts", "chartId", plain.get("chartId"), "chart")
    spec = deepcopy(plain.get("spec", {}))
    _check_spec(work, spec)
    one["spec"] = painted(work, "ChartSpec", spec)
    return {}


def _object(work: Work, number: object) -> tuple[Sheet, str, Json]:
    for sheet in work.book.sheets:
        for listed, key in (("charts", "chartId"), ("slicers", "slicerId")):
            for one in sheet.objects[listed]:
                if one[key] == number:
                    return sheet, listed, one
    raise bad(f"There is no embedded object with ID {number}.")


def update_position(work: Work, plain: Json) -> Json:
    """updateEmbeddedObjectPosition: also onto another sheet."""
    sheet, listed, one = _object(work, plain.get("objectId"))
    new = plain.get("newPosition", {})
    if "overlayPosition" in new:
        target = deepcopy(one["position"].get("overlayPosition", {}))
        write(plain.get("fields", ""), "OverlayPosition", target, new["overlayPosition"])
        new = {"overlayPosition": target}
    home, position = _placed(work, new)
    one["position"] = position
    if home is not sheet:
        sheet.objects[listed].remove(one)
        home.objects[listed].append(one)
    return {"updateEmbeddedObjectPosition": {"position": answer("EmbeddedObjectPosition", position)}}


def update_border(work: Work, plain: Json) -> Json:
    """UpdateEmbeddedObjectBorder."""
    _, one = find(work, "charts", "chartId", plain.get("objectId"), "chart")
    return _rewritten(work, one, "border", "EmbeddedObjectBorder", plain)


def delete_object(work: Work, plain: Json) -> Json:
    """deleteEmbeddedObject: a sheet that held nothing but the chart goes with it."""
    sheet, listed, one = _object(work, plain.get("objectId"))
    sheet.objects[listed].remove(one)
    if sheet.properties.get("sheetType") == "OBJECT":
        work.book.sheets.remove(sheet)
    return {}


def add_slicer(work: Work, plain: Json) -> Json:
    """AddSlicer."""
    given = deepcopy(plain.get("slicer", {}))
    bounded(work, given.get("spec", {}).get("dataRange", {}))
    number = new_number(work, "slicers", "slicerId", given)
    sheet, position = _placed(work, given.get("position", {}))
    new = painted(work, "Slicer", {**given, "slicerId": number, "position": position})
    sheet.objects["slicers"].append(new)
    return {"addSlicer": {"slicer": answer("Slicer", new)}}


def update_slicer_spec(work: Work, plain: Json) -> Json:
    """UpdateSlicerSpec."""
    _, one = find(work, "slicers", "slicerId", plain.get("slicerId"), "slicer")
    return _rewritten(work, one, "spec", "SlicerSpec", plain)


def _rewritten(work: Work, one: Json, part: str, message: str, plain: Json) -> Json:
    """The empty answer, once the fields of a part of an object are as the request gives them."""
    target = deepcopy(one.get(part, {}))
    write(plain.get("fields", ""), message, target, plain.get(part, {}))
    one[part] = painted(work, message, target)
    return {}


def add_table(work: Work, plain: Json) -> Json:
    """addTable: the columns are named by the cells of its first row."""
    given = deepcopy(plain.get("table", {}))
    sheet, where = bounded(work, given.get("range", {}))
    area = sheet.clipped(where)
    if any(sheet.clipped(one["range"]).meets(area) for one in sheet.objects["tables"]):
        raise bad("range: The range overlaps with another table.")
    taken = {one["tableId"] for other in work.book.sheets for one in other.objects["tables"]}
    if given.get("tableId") in taken:
        raise bad(f"tableId: There is one with the ID {given['tableId']} already.")
    names = {one["name"].casefold() for other in work.book.sheets for one in other.objects["tables"]}
    name = given.get("name") or next(n for i in range(1, len(names) + 2) if (n := f"Table{i}").casefold() not in names)
    if name.casefold() in names:
        raise bad(f"name: A table with the name {name} already exists.")
    new = {
        **given,
        "tableId": given.get("tableId") or str(work.new_id()),
        "name": name,
        "range": area.as_range(sheet.id),
    }
    new["columnProperties"] = _columns(work, sheet, new)
    sheet.objects["tables"].append(painted(work, "Table", new))
    return {"addTable": {"table": answer("Table", sheet.objects["tables"][-1])}}


def _columns(work: Work, sheet: Sheet, table: Json) -> list[Json]:
    area, values = sheet.clipped(table["range"]), work.reader().values
    given = {one.get("columnIndex", 0): one for one in table.get("columnProperties", ())}
    columns = []
    for j in range(area.width):
        value = values.at(sheet, area.top, area.left + j)
        header = shown(value, None, work.book.locale) or f"Column {j + 1}"
        columns.append({"columnIndex": j, "columnName": header, **given.get(j, {})})
    return columns


def update_table(work: Work, plain: Json) -> Json:
    """UpdateTable."""
    given = plain.get("table", {})
    sheet, one = find(work, "tables", "tableId", given.get("tableId"), "table")
    target = deepcopy(one)
    write(plain.get("fields", ""), "Table", target, given)
    _, target["range"] = bounded(work, target.get("range", {}))
    target["columnProperties"] = _columns(work, sheet, target)
    one.clear()
    one |= {**painted(work, "Table", target), "tableId": given["tableId"]}
    return {}


def delete_table(work: Work, plain: Json) -> Json:
    """deleteTable: its cells with it, as Google does."""
    sheet, one = find(work, "tables", "tableId", plain.get("tableId"), "table")
    from sheetcrm.testing.sheets_server.model import Cell

    for row, column, _ in list(sheet.filled(sheet.clipped(one["range"]))):
        sheet.put(row, column, Cell())
    sheet.objects["tables"].remove(one)
    return {}


REQUESTS: Mapping[str, Callable[[Work, Json], Json]] = {
    "addChart": add_chart,
    "updateChartSpec": update_chart_spec,
    "updateEmbeddedObjectPosition": update_position,
    "updateEmbeddedObjectBorder": update_border,
    "deleteEmbeddedObject": delete_object,
    "addSlicer": add_slicer,
    "updateSlicerSpec": update_slicer_spec,
    "addTable": add_table,
    "updateTable": update_table,
    "deleteTable": delete_table,
}
