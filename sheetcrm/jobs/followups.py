"""Follow-ups: sequences of mails to customers, step by step until an answer, a purchase or anything else ends them.

Each step is a mail with a key of its own, so it goes out once; before each one it is asked again whether it should.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import blake2b

from sheetcrm.addresses import INBOX_FAILS
from sheetcrm.jobs.outbox_tab import SENT, Drafts, said_in
from sheetcrm.jobs.phrases import phrases
from sheetcrm.jobs.shown import shown_amount, shown_day
from sheetcrm.plan import CellChange, Message, Plan, Skip
from sheetcrm.rules.calendar import Calendar, calendar_of
from sheetcrm.rules.firing import met_by
from sheetcrm.rules.sequences import DONE, SHOWN, Customers, Enrolment, as_rule, enrolments, mail_key, place
from sheetcrm.rules.settings import Rules, SequenceRule
from sheetcrm.schema.kinds import as_day
from sheetcrm.schema.numbers import Money
from sheetcrm.schema.zones import zone_of_row
from sheetcrm.table import Issue, Row, Snapshot

JOB = "followups"


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """The mails of all sequences that are due, and what is remembered of the rows in them."""
    whole = Plan()
    customers: Customers | None = None
    for one in rules.sequences:
        if one.on:
            customers = customers or Customers(snapshot)
            whole = whole.joined(_Sequence(snapshot, rules, one, customers).plan())
    return whole


@dataclass
class _Found:
    """What one sequence comes to."""

    messages: list[Message] = field(default_factory=list)
    changes: list[CellChange] = field(default_factory=list)
    skipped: list[Skip] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    remember: dict[str, str] = field(default_factory=dict)

    def plan(self) -> Plan:
        return Plan(
            changes=tuple(self.changes),
            messages=tuple(self.messages),
            skipped=tuple(self.skipped),
            issues=tuple(self.issues),
            remember=self.remember,
        )


class _Sequence:
    """One sequence over the rows of its table."""

    def __init__(self, snapshot: Snapshot, rules: Rules, rule: SequenceRule, customers: Customers) -> None:
        self._snapshot, self._rule, self._customers = snapshot, rule, customers
        self._calendar: Calendar = calendar_of(rules.calendar, snapshot.now.year)
        self._drafts = Drafts(snapshot, JOB)
        self._words = phrases(snapshot.locale)
        self._found = _Found()

    def plan(self) -> Plan:
        rule, snapshot = self._rule, self._snapshot
        rows, issues = met_by(as_rule(rule), snapshot)
        self._found.issues += issues
        table = snapshot.table(rule.table)
        if table is None:
            return self._found.plan()
        if rule.approval and self._drafts.is_foreign:
            self._found.skipped.append(Skip(f"sequence {rule.name}", "the tab Outbox lacks columns of ours: rename it"))
            return self._found.plan()
        known = enrolments(snapshot.memory, rule.name)
        met = {row.identity for row in rows}
        for row in table:
            if (one := known.get(row.identity)) and not one.ended:
                self._go_on(row, one, is_met=row.identity in met)
        if not issues:
            self._begin([row for row in rows if row.identity not in known], {one.to for one in known.values()})
        return self._found.plan()

    def _begin(self, rows: Collection[Row], addresses: Collection[str]) -> None:
        """Takes in rows that meet the condition for the first time; each address is written to in one row only."""
        taken, new = set(addresses), []
        for row in rows:
            address = row.text("email").casefold()
            if address not in taken and not self._customers.why_not(row, self._rule):
                taken.add(address)
                new.append(row)
        if self._is_held(len(new)):
            return
        limit = self._rule.limit
        if len(new) > limit:
            why = f"begin in a later run: {limit} rows at most in one"
            self._found.skipped.append(Skip(f"sequence {self._rule.name}: {len(new) - limit} more rows", why))
        now = self._snapshot.now.isoformat(timespec="seconds")
        for row in new[:limit]:
            one = Enrolment(now, row.text("status"), row.text("email").casefold())
            self._found.remember[place(self._rule.name, row.identity)] = one.dumped()
            self._go_on(row, one, is_met=True)

    def _is_held(self, count: int) -> bool:
        """Whether the sequence is new, or another one since its settings changed, and nobody was shown it yet."""
        text = self._rule.model_dump_json(exclude={"on", "limit"})
        digest = blake2b(text.encode(), digest_size=8).hexdigest()
        name = f"{SHOWN}{self._rule.name}"
        is_known = self._snapshot.memory.get(name) == digest
        if not is_known:
            self._found.remember[name] = digest
        if is_known or self._snapshot.is_watched or not count:
            return False
        why = "the sequence is new: it begins with the next run; `sheetcrm plan` shows what it would do"
        self._found.skipped.append(Skip(f"sequence {self._rule.name}: {count} rows", why))
        return True

    def _go_on(self, row: Row, one: Enrolment, *, is_met: bool) -> None:
        """The next mail of a row where it is due, or the end of its sequence."""
        rule, mailed = self._rule, self._snapshot.mailed
        keys = [mail_key(rule.name, row.identity, step) for step in range(len(rule.steps))]
        step = next((n for n, key in enumerate(keys) if key not in mailed), len(keys))
        if step == len(keys):
            self._end(row, one, DONE)
            return
        key = keys[step]
        if why := self._customers.ended(row, rule, one, is_met=is_met) or self._refused(key):
            self._found.changes += self._drafts.told(key, f"not sent: {why}")
            self._end(row, one, why)
            return
        before = mailed[keys[step - 1]] if step else one.since
        if self._is_due(before, rule.steps[step].after):
            self._write(row, key, step)

    def _refused(self, key: str) -> str:
        """What a person said against a draft, empty where nothing."""
        if not self._rule.approval:
            return ""
        row = self._drafts.find(key)
        if row is None:
            return "its draft was deleted" if self._drafts.was_deleted(key) else ""
        return "no was written beside its draft" if row["approve"] is False else ""

    def _is_due(self, before: str, after: int) -> bool:
        zone = self._snapshot.now.tzinfo
        day = datetime.fromisoformat(before).astimezone(zone).date()
        today = self._snapshot.today
        return self._calendar.is_working(today) and self._calendar.working_days(day, today) >= after

    def _write(self, row: Row, key: str, step: int) -> None:
        """The mail of a step: at once, as a draft, or in the words that a person agreed to."""
        if why := self._snapshot.memory.get(INBOX_FAILS):
            what = f"sequence {self._rule.name}: {row.label}"
            self._found.skipped.append(
                Skip(what, f"nobody knows who answered, since the inbox could not be read from {why} on")
            )
            return
        message = self._message(row, key, step)
        if not self._rule.approval:
            self._found.messages.append(message)
            return
        draft = self._drafts.find(key)
        if draft is None:
            self._found.messages.append(replace(message, is_draft=True))
        elif draft["approve"] is True:
            context = {**said_in(draft), "locale": self._snapshot.locale}
            self._found.messages.append(replace(message, template="approved", context=context))
            self._found.changes += self._drafts.told(key, f"{SENT} on {self._snapshot.today}", after=key)

    def _message(self, row: Row, key: str, step: int) -> Message:
        rule, one = self._rule, self._rule.steps[step]
        days = (
            "at once"
            if not one.after
            else f"{one.after} working days after {'the mail before' if step else 'it began'}"
        )
        why = f"sequence {rule.name}, mail {step + 1} of {len(rule.steps)}, {days}: {row.label}"
        zone = zone_of_row(row, self._snapshot.now)
        context = {
            "lead": {name: self._shown(row, name) for name in {*_ALWAYS, *row.table.columns}},
            "columns": {column.header: self._shown(row, column.field) for column in row.table.columns.values()},
            "owner": self._owner(row),
            "sequence": rule.name,
            "step": step + 1,
            "steps": len(rule.steps),
            "opt_out": self._words["opt_out"],
            "workbook": self._snapshot.workbook,
            "locale": self._snapshot.locale,
        }
        to = row.text("email")
        return Message(key, to, one.template, context, why, JOB, reasons=(key,), audience="customers", zone=zone)

    def _owner(self, row: Row) -> dict[str, str]:
        person = self._snapshot.person(row.text("owner"))
        return {"name": person.name, "email": person.email} if person else {"name": row.text("owner"), "email": ""}

    def _shown(self, row: Row, name: str) -> str:
        value, locale = row[name], self._snapshot.locale
        if isinstance(value, Money):
            return shown_amount(value, locale)
        if isinstance(value, date):
            return shown_day(as_day(value) or value, locale)
        if isinstance(value, tuple):
            return ", ".join(map(str, value))
        return row.text(name)

    def _end(self, row: Row, one: Enrolment, why: str) -> None:
        self._found.remember[place(self._rule.name, row.identity)] = replace(
            one, ended=why, day=self._snapshot.today.isoformat()
        ).dumped()
        if why != DONE:
            self._found.skipped.append(Skip(f"sequence {self._rule.name}: {row.label}", f"it ends: {why}"))


_ALWAYS = ("key", "company", "name", "first_name", "last_name", "email", "phone", "status", "amount", "next_step")


def under_way(memory: Mapping[str, str], rules: Rules) -> Iterator[dict[str, object]]:
    """For each sequence how many rows are in it, and how others ended, in counts."""
    for rule in rules.sequences:
        known = enrolments(memory, rule.name).values()
        ends = [one.ended for one in known if one.ended]
        yield {
            "sequence": rule.name,
            "under_way": sum(not one.ended for one in known),
            "done": ends.count(DONE),
            "answered": sum(one.startswith("they answered") for one in ends),
            "ended": len(ends),
        }
