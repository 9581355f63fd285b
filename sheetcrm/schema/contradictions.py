"""Leads that contradict themselves: closed before they were created, done with a next step, open past their date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from sheetcrm.schema.fields import StageNames
from sheetcrm.schema.issues import issue_at
from sheetcrm.schema.kinds import as_day, as_days
from sheetcrm.table import Issue, Row, Table


def contradictions(leads: Table, stages: StageNames, today: date) -> Iterator[Issue]:
    """The Issues of all leads, row by row."""
    for i in _suspects(leads, stages, today):
        for rule in _RULES:
            yield from rule(leads.row(i), stages, today)


def _suspects(leads: Table, stages: StageNames, today: date) -> list[int]:
    """The rows that a rule may have something to say about: few, told by whole columns at once."""
    blank: list[object] = [None] * len(leads)
    created, due, close, *others = (
        as_days(leads.values.get(name, blank))
        for name in ("created", "next_due", "expected_close", "closed", "last_contact")
    )
    status, is_done, is_open = leads.values.get("status", blank), {*stages.won, *stages.lost}, {*stages.open}
    early = (
        [i for i, (day, start) in enumerate(zip(days, created, strict=True)) if day and start and day < start]
        for days in (close, *others)
    )
    late = [i for i, step in enumerate(due) if step and step >= today and status[i] in is_done]
    passed = [i for i, end in enumerate(close) if end and end < today and status[i] in is_open]
    return sorted({*late, *passed}.union(*early))


def _closed_before_created(row: Row, _stages: StageNames, _today: date) -> Iterator[Issue]:
    created = as_day(row["created"])
    for field in ("expected_close", "closed", "last_contact"):
        day = as_day(row[field])
        if created and day and day < created:
            message = f"{day} lies before the lead was created ({created})"
            yield issue_at(row.table, row.i, field, "before_created", message, "Correct one of the two dates")


def _done_with_next_step(row: Row, stages: StageNames, today: date) -> Iterator[Issue]:
    due = as_day(row["next_due"])
    if row["status"] in stages.won + stages.lost and due and due >= today:
        message = f"a next step is due {due}, but the lead is {row['status']}"
        yield issue_at(
            row.table,
            row.i,
            "next_due",
            "done_with_next_step",
            message,
            "Clear the next step, or correct the status",
            "warning",
        )


def _late_close(row: Row, stages: StageNames, today: date) -> Iterator[Issue]:
    close = as_day(row["expected_close"])
    if row["status"] in stages.open and close and close < today:
        message = f"should have closed on {close}, but the lead is still {row['status']}"
        yield issue_at(
            row.table, row.i, "expected_close", "close_passed", message, "Move the date, or close the lead", "warning"
        )


_RULES: tuple[Callable[[Row, StageNames, date], Iterator[Issue]], ...] = (
    _closed_before_created,
    _done_with_next_step,
    _late_close,
)
