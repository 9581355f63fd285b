"""Number bases, bits, and comparing numbers."""

from __future__ import annotations

import math

from sheetcrm.formula.context import Context
from sheetcrm.formula.registry import Number, Scalar, Text, Whole, function
from sheetcrm.formula.values import NUM, VALUE, Stop

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_BITS = {2: 10, 8: 30, 16: 40}
"""How many bits a number of ten digits has; the highest one is the sign."""


def _signed(text: str, base: int) -> int:
    digits = text.strip().upper()
    if len(digits) > 10 or any(sign not in _DIGITS[:base] for sign in digits):
        raise Stop(NUM)
    number = int(digits or "0", base)
    bits = _BITS[base]
    return number - (1 << bits) if number >> (bits - 1) else number


def _shown(number: int, base: int, places: int | None) -> str:
    bits = _BITS[base]
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise Stop(NUM)
    if number < 0:
        return _in_base(number + (1 << bits), base)
    text = _in_base(number, base)
    if places is None:
        return text
    if places < len(text) or places > 10:
        raise Stop(NUM)
    return text.zfill(places)


def _in_base(number: int, base: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, base)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _text(context: Context, value: object) -> str:
    if type(value) is bool:
        raise Stop(VALUE)
    return context.text(value)


@function("DEC2BIN")
def dec2bin(number: Whole, places: Whole | None = None) -> Text:
    """A number in digits 0 and 1."""
    return _shown(number, 2, places)


@function("DEC2OCT")
def dec2oct(number: Whole, places: Whole | None = None) -> Text:
    """A number in octal digits."""
    return _shown(number, 8, places)


@function("DEC2HEX")
def dec2hex(number: Whole, places: Whole | None = None) -> Text:
    """A number in hexadecimal digits."""
    return _shown(number, 16, places)


@function("BIN2DEC")
def bin2dec(context: Context, digits: Scalar) -> Number:
    """The number of binary digits."""
    return _signed(_text(context, digits), 2)


@function("BIN2OCT")
def bin2oct(context: Context, digits: Scalar, places: Whole | None = None) -> Text:
    """Binary digits as octal ones."""
    return _shown(_signed(_text(context, digits), 2), 8, places)


@function("BIN2HEX")
def bin2hex(context: Context, digits: Scalar, places: Whole | None = None) -> Text:
    """Binary digits as hexadecimal ones."""
    return _shown(_signed(_text(context, digits), 2), 16, places)


@function("OCT2DEC")
def oct2dec(context: Context, digits: Scalar) -> Number:
    """The number of octal digits."""
    return _signed(_text(context, digits), 8)


@function("OCT2BIN")
def oct2bin(context: Context, digits: Scalar, places: Whole | None = None) -> Text:
    """Octal digits as binary ones."""
    return _shown(_signed(_text(context, digits), 8), 2, places)


@function("OCT2HEX")
def oct2hex(context: Context, digits: Scalar, places: Whole | None = None) -> Text:
    """Octal digits as hexadecimal ones."""
    return _shown(_signed(_text(context, digits), 8), 16, places)


@function("HEX2DEC")
def hex2dec(context: Context, digits: Scalar) -> Number:
    """The number of hexadecimal digits."""
    return _signed(_text(context, digits), 16)


@function("HEX2BIN")
def hex2bin(context: Context, digits: Scalar, places: Whole | None = None) -> Text:
    """Hexadecimal digits as binary ones."""
    return _shown(_signed(_text(context, digits), 16), 2, places)


@function("HEX2OCT")
def hex2oct(context: Context, digits: Scalar, places: Whole | None = None) -> Text:
    """Hexadecimal digits as octal ones."""
    return _shown(_signed(_text(context, digits), 16), 8, places)


@function("BASE")
def base(number: Number, radix: Whole, least: Whole = 0) -> Text:
    """A number in digits of a base from 2 to 36, with at least so many of them."""
    if not 0 <= number < 2**53 or not 2 <= radix <= 36 or not 0 <= least <= 255:
        raise Stop(NUM)
    return _in_base(int(number), radix).zfill(least)


@function("DECIMAL")
def decimal(text: Text, radix: Whole) -> Number:
    """The number of digits of a base from 2 to 36."""
    digits = text.strip().upper()
    if not 2 <= radix <= 36 or len(digits) > 255 or any(sign not in _DIGITS[:radix] for sign in digits):
        raise Stop(NUM)
    return float(int(digits or "0", radix))


def _bits(number: float) -> int:
    if not 0 <= number < 2**48 or not number.is_integer():
        raise Stop(NUM)
    return int(number)


@function("BITAND")
def bitand(one: Number, other: Number) -> Number:
    """The bits that both numbers have."""
    return _bits(one) & _bits(other)


@function("BITOR")
def bitor(one: Number, other: Number) -> Number:
    """The bits that either number has."""
    return _bits(one) | _bits(other)


@function("BITXOR")
def bitxor(one: Number, other: Number) -> Number:
    """The bits that just one of the numbers has."""
    return _bits(one) ^ _bits(other)


def _shifted(number: float, by: float) -> int:
    bits, places = _bits(number), math.trunc(by)
    if abs(places) > 53:
        raise Stop(NUM)
    result = bits << places if places >= 0 else bits >> -places
    if result >= 2**48:
        raise Stop(NUM)
    return result


@function("BITLSHIFT")
def bitlshift(number: Number, by: Number) -> Number:
    """The number with its bits moved to the left."""
    return _shifted(number, by)


@function("BITRSHIFT")
def bitrshift(number: Number, by: Number) -> Number:
    """The number with its bits moved to the right."""
    return _shifted(number, -by)


def _plain(context: Context, value: object) -> float:
    if type(value) is bool:
        raise Stop(VALUE)
    return context.number(value)


@function("DELTA")
def delta(context: Context, one: Scalar, other: Scalar = 0.0) -> Number:
    """1 where two numbers are equal, else 0."""
    return float(_plain(context, one) == _plain(context, other))


@function("GESTEP")
def gestep(context: Context, number: Scalar, step: Scalar = 0.0) -> Number:
    """1 where a number is at least as large as the step, else 0."""
    return float(_plain(context, number) >= _plain(context, step))


@function("ERF")
def erf(low: Number, high: Number | None = None) -> Number:
    """The error function, from 0 or between two numbers."""
    return math.erf(low) if high is None else math.erf(high) - math.erf(low)


@function("ERF.PRECISE")
def erf_precise(number: Number) -> Number:
    """The error function."""
    return math.erf(number)


@function("ERFC", "ERFC.PRECISE")
def erfc(number: Number) -> Number:
    """1 less the error function."""
    return math.erfc(number)
