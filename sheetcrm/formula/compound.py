"""Steps made of others: operators, functions, choices, references. They work on all rows at once where they can."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sheetcrm.formula.bulk import fast_count
from sheetcrm.formula.context import Context
from sheetcrm.formula.lookup_index import position_of
from sheetcrm.formula.operators import OPERATORS
from sheetcrm.formula.registry import Function
from sheetcrm.formula.steps import Compound, Key, Run, Step
from sheetcrm.formula.values import NA, Array, Stop, Value, elementwise, same_numbers, single
from sheetcrm.formula.vectors import (
    Column,
    Vector,
    by_value,
    fast_binary,
    fast_if,
    fast_last_sum,
    fast_logic,
    fast_negative,
    fast_same_text,
    values_of,
)
from sheetcrm.table import CellError


class Sign(Compound):
    """A sign before, or a percent sign behind."""

    def __init__(self, sign: str, operand: Step) -> None:
        self._sign = sign
        self._take([operand])
        self.is_block = operand.is_block

    def _work(self, context: Context) -> Callable[[Value], Value]:
        if self._sign == "+":
            return lambda value: value
        scale = -1.0 if self._sign == "-" else 0.01

        def work(value: Value) -> Value:
            try:
                number = context.number(value)
            except Stop as stop:
                return stop.error
            return 0.0 - number if scale < 0 else number / 100

        return work

    def _one(self, run: Run, row: int) -> Value:
        return elementwise(self._work(run.context), [self.parts[0].one(run, row)])

    def _many(self, run: Run) -> Vector:
        vector = self.parts[0].many(run)
        if self._sign == "-" and run.is_fast and (fast := fast_negative(vector)) is not None:
            return fast
        return Column(list(map(self._work(run.context), vector.values)))


class Operation(Compound):
    """Two operands and the sign between them."""

    def __init__(self, sign: str, left: Step, right: Step) -> None:
        self._sign = sign
        self._operator = OPERATORS[sign]
        self._take([left, right])
        self.is_block = left.is_block or right.is_block

    def _work(self, context: Context) -> Callable[[Value, Value], Value]:
        operator = self._operator

        def work(one: Value, other: Value) -> Value:
            try:
                return operator(context, one, other)
            except Stop as stop:
                return stop.error

        return work

    def _one(self, run: Run, row: int) -> Value:
        left, right = self.parts[0].one(run, row), self.parts[1].one(run, row)
        work = self._work(run.context)
        if type(left) is Array or type(right) is Array:
            run.context.spend(max(len(one) for one in (left, right) if type(one) is Array))
            return elementwise(work, [left, right])
        return work(left, right)

    def _fast(self, left: Vector, right: Vector) -> Column | None:
        return fast_binary(self._sign, left, right)

    def _many(self, run: Run) -> Vector:
        left, right = self.parts[0].many(run), self.parts[1].many(run)
        if run.is_fast and (fast := self._fast(left, right)) is not None:
            return fast
        work = self._work(run.context)
        if run.is_fast:
            if self._sign in {"=", "<>"}:
                for one, other in ((left, right), (right, left)):
                    if type(one) is Column and one.is_textual and type(other) is str:
                        return fast_same_text(self._sign, one, other)
            if type(left) is Column and left.is_textual and type(right) is not Column:
                return by_value(lambda text: work(text, right), left)
            if type(right) is Column and right.is_textual and type(left) is not Column:
                return by_value(lambda text: work(left, text), right)
        return Column(_mapped(work, values_of(left, run.rows), values_of(right, run.rows)))


class LastSum(Operation):
    """A sum or difference as the last step: 0 where its two parts cancel each other out to 15 digits."""

    def _work(self, context: Context) -> Callable[[Value, Value], Value]:
        plain = super()._work(context)
        sign = 1.0 if self._sign == "-" else -1.0

        def work(one: Value, other: Value) -> Value:
            result = plain(one, other)
            if type(result) is not float or result == 0:
                return result
            return 0.0 if same_numbers(context.number(one), sign * context.number(other)) else result

        return work

    def _fast(self, left: Vector, right: Vector) -> Column | None:
        return fast_last_sum(self._sign, left, right)


def _mapped(work: Callable[..., Value], *lists: Sequence[Value]) -> list[Value]:
    results = list(map(work, *lists))
    if any(type(value) is Array for value in results):
        return [single(value) for value in results]
    return results


class Application(Compound):
    """A function at work on its arguments."""

    def __init__(self, function: Function, arguments: Sequence[Step]) -> None:
        self._function = function
        self._take(arguments)
        self._by_reference = [step.is_cell for step in arguments]
        wide = [function.parameter(i).is_wide for i in range(len(arguments))]
        spread = any(step.is_block and not is_wide for step, is_wide in zip(arguments, wide, strict=True))
        self.is_block = spread or function.gives == KIND_OF_BLOCKS
        self.is_cell = function.name in {"INDEX", "XLOOKUP"}

    def _one(self, run: Run, row: int) -> Value:
        values = [part.one(run, row) for part in self.parts]
        return self._function.call(run.context, values, self._by_reference)

    def _many(self, run: Run) -> Vector:
        vectors = [part.many(run) for part in self.parts]
        name = self._function.name
        if run.is_fast and name in {"AND", "OR", "NOT"} and (fast := fast_logic(name, vectors)) is not None:
            return fast
        if run.is_fast and name in {"COUNTIF", "COUNTIFS"} and (fast := fast_count(run.context, vectors)) is not None:
            return fast
        varying = {i: vector for i, vector in enumerate(vectors) if type(vector) is Column}
        if any(Array in vector.kinds for vector in varying.values()):
            rows = zip(*[values_of(vector, run.rows) for vector in vectors], strict=True)
            return Column([single(self._function.call(run.context, row, self._by_reference)) for row in rows])
        constants = {i: vector for i, vector in enumerate(vectors) if i not in varying}
        work = self._function.prepared(run.context, self._by_reference, constants)
        columns = list(varying.values())
        if run.is_fast and len(columns) == 1 and columns[0].is_repetitive:
            different = list(set(columns[0].values))
            known = dict(zip(different, self._checked(run, work, [different]), strict=True))
            return Column([known[value] for value in columns[0].values])
        return Column(self._checked(run, work, [column.values for column in columns]))

    def _checked(self, run: Run, work: Callable[..., Value], lists: Sequence[Sequence[Value]]) -> list[Value]:
        """All rows' values; after two rows it is known what each costs, and whether that is too much."""
        rows = zip(*lists, strict=True)
        results = []
        for i, row in enumerate(rows):
            before = run.context.work
            results.append(single(work(*row)))
            run.context.foresee(before, i + 1, len(lists[0]))
            if i == 1:
                break
        results.extend(single(work(*row)) for row in rows)
        return results


