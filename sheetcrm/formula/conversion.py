"""Cells as they come, turned into the engine's values: numbers to floats, days to serial numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sheetcrm.formula.dates import fraction_of, serial_of
from sheetcrm.formula.values import NUM, VALUE, Value
from sheetcrm.table import CellError, Invalid

_AS_THEY_ARE = {str, bool, type(None), CellError}
_FIRST_DAY = date(1900, 3, 1)
_EPOCH = date(1899, 12, 30).toordinal()


def converted(values: Sequence[object]) -> list[Value]:
    """The cells of a column as the engine keeps them. Cells that could not be read count as what was typed."""
    kinds = set(map(type, values))
    if kinds <= _AS_THEY_ARE:
        return list(values)
    if kinds <= {float, type(None)} and all(math.isfinite(one) for one in values if one is not None):  # type: ignore[arg-type]
        return list(values)
    if kinds <= {date, type(None)} and all(one is None or one >= _FIRST_DAY for one in values):  # type: ignore[operator]
        return [None if one is None else float(one.toordinal() - _EPOCH) for one in values]  # type: ignore[attr-defined]
    return [_converted(one) for one in values]


def _converted(value: object) -> Value:
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, date):
        # Excel knows no days before 1900: they stand in its cells as text.
        if value.year < 1900:
            return value.isoformat()
        return serial_of(value.replace(tzinfo=None) if isinstance(value, datetime) else value)
    if isinstance(value, time):
        return fraction_of(value)
    if isinstance(value, timedelta):
        return value.total_seconds() / 86400
    if isinstance(value, Invalid):
        return _converted(value.raw)
    return str(value) if isinstance(value, str) else VALUE


def _number(value: float | Decimal) -> Value:
    try:
        number = float(value)
    except OverflowError:
        return NUM
    return number if math.isfinite(number) else NUM
