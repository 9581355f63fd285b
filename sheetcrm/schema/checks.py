"""What is wrong across cells: required, unique, references, people, dates that cannot be, contradicting rows.

Each check is a pure function of a table (and what it needs beside) to Issues; `check` runs them in order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from sheetcrm.schema.contradictions import contradictions
from sheetcrm.schema.fields import StageNames, TableSpec, normal
from sheetcrm.schema.issues import issue_at
from sheetcrm.schema.kinds import as_days
from sheetcrm.schema.people import People, is_zone
from sheetcrm.table import Issue, Table

FAR_AHEAD = timedelta(days=5 * 366)


def check(
    tables: Mapping[str, Table], specs: Sequence[TableSpec], people: People, stages: StageNames, today: date
) -> tuple[Issue, ...]:
    """The Issues of all tables, table by table in the order of the specs, check by check, row by row."""
    issues: list[Issue] = []
    for spec in specs:
        table = tables.get(spec.name)
        if table is None:
            continue
        issues += _alike(table)
        issues += _unique(table, spec)
        issues += _required(table, spec)
        issues += _references(table, spec, tables)
        if people.team:
            issues += _persons(table, spec, people, stages)
        issues += _days(table, today)
        if spec.name == "Leads":
            issues += contradictions(table, stages, today)
    if "Team" in tables:
        issues += _team(tables["Team"], people)
    return tuple(issues)


def _alike(table: Table) -> Iterator[Issue]:
    counts = Counter([ref.digest for ref in table.refs if ref.content])
    field = next(iter(table.columns), "")
    if len(counts) == counts.total():
        return
    for i, ref in enumerate(table.refs):
        if counts[ref.digest] > 1:
            message = f"{counts[ref.digest]} rows are the same to the last cell"
            yield issue_at(table, i, field, "rows_alike", message, "Delete all but one of them", "warning")


def _unique(table: Table, spec: TableSpec) -> Iterator[Issue]:
    for field in (one.field for one in spec.fields if one.unique and one.field in table.columns):
        if field in table.formula_fields and len(table):
            message = "is calculated by a formula, so it changes when rows move and cannot name a row"
            yield issue_at(table, 0, field, "key_is_formula", message, "Keep typed keys: copy, paste as values", "note")
            continue
        values = table.values[field]
        counts = Counter([value for value in values if isinstance(value, str)])
        if len(counts) == counts.total():
            continue
        for i, value in enumerate(values):
            if isinstance(value, str) and counts[value] > 1:
                message = f'"{value}" stands in {counts[value]} rows'
                yield issue_at(
                    table, i, field, "not_unique", message, "Clear it in the rows that are new; a run gives them one"
                )


def _required(table: Table, spec: TableSpec) -> Iterator[Issue]:
    for field in (one.field for one in spec.fields if one.required and one.field in table.columns):
        for i, value in enumerate(table.values[field]):
            if value is None:
                yield issue_at(table, i, field, "required", "is blank", "Fill it in")
    if spec.name == "Leads":
        for i in _nameless(table):
            message = "nothing tells who this is"
            remedy = "Fill in company, contact, e-mail or phone, or delete the row"
            yield issue_at(table, i, "company", "nobody", message, remedy)


_WHO = ("company", "name", "email", "phone")


def _nameless(table: Table) -> list[int]:
    """The rows in which nothing tells whom they are about."""
    left = list(range(len(table)))
    for column in (table.values[name] for name in _WHO if name in table.values):
        left = [i for i in left if not (isinstance(column[i], str) and column[i])]
    return [i for i in left if not any(table.row(i).text(name) for name in _WHO)]


def _references(table: Table, spec: TableSpec, tables: Mapping[str, Table]) -> Iterator[Issue]:
    for field in spec.fields:
        other = tables.get(field.refers_to)
        if other is None or field.field not in table.columns:
            continue
        known = {
            normal(value): value
            for name in ("key", "company")
            for value in other.values.get(name, ())
            if isinstance(value, str)
        }
        for i, value in enumerate(table.values[field.field]):
            if isinstance(value, str) and normal(value) not in known:
                message = f'"{value}" is not in {other.tab}'
                yield issue_at(table, i, field.field, "unknown_reference", message, _nearest(value, known), "warning")


def _nearest(value: str, known: Mapping[str, str]) -> str:
    """What to do about a reference to nothing; `known` has what there is by its normal form, in the sheet's order."""
    from rapidfuzz import process

    best = process.extractOne(normal(value), list(known), score_cutoff=85) if len(known) < 5000 else None
    return f'Did you mean "{known[best[0]]}"?' if best else "Correct it, or add the row it means"


def _persons(table: Table, spec: TableSpec, people: People, stages: StageNames) -> Iterator[Issue]:
    active = {one.name: one.is_active for one in people.team}
    for field in (one.field for one in spec.fields if one.kind == "person" and one.field in table.columns):
        status = table.values.get("status", ())
        for i, value in enumerate(table.values[field]):
            if not isinstance(value, str):
                continue
            if value not in active:
                message = f'"{value}" is not in the Team tab'
                yield issue_at(
                    table, i, field, "unknown_person", message, "Correct the name, or add the person to Team", "warning"
                )
            elif (
                not active[value]
                and spec.name != "Activities"
                and (not status or status[i] is None or status[i] in stages.open)
            ):
                message = f"{value} does not work here any more"
                yield issue_at(
                    table, i, field, "owner_left", message, "Clear the cell to have it assigned anew", "warning"
                )


_PAST_FIELDS = ("created", "last_contact", "closed", "since", "day", "birthday", "last_reminder")


def _days(table: Table, today: date) -> Iterator[Issue]:
    for field in table.columns:
        if field in _PAST_FIELDS:
            for i, day in _after(table.values[field], today):
                yield issue_at(table, i, field, "in_future", f"{day} lies ahead", "Correct the date", "warning")
        elif field in {"next_due", "expected_close", "renewal"}:
            for i, day in _after(table.values[field], today + FAR_AHEAD):
                yield issue_at(table, i, field, "far_ahead", f"{day} is years ahead", "Correct the year", "warning")


def _after(values: Sequence[object], limit: date) -> list[tuple[int, date]]:
    """The days after a day, with their places."""
    return [(i, day) for i, day in enumerate(as_days(values)) if day and day > limit]


def _team(team: Table, people: People) -> Iterator[Issue]:
    for row in team:
        zone, manager = row.text("zone"), row.text("manager")
        if zone and not is_zone(zone):
            message = f'"{zone}" is no time zone'
            yield issue_at(team, row.i, "zone", "unknown_zone", message, "Use a name such as Europe/London", "warning")
        if manager and people.find(manager) is None:
            message = f'"{manager}" is not in this tab'
            yield issue_at(
                team, row.i, "manager", "unknown_person", message, "Correct the name, or add the person", "warning"
            )
