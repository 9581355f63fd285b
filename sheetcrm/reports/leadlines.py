"""Rows of a frame of leads as lines that people read: whom it is about, how much, and in which cell to look."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.basis import Basis
from sheetcrm.reports.frame import touched_cell
from sheetcrm.reports.money import Total
from sheetcrm.reports.values import LeadLine
from sheetcrm.table import Table

_DAY_OF = {
    "new": "entered",
    "won": "settled",
    "lost": "settled",
    "pushed": "expected_close",
    **dict.fromkeys(("forward", "back", "reopened", "gone"), "expected_close"),
}
_FIELDS_OF = {
    "new": ("created", "status"),
    "won": ("closed", "status"),
    "lost": ("closed", "status"),
    "pushed": ("expected_close", "status"),
}


def by_amount(frame: pd.DataFrame, main: str) -> pd.DataFrame:
    """The frame with the main currency first, then the others by name; the largest first, those without amount last."""
    known, cents = frame["has_amount"].to_numpy(dtype=bool), frame["cents"].to_numpy()
    codes, signs = pd.factorize(frame["currency"].to_numpy(), sort=True)
    is_main = np.array([one == main for one in signs], dtype=bool)[codes] if len(frame) else known
    sums = np.where(known, cents, 0)
    order = np.lexsort((-sums, np.where(known, codes, -1), ~is_main, ~known))
    return frame.iloc[order]


def lead_lines(basis: Basis, frame: pd.DataFrame, kind: str = "") -> tuple[LeadLine, ...]:
    """The leads of a frame in its order; `kind` says what they are listed for."""
    table = basis.snapshot.table("Leads")
    return tuple(_line(basis, table, record, kind) for record in frame.to_dict("records"))


def _line(basis: Basis, table: Table | None, record: Mapping[Hashable, Any], kind: str) -> LeadLine:
    known = basis.leads_by_row.get(int(record["row"]))
    own: Mapping[Hashable, Any] = {} if known is None else known
    late = int(record.get("days_overdue") or 0)
    return LeadLine(
        key=basis.past.keys[int(record["row"])] if known is None else _key(table, own),
        company=str(record["company"]),
        name=_name(table, own, record),
        owner=str(record["owner"]),
        status=str(record["status"]),
        amount=_amount(record),
        day=_day(record.get(_DAY_OF.get(kind, "expected_close"))),
        before=_before(record, kind),
        days_overdue=late,
        days_idle=int(record.get("days_idle") or 0),
        days_in_stage=int(record.get("days_in_stage") or 0),
        next_step=_text(table, own, "next_step"),
        tab=table.tab if table is not None and own else "",
        cell=_cell(table, own, kind, is_late=late > 0),
        place=str(record["place"]),
    )


def _amount(record: Mapping[Hashable, Any]) -> Total | None:
    return Total(Decimal(int(record["cents"])) / 100, str(record["currency"])) if record["has_amount"] else None


def _before(record: Mapping[Hashable, Any], kind: str) -> str:
    if kind == "pushed":
        return str(_day(record["expected_close_before"]) or "")
    return str(record.get("status_before") or "")


def _day(value: Any) -> date | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()


def _key(table: Table | None, own: Mapping[Hashable, Any]) -> str:
    return table.key(own["i"]) if table is not None and own else ""


def _text(table: Table | None, own: Mapping[Hashable, Any], field: str) -> str:
    return table.row(own["i"]).text(field).strip() if table is not None and own else ""


def _name(table: Table | None, own: Mapping[Hashable, Any], record: Mapping[Hashable, Any]) -> str:
    parts = f"{_text(table, own, 'first_name')} {_text(table, own, 'last_name')}".strip()
    return str(record["name"]) or parts


def _cell(table: Table | None, own: Mapping[Hashable, Any], kind: str, *, is_late: bool) -> str:
    """The cell that says why the lead is in the list; of one whose cells are all blank the first of its row."""
    if table is None or not own:
        return ""
    usual = ("next_due", "next_step", "status") if is_late else ("last_contact", "status")
    fields = _FIELDS_OF.get(kind, ("status",) if kind else usual)
    return touched_cell(table, own["i"], *fields, "company", "name", "key")
