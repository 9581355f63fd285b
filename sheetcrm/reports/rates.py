"""Amounts of several currencies in one, by the Rates tab: which rate held on a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property

from sheetcrm.schema.kinds import as_day
from sheetcrm.schema.numbers import currency_code
from sheetcrm.table import Table


@dataclass(frozen=True)
class Rates:
    """For each currency the days from which a rate held: so many units of `main` for one of it."""

    main: str = ""
    by_currency: Mapping[str, tuple[tuple[date, Decimal], ...]] = field(default_factory=dict)

    @cached_property
    def _days(self) -> dict[str, list[date]]:
        return {currency: [day for day, _ in rates] for currency, rates in self.by_currency.items()}

    def rate(self, currency: str, day: date) -> Decimal | None:
        """The rate of the latest day up to this one; None where the tab tells none so early, or none at all."""
        if currency == self.main:
            return Decimal(1)
        place = bisect_right(self._days.get(currency, []), day)
        return self.by_currency[currency][place - 1][1] if place else None

    def cents(self, cents: int, currency: str, day: date) -> tuple[int, str]:
        """The amount in the main currency, to the cent (half to even); as it is where no rate is known."""
        if currency == self.main or not self.by_currency:
            return cents, currency
        rate = self.rate(currency, day)
        if rate is None:
            return cents, currency
        return int((cents * rate).to_integral_value(ROUND_HALF_EVEN)), self.main


def rates_of(table: Table | None, main: str) -> Rates:
    """The rates of the tab into one currency: `Date, Currency, Rate`, one unit of Currency being Rate of it.

    A column In names the other currency; a row that gives the main currency in another one counts turned around. Rows
    without a rate above zero, a currency or a date are left out; of two for one day the lower one in the tab counts.
    """
    if table is None or not main:
        return Rates(main)
    found: dict[str, dict[date, Decimal]] = {}
    for row in table:
        day, value = as_day(row["day"]), row["rate"]
        currency, base = currency_code(row.text("currency")), currency_code(row.text("base")) or main
        if day is None or not isinstance(value, int | float | Decimal) or value <= 0 or not currency:
            continue
        rate = value if isinstance(value, Decimal) else Decimal(repr(value))
        if base == main and currency != main:
            found.setdefault(currency, {})[day] = rate
        elif currency == main and base != main:
            found.setdefault(base, {})[day] = 1 / rate
    return Rates(main, {currency: tuple(sorted(rates.items())) for currency, rates in found.items()})
