"""A formula moved down some rows, as Excel does when it fills: relative rows move, all else stays."""

from __future__ import annotations

import re

from sheetcrm.errors import EditRefused
from sheetcrm.xlsx.places import COLUMNS, ROWS, column_index

_TOKEN = re.compile(
    r"""
    "(?:[^"]|"")*" | '(?:[^']|'')*'!? |                     # text, and sheet names in quotes
    (?P<open>\[) | (?P<close>\]) |                           # structured references, which stay
    (?P<cell>(?<![\w.])\$?(?P<letters>[A-Za-z]{1,3})(?P<fixed>\$?)(?P<row>[0-9]{1,7})(?![\w.(!])) |
    (?P<rows>(?<![\w.$])(?P<f1>\$?)(?P<r1>[0-9]{1,7}):(?P<f2>\$?)(?P<r2>[0-9]{1,7})(?![\w.])) |
    \w[\w.]* | .
    """,
    re.VERBOSE | re.DOTALL,
)


def shifted(formula: str, rows: int) -> str:
    """The formula `rows` further down; EditRefused where a reference would leave the sheet."""
    pieces, depth = [], 0
    for token in _TOKEN.finditer(formula):
        depth += bool(token["open"]) - bool(token["close"])
        text = token.group()
        if depth == 0 and _is_cell(token) and not token["fixed"]:
            text = text[: -len(token["row"])] + _moved(token["row"], "", rows)
        elif depth == 0 and token["rows"]:
            text = f"{token['f1']}{_moved(token['r1'], token['f1'], rows)}:"
            text += f"{token['f2']}{_moved(token['r2'], token['f2'], rows)}"
        pieces.append(text)
    return "".join(pieces)


def _is_cell(token: re.Match[str]) -> bool:
    """Whether the token is a cell's address: XFE1, right of the last column, is a name."""
    return bool(token["cell"]) and column_index(token["letters"]) < COLUMNS


def _moved(row: str, fixed: str, rows: int) -> str:
    new = int(row) + (0 if fixed else rows)
    if not 1 <= new <= ROWS:
        raise EditRefused("A formula filled down would point outside the sheet.", "Append fewer rows.")
    return str(new)
