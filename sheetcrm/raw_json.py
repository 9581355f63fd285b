"""Cells as JSON: dates are ISO text, told apart by a word for what they were."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any

from sheetcrm.table import CellError, Raw


def raw_to_json(raw: Raw) -> tuple[Any, str]:
    """The cell as a JSON value, and the word that tells what it was; `raw_from_json` gives the cell back."""
    if isinstance(raw, float) and not isfinite(raw):
        return str(raw), "number"
    if raw is None or isinstance(raw, bool | int | float):
        return raw, "blank" if raw is None else "yes/no" if isinstance(raw, bool) else "number"
    if isinstance(raw, datetime):
        return raw.isoformat(), "datetime"
    if isinstance(raw, date):
        return raw.isoformat(), "date"
    if isinstance(raw, CellError):
        return raw.code, "error"
    if isinstance(raw, time):
        return raw.isoformat(), "time"
    if isinstance(raw, timedelta):
        return raw // timedelta(microseconds=1), "microseconds"
    return raw, "text"


def raw_from_json(plain: Any, kind: str) -> Raw:
    """The cell that `raw_to_json` wrote."""
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(plain)
    value: Raw = float(plain) if kind == "number" and isinstance(plain, str) else plain
    return value


_READERS: dict[str, Callable[[Any], Raw]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "microseconds": lambda plain: timedelta(microseconds=plain),
    "error": CellError,
}
