"""What happened to the leads in a period: come, won, lost, moved on or back, put off, gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.basis import Basis
from sheetcrm.reports.periods import Period
from sheetcrm.reports.values import WON_ORDER

BY_DAY = ("new", "won", "lost")
BY_STATE = ("forward", "back", "reopened", "pushed", "gone")


@dataclass(frozen=True)
class Changes:
    """The leads of each kind of change, as frames with `who`, `cents`, `has_amount` and `currency`.

    - *new*: came in the period (`created`, lacking it the day it was first seen)
    - *won*, *lost*: were settled in it (`closed`, lacking it the day the move was seen, lacking that `expected_close`)
    - *forward*, *back*: open on its first day and on the day after its last, in a later or an earlier stage
    - *reopened*: won or lost on its first day, open on the day after its last
    - *pushed*: open on both days, with a later `expected_close`
    - *gone*: open on its first day; on the day after its last no longer in the sheet, or marked as a duplicate

    The last five compare two states and are None where the past does not reach back to the first day. Moves between
    stages that have no place in the pipeline's order are neither forward nor back.
    """

    period: Period
    new: pd.DataFrame
    won: pd.DataFrame
    lost: pd.DataFrame
    forward: pd.DataFrame | None
    back: pd.DataFrame | None
    reopened: pd.DataFrame | None
    pushed: pd.DataFrame | None
    gone: pd.DataFrame | None
    start: pd.DataFrame | None
    """The leads as they stood on the first day."""

    def frame(self, name: str) -> pd.DataFrame | None:
        """The leads of one kind."""
        found: pd.DataFrame | None = getattr(self, name)
        return found


def settled_in(leads: pd.DataFrame, period: Period) -> dict[str, pd.DataFrame]:
    """The leads that came, were won and were lost in a period."""
    settled = _within(leads["settled"], period)
    return {
        "new": leads[_within(leads["entered"], period)],
        "won": leads[settled & leads["place"].eq("won").to_numpy()],
        "lost": leads[settled & leads["place"].eq("lost").to_numpy()],
    }


def changes_of(basis: Basis, period: Period) -> Changes:
    """What happened in a period, and what differs between its two states."""
    leads = basis.leads
    start = basis.on(period.start)
    finish = leads if period.end >= basis.today or start is None else basis.on(period.end)
    moved = dict.fromkeys(BY_STATE) if start is None or finish is None else _moved(start, finish, leads)
    return Changes(period=period, start=start, **settled_in(leads, period), **moved)


def _within(days: pd.Series, period: Period) -> Any:
    values = days.to_numpy().astype("datetime64[D]")
    return (values >= np.datetime64(period.start, "D")) & (values < np.datetime64(period.end, "D"))


def _moved(start: pd.DataFrame, finish: pd.DataFrame, leads: pd.DataFrame) -> dict[str, Any]:
    """The leads that differ between two states; each with what it was `before`."""
    columns = ["row", "status", "place", "order", "expected_close"]
    both = finish.merge(start[columns], on="row", suffixes=("", "_before"))
    if "who" not in both:
        both = both.merge(leads[["row", "who", "i"]], on="row", how="left")
    was_open, is_open = both["place_before"].eq("open"), both["place"].eq("open")
    order, order_before = both["order"], both["order_before"]
    known = was_open & is_open & order.between(0, WON_ORDER) & order_before.between(0, WON_ORDER)
    later = both["expected_close"].notna() & (both["expected_close"] > both["expected_close_before"])
    was_there = start[start["place"].eq("open")]
    return {
        "forward": both[known & (order > order_before)],
        "back": both[known & (order < order_before)],
        "reopened": both[both["place_before"].isin(["won", "lost"]) & is_open],
        "pushed": both[was_open & is_open & later],
        "gone": was_there[~was_there["row"].isin(finish["row"])],
    }
