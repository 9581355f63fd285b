"""Days and amounts as the reader of a mail writes them; formatted once, since many rows share them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from sheetcrm.schema.numbers import Money


@lru_cache(maxsize=4096)
def shown_day(day: date, locale: str) -> str:
    """The day in short: 27 Feb 2026, 27.02.2026."""
    from sheetcrm.reports.money import show_short_day

    return show_short_day(day, locale)


@lru_cache(maxsize=4096)
def _shown_money(amount: Money, locale: str) -> str:
    from sheetcrm.reports.money import show_money

    return show_money(amount.amount, amount.currency, locale)


def shown_amount(amount: object, locale: str) -> str:
    """Money as the reader writes it, empty where there is none."""
    return _shown_money(amount, locale) if isinstance(amount, Money) else ""
