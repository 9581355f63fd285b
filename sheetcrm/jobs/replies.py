"""What came into the inbox, told in the sheet: answers as Activities, opt-outs as *Do not contact*."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from sheetcrm.addresses import REPLY_MAIL, reply_mails, stopped
from sheetcrm.jobs.changes import change
from sheetcrm.plan import CellChange, Plan, RowAppend
from sheetcrm.rules.settings import Rules
from sheetcrm.table import Raw, Row, Snapshot, Table

JOB = "replies"


def plan(snapshot: Snapshot, _rules: Rules) -> Plan:
    """A new row of Activities for each answer not told yet, and a yes where customers opted out."""
    told = reply_mails(snapshot.memory)
    rows = _rows_by_address(snapshot)
    appends, remember = [], {}
    for name, mail in told.items():
        found = rows.get(mail.address)
        if found is not None and (append := _activity(snapshot, found, name, mail.at, mail.subject)) is not None:
            appends.append(append)
        remember[f"{REPLY_MAIL}{name}"] = ""
    return Plan(changes=tuple(_marks(snapshot)), appends=tuple(appends), remember=remember)


def _rows_by_address(snapshot: Snapshot) -> dict[str, Row]:
    """Whose address it is: an open lead's before a closed one's, and a lead's before an account's."""
    tables = [table for name in ("Leads", "Accounts") if (table := snapshot.table(name)) is not None]
    rows = [row for table in tables for row in table if row.key and row.text("email")]
    rows.sort(key=lambda row: (row.table.name != "Leads", not snapshot.is_open(row)))
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row.text("email").casefold(), row)
    return found


def _activity(snapshot: Snapshot, row: Row, name: str, at: str, subject: str) -> RowAppend | None:
    table = snapshot.table("Activities")
    field = "lead" if row.table.name == "Leads" else "account"
    if table is None or not {field, "day"} <= table.columns.keys():
        return None
    day: date = datetime.fromisoformat(at).astimezone(snapshot.now.tzinfo).date()
    values: dict[str, Raw] = {field: row.key, "day": day, "type": "E-mail", "subject": subject or "Answer"}
    values |= {"by": row.text("owner") or None, "key": f"mail-{name}"}
    kept = {one: raw for one, raw in values.items() if one in table.columns and raw is not None}
    return RowAppend("Activities", table.tab, f"mail-{name}", kept, "an answer came in", JOB)


def _marks(snapshot: Snapshot) -> Iterator[CellChange]:
    out = {address: why for address, why in stopped(snapshot.memory).items() if why.state == "opted out"}
    for table in (one for name in ("Leads", "Accounts") if (one := snapshot.table(name)) is not None) if out else ():
        yield from _marks_in(table, out)


def _marks_in(table: Table, out: Mapping[str, object]) -> Iterator[CellChange]:
    marks = table.values.get("do_not_contact")
    for row in table if marks is not None else ():
        why = out.get(row.text("email").casefold())
        if why is not None and row["do_not_contact"] is None and table.is_writable(row.i, "do_not_contact"):
            yield change(table, row.i, "do_not_contact", "yes", why=str(why), job=JOB)
