"""How a country writes numbers, dates and formulas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

MONTHS = ("January February March April May June July August September October November December").split()
WEEKDAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split()


@dataclass(frozen=True)
class Locale:
    """Signs and words of one country; the fields' defaults are American English, as Excel's own examples."""

    name: str = "en"
    decimal: str = "."
    group: str = ","
    date_order: str = "mdy"
    currency: str = "$"
    months: tuple[str, ...] = tuple(MONTHS)
    short_months: tuple[str, ...] = tuple(one[:3] for one in MONTHS)
    weekdays: tuple[str, ...] = tuple(WEEKDAYS)
    """From Sunday on."""
    short_weekdays: tuple[str, ...] = tuple(one[:3] for one in WEEKDAYS)
    format_letters: str = "ymdhs"
    """What stands for year, month, day, hour and second in a number format."""

    @cached_property
    def date_beginnings(self) -> frozenset[str]:
        """The first three letters of all months and weekdays."""
        names = (*self.months, *self.short_months, *self.weekdays, *self.short_weekdays)
        return frozenset(name[:3].lower() for name in names)

    @property
    def separator(self) -> str:
        """What parts the arguments of a function."""
        return ";" if self.decimal == "," else ","


ENGLISH = Locale()

# Excel takes the letters of the country in TEXT; these are the countries where they are not y, m, d, h, s.
_LETTERS = {"de": "jmths", "fr": "amjhs", "nl": "jmdus", "it": "amghs", "es": "amdhs", "pt": "amdhs", "fi": "vkpts",
            "da": "åmdts", "nb": "åmdts", "sv": "åmdts", "pl": "rmdgs"}  # fmt: skip


@lru_cache(maxsize=32)
def locale_of(name: str) -> Locale:
    """The Locale of a name such as `de` or `de_AT`; plain `en` and `en_US` are American English.

    Raises ValueError for a name that no country has.
    """
    if name.replace("-", "_") in {"", "en", "en_US"}:
        return ENGLISH
    from babel import Locale as BabelLocale
    from babel import UnknownLocaleError

    try:
        told = BabelLocale.parse(name.replace("-", "_"))
    except UnknownLocaleError as error:
        raise ValueError(str(error)) from error
    symbols = told.number_symbols["latn"]
    pattern = told.date_formats["short"].pattern.lower()
    order = "".join(sorted("ymd", key=pattern.find))
    months, days = told.months["format"], told.days["format"]
    return Locale(
        name=name,
        decimal=symbols["decimal"],
        group=symbols["group"].replace("\u00a0", " ").replace("\u202f", " "),
        date_order=order,
        currency="€"
        if told.territory != "GB" and symbols["decimal"] == ","
        else "£"
        if told.territory == "GB"
        else "$",
        months=tuple(months["wide"][i] for i in range(1, 13)),
        short_months=tuple(months["abbreviated"][i].rstrip(".") for i in range(1, 13)),
        weekdays=tuple(days["wide"][(i - 1) % 7] for i in range(7)),
        short_weekdays=tuple(days["abbreviated"][(i - 1) % 7].rstrip(".") for i in range(7)),
        format_letters=_LETTERS.get(told.language, "ymdhs"),
    )
