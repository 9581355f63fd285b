"""What a rule writes into one cell: a constant or a formula's value as its column holds it; a person's word stays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sheetcrm import formula
from sheetcrm.raw_json import raw_from_json
from sheetcrm.rules.firing import Fired, Firing
from sheetcrm.rules.rule import FormulaRule
from sheetcrm.table import CellError, Issue, Raw, Row, Table, is_same, show_raw

_DATES = frozenset({"date", "datetime"})
_NUMBERS = frozenset({"number", "money", "percent"})


@dataclass(frozen=True, slots=True)
class Written:
    """The value that a cell is to have; or the Issue, or the person, that keeps the rule from it."""

    value: Raw = None
    issue: Issue | None = None
    is_overridden: bool = False


def field_of(table: Table, rule: FormulaRule) -> str | None:
    """The column that a rule writes: the one named in To, Tags for a flag without one; None where there is none."""
    name = rule.to.strip().strip("[]")
    if not name:
        return "tags" if "tags" in table.columns else None
    wanted = formula.normal(name)
    return next((one.field for one in table.columns.values() if formula.normal(one.header) == wanted), None)


def written(one: Firing, table: Table, field: str, fired: Fired) -> Written:
    """What the rule writes into the field of a row."""
    i, rule = one.row.i, one.rule
    current = table.typed(field)[i]
    if not table.is_writable(i, field):
        return Written(issue=cell_issue(rule, table, i, field, "cannot be written", "Change it by hand"))
    new = _flagged(current, one) if rule.then == "flag" else value_for(one.value, table.columns[field].kind)
    if isinstance(new, CellError):
        what = f"the new value gives {new}"
        return Written(issue=cell_issue(rule, table, i, field, what, "Correct the cells that it reads"))
    last = fired.state.wrote.get(one.row.identity)
    if isinstance(last, list) and rule.then == "set" and current is not None:
        is_mine = is_same(current, raw_from_json(*last))
        return Written(new, is_overridden=not is_mine and not is_same(current, new))
    return Written(new)


def _flagged(current: Raw, one: Firing) -> Raw:
    word = show_raw(one.value).strip() or one.rule.name
    tags = [tag.strip() for tag in show_raw(current).split(",") if tag.strip()]
    return current if word.casefold() in {tag.casefold() for tag in tags} else ", ".join([*tags, word])


def value_for(value: Raw, kind: str) -> Raw:
    """A rule's value as a column of that kind holds it: serial numbers of formulas become dates, digits numbers."""
    if isinstance(value, str):
        return _constant(value.strip(), kind)
    if isinstance(value, int | float) and not isinstance(value, bool) and kind in _DATES:
        return formula.moment_of(value) if kind == "datetime" else formula.day_of(value)
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _constant(text: str, kind: str) -> Raw:
    try:
        if kind in _DATES:
            return datetime.fromisoformat(text) if ":" in text else date.fromisoformat(text)
        if kind in _NUMBERS:
            return float(text) if "." in text else int(text)
    except ValueError:
        return text or None
    return text or None


def rule_issue(rule: FormulaRule, part: str, message: str, remedy: str, code: str = "rule_broken") -> Issue:
    """An Issue with a rule, at the cell of that part of it."""
    tab, _, cell = rule.cell(part).rpartition("!")
    text = f"rule {rule.name}: {message}"
    return Issue(code, tab or "sheetcrm.toml", cell if tab else "", "", text, remedy, "warning", rule.key)


def cell_issue(rule: FormulaRule, table: Table, i: int, field: str, message: str, remedy: str) -> Issue:
    """An Issue with a cell that a rule cannot deal with."""
    raw, header = show_raw(table.raws[field][i]), table.columns[field].header
    text = f"{header}: rule {rule.name}: {message}"
    return Issue("rule_error", table.tab, table.cell(i, field), raw, text, remedy, "warning", Row(table, i).key, field)
