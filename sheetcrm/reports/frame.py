"""The Leads table as a pandas frame with one row per lead that counts, and what each lead counts for."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from sheetcrm.reports.money import CENT
from sheetcrm.reports.values import Stages
from sheetcrm.table import Row, Snapshot, Table

_COLUMNS = (
    *("i", "everyone", "owner", "status", "place", "currency", "amount", "weighted"),
    *("is_new", "is_this_month", "days_overdue", "days_idle", "is_stalled"),
)


def leads_frame(snapshot: Snapshot, stages: Stages, stalled_days: int) -> pd.DataFrame:
    """One row per lead that is no duplicate, in the order of the tab; no rows where there is no Leads tab.

    `i` is the row of the table; `place` is open, won, lost or empty; `amount` and `weighted` are Decimals or None;
    `days_overdue` is 0 where nothing is late, `days_idle` is 0 where no date tells.
    """
    table = snapshot.table("Leads")
    rows = [] if table is None else [row for row in table if not row.text("duplicate_of").strip()]
    records = [_record(row, snapshot, stages, stalled_days) for row in rows]
    # Objects throughout: pandas would turn Decimals into floats' neighbours and blanks into NaN.
    return pd.DataFrame(records, columns=list(_COLUMNS), dtype=object)


def touched_cell(table: Table, i: int, *, is_overdue: bool) -> str:
    """The address of the cell that makes a lead overdue or stalled: its next due date, or its last contact."""
    wanted = ("next_due",) if is_overdue else ("last_contact", "created")
    field = next((one for one in wanted if Row(table, i)[one] is not None), None)
    return table.cell(i, field) if field else ""


def _record(row: Row, snapshot: Snapshot, stages: Stages, stalled_days: int) -> dict[str, Any]:
    status, today = row.text("status"), snapshot.today
    place = _place(status, stages)
    amount, currency = _money(row["amount"], snapshot.currency)
    overdue = _days_since(row, today, "next_due") if place == "open" else None
    idle = _days_since(row, today, "last_contact", "created") if place == "open" else None
    age = _days_since(row, today, "created")
    is_planned = overdue is not None and overdue <= 0
    return {
        "i": row.i,
        "everyone": "",
        "owner": row.text("owner").strip(),
        "status": status,
        "place": place,
        "currency": currency,
        "amount": amount,
        "weighted": _weighted(row, amount, stages) if place == "open" else None,
        "is_new": age is not None and 0 <= age < 7,
        "is_this_month": _is_this_month(row, today),
        "days_overdue": max(overdue or 0, 0),
        "days_idle": max(idle or 0, 0),
        "is_stalled": idle is not None and idle > stalled_days and not is_planned,
    }


def _place(status: str, stages: Stages) -> str:
    places = (("open", stages.open), ("won", stages.won), ("lost", stages.lost))
    return next((place for place, statuses in places if status in statuses), "")


def _money(value: object, currency: str) -> tuple[Decimal | None, str]:
    if value is None or isinstance(value, bool | str):
        return None, ""
    amount = getattr(value, "amount", value)
    exact = amount if isinstance(amount, Decimal) else Decimal(str(amount))
    return (exact, str(getattr(value, "currency", "") or currency)) if exact.is_finite() else (None, "")


def _weighted(row: Row, amount: Decimal | None, stages: Stages) -> Decimal | None:
    if amount is None:
        return None
    given = row["probability"]
    chance = stages.probability(row.text("status")) if given is None else Decimal(str(given))
    # To the cent per lead, so that the owners' sums add up to the whole.
    return (amount * chance).quantize(CENT)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _days_since(row: Row, today: date, *fields: str) -> int | None:
    day = next(filter(None, (_day(row[field]) for field in fields)), None)
    return (today - day).days if day else None


def _is_this_month(row: Row, today: date) -> bool:
    day = _day(row["closed"]) or _day(row["expected_close"])
    return day is not None and (day.year, day.month) == (today.year, today.month)
