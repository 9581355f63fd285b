"""Rounding, as Excel does it: on the fifteen decimal digits that a number shows."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, ROUND_UP, Decimal

from sheetcrm.formula.context import Context
from sheetcrm.formula.registry import Number, Scalar, Whole, function
from sheetcrm.formula.values import DIV0, NUM, VALUE, Stop


def rounded(number: float, digits: int, how: str) -> float:
    """A number rounded at a decimal place, half away from zero with ROUND_HALF_UP."""
    if number == 0 or digits > 300:
        return number
    if 0 <= digits <= 15 and abs(scaled := number * 10.0**digits) < 1e15:
        part = abs(scaled) % 1
        # Far from where the direction turns plain arithmetic is exact.
        if 0.001 < part < 0.999 and abs(part - 0.5) > 0.001:
            return _quick(scaled, how, part) / 10.0**digits
    if digits < -310:
        return 0.0 if how in {ROUND_HALF_UP, ROUND_DOWN} else math.copysign(math.inf, number)
    exact = Decimal(f"{number:.14e}")
    if exact.adjusted() < -digits - 2 and how in {ROUND_HALF_UP, ROUND_DOWN}:
        return 0.0
    if -digits <= exact.adjusted() - 15:
        return number
    return float(exact.quantize(Decimal(1).scaleb(-digits), rounding=how))


def _quick(scaled: float, how: str, part: float) -> float:
    if how == ROUND_FLOOR:
        return math.floor(scaled)
    if how == ROUND_CEILING:
        return math.ceil(scaled)
    below = math.floor(abs(scaled))
    away = how == ROUND_UP or (how == ROUND_HALF_UP and part > 0.5)
    return math.copysign(below + away, scaled)


@function("ROUND")
def round_(number: Number, digits: Whole) -> Number:
    """The number rounded to digits behind the point, half away from zero."""
    return rounded(number, digits, ROUND_HALF_UP)


@function("ROUNDUP")
def roundup(number: Number, digits: Whole) -> Number:
    """The number rounded away from zero."""
    return rounded(number, digits, ROUND_UP)


@function("ROUNDDOWN")
def rounddown(number: Number, digits: Whole) -> Number:
    """The number rounded towards zero."""
    return rounded(number, digits, ROUND_DOWN)


@function("TRUNC")
def trunc(number: Number, digits: Whole = 0) -> Number:
    """The number cut off behind so many digits."""
    return rounded(number, digits, ROUND_DOWN)


@function("INT")
def int_(number: Number) -> Number:
    """The next smaller whole number."""
    return float(math.floor(number))


@function("MROUND")
def mround(number: Number, multiple: Number) -> Number:
    """The number rounded to a multiple; both must have one sign."""
    if multiple == 0 or number == 0:
        return 0.0
    if (number > 0) != (multiple > 0):
        raise Stop(NUM)
    # Unlike ROUND it works on the binary number: 6.05 gives 6 by steps of 0.1.
    return math.floor(number / multiple + 0.5) * multiple


def _steps(number: float, step: float, how: str) -> float:
    """So many steps as lie below or above the number, times the step, free of binary dust."""
    count = rounded(number / step, 0, how)
    return float(Decimal(repr(count)) * Decimal(repr(step)))


@function("CEILING")
def ceiling(number: Number, step: Number) -> Number:
    """The number rounded up to a multiple of the step; with two negative ones away from zero."""
    if step == 0 or number == 0:
        return 0.0
    if number > 0 > step:
        raise Stop(NUM)
    return _steps(number, step, ROUND_CEILING)


@function("FLOOR")
def floor(number: Number, step: Number) -> Number:
    """The number rounded down to a multiple of the step; with two negative ones towards zero."""
    if number == 0:
        return 0.0
    if step == 0:
        raise Stop(DIV0)
    if number > 0 > step:
        raise Stop(NUM)
    return _steps(number, step, ROUND_FLOOR)


@function("CEILING.MATH")
def ceiling_math(number: Number, step: Number | None = None, mode: Number = 0) -> Number:
    """The number rounded up to a multiple; negative ones towards zero, or away from it with a mode but 0."""
    step = 1.0 if step is None else abs(step)
    if step == 0 or number == 0:
        return 0.0
    return _steps(number, step, ROUND_FLOOR if number < 0 and mode else ROUND_CEILING)


@function("FLOOR.MATH")
def floor_math(number: Number, step: Number | None = None, mode: Number = 0) -> Number:
    """The number rounded down to a multiple; negative ones away from zero, or towards it with a mode but 0."""
    step = 1.0 if step is None else abs(step)
    if step == 0 or number == 0:
        return 0.0
    return _steps(number, step, ROUND_CEILING if number < 0 and mode else ROUND_FLOOR)


@function("CEILING.PRECISE", "ISO.CEILING")
def ceiling_precise(number: Number, step: Number = 1) -> Number:
    """The number rounded up to a multiple, whatever the signs."""
    return ceiling_math(number, step)


@function("FLOOR.PRECISE")
def floor_precise(number: Number, step: Number = 1) -> Number:
    """The number rounded down to a multiple, whatever the signs."""
    return floor_math(number, step)


def _to_parity(number: float, parity: int) -> float:
    whole = math.ceil(abs(number))
    whole += whole % 2 != parity
    return math.copysign(whole, number) if number else float(whole)


def _plain(context: Context, number: object) -> float:
    if type(number) is bool:
        raise Stop(VALUE)
    return context.number(number)


@function("EVEN")
def even(context: Context, number: Scalar) -> Number:
    """The next even whole number away from zero."""
    return _to_parity(_plain(context, number), 0)


@function("ODD")
def odd(context: Context, number: Scalar) -> Number:
    """The next odd whole number away from zero."""
    return _to_parity(_plain(context, number), 1)
