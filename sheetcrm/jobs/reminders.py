"""Reminders of overdue steps, silence, new leads and dates ahead: one digest a person and day, or one mail a lead.

Each reason is mailed once. `Last Reminder` is stamped after the mail; a manager hears of what stays overdue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sheetcrm.jobs.changes import change
from sheetcrm.jobs.due import DueToday, Reason
from sheetcrm.jobs.phrases import phrases
from sheetcrm.jobs.rule_reasons import rule_reasons
from sheetcrm.jobs.shown import shown_amount, shown_day
from sheetcrm.plan import CellChange, Message, Plan, Skip
from sheetcrm.rules.calendar import calendar_of
from sheetcrm.rules.settings import Rules
from sheetcrm.table import Person, Snapshot

JOB = "reminders"
_URGENCY = ("overdue", "new", "rule", "idle", "date")
DIGEST_ROWS = 100
"""Rows that one digest names at most: a neglected sheet's thousands are nothing that anybody reads in one mail."""


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """The mails of the day and the stamps that wait for them. On a person's quiet days nothing is mailed."""
    if not rules.reminders.on:
        return Plan()
    calendar = calendar_of(rules.calendar, snapshot.now.year)
    due = DueToday(snapshot, calendar)
    own = rule_reasons(snapshot, rules, due, _managers(snapshot))
    by_person: dict[str, list[Reason]] = defaultdict(list)
    for reason in _unmailed(snapshot, rules, due, own.reasons):
        by_person[reason.person.name].append(reason)
    parts = [Plan(skipped=tuple(own.skipped), issues=tuple(own.issues), remember=own.remember)]
    for person in snapshot.team:
        some = by_person.get(person.name, [])
        if some and not calendar.is_working(due.today(person)):
            skip = Skip(f"{len(some)} reminders for {person.name}", f"{due.today(person)} is no working day")
            parts.append(Plan(skipped=(skip,)))
        elif some:
            parts.append(_person_plan(snapshot, person, some, due))
    whole = Plan()
    for part in parts:
        whole = whole.joined(part)
    return whole


def _unmailed(snapshot: Snapshot, rules: Rules, due: DueToday, own: Iterable[Reason]) -> Iterable[Reason]:
    """The reasons not mailed yet; a lead is named once per person, by the first rule that concerns it.

    The owner's own rules come first.
    """
    managers = _managers(snapshot)
    named: set[tuple[str, str, int]] = set()
    for reason in own:
        place = (reason.person.name, reason.row.table.name, reason.row.i)
        if place not in named or reason.is_single:
            named.add(place)
            yield reason
    for rule in rules.reminders.rules:
        for reason in due.reasons(rule):
            for one in (reason, *due.escalations(reason, managers.get(reason.person.name))):
                place = (one.person.name, one.row.table.name, one.row.i)
                if place not in named:
                    named.add(place)
                    if one.key not in snapshot.mailed:
                        yield one


def _managers(snapshot: Snapshot) -> Mapping[str, Person]:
    able = {one.name: one for one in snapshot.team if one.is_active and one.email}
    return {one.name: able[one.manager] for one in snapshot.team if one.manager in able and one.manager != one.name}


def _person_plan(snapshot: Snapshot, person: Person, reasons: Sequence[Reason], due: DueToday) -> Plan:
    """One person's mails of the day with their stamps."""
    day = due.today(person).isoformat()
    each = [one for one in reasons if one.is_single and not one.is_escalation]
    own = [one for one in reasons if not one.is_single and not one.is_escalation]
    others = [one for one in reasons if one.is_escalation]
    mails = [(_single(snapshot, one), [one]) for one in each]
    skipped = []
    for template, some in (("digest", own), ("escalation", others)):
        key = f"{template}/{_mailbox(snapshot, person)}/{day}"
        if some and key in snapshot.mailed:
            skipped.append(Skip(f"{len(some)} more reminders for {person.name}", "wait for tomorrow: one digest a day"))
        elif some:
            first = sorted(some, key=_can_wait)[:DIGEST_ROWS]
            mails.append((_digest(snapshot, template, key, person, first), first))
            if rest := len(some) - len(first):
                why = f"wait for tomorrow: a digest names {DIGEST_ROWS} at most"
                skipped.append(Skip(f"{rest} more reminders for {person.name}", why))
    stamps = [stamp for mail, some in mails for one in some for stamp in _stamp(one, mail, due)]
    return Plan(messages=tuple(mail for mail, _ in mails), changes=tuple(stamps), skipped=tuple(skipped))


