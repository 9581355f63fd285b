"""Which rows a rule concerns in this run: those that meet its condition, changed as it says, and are not done yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sheetcrm import formula
from sheetcrm.errors import FormulaError
from sheetcrm.rules.book import ReadyRule, RuleBook, checked
from sheetcrm.rules.columns import Workbook
from sheetcrm.rules.conditions import meets
from sheetcrm.rules.rule import FormulaRule
from sheetcrm.rules.settings import AssignRule
from sheetcrm.rules.state import PREFIX, RuleState, digest_of, state_of
from sheetcrm.schema.fields import normal
from sheetcrm.table import CellError, Issue, Raw, Row, Snapshot, Table, is_same, show_raw

MAILS = frozenset({"remind", "notify", "escalate"})
_AGAIN = {"remind": "start", "notify": "start", "escalate": "start", "add activity": "start"}
_EXPLAINED = 500
"""Rows that are explained one by one; beyond so many nobody reads them."""


@dataclass(frozen=True)
class Firing:
    """One row that a rule acts on now. `occasion` names why now, the same in every try until it is done."""

    rule: FormulaRule
    row: Row
    occasion: str
    why: str
    value: Raw = None

    @property
    def key(self) -> str:
        """What names the reason of a mail."""
        return f"rule/{self.rule.key}/{self.row.identity}/{self.occasion}"


@dataclass(frozen=True)
class Fired:
    """What a rule comes to in this run."""

    ready: ReadyRule
    firings: tuple[Firing, ...] = ()
    state: RuleState = field(default_factory=RuleState)
    issues: tuple[Issue, ...] = ()
    waiting: int = 0
    """Rows left for the next run by the rule's limit."""
    held: int = 0
    """Rows that a new rule would act on, once a person has seen it."""
    met: frozenset[str] = field(default_factory=frozenset)
    """The identities of all rows that meet the condition."""

    @property
    def remember(self) -> dict[str, str]:
        """The memory after this run."""
        if self.ready.rule.usual is not None:
            return {}
        return {PREFIX + self.ready.rule.key: self.state.dumped()}


def fired_rules(book: RuleBook, snapshot: Snapshot, actions: Collection[str]) -> Iterator[Fired]:
    """What the rules of these actions come to, in their order; rules of a group see what earlier ones took."""
    taken: dict[str, set[str]] = {}
    grouped = {one.rule.group for one in book.ready if one.rule.group and one.rule.is_first_only}
    for ready in book.ready:
        rule = ready.rule
        if rule.then not in actions and rule.group not in grouped:
            continue
        others = taken.get(rule.group, set()) if rule.is_first_only else set()
        fired = fire(ready, snapshot, others)
        if rule.group:
            taken.setdefault(rule.group, set()).update(fired.met)
        if rule.then in actions:
            yield fired


def fire(ready: ReadyRule, snapshot: Snapshot, taken: Collection[str] = ()) -> Fired:
    """The rows that one rule acts on now; `taken` are rows that an earlier rule of its group has met."""
    rule, table = ready.rule, snapshot.tables[ready.rule.table]
    if rule.usual is not None:
        return _fire_usual(ready, rule.usual, snapshot, table)
    old = state_of(snapshot.memory, rule)
    try:
        columns = Workbook(snapshot).columns(rule.table, _reads(ready))
        met, wrong = _meeting(ready, columns, snapshot, table)
    except FormulaError as error:
        issue = _issue(rule, f"the condition cannot be worked out: {error.what}", error.remedy)
        return Fired(ready, state=replace(old, text=digest_of(rule)), issues=(issue,))
    rows = {row.identity: row for row in met if row.identity not in taken}
    started = _started(rule, rows, old, snapshot)
    known = {Row(table, i).identity for i in range(len(table))}
    state = replace(
        old.only(known), text=digest_of(rule), since=_since(rule, rows, old, started, snapshot), matches=len(rows)
    )
    if rule.when.kind == "daily":
        state = replace(state, day=snapshot.today.isoformat())
    due = [
        (row, occasion) for name, row in rows.items() if (occasion := _occasion(rule, name, started, state, snapshot))
    ]
    due = [(row, occasion) for row, occasion in due if not _is_done(rule, row, occasion, old, snapshot)]
    if not snapshot.is_watched and old.text != state.text and due:
        # Shown first: whoever switched the rule on sees what it would do before it does it.
        held = replace(old, text=state.text, matches=len(rows), held=len(due))
        return Fired(ready, (), held, wrong, held=len(due), met=frozenset(rows))
    chosen = due[: rule.limit] if rule.limit is not None else due
    state = replace(state, held=0, waiting=len(due) - len(chosen))
    firings = tuple(_firings(ready, chosen, columns, snapshot))
    return Fired(ready, firings, state, wrong, len(due) - len(chosen), met=frozenset(rows))


