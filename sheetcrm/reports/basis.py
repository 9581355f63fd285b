"""All that figures are made from: today's leads with what follows for each from its past, prices, and the settings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.calibrated import WinRate
from sheetcrm.reports.calibration import win_rates
from sheetcrm.reports.frame import leads_frame, priced, weighted
from sheetcrm.reports.money import Tally, Total, totals_of
from sheetcrm.reports.past import Past, past_of
from sheetcrm.reports.rates import Rates, rates_of
from sheetcrm.reports.stays import usual_stays, with_stays
from sheetcrm.reports.values import ReportRule, Stages
from sheetcrm.table import Snapshot


@dataclass(frozen=True)
class Basis:
    """`leads` has one row per lead that is no duplicate, amounts in the main currency where a rate is known.

    Besides the columns of `leads_frame`: `row` (its place in the past), `entered` (the day it came, typed or seen),
    `settled` (the day it was won or lost), `stage_since` and `days_in_stage`, `weighted` (cents), `days_overdue`,
    `days_idle` (both 0 where nothing tells), `is_stalled`, `lacks_step`.
    """

    snapshot: Snapshot
    stages: Stages
    rule: ReportRule
    currency: str
    rates: Rates
    leads: pd.DataFrame
    past: Past
    win_rates: tuple[WinRate, ...]
    usual_days: dict[str, float]

    @property
    def today(self) -> date:
        """The day of the report."""
        return self.snapshot.today

    @cached_property
    def places(self) -> dict[int, int]:
        """Each lead's place in the table (`i`), by its place in the past."""
        return dict(zip(self.leads["row"].tolist(), self.leads["i"].tolist(), strict=True))

    def tally(self, frame: pd.DataFrame | None, column: str = "cents") -> Tally:
        """How many leads the frame has, and the sum of their amounts per currency; none of either for no frame."""
        return tally(frame, self.currency, column)

    def on(self, day: date) -> pd.DataFrame | None:
        """The leads as they stood on a day, priced at that day's rates, with `weighted`; None beyond the past."""
        if day > self.today:
            return None
        state = self.past.on(day)
        if state is None:
            return None
        state = priced(state, self.rates, day)
        return state.assign(weighted=weighted(state, self.stages.probability))


def basis_of(snapshot: Snapshot, stages: Stages, rule: ReportRule) -> Basis:
    """The basis of the snapshot's figures."""
    everything = leads_frame(snapshot.table("Leads"), stages, snapshot.currency)
    past = past_of(snapshot, everything, stages)
    everything["row"] = past.now
    leads = everything[~everything["is_duplicate"].to_numpy(dtype=bool)].drop(columns="is_duplicate")
    moves = past.moves
    leads = leads.assign(entered=_entered(leads, moves), settled=_settled(leads, moves))
    found = win_rates(moves, leads, stages)
    stages = replace(stages, calibrated={one.stage: one.rate for one in found if one.is_sure})
    currency = rule.currency or main_currency(leads, snapshot.currency)
    rates = rates_of(snapshot.table("Rates"), currency)
    leads = priced(leads, rates, _price_days(leads, snapshot.today))
    leads = leads.assign(weighted=weighted(leads, stages.probability))
    usual = usual_stays(past, moves)
    leads = with_stays(leads, moves, past, snapshot.today, usual, rule)
    return Basis(snapshot, stages, rule, currency, rates, leads, past, found, usual)


def main_currency(leads: pd.DataFrame, fallback: str) -> str:
    """The currency of most leads; the workbook's own among equals, and where no lead has one."""
    counts = leads.loc[leads["has_amount"].to_numpy(dtype=bool), "currency"].value_counts()
    if counts.empty:
        return fallback
    return str(min(counts.index, key=lambda one: (-counts[one], one != fallback, one)))


def tally(frame: pd.DataFrame | None, main: str, column: str = "cents") -> Tally:
    """How many rows a frame has, and the sum of a column of cents per currency, the main one first."""
    if frame is None:
        return Tally(0, totals_of({}, main))
    return Tally(len(frame), totals(frame, main, column))


def tallies(frame: pd.DataFrame, by: str, main: str, column: str = "cents") -> dict[str, Tally]:
    """The tally of each group of a column; of all rows, as the group "", where no column is named."""
    if not by:
        return {"": tally(frame, main, column)}
    known = frame[frame["has_amount"].to_numpy(dtype=bool)]
    sums: dict[str, dict[str, Decimal]] = {}
    summed: Any = known.groupby([by, "currency"], sort=False)[column].sum().items()
    for (group, sign), cents in summed:
        sums.setdefault(str(group), {})[str(sign)] = Decimal(int(cents)) / 100
    counts = frame[by].value_counts()
    return {str(one): Tally(int(count), totals_of(sums.get(str(one), {}), main)) for one, count in counts.items()}


def totals(frame: pd.DataFrame, main: str, column: str = "cents") -> tuple[Total, ...]:
    """The sums of a column of cents per currency."""
    known = frame["has_amount"].to_numpy(dtype=bool)
    codes, signs = pd.factorize(frame["currency"].to_numpy()[known])
    cents = frame[column].to_numpy()[known]
    return totals_of({str(sign): Decimal(int(cents[codes == i].sum())) / 100 for i, sign in enumerate(signs)}, main)


def _entered(leads: pd.DataFrame, moves: pd.DataFrame) -> Any:
    """The day each lead came: as typed or, lacking that, as seen; NaT where the first reading found it already."""
    first = moves[moves["is_first"].to_numpy()].set_index("row")["seen"]
    seen = first.reindex(leads["row"].to_numpy()).to_numpy().astype("datetime64[D]")
    created = leads["created"].to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(created), seen, created)


def _settled(leads: pd.DataFrame, moves: pd.DataFrame) -> Any:
    """The day each lead was won or lost: `closed`; lacking it the day its last such move was seen; else expected."""
    is_settling = moves["place"].isin(["won", "lost"]).to_numpy() & (moves["before_place"] != moves["place"]).to_numpy()
    last = moves[is_settling].groupby("row")["seen"].last()
    seen = last.reindex(leads["row"].to_numpy()).to_numpy().astype("datetime64[D]")
    closed, expected = (leads[name].to_numpy().astype("datetime64[D]") for name in ("closed", "expected_close"))
    day = np.where(np.isnat(closed), np.where(np.isnat(seen), expected, seen), closed)
    is_settled = leads["place"].isin(["won", "lost"]).to_numpy()
    return np.where(is_settled, day, np.datetime64("NaT", "D"))


def _price_days(leads: pd.DataFrame, today: date) -> list[date | None]:
    """Today for what is open; the day of winning or losing, today at the latest, for the rest."""
    return [
        min(day, today) if isinstance(day, date) else today
        for day in leads["settled"].to_numpy().astype("datetime64[D]").tolist()
    ]
