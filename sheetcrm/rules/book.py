"""The rules that hold for a workbook: those of its Rules tab or else of the settings, read, checked and compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from sheetcrm import formula
from sheetcrm.errors import FormulaError
from sheetcrm.rules.columns import Workbook
from sheetcrm.rules.decisions import decided
from sheetcrm.rules.rule import ACTIONS, FormulaRule, words_of
from sheetcrm.rules.settings import FormulaRuleSettings, Rules
from sheetcrm.rules.triplets import UnknownRelation, all_of, triplet
from sheetcrm.schema.fields import normal
from sheetcrm.table import CellError, Issue, Row, Snapshot, Table, show_raw

_NEEDS_TO = frozenset({"assign", "reassign", "set", "decide"})
_WORDS = {
    "when": "new, changed, Status changes to Won, daily, or every run",
    "again": "once, each time it starts matching, or every 14 days",
    "stop": "first or all",
    "then": ", ".join(ACTIONS),
}


@dataclass(frozen=True)
class ReadyRule:
    """A rule that was checked: its condition compiled, and the value it writes, where that is a formula."""

    rule: FormulaRule
    condition: formula.Compiled | None
    value: formula.Compiled | None


@dataclass(frozen=True)
class RuleBook:
    """The rules in their order, and what is wrong with others; `broken` maps the keys of these to the reason."""

    ready: tuple[ReadyRule, ...] = ()
    issues: tuple[Issue, ...] = ()
    broken: Mapping[str, str] = field(default_factory=dict)


def rule_book(snapshot: Snapshot, rules: Rules) -> RuleBook:
    """All rules of the workbook, checked; a rule that cannot be understood does not run, and becomes an Issue."""
    table = snapshot.tables.get("Rules")
    written = list(_from_tab(table)) if table is not None else []
    issues = [one for _, some in written for one in some]
    if table is None:
        written = [_from_settings(one) for one in rules.rules]
        issues = [one for _, some in written for one in some]
    elif rules.rules:
        message = f"rules stand in the tab {table.tab} and in sheetcrm.toml; those of the tab hold"
        issues.append(Issue("two_rule_sources", table.tab, "", "", message, "Keep one of the two", "warning"))
    broken = {rule.key: some[0].message for rule, some in written if some and rule is not None}
    sound = [rule for rule, some in written if rule is not None and not some]
    book, ready = Workbook(snapshot), []
    for rule in chain.from_iterable(_expanded(rule, snapshot, issues) for rule in sound):
        found = checked(rule, book, snapshot)
        if isinstance(found, ReadyRule):
            ready.append(found)
            issues += _suspicions(found)
        else:
            issues.append(found)
            broken.setdefault(rule.key.partition("/")[0], found.message)
    ready += [ReadyRule(one, None, None) for one in _usual(snapshot, rules)]
    return RuleBook(tuple(ready), tuple(issues), broken)


def _usual(snapshot: Snapshot, rules: Rules) -> Iterator[FormulaRule]:
    """The rules of `[assignment]`, behind all others: each takes open leads that are nobody's, or as it says."""
    if "Leads" not in snapshot.tables or not rules.assignment.on:
        return
    for one in rules.assignment.rules:
        then = "assign" if one.takes == "unowned" else "reassign"
        to = ", ".join(one.to) or one.strategy.replace("_", " ")
        yield FormulaRule(f"usual/{one.name}", one.name, "Leads", then=then, to=to, usual=one, where="[assignment]")


def _from_tab(table: Table) -> Iterator[tuple[FormulaRule | None, list[Issue]]]:
    for row in table:
        if row["on"] is True:
            yield _read_row(row)


def _read_row(row: Row) -> tuple[FormulaRule | None, list[Issue]]:
    issues: list[Issue] = []
    name = row.text("rule") or f"row {row.table.numbers[row.i] + 1}"
    words = words_of(*(row.text(part) for part in ("when", "again", "stop", "then")))
    for part in words.wrong:
        text = row.text(part)
        what = f'"{text}" is no {part.capitalize()}' if text else "nothing says what to do"
        issues.append(_row_issue(row, part, what, f"Write {_WORDS[part]}"))
    limit = row["limit"]
    rule = FormulaRule(
        key=row.key or name,
        name=name,
        table=row.text("table") or "Leads",
        condition=_condition(row, issues),
        tests=tuple(_tests(row, issues)),
        then=words.then,
        to=row.text("to"),
        value=_typed(row, "new_value"),
        group=row.text("group"),
        when=words.when,
        template=row.text("template"),
        again=words.again,
        is_first_only=words.is_first_only,
        limit=int(limit) if isinstance(limit, int | float) else None,
        where=f"{row.table.tab}!{row.table.cell(row.i, next(iter(row.table.columns)))}",
        cells={one: f"{row.table.tab}!{row.table.cell(row.i, one)}" for one in row.table.columns},
    )
    return rule, issues


def _tests(row: Row, issues: list[Issue]) -> Iterator[str]:
    for n in ("1", "2"):
        column, relation, value = row.text(f"column_{n}"), row.text(f"is_{n}"), _typed(row, f"value_{n}")
        if not column:
            continue
        try:
            yield triplet(column, relation, value)
        except UnknownRelation:
            remedy = "Write is, is not, contains, at least, before, is blank, in the last days, ..."
            issues.append(_row_issue(row, f"is_{n}", f'"{relation}" is no relation', remedy))


