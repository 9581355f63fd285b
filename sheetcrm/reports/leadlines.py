"""Rows of a frame of leads as lines that people read: whom it is about, how much, and in which cell to look."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.basis import Basis
from sheetcrm.reports.frame import touched_cell
from sheetcrm.reports.money import Total
from sheetcrm.reports.values import LeadLine
from sheetcrm.table import Row, Table

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


_COLUMNS = (
    *("row", "owner", "status", "has_amount", "cents", "currency", "place"),
    *("days_overdue", "days_idle", "days_in_stage", "status_before"),
)


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
    columns = {name: frame[name].tolist() for name in _COLUMNS if name in frame}
    for name in ("expected_close_before", _DAY_OF.get(kind, "expected_close")):
        if name in frame:
            columns[name] = frame[name].to_numpy().astype("datetime64[D]").tolist()
    records = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return tuple(_line(basis, table, record, kind) for record in records)


def _line(basis: Basis, table: Table | None, record: Mapping[str, Any], kind: str) -> LeadLine:
    place = basis.places.get(record["row"])
    lead = None if table is None or place is None else table.row(place)
    late = record.get("days_overdue", 0)
    company, name = _called(basis, record["row"], lead)
    return LeadLine(
        key=basis.past.keys[record["row"]] if lead is None else lead.key,
        company=company,
        name=name,
        owner=record["owner"],
        status=record["status"],
        amount=Total(Decimal(int(record["cents"])) / 100, record["currency"]) if record["has_amount"] else None,
        day=record.get(_DAY_OF.get(kind, "expected_close")),
        before=str(record["expected_close_before"] or "") if kind == "pushed" else record.get("status_before", ""),
        days_overdue=late,
        days_idle=record.get("days_idle", 0),
        days_in_stage=record.get("days_in_stage", 0),
        next_step=_text(lead, "next_step"),
        tab=lead.table.tab if lead is not None else "",
        cell=_cell(lead, kind, is_late=late > 0),
        place=record["place"],
    )


def _called(basis: Basis, row: int, lead: Row | None) -> tuple[str, str]:
    """Company and name; of a lead that is in the sheet no more as they were."""
    if lead is None:
        return basis.past.names.get(row, ("", ""))
    return _text(lead, "company"), _text(lead, "name") or _text(lead, "first_name", "last_name")


def _text(lead: Row | None, *fields: str) -> str:
    return "" if lead is None else " ".join(lead.text(field) for field in fields).strip()


def _cell(lead: Row | None, kind: str, *, is_late: bool) -> str:
    """The cell that says why the lead is in the list; of one whose cells are all blank the first of its row."""
    if lead is None:
        return ""
    usual = ("next_due", "next_step", "status") if is_late else ("last_contact", "status")
    fields = _FIELDS_OF.get(kind, ("status",) if kind else usual)
    return touched_cell(lead.table, lead.i, *fields, "company", "name", "key")
