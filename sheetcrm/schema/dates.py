"""Dates as people write them: ISO first, one order of day and month per column, what stays ambiguous is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache

from sheetcrm.table import Invalid, Raw

_CLOCK = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|[+-]\d{2}:?\d{2})?)?"
_ISO = re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}}){_CLOCK}$")
_DOTS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?:,?\s\d{1,2}:\d{2}(?::\d{2})?)?$")
_SLASHES = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?:,?\s\d{1,2}:\d{2}(?::\d{2})?)?$")
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})$")
_NAMED_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]+([^\W\d]+)\.?,?[\s-]+(\d{4}|\d{2})$")
_NAMED_MONTH_FIRST = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})$")


def day_first(raws: Iterable[Raw], locale: str) -> bool | None:
    """Whether a column writes 03/04/2026 for 3 April; None where it shows neither or both.

    Only values that can be read in one way are evidence. A locale with a territory (en_GB, en_US, de_DE) decides where
    the column holds no evidence at all.
    """
    texts = {raw.strip() for raw in raws if isinstance(raw, str)}
    matches = [match for one in texts if (match := _SLASHES.match(one))]
    is_first, is_second = (any(int(match[place]) > 12 for match in matches) for place in (1, 3))
    if is_first != is_second:
        return is_first
    if is_first or locale == "en":
        return None
    return locale != "en_US"


@cache
def month_names(locale: str) -> Mapping[str, int]:
    """Month names and abbreviations of a locale, English and German, casefolded, to 1..12."""
    from babel.dates import get_month_names

    names: dict[str, int] = {}
    for language in {"en", "de", locale}:
        for width in ("wide", "abbreviated"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    names[name.casefold().rstrip(".")] = number
    return {**names, "sept": 9, "mrz": 3}


def parse_date(raw: Raw, *, is_day_first: bool | None, locale: str) -> date | Invalid:
    """The day that a cell names, or Invalid: impossible, ambiguous, a bare number, or no date at all."""
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if not isinstance(raw, str):
        return Invalid(raw)
    text = " ".join(raw.split())
    parts = _numeric(text, is_day_first=is_day_first) or _named(text, locale)
    if parts is None or not 1900 <= parts[0] <= 2199:
        return Invalid(raw)
    try:
        return date(*parts)
    except ValueError:
        return Invalid(raw)


def _numeric(text: str, *, is_day_first: bool | None) -> tuple[int, int, int] | None:
    if match := _ISO.match(text) or _YEAR_FIRST.match(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _DOTS.match(text):
        return _year(match[3]), int(match[2]), int(match[1])
    if not (match := _SLASHES.match(text)):
        return None
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if first > 12 or (is_day_first and second <= 12) or first == second:
        return year, second, first
    if second > 12 or is_day_first is False:
        return year, first, second
    return None


def _named(text: str, locale: str) -> tuple[int, int, int] | None:
    if match := _NAMED_DAY_FIRST.match(text):
        day, name, year = match[1], match[2], match[3]
    elif match := _NAMED_MONTH_FIRST.match(text):
        name, day, year = match[1], match[2], match[3]
    else:
        return None
    month = month_names(locale).get(name.casefold())
    return None if month is None else (_year(year), month, int(day))


def _year(digits: str) -> int:
    # As POSIX reads two digits: 68 is 2068, 69 is 1969, so that birthdays do not lie ahead.
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 69 else 1900)


def why_no_date(raw: Raw) -> str:
    """What is wrong with a cell that `parse_date` refused, in words for a person."""
    if isinstance(raw, int | float):
        return "is a number without a date format"
    text = str(raw).strip()
    if _SLASHES.match(text) and parse_date(raw, is_day_first=True, locale="en") != Invalid(raw):
        return "could be day/month or month/day"
    if any(pattern.match(text) for pattern in (_ISO, _DOTS, _SLASHES, _YEAR_FIRST)):
        return "is a day that does not exist"
    return "is not a date"
