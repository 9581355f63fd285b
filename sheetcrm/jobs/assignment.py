"""Leads without an owner get one: ordered rules, the first that finds somebody decides; people away get nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sheetcrm.jobs.changes import change
from sheetcrm.jobs.own_rules import OwnRules
from sheetcrm.jobs.workload import Workload, is_meant
from sheetcrm.plan import CellChange, Plan
from sheetcrm.rules.conditions import covers, meets, value_of
from sheetcrm.rules.settings import AssignRule, Rules
from sheetcrm.schema.fields import normal
from sheetcrm.table import Issue, Person, Row, Snapshot, Table

FREE_MAIL = frozenset(
    {
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "yahoo.com",
        "icloud.com",
        "gmx.de",
        "gmx.net",
        "gmx.at",
        "web.de",
        "t-online.de",
        "aol.com",
        "live.com",
        "proton.me",
    }
)


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """An owner for each open lead that a rule may give away, the oldest lead first, each with the reason.

    A lead for which no rule finds anybody becomes the Issue `no_eligible_owner`.
    """
    leads = snapshot.table("Leads")
    if not rules.assignment.on or leads is None or "owner" not in leads.columns or not snapshot.team:
        return Plan()
    work, team = Workload(snapshot, leads), {one.name: one for one in snapshot.team}
    accounts = AccountOwners(snapshot.table("Accounts"))
    own = OwnRules(snapshot, rules)
    changes: list[CellChange] = []
    issues: list[Issue] = list(own.issues)
    for row in sorted(leads, key=_oldest_first):
        owner = team.get(row.text("owner"))
        if (given := _by_own_rule(row, own, work, accounts)) is not None:
            changes.append(given)
            continue
        open_to = [rule for rule in rules.assignment.rules if _is_free(row, owner, rule)]
        if not open_to or not snapshot.is_open(row) or not leads.is_writable(row.i, "owner"):
            continue
        outcome = _assign(row, owner, open_to, work, accounts)
        if isinstance(outcome, Issue):
            issues.append(outcome)
        elif outcome is not None:
            changes.append(outcome)
    remember = {**(work.to_remember() if changes else {}), **own.remember()}
    return Plan(changes=tuple(changes), issues=tuple(issues), skipped=tuple(own.skipped), remember=remember)


def _by_own_rule(row: Row, own: OwnRules, work: Workload, accounts: AccountOwners) -> CellChange | None:
    """The change by the first of the owner's rules that concerns the row and finds somebody."""
    if not row.table.is_writable(row.i, "owner") or row["duplicate_of"] is not None:
        return None
    for one, rule in own.of(row):
        person, why = _choose(row, rule, work, accounts)
        before = row.text("owner")
        if person is None or person.name == before:
            continue
        work.give(person, rule, before=before)
        own.acted(one)
        new = (work.writes_addresses and person.email) or person.name
        reason = f"rule {rule.name}: {'named in the rule' if len(rule.to) == 1 else why}; {one.why}"
        return change(row.table, row.i, "owner", new, why=reason, job="assignment", rule=rule.name)
    return None


def _oldest_first(row: Row) -> tuple[date, int]:
    created = row["created"]
    return (created if isinstance(created, date) else date.max), row.i


def _is_free(row: Row, owner: Person | None, rule: AssignRule) -> bool:
    """Whether the rule may take this lead from whoever has it."""
    has_left = owner is not None and not owner.is_active
    return not row.text("owner") or rule.takes == "any" or (rule.takes == "left" and has_left)


def _assign(
    row: Row, owner: Person | None, rules: Sequence[AssignRule], work: Workload, accounts: AccountOwners
) -> CellChange | Issue | None:
    for rule in rules:
        if not meets(row, rule.when):
            continue
        if owner is not None and _suits(row, owner, rule, accounts):
            return None
        person, why = _choose(row, rule, work, accounts)
        if person is None:
            continue
        work.give(person, rule, before=row.text("owner"))
        new = (work.writes_addresses and person.email) or person.name
        return change(row.table, row.i, "owner", new, why=f"rule {rule.name}: {why}", job="assignment", rule=rule.name)
    if owner is not None and owner.is_active:
        return None
    table = row.table
    message = f"Nobody may take {row.label}: all are away, full, or outside every rule"
    remedy = "Raise a capacity in the Team tab, or add a rule that catches the rest"
    cell = table.cell(row.i, "owner")
    return Issue("no_eligible_owner", table.tab, cell, row.text("owner"), message, remedy, "warning", row.key, "owner")


def _suits(row: Row, owner: Person, rule: AssignRule, accounts: AccountOwners) -> bool:
    """Whether the lead's owner is one whom the rule could have chosen: else each run would deal the leads anew."""
    if not owner.is_active:
        return False
    if rule.strategy == "account_owner":
        return accounts.owner_of(row)[0] == owner.name
    return is_meant(owner, rule) and (rule.strategy != "territory" or bool(covers(owner.territory, row)))


def _choose(row: Row, rule: AssignRule, work: Workload, accounts: AccountOwners) -> tuple[Person | None, str]:
    """Who gets the lead by one rule, and why; None where the rule finds nobody."""
    able = work.able(rule)
    if rule.strategy == "account_owner":
        name, account = accounts.owner_of(row)
        person = next((one for one in able if one.name == name), None)
        return person, f"owner of the account {account}"
    if rule.strategy == "territory":
        near = [(one, part) for one in able if (part := covers(one.territory, row))]
        person = work.least_loaded([one for one, _ in near])
        part = next((part for one, part in near if one is person), "")
        return person, f"covers {part}" + (f", {work.load_words(person)}" if person and len(near) > 1 else "")
    if rule.strategy == "round_robin":
        return work.next_in_turn(able, rule), "next in turn"
    if rule.strategy == "weighted":
        return work.by_weight(able, rule), "by weight"
    person = work.least_loaded(able)
    return person, f"least loaded ({work.load_words(person)})" if person else ""


class AccountOwners:
    """Who looks after which account: looked up by reference, company, or domain."""

    def __init__(self, accounts: Table | None) -> None:
        self._by_word: dict[str, tuple[str, str]] = {}
        for row in accounts or ():
            found = row.text("owner"), row.label
            for word in self._words((row.key, row.text("company")), (value_of(row, "domain"), row.text("website"))):
                if found[0]:
                    self._by_word.setdefault(word, found)

    @staticmethod
    def _words(names: Iterable[str], domains: Iterable[str]) -> list[str]:
        from sheetcrm.schema.contacts import domain_of

        found = [domain_of(one) for one in domains if one]
        words = [word for name in names if (word := normal(name))]
        return words + [f"@{one}" for one in found if one not in FREE_MAIL]

    def owner_of(self, lead: Row) -> tuple[str, str]:
        """The owner's name and the account's, both empty where the lead belongs to no account."""
        names = (lead.text("account"), lead.text("company"))
        for word in self._words(names, (lead.text("email"), lead.text("website"))):
            if word in self._by_word:
                return self._by_word[word]
        return "", ""
