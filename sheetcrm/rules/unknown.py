"""Names in the settings that the workbook does not have: a rule that asks for them would silently never hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sheetcrm.rules.conditions import field_of
from sheetcrm.rules.settings import DEFAULT_ASSIGN_RULES, DEFAULT_REMIND_RULES, RemindRule, Rules
from sheetcrm.schema.fields import normal
from sheetcrm.table import Issue, Snapshot, Table


def unknown_names(rules: Rules, tabs: Iterable[tuple[str, str]], snapshot: Snapshot) -> Iterator[Issue]:
    """A warning for each tab, column, person and stage that the settings name and the workbook lacks.

    The built-in rules are left out: they are made for workbooks of every kind.
    """
    tables = snapshot.tables
    for name, title in tabs:
        if name not in tables or normal(tables[name].tab) != normal(title):
            yield _issue("[tabs]", title, f"the workbook has no tab {title} that reads as {name}")
    team = {normal(word) for one in snapshot.team for word in (one.name, one.email)}
    yield from _in_merges(rules.dedupe.fields, [tables[name] for name in ("Leads", "Accounts") if name in tables])
    for rule in rules.assignment.rules:
        if rule not in DEFAULT_ASSIGN_RULES:
            where = f"[[assignment.rules]] {rule.name}"
            yield from _columns(where, rule.when, tables.get("Leads"))
            for name in rule.to:
                if normal(name) not in team:
                    yield _issue(where, name, f"{name} is not in the Team tab")
    for remind in rules.reminders.rules:
        if remind not in DEFAULT_REMIND_RULES:
            yield from _in_reminder(remind, snapshot)


def _in_merges(names: Iterable[str], tables: Sequence[Table]) -> Iterator[Issue]:
    for name in names:
        if tables and not any(field_of(table, name) in table.columns for table in tables):
            yield _issue("[dedupe] fields", name, f"neither leads nor accounts have a column {name}")


def _in_reminder(rule: RemindRule, snapshot: Snapshot) -> Iterator[Issue]:
    where, table = f"[[reminders.rules]] {rule.name}", snapshot.tables.get(rule.table)
    yield from _columns(where, (*rule.when, *filter(None, [rule.field])), table)
    stages = (*snapshot.open_stages, *snapshot.won_stages, *snapshot.lost_stages)
    for stage in rule.by_stage:
        if stage not in stages:
            yield _issue(where, stage, f"{stage} is no stage; the stages are {', '.join(stages)}")


def _columns(where: str, names: Iterable[str], table: Table | None) -> Iterator[Issue]:
    for name in names:
        if table is not None and name != "domain" and field_of(table, name) not in table.columns:
            yield _issue(where, name, f"the tab {table.tab} has no column {name}")


def _issue(where: str, name: str, what: str) -> Issue:
    remedy = "Correct the name in sheetcrm.toml"
    return Issue("unknown_name", "sheetcrm.toml", "", name, f"{where}: {what}", remedy, "warning")