def _fire_usual(ready: ReadyRule, usual: AssignRule, snapshot: Snapshot, table: Table) -> Fired:
    """The open leads that a usual rule may give away, whoever has them; it needs no memory to do so."""
    left = {one.name for one in snapshot.team if not one.is_active}
    rows = (
        Row(table, i)
        for i, owner in enumerate(table.values.get("owner", ()))
        if owner is None or usual.takes == "any" or (usual.takes == "left" and owner in left)
    )
    met = [row for row in rows if snapshot.is_open(row) and meets(row, usual.when)]
    firings = tuple(Firing(ready.rule, row, "always", "") for row in met)
    return Fired(ready, firings, met=frozenset(row.identity for row in met))


def done(
    fired: Fired, firings: Iterable[Firing], snapshot: Snapshot, wrote: Mapping[str, object] | None = None
) -> Fired:
    """What the rule remembers once it acted on these rows; `wrote` is what it wrote into them."""
    firings = tuple(firings)
    if not firings:
        return fired
    acts = {one.row.identity: one.occasion for one in firings} if fired.ready.rule.then not in MAILS else {}
    state = replace(
        fired.state, fired={**fired.state.fired, **acts}, wrote={**fired.state.wrote, **(wrote or {})},
        why=_line(firings[0]), acted=snapshot.today.isoformat(),
    )  # fmt: skip
    return replace(fired, state=state)


def _line(one: Firing) -> str:
    return f"{one.row.key or one.row.label}: {one.why}"


def _reads(ready: ReadyRule) -> Sequence[str]:
    parts = [one.reads for one in (ready.condition, ready.value) if one is not None]
    return tuple(dict.fromkeys(name for reads in parts for name in reads))


def _meeting(
    ready: ReadyRule, columns: Mapping[str, Sequence[object]], snapshot: Snapshot, table: Table
) -> tuple[list[Row], tuple[Issue, ...]]:
    """The rows that meet the condition, and an Issue where it is an error for some: an error is no match."""
    rows = [Row(table, i) for i in range(len(table))]
    if ready.condition is None:
        return rows, ()
    values = ready.condition.evaluate(columns, snapshot.now.replace(tzinfo=None))
    met = [row for row, value in zip(rows, values, strict=True) if _holds(value)]
    errors = [row for row, value in zip(rows, values, strict=True) if isinstance(value, CellError | str)]
    if not errors:
        return met, ()
    value = values[errors[0].i]
    what = str(value) if isinstance(value, CellError) else "text"
    first = table.cell(errors[0].i, next(iter(table.columns)))
    message = f"the condition gives {what} in {_rows(len(errors))}, the first {table.tab}!{first}; these do not match"
    return met, (_issue(ready.rule, message, "Correct the cells, or the condition", "rule_error"),)


def met_by(rule: FormulaRule, snapshot: Snapshot) -> tuple[list[Row], tuple[Issue, ...]]:
    """The rows that meet a rule's condition now, and what is wrong with it."""
    book = Workbook(snapshot)
    ready = checked(rule, book, snapshot)
    if isinstance(ready, Issue):
        return [], (ready,)
    table = snapshot.tables[ready.rule.table]
    try:
        return _meeting(ready, book.columns(table.name, _reads(ready)), snapshot, table)
    except FormulaError as error:
        return [], (_issue(rule, f"the condition cannot be worked out: {error.what}", error.remedy),)


def _holds(value: object) -> bool:
    return value is True or (isinstance(value, int | float) and not isinstance(value, bool) and value != 0)


