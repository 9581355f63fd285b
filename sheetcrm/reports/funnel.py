"""How leads move through the stages: cohorts, speed, and how fast new ones are answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.basis import Basis
from sheetcrm.reports.money import Total
from sheetcrm.reports.periods import months_on
from sheetcrm.reports.values import WON_ORDER
from sheetcrm.schema.fields import normal
from sheetcrm.schema.kinds import as_day
from sheetcrm.table import Raw

COHORTS = 6
YEAR = timedelta(days=365)
RESPONSE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Leads that came in one month (or all of them together, month empty): `reached[k]` came to stage k or beyond.

    Counted are leads whose way is known: open today, won, or seen open before they were lost. `won` stands after the
    last stage.
    """

    month: str
    reached: tuple[int, ...]
    won: int

    @property
    def count(self) -> int:
        """How many leads there were."""
        return self.reached[0] if self.reached else 0

    def share(self, stage: int) -> float | None:
        """Of those that came to the stage, the share that went beyond it; None where none came."""
        steps = (*self.reached, self.won)
        return steps[stage + 1] / steps[stage] if steps[stage] else None


@dataclass(frozen=True, slots=True)
class Velocity:
    """Open leads x average won amount x win rate / days from coming to winning, over the last 365 days.

    All in the main currency; `per_day` is None where nothing was won with an amount, or nothing tells how long it took.
    """

    leads: int
    average: Total | None
    win_rate: float | None
    cycle_days: float | None
    per_day: Total | None


@dataclass(frozen=True, slots=True)
class Response:
    """How fast leads of the last 90 days were contacted: medians in hours.

    From `created` to the first Activity of the lead on that day or later; lacking one, to `last_contact`. Hours where
    both cells tell the time of day, else 24 for each day.
    """

    leads: int
    answered: int
    median_hours: float | None
    within_a_day: int


def cohorts(basis: Basis) -> tuple[Cohort, ...]:
    """The last six months' cohorts, the oldest first, and all leads together."""
    leads, moves, stages = basis.leads, basis.past.moves, len(basis.stages.open)
    highest = moves.assign(order=moves["order"].where(moves["place"].eq("open"), -1)).groupby("row")["order"].max()
    top = leads["row"].map(highest).fillna(-1).to_numpy(dtype=np.int64)
    top = np.where(leads["place"].eq("won").to_numpy(), WON_ORDER, top)
    entered = leads["entered"].to_numpy().astype("datetime64[D]")
    months = np.datetime_as_string(entered.astype("datetime64[M]"), unit="M")
    this = basis.today.replace(day=1)
    names = [f"{months_on(this, -n):%Y-%m}" for n in range(COHORTS - 1, -1, -1)]
    known = top >= 0
    monthly = [_cohort(name, top[(months == name) & known], stages) for name in names]
    return (*monthly, _cohort("", top[known], stages))


def _cohort(month: str, top: Any, stages: int) -> Cohort:
    return Cohort(month, tuple(int((top >= k).sum()) for k in range(stages)), int((top == WON_ORDER).sum()))


def velocity(basis: Basis) -> Velocity:
    """How much the pipeline turns into orders a day."""
    leads, main = basis.leads, basis.currency
    settled = leads["settled"].to_numpy().astype("datetime64[D]")
    today = np.datetime64(basis.today, "D")
    year = (settled > today - np.timedelta64(YEAR.days, "D")) & (settled <= today)
    won, lost = (leads[year & leads["place"].eq(place).to_numpy()] for place in ("won", "lost"))
    priced = won[won["has_amount"].to_numpy(dtype=bool) & won["currency"].eq(main).to_numpy()]
    open_ = int(leads["place"].eq("open").sum())
    average = Decimal(int(priced["cents"].sum())) / 100 / len(priced) if len(priced) else None
    rate = len(won) / (len(won) + len(lost)) if len(won) + len(lost) else None
    took = won["settled"].to_numpy().astype("datetime64[D]") - won["entered"].to_numpy().astype("datetime64[D]")
    took = took[~np.isnat(took)].astype(np.int64)
    took = took[took >= 0]
    cycle = float(took.mean()) if len(took) else None
    per_day = None
    if average is not None and rate and cycle:
        per_day = Total((average * open_ * Decimal(rate) / Decimal(cycle)).quantize(Decimal("0.01")), main)
    shown = Total(average.quantize(Decimal("0.01")), main) if average is not None else None
    return Velocity(open_, shown, rate, cycle, per_day)


def response(basis: Basis) -> Response:
    """How fast the leads of the last 90 days were answered."""
    leads, table = basis.leads, basis.snapshot.table("Leads")
    first = np.datetime64(basis.today - RESPONSE, "D")
    created = leads["created"].to_numpy().astype("datetime64[D]")
    recent = leads[(created > first) & (created <= np.datetime64(basis.today, "D"))]
    if table is None or recent.empty:
        return Response(0, 0, None, 0)
    contacts = _first_contacts(basis, recent)
    hours: list[float] = []
    for i, row in zip(recent["i"], recent["row"], strict=True):
        came, answer = _moment(table.raws["created"][i], table.values["created"][i]), contacts.get(row)
        last = (
            _moment(table.raws["last_contact"][i], table.values["last_contact"][i])
            if "last_contact" in table.values
            else None
        )
        answer = answer or last
        if came is not None and answer is not None and answer[0].date() >= came[0].date():
            hours.append(_hours(came, answer))
    median = float(np.median(hours)) if hours else None
    return Response(len(recent), len(hours), median, sum(one <= 24 for one in hours))


Moment = tuple[datetime, bool]
"""A moment, and whether the time of day is known."""


def _first_contacts(basis: Basis, recent: pd.DataFrame) -> dict[int, Moment]:
    """The first Activity of each lead on or after the day it came, by its row in the past."""
    log = basis.snapshot.table("Activities")
    if log is None or not {"lead", "day"} <= log.values.keys():
        return {}
    words = lead_words(basis)
    days = recent["created"].to_numpy().astype("datetime64[D]").tolist()
    wanted: dict[int, date] = dict(zip(recent["row"].tolist(), days, strict=True))
    found: dict[int, Moment] = {}
    for lead, raw, day in zip(log.values["lead"], log.raws["day"], log.values["day"], strict=True):
        row = words.get(normal(lead)) if isinstance(lead, str) else None
        moment = _moment(raw, day)
        if row is None or row not in wanted or moment is None or moment[0].date() < wanted[row]:
            continue
        if row not in found or moment[0] < found[row][0]:
            found[row] = moment
    return found


def lead_words(basis: Basis) -> dict[str, int]:
    """What names a lead in other tabs, its key or its company, to its row in the past; of two the upper one."""
    table = basis.snapshot.table("Leads")
    words: dict[str, int] = {}
    if table is None:
        return words
    for field in ("key", "company"):
        values = table.values.get(field)
        if values is not None:
            for i, row in zip(basis.leads["i"], basis.leads["row"], strict=True):
                if isinstance(values[i], str):
                    words.setdefault(normal(values[i]), row)
    return words


def _moment(raw: Raw, value: object) -> Moment | None:
    day = as_day(value)
    if day is None:
        return None
    if isinstance(raw, datetime) and raw.time() != time():
        return raw, True
    return datetime.combine(day, time()), False


def _hours(came: Moment, answer: Moment) -> float:
    if came[1] and answer[1]:
        return max((answer[0] - came[0]).total_seconds(), 0) / 3600
    return 24.0 * (answer[0].date() - came[0].date()).days
