"""What the charts show, as values that `charts.draw` draws and the page's tables repeat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_symbol

from sheetcrm.reports.forecast import LATER, PASSED, UNDATED, ForecastLine
from sheetcrm.reports.money import Tally, parse_locale, show_short
from sheetcrm.reports.values import Happened
from sheetcrm.reports.words import Words

_WIDEST = 5
"""Characters over a bar: seven bars stand side by side on a phone."""
GREEN, RED, BLUE, SKY, PALE = "#15803d", "#ef9a9a", "#1d4ed8", "#60a5fa", "#bfdbfe"


def months_chart(months: Sequence[Happened], words: Words) -> dict[str, Any]:
    """Won and lost by month, in the main currency; counts where no amount is known."""
    by_count = not any(_amount(one.won) or _amount(one.lost) for one in months)
    won, lost = (
        [_size(tally, by_count=by_count) for tally in (getattr(one, kind) for one in months)]
        for kind in ("won", "lost")
    )
    currency = next((one.won.totals[0].currency for one in months if one.won.totals), "")
    shown, unit = _labels(won, currency, words, by_count=by_count)
    labels = [month_name(one.period.start, words.locale) for one in months]
    return {
        "name": "months",
        "title": words("section.months") + unit,
        "is_stacked": False,
        "labels": labels,
        "series": [
            {"name": words("head.won"), "color": GREEN, "values": won, "shown": shown},
            {"name": words("head.lost"), "color": RED, "values": lost, "shown": [""] * len(months)},
        ],
        "alt": _said(words("section.months"), labels, shown),
        "is_empty": not any(won + lost),
    }


def forecast_chart(lines: Sequence[ForecastLine], words: Words) -> dict[str, Any]:
    """Open leads by the month in which they should close, by category, in the main currency."""
    lines = [one for one in lines if one.commit.count or one.best.count or one.pipeline.count]
    by_count = not any(_amount(tally) for one in lines for tally in (one.commit, one.best, one.pipeline))
    parts = {
        kind: [_size(getattr(one, kind), by_count=by_count) for one in lines] for kind in ("commit", "best", "pipeline")
    }
    sums = [sum(values) for values in zip(*parts.values(), strict=True)]
    currency = next((one.commit.totals[0].currency for one in lines if one.commit.totals), "")
    shown, unit = _labels(sums, currency, words, by_count=by_count)
    labels = [forecast_month(one.month, words) for one in lines]
    colors = {"commit": BLUE, "best": SKY, "pipeline": PALE}
    return {
        "name": "forecast",
        "title": words("section.forecast") + unit,
        "is_stacked": True,
        "labels": labels,
        "series": [
            {"name": words(f"head.{kind}"), "color": colors[kind], "values": values, "shown": shown}
            for kind, values in parts.items()
        ],
        "alt": _said(words("section.forecast"), labels, shown),
        "is_empty": not any(sums),
    }


def month_name(month: date, locale: str) -> str:
    """A month in short: Nov."""
    return str(format_date(month, "LLL", locale=parse_locale(locale)))


def forecast_month(month: str, words: Words) -> str:
    """The name of a line of the forecast."""
    if month in {PASSED, LATER, UNDATED}:
        return words(f"month.{month}")
    return month_name(date.fromisoformat(f"{month}-01"), words.locale)


def _amount(tally: Tally) -> float:
    return float(tally.totals[0].amount) if tally.totals else 0.0


def _size(tally: Tally, *, by_count: bool) -> float:
    return float(tally.count) if by_count else max(_amount(tally), 0.0)


def _labels(values: Sequence[float], currency: str, words: Words, *, by_count: bool) -> tuple[list[str], str]:
    """The texts over the bars, empty over none, and what the title adds: the currency where the texts leave it out."""
    if by_count:
        return [words.count(int(one)) if one else "" for one in values], ""
    full = [show_short(_decimal(one), currency, words.locale) if one else "" for one in values]
    if max(map(len, full), default=0) <= _WIDEST:
        return full, ""
    symbol = get_currency_symbol(currency, locale=parse_locale(words.locale)) if currency else ""
    return [_narrow(one, words) if one else "" for one in values], f", {symbol}" if symbol else ""


def _narrow(value: float, words: Words) -> str:
    """The number in at most five characters or so: 1.2M, 34k."""
    locale = parse_locale(words.locale)
    for size, sign in ((1e6, "M"), (1e3, "k")):
        if value >= size:
            digits = "#,##0.#" if value < 10 * size else "#,##0"
            return str(format_decimal(value / size, digits, locale=locale)) + sign
    return words.count(round(value))


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _said(title: str, labels: Sequence[str], shown: Sequence[str]) -> str:
    return f"{title}: " + ", ".join(f"{label} {text or 0}" for label, text in zip(labels, shown, strict=True))