def _started(rule: FormulaRule, rows: Mapping[str, Row], old: RuleState, snapshot: Snapshot) -> dict[str, str]:
    """For each row whose change concerns the rule: the moment of the change; for the others, all of them, nothing."""
    if rule.when.kind not in {"new", "changed"}:
        return {}
    before = snapshot.before.get(rule.table, {})
    now = _moment(snapshot)
    pending = {name: since for name, since in old.since.items() if name in rows}
    return pending | {name: now for name, row in rows.items() if before and _has_changed(rule, row, before.get(name))}


def _has_changed(rule: FormulaRule, row: Row, before: Mapping[str, Raw] | None) -> bool:
    if before is None:
        return rule.when.kind == "new"
    if rule.when.kind == "new":
        return False
    fields = list(row.table.columns)
    if rule.when.column:
        wanted = formula.normal(rule.when.column)
        fields = [one.field for one in row.table.columns.values() if formula.normal(one.header) == wanted][:1]
    for name in fields:
        old, new = before.get(name), row.table.typed(name)[row.i]
        old, new = (None if one == "" else one for one in (old, new))
        if not is_same(old, new) and _is_word(rule.when.old, old) and _is_word(rule.when.new, new):
            return True
    return False


def _is_word(wanted: str, raw: Raw) -> bool:
    return not wanted or normal(wanted) == normal(show_raw(raw))


def _since(
    rule: FormulaRule, rows: Mapping[str, Row], old: RuleState, started: Mapping[str, str], snapshot: Snapshot
) -> dict[str, str]:
    if rule.when.kind in {"new", "changed"}:
        return dict(started)
    now = _moment(snapshot)
    return {name: old.since.get(name, now) for name in rows}


def _occasion(rule: FormulaRule, name: str, started: Mapping[str, str], state: RuleState, snapshot: Snapshot) -> str:
    """What names this time among all times that the rule may meet the row; empty where it is none now."""
    if rule.when.kind in {"new", "changed"}:
        kind = rule.again.kind or "start"
        return "" if name not in started else "once" if kind == "once" else f"at {started[name]}"
    kind = rule.again.kind or _AGAIN.get(rule.then, "once" if rule.then in {"flag", "reassign"} else "always")
    if kind == "days":
        since = datetime.fromisoformat(state.since[name]).date()
        return f"since {since} #{(snapshot.today - since).days // rule.again.days}"
    return f"since {state.since[name]}" if kind == "start" else kind


def _is_done(rule: FormulaRule, row: Row, occasion: str, old: RuleState, snapshot: Snapshot) -> bool:
    if rule.when.kind == "daily" and old.day == snapshot.today.isoformat():
        return True
    if rule.then in MAILS:
        return f"rule/{rule.key}/{row.identity}/{occasion}" in snapshot.mailed
    return occasion != "always" and old.fired.get(row.identity) == occasion


def _firings(
    ready: ReadyRule, due: Sequence[tuple[Row, str]], columns: Mapping[str, Sequence[object]], snapshot: Snapshot
) -> Iterator[Firing]:
    now = snapshot.now.replace(tzinfo=None)
    values = ready.value.evaluate(columns, now) if ready.value is not None else None
    told: dict[int, str] = {}
    if ready.condition is not None and due:
        places = [row.i for row, _ in due[:_EXPLAINED]]
        told = {i: one.text for i, one in zip(places, ready.condition.explanations(columns, now, places), strict=True)}
    for row, occasion in due:
        value: Raw = values[row.i] if values is not None else ready.rule.value or None
        yield Firing(ready.rule, row, occasion, told.get(row.i, ready.rule.condition or "every row"), value)


def _moment(snapshot: Snapshot) -> str:
    return snapshot.now.isoformat(timespec="minutes")


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _issue(rule: FormulaRule, message: str, remedy: str, code: str = "rule_broken") -> Issue:
    tab, _, cell = rule.cell("condition").rpartition("!")
    where = tab or "sheetcrm.toml"
    return Issue(code, where, cell if tab else "", "", f"rule {rule.name}: {message}", remedy, "warning", rule.key)
