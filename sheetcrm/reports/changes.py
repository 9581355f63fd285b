"""What happened to the leads in a period: come, won, lost, moved on or back, put off, gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.basis import Basis
from sheetcrm.reports.periods import Period
from sheetcrm.reports.values import UNKNOWN_ORDER, WON_ORDER

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
    settled = leads[_within(leads["settled"], period)]
    ended = {place: settled[settled["place"].eq(place).to_numpy()] for place in ("won", "lost")}
    return {"new": leads[_within(leads["entered"], period)], **ended}


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


_NOTHING: dict[str, Any] = {"status": "", "place": "", "order": UNKNOWN_ORDER, "expected_close": np.datetime64("NaT")}
"""What a lead was before it came."""


def _moved(start: pd.DataFrame, finish: pd.DataFrame, leads: pd.DataFrame) -> dict[str, Any]:
    """The leads that differ between two states; each with what it was `before`."""
    then = pd.Index(start["row"]).get_indexer(finish["row"])
    # Of leads that were not there the place is -1: what stands last.
    before = {name: np.append(start[name].to_numpy(), none)[then] for name, none in _NOTHING.items()}
    order, order_before = finish["order"].to_numpy(), before["order"]
    was_open, is_open = before["place"] == "open", finish["place"].to_numpy() == "open"
    was_settled = (before["place"] == "won") | (before["place"] == "lost")
    known = was_open & is_open & _has_order(order) & _has_order(order_before)
    # A blank day is neither later nor earlier.
    later = finish["expected_close"].to_numpy() > before["expected_close"]
    flags = {
        "forward": known & (order > order_before),
        "back": known & (order < order_before),
        "reopened": was_settled & is_open,
        "pushed": was_open & is_open & later,
    }
    was_there = start[start["place"].eq("open").to_numpy()]
    return {
        **{kind: _with_before(finish, before, some, leads) for kind, some in flags.items()},
        "gone": was_there[~was_there["row"].isin(finish["row"]).to_numpy()],
    }


def _has_order(order: Any) -> Any:
    return (order >= 0) & (order <= WON_ORDER)


def _with_before(finish: pd.DataFrame, before: dict[str, Any], which: Any, leads: pd.DataFrame) -> pd.DataFrame:
    """Some of the leads with what they were before, and with their places in the sheet."""
    frame: pd.DataFrame = finish[which].assign(**{f"{name}_before": one[which] for name, one in before.items()})
    return frame if "who" in frame else frame.merge(leads[["row", "who", "i"]], on="row", how="left")
