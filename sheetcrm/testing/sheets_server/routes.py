"""Which path is which call, what its body and answer are, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from urllib.parse import unquote

from sheetcrm.testing.sheets_server import batch, values, values_writing
from sheetcrm.testing.sheets_server.a1 import parse_range
from sheetcrm.testing.sheets_server.fields import Mask
from sheetcrm.testing.sheets_server.finding import by_id, chosen_ranges, search
from sheetcrm.testing.sheets_server.forms import tidied
from sheetcrm.testing.sheets_server.model import Json
from sheetcrm.testing.sheets_server.work import Work


@dataclass(frozen=True)
class Request:
    """A call of the Sheets API, taken apart."""

    args: tuple[str, ...]
    query: Mapping[str, list[str]]
    body: Json
    mask: Mask
    watch: Callable[[int], None]

    @property
    def options(self) -> Json:
        """The query's parameters that have one value."""
        return {name: found[-1] for name, found in self.query.items()}

    def is_set(self, name: str) -> bool:
        """Whether a yes/no parameter says yes."""
        return self.options.get(name, "").lower() in ("true", "1")


def _get(work: Work, request: Request) -> Json:
    texts = request.query.get("ranges", [])
    chosen = [parse_range(text, work.book)[:2] for text in texts] if texts else None
    for sheet, plain in chosen or ():
        values.area_within(sheet, plain)
    # With a field mask `includeGridData` is ignored.
    has_data = request.is_set("includeGridData") and not request.mask
    return work.reader().resource(chosen, has_data=has_data, mask=request.mask)


def _get_by_filter(work: Work, request: Request) -> Json:
    filters = request.body.get("dataFilters", ())
    chosen = [pair for one in filters for pair in chosen_ranges(one, work.book)] if filters else None
    has_data = bool(request.body.get("includeGridData")) and not request.mask
    return work.reader().resource(chosen, has_data=has_data, mask=request.mask)


def _search(work: Work, request: Request) -> Json:
    found = search(request.body.get("dataFilters", ()), work.book)
    found = [tidied("MatchedDeveloperMetadata", one) for one in found]
    return {"matchedDeveloperMetadata": found} if found else {}


@dataclass(frozen=True)
class Route:
    """A kind of call on one spreadsheet."""

    name: str
    method: str
    path: re.Pattern[str]
    does: Callable[[Work, Request], Json]
    takes: str
    """The message of the body, empty for none."""
    gives: str
    writes: bool = False
    parameters: frozenset[str] = frozenset()


def _route(
    name: str,
    method: str,
    path: str,
    does: Callable[[Work, Request], Json],
    takes: str,
    gives: str,
    *,
    writes: bool = False,
    parameters: str = "",
) -> Route:
    pattern = re.compile(r"/v4/spreadsheets/([^/:?]+)" + path)
    return Route(name, method, pattern, does, takes, gives, writes, frozenset(parameters.split()))


_RENDER = "majorDimension valueRenderOption dateTimeRenderOption"
_WRITE = "valueInputOption includeValuesInResponse responseValueRenderOption responseDateTimeRenderOption"

