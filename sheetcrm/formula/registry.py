"""What a function is: its name, its arguments with their kinds, its line of help, and the work itself.

A function is defined once, by its signature: parameter names and defaults are its arguments, the annotations below
their kinds. Functions take plain values, raise Stop for an error value, and may raise Python's own arithmetic errors.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from types import MappingProxyType
from typing import Any, TypeVar

from sheetcrm.formula.context import Context
from sheetcrm.formula.values import DIV0, NUM, VALUE, Array, Stop, Value, cells, elementwise
from sheetcrm.table import CellError

Number = float
"""A number; text that reads as one is taken, blank is 0."""
Whole = int
"""A number whose fraction is cut off."""
Day = float
"""A day as a serial number."""
Text = str
"""A text; numbers are taken as they are shown."""
Logical = bool
"""TRUE or FALSE; numbers but 0 are TRUE."""
Scalar = Any
"""Any single value but an error."""
Anything = Any
"""Any single value, errors included."""
Criterion = Any
"""A value, or a text such as ">=10", "<>x" or "A*"."""
Values = Any
"""A value, a column or a block; text and blanks in cells do not count."""
Block = Array
"""A column or a block of values."""
Range = Array
"""A column or a block of cells."""

Later = Callable[[], Value]
"""A value that is worked out only if it is picked."""

Work = TypeVar("Work", bound=Callable[..., Any])

_WIDE = frozenset({"Values", "Block", "Range"})
KINDS = {
    "Number": "number",
    "Whole": "whole number",
    "Day": "date",
    "Text": "text",
    "Logical": "yes/no",
    "Scalar": "value",
    "Anything": "value or error",
    "Criterion": "criterion",
    "Values": "values",
    "Block": "block",
    "Range": "column",
    "Later": "value",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a function."""

    name: str
    kind: str
    is_optional: bool = False

    @property
    def is_wide(self) -> bool:
        """Whether it takes a whole block at once, and not one value after the other."""
        return self.kind in _WIDE


@dataclass(frozen=True)
class Function:
    """A function of the language."""

    name: str
    parameters: tuple[Parameter, ...]
    repeated: tuple[Parameter, ...]
    """Parameters that may come again and again behind the others, in groups of this length."""
    work: Callable[..., Value]
    gives: str
    """The kind of the result, as in `KINDS`."""
    help: str
    group: str
    takes_context: bool
    is_branch: bool = False
    """Whether it picks among its arguments and leaves the others alone."""

    @property
    def least(self) -> int:
        """The fewest arguments it takes."""
        return sum(not one.is_optional for one in (*self.parameters, *self.repeated))

    @property
    def most(self) -> int | None:
        """The most arguments it takes, None for any number."""
        return None if self.repeated else len(self.parameters)

    def parameter(self, i: int) -> Parameter:
        """The parameter that the argument at place `i` stands for."""
        if i < len(self.parameters):
            return self.parameters[i]
        return self.repeated[(i - len(self.parameters)) % len(self.repeated)]

    @property
    def shown(self) -> tuple[Parameter, ...]:
        """The parameters, those that may come again told once as such."""
        return (*self.parameters, *self.repeated)

    @property
    def signature(self) -> str:
        """The function as one writes it: `LEFT(text, [count])`."""
        shown = [f"[{one.name}]" if one.is_optional else one.name for one in self.shown]
        return f"{self.name}({', '.join(shown)}{', …' if self.repeated else ''})"

    def prepared(
        self, context: Context, by_reference: Sequence[bool], constants: Mapping[int, Value] = MappingProxyType({})
    ) -> Callable[..., Value]:
        """The work on single values: converts each argument, and gives error values instead of raising Stop.

        The arguments of `constants` are converted once; the others are those of the callable.
        """
        converters = [self._converter(i, context, is_cell=is_cell) for i, is_cell in enumerate(by_reference)]
        arguments: list[Value] = [None] * len(converters)
        varying = [(i, convert) for i, convert in enumerate(converters) if i not in constants]
        try:
            for i, value in constants.items():
                arguments[i] = converters[i](value)
        except Stop:
            # Which error comes first is told only by the work on all arguments in their order.
            whole = self.prepared(context, by_reference)
            return lambda *raws: whole(*_filled(len(converters), constants, raws))
        work = partial(self.work, context) if self.takes_context else self.work

        def run(*raws: Value) -> Value:
            try:
                for (i, convert), raw in zip(varying, raws, strict=True):
                    arguments[i] = convert(raw)
                result = work(*arguments)
            except Stop as stop:
                return stop.error
            except ZeroDivisionError:
                return DIV0
            except (ArithmeticError, ValueError):
                return NUM
            return finished(result)

        return run

    def _converter(self, i: int, context: Context, *, is_cell: bool) -> Callable[[Value], Value]:
        kind = self.parameter(i).kind
        if kind in _WIDE and is_cell:
            return lambda value: value if type(value) is Array else Array([[value]], is_reference=True)
        by_kind: dict[str, Callable[[Value], Value]] = {
            "Number": context.number,
            "Day": context.number,
            "Whole": context.whole,
            "Text": context.text,
            "Logical": context.logical,
            "Scalar": _without_error,
            "Later": _later,
            "Block": cells,
            "Range": _referenced,
        }
        return by_kind.get(kind, _same)

    def call(self, context: Context, arguments: Sequence[Value], by_reference: Sequence[bool]) -> Value:
        """The result for arguments that may be blocks: where one value is asked for, each of a block is worked on."""
        run = self.prepared(context, by_reference)
        wide = [self.parameter(i).is_wide for i in range(len(arguments))]
        spread = [i for i, value in enumerate(arguments) if type(value) is Array and not wide[i]]
        if not spread:
            return run(*arguments)
        context.spend(max(len(arguments[i]) for i in spread))

        def at_place(*values: Value) -> Value:
            given = list(arguments)
            for i, value in zip(spread, values, strict=True):
                given[i] = value
            return run(*given)

        return elementwise(at_place, [arguments[i] for i in spread])


