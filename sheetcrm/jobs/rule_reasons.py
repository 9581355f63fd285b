"""Whom the owner's rules remind, notify or escalate to: their firings as reasons, which go out with all others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sheetcrm.jobs.due import DueToday, Reason, is_barred
from sheetcrm.plan import Skip
from sheetcrm.rules.book import rule_book
from sheetcrm.rules.firing import MAILS, Fired, Firing, done, fired_rules
from sheetcrm.rules.settings import Rules
from sheetcrm.schema.fields import normal
from sheetcrm.table import Issue, Person, Row, Snapshot, show_raw

HELD = "the rule is new"
"""How the reason begins for which a new rule did not act yet."""
_OWNER = frozenset({"", "owner", "besitzer", "zustandig", "betreuer"})
_MANAGER = frozenset({"manager", "boss", "vorgesetzter", "leitung"})


@dataclass
class RuleReasons:
    """The reasons of the owner's rules, and what else comes of them."""

    reasons: list[Reason] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    remember: dict[str, str] = field(default_factory=dict)


def rule_reasons(snapshot: Snapshot, rules: Rules, due: DueToday, managers: Mapping[str, Person]) -> RuleReasons:
    """What the rules that mail somebody come to, in their order."""
    found = RuleReasons()
    people = _People(snapshot, managers)
    for fired in fired_rules(rule_book(snapshot, rules), snapshot, MAILS):
        rule = fired.ready.rule
        found.issues += fired.issues
        found.skipped += held(fired)
        if unknown := people.unknown(rule.to):
            found.issues.append(_unknown(fired, unknown))
        firings = [one for one in fired.firings if not is_barred(one.row)]
        some = [reason for one in firings for reason in _reasons(one, people, due)]
        found.reasons += some
        named = {reason.row.identity for reason in some}
        found.remember |= done(fired, [one for one in firings if one.row.identity in named], snapshot).remember
    return found


def held(fired: Fired) -> Iterator[Skip]:
    """What a rule would have done: held back as it is new, or by its limit."""
    name = fired.ready.rule.name
    if fired.held:
        why = f"{HELD}: it acts from the next run; `sheetcrm plan` shows what it would do"
        yield Skip(f"rule {name}: {_rows(fired.held)}", why)
    if fired.waiting:
        limit = fired.ready.rule.limit
        yield Skip(f"rule {name}: {_rows(fired.waiting)} more", f"wait for the next run: its limit is {limit}")


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"


def _reasons(one: Firing, people: _People, due: DueToday) -> Iterator[Reason]:
    is_escalation = one.rule.then == "escalate"
    for person in people.named("manager" if is_escalation and not one.rule.to else one.rule.to, one.row):
        text = show_raw(one.value).strip() or one.rule.name
        is_single = one.rule.then == "notify" or bool(one.rule.template)
        # A person who looks after two hats' worth of a lead still hears of it once.
        key = one.key if one.rule.then != "escalate" else f"{one.key}/escalated"
        yield Reason(
            f"{key}/{person.email}" if len(people.named(one.rule.to, one.row)) > 1 else key, "rule", one.rule.name,
            one.row, person, text, due.today(person), is_escalation, is_single, template=one.rule.template, why=one.why,
        )  # fmt: skip


class _People:
    """Whom a rule means by the words in its To."""

    def __init__(self, snapshot: Snapshot, managers: Mapping[str, Person]) -> None:
        able = [one for one in snapshot.team if one.is_active and one.email]
        self._by_name = {one.name: one for one in able}
        self._by_word = {normal(word): one for one in reversed(able) for word in (one.name, one.email)}
        self._managers = managers

    def named(self, to: str, row: Row) -> Sequence[Person]:
        """The people of the Team tab who are meant for that row."""
        found: dict[str, Person] = {}
        for word in _words(to):
            owner = row.text("owner")
            if normal(word) in _OWNER:
                person = self._by_name.get(owner)
            elif normal(word) in _MANAGER:
                person = self._managers.get(owner)
            else:
                person = self._by_word.get(normal(word))
            if person is not None:
                found.setdefault(person.name, person)
        return tuple(found.values())

    def unknown(self, to: str) -> list[str]:
        """The words that mean nobody who could be mailed."""
        return [word for word in _words(to) if normal(word) not in {*_OWNER, *_MANAGER, *self._by_word}]


def _words(to: str) -> list[str]:
    return [word.strip() for word in to.replace(";", ",").split(",")]


def _unknown(fired: Fired, names: Sequence[str]) -> Issue:
    rule = fired.ready.rule
    tab, _, cell = rule.cell("to").rpartition("!")
    message = (
        f"rule {rule.name}: {', '.join(names)} cannot be mailed: not in the Team tab, away for good, or no address"
    )
    remedy = "Write owner, manager, or a name of the Team tab"
    return Issue("unknown_name", tab or "sheetcrm.toml", cell if tab else "", "", message, remedy, "warning", rule.key)
