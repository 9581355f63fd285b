"""What the owner's rules write into the sheet: values set, tags, activities; each rule at most once per row and run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sheetcrm.jobs.changes import change
from sheetcrm.jobs.rule_reasons import held
from sheetcrm.jobs.rule_writes import cell_issue, field_of, rule_issue, value_for, written
from sheetcrm.plan import CellChange, Plan, RowAppend, Skip
from sheetcrm.raw_json import raw_to_json
from sheetcrm.rules.book import ReadyRule, RuleBook, rule_book
from sheetcrm.rules.firing import Fired, Firing, done, fired_rules
from sheetcrm.rules.settings import Rules
from sheetcrm.schema.overlay import overlay
from sheetcrm.table import Issue, Raw, RowRef, Snapshot, Table, is_same, show_raw

JOB = "rules"
WRITING = frozenset({"set", "flag", "add activity"})


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """The cells and rows that rules write, in the order of the rules: later ones see what earlier ones wrote."""
    book = rule_book(snapshot, rules)
    whole, seen = Plan(issues=book.issues), snapshot
    for ready in book.ready:
        if ready.rule.then in WRITING:
            some = replace(book, ready=_with_group(book, ready))
            fired = next(one for one in fired_rules(some, seen, {ready.rule.then}) if one.ready is ready)
            part = _activities(fired, seen) if ready.rule.then == "add activity" else _cells(fired, seen)
            part = part.joined(Plan(skipped=tuple(held(fired)), issues=fired.issues))
            seen = overlay(seen, part)
            whole = whole.joined(part)
    return whole.joined(Plan(issues=tuple(_loops(book, seen, whole))))


def _with_group(book: RuleBook, ready: ReadyRule) -> tuple[ReadyRule, ...]:
    """The rules that decide about this one: those of its group above it, and itself."""
    above = book.ready[: book.ready.index(ready)]
    return (*(one for one in above if ready.rule.group and one.rule.group == ready.rule.group), ready)


def _cells(fired: Fired, snapshot: Snapshot) -> Plan:
    rule, table = fired.ready.rule, snapshot.tables[fired.ready.rule.table]
    field = field_of(table, rule)
    if field is None:
        issue = rule_issue(rule, "to", f"{table.tab} has no column for it", "Name the column in To")
        return Plan(issues=(issue,), remember=fired.remember)
    outcomes = [(one, written(one, table, field, fired)) for one in fired.firings]
    good = [(one, to.value) for one, to in outcomes if to.issue is None and not to.is_overridden]
    changed = [(one, new) for one, new in good if not is_same(table.typed(field)[one.row.i], new)]
    changes = [
        change(table, one.row.i, field, new, why=f"rule {rule.name}: {one.why}", job=JOB, rule=rule.name)
        for one, new in changed
    ]
    wrote: dict[str, object] = {one.row.identity: list(raw_to_json(new)) for one, new in good}
    acted = done(fired, [one for one, _ in changed], snapshot, wrote)
    count = sum(to.is_overridden for _, to in outcomes)
    why = "a person changed what the rule wrote: it is the person's until the cell is cleared"
    skipped = (Skip(f"rule {rule.name}: {count} {table.columns[field].header}", why),) if count else ()
    issues = tuple(to.issue for _, to in outcomes if to.issue is not None)
    return Plan(tuple(changes), skipped=skipped, issues=issues, remember=acted.remember)


def _activities(fired: Fired, snapshot: Snapshot) -> Plan:
    """A new row of Activities for each firing: the lead's key, the day, and the rule's text."""
    rule, table = fired.ready.rule, snapshot.tables.get("Activities")
    if table is None or not {"lead", "day"} <= table.columns.keys():
        message, remedy = "there is no Activities tab to add to", "Add one with the columns Lead and Date"
        return Plan(issues=(rule_issue(rule, "then", message, remedy),) if fired.firings else ())
    named = [one for one in fired.firings if one.row.key]
    issues = [
        cell_issue(
            rule, one.row.table, one.row.i, next(iter(one.row.table.columns)), "the row has no key that an activity "
            "could name", "A run gives it one",
        )
        for one in fired.firings
        if not one.row.key
    ]  # fmt: skip
    appends = tuple(_activity(one, table, snapshot) for one in named)
    return Plan(appends=appends, issues=tuple(issues), remember=done(fired, named, snapshot).remember)


def _activity(one: Firing, table: Table, snapshot: Snapshot) -> RowAppend:
    text = show_raw(one.value).strip() or one.rule.name
    is_lead = one.row.table.name == "Leads" or "account" not in table.columns
    values: dict[str, Raw] = {"lead" if is_lead else "account": one.row.key, "day": snapshot.today}
    values |= {"type": one.rule.to.strip() or "Note", "subject": text, "by": one.row.text("owner") or None}
    # The key names the reason: tried again after a run that was cut short, it is the same row.
    key = f"{one.rule.key}/{one.row.key}/{one.occasion}"
    values["key"] = key
    kept = {name: raw for name, raw in values.items() if name in table.columns and raw is not None}
    return RowAppend("Activities", table.tab, key, kept, f"rule {one.rule.name}: {one.why}", JOB)


def _loops(book: RuleBook, seen: Snapshot, whole: Plan) -> Iterator[Issue]:
    """A warning for each rule that would write again over what a later rule wrote: each acted once all the same."""
    by_cell = {(one.ref, one.field): one for one in whole.changes}
    for ready in book.ready:
        rule = ready.rule
        table = seen.tables[rule.table]
        field = field_of(table, rule)
        if rule.then != "set" or rule.when.kind != "run" or rule.again.kind or field is None:
            continue
        for fired in fired_rules(RuleBook((ready,)), seen, {"set"}):
            others = {last.rule for one in fired.firings if (last := _undone(one, table, field, by_cell)) is not None}
            for other in sorted(others - {rule.name}):
                message = f"writes over what the rule {other} writes, and that one over it; each acted once"
                yield rule_issue(rule, "condition", message, "Let one leave out what the other writes", "rules_loop")


def _undone(one: Firing, table: Table, field: str, by_cell: dict[tuple[RowRef, str], CellChange]) -> CellChange | None:
    """The change by which another rule wrote something else where this one would write again."""
    last = by_cell.get((one.row.ref, field))
    new = value_for(one.value, table.columns[field].kind)
    return last if last is not None and not is_same(table.typed(field)[one.row.i], new) else None
