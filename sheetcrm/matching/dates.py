"""Dates as people type them, as eight digits: year, month, day."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ISO = re.compile(r"([12][0-9]{3})[-/. ]?([01]?[0-9])[-/. ]?([0-3]?[0-9])(?:[T ][0-9:.]+Z?)?")
_LAST = re.compile(r"([0-3]?[0-9])[-/. ]([0-3]?[0-9])[-/. ]([12][0-9]{3})(?: [0-9:.]+)?")


def is_dated(text: str) -> bool:
    """Whether it looks like a date with day, month and a year of four digits."""
    text = text.strip()
    if text.isdigit() and len(text) != 8:
        return False
    return bool(_ISO.fullmatch(text) or _LAST.fullmatch(text))


def is_month_first(texts: Iterable[str]) -> bool:
    """Whether a column writes 12/31/2020: judged by what can only be a day, over all its values."""
    votes = 0
    for text in texts:
        found = _LAST.fullmatch(text.strip())
        if found:
            votes += (int(found[2]) > 12) - (int(found[1]) > 12)
    return votes > 0


def date_key(text: str, *, month_first: bool = False) -> str:
    """Eight digits of what is a date, its digits of what is nearly one, empty where there are fewer than four."""
    text = text.strip()
    found = _ISO.fullmatch(text)
    if found:
        return f"{found[1]}{found[2]:0>2}{found[3]:0>2}"
    found = _LAST.fullmatch(text)
    if found:
        day, month = (found[2], found[1]) if month_first else (found[1], found[2])
        return f"{found[3]}{month:0>2}{day:0>2}"
    digits = "".join(sign for sign in text if sign.isdigit())
    return digits if len(digits) >= 4 else ""
