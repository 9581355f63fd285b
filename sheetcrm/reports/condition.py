"""Whether a report is wanted: a condition over its figures, in the language of the rules."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sheetcrm.errors import FormulaError

if TYPE_CHECKING:
    from sheetcrm.reports.values import Figures


def names_of(figures: Figures) -> dict[str, float]:
    """The figures that a condition may name, sums in the main currency."""
    total, before = figures.total, figures.before

    def amount(totals: tuple[object, ...]) -> float:
        return float(getattr(totals[0], "amount", 0)) if totals else 0.0

    return {
        "Open": amount(total.open.totals),
        "Open Leads": total.open.count,
        "Weighted": amount(total.weighted),
        "New": total.new.count,
        "Won": amount(total.won.totals),
        "Won Leads": total.won.count,
        "Won Before": amount(before.won.totals),
        "Lost": amount(total.lost.totals),
        "Lost Leads": total.lost.count,
        "Overdue": total.overdue,
        "Stalled": total.stalled,
        "Needs You": figures.needs_you_tally.count,
        "Quality": figures.quality,
    }


def holds(condition: str, figures: Figures, now: datetime, locale: str) -> bool | str:
    """Whether the condition holds; what is wrong with it where it cannot be read or gives no yes or no."""
    from sheetcrm import formula

    columns = {name: [value] for name, value in names_of(figures).items()}
    try:
        (answer,) = formula.evaluate(condition.removeprefix("="), columns, now, locale=locale[:2])
    except FormulaError as error:
        return str(error)
    if isinstance(answer, bool | float | int):
        return bool(answer)
    return f"it gives {answer}"
