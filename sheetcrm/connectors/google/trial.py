"""Whether a Google Sheet takes what a run does: tried in a tab of our own, which is taken away again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time

from gspread.exceptions import APIError

from sheetcrm.connectors.google.batches import (
    appearing,
    copy_requests,
    free_ids,
    mark_request,
    number_of,
    tidy_requests,
)
from sheetcrm.connectors.google.client import NoConnection, Unconfirmed
from sheetcrm.connectors.google.faults import in_words, unknown_outcome
from sheetcrm.connectors.google.sending import Sender
from sheetcrm.connectors.google.state import TRIAL, Formula, Json, State, Tab, Typed
from sheetcrm.connectors.google.tabs import Put, put_requests
from sheetcrm.connectors.google.targets import Target
from sheetcrm.connectors.google.workbook import GoogleWorkbook
from sheetcrm.connectors.google.writing import append_requests, write_requests
from sheetcrm.connectors.protocol import RowWrite
from sheetcrm.errors import SheetcrmError
from sheetcrm.tab import CellFormat, ChartSeries, DropDown, Rectangle, Styled, TabChart, TabContent, TabTable
from sheetcrm.table import cell_name

HEADERS = ("Text", "Number", "Day", "Moment", "Time", "Yes", "Choice")
MOMENT = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001 -- cells hold no zone
TRIED = ("=1+1", 1234.5, date(2026, 3, 2), MOMENT, time(9, 30), True, "007")
FORMULA = Formula("=B2*2")
CONTENT = TabContent(
    rows=(tuple(Styled(one, CellFormat(is_bold=True, fill="DDEBF7")) for one in HEADERS), TRIED),
    widths={0: 24},
    frozen_rows=1,
    tables=(TabTable("sheetcrm_trial", Rectangle(0, 0, 1, len(HEADERS) - 1)),),
    charts=(TabChart("column", "Trial", (ChartSeries("Number", Rectangle(1, 0, 1, 0), Rectangle(1, 1, 1, 1)),), 4, 0),),
    dropdowns=(DropDown(Rectangle(4, 8, 9, 8), ("yes", "no")),),
    column_formats={9: CellFormat("yyyy-mm-dd")},
)


def try_out(key: str) -> Iterator[str]:
    """What worked, line by line. Raises SheetcrmError for what did not; the tab is taken away whatever happens."""
    sender = GoogleWorkbook(key).sender
    state = sender.fetch()
    left = [one.id for one in state.scratch if one.title == TRIAL]
    ours = free_ids(number_of(key, TRIAL), state.taken_ids, 3)
    new = Put(ours[0], TRIAL, CONTENT)
    requests = [
        *tidy_requests(left, []),
        *put_requests(new, {}, len(state.taken_ids) - len(left)),
        appearing(new.id, {"hidden": True}),
    ]
    try:
        tab = _posted(sender, requests)
        yield from _compared(tab, 1, TRIED)
        yield "a tab with formats, a table, a choice and a chart was made"
        tab = _posted(sender, [*_of_a_run(state, tab, ours)])
        yield from _compared(tab, 2, (*TRIED[:-1], "L-1"))
        yield from _compared(tab, 6, (FORMULA,))
        yield "rows, formulas, copies and marks were written as a run writes them"
    finally:
        with suppress(APIError, NoConnection, Unconfirmed, SheetcrmError):
            shown = {one.id for one in sender.fetch().scratch}
            sender.post(tidy_requests([one for one in ours if one in shown], []), None, may_repeat=True)
    yield "and the tab was taken away again"


def _posted(sender: Sender, requests: list[Json]) -> Tab:
    """Our tab after a batch."""
    try:
        with in_words(sender.key, sender.email, is_write=True):
            return sender.post(requests, [TRIAL]).scratch[0]
    except Unconfirmed as fault:
        raise unknown_outcome() from fault


def _of_a_run(state: State, tab: Tab, ours: list[int]) -> Iterator[Json]:
    """What a run sends: a mark, hidden copies of both kinds, a row, a cell."""
    alone = replace(state, tabs=(tab,))
    mark = number_of(state.title, TRIAL)
    yield mark_request(mark, "trial")
    yield from copy_requests(alone, {tab.id: ours[1]}, ())
    yield from copy_requests(alone, {tab.id: ours[2]}, (tab.id,))
    yield from append_requests(tab, [RowWrite(TRIAL, dict(enumerate((*TRIED[:-1], "L-1"))), 0)])
    yield from write_requests([Target(tab.id, 6, 0, FORMULA)])
    yield {"deleteDeveloperMetadata": {"dataFilter": {"developerMetadataLookup": {"metadataId": mark}}}}


def _compared(tab: Tab, row: int, wanted: tuple[Typed, ...]) -> Iterator[str]:
    for column, value in enumerate(wanted):
        found = tab.at(row, column)
        if found != value or isinstance(found, bool) is not isinstance(value, bool):
            what = f"{cell_name(row, column)} of a tab for trial was to hold {value!r} and came back as {found!r}."
            raise SheetcrmError(what, "Report it, with the sheet's locale.")
    if row == 1:
        yield "text, numbers, days, moments, times, yes and no came back as they were written"
