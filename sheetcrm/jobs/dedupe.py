"""Duplicates: sure ones are marked in `Duplicate Of`, unsure ones asked about; a person's decision is final."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from sheetcrm.jobs.changes import change
from sheetcrm.jobs.decisions import DIFFERENT, SAME, Decisions, decisions_of, thresholds
from sheetcrm.jobs.marks import is_own_mark, mark_memory, waiting, why_memory
from sheetcrm.jobs.merging import activity_of, rank
from sheetcrm.jobs.suspects import Suspect, Within, customers, place_of, within
from sheetcrm.plan import CellChange, Plan
from sheetcrm.rules.settings import Rules
from sheetcrm.table import Pair, Row, Snapshot, Table

JOB = "dedupe"


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """Marks for all duplicates of a group but the one that stays, and the pairs that a person is to judge.

    Leads are marked where they are surely the same or a person said so, accounts only by a person's word. A mark that a
    person cleared is not set again.
    """
    rule = rules.dedupe
    if not rule.on or snapshot.table("Leads") is None:
        return Plan()
    decisions = decisions_of(snapshot)
    sure, review = thresholds(rule, decisions)
    whole, asked = Plan(remember=decisions.remember()), list[Suspect]()
    for name, limit in (("Leads", sure), ("Accounts", 1.1)):
        table = snapshot.table(name)
        if table is not None and len(table) > 1:
            part, some = _in_table(snapshot, within(table), decisions, limit, min(review, sure))
            whole = whole.joined(part)
            asked += some
    linked, some = _customers(snapshot, decisions, min(review, sure))
    asked += some
    return whole.joined(Plan(changes=tuple(linked), review=tuple(_pair(one) for one in asked)))


def _in_table(
    snapshot: Snapshot, found: Within, decisions: Decisions, sure: float, least: float
) -> tuple[Plan, list[Suspect]]:
    """The marks in one table, and the pairs of it that a person is to judge."""
    table, activity = found.table, activity_of(snapshot)
    suspects = found.suspects(least)
    best = _best(suspects)
    decided = {word: _decided(table, decisions, word) for word in (SAME, DIFFERENT)}
    changes = list(_cleared(snapshot, table, decisions))
    remember: dict[str, str] = {}
    marked: set[int] = set()
    for group in found.groups(sure, decided[SAME], decided[DIFFERENT]):
        master = min(group, key=lambda row: rank(snapshot, row, activity))
        for row in group:
            if row.i != master.i and _may_mark(snapshot, row, master):
                score, reason = _reason(row, master, decisions, best)
                likely = f"{min(score, 0.99):.0%} " if score else ""
                why = f"{likely}same as {master.label} ({master.key}): {reason}"
                changes.append(change(table, row.i, "duplicate_of", master.key, why=why, job=JOB))
                remember[mark_memory(row)] = master.key
                remember[why_memory(row)] = json.dumps([score, reason], ensure_ascii=False)
                marked.add(row.i)
    asked = [
        one
        for one in suspects
        if not {one.one.i, one.other.i} & marked
        and not _was_cleared(snapshot, one)
        and decisions.of(one.one, one.other) != DIFFERENT
    ]
    return Plan(changes=tuple(changes), remember=remember), asked


def _best(suspects: Sequence[Suspect]) -> dict[tuple[int, int] | int, Suspect]:
    """Each pair by its rows, and for each row its likeliest pair."""
    best: dict[tuple[int, int] | int, Suspect] = {}
    for one in sorted(suspects, key=lambda one: one.score):
        best[one.one.i] = best[one.other.i] = one
        best[one.one.i, one.other.i] = best[one.other.i, one.one.i] = one
    return best


def _decided(table: Table, decisions: Decisions, word: str) -> list[tuple[int, int]]:
    """The pairs of rows of the table about which a person said that."""
    return [(one.i, other.i) for one, other in decisions.pairs(table) if decisions.of(one, other) == word]


def _may_mark(snapshot: Snapshot, row: Row, master: Row) -> bool:
    was_marked = bool(row.key) and mark_memory(row) in snapshot.memory
    return bool(master.key) and row.table.is_writable(row.i, "duplicate_of") and not was_marked


def _reason(
    row: Row, master: Row, decisions: Decisions, best: Mapping[tuple[int, int] | int, Suspect]
) -> tuple[float, str]:
    """How likely a row is the one that stays, and why."""
    if decisions.of(row, master) == SAME:
        return 0.0, "a person said so"
    match = best.get((row.i, master.i)) or best.get(row.i)
    return (round(match.score, 3), match.why) if match is not None else (0.0, "by way of a third row")


def _cleared(snapshot: Snapshot, table: Table, decisions: Decisions) -> Iterator[CellChange]:
    """Own marks go where a person said since that the two differ; marks that people set are theirs."""
    for row, master in waiting(snapshot, table):
        is_free = is_own_mark(snapshot, row) and table.is_writable(row.i, "duplicate_of")
        if is_free and decisions.of(row, master) == DIFFERENT:
            why = f"not the same as {master.label} ({master.key}): a person said so"
            yield change(table, row.i, "duplicate_of", None, why=why, job=JOB)


def _was_cleared(snapshot: Snapshot, one: Suspect) -> bool:
    pairs = ((one.one, one.other), (one.other, one.one))
    return any(master.key and snapshot.memory.get(mark_memory(row)) == master.key for row, master in pairs)


def _customers(snapshot: Snapshot, decisions: Decisions, least: float) -> tuple[list[CellChange], list[Suspect]]:
    """Leads that a person called a customer get its account's key; others that may be one are asked about."""
    changes, asked = [], []
    for one in customers(snapshot, least):
        lead, account = one.one, one.other
        word = decisions.of(lead, account)
        if word == SAME and account.key and lead.table.is_writable(lead.i, "account"):
            why = f"is the customer {account.label} ({account.key}): a person said so"
            changes.append(change(lead.table, lead.i, "account", account.key, why=why, job=JOB))
        elif word not in {DIFFERENT, SAME}:
            asked.append(one)
    return changes, asked


def _pair(one: Suspect) -> Pair:
    who = f"{one.one.label} / {one.other.label}"
    return Pair(one.one.table.name, place_of(one.one), place_of(one.other), round(one.score, 3), one.why, who)
