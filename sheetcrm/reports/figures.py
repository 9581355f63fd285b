"""The figures of the pipeline, each by a formula that a person can check with a filter in the sheet."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sheetcrm.reports.money import Tally, Total, totals_of
from sheetcrm.reports.values import Figures, Line, NeedsYou, StageLine, Stages, verdict
from sheetcrm.table import Snapshot, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Figures", "Stages", "pipeline_figures", "verdict"]

_NEEDS_YOU = 10


def pipeline_figures(snapshot: Snapshot, stages: Stages, stalled_days: int = 21, *, quality: int) -> Figures:
    """How the pipeline stands on the Snapshot's day, per owner, by stage and in all.

    A lead counts unless its `duplicate_of` is filled. Sums are exact and per currency; the main currency is the one
    of most leads. A lead without an amount counts as a lead and adds nothing to the sums.

    - *open*: leads whose status is in `stages.open`, and Σ amount
    - *weighted*: Σ (amount times probability) over the open ones, each rounded to the cent; where the row has no
      probability, that of its stage (`Stages.probability`)
    - *new*: created today or in the six days before, whatever the status
    - *won*, *lost*: leads whose status is in `stages.won` or `stages.lost` and whose date `closed`, or lacking it
      `expected_close`, lies in the calendar month of today; one without both dates does not count
    - *overdue*: open, and `next_due` before today
    - *stalled*: open, `last_contact` (lacking it `created`) more than `stalled_days` days ago, and no `next_due`
      today or later
    - *needs you*: the ten open leads of the largest amount that are overdue or stalled: main currency first, then
      the others by name, those without amount last, equal ones in the order of the tab
    - `quality` is given: the data quality of the workbook, 0 to 100
    """
    # pandas takes a second to import: only who asks for figures waits for it.
    from sheetcrm.reports.frame import leads_frame

    frame = leads_frame(snapshot, stages, stalled_days)
    main = _main_currency(frame, snapshot.currency)
    owners = [line for line in _lines(frame, "owner", main).values() if not line.is_zero]
    return Figures(
        day=snapshot.today,
        locale=snapshot.locale,
        currency=main,
        total=_lines(frame, "everyone", main).get("", _no_line(main)),
        owners=tuple(sorted(owners, key=lambda line: (-line.open.totals[0].amount, line.who))),
        stages=_stage_lines(frame, stages, main),
        needs_you=_needs_you(snapshot.table("Leads"), frame, main),
        quality=quality,
        stalled_days=stalled_days,
        unplaced=int((frame["place"] == "").sum()),
        largest_late=_largest_late(snapshot.table("Leads"), frame, main),
    )


def _main_currency(frame: pd.DataFrame, fallback: str) -> str:
    counts = frame.loc[frame["amount"].notna(), "currency"].value_counts()
    if counts.empty:
        return fallback
    return str(min(counts.index, key=lambda one: (-counts[one], one != fallback, one)))


def _sums(frame: pd.DataFrame, by: str, column: str) -> dict[str, dict[str, Decimal]]:
    """Σ of a column of Decimals by group and currency; a group without any is lacking."""
    known = frame[frame[column].notna()]
    sums: dict[str, dict[str, Decimal]] = {}
    for (group, currency), values in known.groupby([by, "currency"], sort=False)[column]:
        sums.setdefault(str(group), {})[str(currency)] = sum(values, Decimal(0))
    return sums


def _counts(frame: pd.DataFrame, by: str) -> dict[str, int]:
    return {str(group): int(count) for group, count in frame[by].value_counts().items()}


def _tallies(frame: pd.DataFrame, by: str, main: str) -> dict[str, Tally]:
    sums = _sums(frame, by, "amount")
    return {group: Tally(count, totals_of(sums.get(group, {}), main)) for group, count in _counts(frame, by).items()}


def _lines(frame: pd.DataFrame, by: str, main: str) -> dict[str, Line]:
    is_open, this_month = frame["place"] == "open", frame["is_this_month"].astype(bool)
    opened, weighted = _tallies(frame[is_open], by, main), _sums(frame[is_open], by, "weighted")
    won = _tallies(frame[(frame["place"] == "won") & this_month], by, main)
    lost = _tallies(frame[(frame["place"] == "lost") & this_month], by, main)
    new = _counts(frame[frame["is_new"].astype(bool)], by)
    overdue = _counts(frame[frame["days_overdue"] > 0], by)
    stalled = _counts(frame[frame["is_stalled"].astype(bool)], by)
    none = _no_line(main)
    return {
        who: Line(
            who=who,
            open=opened.get(who, none.open),
            weighted=totals_of(weighted.get(who, {}), main),
            new=new.get(who, 0),
            won=won.get(who, none.won),
            lost=lost.get(who, none.lost),
            overdue=overdue.get(who, 0),
            stalled=stalled.get(who, 0),
        )
        for who in _counts(frame, by)
    }


def _no_line(main: str) -> Line:
    nothing = Tally(0, totals_of({}, main))
    return Line(open=nothing, weighted=nothing.totals, won=nothing, lost=nothing)


def _stage_lines(frame: pd.DataFrame, stages: Stages, main: str) -> tuple[StageLine, ...]:
    is_open = frame["place"] == "open"
    tallies, weighted = _tallies(frame[is_open], "status", main), _sums(frame[is_open], "status", "weighted")
    nothing = _no_line(main).open
    return tuple(
        StageLine(stage, tallies.get(stage, nothing), totals_of(weighted.get(stage, {}), main)) for stage in stages.open
    )


def _by_amount(frame: pd.DataFrame, main: str) -> pd.DataFrame:
    amounts, currencies = frame["amount"].tolist(), frame["currency"].tolist()

    def rank(i: int) -> tuple[bool, bool, str, Decimal]:
        return amounts[i] is None, currencies[i] != main, currencies[i], -(amounts[i] or Decimal(0))

    return frame.iloc[sorted(range(len(frame)), key=rank)]


def _needs_you(table: Table | None, frame: pd.DataFrame, main: str) -> tuple[NeedsYou, ...]:
    if table is None:
        return ()
    waiting = frame[(frame["days_overdue"] > 0) | frame["is_stalled"].astype(bool)]
    top = _by_amount(waiting, main).head(_NEEDS_YOU)
    return tuple(_need(table, record) for record in top.to_dict("records"))


def _need(table: Table, record: Mapping[Hashable, Any]) -> NeedsYou:
    from sheetcrm.reports.frame import touched_cell

    row = table.row(record["i"])
    amount, late = record["amount"], record["days_overdue"]
    return NeedsYou(
        key=row.key,
        company=row.text("company"),
        name=row.text("name") or f"{row.text('first_name')} {row.text('last_name')}".strip(),
        owner=row.text("owner").strip(),
        amount=None if amount is None else Total(amount, record["currency"]),
        days_overdue=late,
        days_idle=record["days_idle"],
        next_step=row.text("next_step").strip(),
        tab=table.tab,
        cell=touched_cell(table, row.i, is_overdue=late > 0),
    )


def _largest_late(table: Table | None, frame: pd.DataFrame, main: str) -> str:
    """What people call the largest overdue lead; empty where amounts of two currencies cannot be compared."""
    late = frame[frame["days_overdue"] > 0]
    currencies = set(late.loc[late["amount"].notna(), "currency"])
    if table is None or late.empty or (len(late) > 1 and len(currencies) != 1):
        return ""
    return _need(table, _by_amount(late, main).to_dict("records")[0]).called