def _filled(size: int, constants: Mapping[int, Value], raws: Sequence[Value]) -> list[Value]:
    left = iter(raws)
    return [constants[i] if i in constants else next(left) for i in range(size)]


def _later(value: Value) -> Later:
    return lambda: value


def _same(value: Value) -> Value:
    return value


def _without_error(value: Value) -> Value:
    if type(value) is CellError:
        raise Stop(value)
    return value


def _referenced(value: Value) -> Array:
    if type(value) is CellError:
        raise Stop(value)
    if type(value) is not Array:
        raise Stop(VALUE)
    return value


def finished(result: Value) -> Value:
    """A function's result as the engine keeps values: numbers as finite floats."""
    if type(result) is float:
        return result if isfinite(result) else NUM
    return float(result) if type(result) is int else result


FUNCTIONS: dict[str, Function] = {}
"""All functions by name, in the order of definition."""


def function(*names: str, gives: str = "", repeat: int = 0, branch: bool = False) -> Callable[[Work], Work]:
    """Registers a function under its names. `repeat`: so many parameters at the end may come again and again."""

    def register(work: Work) -> Work:
        signature = inspect.signature(work)
        told = list(signature.parameters.values())
        takes_context = bool(told) and told[0].name == "context"
        parameters = [_parameter(one) for one in told[takes_context:] if one.kind is not one.VAR_POSITIONAL]
        starred = [_parameter(one) for one in told if one.kind is one.VAR_POSITIONAL]
        again = tuple(parameters[len(parameters) - repeat :]) if repeat else tuple(starred)
        if repeat:
            again = tuple(Parameter(one.name, one.kind, is_optional=True) for one in again)
        elif starred:
            again = (Parameter(starred[0].name, starred[0].kind, is_optional=bool(parameters)),)
        group = work.__module__.rpartition(".")[2]
        for name in names:
            FUNCTIONS[name] = Function(
                name=name,
                parameters=tuple(parameters),
                repeated=again,
                work=work,
                gives=gives or KINDS.get(str(signature.return_annotation), "value"),
                help=" ".join((work.__doc__ or "").split("\n\n")[0].split()),
                group=group,
                takes_context=takes_context,
                is_branch=branch,
            )
        return work

    return register


def _parameter(one: inspect.Parameter) -> Parameter:
    kind = str(one.annotation).removesuffix(" | None")
    return Parameter(one.name.strip("_"), kind, is_optional=one.default is not one.empty)
