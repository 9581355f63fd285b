"""All calls answered: bodies and queries checked, the work done, the answer cut down to what is wanted."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sheetcrm.testing.sheets_server.control import Control, error
from sheetcrm.testing.sheets_server.defaults import MOST_BYTES
from sheetcrm.testing.sheets_server.edits_sheets import copy_to
from sheetcrm.testing.sheets_server.errors import ApiError, bad, violations
from sheetcrm.testing.sheets_server.fields import Mask, check_mask, masked, parse_mask
from sheetcrm.testing.sheets_server.model import Json
from sheetcrm.testing.sheets_server.rights import User
from sheetcrm.testing.sheets_server.routes import Found, Request
from sheetcrm.testing.sheets_server.schema import check, shapes
from sheetcrm.testing.sheets_server.store import Store

PRIVATE_IDS = "SHEETS_EMULATOR_PRIVATE_IDS"
"""The environment variable that names spreadsheets, separated by commas, which answer 403."""

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
