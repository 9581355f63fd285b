"""A formula checked once, to be evaluated many times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sheetcrm.errors import FormulaError
from sheetcrm.formula.build import Builder
from sheetcrm.formula.check import Finding, findings
from sheetcrm.formula.context import MOST_WORK, Context
from sheetcrm.formula.conversion import converted
from sheetcrm.formula.explain import Explanation, Row, explain_row
from sheetcrm.formula.locale import Locale, locale_of
from sheetcrm.formula.parse import parse
from sheetcrm.formula.schema import Schema, normal, split_name
from sheetcrm.formula.steps import Key, Run, Step
from sheetcrm.formula.traps import traps
from sheetcrm.formula.tree import Node, show
from sheetcrm.formula.values import SPILL, Array, Value, cells, single
from sheetcrm.formula.vectors import values_of

Columns = Mapping[str, Sequence[object]]
"""`Column` to the values of the rows at hand, `Table[Column]` to another table's."""


@dataclass(frozen=True)
class Compiled:
    """A formula whose names, functions and arguments are known to be right."""

    formula: str
    """As it is understood: English names and signs."""
    kind: str
    """What it gives: number, text, date (as a serial number), bool, or any."""
    reads: tuple[str, ...]
    """The columns that it looks at: `Status`, `Accounts[Tier]`."""
    findings: tuple[Finding, ...]
    """What is suspicious: a choice that does not exist, a comparison that never holds."""
    tree: Node
    schema: Schema
    _step: Step
    _builder: Builder

    def evaluate(self, columns: Columns, now: date, *, most_work: int = MOST_WORK, is_fast: bool = True) -> list[Value]:
        """The formula's value for each row: float, str, bool or `CellError`; days are serial numbers, blank is 0.

        `now` is the day or moment that TODAY and NOW mean. Without columns of the rows at hand there is one row.
        `is_fast` off goes value by value, with the same results. Raises FormulaError where a column is missing or
        where it would look at more than `most_work` cells beyond its own row's.
        """
        run = self._run(columns, now, most_work, is_fast=is_fast)
        values = values_of(self._step.many(run), run.rows)
        if self._step.is_block:
            values = [_only(value) for value in values]
        return [_in_a_cell(value) for value in values]

    def block(self, columns: Columns, now: date, *, most_work: int = MOST_WORK) -> list[tuple[Value, ...]]:
        """All values that the formula gives where there is one row at hand, by rows: what a sheet would spill.

        A blank is None. Arguments and errors as in `evaluate`.
        """
        return list(cells(self._step.one(self._run(columns, now, most_work), 0)).rows)

    def _run(self, columns: Columns, now: date, most_work: int, *, is_fast: bool = True) -> Run:
        given = _given(columns, self.schema)
        rows = {len(values) for (table, _), values in given.items() if not table}
        if len(rows) > 1:
            raise FormulaError("The columns of the rows at hand differ in length.", "Give each a value for each row.")
        context = Context(now, _locale(self.schema), most_work)
        return Run(context, _reader(given, self._builder.used), rows.pop() if rows else 1, is_fast=is_fast)

    def explain(self, columns: Columns, now: date, row: int = 0) -> Explanation:
        """Why the formula gives what it gives for one row (counted from 0), in words with the row's values."""
        run = self._run(columns, now, MOST_WORK)
        return explain_row(self.tree, Row(self._builder, run, row))

    def explanations(self, columns: Columns, now: date, rows: Iterable[int]) -> list[Explanation]:
        """As `explain`, for several rows, whose columns are read once."""
        run = self._run(columns, now, MOST_WORK)
        return [explain_row(self.tree, Row(self._builder, run, row)) for row in rows]

    def traps(self, columns: Columns, now: date) -> tuple[Finding, ...]:
        """What in the cells makes the condition match where one would not expect it, with counts."""
        run = self._run(columns, now, MOST_WORK)
        matches = [value is True for value in self.evaluate(columns, now)]
        return traps(self.tree, self._builder, run, matches)


def _only(value: Value) -> Value:
    if type(value := single(value)) is Array:
        raise FormulaError(
            f"The formula gives {len(value):,} values for a row, not one.",
            "Use a function such as SUM, COUNTIF or XLOOKUP that makes one of them.",
        )
    return value


def _in_a_cell(value: Value) -> Value:
    """What a cell would show of a row's value: 0 for a blank, #SPILL! where a lookup found several cells."""
    value = single(value)
    if type(value) is Array:
        return SPILL
    return 0.0 if value is None else value


def compile_formula(formula: str | Node, schema: Schema) -> Compiled:
    """The formula, as text or already read into a tree, checked against a schema.

    Raises FormulaError where it cannot be read, names what the schema lacks, or calls a function wrongly.
    """
    locale = _locale(schema)
    tree = parse(formula, locale) if isinstance(formula, str) else formula
    builder = Builder(schema, locale.name)
    step = builder.whole(tree)
    return Compiled(
        formula=show(tree),
        kind=builder.kind(tree),
        reads=tuple(builder.used.values()),
        findings=findings(tree, builder),
        tree=tree,
        schema=schema,
        _step=step,
        _builder=builder,
    )


def _locale(schema: Schema) -> Locale:
    try:
        return locale_of(schema.locale)
    except ValueError as error:
        raise FormulaError(f"There is no locale {schema.locale!r}.", "Use one such as en, de or fr.") from error


def _given(columns: Columns, schema: Schema) -> dict[Key, Sequence[object]]:
    given = {}
    for name, values in columns.items():
        table, column = split_name(name)
        is_base = bool(schema.base.name) and normal(table) == normal(schema.base.name)
        given["" if is_base else normal(table), normal(column)] = values
    return given


def _reader(given: Mapping[Key, Sequence[object]], used: Mapping[Key, str]) -> Any:
    longest: dict[str, int] = {}
    for (table, _), values in given.items():
        longest[table] = max(longest.get(table, 0), len(values))

    def read(key: Key) -> list[Value]:
        if key not in given:
            raise FormulaError(f"The values of {used.get(key, key[1])} are missing.", "Give that column as well.")
        cells = converted(given[key])
        return cells + [None] * (longest[key[0]] - len(cells))

    return read
