"""All calls: which path is which, what its body and answer look like, and what it does."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sheetcrm.testing.sheets_server import batch, values
from sheetcrm.testing.sheets_server.a1 import parse_range
from sheetcrm.testing.sheets_server.control import Control, error
from sheetcrm.testing.sheets_server.defaults import MOST_BYTES
from sheetcrm.testing.sheets_server.edits_sheets import copy_to
from sheetcrm.testing.sheets_server.errors import ApiError, bad, violations
from sheetcrm.testing.sheets_server.fields import Mask, check_mask, masked, parse_mask
from sheetcrm.testing.sheets_server.finding import by_id, chosen_ranges, search
from sheetcrm.testing.sheets_server.forms import tidied
from sheetcrm.testing.sheets_server.model import Json
from sheetcrm.testing.sheets_server.rights import User
from sheetcrm.testing.sheets_server.schema import check, shapes
from sheetcrm.testing.sheets_server.store import Store
from sheetcrm.testing.sheets_server.work import Work

PRIVATE_IDS = "SHEETS_EMULATOR_PRIVATE_IDS"
"""The environment variable that names spreadsheets, separated by commas, which answer 403."""


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
GLOBAL = frozenset("$.xgafv access_token alt callback fields key oauth_token prettyPrint quotaUser".split())
_ENUMS = {
    "majorDimension": ("Dimension", ("DIMENSION_UNSPECIFIED", "ROWS", "COLUMNS")),
    "valueRenderOption": ("ValueRenderOption", ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")),
    "responseValueRenderOption": ("ValueRenderOption", ("FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA")),
    "dateTimeRenderOption": ("DateTimeRenderOption", ("SERIAL_NUMBER", "FORMATTED_STRING")),
    "responseDateTimeRenderOption": ("DateTimeRenderOption", ("SERIAL_NUMBER", "FORMATTED_STRING")),
    "valueInputOption": ("ValueInputOption", ("INPUT_VALUE_OPTION_UNSPECIFIED", "RAW", "USER_ENTERED")),
    "insertDataOption": ("InsertDataOption", ("OVERWRITE", "INSERT_ROWS")),
}

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
        lambda work, one: values.batch_update(work, one.body),
        "BatchUpdateValuesRequest", "BatchUpdateValuesResponse", writes=True),
    _route("spreadsheets.values.batchUpdateByDataFilter", "POST", "/values:batchUpdateByDataFilter",
        lambda work, one: values.batch_update_by_filter(work, one.body),
        "BatchUpdateValuesByDataFilterRequest", "BatchUpdateValuesByDataFilterResponse", writes=True),
    _route("spreadsheets.values.batchClear", "POST", "/values:batchClear",
        lambda work, one: values.batch_clear(work, one.body.get("ranges", [])),
        "BatchClearValuesRequest", "BatchClearValuesResponse", writes=True),
    _route("spreadsheets.values.batchClearByDataFilter", "POST", "/values:batchClearByDataFilter",
        lambda work, one: values.batch_clear_by_filter(work, one.body),
        "BatchClearValuesByDataFilterRequest", "BatchClearValuesByDataFilterResponse", writes=True),
    _route("spreadsheets.values.append", "POST", "/values/(.+):append",
        lambda work, one: values.append(work, one.args[0], one.body, one.options),
        "ValueRange", "AppendValuesResponse", writes=True, parameters=f"{_WRITE} insertDataOption"),
    _route("spreadsheets.values.clear", "POST", "/values/(.+):clear",
        lambda work, one: values.clear(work, one.args[0]), "ClearValuesRequest", "ClearValuesResponse", writes=True),
    _route("spreadsheets.values.get", "GET", "/values/(.+)",
        lambda work, one: values.get(work, one.args[0], one.options), "", "ValueRange", parameters=_RENDER),
    _route("spreadsheets.values.update", "PUT", "/values/(.+)",
        lambda work, one: values.update(work, one.args[0], one.body, one.options),
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


@dataclass
class Service:
    """The Sheets API over a store."""

    store: Store
    control: Control

    def answer(self, found: Found, query: Mapping[str, list[str]], raw: bytes, user: User) -> Json:
        """The answer to a call. Raises ApiError."""
        self._check_private(found)
        takes = found.route.takes if found.route else _TAKES[found.name]
        gives = found.route.gives if found.route else _GIVES[found.name]
        body = _body(raw, takes)
        _check_query(query, found.route.parameters if found.route else frozenset())
        mask = parse_mask(query["fields"][-1]) if query.get("fields") else {}
        check_mask(mask, gives)
        answer = self._done(found, query, body, mask, user)
        if mask and "*" not in mask and gives != "Spreadsheet":
            kept: Json = masked(mask, answer)
            return kept
        return answer

    def _check_private(self, found: Found) -> None:
        ids = {one.strip() for one in os.environ.get(PRIVATE_IDS, "").split(",") if one.strip()}
        if found.args and found.args[0] in ids | self.control.private_ids:
            raise error(403)

    def _done(self, found: Found, query: Mapping[str, list[str]], body: Json, mask: Mask, user: User) -> Json:
        if found.name == "spreadsheets.create":
            book = self.store.create(body)
            return self.store.work_on(book, user).reader().resource(None, has_data=False, mask=mask)
        if found.name == "spreadsheets.sheets.copyTo":
            return self._copy_to(found.args[0], int(found.args[1]), body, user)
        route = found.route
        if route is None:
            raise error(404)
        request = Request(found.args[1:], query, body, mask, self._watch(found.name, body))
        if not route.writes:
            return route.does(self.store.work_on(self.store.book(found.args[0]), user), request)
        with self.store.change(found.args[0], user) as work:
            return route.does(work, request)

    def _watch(self, name: str, body: Json) -> Callable[[int], None]:
        """Breaks the work off half-way where a fault wants it."""
        half = len(body.get("requests", ())) // 2

        def watch(i: int) -> None:
            if i == half and self.control.has_fault_in_the_middle(name):
                self.control.strike(name, "middle", is_write=True)

        return watch

    def _copy_to(self, id_: str, sheet_id: int, body: Json, user: User) -> Json:
        source = self.store.work_on(self.store.book(id_), user)
        with self.store.change(body.get("destinationSpreadsheetId", ""), user) as target:
            return copy_to(source, sheet_id, target)


_TAKES = {"spreadsheets.create": "Spreadsheet", "spreadsheets.sheets.copyTo": "CopySheetToAnotherSpreadsheetRequest"}
_GIVES = {"spreadsheets.create": "Spreadsheet", "spreadsheets.sheets.copyTo": "SheetProperties"}


def _body(raw: bytes, takes: str) -> Json:
    if len(raw) > MOST_BYTES:
        raise bad(f"Request payload size exceeds the limit: {MOST_BYTES} bytes.")
    if not raw.strip() or not takes:
        return {}
    try:
        plain = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError, UnicodeDecodeError) as fault:
        raise violations("Invalid JSON payload received. Parsing error.", [("", f"{fault}")]) from fault
    if not isinstance(plain, dict):
        raise violations('Invalid JSON payload received. Unknown name "": Root element must be a message.', [("", "")])
    check(takes, plain, "data" if takes == "ValueRange" else "")
    found: Json = _without_nulls(takes, plain)
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"Unexpected token. {name}")


def _without_nulls(kind: Any, plain: Any) -> Any:
    """The message without its nulls, single messages where lists belong as lists; values of cells stay as they are."""
    if isinstance(kind, list) and kind[0] != "any" and not isinstance(kind[0], list):
        return [_without_nulls(kind[0], one) for one in (plain if isinstance(plain, list) else [plain])]
    shape = shapes().get(kind) if isinstance(kind, str) else None
    if shape is None or not isinstance(plain, dict):
        return plain
    return {name: _without_nulls(shape[name], one) for name, one in plain.items() if one is not None}


def _check_query(query: Mapping[str, list[str]], known: frozenset[str]) -> None:
    for name, found in query.items():
        if name not in known and name not in GLOBAL:
            what = f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
            what += f"Field '{name}' could not be found in request message."
            raise violations(what, [("", what)])
        kind, allowed = _ENUMS.get(name, ("", ()))
        wrong = next((one for one in found if allowed and one not in allowed), None)
        if wrong is not None:
            where = re.sub(r"([A-Z])", lambda letter: "_" + letter[1].lower(), name)
            what = f"Invalid value at '{where}' (type.googleapis.com/google.apps.sheets.v4.{kind}), \"{wrong}\""
            raise violations(what, [(where, what)])


def split(target: str) -> tuple[str, dict[str, list[str]]]:
    """The path, still quoted, and the query of a request's target."""
    parts = urlsplit(target)
    return parts.path, parse_qs(parts.query, keep_blank_values=True)


def user_of(token: str) -> User:
    """Whom a bearer token stands for: tokens of this server name their user, any other is the owner's."""
    return User(token.removeprefix("user:")) if token.startswith("user:") else User()


def as_error(fault: Exception) -> ApiError:
    """What a client is told of a fault of the server itself."""
    return (
        fault
        if isinstance(fault, ApiError)
        else ApiError(500, f"Internal error encountered. ({type(fault).__name__}: {fault})")
    )
