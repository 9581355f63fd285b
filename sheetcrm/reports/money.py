"""Sums of money that never mix currencies, and how they are shown in the reader's locale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache, lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval
from babel.numbers import format_compact_currency, format_compact_decimal, format_currency, format_decimal

CENT = Decimal("0.01")
UNIT = Decimal(1)


@dataclass(frozen=True, slots=True)
class Total:
    """An exact sum in one currency; `currency` is empty where neither cell nor workbook names one."""

    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many leads, and the sum of their amounts per currency, the main currency first."""

    count: int = 0
    totals: tuple[Total, ...] = ()


NO_LEADS = Tally()


def totals_of(sums: Mapping[str, Decimal], main: str) -> tuple[Total, ...]:
    """The sums as totals: the main currency first, also where it is zero, the others by alphabet."""
    others = sorted(currency for currency in sums if currency != main)
    return (Total(sums.get(main, Decimal(0)), main), *(Total(sums[currency], currency) for currency in others))


@cache
def parse_locale(name: str) -> Locale:
    """The locale of a name such as `de_DE` or `de-DE`; the language alone where the country is unknown."""
    return known_locale(name) or known_locale(name.replace("-", "_").partition("_")[0]) or Locale("en")


def known_locale(name: str) -> Locale | None:
    """The locale of a name; None where there is none of that name."""
    try:
        return Locale.parse(name.strip().replace("-", "_"))
    except (ValueError, LookupError, TypeError, UnknownLocaleError):
        return None


def show_money(amount: Decimal, currency: str, locale: str) -> str:
    """The amount to the cent, without cents where there are none: `€24,000`, `1.234,50 €`."""
    is_whole = amount == amount.to_integral_value()
    return show_whole(amount, currency, locale) if is_whole else _currency(amount.quantize(CENT), currency, locale, 2)


def show_whole(amount: Decimal, currency: str, locale: str) -> str:
    """The amount rounded to whole units: `€24,001`."""
    return _currency(amount.quantize(UNIT, ROUND_HALF_EVEN), currency, locale, 0)


@lru_cache(maxsize=16384)
def show_short(amount: Decimal, currency: str, locale: str) -> str:
    """The amount as short as the language allows: `€6.3k`, `€1.2M`; German has no short thousands: `6.300 €`."""
    amount = _without_odd_thousands(amount)
    if abs(amount) < 1000 or (abs(amount) < 1_000_000 and not _has_short_thousands(locale)):
        return show_whole(amount, currency, locale)
    if currency:
        short = format_compact_currency(amount, currency, locale=parse_locale(locale), fraction_digits=1)
    else:
        short = format_compact_decimal(amount, locale=parse_locale(locale), fraction_digits=1)
    return _spaced(re.sub(r"(?<=\d)K\b", "k", short))


def show_day(day: date, locale: str) -> str:
    """The day as a reader says it: `Monday, 2 March 2026` in the order of the locale."""
    return format_date(day, "full", locale=_date_locale(locale))


@lru_cache(maxsize=16384)
def show_short_day(day: date, locale: str) -> str:
    """The day in short: `2 Mar 2026`, `02.03.2026`."""
    return format_date(day, "medium", locale=_date_locale(locale))


def show_span(start: date, last: date, locale: str) -> str:
    """The days from one to another, what they share said once: `16-22 Nov 2026`."""
    if start == last:
        return show_short_day(start, locale)
    return str(format_interval(start, last, "yMMMd", locale=_date_locale(locale)))


def show_month(day: date, locale: str) -> str:
    """The day's month: `March 2026`."""
    return format_date(day, "LLLL y", locale=parse_locale(locale))


def show_totals(totals: Iterable[Total], locale: str) -> dict[str, Any]:
    """The sums for a template: `shown` (to the cent), `whole`, `short` of the first; `others` shown; `raw` of all."""
    first, *others = [*totals] or [Total(Decimal(0), "")]
    return {
        "shown": show_money(first.amount, first.currency, locale),
        "whole": show_whole(first.amount, first.currency, locale),
        "short": show_short(first.amount, first.currency, locale),
        "number": float(first.amount),
        "others": [show_money(one.amount, one.currency, locale) for one in others if one.amount],
        "raw": {one.currency: str(one.amount) for one in (first, *others)},
    }


def _date_locale(locale: str) -> Locale:
    # English without a country is American to babel; day before month is what most of its readers expect.
    return parse_locale("en_GB" if locale == "en" else locale)


# Reports say the same sums again and again, and babel takes a quarter of a millisecond for each.
@lru_cache(maxsize=65536)
def _currency(amount: Decimal, currency: str, locale: str, digits: int) -> str:
    parsed = parse_locale(locale)
    if not currency:
        return format_decimal(amount, format=_decimals("#,##0", digits), locale=parsed)
    pattern = re.sub(r"\.0+", "", parsed.currency_formats["standard"].pattern)
    return _spaced(format_currency(amount, currency, _decimals(pattern, digits), locale=parsed, currency_digits=False))


def _spaced(shown: str) -> str:
    # The locales' tables want a space between letters and digits, NOK 5 but €5; babel leaves it out.
    return re.sub(r"^(-?[^\W\d_]+)(?=\d)", "\\1\xa0", shown)


def _decimals(pattern: str, digits: int) -> str:
    return pattern.replace("#0", "#0." + "0" * digits) if digits else pattern


def _without_odd_thousands(amount: Decimal) -> Decimal:
    # babel rounds after choosing the unit, so 999,960 would become €1000K.
    return Decimal(1_000_000).copy_sign(amount) if 999_950 <= abs(amount) < 1_000_000 else amount


@cache
def _has_short_thousands(locale: str) -> bool:
    return not format_compact_decimal(1000, locale=parse_locale(locale)).isdigit()
