"""The references in a formula as the file holds it: found, and the formula with them moved. English syntax, no `=`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sheetcrm.errors import EditRefused
from sheetcrm.tab import Rectangle
from sheetcrm.table import column_letters
from sheetcrm.xlsx.places import COLUMNS, ROWS, column_index

_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
_AREA = rf"{_CELL}(?::{_CELL})?|\$?[A-Za-z]{{1,3}}:\$?[A-Za-z]{{1,3}}|\$?[0-9]{{1,7}}:\$?[0-9]{{1,7}}"
_INSIDE = r"(?:[^\[\]']|'.)*+"
_TOKEN = re.compile(
    rf"""
    "(?:[^"]|"")*+" |
    (?:(?P<sheet>'(?:[^']|'')++'|(?<![\w.\]])(?:\[[0-9]++\])?[^\W\d][\w.]*+(?::[\w.]++)?)!)?
    (?:(?<![\w.$])(?P<area>{_AREA})(?![\w.(!\[]) | (?P<other>\#REF!|[^\W\d][\w.\\?]*+(?!\[))(?=(?P<call>\()?) ) |
    (?P<table>(?<![\w.])[^\W\d][\w.]*+)?(?P<inside>\[{_INSIDE}(?:\[{_INSIDE}\]{_INSIDE})*+\]) |
    '(?:[^']|'')*+'!? | [0-9][\w.]*+ | (?P<colon>:) | .
    """,
    re.VERBOSE | re.DOTALL,
)
_CORNER = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)([0-9]{0,7})")


@dataclass(frozen=True, slots=True)
class Reference:
    """Cells that a formula names. `sheet` is empty for its own sheet, and `A:C` for all sheets from A to C."""

    sheet: str
    area: Rectangle
    text: str
    """As written, the sheet left out: `$A1:B$9`."""


@dataclass(frozen=True, slots=True)
class Name:
    """A word of a formula that is no cell: a function, a defined name, or a table with what it names of it."""

    word: str
    is_function: bool = False
    inside: str = ""
    """What stands in a table's brackets, these included; a table's own cells leave the word empty."""


def parts_of(formula: str) -> Iterator[Reference | Name]:
    """All cells and words that a formula names, in their order. A `:` between two that are no cells is a Name `:`."""
    for token in _TOKEN.finditer(formula):
        found = _reference(token)
        if found is not None:
            yield found
        elif token["inside"]:
            yield Name(token["table"] or "", inside=token["inside"])
        elif token["other"] or token["area"]:
            yield Name(token["other"] or token["area"], is_function=token["call"] is not None)
        elif token["colon"]:
            yield Name(":")


def with_areas(formula: str, moved: Callable[[Reference], Rectangle]) -> str:
    """The formula with each reference's area as `moved` gives it; `$` signs and corners' order stay as written."""
    return _TOKEN.sub(lambda token: _replaced(token, moved), formula)


def shifted(formula: str, rows: int, columns: int = 0) -> str:
    """The formula so many rows further down and columns further right, as Excel fills it: what `$` pins stays.

    EditRefused where a reference would leave the sheet.
    """
    return _TOKEN.sub(lambda token: _shifted(token, rows, columns), formula)


def _reference(token: re.Match[str]) -> Reference | None:
    area = _rectangle(token["area"]) if token["area"] else None
    if area is None:
        return None
    sheet = token["sheet"] or ""
    plain = sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet
    return Reference(plain, area, token["area"])


def _rectangle(text: str) -> Rectangle | None:
    """The cells of `$A1:B$9`, `A:C` or `2:5`; None where it lies right of the last column, and is a name."""
    first, _, last = text.partition(":")
    corners = [_CORNER.fullmatch(one) for one in (first, last or first)]
    columns = [column_index(one[2]) for one in corners if one and one[2]] or [0, COLUMNS - 1]
    rows = [int(one[4]) - 1 for one in corners if one and one[4]] or [0, ROWS - 1]
    if max(columns) >= COLUMNS or max(rows) >= ROWS or min(rows) < 0:
        return None
    return Rectangle(min(rows), min(columns), max(rows), max(columns))


def _replaced(token: re.Match[str], moved: Callable[[Reference], Rectangle]) -> str:
    found = _reference(token)
    if found is None:
        return token.group()
    new = moved(found)
    if new == found.area:
        return token.group()
    first, colon, last = found.text.partition(":")
    rows, columns = _in_order(first, last, new)
    text = _corner(first, rows[0], columns[0]) + (colon + _corner(last, rows[1], columns[1]) if colon else "")
    return token.group()[: len(token.group()) - len(found.text)] + text


def _in_order(first: str, last: str, area: Rectangle) -> tuple[tuple[int, int], tuple[int, int]]:
    """The new corners' rows and columns, upside down where the old ones are."""
    one, other = _CORNER.fullmatch(first), _CORNER.fullmatch(last)
    rows, columns = (area.top, area.bottom), (area.left, area.right)
    if one and other and one[4] and other[4] and int(one[4]) > int(other[4]):
        rows = area.bottom, area.top
    if one and other and one[2] and other[2] and column_index(one[2]) > column_index(other[2]):
        columns = area.right, area.left
    return rows, columns


def _corner(old: str, row: int, column: int) -> str:
    found = _CORNER.fullmatch(old)
    if found is None:
        return old
    letters = column_letters(column) if found[2] else ""
    return f"{found[1]}{letters}{found[3]}{row + 1 if found[4] else ''}"


def _shifted(token: re.Match[str], rows: int, columns: int) -> str:
    found = _reference(token)
    if found is None:
        return token.group()
    corners = [_shifted_corner(one, rows, columns) for one in found.text.split(":")]
    return token.group()[: len(token.group()) - len(found.text)] + ":".join(corners)


def _shifted_corner(corner: str, rows: int, columns: int) -> str:
    found = _CORNER.fullmatch(corner)
    if found is None:
        return corner
    pinned, letters, fixed, number = found.groups()
    if not letters and not fixed:  # `$2` of a whole row: its one `$` pins the row
        pinned, fixed = "", pinned
    column = column_index(letters) + (0 if pinned else columns) if letters else 0
    row = int(number) + (0 if fixed else rows) if number else 1
    if not 0 <= column < COLUMNS or not 1 <= row <= ROWS:
        raise EditRefused("A formula filled on would point outside the sheet.", "Append fewer rows.")
    return f"{pinned}{column_letters(column) if letters else ''}{fixed}{row if number else ''}"
