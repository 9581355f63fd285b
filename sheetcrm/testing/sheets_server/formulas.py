"""What a formula of a cell gives, worked out by `sheetcrm.formula`. What it does not know is #NAME?, as with Google."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Protocol

from sheetcrm.errors import FormulaError
from sheetcrm.formula import Column, Compiled, Schema, Table
from sheetcrm.formula import compile as compile_formula
from sheetcrm.formula.locale import locale_of
from sheetcrm.table import CellError
from sheetcrm.testing.sheets_server.model import ERROR_CODES, ErrorValue, Value
from sheetcrm.testing.sheets_server.places import Area
from sheetcrm.testing.sheets_server.references import Reference
from sheetcrm.testing.sheets_server.translating import Failure, tree_of, with_names

Block = Sequence[Sequence[Value]]
"""Values row by row."""

_KINDS = {code: kind for kind, code in ERROR_CODES.items()} | {"#SPILL!": "REF", "#CALC!": "N_A"}
_MESSAGES = {"DIVIDE_BY_ZERO": "Function DIVIDE parameter 2 cannot be zero."}
_REF, _VALUE = CellError("#REF!"), CellError("#VALUE!")


class Look(Protocol):
    """How the formula of a cell sees the sheets."""

    now: datetime
    locale: str
    row: int
    column: int

    def area(self, reference: Reference) -> Area | None:
        """The cells of a reference as far as the grid reaches; None where there are none."""

    def block(self, reference: Reference) -> Block:
        """The values of a reference that has cells."""

    def named(self, name: str) -> Reference | None:
        """The cells of a named range; None where there is none."""


def block_of(formula: str, look: Look) -> Block:
    """The values of a formula (with its `=`), one at least: an ErrorValue where it fails."""
    text, references = with_names(formula, look.named)
    seen = _Seen(look, references)
    try:
        compiled = _compiled(text, seen.widths, _known(look.locale))
        columns = {name: seen.column(name) for name in compiled.reads}
        rows = compiled.block(columns, look.now.replace(tzinfo=None))
    except Failure as failure:
        return [[failure.value]]
    except FormulaError as error:
        return [[ErrorValue("ERROR", error.what)]]
    return [[_told(one) for one in row] for row in rows]


def format_of(formula: str, locale: str) -> str:
    """The type of number format that a formula's result asks for, empty for none."""
    text, references = with_names(formula, lambda _: None)
    try:
        compiled = _compiled(text, (1,) * len(references), _known(locale))
    except Failure:
        return ""
    return "" if compiled.kind != "date" else "DATE_TIME" if "NOW(" in compiled.formula else "DATE"


@cache
def _known(locale: str) -> str:
    try:
        return locale_of(locale).name
    except ValueError:
        return "en"


@lru_cache(maxsize=2_000)
def _compiled(text: str, widths: tuple[int, ...], locale: str) -> Compiled:
    """A formula whose references are names, the ranges of so many columns. Raises Failure."""
    base = [Column("row"), Column("column")]
    tables = []
    for n, width in enumerate(widths):
        base += [Column(f"cell_{n}"), Column(f"at_{n}")]
        columns = tuple(Column(str(j)) for j in range(width))
        tables += [Table(f"range_{n}", columns), Table(f"rows_{n}", columns[:1]), Table(f"columns_{n}", columns)]
    tree = tree_of(text, locale_of(locale))
    try:
        return compile_formula(tree, Schema(Table("", tuple(base)), tuple(tables), locale))
    except FormulaError as error:
        raise Failure("N_A", error.what) from None


@dataclass(frozen=True)
class _Seen:
    """What the names of a formula stand for."""

    look: Look
    references: Sequence[Reference]

    @property
    def widths(self) -> tuple[int, ...]:
        """How many columns each reference has."""
        areas = map(self.look.area, self.references)
        return tuple(1 if area is None else area.width for area in areas)

    def column(self, name: str) -> list[object]:
        """The values of a name such as `cell_0`, `range_1[2]` or `at_1`."""
        word, _, rest = name.partition("_")
        if not rest:
            return [1 + (self.look.row if word == "row" else self.look.column)]
        number, _, inner = rest.partition("[")
        reference, j = self.references[int(number)], int(inner[:-1] or 0)
        area = self.look.area(reference)
        if area is None:
            return [_REF]
        if word == "rows":
            return [i + 1 for i in range(area.top, area.bottom)]
        if word == "columns":
            return [area.left + j + 1]
        if word == "at":
            return [self._met(reference, area)]
        return [_given(row[j]) for row in self.look.block(reference)]

    def _met(self, reference: Reference, area: Area) -> object:
        """The one cell of a range that a formula sees: that of its own row or column."""
        row = self.look.row if area.height > 1 else area.top
        column = self.look.column if area.width > 1 else area.left
        if not area.has(row, column) or (area.height > 1 and area.width > 1):
            return _VALUE
        return _given(self.look.block(reference)[row - area.top][column - area.left])


def _given(value: Value) -> object:
    return CellError(value.shown) if isinstance(value, ErrorValue) else value


def _told(value: bool | float | str | CellError | None) -> Value:
    if not isinstance(value, CellError):
        return value
    kind = _KINDS.get(value.code, "ERROR")
    return ErrorValue(kind, _MESSAGES.get(kind, ""))
