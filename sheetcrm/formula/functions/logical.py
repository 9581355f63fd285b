"""Deciding: IF and its kin, AND, OR, NOT."""

from __future__ import annotations

from sheetcrm.formula.context import Context
from sheetcrm.formula.registry import Anything, Later, Logical, Values, function
from sheetcrm.formula.values import NA, VALUE, Array, Stop, Value, compare
from sheetcrm.table import CellError


def _false() -> Value:
    return False


@function("IF", branch=True)
def if_(context: Context, condition: Later, then: Later, otherwise: Later = _false) -> Anything:
    """One of two values, by a condition."""
    return then() if context.logical(condition()) else otherwise()


@function("IFS", branch=True, repeat=2)
def ifs(context: Context, condition: Later, then: Later, *more: Later) -> Anything:
    """The value behind the first condition that is true; #N/A where none is."""
    if len(more) % 2:
        raise Stop(NA)
    for test, value in zip((condition, *more[::2]), (then, *more[1::2]), strict=True):
        if context.logical(test()):
            return value()
    raise Stop(NA)


@function("IFERROR", branch=True)
def iferror(value: Later, instead: Later) -> Anything:
    """The value, or another one where it is an error."""
    result = value()
    return instead() if type(result) is CellError else result


@function("IFNA", branch=True)
def ifna(value: Later, instead: Later) -> Anything:
    """The value, or another one where it is #N/A."""
    result = value()
    return instead() if result == NA and type(result) is CellError else result


@function("CHOOSE", branch=True)
def choose(context: Context, index: Later, value: Later, *more: Later) -> Anything:
    """The value at a place of the list, counted from 1."""
    place, values = context.whole(index()), (value, *more)
    if not 1 <= place <= len(values):
        raise Stop(VALUE)
    return values[place - 1]()


@function("SWITCH", branch=True)
def switch(value: Later, case: Later, result: Later, *more: Later) -> Anything:
    """The result behind the first case that equals the value; a last odd argument is for all others."""
    wanted = value()
    if type(wanted) is CellError:
        raise Stop(wanted)
    pairs = (case, result, *more)
    for i in range(0, len(pairs) - 1, 2):
        told = pairs[i]()
        if type(told) is CellError:
            raise Stop(told)
        if _kind(told) is _kind(wanted) and compare(told, wanted) == 0:
            return pairs[i + 1]()
    if len(pairs) % 2:
        return pairs[-1]()
    raise Stop(NA)


def _kind(value: Value) -> type:
    return float if value is None else type(value)


def _truths(context: Context, values: tuple[Value, ...]) -> list[bool]:
    truths: list[bool] = []
    for value in values:
        if type(value) is not Array:
            truths.append(context.logical(value))
            continue
        context.spend(len(value))
        for cell in value.flat:
            if type(cell) is CellError:
                raise Stop(cell)
            if type(cell) in {bool, float}:
                truths.append(bool(cell))
    if not truths:
        raise Stop(VALUE)
    return truths


@function("AND")
def and_(context: Context, *conditions: Values) -> Logical:
    """Whether all conditions are true."""
    return all(_truths(context, conditions))


@function("OR")
def or_(context: Context, *conditions: Values) -> Logical:
    """Whether at least one condition is true."""
    return any(_truths(context, conditions))


@function("XOR")
def xor(context: Context, *conditions: Values) -> Logical:
    """Whether an odd number of conditions is true."""
    return sum(_truths(context, conditions)) % 2 == 1


@function("NOT")
def not_(condition: Logical) -> Logical:
    """TRUE for FALSE, and the other way round."""
    return not condition


@function("TRUE")
def true() -> Logical:
    """TRUE."""
    return True


@function("FALSE")
def false() -> Logical:
    """FALSE."""
    return False
