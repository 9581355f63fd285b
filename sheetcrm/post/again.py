"""Mails that a person sends again, drops, or lets go: the plan for it is made from the journal, as an undo is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from sheetcrm.addresses import allow, stopped
from sheetcrm.errors import NotFound, PlanRefused
from sheetcrm.journal import Journal
from sheetcrm.mail_states import NEVER, MailState, in_utc
from sheetcrm.plan import Message, Plan

OPEN = ("waiting", "failed", "unconfirmed", "lapsed", "dropped")
"""States of mails that a person may send again."""


def short_name(key: str) -> str:
    """Six letters and digits by which a person names a mail."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()


def find_mail(journal: Journal, name: str) -> MailState:
    """The mail of a key or short name. Raises NotFound."""
    found = [one for one in journal.mails() if name in {one.key, short_name(one.key)}]
    if not found:
        raise NotFound(f"There is no mail {name}.", "`sheetcrm outbox list` names them.")
    return found[-1]


def message_of(journal: Journal, one: MailState) -> Message | None:
    """The message as it was planned; None for one that no run planned, such as an alarm."""
    if not one.run:
        return None
    return next((message for message in journal.plan(one.run).messages if message.key == one.key), None)


def retry_plan(journal: Journal, mails: Sequence[MailState]) -> Plan:
    """The plan that sends mails again, each with the cells that wait for it. Raises PlanRefused."""
    plan = Plan()
    for one in mails:
        if one.state not in OPEN:
            raise PlanRefused(f"The mail {one.key} is {one.state}.", "Only mails that are not out are sent again.")
        message = message_of(journal, one)
        if message is None:
            raise PlanRefused(f"What the mail {one.key} said is not kept.", "Drop it; the next run plans a new one.")
        before = journal.plan(one.run)
        part = Plan(
            changes=tuple(change for change in before.changes if change.after == one.key),
            appends=tuple(append for append in before.appends if append.after == one.key),
            messages=(message,),
        )
        plan = replace(plan.joined(part), workbook=before.workbook, layout=before.layout)
    last = journal.last_run()
    names = "-".join(short_name(one.key) for one in mails[:20])
    return replace(plan, id=f"retry-{names}-after-{last}", base_run=last)


def let_go(journal: Journal, one: MailState, now: datetime) -> None:
    """Records that a mail may be tried at once; a refusal of its address is taken back, an opt-out is not."""
    journal.release_mail(replace(one, state="waiting", due=in_utc(now), tries=0, at=now.isoformat()))
    if (why := stopped(journal.memory()).get(one.to.casefold())) and why.state != "opted out":
        journal.remember(allow(one.to))


def drop(journal: Journal, one: MailState, now: datetime) -> None:
    """Records that a mail shall never be sent; its reasons count as mailed. Raises PlanRefused for one that is out."""
    if one.state not in OPEN:
        raise PlanRefused(f"The mail {one.key} is {one.state}.", "Only mails that are not out can be dropped.")
    message = message_of(journal, one)
    reasons = message.reasons if message else ()
    journal.record_mails([(replace(one, state="dropped", due="", at=now.isoformat()), reasons)])


def write_again(journal: Journal, address: str) -> None:
    """Records that a stopped address is written to again, and its refused mails are tried. Raises NotFound."""
    if address.casefold() not in stopped(journal.memory()):
        raise NotFound(f"The address {address} is not stopped.", "`sheetcrm outbox list` names those that are.")
    journal.remember(allow(address))
    refused = journal.mails("state = 'failed' AND due = ? AND lower(recipient) = lower(?)", NEVER, address)
    journal.record_mails([(replace(one, due=""), ()) for one in refused])


def lapse(journal: Journal, keys: Sequence[str], now: datetime) -> None:
    """Records of mails whose time came that no job plans them any more: their reasons are gone."""
    due = [one for one in journal.mails("state = 'waiting'") if one.key in keys and one.due <= in_utc(now)]
    gone = [replace(one, state="lapsed", due="", detail="its reason is gone") for one in due]
    journal.record_mails([(one, ()) for one in gone])
