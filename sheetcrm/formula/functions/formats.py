"""Numbers as text in a format."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from decimal import Context as Precision

from sheetcrm.formula.context import Context
from sheetcrm.formula.number_format import formatted
from sheetcrm.formula.registry import Logical, Number, Scalar, Text, Whole, function
from sheetcrm.formula.values import VALUE, Stop


@function("TEXT")
def text(context: Context, value: Scalar, pattern: Text) -> Text:
    """A value as text in a number format: TEXT(0.256, "0.0%"), TEXT([Due], "d mmm yyyy")."""
    if len(pattern) > 255:
        raise Stop(VALUE)
    if type(value) is str:
        # Text that reads as a number is shown as that number.
        try:
            value = context.number(value)
        except Stop:
            return formatted(context, value, pattern)
    return formatted(context, value, pattern)


def _fixed(context: Context, number: float, digits: int, *, is_grouped: bool) -> str:
    if digits > 127:
        raise Stop(VALUE)
    exact = Decimal(f"{abs(number):.14e}")
    rounded = (
        exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP, Precision(prec=700)) if digits > -300 else Decimal(0)
    )
    shown = f"{rounded:,f}" if is_grouped else f"{rounded:f}"
    locale = context.locale
    shown = shown.replace(",", "\0").replace(".", locale.decimal).replace("\0", locale.group)
    return f"-{shown}" if number < 0 and rounded else shown


@function("FIXED")
def fixed(context: Context, number: Number, digits: Whole = 2, without_groups: Logical = False) -> Text:
    """A number as text with so many decimals and groups of thousands."""
    return _fixed(context, number, digits, is_grouped=not without_groups)


@function("DOLLAR")
def dollar(context: Context, number: Number, digits: Whole = 2) -> Text:
    """A number as text with currency sign, decimals and groups; negative ones in brackets."""
    shown = _fixed(context, abs(number), digits, is_grouped=True)
    sign = context.locale.currency
    shown = f"{sign}{shown}" if sign == "$" else f"{shown} {sign}"
    return f"({shown})" if number < 0 and sign == "$" else f"-{shown}" if number < 0 else shown