ROUTES: tuple[Route, ...] = (
    _route("spreadsheets.get", "GET", "", _get, "", "Spreadsheet", parameters="ranges includeGridData "
        "excludeTablesInBandedRanges commentsViewMode"),
    _route("spreadsheets.getByDataFilter", "POST", ":getByDataFilter", _get_by_filter,
        "GetSpreadsheetByDataFilterRequest", "Spreadsheet"),
    _route("spreadsheets.batchUpdate", "POST", ":batchUpdate",
        lambda work, one: batch.batch_update(work, one.body, one.watch),
        "BatchUpdateSpreadsheetRequest", "BatchUpdateSpreadsheetResponse", writes=True),
    _route("spreadsheets.developerMetadata.search", "POST", "/developerMetadata:search", _search,
        "SearchDeveloperMetadataRequest", "SearchDeveloperMetadataResponse"),
    _route("spreadsheets.developerMetadata.get", "GET", "/developerMetadata/([0-9]+)",
        lambda work, one: tidied("DeveloperMetadata", deepcopy(by_id(int(one.args[0]), work.book))),
        "", "DeveloperMetadata"),
    _route("spreadsheets.values.batchGet", "GET", "/values:batchGet",
        lambda work, one: values.batch_get(work, one.query.get("ranges", []), one.options),
        "", "BatchGetValuesResponse", parameters=f"ranges {_RENDER}"),
    _route("spreadsheets.values.batchGetByDataFilter", "POST", "/values:batchGetByDataFilter",
        lambda work, one: values.batch_get_by_filter(work, one.body),
        "BatchGetValuesByDataFilterRequest", "BatchGetValuesByDataFilterResponse"),
    _route("spreadsheets.values.batchUpdate", "POST", "/values:batchUpdate",
        lambda work, one: values_writing.batch_update(work, one.body),
        "BatchUpdateValuesRequest", "BatchUpdateValuesResponse", writes=True),
    _route("spreadsheets.values.batchUpdateByDataFilter", "POST", "/values:batchUpdateByDataFilter",
        lambda work, one: values_writing.batch_update_by_filter(work, one.body),
        "BatchUpdateValuesByDataFilterRequest", "BatchUpdateValuesByDataFilterResponse", writes=True),
    _route("spreadsheets.values.batchClear", "POST", "/values:batchClear",
        lambda work, one: values_writing.batch_clear(work, one.body.get("ranges", [])),
        "BatchClearValuesRequest", "BatchClearValuesResponse", writes=True),
    _route("spreadsheets.values.batchClearByDataFilter", "POST", "/values:batchClearByDataFilter",
        lambda work, one: values_writing.batch_clear_by_filter(work, one.body),
        "BatchClearValuesByDataFilterRequest", "BatchClearValuesByDataFilterResponse", writes=True),
    _route("spreadsheets.values.append", "POST", "/values/(.+):append",
        lambda work, one: values_writing.append(work, one.args[0], one.body, one.options),
        "ValueRange", "AppendValuesResponse", writes=True, parameters=f"{_WRITE} insertDataOption"),
    _route("spreadsheets.values.clear", "POST", "/values/(.+):clear",
        lambda work, one: values_writing.clear(work, one.args[0]),
        "ClearValuesRequest", "ClearValuesResponse", writes=True),
    _route("spreadsheets.values.get", "GET", "/values/(.+)",
        lambda work, one: values.get(work, one.args[0], one.options), "", "ValueRange", parameters=_RENDER),
    _route("spreadsheets.values.update", "PUT", "/values/(.+)",
        lambda work, one: values_writing.update(work, one.args[0], one.body, one.options),
        "ValueRange", "UpdateValuesResponse", writes=True, parameters=_WRITE),
)  # fmt: skip
"""The calls on one spreadsheet; the first that fits is taken."""

COPY_TO = re.compile(r"/v4/spreadsheets/([^/:?]+)/sheets/([0-9]+):copyTo")


@dataclass(frozen=True)
class Found:
    """The call that a path stands for: its name, its route (None for create and copyTo), and the path's parts."""

    name: str
    route: Route | None
    args: tuple[str, ...]
    writes: bool


def find(method: str, path: str) -> Found | None:
    """The call of the Sheets API at a path; None where there is none."""
    if method == "POST" and path == "/v4/spreadsheets":
        return Found("spreadsheets.create", None, (), writes=True)
    if method == "POST" and (copied := COPY_TO.fullmatch(path)):
        return Found("spreadsheets.sheets.copyTo", None, copied.groups(), writes=True)
    for one in ROUTES:
        found = one.path.fullmatch(path)
        if found and one.method == method:
            return Found(one.name, one, tuple(unquote(part) for part in found.groups()), one.writes)
    return None
