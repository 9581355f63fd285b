"""Telling what a value is."""

from __future__ import annotations

from sheetcrm.formula.context import Context
from sheetcrm.formula.registry import Anything, Block, Logical, Number, Scalar, Values, function
from sheetcrm.formula.values import ERRORS, NA, VALUE, Array, Stop, Value
from sheetcrm.table import CellError


@function("ISBLANK")
def isblank(value: Anything) -> Logical:
    """Whether a cell is empty; a text of no length is not."""
    return value is None


@function("ISNUMBER")
def isnumber(value: Anything) -> Logical:
    """Whether a value is a number; dates are."""
    return type(value) is float


@function("ISTEXT")
def istext(value: Anything) -> Logical:
    """Whether a value is text."""
    return type(value) is str


@function("ISNONTEXT")
def isnontext(value: Anything) -> Logical:
    """Whether a value is no text; a blank cell is none."""
    return type(value) is not str


@function("ISLOGICAL")
def islogical(value: Anything) -> Logical:
    """Whether a value is TRUE or FALSE."""
    return type(value) is bool


@function("ISERROR")
def iserror(value: Anything) -> Logical:
    """Whether a value is an error."""
    return type(value) is CellError


@function("ISERR")
def iserr(value: Anything) -> Logical:
    """Whether a value is an error other than #N/A."""
    return type(value) is CellError and value != NA


@function("ISNA")
def isna(value: Anything) -> Logical:
    """Whether a value is #N/A."""
    return type(value) is CellError and value == NA


@function("ISREF")
def isref(value: Values) -> Logical:
    """Whether something is a cell or a column, and not a value."""
    return type(value) is Array and value.is_reference


def _to_number(context: Context, value: Value) -> float:
    if type(value) is bool:
        raise Stop(VALUE)
    return context.number(value)


@function("ISEVEN")
def iseven(context: Context, number: Scalar) -> Logical:
    """Whether a number without its fraction is even."""
    return int(_to_number(context, number)) % 2 == 0


@function("ISODD")
def isodd(context: Context, number: Scalar) -> Logical:
    """Whether a number without its fraction is odd."""
    return int(_to_number(context, number)) % 2 == 1


@function("NA")
def na() -> Anything:
    """The error #N/A."""
    return NA


@function("N")
def n(value: Block) -> Number:
    """A number for a value: TRUE is 1, text is 0. Of a column it takes the first cell."""
    first = value.at(0, 0)
    if type(first) is CellError:
        raise Stop(first)
    return float(first) if type(first) in {float, bool} else 0.0


@function("T", gives="text")
def t(value: Block) -> Anything:
    """The text, or an empty one for anything else. Of a column it takes the first cell."""
    first = value.at(0, 0)
    return first if type(first) in {str, CellError} else ""


@function("TYPE")
def type_(value: Values) -> Number:
    """1 for a number, 2 text, 4 TRUE or FALSE, 16 an error, 64 a block."""
    if type(value) is Array:
        if len(value) > 1 or not value.is_reference:
            return 64
        value = value.at(0, 0)
    return {str: 2, bool: 4, CellError: 16}.get(type(value), 1)


@function("ERROR.TYPE", gives="number")
def error_type(value: Anything) -> Anything:
    """The number of an error: 1 #NULL!, 2 #DIV/0!, 3 #VALUE!, 4 #REF!, 5 #NAME?, 6 #NUM!, 7 #N/A."""
    if type(value) is not CellError:
        return NA
    numbers = dict(zip(ERRORS, (1, 2, 3, 4, 5, 6, 7, 9, 14), strict=True))
    return numbers.get(value, NA)
