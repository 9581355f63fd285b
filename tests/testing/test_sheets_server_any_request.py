"""Whatever is asked: a request of the right shape is done or refused, and the answer has the right shape too."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from discovery import answer_faults
from hypothesis import given, settings
from hypothesis import strategies as st
from requests_of import rows

from sheetcrm.testing.sheets_server.batch import REQUESTS
from sheetcrm.testing.sheets_server.clock import FixedClock
from sheetcrm.testing.sheets_server.control import Control
from sheetcrm.testing.sheets_server.errors import ApiError
from sheetcrm.testing.sheets_server.model import Spreadsheet
from sheetcrm.testing.sheets_server.rights import User
from sheetcrm.testing.sheets_server.routes import find
from sheetcrm.testing.sheets_server.schema import shapes
from sheetcrm.testing.sheets_server.service import Service
from sheetcrm.testing.sheets_server.store import Store

Json = dict[str, Any]

KINDS = sorted(REQUESTS)
TEXTS = ["", "a", "T", "A1", "A1:B2", "=A1+1", "=SORT(A1:B3)", "=SUM(A1:A)", "#fff", "2020-01-01", "x@y.example", "7"]
MASKS = [
    "*",
    "*",
    "userEnteredValue",
    "note",
    "title",
    "pixelSize",
    "hidden",
    "range",
    "rows",
    "spec",
    "properties.title",
]
OFTEN = {"GridRange", "DimensionRange", "GridCoordinate", "DataFilter"}
TABS = [
    {
        "properties": {"sheetId": tab, "title": f"T{tab}", "gridProperties": {"rowCount": 6, "columnCount": 5}},
        "data": [{"rowData": rows(["a", "b", "c"], ["1", 2, 3.5], ["x", True, None], [None, "5", "6"])}],
    }
    for tab in (0, 1)
]
ID_LISTS = ("charts", "filterViews", "protectedRanges", "bandedRanges", "slicers", "tables")


class Maker:
    """Makes requests of the right shape by throwing dice, mostly about what is there."""

    def __init__(self, dice: Random, ids: list[Any]) -> None:
        self._dice = dice
        self._ids = ids

    def value(self, kind: Any, name: str = "", depth: int = 0) -> Any:
        dice = self._dice
        if isinstance(kind, list):
            return [self.value(kind[0], name, depth + 1) for _ in range(dice.choice([0, 1, 1, 2]))]
        if isinstance(kind, dict):
            return {str(dice.randrange(3)): self.value(kind["*"], name, depth + 1)} if dice.random() < 0.5 else {}
        if kind in shapes():
            return self._message(kind, depth)
        if name.endswith("Id") and name != "sheetId" and kind in ("integer", "string") and dice.random() < 0.8:
            fitting = [one for one in self._ids if isinstance(one, str) is (kind == "string")]
            return dice.choice(fitting or [1 if kind == "integer" else "1"])
        return self._plain(kind, name)

    def _message(self, kind: str, depth: int) -> Json:
        chance = 1.0 if kind.endswith("Request") else 0.8 if kind in OFTEN else 0.3
        shape = shapes()[kind] if depth < 7 else {}
        chosen = {name: one for name, one in shape.items() if self._dice.random() < chance}
        return {name: self.value(one, name, depth + 1) for name, one in chosen.items()}

    def _plain(self, kind: str, name: str) -> Any:
        by_kind: dict[str, list[Any]] = {
            "any": [1, "x", None, True],
            "boolean": [True, False],
            "number": [0, 1, 0.5, 3, -1],
            "string": MASKS if name == "fields" else TEXTS,
            "integer": [0, 0, 1, 5]
            if name == "sheetId"
            else [0, 0, 1, 2]
            if name.startswith("start")
            else [1, 2, 3, 9, -1],
        }
        return self._dice.choice(by_kind.get(kind) or kind.split("|"))


def ids_in(book: Spreadsheet) -> list[Any]:
    objects = [one for sheet in book.sheets for name in ID_LISTS for one in sheet.objects[name]]
    listed = [*objects, *book.named_ranges, *book.metadata]
    return [value for one in listed for name, value in one.items() if name.endswith("Id")]


def tried(dice: Random, count: int) -> int:
    """Sends requests made by dice, and gives how many were carried out."""
    clock = FixedClock()
    store = Store(clock, dice)
    key = store.create({"properties": {"title": "x"}, "sheets": TABS}).id
    path = f"/v4/spreadsheets/{key}:batchUpdate"
    call, service, done = find("POST", path), Service(store, Control(store, clock)), 0
    codes = set()
    for _ in range(count):
        kind = dice.choice(KINDS)
        request = {kind: Maker(dice, ids_in(store.book(key))).value(shapes()["Request"][kind])}
        body = {"requests": [request], "includeSpreadsheetInResponse": True, "responseIncludeGridData": True}
        try:
            answer = service.answer(call, {}, json.dumps(body).encode(), User())
        except ApiError as refusal:
            codes.add(refusal.code)
            continue
        assert answer_faults("POST", path, 200, json.loads(json.dumps(answer))) == []
        done += 1
    assert codes <= {400, 403, 404}
    return done


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_any_request_is_done_or_refused_and_the_answer_has_its_shape(seed) -> None:
    tried(Random(seed), 12)  # noqa: S311 -- dice for a test


@pytest.mark.slow
def test_thousands_of_requests_are_done_or_refused() -> None:
    assert sum(tried(Random(seed), 200) for seed in range(20)) > 400  # noqa: S311 -- dice for a test
