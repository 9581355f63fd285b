"""Small Leads tables written as text, and the Snapshots that they make."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from sheetcrm.reports.values import Stages
from sheetcrm.table import Column, Invalid, RowRef, Snapshot, Table

TODAY = date(2026, 3, 18)
DATES = ("created", "last_contact", "next_due", "expected_close", "closed")


class Money(NamedTuple):
    amount: Decimal
    currency: str = ""


def value(field: str, text: str) -> object:
    if text in ("", "?"):
        return Invalid("n/a") if text else None
    if field == "amount":
        amount, _, currency = text.partition(" ")
        return Money(Decimal(amount), currency)
    if field in DATES:
        return date.fromisoformat(text)
    return float(text) if field == "probability" else text


def snapshot_of(
    fields: Sequence[str], rows: Sequence[Sequence[object]], *, locale: str = "en", currency: str = "EUR"
) -> Snapshot:
    table = Table(
        name="Leads",
        tab="Leads",
        columns={field: Column(field, field, j, "text") for j, field in enumerate(fields)},
        values={field: [row[j] for row in rows] for j, field in enumerate(fields)},
        raws={},
        numbers=[i + 1 for i in range(len(rows))],
        refs=[RowRef("Leads", content=str(i)) for i in range(len(rows))],
    )
    now = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    return Snapshot(now, {"Leads": table}, locale=locale, currency=currency)


def read_leads(text: str, **setting: Any) -> Snapshot:
    """The Snapshot of a table drawn with bars; blank cells are blank, `?` is a cell that could not be read."""
    lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    head, *body = lines
    return snapshot_of(
        head, [[value(field, cell) for field, cell in zip(head, row, strict=True)] for row in body], **setting
    )


@pytest.fixture
def leads() -> Callable[..., Snapshot]:
    return read_leads


@pytest.fixture
def make_snapshot() -> Callable[..., Snapshot]:
    return snapshot_of


@pytest.fixture
def stages() -> Stages:
    return Stages(open=("New", "Contacted", "Proposal"), won=("Won",), lost=("Lost",))


@pytest.fixture(scope="session")
def templates() -> Path:
    return Path(__file__).parents[2] / "templates"
