"""Arithmetic, powers, logarithms, angles."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from sheetcrm.formula.context import Context
from sheetcrm.formula.functions.aggregates import numbers
from sheetcrm.formula.operators import power
from sheetcrm.formula.registry import Block, Number, Text, Values, Whole, function
from sheetcrm.formula.values import DIV0, NUM, VALUE, Stop


@function("ABS")
def abs_(number: Number) -> Number:
    """The number without its sign."""
    return abs(number)


@function("SIGN")
def sign(number: Number) -> Number:
    """1, 0 or -1."""
    return (number > 0) - (number < 0)


@function("MOD")
def mod(number: Number, divisor: Number) -> Number:
    """What is left of a division; it has the divisor's sign."""
    if divisor == 0:
        raise Stop(DIV0)
    if abs(number / divisor) >= 1125900000000:
        raise Stop(NUM)
    rest = number - divisor * math.floor(number / divisor)
    return 0.0 if abs(rest - divisor) < abs(divisor) * 1e-15 else rest


@function("QUOTIENT")
def quotient(number: Number, divisor: Number) -> Number:
    """The whole part of a division."""
    return math.trunc(number / divisor)


@function("POWER")
def power_(base: Number, exponent: Number) -> Number:
    """A power."""
    return power(base, exponent)


@function("SQRT")
def sqrt(number: Number) -> Number:
    """The square root."""
    return math.sqrt(number)


@function("SQRTPI")
def sqrtpi(number: Number) -> Number:
    """The square root of a number times pi."""
    return math.sqrt(number * math.pi)


@function("EXP")
def exp(number: Number) -> Number:
    """E to the power of a number."""
    return math.exp(number)


@function("LN")
def ln(number: Number) -> Number:
    """The natural logarithm."""
    return math.log(number)


@function("LOG10")
def log10(number: Number) -> Number:
    """The logarithm to base 10."""
    return math.log10(number)


@function("LOG")
def log(number: Number, base: Number = 10) -> Number:
    """The logarithm to a base."""
    if number <= 0 or base <= 0:
        raise Stop(NUM)
    if base == 10:
        return math.log10(number)
    return math.log2(number) if base == 2 else math.log(number) / math.log(base)


@function("PI")
def pi() -> Number:
    """The number pi, 3.14159265358979."""
    return math.pi


def _angle(name: str, work: Callable[[float], float], help_: str) -> None:
    def of_number(number: Number) -> Number:
        if name in {"SIN", "COS", "TAN", "SEC", "CSC", "COT"} and abs(number) >= 2**27:
            raise Stop(NUM)
        return work(number)

    of_number.__doc__ = help_
    function(name)(of_number)


def _inverse(work: Callable[[float], float]) -> Callable[[float], float]:
    return lambda number: 1 / work(number)


_ANGLES: Sequence[tuple[str, Callable[[float], float], str]] = (
    ("SIN", math.sin, "The sine of an angle in radians."),
    ("COS", math.cos, "The cosine of an angle in radians."),
    ("TAN", math.tan, "The tangent of an angle in radians."),
    ("SEC", _inverse(math.cos), "The secant of an angle in radians."),
    ("CSC", _inverse(math.sin), "The cosecant of an angle in radians."),
    ("COT", _inverse(math.tan), "The cotangent of an angle in radians."),
    ("ASIN", math.asin, "The angle of a sine."),
    ("ACOS", math.acos, "The angle of a cosine."),
    ("ATAN", math.atan, "The angle of a tangent."),
    ("ACOT", lambda number: math.pi / 2 - math.atan(number), "The angle of a cotangent."),
    ("SINH", math.sinh, "The hyperbolic sine."),
    ("COSH", math.cosh, "The hyperbolic cosine."),
    ("TANH", math.tanh, "The hyperbolic tangent."),
    ("SECH", _inverse(math.cosh), "The hyperbolic secant."),
    ("CSCH", _inverse(math.sinh), "The hyperbolic cosecant."),
    ("COTH", _inverse(math.tanh), "The hyperbolic cotangent."),
    ("ASINH", math.asinh, "The inverse hyperbolic sine."),
    ("ACOSH", math.acosh, "The inverse hyperbolic cosine."),
    ("ATANH", math.atanh, "The inverse hyperbolic tangent."),
    ("ACOTH", lambda number: math.atanh(1 / number), "The inverse hyperbolic cotangent."),
    ("DEGREES", math.degrees, "An angle in degrees."),
    ("RADIANS", math.radians, "An angle in radians."),
)
for _name, _work, _help in _ANGLES:
    _angle(_name, _work, _help)


@function("ATAN2")
def atan2(x: Number, y: Number) -> Number:
    """The angle of a point."""
    if x == y == 0:
        raise Stop(DIV0)
    return math.atan2(y, x)


