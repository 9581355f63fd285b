"""The owner's rules that hand out leads: which rows they concern, and whom they choose among."""

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
from sheetcrm.table import Issue, Row, Snapshot

GIVING = frozenset({"assign", "reassign"})


class OwnRules:
    """The rules with Then = assign or reassign, and the leads that they concern in this run."""

    def __init__(self, snapshot: Snapshot, rules: Rules) -> None:
        self.issues: list[Issue] = []
        self.skipped: list[Skip] = []
        self._fired: list[Fired] = []
        self._acted: list[Firing] = []
        self._by_row: dict[int, list[tuple[Firing, AssignRule]]] = {}
        self._snapshot = snapshot
        team = {normal(word) for one in snapshot.team for word in (one.name, one.email)}
        for fired in fired_rules(rule_book(snapshot, rules), snapshot, GIVING):
            rule = fired.ready.rule
            self.issues += fired.issues
            self.skipped += held(fired)
            if rule.table != "Leads":
                self.issues.append(rule_issue(rule, "table", "only leads are assigned", "Set the Owner column instead"))
                continue
            choice = choice_of(rule)
            if unknown := [name for name in choice.to if normal(name) not in team]:
                message = f"{', '.join(unknown)} is not in the Team tab"
                self.issues.append(rule_issue(rule, "to", message, "Write a name of the Team tab", "unknown_name"))
            self._fired.append(fired)
            for one in fired.firings:
                self._by_row.setdefault(one.row.i, []).append((one, choice))

    def of(self, row: Row) -> Iterator[tuple[Firing, AssignRule]]:
        """The rules that concern a lead, in their order; `assign` only where it has no owner."""
        for one, choice in self._by_row.get(row.i, ()):
            if one.rule.then == "reassign" or not row.text("owner"):
                yield one, choice

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
