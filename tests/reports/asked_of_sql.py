"""The same figures by another hand: a snapshot's cells as DuckDB tables, and each figure's definition as SQL."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

import duckdb
import pandas as pd

from sheetcrm.schema.fields import normal
from sheetcrm.schema.numbers import Money
from sheetcrm.table import Invalid, Snapshot, Table

SETTLED = "coalesce(closed, expected_close)"
LEAD = (
    ("i", "INT"), ("key", "TEXT"), ("owner", "TEXT"), ("status", "TEXT"), ("cents", "BIGINT"), ("currency", "TEXT"),
    ("chance", "BIGINT"), ("created", "DATE"), ("last_contact", "DATE"), ("next_due", "DATE"),
    ("expected_close", "DATE"), ("closed", "DATE"), ("source", "TEXT"), ("product", "TEXT"), ("account", "TEXT"),
    ("company", "TEXT"), ("name", "TEXT"), ("dup", "BOOL"),
)  # fmt: skip


def _day(value: object) -> date | None:
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None


def _text(value: object) -> str | None:
    return None if value is None or isinstance(value, Invalid) or not str(value).strip() else str(value).strip()


def _column(table: Table, name: str) -> list[object]:
    return table.values.get(name, [None] * len(table))


def lead_rows(table: Table, currency: str) -> Iterable[tuple[object, ...]]:
    for i in range(len(table)):
        cell = {name: _column(table, name)[i] for name, _ in LEAD[1:] if name not in {"cents", "dup"}}
        amount, chance = _column(table, "amount")[i], _column(table, "probability")[i]
        is_money = isinstance(amount, Money)
        cents = int((amount.amount * 100).to_integral_value(ROUND_HALF_EVEN)) if is_money else None
        is_number = isinstance(chance, int | float | Decimal) and not isinstance(chance, bool)
        yield (
            i, _text(cell["key"]), _text(cell["owner"]) or "", _text(cell["status"]) or "", cents,
            (_text(cell["currency"]) or amount.currency or currency) if is_money else None,
            int(Decimal(str(chance)) * 1_000_000) if is_number else None,
            *(_day(cell[name]) for name in ("created", "last_contact", "next_due", "expected_close", "closed")),
            *(_text(cell[name]) or "" for name in ("source", "product", "account", "company", "name")),
            _text(_column(table, "duplicate_of")[i]) is not None,
        )  # fmt: skip


class Sql:
    """A snapshot as the tables lead, activity, stage and orders; `day` is today, `before` an earlier reading."""

    def __init__(self, snapshot: Snapshot, before: Snapshot | None = None) -> None:
        self.db = duckdb.connect(config={"threads": 1})
        # DuckDB sees the tables of accounts by the word that compares names.
        self.db.create_function("norm", normal, ["VARCHAR"], "VARCHAR")
        self.db.execute(f"SET VARIABLE today = DATE '{snapshot.today}'")
        self._leads("lead_raw", snapshot.tables["Leads"], snapshot.currency)
        if before is not None:
            self._leads("before_raw", before.tables["Leads"], snapshot.currency)
        stages = (("open", snapshot.open_stages), ("won", snapshot.won_stages), ("lost", snapshot.lost_stages))
        self.db.execute("CREATE TABLE stage (status TEXT, place TEXT, ord INT, chance BIGINT)")
        rows: list = []
        for place, names in stages:
            for ord_, name in enumerate(names):
                share = Decimal("0.1") + Decimal("0.7") / max(len(names) - 1, 1) * ord_
                chance = Decimal("0.45") if len(names) == 1 else share.quantize(Decimal("0.0001"))
                rows.append([name, place, ord_ if place == "open" else -1, int(chance * 1_000_000)])
        self.insert("stage", ["status", "place", "ord", "chance"], rows)
        self._activities(snapshot.table("Activities"))
        for name in ("lead", "before") if before is not None else ("lead",):
            self.db.execute(f"""
                CREATE VIEW {name} AS SELECT r.*, coalesce(s.place, '') AS place, coalesce(s.ord, -2) AS ord,
                  cents * coalesce(r.chance, s.chance) AS worth
                FROM {name}_raw r LEFT JOIN stage s USING (status) WHERE NOT dup""")

    def _leads(self, name: str, table: Table, currency: str) -> None:
        self.db.execute(f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in LEAD)})")
        self.insert(name, [column for column, _ in LEAD], list(lead_rows(table, currency)))

    def insert(self, name: str, columns: list[str], rows: list) -> None:
        """The rows, by way of a frame: one INSERT after the other takes DuckDB a millisecond each."""
        if rows:
            frame = pd.DataFrame(rows, columns=columns, dtype=object)  # noqa: F841 -- DuckDB finds it by its name
            self.db.execute(f"INSERT INTO {name} SELECT * FROM frame")

    def _activities(self, log: Table | None) -> None:
        self.db.execute("CREATE TABLE activity (day DATE, who TEXT, kind TEXT, lead TEXT, source TEXT)")
        names = ("by", "type", "lead", "source")
        rows = [
            [_day(_column(log, "day")[i]), *(_text(_column(log, name)[i]) or "" for name in names)]
            for i in range(0 if log is None else len(log))
        ]
        self.insert("activity", ["day", "who", "kind", "lead", "source"], rows)

    def ask(self, sql: str, *values: object) -> list[tuple]:
        """The answer's rows."""
        return self.db.execute(sql, values or None).fetchall()

    def one(self, sql: str, *values: object) -> object:
        """The single value of an answer."""
        return self.ask(sql, *values)[0][0]


# A product of cents and millionths, to the cent, half to even.
ROUNDED = """(worth // 1000000 + CASE WHEN worth % 1000000 > 500000
    OR (worth % 1000000 = 500000 AND worth // 1000000 % 2 = 1) THEN 1 ELSE 0 END)"""
