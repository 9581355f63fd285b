"""Numbers, money and percentages as people write them, read strictly: `12k` and `5-6` are no numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from math import isfinite
from typing import NamedTuple

from sheetcrm.table import Invalid, Raw

SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "Fr.": "CHF", "zł": "PLN", "Kč": "CZK", "Ft": "HUF"}
_WORDS = {"euro": "EUR", "euros": "EUR", "ft": "HUF", "fr": "CHF", "sfr": "CHF", "zł": "PLN", "kč": "CZK"}
_SIGN = r"[A-Za-z]{2,5}|[€$£¥]|Fr\.|zł|Kč"
_MONEY = re.compile(rf"(?P<before>{_SIGN})?\s?(?P<number>[-+]?\d[^A-Za-z€$£¥]*?)\s?(?P<after>{_SIGN})?$")
_NO_CENTS = re.compile(r"(?<=\d)[.,]\s?(?:--?|\u2013|\u2014)(?=\D*$)")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")

TOO_LARGE = 10**15
"""What no amount reaches: from here on a spreadsheet's numbers have no cents, and money cannot be shown."""


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
    """The decimal number that a spreadsheet shows for a stored float: 15 significant digits; it knows no -0."""
    if -TOO_LARGE < number < TOO_LARGE and number == int(number):
        return Decimal(int(number))
    return Decimal(f"{number:.15g}")


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text.strip()).replace("\u2212", "-")


def read_number(text: str, decimal_mark: str) -> Decimal | None:
    """The number in a text, None where there is none or two readings are possible.

    The locale's reading comes first, then the other one ("1,5" in an English sheet). One decimal mark before exactly
    three digits ("1.200" in an English sheet) may just as well be a group: ambiguous, so None.
    """
    text = _plain(text)
    match = _PATTERNS[decimal_mark].match(text) or _PATTERNS["," if decimal_mark == "." else "."].match(text)
    if match is None:
        return None
    whole, fraction = match["whole"], match["fraction"] or ""
    if len(fraction) == 3 and not match["mark"] and len(whole) <= 3 and whole != "0":
        return None
    digits = re.sub(r"\D", "", whole)
    return Decimal(f"{match['sign']}{digits}.{fraction}") if fraction else Decimal(f"{match['sign']}{digits}")


def parse_number(raw: Raw, decimal_mark: str) -> float | Invalid:
    """A number as float, or Invalid; it knows no -0."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return Invalid(raw)
    if not isinstance(raw, str):
        return (float(raw) or 0.0) if abs(raw) < 1e300 else Invalid(raw)
    number = read_number(raw, decimal_mark)
    return (float(number) or 0.0) if number is not None and abs(number) < 10**300 else Invalid(raw)


@cache
def _currencies() -> dict[str, str]:
    from babel.core import get_global

    codes = {str(code): str(code) for code in get_global("all_currencies")}
    # In small letters only the usual ones: "all", "try" and "top" are currencies too.
    usual = {code.casefold(): code for code in SYMBOLS.values()}
    return {**codes, **usual, **_WORDS, **{symbol.casefold(): code for symbol, code in SYMBOLS.items()}}


def currency_code(sign: str) -> str:
    """The ISO code of a symbol, code or word for a currency (`€`, `eur`, `Euro`), empty where it is none."""
    sign = sign.strip()
    return _currencies().get(sign) or _currencies().get(sign.casefold(), "")


def header_currency(header: str) -> str:
    """The currency that a header names, as in `Amount (EUR)` or `Betrag €`; empty where it names none."""
    signs: list[str] = re.findall(r"\b[A-Z]{3}\b|[€$£¥]|\bFr\.|\bzł|\bKč|\bFt\b", header)
    return next((code for sign in signs if (code := currency_code(sign))), "")


def parse_money(raw: Raw, decimal_mark: str, currency: str) -> Money | Invalid:
    """An amount with the currency written beside it, else the column's."""
    if raw.__class__ is float or raw.__class__ is int:
        return Money(decimal_of(raw), currency) if -TOO_LARGE < raw < TOO_LARGE else Invalid(raw)
    if not isinstance(raw, str):
        return Invalid(raw)
    match = _MONEY.match(_NO_CENTS.sub("", _plain(raw)))
    number = read_number(match["number"], decimal_mark) if match else None
    if match is None or number is None or abs(number) >= TOO_LARGE or (match["before"] and match["after"]):
        return Invalid(raw)
    sign = match["before"] or match["after"]
    own = currency_code(sign) if sign else currency
    return Invalid(raw) if sign and not own else Money(number, own)


def shows_points(raws: Iterable[Raw], decimal_mark: str) -> bool:
    """Whether a column of shares writes 25 for a quarter: some number without % is greater than 1."""
    texts: set[str] = set()
    for raw in set(raws):
        if isinstance(raw, str):
            texts.add(raw)
        elif isinstance(raw, int | float) and not isinstance(raw, bool) and isfinite(raw) and raw > 1:
            return True
    return any((number := read_number(text, decimal_mark)) is not None and number > 1 for text in texts)


def only_currency(raws: Iterable[Raw]) -> str:
    """The currency of a column whose amounts name one and the same; empty where they name none or several."""
    texts = {raw for raw in raws if isinstance(raw, str)}
    found = {money.currency for raw in texts if (money := _named_money(raw)) is not None}
    return found.pop() if len(found) == 1 else ""


def _named_money(raw: str) -> Money | None:
    for mark in (".", ","):
        money = parse_money(raw, mark, "")
        if isinstance(money, Money) and money.currency:
            return money
    return None


def parse_percent(raw: Raw, decimal_mark: str, *, in_points: bool) -> float | Invalid:
    """A share from 0 to 1; `in_points` says that the column writes 25 for a quarter.

    Among points, 0.5 may be a half or half a percent: Invalid.
    """
    is_signed = isinstance(raw, str) and raw.strip().endswith("%")
    number = parse_number(raw.strip().removesuffix("%") if isinstance(raw, str) else raw, decimal_mark)
    if isinstance(number, Invalid) or (in_points and not is_signed and 0 < number < 1):
        return Invalid(raw)
    share = number / 100 if in_points or is_signed else number
    return share if 0 <= share <= 1 else Invalid(raw)
