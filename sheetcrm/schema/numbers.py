"""Numbers, money and percentages as people write them, read strictly: `12k` and `5-6` are no numbers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from sheetcrm.table import Invalid, Raw

SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "Fr.": "CHF", "zł": "PLN", "Kč": "CZK", "Ft": "HUF"}
_SIGN = r"[A-Z]{3}|[€$£¥]|Fr\.|zł|Kč|Ft"
_MONEY = re.compile(rf"(?P<before>{_SIGN})?\s?(?P<number>[-+]?\d[^A-Za-z€$£¥]*?)\s?(?P<after>{_SIGN})?$")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")


def _number_pattern(decimal: str, group: str) -> re.Pattern[str]:
    grouped = rf"[1-9]\d{{0,2}}(?P<mark>[{group}'\u2019 ])\d{{3}}(?:(?P=mark)\d{{3}})*"
    return re.compile(rf"(?P<sign>[-+]?)(?P<whole>{grouped}|\d+)(?:[{decimal}](?P<fraction>\d+))?$")


_PATTERNS = {".": _number_pattern(".", ","), ",": _number_pattern(",", ".")}


class Money(NamedTuple):
    """An amount and its ISO currency, empty where nothing tells it."""

    amount: Decimal
    currency: str = ""

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}".strip()


def decimal_of(number: float) -> Decimal:
    """The decimal number that a spreadsheet shows for a stored float: 15 significant digits."""
    return Decimal(number) if isinstance(number, int) else Decimal(f"{number:.15g}")


def read_number(text: str, decimal_mark: str) -> Decimal | None:
    """The number in a text, None where there is none or two readings are possible.

    The locale's reading comes first, then the other one ("1,5" in an English sheet). One decimal mark before exactly
    three digits ("1.200" in an English sheet) may just as well be a group: ambiguous, so None.
    """
    text = _SPACES.sub(" ", text.strip()).replace("\u2212", "-")
    match = _PATTERNS[decimal_mark].match(text) or _PATTERNS["," if decimal_mark == "." else "."].match(text)
    if match is None:
        return None
    whole, fraction = match["whole"], match["fraction"] or ""
    if len(fraction) == 3 and not match["mark"] and len(whole) <= 3 and whole != "0":
        return None
    digits = re.sub(r"\D", "", whole)
    return Decimal(f"{match['sign']}{digits}.{fraction}") if fraction else Decimal(f"{match['sign']}{digits}")


def parse_number(raw: Raw, decimal_mark: str) -> float | Invalid:
    """A number as float, or Invalid."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return Invalid(raw)
    if not isinstance(raw, str):
        return float(raw)
    number = read_number(raw, decimal_mark)
    return Invalid(raw) if number is None else float(number)


def parse_money(raw: Raw, decimal_mark: str, currency: str) -> Money | Invalid:
    """An amount with the currency written beside it, else the column's."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return Invalid(raw)
    if not isinstance(raw, str):
        return Money(decimal_of(raw), currency) if abs(raw) < 1e15 else Invalid(raw)
    match = _MONEY.match(_SPACES.sub(" ", raw.strip()))
    number = read_number(match["number"], decimal_mark) if match else None
    if match is None or number is None or (match["before"] and match["after"]):
        return Invalid(raw)
    sign = match["before"] or match["after"] or ""
    return Money(number, SYMBOLS.get(sign, sign) or currency)


def parse_percent(raw: Raw, decimal_mark: str, *, in_points: bool) -> float | Invalid:
    """A share from 0 to 1; `in_points` says that the column writes 25 for a quarter."""
    if isinstance(raw, str):
        text = raw.strip()
        number = read_number(text.removesuffix("%"), decimal_mark)
        value = None if number is None else float(number) / (100 if in_points or text.endswith("%") else 1)
    elif isinstance(raw, int | float) and not isinstance(raw, bool):
        value = raw / 100 if in_points else float(raw)
        if in_points and 0 < raw < 1:
            value = None
    else:
        value = None
    return Invalid(raw) if value is None or not 0 <= value <= 1 else value
