"""A raw value as a cell's XML and back to a number: text, numbers, booleans, dates as serials of either epoch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sheetcrm.errors import EditRefused
from sheetcrm.table import CellError, Raw
from sheetcrm.xlsx.markup import escaped

TEXT_LIMIT = 32_767
ERROR_CODES = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA")
_DAY = timedelta(days=1)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True)
class Written:
    """A value as a cell holds it: the type attribute, empty for numbers, and what stands between the tags."""

    kind: str
    body: str


def written(value: Raw, prefix: str, *, is_1904: bool, where: str) -> Written:
    """The value as a cell's XML; EditRefused, naming the cell, where no cell can hold it."""
    if value is None or value == "":
        return Written("", "")
    if isinstance(value, str):
        return Written("inlineStr", _text(value, prefix, where))
    if isinstance(value, bool):
        return Written("b", _value(prefix, "1" if value else "0"))
    if isinstance(value, CellError):
        if value.code not in ERROR_CODES:
            raise EditRefused(f"{where}: {value.code} is no error value of Excel.", "Write it as text.")
        return Written("e", _value(prefix, value.code))
    return Written("", _value(prefix, _number(serial(value, is_1904=is_1904, where=where), where)))


def serial(value: Raw, *, is_1904: bool, where: str = "") -> int | float:
    """A number, date, time or duration as Excel counts it: days, from the workbook's epoch."""
    if isinstance(value, timedelta):
        return _whole(value / _DAY)
    if isinstance(value, time):
        return _whole(timedelta(hours=value.hour, minutes=value.minute, seconds=value.second) / _DAY + _micro(value))
    if isinstance(value, date):
        return _days(value, is_1904=is_1904, where=where)
    if isinstance(value, int | float):
        return value
    raise EditRefused(f"{where}: a cell cannot hold a {type(value).__name__}.", "Write text, a number or a date.")


def date_kind(value: Raw) -> str:
    """`date`, `datetime`, `time` or `duration` where the value needs such a number format; else empty."""
    if isinstance(value, datetime):
        return "datetime"
    kinds = ((date, "date"), (time, "time"), (timedelta, "duration"))
    return next((kind for one, kind in kinds if isinstance(value, one)), "")


def _days(value: date, *, is_1904: bool, where: str) -> int | float:
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    if moment.tzinfo is not None:
        raise EditRefused(f"{where}: cells hold no time zone.", "Bring the time into the workbook's zone first.")
    # Excel's 1900 has a 29 February, so that serials before 1 March 1900 mean another day to every reader.
    first = datetime(1904, 1, 1) if is_1904 else datetime(1900, 3, 1)  # noqa: DTZ001 -- cells are zoneless
    if moment < first:
        raise EditRefused(f"{where}: dates before {first:%d %B %Y} cannot be written.", "Write the date as text.")
    epoch = first if is_1904 else datetime(1899, 12, 30)  # noqa: DTZ001
    return _whole((moment - epoch) / _DAY)


def _micro(value: time) -> float:
    return value.microsecond / 86_400e6


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def _number(number: float, where: str) -> str:
    if repr(number) in ("nan", "inf", "-inf"):
        raise EditRefused(f"{where}: {number} is no number to Excel.", "Leave the cell blank or write text.")
    if not isinstance(number, float) and (abs(number) > 10**300 or int(float(number)) != number):
        raise EditRefused(f"{where}: {number} has more digits than a cell keeps.", "Write it as text.")
    return repr(number)


def _value(prefix: str, text: str) -> str:
    return f"<{prefix}v>{text}</{prefix}v>"


def _text(value: str, prefix: str, where: str) -> str:
    illegal = _ILLEGAL.search(value)
    if illegal:
        raise EditRefused(f"{where}: the text holds the control character U+{ord(illegal.group()):04X}.", "Remove it.")
    length = len(value) + sum(letter > "\uffff" for letter in value) if not value.isascii() else len(value)
    if length > TEXT_LIMIT:
        raise EditRefused(f"{where}: the text has {length:,} characters; a cell holds {TEXT_LIMIT:,}.", "Shorten it.")
    safe = _LOOKS_ESCAPED.sub("_x005F_", escaped(value)).replace("\r", "_x000D_")
    keep = ' xml:space="preserve"' if value != value.strip() or "\n" in value or "  " in value else ""
    return f"<{prefix}is><{prefix}t{keep}>{safe}</{prefix}t></{prefix}is>"
