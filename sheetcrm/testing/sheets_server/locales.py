"""How people of a locale write numbers and dates: decimal mark, order of day and month, names of months."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

FALLBACK = "en_US"

_CURRENCIES = {"US": "$", "GB": "£", "JP": "¥", "CH": "CHF", "IN": "₹", "PL": "zł", "SE": "kr", "BR": "R$", "CA": "$"}
_EURO_COUNTRIES = frozenset("AT BE CY DE EE ES FI FR GR HR IE IT LT LU LV MT NL PT SI SK".split())


@dataclass(frozen=True)
class Customs:
    """What differs between locales."""

    decimal: str
    group: str
    date: str
    """The pattern of a day, as in `M/d/yyyy`."""
    time: str
    months: Mapping[str, int]
    """Names of months, short and long, in small letters without a dot."""
    month_names: tuple[str, ...]
    short_months: tuple[str, ...]
    day_names: tuple[str, ...]
    short_days: tuple[str, ...]
    currency: str

    @property
    def order(self) -> str:
        """`mdy`, `dmy` or `ymd`."""
        places = {self.date.lower().index(letter): letter for letter in "ymd"}
        return "".join(places[at] for at in sorted(places))

    @property
    def separator(self) -> str:
        """What stands between day and month."""
        found = re.search(r"[^A-Za-z]", self.date)
        return found[0] if found else "/"


@cache
def customs_of(name: str) -> Customs:
    """The customs of a locale such as `de_DE`; those of `en_US` where nobody knows it."""
    from babel import Locale, UnknownLocaleError

    name = name or FALLBACK
    if name == "en":
        name = FALLBACK
    try:
        locale = Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse(FALLBACK)
    symbols = locale.number_symbols["latn"]
    pattern = re.sub(r"y+", "yyyy", locale.date_formats["short"].pattern)
    clock = re.sub(r"\s*a+", " am/pm", locale.time_formats["medium"].pattern.replace("\u202f", " "))
    months = {width: locale.months["format"][width] for width in ("wide", "abbreviated")}
    days = {width: locale.days["format"][width] for width in ("wide", "abbreviated")}
    names = {text.rstrip(".").casefold(): number for one in months.values() for number, text in one.items()}
    english = Locale.parse("en").months["format"]
    names |= {
        text.casefold(): number for one in (english["wide"], english["abbreviated"]) for number, text in one.items()
    }
    territory = locale.territory or ""
    return Customs(
        decimal=symbols["decimal"],
        group=symbols["group"],
        date=pattern,
        time=clock,
        months=names,
        month_names=tuple(months["wide"][i] for i in range(1, 13)),
        short_months=tuple(months["abbreviated"][i] for i in range(1, 13)),
        day_names=tuple(days["wide"][i] for i in range(7)),
        short_days=tuple(days["abbreviated"][i] for i in range(7)),
        currency="€" if territory in _EURO_COUNTRIES else _CURRENCIES.get(territory, "$"),
    )
