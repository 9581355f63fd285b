"""The values that formulas work with, and Excel's error values.

Inside the engine every number is a float, a day is a serial number, and a block of cells is an `Array`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sheetcrm.table import CellError

NULL = CellError("#NULL!")
DIV0 = CellError("#DIV/0!")
VALUE = CellError("#VALUE!")
REF = CellError("#REF!")
NAME = CellError("#NAME?")
NUM = CellError("#NUM!")
NA = CellError("#N/A")
CALC = CellError("#CALC!")
SPILL = CellError("#SPILL!")
ERRORS = (NULL, DIV0, VALUE, REF, NAME, NUM, NA, SPILL, CALC)
"""In the order of ERROR.TYPE, the two newer ones last."""

LONGEST_TEXT = 32767
"""As many characters as a cell holds."""


class Stop(Exception):  # noqa: N818 -- it ends a function early with an error value and never leaves the engine
    """Ends the work on one value with an error value."""

    def __init__(self, error: CellError) -> None:
        super().__init__(error.code)
        self.error = error


class Array:
    """A block of values by columns. `is_reference`: cells of the workbook, in which functions skip text."""

    __slots__ = ("cache", "columns", "height", "is_reference", "width")

    def __init__(self, columns: list[list[Any]], *, is_reference: bool = False) -> None:
        self.columns = columns
        self.is_reference = is_reference
        self.width = len(columns)
        self.height = len(columns[0]) if columns else 0
        self.cache: dict[object, Any] = {}

    def __len__(self) -> int:
        return self.width * self.height

    @property
    def flat(self) -> list[Any]:
        """The values row by row."""
        if self.width == 1:
            return self.columns[0]
        if "flat" not in self.cache:
            self.cache["flat"] = [value for row in zip(*self.columns, strict=True) for value in row]
        cells: list[Any] = self.cache["flat"]
        return cells

    @property
    def rows(self) -> Iterator[tuple[Any, ...]]:
        """The rows, one after the other."""
        return zip(*self.columns, strict=True)

    def at(self, row: int, column: int) -> Any:
        """The value at a place counted from 0."""
        return self.columns[column][row]

    def part(self, rows: Sequence[int], columns: Sequence[int]) -> Array:
        """Some rows and columns of it."""
        picked = [[self.columns[j][i] for i in rows] for j in columns]
        return Array(picked, is_reference=self.is_reference)

    @classmethod
    def of_rows(cls, rows: Sequence[Sequence[Any]], *, is_reference: bool = False) -> Array:
        """A block from its rows, which must be equally long."""
        return cls([list(column) for column in zip(*rows, strict=True)], is_reference=is_reference)


Value = Any
"""None (blank), bool, float, str, CellError or Array; wider than a union, since every function narrows it itself."""


def cells(value: Value) -> Array:
    """A value as a block: itself, or a block of one."""
    return value if type(value) is Array else Array([[value]])


def single(value: Value) -> Value:
    """The only value of a block of one; anything else as it is."""
    return value.columns[0][0] if type(value) is Array and len(value) == 1 else value


def elementwise(work: Callable[..., Value], arguments: Sequence[Value]) -> Value:
    """What `work` gives for each place of the blocks among the arguments, spread as Excel does; else its one value."""
    blocks = [one for one in arguments if type(one) is Array]
    if not blocks:
        return work(*arguments)
    height = max(one.height for one in blocks)
    width = max(one.width for one in blocks)
    columns = []
    for j in range(width):
        spread = [_spread(one, j, height) for one in arguments]
        columns.append([single(work(*values)) for values in zip(*spread, strict=True)])
    return Array(columns)


def _spread(value: Value, j: int, height: int) -> list[Value]:
    if type(value) is not Array:
        return [value] * height
    if value.width == 1:
        j = 0
    if j >= value.width:
        return [NA] * height
    column = value.columns[j]
    if value.height == 1:
        return column * height
    return column if value.height == height else [*column, *[NA] * (height - value.height)]


# How Windows sorts text: signs before digits before letters, whatever their case.
_SIGNS = "'-_ ,;:!?.\"()[]{}@*/\\&#%`^+<=>|~$"
_ORDER = {ord(sign): chr(i + 1) for i, sign in enumerate(_SIGNS)}


@lru_cache(maxsize=20_000)
def order_of_text(text: str) -> tuple[str, str]:
    """What text is ordered by: signs, digits, letters without case; accents only where all else is alike."""
    lowered = text.lower()
    if lowered.isascii():
        return lowered.translate(_ORDER), ""
    parts = unicodedata.normalize("NFD", lowered)
    base = "".join(one for one in parts if not unicodedata.combining(one))
    return base.translate(_ORDER), lowered


def same_numbers(one: float, other: float) -> bool:
    """Whether two numbers are the same to 15 digits, as Excel compares them."""
    if one == other:
        return True
    return abs(one - other) < 1e-14 * abs(one) and f"{one:.14e}" == f"{other:.14e}"


_RANK = {float: 0, str: 1, bool: 2}


def compare(one: Value, other: Value) -> int:
    """-1, 0 or 1 as Excel orders two values: numbers, then text without case, then FALSE and TRUE; blank fits in.

    Raises Stop for an error value, the left one first.
    """
    kind, other_kind = type(one), type(other)
    if kind is CellError:
        raise Stop(one)
    if other_kind is CellError:
        raise Stop(other)
    if one is None:
        one = _blank_as(other)
        kind = type(one)
    if other is None:
        other = _blank_as(one)
        other_kind = type(other)
    if kind is not other_kind:
        return -1 if _RANK[kind] < _RANK[other_kind] else 1
    if kind is str:
        return _compare_text(one, other)
    if one == other or (kind is float and same_numbers(one, other)):
        return 0
    return -1 if one < other else 1


def _blank_as(other: Value) -> Value:
    if type(other) is str:
        return ""
    return False if type(other) is bool else 0.0


def _compare_text(one: str, other: str) -> int:
    if one == other or one.lower() == other.lower():
        return 0
    first, second = order_of_text(one), order_of_text(other)
    if first == second:
        first, second = (one.lower(), ""), (other.lower(), "")
    return -1 if first < second else 1


def key_of(value: Value) -> object:
    """What a value is found by in an index: equal for values that `=` calls equal, and never 1 for TRUE."""
    if type(value) is str:
        return value.lower()
    if type(value) is float:
        return value if value.is_integer() else float(f"{value:.14e}")
    if type(value) is bool:
        return (value,)
    return value
