"""What is to be written into a Google Sheet, as requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, time, timedelta

from sheetcrm.connectors.google.reading import serial_of
from sheetcrm.connectors.google.state import Formula, Json, Tab, Typed
from sheetcrm.connectors.google.targets import Target, number_format_for
from sheetcrm.connectors.protocol import RowWrite

MOST_CELLS = 20_000
"""Cells in one batch: about a megabyte, half of what Google recommends at most."""


def extended(value: Typed) -> Json:
    """The ExtendedValue: texts stay texts, whatever they look like."""
    if isinstance(value, Formula):
        return {"formulaValue": value.text}
    if value is None or value == "":
        return {}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, int | float):
        return {"numberValue": value}
    if isinstance(value, date | time | timedelta):
        return {"numberValue": serial_of(value)}
    return {"stringValue": str(value)}


def _cell(target: Target) -> Json:
    entered = extended(target.value)
    cell: Json = {"userEnteredValue": entered} if entered else {}
    if target.number_format:
        cell["userEnteredFormat"] = {"numberFormat": dict(target.number_format)}
    return cell


def _fields(target: Target) -> str:
    has_format = target.number_format is not None
    return "userEnteredValue" + (",userEnteredFormat.numberFormat" if has_format else "")


def write_requests(targets: Sequence[Target]) -> Iterator[Json]:
    """The updateCells requests: one for each run of cells below each other that are written alike."""
    ordered = sorted(targets, key=lambda one: (one.tab, one.column, one.row))
    run: list[Target] = []
    for one in ordered:
        last = run[-1] if run else None
        is_next = last and (last.tab, last.column, last.row + 1, _fields(last)) == (
            one.tab,
            one.column,
            one.row,
            _fields(one),
        )
        if run and not is_next:
            yield _run(run)
            run = []
        run.append(one)
    if run:
        yield _run(run)


def _run(run: Sequence[Target]) -> Json:
    first = run[0]
    start = {"sheetId": first.tab, "rowIndex": first.row, "columnIndex": first.column}
    rows = [{"values": [_cell(one)]} for one in run]
    return {"updateCells": {"start": start, "rows": rows, "fields": _fields(first)}}


def append_requests(tab: Tab, rows: Sequence[RowWrite]) -> Iterator[Json]:
    """The requests for rows below the last one of a tab."""
    table = next((id_ for id_, one in tab.tables if _is_last(tab, one.bottom)), "")
    by_fields: list[tuple[str, list[Json]]] = []
    for one in rows:
        width = max(one.values, default=-1) + 1
        left = next((area.left for id_, area in tab.tables if id_ == table), 0)
        targets = [
            Target(tab.id, 0, j, one.values.get(j), number_format=number_format_for(one.values.get(j), "") or None)
            for j in range(left, width)
        ]
        cells = [_cell(target) for target in targets]
        has_format = any(target.number_format for target in targets)
        fields = "userEnteredValue" + (",userEnteredFormat.numberFormat" if has_format else "")
        if by_fields and by_fields[-1][0] == fields:
            by_fields[-1][1].append({"values": cells})
        else:
            by_fields.append((fields, [{"values": cells}]))
    if not table and tab.is_filled_below:
        yield from _inserted(tab, by_fields)
        return
    for fields, lines in by_fields:
        where = {"sheetId": tab.id} | ({"tableId": table} if table else {})
        yield {"appendCells": {**where, "rows": lines, "fields": fields}}


def _inserted(tab: Tab, by_fields: Sequence[tuple[str, Sequence[Json]]]) -> Iterator[Json]:
    """Requests for rows that an append would put far below, behind all that formulas fill down to the tab's end."""
    at = tab.end
    length = sum(len(lines) for _, lines in by_fields)
    span = {"sheetId": tab.id, "dimension": "ROWS", "startIndex": at, "endIndex": at + length}
    yield {"insertDimension": {"range": span, "inheritFromBefore": at > 0}}
    for fields, lines in by_fields:
        start = {"sheetId": tab.id, "rowIndex": at, "columnIndex": 0}
        yield {"updateCells": {"start": start, "rows": lines, "fields": fields}}
        at += len(lines)


def _is_last(tab: Tab, bottom: int) -> bool:
    return bottom + 1 >= tab.end


def growth_requests(tab: Tab, targets: Sequence[Target]) -> Iterator[Json]:
    """Requests for columns that the tab's grid lacks."""
    widest = max((one.column + 1 for one in targets if one.tab == tab.id), default=0)
    if widest > tab.column_count:
        length = widest - tab.column_count
        yield {"appendDimension": {"sheetId": tab.id, "dimension": "COLUMNS", "length": length}}


def overlaid(tab: Tab, targets: Iterable[Target]) -> Tab:
    """The tab once the targets stand in it."""
    typed = [list(row) for row in tab.typed]
    for one in targets:
        while len(typed) <= one.row:
            typed.append([])
        typed[one.row].extend([None] * (one.column + 1 - len(typed[one.row])))
        typed[one.row][one.column] = None if one.value == "" else one.value
    return replace(tab, typed=typed)