KIND_OF_BLOCKS = "block"


class Branch(Compound):
    """A function that picks among its arguments, as IF does."""

    def __init__(self, function: Function, arguments: Sequence[Step]) -> None:
        self._function = function
        self._take(arguments)
        self.is_block = any(step.is_block for step in arguments)
        self.is_cell = all(step.is_cell for step in arguments[1:]) and len(arguments) > 2

    def _one(self, run: Run, row: int) -> Value:
        first = self.parts[0].one(run, row)
        fixed = (run.context,) if self._function.takes_context else ()
        if type(first) is Array:
            values = [first, *[part.one(run, row) for part in self.parts[1:]]]
            run.context.spend(len(first))
            return elementwise(self._function.prepared(run.context, self._by_value), values)
        later = [lambda part=part: part.one(run, row) for part in self.parts[1:]]
        try:
            return self._function.work(*fixed, lambda: first, *later)
        except Stop as stop:
            return stop.error

    @property
    def _by_value(self) -> list[bool]:
        return [False] * len(self.parts)

    def _many(self, run: Run) -> Vector:
        vectors = [part.many(run) for part in self.parts]
        if self._function.name == "IF" and run.is_fast and (fast := fast_if(vectors, run.rows)) is not None:
            return fast
        work = self._function.prepared(run.context, self._by_value)
        return Column(_mapped(work, *[values_of(vector, run.rows) for vector in vectors]))


class Followed(Compound):
    """A column of the row that a cell refers to: blank where the cell is blank, #N/A where no row is found."""

    is_cell = True

    def __init__(self, origin: Step, key: Key, target: Key) -> None:
        self._key, self._target = key, target
        self._take([origin])

    def _work(self, run: Run) -> Callable[[Value], Value]:
        keys, targets = run.block((self._key,)), run.block((self._target,)).columns[0]

        def work(value: Value) -> Value:
            if value is None or type(value) is CellError:
                return value
            place = position_of(keys, value)
            return NA if place is None else targets[place]

        return work

    def _one(self, run: Run, row: int) -> Value:
        return self._work(run)(self.parts[0].one(run, row))

    def _many(self, run: Run) -> Vector:
        return Column(list(map(self._work(run), self.parts[0].many(run).values)))
