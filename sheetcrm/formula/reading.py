"""Text that Excel takes for a number: amounts, percentages, fractions, dates and times."""

from __future__ import annotations

import re
from functools import lru_cache

from sheetcrm.formula.dates import days_in_month, serial_of_parts
from sheetcrm.formula.locale import Locale

_CURRENCY = "$€£¥"
_FRACTION = re.compile(r"(\d{1,9}) (\d{1,9})/(\d{1,9})")
_CLOCK = re.compile(r"(\d{1,4}):(\d{1,4})(?::(\d{1,4})(?:\.(\d{1,9}))?)?(?: ([ap])m?)?|(\d{1,2}) ([ap])m?", re.ASCII)
_DAY = re.compile(r"(\d{1,4})([/.-])(\d{1,4})(?:\2(\d{1,4}))?", re.ASCII)
_LONGEST = 64


def number_of_text(text: str, locale: Locale, year: int) -> float | None:
    """The number that Excel reads from a text, None where it reads none; `year` is meant where a date names none."""
    # Most texts begin with a letter, and of those only dates with their month first are numbers.
    if text[:1].isalpha() and text[:3].lower() not in locale.date_beginnings:
        return None
    return _number_of_text(text, locale, year)


@lru_cache(maxsize=20_000)
def _number_of_text(text: str, locale: Locale, year: int) -> float | None:
    text = text.strip(" \t\r\n").replace(" ", " ")
    if not text or len(text) > _LONGEST:
        return None
    number = _amount(text, locale)
    return number if number is not None else moment_of_text(text, locale, year)


def moment_of_text(text: str, locale: Locale, year: int) -> float | None:
    """The serial number that Excel reads from a date, a time, or both; None where it reads none."""
    text = " ".join(text.lower().split())
    if len(text) > _LONGEST:
        return None
    clock = _clock(text)
    if clock is not None:
        return clock
    day = _day(text, locale, year)
    if day is not None:
        return float(day)
    # Date and time are parted by a blank; so are the words of a date, and AM from its hour.
    for at in [place for place, sign in enumerate(text) if sign == " "]:
        day, clock = _day(text[:at], locale, year), _clock(text[at + 1 :])
        if day is not None and clock is not None:
            return day + clock
    return None


def _amount(text: str, locale: Locale) -> float | None:
    sign = 1.0
    if text[0] == "(" and text[-1] == ")":
        text, sign = text[1:-1].strip(), -1.0
        if text[:1] in "+-":
            return None
    text, sign = _without_sign(text, sign)
    percent = 1.0
    if text[-1:] == "%":
        text, percent = text[:-1].rstrip(), 100.0
    elif text[:1] == "%":
        text, percent = text[1:].lstrip(), 100.0
    text, currency_sign = _without_currency(text)
    number = _digits(text, locale)
    if number is None:
        mixed = _FRACTION.fullmatch(text)
        if not mixed or int(mixed[3]) == 0:
            return None
        number = int(mixed[1]) + int(mixed[2]) / int(mixed[3])
    return sign * currency_sign * number / percent


def _without_sign(text: str, sign: float) -> tuple[str, float]:
    if text[:1] in {"-", "+"}:
        return text[1:].lstrip(), -sign if text[0] == "-" else sign
    return text, sign


def _without_currency(text: str) -> tuple[str, float]:
    if text[:1] and text[0] in _CURRENCY:
        return _without_sign(text[1:].lstrip(), 1.0)
    if text[-1:] and text[-1] in _CURRENCY:
        return text[:-1].rstrip(), 1.0
    return text, 1.0


def _digits(text: str, locale: Locale) -> float | None:
    mantissa, mark, exponent = text.lower().partition("e")
    if mark and not exponent.lstrip("+-").isdecimal():
        return None
    if mark and (len(exponent.lstrip("+-")) + 1 < len(exponent) or not exponent.isascii()):
        return None
    whole, _, rest = mantissa.partition(locale.decimal)
    if locale.group in whole:
        first, *groups = whole.split(locale.group)
        if not first or (len(first) > 3 and groups) or any(len(one) != 3 for one in groups):
            return None
        whole = first + "".join(groups)
    digits = whole + rest
    if not (digits.isascii() and digits.isdecimal()):
        return None
    number = float(f"{whole or '0'}.{rest or '0'}e{exponent or '0'}")
    return None if number == float("inf") else number