def _condition(row: Row, issues: list[Issue]) -> str:
    raw = row.table.typed("condition")[row.i] if "condition" in row.table.columns else None
    if isinstance(raw, CellError) or ("condition", row.i) in row.table.locked:
        what = "the condition is a formula of Excel's own, which knows no columns"
        issues.append(_row_issue(row, "condition", what, "Format the cell as text and type it again"))
        return ""
    return "" if raw is None else show_raw(raw).strip().removeprefix("=")


def _typed(row: Row, field: str) -> str:
    """A cell as text that `literal` understands: dates as ISO days."""
    return show_raw(row.table.typed(field)[row.i]).strip() if field in row.table.columns else ""


def _from_settings(one: FormulaRuleSettings) -> tuple[FormulaRule | None, list[Issue]]:
    if not one.on:
        return None, []
    where, words = f"[[rules]] {one.name}", words_of(one.when, one.again, one.stop, one.then)
    issues = [
        _settings_issue(where, f'{part} = "{getattr(one, part)}" is not understood', f"Write {_WORDS[part]}")
        for part in words.wrong
    ]
    rule = FormulaRule(
        key=one.id or one.name,
        name=one.name,
        table=one.table,
        condition=one.condition.strip().removeprefix("="),
        then=words.then,
        to=one.to,
        value=one.value,
        group=one.group,
        when=words.when,
        template=one.template,
        again=words.again,
        is_first_only=words.is_first_only,
        limit=one.limit,
        where=where,
    )
    return rule, issues


def _expanded(rule: FormulaRule, snapshot: Snapshot, issues: list[Issue]) -> Sequence[FormulaRule]:
    if rule.then != "decide":
        return [rule]
    grid = next((one for one in snapshot.grids if normal(one.tab) == normal(rule.to)), None)
    if grid is None:
        issues.append(_issue(rule, "to", f'there is no tab "{rule.to}" to decide by', "Name the tab with the table"))
        return []
    found, wrong = decided(rule, grid)
    issues += wrong
    return found


def checked(rule: FormulaRule, book: Workbook, snapshot: Snapshot) -> ReadyRule | Issue:
    """The rule compiled, or what is wrong with it."""
    table = next(
        (name for name, one in snapshot.tables.items() if normal(rule.table) in {normal(name), normal(one.tab)}), None
    )
    if table is None:
        return _issue(rule, "table", f'there is no table "{rule.table}"', f"Known are {', '.join(snapshot.tables)}")
    if rule.then in _NEEDS_TO and not rule.to:
        return _issue(rule, "to", f"nothing says whom or what to {rule.then}", "Fill in To")
    rule = replace(rule, table=table)
    schema = book.schema(table)
    headers = {formula.normal(one.name) for one in schema.base.columns}
    if rule.when.column and formula.normal(rule.when.column) not in headers:
        return _issue(rule, "when", f'{table} has no column "{rule.when.column}"', "Name a column of the table")
    if rule.then == "set" and formula.normal(rule.to.strip("[]")) not in headers:
        return _issue(rule, "to", f'{table} has no column "{rule.to}"', "Name the column to be set")
    try:
        condition = formula.compile(rule.condition, schema) if rule.condition else None
        if rule.tests:
            # What is not a formula of the owner's is written in English, whatever the country.
            whole = all_of([condition.formula if condition else "", *rule.tests])
            condition = formula.compile(whole, replace(schema, locale="en"))
    except FormulaError as error:
        return _issue(rule, "condition", f"the condition cannot be read: {error.what}", error.remedy)
    try:
        value = formula.compile(rule.value[1:], schema) if rule.value.startswith("=") else None
    except FormulaError as error:
        return _issue(rule, "new_value", f"the new value cannot be read: {error.what}", error.remedy)
    return ReadyRule(rule, condition, value)


def _suspicions(ready: ReadyRule) -> Iterator[Issue]:
    for part, compiled in (("condition", ready.condition), ("new_value", ready.value)):
        for one in compiled.findings if compiled else ():
            yield replace(_issue(ready.rule, part, one.message, one.remedy), code="rule_suspicious")


def _issue(rule: FormulaRule, part: str, message: str, remedy: str) -> Issue:
    tab, _, cell = rule.cell(part).rpartition("!")
    where = tab or "sheetcrm.toml"
    return Issue(
        "rule_broken", where, cell if tab else "", "", f"rule {rule.name}: {message}", remedy, "warning", rule.key
    )


def _row_issue(row: Row, field: str, message: str, remedy: str) -> Issue:
    table = row.table
    place = field if field in table.columns else next(iter(table.columns))
    name = row.text("rule") or row.key
    text = show_raw(table.raws[place][row.i])
    return Issue(
        "rule_broken",
        table.tab,
        table.cell(row.i, place),
        text,
        f"rule {name}: {message}",
        remedy,
        "warning",
        row.key,
        place,
    )


def _settings_issue(where: str, message: str, remedy: str) -> Issue:
    return Issue("rule_broken", "sheetcrm.toml", "", "", f"{where}: {message}", remedy, "warning")
