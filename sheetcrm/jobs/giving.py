"""The rules that hand out leads, the owner's own before the usual ones: which rows they concern, whom they choose."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheetcrm.jobs.rule_reasons import held
from sheetcrm.jobs.rule_writes import rule_issue
from sheetcrm.plan import Skip
from sheetcrm.rules.book import rule_book
from sheetcrm.rules.firing import Fired, Firing, done, fired_rules
from sheetcrm.rules.rule import STRATEGIES, FormulaRule
from sheetcrm.rules.settings import AssignRule, Rules
from sheetcrm.schema.fields import normal
from sheetcrm.table import Issue, Person, Row, Snapshot

ACTIONS = frozenset({"assign", "reassign"})


class Giving:
    """The rules with Then = assign or reassign, and the leads that they concern in this run."""

    def __init__(self, snapshot: Snapshot, rules: Rules) -> None:
        self.issues: list[Issue] = []
        self.skipped: list[Skip] = []
        self._fired: list[Fired] = []
        self._acted: list[Firing] = []
        self._by_row: dict[int, list[tuple[Firing, AssignRule]]] = {}
        self._snapshot = snapshot
        self._team = {one.name: one for one in snapshot.team}
        self._words = {normal(word) for one in snapshot.team for word in (one.name, one.email)}
        self._takes = [one.takes for one in rules.assignment.rules] if rules.assignment.on else []
        for fired in fired_rules(rule_book(snapshot, rules), snapshot, ACTIONS):
            self._add(fired)

    def _add(self, fired: Fired) -> None:
        rule = fired.ready.rule
        self.issues += fired.issues
        self.skipped += held(fired)
        if rule.table != "Leads":
            self.issues.append(rule_issue(rule, "table", "only leads are assigned", "Set the Owner column instead"))
            return
        choice = rule.usual or choice_of(rule)
        unknown = [name for name in choice.to if normal(name) not in self._words] if rule.usual is None else []
        if unknown:
            message = f"{', '.join(unknown)} is not in the Team tab"
            self.issues.append(rule_issue(rule, "to", message, "Write a name of the Team tab", "unknown_name"))
        self._fired.append(fired)
        for one in fired.firings:
            self._by_row.setdefault(one.row.i, []).append((one, choice))

    def person(self, name: str) -> Person | None:
        """The Team member of that name."""
        return self._team.get(name)

    def rules_of(self, row: Row) -> Iterator[tuple[Firing, AssignRule]]:
        """The rules that concern a lead, in their order; `assign` only where it has no owner. A duplicate has none."""
        if row["duplicate_of"] is not None:
            return
        for one, choice in self._by_row.get(row.i, ()):
            if one.rule.usual is not None or one.rule.then == "reassign" or not row.text("owner"):
                yield one, choice

    def is_waiting(self, row: Row) -> bool:
        """Whether the usual rules should have found somebody for a lead: an open one that nobody looks after."""
        owner = self._team.get(row.text("owner"))
        is_free = not row.text("owner") or "any" in self._takes or ("left" in self._takes and owner is not None)
        is_cared_for = owner is not None and owner.is_active
        return bool(self._takes) and is_free and not is_cared_for and self._snapshot.is_open(row)

    def acted(self, one: Firing) -> None:
        """Counts a lead that a rule gave away."""
        self._acted.append(one)

    def remember(self) -> dict[str, str]:
        """What the rules remember after this run."""
        found: dict[str, str] = {}
        for fired in self._fired:
            mine = [one for one in self._acted if one.rule is fired.ready.rule]
            found |= done(fired, mine, self._snapshot).remember
        return found


def choice_of(rule: FormulaRule) -> AssignRule:
    """Whom a rule may choose and how, from its To: `least loaded`, `Ann, Ben`, or `round robin: Ann, Ben`."""
    how, colon, names = rule.to.partition(":")
    strategy = STRATEGIES.get(normal(how))
    if strategy is None:
        return AssignRule(name=rule.name, strategy="least_loaded", to=_names(rule.to))
    return AssignRule.model_validate({"name": rule.name, "strategy": strategy, "to": _names(names) if colon else ()})


def _names(text: str) -> Sequence[str]:
    return tuple(name.strip() for name in text.replace(";", ",").split(",") if name.strip())