def _clock(text: str) -> float | None:
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    if found[6]:
        hour, half = int(found[6]), found[7]
        minute = second = 0.0
    else:
        hour, half = int(found[1]), found[5]
        minute, second = float(found[2]), float(f"{found[3] or 0}.{found[4] or 0}")
        if found[3] is None and minute > 59 and hour > 0:
            return None
    if half:
        if not 0 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    over = (hour > 23) + (minute > 59) + (second > 59.9999)
    return None if over > 1 else (hour * 3600 + minute * 60 + second) / 86400


def _day(text: str, locale: Locale, year: int) -> int | None:
    found = _DAY.fullmatch(text)
    if found:
        return _numbers(found, locale, year)
    return _worded(text, locale, year)


def _numbers(found: re.Match[str], locale: Locale, year: int) -> int | None:
    first, second, third = found[1], found[3], found[4]
    if found[2] == "." and locale.decimal == ".":
        return None
    if third is None:
        return _two_numbers(first, second, locale, year)
    if len(first) > 2:
        return _checked(int(first), int(second), int(third)) if len(second) < 3 and len(third) < 3 else None
    if len(second) > 2:
        return None
    order = locale.date_order
    if order == "ymd":
        return _checked(_full_year(first), int(second), int(third)) if len(third) < 3 else None
    day, month = (int(first), int(second)) if order == "dmy" else (int(second), int(first))
    return _checked(_full_year(third), month, day)


def _two_numbers(first: str, second: str, locale: Locale, year: int) -> int | None:
    if len(first) > 2:
        return _checked(int(first), int(second), 1) if len(first) == 4 and len(second) < 3 else None
    if len(second) == 4:
        return _checked(int(second), int(first), 1)
    month, day = (second, first) if locale.date_order == "dmy" else (first, second)
    if len(day) > 2 or len(month) > 2:
        return None
    found = _checked(year, int(month), int(day))
    if found is None and int(second) > 31:
        return _checked(_full_year(second), int(first), 1)
    return found


def _full_year(text: str) -> int:
    number = int(text)
    if len(text) > 2:
        return number
    return number + (2000 if number < 30 else 1900)


def _checked(year: int, month: int, day: int) -> int | None:
    if not (1900 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)):
        return None
    return serial_of_parts(year, month, day)


def _worded(text: str, locale: Locale, year: int) -> int | None:
    """A date with its month as a word, in whichever order: 5 mar 2020, mar 5, 2020, 5-mar-20, mar-20, 5. märz."""
    parts = _split_words(text)
    if parts is None:
        return None
    weekdays = {name.lower() for name in (*locale.weekdays, *locale.short_weekdays)}
    parts = parts[1:] if parts[:1] and parts[0] in weekdays else parts
    words = [one for one in parts if not one.isdecimal()]
    numbers = [one for one in parts if one.isdecimal()]
    if len(words) != 1 or not 1 <= len(numbers) <= 2:
        return None
    month = _month(words[0], locale)
    if month is None:
        return None
    at = parts.index(words[0])
    if len(numbers) == 1:
        return _month_and_number(numbers[0], month, year, is_first=at == 0)
    if at == 2:
        return None
    first, second = numbers
    if len(first) > 2:
        return _checked(int(first), month, int(second)) if len(second) < 3 else None
    return _checked(_full_year(second), month, int(first)) if len(second) in {1, 2, 4} else None


def _month_and_number(number: str, month: int, year: int, *, is_first: bool) -> int | None:
    if len(number) == 4:
        return _checked(int(number), month, 1)
    if len(number) > 2:
        return None
    day = _checked(year, month, int(number))
    if day is None and is_first:
        return _checked(_full_year(number), month, 1)
    return day


def _split_words(text: str) -> list[str] | None:
    parts = []
    at = 0
    while at < len(text):
        end = at + 1
        if text[at].isalpha():
            while end < len(text) and text[end].isalpha():
                end += 1
            parts.append(text[at:end])
        elif text[at].isdecimal() and text[at].isascii():
            while end < len(text) and text[end].isdecimal() and text[end].isascii():
                end += 1
            parts.append(text[at:end])
        elif text[at] not in " ,-/.":
            return None
        at = end
    return parts


def _month(word: str, locale: Locale) -> int | None:
    if len(word) < 3:
        return None
    for names in (locale.months, locale.short_months):
        for i, name in enumerate(names):
            if name.lower() == word or (len(word) == 3 and name.lower()[:3] == word):
                return i + 1
    return None
