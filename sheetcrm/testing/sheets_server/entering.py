"""What people's input means when it is typed into a cell: numbers, dates, percentages, yes/no, formulas, else text."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sheetcrm.testing.sheets_server.defaults import MOST_CHARACTERS
from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.locales import Customs, customs_of
from sheetcrm.testing.sheets_server.model import ERROR_CODES, Entered, ErrorValue, Formula

EPOCH = date(1899, 12, 30)
SYMBOLS = "$€£¥₹"


class Input(NamedTuple):
    """What was entered, and the number format that its form asks for (type, pattern)."""

    value: Entered
    format: tuple[str, str] | None = None


_TIME = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2})(\.\d{1,3})?)?\s*([ap]m?)?", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_THREE = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})")
_TWO = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\.?")
_DAY_MONTH = re.compile(r"(\d{1,2})\.?[- ]([^\W\d]+)\.?(?:,?[- ](\d{4}|\d{2}))?")
_MONTH_DAY = re.compile(r"([^\W\d]+)\.?[- ](\d{1,2})(?:,?[- ](\d{4}))?")
_MONTH_YEAR = re.compile(r"([^\W\d]+)\.?[- ](\d{4})")


def check_length(text: str) -> None:
    """Nothing; raises the 400 of a text too long for a cell."""
    if len(text) > MOST_CHARACTERS:
        raise bad(f"Your input contains more than the maximum of {MOST_CHARACTERS} characters in a single cell.")


def entered(text: str, locale: str, today: date) -> Input:
    """What a text means that a person of that locale types into a cell."""
    check_length(text)
    if text.startswith("=") and len(text) > 1:
        return Input(Formula(text))
    if text.startswith("'"):
        return Input(text[1:] or None)
    plain = text.strip()
    if not plain:
        return Input(text or None)
    if plain.upper() in ("TRUE", "FALSE"):
        return Input(plain.upper() == "TRUE")
    code = next((kind for kind, shown in ERROR_CODES.items() if shown == plain.upper()), None)
    if code:
        return Input(ErrorValue(code))
    customs = customs_of(locale)
    return _number(plain, customs) or _moment(plain, customs, today) or Input(text)


def _number(text: str, customs: Customs) -> Input | None:
    if len(text) > 40:
        return None
    sign, body = _signed(text)
    symbol = next((one for one in (customs.currency, *SYMBOLS) if one in body), "")
    if symbol:
        is_before = body.startswith(symbol)
        body = body.removeprefix(symbol) if is_before else body.removesuffix(symbol)
        inner, body = _signed(body.strip())
        sign *= inner
    is_percent = body.endswith("%")
    body = body[:-1].rstrip() if is_percent else body
    value = _digits(body, customs)
    if value is None or (symbol and is_percent):
        return None
    has_decimals = customs.decimal in body
    if is_percent:
        return Input(sign * value / 100, ("PERCENT", "0.00%" if has_decimals else "0%"))
    if symbol:
        return Input(sign * value, ("CURRENCY", _currency_pattern(symbol, customs, is_before, has_decimals)))
    if "e" in body.lower():
        return Input(sign * value, ("SCIENTIFIC", "0.00E+00"))
    if customs.group in body or (customs.group.isspace() and " " in body):
        return Input(sign * value, ("NUMBER", "#,##0.00" if has_decimals else "#,##0"))
    return Input(sign * value)


def _signed(text: str) -> tuple[int, str]:
    if text.startswith("(") and text.endswith(")"):
        return -1, text[1:-1]
    if text.startswith(("+", "-")):
        return (-1 if text[0] == "-" else 1), text[1:].lstrip()
    return 1, text


def _currency_pattern(symbol: str, customs: Customs, is_before: bool, has_decimals: bool) -> str:
    digits = "#,##0.00" if has_decimals else "#,##0"
    mark = f'"{symbol}"' if symbol == customs.currency else f"[${symbol}]"
    return mark + digits if is_before else f"{digits} {mark}"


def _digits(text: str, customs: Customs) -> float | None:
    group = r"[\s\u00a0\u202f]" if customs.group.isspace() else re.escape(customs.group)
    decimal = re.escape(customs.decimal)
    pattern = rf"(?:\d{{1,3}}(?:{group}\d{{3}})+|\d+)(?:{decimal}\d*)?(?:[eE][+-]?\d{{1,3}})?|{decimal}\d+"
    if not re.fullmatch(pattern, text, re.ASCII):
        return None
    return float(re.sub(group, "", text).replace(customs.decimal, "."))


def _moment(text: str, customs: Customs, today: date) -> Input | None:
    if len(text) > 40:
        return None
    day_text, time_text = text, ""
    found = re.fullmatch(rf"(?:(.+?)(?:[ ,T]\s*))?({_TIME.pattern})", text, re.IGNORECASE)
    if found and found[2]:
        day_text, time_text = found[1] or "", found[2]
    time = _time(time_text) if time_text else None
    if time_text and time is None:
        return None
    day = _day(day_text.strip(), customs, today) if day_text else None
    if day_text and day is None:
        return None
    if day is None:
        return Input(time[0], time[1:]) if time else None
    serial = float((day[0] - EPOCH).days)
    if time is None:
        return Input(serial, ("DATE", day[1]))
    return Input(serial + time[0], ("DATE_TIME", f"{day[1]} {time[2]}"))


def _time(text: str) -> tuple[float, str, str] | None:
    """Part of a day, type and pattern."""
    found = _TIME.fullmatch(text.strip())
    if found is None or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return None
    hour, half = int(found[1]), (found[5] or "").lower()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    seconds = hour * 3600 + int(found[2]) * 60 + int(found[3] or 0) + float(found[4] or 0)
    tail = ("mm:ss" if found[3] else "mm") + (" am/pm" if half else "")
    if hour >= 24:
        return seconds / 86400, "TIME", "[h]:mm:ss"
    return seconds / 86400, "TIME", f"h:{tail}"


def _day(text: str, customs: Customs, today: date) -> tuple[date, str] | None:
    """The day and its pattern."""
    if found := _ISO.fullmatch(text):
        return _dated(int(found[1]), int(found[3]), int(found[4]), f"yyyy{found[2]}mm{found[2]}dd")
    if found := _THREE.fullmatch(text):
        return _in_order(found, customs)
    if (
        (found := _TWO.fullmatch(text))
        and found[2] in {customs.separator, "-", "/"}
        and "." not in {found[2]} - {customs.separator}
    ):
        month, day = (int(found[1]), int(found[3])) if customs.order != "dmy" else (int(found[3]), int(found[1]))
        return _dated(today.year, month, day, customs.date)
    return _named_day(text, customs, today)


def _in_order(found: re.Match[str], customs: Customs) -> tuple[date, str] | None:
    if found[2] in ". " and customs.separator != found[2]:
        return None
    one, other, year = int(found[1]), int(found[3]), int(found[4])
    if len(found[4]) == 2:
        year += 2000 if year < 30 else 1900
    month, day = (other, one) if customs.order == "dmy" else (one, other)
    return _dated(year, month, day, customs.date.replace(customs.separator, found[2]))


def _named_day(text: str, customs: Customs, today: date) -> tuple[date, str] | None:
    if (found := _DAY_MONTH.fullmatch(text)) and (month := customs.months.get(found[2].casefold())):
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0) if found[3] else today.year
        return _dated(year, month, int(found[1]), "d mmm yyyy" if found[3] else "d-mmm")
    if (found := _MONTH_DAY.fullmatch(text)) and (month := customs.months.get(found[1].casefold())):
        pattern = "mmm d, yyyy" if found[3] else "mmm d"
        return _dated(int(found[3]) if found[3] else today.year, month, int(found[2]), pattern)
    if (found := _MONTH_YEAR.fullmatch(text)) and (month := customs.months.get(found[1].casefold())):
        return _dated(int(found[2]), month, 1, "mmm yyyy")
    return None


def _dated(year: int, month: int, day: int, pattern: str) -> tuple[date, str] | None:
    try:
        return date(year, month, day), pattern
    except ValueError:
        return None


def moment_of(serial: float) -> datetime:
    """The moment of a serial number, to the millisecond. Raises OverflowError for one out of all calendars."""
    return datetime(1899, 12, 30) + timedelta(milliseconds=round(serial * 86_400_000))  # noqa: DTZ001 -- cells are zoneless
