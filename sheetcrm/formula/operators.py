"""Excel's operators on single values. They raise Stop for error values, the left one first."""

from __future__ import annotations

import math
from collections.abc import Callable

from sheetcrm.formula.context import Context, limited
from sheetcrm.formula.values import DIV0, NUM, Stop, Value, compare, same_numbers

Operator = Callable[[Context, Value, Value], Value]


def finite(number: float) -> float:
    """The number, if it is one. Raises Stop."""
    if math.isfinite(number):
        return number
    raise Stop(NUM)


def _add(context: Context, one: Value, other: Value) -> float:
    return finite(context.number(one) + context.number(other))


def _subtract(context: Context, one: Value, other: Value) -> float:
    return finite(context.number(one) - context.number(other))


def _multiply(context: Context, one: Value, other: Value) -> float:
    return finite(context.number(one) * context.number(other))


def _divide(context: Context, one: Value, other: Value) -> float:
    left, right = context.number(one), context.number(other)
    if right == 0:
        raise Stop(DIV0)
    return finite(left / right)


def power(base: float, exponent: float) -> float:
    """A power as Excel works it out: 0^0 is #NUM!, odd roots of negative numbers are negative. Raises Stop."""
    if base == 0:
        if exponent == 0:
            raise Stop(NUM)
        if exponent < 0:
            raise Stop(DIV0)
    if base < 0 and not exponent.is_integer():
        if round(1 / exponent) % 2 and same_numbers(1 / exponent, round(1 / exponent)):
            return -power(-base, exponent)
        raise Stop(NUM)
    try:
        return finite(math.pow(base, exponent))
    except OverflowError:
        raise Stop(NUM) from None


def _power(context: Context, one: Value, other: Value) -> float:
    return power(context.number(one), context.number(other))


def _join(context: Context, one: Value, other: Value) -> str:
    return limited(context.text(one) + context.text(other))


OPERATORS: dict[str, Operator] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "^": _power,
    "&": _join,
    "=": lambda _, one, other: compare(one, other) == 0,
    "<>": lambda _, one, other: compare(one, other) != 0,
    "<": lambda _, one, other: compare(one, other) < 0,
    "<=": lambda _, one, other: compare(one, other) <= 0,
    ">": lambda _, one, other: compare(one, other) > 0,
    ">=": lambda _, one, other: compare(one, other) >= 0,
}

COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
