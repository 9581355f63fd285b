"""The steps of a checked formula: what a step is, cells and constants, and how blocks are worked on row by row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sheetcrm.formula.context import Context
from sheetcrm.formula.values import Array, Value, single
from sheetcrm.formula.vectors import Column, Vector

Key = tuple[str, str]
"""A table (empty: the one at hand) and a column of it."""


class Run:
    """One evaluation: the columns, the moment, and what holds for all rows."""

    def __init__(
        self, context: Context, columns: Callable[[Key], list[Value]], rows: int, *, is_fast: bool = True
    ) -> None:
        self.context = context
        self.rows = rows
        self.is_fast = is_fast
        self.known: dict[object, Any] = {}
        self._columns = columns

    def column(self, key: Key) -> Column:
        """A column of the rows at hand."""
        if key not in self.known:
            self.known[key] = Column(self._columns(key))
        column: Column = self.known[key]
        return column

    def block(self, keys: tuple[Key, ...]) -> Array:
        """Whole columns of a table."""
        if keys not in self.known:
            self.known[keys] = Array([self._columns(key) for key in keys], is_reference=True)
        block: Array = self.known[keys]
        return block


class Step:
    """A part of the formula. `reads`: the columns of the row at hand that it needs; none: the same for all rows."""

    is_block = False
    """Whether it may give more than one value for a row."""
    is_cell = False
    """Whether it gives a cell, in which functions skip text, and not a value."""
    reads: frozenset[Key] = frozenset()

    def one(self, run: Run, row: int) -> Value:
        """The value for one row."""
        raise NotImplementedError

    def many(self, run: Run) -> Vector:
        """The values for all rows."""
        raise NotImplementedError

    def constant(self, run: Run) -> Value:
        """The value that is the same for all rows, worked out once."""
        key = self
        if key not in run.known:
            run.known[key] = self._one(run, 0)
        return run.known[key]

    def _one(self, run: Run, row: int) -> Value:
        raise NotImplementedError


class Fixed(Step):
    """A constant."""

    def __init__(self, value: Value) -> None:
        self.value = value
        self.is_block = type(value) is Array

    def one(self, run: Run, row: int) -> Value:  # noqa: ARG002 -- the face is Step's
        """The constant."""
        return self.value

    def many(self, run: Run) -> Vector:  # noqa: ARG002 -- the face is Step's
        """The constant."""
        return self.value


class RowCell(Step):
    """This row's cell of a column."""

    is_cell = True

    def __init__(self, key: Key) -> None:
        self.key = key
        self.reads = frozenset({key})

    def one(self, run: Run, row: int) -> Value:
        """The cell."""
        return run.column(self.key).values[row]

    def many(self, run: Run) -> Vector:
        """The column."""
        return run.column(self.key)


class RowCells(Step):
    """This row's cells of several columns."""

    is_cell = is_block = True

    def __init__(self, keys: tuple[Key, ...]) -> None:
        self.keys = keys
        self.reads = frozenset(keys)

    def one(self, run: Run, row: int) -> Value:
        """The cells as a block one row high."""
        return Array([[run.column(key).values[row]] for key in self.keys], is_reference=True)

    def many(self, run: Run) -> Vector:
        """The blocks of all rows."""
        return by_row(self, run)


class Whole(Step):
    """Whole columns of a table."""

    is_cell = is_block = True

    def __init__(self, keys: tuple[Key, ...]) -> None:
        self.keys = keys

    def one(self, run: Run, row: int) -> Value:  # noqa: ARG002 -- the face is Step's
        """The block."""
        return run.block(self.keys)

    def many(self, run: Run) -> Vector:
        """The block."""
        return run.block(self.keys)


class Compound(Step):
    """A step made of others. A block that differs from row to row is worked out row by row, else all rows at once."""

    parts: tuple[Step, ...] = ()

    def _take(self, parts: Sequence[Step]) -> None:
        self.parts = tuple(parts)
        self.reads = frozenset().union(*[part.reads for part in parts])
        self._is_by_row = any(part.is_block and part.reads for part in parts)

    def one(self, run: Run, row: int) -> Value:
        """The value for one row."""
        return self._one(run, row) if self.reads else self.constant(run)

    def many(self, run: Run) -> Vector:
        """The values for all rows."""
        if not self.reads:
            return self.constant(run)
        if self._is_by_row or self.is_block:
            return by_row(self, run)
        return self._many(run)

    def _many(self, run: Run) -> Vector:
        raise NotImplementedError


def by_row(step: Step, run: Run) -> Column:
    """The step's values row by row, once for all rows whose cells that it reads are the same."""
    lists = [run.column(key).values for key in sorted(step.reads)]
    rows = list(zip(*lists, strict=True))
    keys = [(*map(type, row), *row) for row in rows]
    different = len(set(keys))
    known: dict[object, Value] = {}
    for i, key in enumerate(keys):
        if key not in known:
            before = run.context.work
            known[key] = single(step.one(run, i))
            run.context.foresee(before, len(known), different)
    return Column([known[key] for key in keys])


class Shared(Step):
    """What a name of LET stands for: worked out once for each row, however often it is used."""

    def __init__(self, inner: Step) -> None:
        self._inner = inner
        self.is_block, self.is_cell, self.reads = inner.is_block, inner.is_cell, inner.reads

    def one(self, run: Run, row: int) -> Value:
        """The value for one row."""
        kept = run.known.get(self)
        if kept is None or kept[0] != row:
            kept = run.known[self] = (row, self._inner.one(run, row))
        return kept[1]

    def many(self, run: Run) -> Vector:
        """The values for all rows."""
        key = ("many", self)
        if key not in run.known:
            run.known[key] = self._inner.many(run)
        return run.known[key]
