"""Snapshots with a past: the same workbook as read on several days, recorded as runs record it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from sheetcrm import history
from sheetcrm.connectors import open_workbook
from sheetcrm.reports.basis import Basis, basis_of
from sheetcrm.reports.values import ReportRule, Stages
from sheetcrm.run import Past, take_snapshot
from sheetcrm.schema.parse import Schema, understand
from sheetcrm.states import states_after
from sheetcrm.table import Grid, Snapshot

ZONE = ZoneInfo("Europe/Berlin")
EXAMPLES = Path(__file__).parents[2] / "examples" / "workbooks"


def at(day: str | date) -> datetime:
    """Nine o'clock of a day, or the moment that is named."""
    moment = datetime.fromisoformat(str(day))
    return (moment if moment.time() != time() else moment.replace(hour=9)).replace(tzinfo=ZONE)


def read_on(readings: Sequence[tuple[str, Sequence[Grid]]], **settings) -> Snapshot:
    """The snapshot of the last reading, the earlier ones being its past."""
    schema = Schema(zone=ZONE, **{"currency": "EUR", **settings})
    db = sqlite3.connect(":memory:")
    db.executescript(history.TABLES)
    for number, (day, grids) in enumerate(readings[:-1], start=1):
        tables = understand(grids, schema).tables
        history.record(db, states_after(tables, ()), at(day).isoformat(), number)
    day, grids = readings[-1]
    past = Past(trails=lambda table, fields: history.trail(db, table, fields))
    return take_snapshot(grids, schema, at(day), past, name="Book")[0]


def example(name: str) -> Snapshot:
    """An example workbook on the day that it tells of."""
    return read_on([("2026-03-02", open_workbook(EXAMPLES / name).read())])


def basis(snapshot: Snapshot, **rule) -> Basis:
    """The basis of the snapshot's figures."""
    stages = Stages(snapshot.open_stages, snapshot.won_stages, snapshot.lost_stages)
    return basis_of(snapshot, stages, ReportRule(**rule))
