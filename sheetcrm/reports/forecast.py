"""What the open leads will bring, by the month in which they are expected to close; won and lost stand apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.basis import Basis, tally, totals
from sheetcrm.reports.frame import objects
from sheetcrm.reports.money import Tally, Total
from sheetcrm.reports.periods import months_on
from sheetcrm.schema.fields import normal

MONTHS = 6
PASSED, LATER, UNDATED = "passed", "later", "undated"
CATEGORIES = ("commit", "best", "pipeline")
_WORDS = {
    "commit": ("commit", "committed", "sicher", "zugesagt"),
    "best": ("best case", "best", "upside", "moglich", "wahrscheinlich"),
    "pipeline": ("pipeline", "open", "offen"),
    "omitted": ("omitted", "omit", "none", "ohne", "ausgenommen"),
}


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """One month (`2026-03`; passed, later, undated): open leads by category, their weighted sum, won and lost."""

    month: str
    commit: Tally
    best: Tally
    pipeline: Tally
    weighted: tuple[Total, ...]
    won: Tally
    lost: Tally


def with_forecast(basis: Basis) -> pd.DataFrame:
    """The leads with `category` (empty unless open) and `month`.

    - *category*: the word in the column Forecast; lacking one, commit from a probability of 0.7 on (the row's or else
      its stage's), best case from 0.4 on, else pipeline (`[summary] commit`, `best_case`); omitted leads have none
    - *month*: that of `expected_close` where it lies today or later, within this and the next five months; *later*
      beyond; *passed* where it lies before today; *undated* where there is none. Of won and lost ones that of `settled`
    """
    leads = basis.leads
    return leads.assign(category=_categories(basis, leads), month=_months(basis, leads))


def forecast_lines(basis: Basis, leads: pd.DataFrame | None = None) -> tuple[ForecastLine, ...]:
    """The months with anything in them, in order: passed, this one and the next five, later, undated.

    `leads` are those of `with_forecast`, where they were told already.
    """
    leads = (with_forecast(basis) if leads is None else leads)[
        ["month", "category", "place", "has_amount", "cents", "currency", "weighted"]
    ]
    this, main = basis.today.replace(day=1), basis.currency
    months = dict(iter(leads.groupby("month", sort=False)))
    names = [PASSED, *(f"{months_on(this, n):%Y-%m}" for n in range(MONTHS)), LATER, UNDATED]
    lines = []
    for name, some in ((name, months[name]) for name in names if name in months):
        open_ = some[some["category"].ne("").to_numpy()]
        parts = {one: tally(open_[open_["category"].eq(one).to_numpy()], main) for one in CATEGORIES}
        won, lost = (tally(some[some["place"].eq(place).to_numpy()], main) for place in ("won", "lost"))
        lines.append(ForecastLine(name, **parts, weighted=totals(open_, main, "weighted"), won=won, lost=lost))
    return tuple(one for one in lines if one.commit.count or one.best.count or one.pipeline.count or _is_month(one))


def _is_month(line: ForecastLine) -> bool:
    return bool(line.won.count or line.lost.count) and line.month not in {PASSED, LATER, UNDATED}


def _categories(basis: Basis, leads: pd.DataFrame) -> Any:
    words = {word: name for name, some in _WORDS.items() for word in some}
    found = np.full(len(leads), "", dtype=object)
    is_open = leads["place"].eq("open").to_numpy()
    each = list(
        zip(*(leads[name].to_numpy()[is_open].tolist() for name in ("forecast", "status", "chance")), strict=True)
    )
    known: dict[tuple[str, str, Any], str] = {}
    for word, status, chance in dict.fromkeys(each):
        named = words.get(normal(word), "") if word else ""
        known[word, status, chance] = "" if named == "omitted" else named or _by_chance(basis, status, chance)
    found[is_open] = objects(map(known.__getitem__, each))
    return found


def _by_chance(basis: Basis, status: str, chance: Any) -> str:
    share = float(basis.stages.probability(status) if chance is None else chance)
    return "commit" if share >= basis.rule.commit else "best" if share >= basis.rule.best_case else "pipeline"


def _months(basis: Basis, leads: pd.DataFrame) -> Any:
    is_open = leads["place"].eq("open").to_numpy()
    expected = leads["expected_close"].to_numpy().astype("datetime64[D]")
    settled = leads["settled"].to_numpy().astype("datetime64[D]")
    day = np.where(is_open, expected, settled)
    today, end = (np.datetime64(one, "D") for one in (basis.today, months_on(basis.today.replace(day=1), MONTHS)))
    months = np.datetime_as_string(day.astype("datetime64[M]"), unit="M").astype(object)
    months = np.where(day >= end, LATER, months)
    months = np.where(is_open & (day < today), PASSED, months)
    return np.where(np.isnat(day), UNDATED, months)