@function("FACT")
def fact(number: Number) -> Number:
    """The factorial."""
    if not 0 <= number < 171:
        raise Stop(NUM)
    return float(math.factorial(int(number)))


@function("FACTDOUBLE")
def factdouble(number: Number) -> Number:
    """The product of every second number down from this one."""
    if not -1 <= number < 301:
        raise Stop(NUM)
    return float(math.prod(range(int(number), 0, -2)))


_LARGEST = 710.0
"""The logarithm of the largest number, and a bit."""


def _combinations(number: int, chosen: int) -> float:
    if math.lgamma(number + 1) - math.lgamma(chosen + 1) - math.lgamma(number - chosen + 1) > _LARGEST:
        raise Stop(NUM)
    return float(math.comb(number, chosen))


@function("COMBIN")
def combin(number: Whole, chosen: Whole) -> Number:
    """In how many ways some can be chosen of many."""
    if number < 0 or not 0 <= chosen <= number:
        raise Stop(NUM)
    return _combinations(number, chosen)


@function("COMBINA")
def combina(number: Whole, chosen: Whole) -> Number:
    """As COMBIN, where each may be chosen again."""
    if number < 0 or chosen < 0 or (number == 0 and chosen) or number + chosen > 2**31:
        raise Stop(NUM)
    return _combinations(number + chosen - 1, chosen) if number else 1.0


@function("PERMUT")
def permut(number: Whole, chosen: Whole) -> Number:
    """In how many orders some can be chosen of many."""
    if (
        number <= 0
        or not 0 <= chosen <= number
        or math.lgamma(number + 1) - math.lgamma(number - chosen + 1) > _LARGEST
    ):
        raise Stop(NUM)
    return float(math.perm(number, chosen))


@function("PERMUTATIONA")
def permutationa(number: Whole, chosen: Whole) -> Number:
    """As PERMUT, where each may be chosen again."""
    if number < 0 or chosen < 0:
        raise Stop(NUM)
    return math.pow(number, chosen)


@function("MULTINOMIAL")
def multinomial(context: Context, *values: Values) -> Number:
    """The factorial of the sum over the product of the factorials."""
    found = [int(one) for one in numbers(context, values)]
    if any(one < 0 for one in found) or sum(found) > 170:
        raise Stop(NUM)
    return float(math.factorial(sum(found)) // math.prod(math.factorial(one) for one in found))


def _whole_numbers(context: Context, values: tuple[object, ...]) -> list[int]:
    found = [int(one) for one in numbers(context, values)]
    if any(one < 0 or one >= 2**53 for one in found):
        raise Stop(NUM)
    return found


@function("GCD")
def gcd(context: Context, *values: Values) -> Number:
    """The greatest common divisor."""
    return math.gcd(*_whole_numbers(context, values))


@function("LCM")
def lcm(context: Context, *values: Values) -> Number:
    """The least common multiple."""
    result = math.lcm(*_whole_numbers(context, values))
    if result >= 2**53:
        raise Stop(NUM)
    return result


@function("SERIESSUM")
def seriessum(context: Context, x: Number, first: Number, step: Number, factors: Block) -> Number:
    """The sum of a power series."""
    return math.fsum(a * power(x, first + i * step) for i, a in enumerate(numbers(context, (factors,))))


_ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
          (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip
_SHORTER = {
    1: ((950, "LM"), (450, "LD"), (95, "VC"), (45, "VL")),
    2: ((990, "XM"), (490, "XD"), (99, "IC"), (49, "IL")),
    3: ((995, "VM"), (495, "VD")),
    4: ((999, "IM"), (499, "ID")),
}


@function("ROMAN")
def roman(number: Whole, form: Whole = 0) -> Text:
    """The number in Roman digits, from the classic form 0 to the shortest 4."""
    if not 0 <= number <= 3999 or not 0 <= form <= 4:
        raise Stop(VALUE)
    signs = list(_ROMAN)
    for level in range(1, form + 1):
        signs += _SHORTER[level]
    text = ""
    for amount, sign_ in sorted(signs, reverse=True):
        count, number = divmod(number, amount)
        text += sign_ * count
    return text


@function("ARABIC")
def arabic(text: Text) -> Number:
    """The number of Roman digits."""
    signs = text.strip().upper()
    factor = -1 if signs.startswith("-") else 1
    signs = signs.removeprefix("-")
    worth = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    if len(signs) > 255 or any(one not in worth for one in signs):
        raise Stop(VALUE)
    amounts = [worth[one] for one in signs]
    pairs = zip(amounts, [*amounts[1:], 0], strict=False)
    return factor * sum(-one if one < other else one for one, other in pairs)
