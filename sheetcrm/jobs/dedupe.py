"""Duplicates among the leads: sure ones are marked in `Duplicate Of`, unsure ones listed; none is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sheetcrm.jobs.changes import change
from sheetcrm.matching import Found, Match, Record, find_matches
from sheetcrm.plan import CellChange, Plan
from sheetcrm.rules.settings import MatchRule, Rules
from sheetcrm.schema.contacts import country_code, domain_of
from sheetcrm.table import Pair, Row, Snapshot, Table


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """Marks for the sure duplicates of each group but its master, and the unsure pairs.

    The master is the lead furthest in the pipeline, then the one with an owner, then the oldest, then the upper one. A
    mark that a person cleared is not set again.
    """
    leads = snapshot.table("Leads")
    if not rules.dedupe.on or leads is None:
        return Plan()
    places = [row.i for row in leads if row["duplicate_of"] is None]
    found = find_matches([_record(leads.row(i)) for i in places])
    matches = _matches(found, places, rules.dedupe)
    by_pair = {pair: one for one in matches for pair in ((one.one, one.other), (one.other, one.one))}
    best: dict[int, Match] = {}
    for one in sorted(matches, key=lambda one: one.score):
        best[one.one] = best[one.other] = one
    changes: list[CellChange] = []
    remember: dict[str, str] = {}
    marked: set[int] = set()
    for group in _groups(found, places, rules.dedupe):
        master = min(group, key=lambda i: _rank(snapshot, leads.row(i)))
        for i in sorted(set(group) - {master}):
            if _may_mark(snapshot, leads, i, master):
                changes.append(_mark(leads, i, master, by_pair.get((i, master)) or best[i]))
                remember[_memory(leads, i)] = leads.key(master)
                marked.add(i)
    review = tuple(
        _pair(leads, one)
        for one in matches
        if not {one.one, one.other} & marked and not _was_cleared(snapshot, leads, one)
    )
    return Plan(changes=tuple(changes), review=review, remember=remember)


def _matches(found: Found, places: Sequence[int], rule: MatchRule) -> list[Match]:
    matches = found.matches(min(rule.review, rule.sure))
    return [Match(places[one.one], places[one.other], one.score, one.why) for one in matches]


def _groups(found: Found, places: Sequence[int], rule: MatchRule) -> list[list[int]]:
    return [[places[i] for i in group] for group in found.clusters(rule.sure)]


def _record(row: Row) -> Record:
    return Record(
        name=row.text("name"),
        company=row.text("company"),
        email=row.text("email"),
        phone=row.text("phone"),
        street=row.text("street"),
        postcode=row.text("postcode"),
        city=row.text("city"),
        country=country_code(row.text("country")) or row.text("country"),
        domain=domain_of(row.text("website")),
    )


def _rank(snapshot: Snapshot, row: Row) -> tuple[int, bool, date, int]:
    # A lead without a status is in play: above the lost ones, below every open stage.
    stages = (*snapshot.lost_stages, "", *snapshot.open_stages, *snapshot.won_stages)
    status = row.text("status")
    stage = stages.index(status) if status in stages else -1
    created = row["created"]
    return -stage, not row.text("owner"), created if isinstance(created, date) else date.max, row.i


def _may_mark(snapshot: Snapshot, leads: Table, i: int, master: int) -> bool:
    was_marked = bool(leads.key(i)) and _memory(leads, i) in snapshot.memory
    return bool(leads.key(master)) and leads.is_writable(i, "duplicate_of") and not was_marked


def _memory(leads: Table, i: int) -> str:
    return f"dedupe/{leads.key(i) or leads.refs[i].content}"


def _mark(leads: Table, i: int, master: int, match: Match) -> CellChange:
    why = f"{min(match.score, 0.99):.0%} same as {leads.row(master).label} ({leads.key(master)}): {match.why}"
    return change(leads, i, "duplicate_of", leads.key(master), why=why, job="dedupe")


def _was_cleared(snapshot: Snapshot, leads: Table, match: Match) -> bool:
    pairs = ((match.one, match.other), (match.other, match.one))
    return any(leads.key(master) and snapshot.memory.get(_memory(leads, i)) == leads.key(master) for i, master in pairs)


def _pair(leads: Table, match: Match) -> Pair:
    one, other = (f"{leads.tab}!{leads.cell(i, next(iter(leads.columns)))}" for i in (match.one, match.other))
    who = f"{leads.row(match.one).label} / {leads.row(match.other).label}"
    return Pair(leads.name, one, other, round(match.score, 3), match.why, who)
