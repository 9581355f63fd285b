"""The rows behind each figure, by the figure's name: what `sheetcrm report explain` lists and the page links to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from sheetcrm.errors import NotFound
from sheetcrm.reports.basis import Basis
from sheetcrm.reports.changes import changes_of
from sheetcrm.reports.forecast import CATEGORIES, with_forecast
from sheetcrm.reports.periods import Period
from sheetcrm.reports.sources import came_from
from sheetcrm.reports.values import MOVES

NEEDS_YOU = "needs-you"

Flag = Callable[[pd.DataFrame], Any]
_FLAGS: dict[str, Flag] = {
    "open": lambda leads: leads["place"].eq("open").to_numpy(),
    "weighted": lambda leads: leads["place"].eq("open").to_numpy(),
    "overdue": lambda leads: leads["days_overdue"].to_numpy() > 0,
    "stalled": lambda leads: leads["is_stalled"].to_numpy(dtype=bool),
    "no-step": lambda leads: leads["lacks_step"].to_numpy(dtype=bool),
    "unplaced": lambda leads: leads["place"].eq("").to_numpy(),
    NEEDS_YOU: lambda leads: (leads["days_overdue"].to_numpy() > 0) | leads["is_stalled"].to_numpy(dtype=bool),
}
_GROUPED = ("stage", "owner", "forecast", "source")
NAMES = (*_FLAGS, *MOVES, *(f"{one}/..." for one in _GROUPED))
"""What may be asked for."""


def rows_behind(basis: Basis, period: Period, figure: str) -> pd.DataFrame:
    """The leads that a figure counts. Raises NotFound for a figure that there is not.

    `open`, `weighted`, `overdue`, `stalled`, `no-step`, `needs-you` as they stand; `new`, `won`, `lost`, `forward`,
    `back`, `reopened`, `pushed`, `gone` of the period; `stage/Proposal`, `owner/Ann` (open leads), `forecast/2026-03`
    or `forecast/commit`; `source/Website`: the leads of the last 365 days with that first touch.
    """
    kind, _, word = figure.partition("/")
    if not word and kind in _FLAGS:
        return basis.leads[_FLAGS[kind](basis.leads)]
    if not word and kind in MOVES:
        return _moved(basis, period, kind)
    if word and kind in _GROUPED:
        return _grouped(basis, kind, word)
    raise NotFound(f"There is no figure {figure!r}.", f"There are: {', '.join(NAMES)}.")


def _moved(basis: Basis, period: Period, kind: str) -> pd.DataFrame:
    found = changes_of(basis, period).frame(kind)
    if found is None:
        since = f"since {basis.past.since}" if basis.past.since else "from the next run on"
        what = f"Nothing is known of {kind} in {period.key}: the history is kept {since}."
        raise NotFound(what, "Older copies of the workbook are taken in by `sheetcrm history import`.")
    return found


def _grouped(basis: Basis, kind: str, word: str) -> pd.DataFrame:
    wanted = "" if word == "-" else word
    if kind == "source":
        return came_from(basis, wanted)
    leads = with_forecast(basis) if kind == "forecast" else basis.leads
    is_open = leads["place"].eq("open").to_numpy()
    if kind == "forecast":
        column = "category" if word in CATEGORIES else "month"
        return leads[is_open & leads[column].eq(word).to_numpy() & leads["category"].ne("").to_numpy()]
    names = leads["status" if kind == "stage" else "owner"].str.casefold()
    known = {one.casefold() for one in basis.stages.open} if kind == "stage" else set()
    if wanted and wanted.casefold() not in known | set(names):
        raise NotFound(
            f"There is no {kind} {word}.", f"There are: {', '.join(sorted({*basis.leads[names.name]} - {''}))}."
        )
    return leads[is_open & names.eq(wanted.casefold()).to_numpy()]
