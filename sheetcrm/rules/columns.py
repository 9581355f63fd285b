"""What formulas may name in this workbook: the tables that the schema found, all other tabs, and Excel's own tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time, timedelta
from decimal import Decimal
from functools import cached_property

from sheetcrm import formula
from sheetcrm.schema.fields import built_in_tables, normal
from sheetcrm.schema.numbers import Money
from sheetcrm.table import CellError, Grid, Invalid, Raw, Snapshot, Stale, Table

_KINDS = {
    "money": "number", "number": "number", "percent": "number", "date": "date", "datetime": "date", "yes/no": "bool",
    "choice": "choice",
}  # fmt: skip
_HEADER_ROWS = 20
_DAY = timedelta(days=1)


class Workbook:
    """A snapshot as formulas see it: cells as typed, each under its header."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._grids = {grid.tab: grid for grid in snapshot.grids}
        self._taken = {table.tab for table in snapshot.tables.values()}
        self._typed: dict[str, bool] = {}

    def schema(self, base: str) -> formula.Schema:
        """What a rule over that table may name."""
        table = self._snapshot.tables[base]
        others = tuple(one for name, one in self._others.items() if name != normal(base))
        return formula.Schema(formula.Table(base, self._columns(table)), others, self._snapshot.locale[:2])

    def columns(self, base: str, reads: Sequence[str]) -> dict[str, Sequence[object]]:
        """The values of the columns that a formula over that table reads: names as `Compiled.reads` gives them.

        A formula that reads no column of the table gets one all the same, to know how many rows there are.
        """
        found: dict[str, Sequence[object]] = {}
        for name in reads:
            tab, bracket, rest = name.partition("[")
            if not bracket:
                found[name] = self._own(base, name)
            else:
                found[name] = self._cells_of(normal(tab.strip("'")), rest.removesuffix("]"))
        if not any("[" not in name for name in reads):
            table = self._snapshot.tables[base]
            found[next(iter(self._headers(table)))] = [None] * len(table)
        return found

    def _own(self, base: str, header: str) -> Sequence[object]:
        table = self._snapshot.tables[base]
        field = self._headers(table)[formula.normal(header)]
        return self._values(table, field)

    def _cells_of(self, tab: str, header: str) -> Sequence[object]:
        for table in self._snapshot.tables.values():
            if tab in {normal(table.name), normal(table.tab)}:
                headers = self._headers(table)
                return self._values(table, headers[formula.normal(header)])
        return self._loose[tab][formula.normal(header)]

    def _values(self, table: Table, field: str) -> list[object]:
        typed = table.typed(field)
        if table.name not in self._typed:
            self._typed[table.name] = any(
                raw is not None and not isinstance(raw, str) for raws in table.raws.values() for raw in raws
            )
        if self._typed[table.name]:
            return [_cell(raw) for raw in typed]
        # A CSV file holds text only: its cells are what a spreadsheet would make of them on opening it.
        kind, values = table.columns[field].kind, table.values[field]
        if kind not in _KINDS or kind == "choice":
            return [_cell(raw) for raw in typed]
        return [_amount(value) if isinstance(raw, str) else raw for raw, value in zip(typed, values, strict=True)]

    def _headers(self, table: Table) -> dict[str, str]:
        """The table's fields by their headers as formulas compare them; of two alike the first."""
        found: dict[str, str] = {}
        for column in sorted(table.columns.values(), key=lambda one: one.index):
            found.setdefault(formula.normal(column.header), column.field)
        return found

    def _columns(self, table: Table) -> tuple[formula.Column, ...]:
        spec = next((one for one in built_in_tables() if one.name == table.name), None)
        columns = []
        for field in self._headers(table).values():
            column = table.columns[field]
            known = spec.spec(field) if spec else None
            refers_to = self._reference(known.refers_to) if known and known.refers_to else ""
            kind = _KINDS.get(column.kind, "text" if column.kind != "text" or not column.is_custom else "any")
            choices = self._choices(table, field) if kind == "choice" else ()
            columns.append(
                formula.Column(column.header, kind if kind != "choice" or choices else "text", choices, refers_to)
            )
        return tuple(columns)

    def _reference(self, name: str) -> str:
        table = self._snapshot.tables.get(name)
        key = table.columns.get("key") if table else None
        return f"{name}[{key.header}]" if key else ""

    def _choices(self, table: Table, field: str) -> tuple[str, ...]:
        """The stages, and whatever else stands in the column: a word that nowhere occurs is a slip of the pen."""
        snapshot = self._snapshot
        stages = (*snapshot.open_stages, *snapshot.won_stages, *snapshot.lost_stages) if field == "status" else ()
        typed = (raw.strip() for raw in table.raws[field] if isinstance(raw, str) and raw.strip())
        return tuple(dict.fromkeys((*stages, *typed)))

    @cached_property
    def _others(self) -> dict[str, formula.Table]:
        """Every tab and Excel table by the name that formulas may use, compared as headers are."""
        found: dict[str, formula.Table] = {}
        for table in self._snapshot.tables.values():
            for name in (table.name, table.tab):
                found.setdefault(normal(name), formula.Table(name, self._columns(table)))
        for name, (title, columns) in self._loose_tables.items():
            found.setdefault(name, formula.Table(title, tuple(formula.Column(header) for header in columns)))
        return found

    @cached_property
    def _loose(self) -> dict[str, dict[str, list[object]]]:
        return {
            name: {formula.normal(header): cells for header, cells in columns.items()}
            for name, (_, columns) in self._loose_tables.items()
        }

    @cached_property
    def _loose_tables(self) -> dict[str, tuple[str, dict[str, list[object]]]]:
        """Tabs that are no table of the schema, and Excel tables on any tab: title and columns by name."""
        found: dict[str, tuple[str, dict[str, list[object]]]] = {}
        for grid in self._grids.values():
            for own in grid.tables:
                columns = _block(grid, own.top, own.bottom - own.has_totals, own.left, own.right)
                found.setdefault(normal(own.name), (own.name, columns))
            if grid.tab not in self._taken and (top := header_row(grid)) is not None:
                bottom = grid.top + len(grid.rows) - 1
                right = grid.left + max(map(len, grid.rows), default=0) - 1
                found.setdefault(normal(grid.tab), (grid.tab, _block(grid, top, bottom, grid.left, right)))
        return found


