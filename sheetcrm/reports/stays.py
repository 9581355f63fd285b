"""How long leads stay in a stage, and which stay too long: late steps, no steps, no movement."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.frame import NO_DAY
from sheetcrm.reports.past import Past
from sheetcrm.reports.values import ReportRule

FEWEST_STAYS = 5
"""Stays that must have ended before the history tells what is usual for a stage."""


def stay_days(moves: pd.DataFrame) -> pd.DataFrame:
    """Each stay in an open stage: row, status, `since` and `until` (NaT while it lasts, or where nobody saw it begin).

    A stay begins when the move into the stage is seen; that of a lead just come, in the first stage or seen after the
    first reading, on the day it was created. It ends when the next move of the lead is seen.
    """
    seen, created = (moves[name].to_numpy().astype("datetime64[D]") for name in ("seen", "created"))
    is_first = moves["is_first"].to_numpy()
    came = is_first & ~np.isnat(created) & (~np.isnat(seen) | (moves["order"].to_numpy() == 0))
    row = moves["row"].to_numpy()
    until = np.full(len(moves), NO_DAY)
    if len(moves) > 1:
        until[:-1] = np.where(row[1:] == row[:-1], seen[1:], NO_DAY)
    stays = pd.DataFrame({"row": row, "status": moves["status"].to_numpy(), "since": np.where(came, created, seen)})
    return stays.assign(until=until)[moves["place"].eq("open").to_numpy()]


def usual_stays(past: Past, moves: pd.DataFrame) -> dict[str, float]:
    """The median of days that ended stays took, by stage; stages with fewer than five of them are left out."""
    if not past.has_past:
        return {}
    stays = stay_days(moves)
    since, until = (stays[name].to_numpy().astype("datetime64[D]") for name in ("since", "until"))
    is_known = ~np.isnat(since) & ~np.isnat(until) & (until >= since)
    ended = stays[is_known].assign(days=(until - since)[is_known].astype(np.int64))
    found = ended.groupby("status")["days"].agg(["size", "median"])
    return {str(stage): float(median) for stage, size, median in found.itertuples() if size >= FEWEST_STAYS}


def with_stays(
    leads: pd.DataFrame, moves: pd.DataFrame, past: Past, today: date, usual: dict[str, float], rule: ReportRule
) -> pd.DataFrame:
    """The leads with `stage_since`, `days_in_stage`, `days_overdue`, `days_idle`, `is_stalled`, `lacks_step`."""
    now = np.datetime64(today, "D")
    is_open = leads["place"].eq("open").to_numpy()
    due, last, created = (
        leads[name].to_numpy().astype("datetime64[D]") for name in ("next_due", "last_contact", "created")
    )
    since = _since(leads, moves, past)
    in_stage = _days(now - since, is_open)
    idle = _days(now - np.where(np.isnat(last), created, last), is_open)
    is_planned = ~np.isnat(due) & (due >= now)
    limit = leads["status"].map(usual).to_numpy(dtype=float) * rule.stalled_factor
    is_late = np.where(np.isnan(limit), idle > rule.stalled_days, in_stage > limit)
    return leads.assign(
        stage_since=since,
        days_in_stage=in_stage,
        days_overdue=_days(now - due, is_open),
        days_idle=idle,
        is_stalled=is_open & is_late & ~is_planned,
        lacks_step=is_open & np.isnat(due),
    )


def _since(leads: pd.DataFrame, moves: pd.DataFrame, past: Past) -> Any:
    """Since when each open lead is in its stage: as seen; the first reading's day where it was there then."""
    stays = stay_days(moves).groupby("row").tail(1).set_index("row")["since"]
    since = stays.reindex(leads["row"].to_numpy()).to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(since), past.days[0], since)


def _days(gaps: Any, is_open: Any) -> Any:
    """Days as whole numbers; 0 where there is none, or it lies ahead, or the lead is not open."""
    known = is_open & ~np.isnat(gaps)
    return np.where(known, np.maximum(np.where(known, gaps, np.timedelta64(0, "D")).astype(np.int64), 0), 0)
