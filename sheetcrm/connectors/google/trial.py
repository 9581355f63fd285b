"""Whether we may do in a Google Sheet what a run does: tried in a tab of our own, which is taken away again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

from gspread.exceptions import APIError
from gspread.urls import SPREADSHEET_BATCH_UPDATE_URL, SPREADSHEET_URL

from sheetcrm.connectors.google.access import find_access
from sheetcrm.connectors.google.client import NoConnection, SheetsClient, Unconfirmed, client_for
from sheetcrm.connectors.google.faults import in_words, unknown_outcome
from sheetcrm.connectors.google.reading import FIELDS, SCRATCH, Formula, Tab, Typed, state_of
from sheetcrm.connectors.google.writing import Target, number_format_for, write_requests
from sheetcrm.errors import SheetcrmError

TITLE = f"{SCRATCH} trial"
TRIED: tuple[tuple[str, Typed], ...] = (
    ("text", "=1+1 stays text, and so does 007"),
    ("numbers", 1234.5),
    ("dates", date(2026, 3, 2)),
    ("yes and no", True),
    ("formulas", Formula("=B1*2")),
)


def try_out(key: str) -> Iterator[str]:
    """What worked, line by line. Raises SheetcrmError for what did not; the tab is taken away whatever happens."""
    access = find_access()
    client = client_for(access.credentials)
    with in_words(key, access.email, is_write=True):
        number = _add_tab(client, key)
    try:
        yield f"a tab of its own was added ({TITLE})"
        with in_words(key, access.email, is_write=True):
            tab = _written(client, key, number)
        yield from _compared(tab)
    finally:
        with suppress(APIError, NoConnection, Unconfirmed):
            _send(client, key, {"deleteSheet": {"sheetId": number}})
    yield "and the tab was taken away again"


def _send(client: SheetsClient, key: str, *requests: dict[str, Any]) -> Any:
    try:
        return client.request("post", SPREADSHEET_BATCH_UPDATE_URL % key, json={"requests": list(requests)}).json()
    except Unconfirmed as fault:
        raise unknown_outcome() from fault


def _add_tab(client: SheetsClient, key: str) -> int:
    grid = {"rowCount": 2, "columnCount": len(TRIED)}
    properties = {"title": TITLE, "hidden": True, "gridProperties": grid}
    answer = _send(client, key, {"addSheet": {"properties": properties}})
    return int(answer["replies"][0]["addSheet"]["properties"]["sheetId"])


def _written(client: SheetsClient, key: str, number: int) -> Tab:
    targets = [
        Target(number, 0, column, value, number_format=number_format_for(value, ""))
        for column, (_, value) in enumerate(TRIED)
    ]
    _send(client, key, *write_requests(targets))
    answer = client.request("get", SPREADSHEET_URL % key, params={"fields": FIELDS, "ranges": f"'{TITLE}'"})
    return state_of(answer.json()).scratch[0]


def _compared(tab: Tab) -> Iterator[str]:
    for column, (name, value) in enumerate(TRIED):
        found = tab.at(0, column)
        if found != value:
            raise SheetcrmError(f"{name} came back changed: {found!r}.", "Report it, with the sheet's locale.")
    yield f"{', '.join(name for name, _ in TRIED)} were written and came back as they were"