def header_row(grid: Grid) -> int | None:
    """The row of a tab, near its top, that looks like headers: at least two texts, all different; None without one."""
    for i, row in enumerate(grid.rows[:_HEADER_ROWS]):
        filled = [raw for raw in row if raw is not None]
        texts = {formula.normal(raw) for raw in filled if isinstance(raw, str) and raw.strip()}
        if len(texts) >= 2 and len(texts) == len(filled):
            return grid.top + i
    return None


def _block(grid: Grid, top: int, bottom: int, left: int, right: int) -> dict[str, list[object]]:
    headers = {column: raw for column in range(left, right + 1) if isinstance(raw := grid.raw(top, column), str)}
    rows = range(top + 1, bottom + 1)
    return {header.strip(): [_cell(grid.raw(row, column)) for row in rows] for column, header in headers.items()}


def _cell(raw: Raw) -> object:
    """A cell as formulas take it: times as parts of a day, results out of date as errors."""
    if isinstance(raw, Stale):
        return CellError("#N/A")
    if isinstance(raw, time):
        return (raw.hour * 3600 + raw.minute * 60 + raw.second) / 86_400
    return raw / _DAY if isinstance(raw, timedelta) else raw


def _amount(value: object) -> object:
    """A parsed value as a spreadsheet would hold it: amounts without their currency; unreadable ones as typed."""
    if isinstance(value, Money):
        return float(value.amount)
    if isinstance(value, Invalid):
        return _cell(value.raw)
    return float(value) if isinstance(value, Decimal) else value
