"""Sequences of mails to customers: what is remembered of each row in one, and what ends it. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sheetcrm.addresses import Stopped, replies, stopped
from sheetcrm.rules.rule import FormulaRule
from sheetcrm.rules.settings import SequenceRule
from sheetcrm.schema.barred import barred_addresses, is_not_to_contact
from sheetcrm.table import Row, Snapshot

PREFIX = "sequence/"
SHOWN = "sequences/"
"""Under this and a sequence's name the memory keeps a digest of it, once a person could see what it does."""

DONE = "all mails are out"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One row in one sequence: since when, with which status and address it began, and why it ended, if it did."""

    since: str
    status: str
    to: str
    ended: str = ""
    day: str = ""
    """The day on which it ended."""

    def dumped(self) -> str:
        """The enrolment for the memory."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))


def enrolments(memory: Mapping[str, str], name: str) -> dict[str, Enrolment]:
    """All rows that ever were in a sequence, by their identity."""
    start = place(name, "")
    found = {key.removeprefix(start): text for key, text in memory.items() if key.startswith(start)}
    return {identity: Enrolment(**json.loads(text)) for identity, text in found.items()}


def place(name: str, identity: str) -> str:
    """Under which name the memory keeps a row's enrolment."""
    return f"{PREFIX}{name}\x1f{identity}"


def mail_key(name: str, identity: str, step: int) -> str:
    """What names a mail of a sequence, and its reason; steps are counted from 0."""
    return f"sequence/{name}/{identity}/{step + 1}"


def as_rule(one: SequenceRule) -> FormulaRule:
    """The sequence's condition as a rule that can be checked and explained."""
    condition = one.condition.strip().removeprefix("=")
    where = f"[[sequences]] {one.name}"
    return FormulaRule(f"sequence/{one.name}", one.name, one.table, condition, then="notify", where=where)


class Customers:
    """What a snapshot knows of addresses: who bought, who is not to be contacted, who answered, who opted out."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._stopped: Mapping[str, Stopped] = stopped(snapshot.memory)
        self._replies = replies(snapshot.memory)
        self._barred = barred_addresses(snapshot.tables.values())
        self._buyers = self._found_buyers()

    def _found_buyers(self) -> frozenset[str]:
        leads, accounts = self._snapshot.table("Leads"), self._snapshot.table("Accounts")
        rows = [row for row in leads or () if row.text("status") in self._snapshot.won_stages]
        rows += accounts or ()
        return frozenset(row.text("email").casefold() for row in rows) - {""}

    def why_not(self, row: Row, rule: SequenceRule) -> str:
        """Why a row gets no mail of a sequence at all, empty where it may."""
        address = row.text("email").casefold()
        if not address:
            return "it has no e-mail address that can be read"
        if address in self._stopped:
            return str(self._stopped[address])
        if is_not_to_contact(row.table, row.i) or address in self._barred:
            return "it is marked: do not contact"
        if row["duplicate_of"] is not None:
            return "it is a duplicate"
        if row.table.name == "Leads" and not rule.buyers and (address in self._buyers or self._has_bought(row)):
            return "they bought already"
        return ""

    def _has_bought(self, row: Row) -> bool:
        return row["account"] is not None

    def ended(self, row: Row, rule: SequenceRule, enrolment: Enrolment, *, is_met: bool) -> str:
        """Why a row's sequence ends now, empty where it goes on."""
        if why := self.why_not(row, rule):
            return why
        answered = max(self._replies.get(row.text("email").casefold(), ""), self._replies.get(enrolment.to, ""))
        if answered and _moment(answered) >= _moment(enrolment.since):
            return f"they answered on {answered[:10]}"
        status = row.text("status")
        if status != enrolment.status:
            return f'the status changed from "{enrolment.status}" to "{status}"'
        return "" if is_met else "it no longer meets the condition"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
