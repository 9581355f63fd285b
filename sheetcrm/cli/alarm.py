"""Tells somebody that a group of the schedule fails again and again: once, until it works again."""

from __future__ import annotations

from datetime import datetime

from sheetcrm.cli.desk import Desk
from sheetcrm.plan import Message
from sheetcrm.post.deliver import deliver
from sheetcrm.schedule.ledger import Health, Ledger

LEADERS = "leaders"
"""The fact under which the ledger keeps whom to tell: a workbook that cannot be read does not say who they are."""


def alarm(desk: Desk, ledger: Ledger, group: str, health: Health) -> int:
    """Mails those who look after the schedule that a group fails; gives how many mails went out or wait.

    A copy of a workbook tells nobody, nor one that was never run.
    """
    addresses = tuple(desk.settings.schedule.notify) or tuple(ledger.fact(LEADERS).split())
    if not addresses or not desk.has_journal or desk.originals.standing(desk.place, desk.journal, {}).copy_of:
        return 0
    from sheetcrm.reports.rendering import render_message

    folder, overrides = desk.templates.folder, desk.templates.overrides
    messages = [render_message(_message(desk, to, group, health), folder, overrides) for to in addresses]
    done = deliver(0, messages, desk.journal, desk.outbox, desk.postage, frozenset(), desk.now)
    if not done.missing:
        # Else the next failure tries again: its mails have the same keys, and go once.
        ledger.tell(group, desk.now)
    return len(done.sent) + len(done.waiting)


def alarm_key(group: str) -> str:
    """How the keys of all alarms of a group begin."""
    return f"failing/{group}/"


def _message(desk: Desk, to: str, group: str, health: Health) -> Message:
    since = datetime.fromisoformat(health.failing_since).astimezone(desk.schema.zone)
    context = {
        "group": group,
        "failures": health.failures,
        "since": since.strftime("%Y-%m-%d %H:%M"),
        "error": health.error,
        "workbook": desk.path.name,
        "locale": desk.schema.locale or "en",
    }
    key = f"{alarm_key(group)}{health.failing_since}/{to}"
    return Message(key, to, "failing", context, f"{group} fails", "schedule", (key,))
