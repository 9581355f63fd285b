"""What lies over the cells: found by its id, its ranges checked, its colours told both ways."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.forms import theme_of, tidied, with_colors
from sheetcrm.testing.sheets_server.model import Json, Sheet
from sheetcrm.testing.sheets_server.work import Work


def bounded(work: Work, plain: Mapping[str, Any]) -> tuple[Sheet, Json]:
    """The sheet of a GridRange, and the range with its sheet named. Raises the 400 of one that leaves the grid."""
    sheet = work.book.sheet(plain.get("sheetId"))
    sheet.area(plain)
    return sheet, {**plain, "sheetId": sheet.id}


def find(work: Work, listed: str, key: str, wanted: object, what: str) -> tuple[Sheet, Json]:
    """An object of some sheet by its id. Raises a 400."""
    for sheet in work.book.sheets:
        for one in sheet.objects[listed]:
            if one[key] == wanted:
                return sheet, one
    raise bad(f"No {what} with ID: {wanted}")


def removed(work: Work, listed: str, key: str, wanted: object, what: str) -> Json:
    """The empty answer, once an object is gone. Raises a 400."""
    sheet, one = find(work, listed, key, wanted, what)
    sheet.objects[listed].remove(one)
    return {}


def painted(work: Work, message: str, plain: Json) -> Json:
    """A copy of a message with its colours told both ways."""
    return with_colors(message, deepcopy(plain), theme_of(work.book.properties))


def answer(message: str, plain: Json) -> Json:
    """A copy of a message as it goes out."""
    return tidied(message, deepcopy(plain))


def _taken(work: Work, listed: str, key: str) -> set[Any]:
    return {one[key] for sheet in work.book.sheets for one in sheet.objects[listed]}


def new_number(work: Work, listed: str, key: str, given: Json) -> int:
    """The id given, or a free one. Raises the 400 of one that is taken."""
    taken = _taken(work, listed, key)
    if given.get(key) in taken:
        raise bad(f"{key}: There is one with the ID {given[key]} already.")
    return int(given[key]) if given.get(key) is not None else work.new_id(taken)
