"""The jobs in the order of their work, each `plan(snapshot, rules) -> Plan`; later ones see what earlier planned."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from sheetcrm.jobs import (
    assignment,
    automation,
    dedupe,
    followups,
    issues,
    keys,
    merge,
    reminders,
    replies,
    review,
    rulebook,
    summary,
)
from sheetcrm.plan import Plan
from sheetcrm.rules.settings import Rules
from sheetcrm.table import Snapshot

Job = Callable[[Snapshot, Rules], Plan]

JOBS: MappingProxyType[str, Job] = MappingProxyType(
    {
        "keys": keys.plan,
        "dedupe": dedupe.plan,
        "merge": merge.plan,
        "replies": replies.plan,
        "rules": automation.plan,
        "assignment": assignment.plan,
        "reminders": reminders.plan,
        "followups": followups.plan,
        "rulebook": rulebook.plan,
        "review": review.plan,
        "issues": issues.plan,
        "summary": summary.plan,
    }
)
