"""Leads without an owner get one: ordered rules, the first that finds somebody decides; people away get nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sheetcrm.jobs.changes import change, label
from sheetcrm.jobs.workload import Workload
from sheetcrm.plan import CellChange, Plan
from sheetcrm.rules.conditions import covers, meets, value_of
from sheetcrm.rules.settings import AssignRule, Rules
from sheetcrm.schema.fields import normal
from sheetcrm.table import Invalid, Issue, Person, Row, Snapshot, Table

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
    work = Workload(snapshot, leads)
    accounts = AccountOwners(snapshot.table("Accounts"))
    changes: list[CellChange] = []
    issues: list[Issue] = []
    for row in sorted(leads, key=_oldest_first):
        open_to = [rule for rule in rules.assignment.rules if _is_free(snapshot, row, rule)]
        if not open_to or not leads.is_writable(row.i, "owner"):
            continue
        outcome = _assign(row, open_to, work, accounts)
        if isinstance(outcome, Issue):
            issues.append(outcome)
        elif outcome is not None:
            changes.append(outcome)
    return Plan(changes=tuple(changes), issues=tuple(issues), remember=work.to_remember() if changes else {})


def _oldest_first(row: Row) -> tuple[date, int]:
    created = row["created"]
    return (created if isinstance(created, date) else date.max), row.i


def _is_free(snapshot: Snapshot, row: Row, rule: AssignRule) -> bool:
    """Whether the rule may give this lead away at all."""
    if not snapshot.is_open(row) or isinstance(row.table.values["owner"][row.i], Invalid):
        return False
    owner = row.text("owner")
    person = snapshot.person(owner)
    has_left = person is not None and not person.is_active
    return not owner or rule.takes == "any" or (rule.takes == "left" and has_left)


def _assign(
    row: Row, rules: Sequence[AssignRule], work: Workload, accounts: AccountOwners
) -> CellChange | Issue | None:
    for rule in rules:
        if not meets(row, rule.when):
            continue
        person, why = _choose(row, rule, work, accounts)
        if person is None:
            continue
        if person.name == row.text("owner"):
            return None
        work.give(person, rule)
        new = person.email if work.writes_addresses else person.name
        return change(row.table, row.i, "owner", new, why=f"rule {rule.name}: {why}", job="assignment", rule=rule.name)
    table = row.table
    message = f"Nobody may take {label(row)}: all are away, full, or outside every rule"
    remedy = "Raise a capacity in the Team tab, or add a rule that catches the rest"
    cell = table.cell(row.i, "owner")
    return Issue("no_eligible_owner", table.tab, cell, row.text("owner"), message, remedy, "warning", row.key, "owner")


def _choose(row: Row, rule: AssignRule, work: Workload, accounts: AccountOwners) -> tuple[Person | None, str]:
    """Who gets the lead by one rule, and why; None where the rule finds nobody."""
    able = work.able(rule)
    if rule.strategy == "account_owner":
        name, account = accounts.owner_of(row)
        person = next((one for one in able if one.name == name), None)
        return person, f"owner of {account}"
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
            found = row.text("owner"), label(row)
            for word in self._words((row.key, row.text("company")), (value_of(row, "domain"), row.text("website"))):
                if found[0]:
                    self._by_word.setdefault(word, found)

    @staticmethod
    def _words(names: Iterable[str], domains: Iterable[str]) -> list[str]:
        from sheetcrm.schema.contacts import domain_of

        found = [domain_of(one) for one in domains if one]
        return [normal(name) for name in names if name] + [f"@{one}" for one in found if one not in FREE_MAIL]

    def owner_of(self, lead: Row) -> tuple[str, str]:
        """The owner's name and the account's, both empty where the lead belongs to no account."""
        names = (lead.text("account"), lead.text("company"))
        for word in self._words(names, (lead.text("email"), lead.text("website"))):
            if word in self._by_word:
                return self._by_word[word]
        return "", ""
