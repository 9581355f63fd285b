"""Excel formulas over named columns: read, checked, evaluated over whole columns, explained. Knows nothing of CRM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sheetcrm.errors import FormulaError
from sheetcrm.formula.check import Finding
from sheetcrm.formula.compiled import Columns, Compiled, compile_formula
from sheetcrm.formula.dates import day_of, moment_of, serial_of
from sheetcrm.formula.explain import Explanation, Reason
from sheetcrm.formula.registry import FUNCTIONS, Function
from sheetcrm.formula.schema import Column, Schema, Table, normal, schema_of
from sheetcrm.formula.tree import Node
from sheetcrm.formula.values import Value
from sheetcrm.table import CellError

__all__ = [
    "FUNCTIONS",
    "CellError",
    "Column",
    "Compiled",
    "Explanation",
    "Finding",
    "FormulaError",
    "Function",
    "Reason",
    "Schema",
    "Table",
    "compile",
    "day_of",
    "evaluate",
    "explain",
    "moment_of",
    "normal",
    "serial_of",
]


def evaluate(
    formula: str,
    columns: Mapping[str, Sequence[object]],
    today: date,
    *,
    table: str = "",
    references: Mapping[str, str] | None = None,
    locale: str = "en",
) -> list[Value]:
    """The formula's value for each row: float, str, bool, or a `CellError` whose `str()` is Excel's code.

    `columns` maps `Column` to the values of the rows at hand and `Table[Column]` to another table's: None, int, float,
    str, bool, date, datetime or CellError. A day comes back as the serial number that Excel stores (1 January 2020 is
    43831.0; `day_of` makes a date of it), a blank as 0, as in Excel. `today` may be a datetime: NOW is that moment.
    `table` names the rows at hand, for `Leads[@Column]` and `Leads[Column]`; `references` says which column's cells
    mean rows of another table: {"Account": "Accounts[Company]"}. Without columns there is one row.
    Raises FormulaError where the formula cannot be read, checked, or worked out within bounds.
    """
    compiled = compile_formula(formula, schema_of(columns, table, references or {}, locale))
    return compiled.evaluate(columns, today)


def compile(formula: str | Node, schema: Schema) -> Compiled:  # noqa: A001 -- the field's word, used as formula.compile
    """The formula, as text or tree, checked once against a schema, to be evaluated many times. Raises FormulaError."""
    return compile_formula(formula, schema)


def explain(
    formula: str,
    columns: Columns,
    today: date,
    row: int = 0,
    *,
    table: str = "",
    references: Mapping[str, str] | None = None,
    locale: str = "en",
) -> Explanation:
    """Why the formula gives what it gives for one row (counted from 0). Arguments as in `evaluate`."""
    compiled = compile_formula(formula, schema_of(columns, table, references or {}, locale))
    return compiled.explain(columns, today, row)
