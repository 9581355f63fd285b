"""What stands in square brackets: columns, `@`, blocks from one column to another."""

from __future__ import annotations

from sheetcrm.errors import FormulaError
from sheetcrm.formula.tree import Cells

_THIS_ROW = "#this row"
_DATA = "#data"
_MARKS = "'\u2018\u2019"
"""The apostrophe, and what writing programs make of it."""
_MARKED = f"[]#@{_MARKS}"


def cells_of(table: str, inside: str, position: int) -> Cells:
    """The cells that a table's name (empty: the row at hand) and the text in its brackets mean."""
    inside = inside.strip()
    is_row = not table
    if inside.startswith("@"):
        is_row, inside = True, inside[1:].strip()
    if not inside.startswith(("[", "#")):
        return _plain(table, inside, position, is_row=is_row)
    parts = _parts(inside, position)
    names = [part for part in parts if part not in {",", ":"}]
    while names and (names[0].startswith("#") or not names[0]):
        word = " ".join(names[0].lower().split())
        if word not in {_THIS_ROW, _DATA}:
            raise FormulaError(f"[{names[0]}] is not for rules.", "Name columns, as in [Status].", position)
        is_row = is_row or word == _THIS_ROW
        del names[0]
    is_block = parts[-2:-1] == [":"]
    if len(names) > 2 or (len(names) == 2 and not is_block):
        raise FormulaError(
            f"[{inside}] names several columns that are no block.", "Write [[First]:[Last]], or name one.", position
        )
    first, last = [*[clean(name) for name in names], "", ""][:2]
    return Cells(table, first, last, is_row, position)


def _plain(table: str, inside: str, position: int, *, is_row: bool) -> Cells:
    name = clean(inside)
    if not name and not (table and is_row):
        raise FormulaError("[] names no column.", "Write the column's name in the brackets.", position)
    return Cells(table, name, "", is_row, position)


def clean(name: str) -> str:
    """A column's name: the apostrophes of marked signs left out, blanks told once."""
    signs = []
    at = 0
    while at < len(name):
        if name[at] in _MARKS and at + 1 < len(name) and name[at + 1] in _MARKED:
            at += 1
        signs.append(name[at])
        at += 1
    return " ".join("".join(signs).split())


def _parts(inside: str, position: int) -> list[str]:
    if inside.startswith("#"):
        return [inside]
    parts: list[str] = []
    at = 0
    while at < len(inside):
        if inside[at] == "[":
            end = _close(inside, at)
            parts.append(inside[at + 1 : end].strip())
            at = end + 1
        elif inside[at] in ",;:":
            parts.append(":" if inside[at] == ":" else ",")
            at += 1
        elif inside[at].isspace():
            at += 1
        else:
            raise FormulaError(
                f"[{inside}] is not understood.",
                "Write [Column] or [[First]:[Last]]; ' marks [ ] # ' in names.",
                position,
            )
    return parts


def _close(text: str, start: int) -> int:
    at = start + 1
    while at < len(text) and text[at] != "]":
        at += 2 if text[at] in _MARKS else 1
    return min(at, len(text))
