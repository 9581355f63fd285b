"""The figures of the pipeline, each by a formula that a person can check with a filter in the sheet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd

from sheetcrm.reports.basis import Basis, tallies, tally
from sheetcrm.reports.behind import NEEDS_YOU, rows_behind
from sheetcrm.reports.changes import Changes, changes_of, settled_in
from sheetcrm.reports.leadlines import by_amount, lead_lines
from sheetcrm.reports.money import NO_LEADS, Tally, totals_of
from sheetcrm.reports.periods import Period, months_on
from sheetcrm.reports.values import MOVES, Figures, Happened, Line, Moved, StageLine, Start

MOST_LINES = 200
"""So many leads a list holds at most; the tally beside it counts all."""
MONTHS = 6


def figures_of(basis: Basis, period: Period, changes: Changes | None = None) -> Figures:
    """How the pipeline stands on the basis' day, per owner, by stage and in all, and what happened in the period.

    A lead counts unless its `duplicate_of` is filled. Sums are exact, in the main currency where the Rates tab tells a
    rate for the day, else per currency; the main currency is the one of most leads. A lead without an amount counts as
    a lead and adds nothing to the sums.

    - *open*: leads whose status is in `stages.open`, and Σ amount
    - *weighted*: Σ (amount times probability) over the open ones, each rounded to the cent; where the row has no
      probability, that of its stage (`Stages.probability`)
    - *overdue*: open, and `next_due` before today; *without a next step*: open, and `next_due` blank
    - *stalled*: open, no `next_due` today or later, and in its stage for more than 1.5 times as long as is usual there;
      where the history does not tell what is usual: no contact (`last_contact`, lacking it `created`) for more than 21
      days
    - *new*, *won*, *lost* and the moves: see `changes.Changes`
    - *needs you*: open leads that are overdue or stalled: main currency first, the largest amount first, those without
      amount last, equal ones in the order of the tab
    - `start`: the same figures of open, weighted and overdue as they stood on the period's first day
    """
    snapshot, leads = basis.snapshot, basis.leads
    changes = changes or changes_of(basis, period)
    waiting = rows_behind(basis, period, NEEDS_YOU)
    needs = lead_lines(basis, by_amount(waiting, basis.currency).head(MOST_LINES))
    return Figures(
        day=basis.today,
        locale=snapshot.locale,
        currency=basis.currency,
        workbook=snapshot.workbook,
        period=period,
        total=_lines(basis, changes, "").get("", Line()),
        owners=_owners(basis, changes),
        stages=_stage_lines(basis, changes),
        needs_you=needs,
        needs_you_tally=basis.tally(waiting),
        moved={kind: _moved(basis, changes.frame(kind), kind) for kind in MOVES},
        before=happened(basis, period.before()),
        year_ago=happened(basis, period.last_year()),
        months=_months(basis),
        quality=snapshot.quality,
        stalled_days=basis.rule.stalled_days,
        since=basis.past.since,
        unplaced=int((leads["place"] == "").sum()),
        renamed=basis.past.renamed,
        largest_late=_largest_late(basis, leads[leads["days_overdue"] > 0]),
    )


_COUNTED = ("place", "has_amount", "cents", "currency", "weighted", "days_overdue", "is_stalled", "lacks_step")


def happened(basis: Basis, period: Period) -> Happened:
    """What came, was won and was lost in a period."""
    # Only what is counted: a frame of all columns costs ten times as much to cut.
    found = settled_in(basis.leads[["entered", "settled", "place", "has_amount", "cents", "currency"]], period)
    return Happened(period, **{name: basis.tally(frame) for name, frame in found.items()})


def _months(basis: Basis) -> tuple[Happened, ...]:
    this = basis.today.replace(day=1)
    starts = [months_on(this, -n) for n in range(MONTHS - 1, -1, -1)]
    return tuple(happened(basis, Period(start, months_on(start, 1), "month")) for start in starts)


def _owners(basis: Basis, changes: Changes) -> tuple[Line, ...]:
    lines = [line for line in _lines(basis, changes, "owner").values() if not line.is_zero]
    return tuple(sorted(lines, key=lambda line: (-line.open.totals[0].amount, line.who)))


def _lines(basis: Basis, changes: Changes, by: str) -> dict[str, Line]:
    """The lines of all groups of a column; of all leads together, as the group "", where none is named."""
    leads, main = basis.leads[[*_COUNTED, *([by] if by else [])]], basis.currency
    opens = leads[leads["place"].eq("open").to_numpy()]

    def count(flag: Any) -> Callable[[str], int]:
        some = leads[flag]
        counts = some[by].value_counts() if by else {"": len(some)}
        return lambda who: int(counts.get(who, 0))

    def sums(frame: pd.DataFrame, column: str = "cents") -> Callable[[str], Tally]:
        found, none = tallies(frame, by, main, column), Tally(0, totals_of({}, main))
        return lambda who: found.get(who, none)

    opened, weighted = sums(opens), sums(opens, "weighted")
    new, won, lost = sums(changes.new), sums(changes.won), sums(changes.lost)
    flags = leads["days_overdue"].to_numpy() > 0, leads["is_stalled"].to_numpy(), leads["lacks_step"].to_numpy()
    overdue, stalled, lacking = map(count, flags)
    start = _start(changes, by, main, sums)
    groups = sorted({str(one) for one in leads[by].unique()}) if by else [""]
    return {
        who: Line(
            who=who,
            open=opened(who),
            weighted=weighted(who).totals,
            new=new(who),
            won=won(who),
            lost=lost(who),
            overdue=overdue(who),
            stalled=stalled(who),
            lacks_step=lacking(who),
            start=start(who),
        )
        for who in groups
    }


def _start(
    changes: Changes, by: str, main: str, sums: Callable[..., Callable[[str], Tally]]
) -> Callable[[str], Start | None]:
    state = changes.start
    if state is None:
        return lambda _who: None
    columns = ["place", "has_amount", "cents", "currency", "weighted", "next_due", *([by] if by else [])]
    state = state.loc[state["place"].eq("open").to_numpy(), columns]
    opened, weighted = sums(state), sums(state, "weighted")
    late = tallies(state[_is_before(state["next_due"], changes.period.start)], by, main)
    return lambda who: Start(opened(who), weighted(who).totals, late.get(who, NO_LEADS).count)


def _is_before(days: pd.Series, day: date) -> Any:
    import numpy as np

    return days.to_numpy().astype("datetime64[D]") < np.datetime64(day, "D")


def _stage_lines(basis: Basis, changes: Changes) -> tuple[StageLine, ...]:
    main, leads = basis.currency, basis.leads[[*_COUNTED, "status"]]
    opens = leads[leads["place"].eq("open").to_numpy()]
    opened, weighted = (tallies(opens, "status", main, column) for column in ("cents", "weighted"))
    before = None if changes.start is None else tallies(changes.start, "status", main)
    stalled = leads.loc[leads["is_stalled"].to_numpy(), "status"].value_counts()
    rates = {one.stage: one for one in basis.win_rates}
    nothing = Tally(0, totals_of({}, main))
    return tuple(
        StageLine(
            stage=stage,
            open=opened.get(stage, nothing),
            weighted=weighted.get(stage, nothing).totals,
            start=None if before is None else before.get(stage, nothing),
            stalled=int(stalled.get(stage, 0)),
            usual_days=basis.usual_days.get(stage),
            chance=basis.stages.probability(stage),
            rate=rates.get(stage),
        )
        for stage in basis.stages.open
    )


def _moved(basis: Basis, frame: pd.DataFrame | None, kind: str) -> Moved | None:
    if frame is None:
        return None
    top = by_amount(frame, basis.currency).head(MOST_LINES)
    return Moved(tally(frame, basis.currency), lead_lines(basis, top, kind))


def _largest_late(basis: Basis, late: pd.DataFrame) -> str:
    """What people call the largest overdue lead; empty where amounts of two currencies cannot be compared."""
    currencies = set(late.loc[late["has_amount"].to_numpy(dtype=bool), "currency"])
    if late.empty or (len(late) > 1 and len(currencies) != 1):
        return ""
    return lead_lines(basis, by_amount(late, basis.currency).head(1))[0].called