def _mailbox(snapshot: Snapshot, person: Person) -> str:
    """Whose mail it is: the address or, where several people share one, the name with it."""
    readers = [one for one in snapshot.team if one.email.casefold() == person.email.casefold()]
    return person.email if len(readers) == 1 else f"{person.email}/{person.name}"


def _urgency(reason: Reason) -> tuple[int, date]:
    return _URGENCY.index(reason.kind), reason.due


def _can_wait(reason: Reason) -> tuple[bool, int, date]:
    # A date ahead comes once; what is overdue today is still so tomorrow.
    return reason.kind != "date", *_urgency(reason)


def _stamp(reason: Reason, mail: Message, due: DueToday) -> Iterable[CellChange]:
    row, today = reason.row, due.today(reason.person)
    table = row.table
    if not reason.is_escalation and table.is_writable(row.i, "last_reminder") and row["last_reminder"] != today:
        why = f"{reason.why or reason.what} (rule {reason.rule}, mail to {reason.person.name})"
        yield change(table, row.i, "last_reminder", today, why=why, job=JOB, rule=reason.rule, after=mail.key)


def _digest(snapshot: Snapshot, template: str, key: str, person: Person, reasons: Sequence[Reason]) -> Message:
    words = phrases(snapshot.locale)
    sections: dict[str, list[dict[str, Any]]] = {}
    for one in sorted(reasons, key=_urgency):
        title = words["escalated"] if one.is_escalation else words.get(one.kind, one.rule)
        sections.setdefault(title, []).append(_line(snapshot, one))
    day = key.rpartition("/")[2]
    context = {
        "person": {"name": person.name, "email": person.email},
        "day": day,
        "day_shown": shown_day(snapshot.now.astimezone(person.zone).date(), snapshot.locale),
        "workbook": snapshot.workbook,
        "locale": snapshot.locale,
        "sections": [{"title": title, "rows": rows} for title, rows in sections.items()],
        "count": len(reasons),
    }
    why = f"{len(reasons)} {'reminder' if len(reasons) == 1 else 'reminders'} for {person.name}"
    keys = tuple(one.key for one in reasons)
    return Message(key, person.email, template, context, why, JOB, keys, zone=person.zone.key)


def _single(snapshot: Snapshot, reason: Reason) -> Message:
    person = reason.person
    context: dict[str, Any] = {
        "person": {"name": person.name, "email": person.email},
        "row": _line(snapshot, reason),
        "what": reason.what,
        "workbook": snapshot.workbook,
        "locale": snapshot.locale,
    }
    if reason.is_invitation:
        # What is late is to be done today; a date ahead has its own day.
        day = max(reason.due, snapshot.now.astimezone(person.zone).date())
        context["invitation"] = {"day": day.isoformat(), "summary": f"{reason.row.label}: {reason.what}"}
    why = f"rule {reason.rule}: {reason.row.label}: {reason.why or reason.what}"
    template, zone = reason.template or "lead_reminder", person.zone.key
    return Message(reason.key, person.email, template, context, why, JOB, (reason.key,), zone=zone)


def _line(snapshot: Snapshot, reason: Reason) -> dict[str, Any]:
    row = reason.row
    first = next(iter(row.table.columns))
    return {
        "key": row.key,
        "company": row.label,
        "name": row.text("name"),
        "owner": row.text("owner") if reason.is_escalation else "",
        "what": reason.what,
        "due": shown_day(reason.due, snapshot.locale),
        "cell": f"{row.table.tab}!{row.table.cell(row.i, first)}",
        "amount": shown_amount(row["amount"], snapshot.locale),
    }
