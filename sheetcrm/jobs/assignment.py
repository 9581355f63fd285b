"""Leads without an owner get one: ordered rules, the first that finds somebody decides; people away get nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sheetcrm.jobs.changes import change
from sheetcrm.jobs.giving import Giving
from sheetcrm.jobs.workload import Workload, is_meant
from sheetcrm.plan import CellChange, Plan
from sheetcrm.rules.conditions import covers, value_of
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
    if leads is None or "owner" not in leads.columns or not snapshot.team:
        return Plan()
    work, giving = Workload(snapshot, leads), Giving(snapshot, rules)
    accounts = AccountOwners(snapshot.table("Accounts"))
    changes: list[CellChange] = []
    issues: list[Issue] = list(giving.issues)
    for row in sorted(leads, key=_oldest_first):
        given = _given(row, giving, work, accounts) if leads.is_writable(row.i, "owner") else None
        if given is not None:
            changes.append(given)
        elif giving.is_waiting(row) and leads.is_writable(row.i, "owner"):
            issues.append(_nobody(row))
    remember = {**(work.to_remember() if changes else {}), **giving.remember()}
    return Plan(changes=tuple(changes), issues=tuple(issues), skipped=tuple(giving.skipped), remember=remember)


def _given(row: Row, giving: Giving, work: Workload, accounts: AccountOwners) -> CellChange | None:
    """The change by the first rule that concerns the row and finds somebody; None also where the owner suits it."""
    before = row.text("owner")
    owner = giving.person(before)
    for one, rule in giving.rules_of(row):
        if one.rule.usual is not None and owner is not None and _suits(row, owner, rule, accounts):
            return None
        person, why = _choose(row, rule, work, accounts)
        if person is None or person.name == before:
            continue
        work.give(person, rule, before=before)
        giving.acted(one)
        new = (work.writes_addresses and person.email) or person.name
        how = "named in the rule" if len(rule.to) == 1 and one.rule.usual is None else why
        reason = f"rule {rule.name}: {how}" + (f"; {one.why}" if one.why else "")
        return change(row.table, row.i, "owner", new, why=reason, job="assignment", rule=rule.name)
    return None


def _nobody(row: Row) -> Issue:
    table = row.table
    message = f"Nobody may take {row.label}: all are away, full, or outside every rule"
    remedy = "Raise a capacity in the Team tab, or add a rule that catches the rest"
    cell = table.cell(row.i, "owner")
    return Issue("no_eligible_owner", table.tab, cell, row.text("owner"), message, remedy, "warning", row.key, "owner")


def _oldest_first(row: Row) -> tuple[date, int]:
    created = row["created"]
    return (created if isinstance(created, date) else date.max), row.i


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
