"""spreadsheets.batchUpdate: all requests of a call in order, or none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sheetcrm.testing.sheets_server import (
    edits_cells,
    edits_data,
    edits_dimensions,
    edits_embedded,
    edits_filters,
    edits_looks,
    edits_pasting,
    edits_ranges,
    edits_sheets,
)
from sheetcrm.testing.sheets_server.a1 import parse_range
from sheetcrm.testing.sheets_server.errors import ApiError, bad
from sheetcrm.testing.sheets_server.model import Json
from sheetcrm.testing.sheets_server.work import Work

REQUESTS: Mapping[str, Callable[[Work, Json], Json]] = {
    **edits_cells.REQUESTS,
    **edits_dimensions.REQUESTS,
    **edits_data.REQUESTS,
    **edits_pasting.REQUESTS,
    **edits_sheets.REQUESTS,
    **edits_ranges.REQUESTS,
    **edits_filters.REQUESTS,
    **edits_looks.REQUESTS,
    **edits_embedded.REQUESTS,
}
"""What each kind of request does."""


def carry_out(work: Work, requests: list[Json], watch: Callable[[int], None] = lambda _i: None) -> list[Json]:
    """The replies to requests, which change the spreadsheet at hand. Raises the 400 that names the one that failed.

    `watch` is told before each request which one it is.
    """
    if not requests:
        raise bad("Must specify at least one request.")
    replies = []
    for i, one in enumerate(requests):
        watch(i)
        if len(one) != 1:
            raise bad(f"Invalid requests[{i}]: Exactly one kind of request must be set.")
        kind, plain = next(iter(one.items()))
        if kind not in REQUESTS:
            raise bad(f"Invalid requests[{i}].{kind}: This server does not know this kind of request.")
        try:
            replies.append(REQUESTS[kind](work, plain))
        except ApiError as error:
            if error.code == 400:
                error.message = f"Invalid requests[{i}].{kind}: {error.message}"
            raise
        # What was computed for this request is of a state that is gone.
        work.book.memo.clear()
    return replies


def batch_update(work: Work, body: Json, watch: Callable[[int], None] = lambda _i: None) -> Json:
    """spreadsheets.batchUpdate; with the whole spreadsheet afterwards where the call asks for it."""
    replies = carry_out(work, body.get("requests", []), watch)
    answer: Json = {"spreadsheetId": work.book.id, "replies": replies}
    if body.get("includeSpreadsheetInResponse"):
        texts = body.get("responseRanges") or []
        chosen = [parse_range(text, work.book)[:2] for text in texts] if texts else None
        has_data = bool(body.get("responseIncludeGridData"))
        answer["updatedSpreadsheet"] = work.reader().resource(chosen, has_data=has_data, mask={})
    return answer
