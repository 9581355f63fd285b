"""The tab Duplicates kept up: the pairs that people are to judge, as the rows stand after all that this run does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sheetcrm.jobs.decisions import DIFFERENT, SAME, TAB, Decisions, decisions_of, review_grid
from sheetcrm.jobs.marks import is_own_mark, waiting, why_memory
from sheetcrm.jobs.own_tabs import tab_named
from sheetcrm.jobs.review_tab import review_tab
from sheetcrm.jobs.suspects import Suspect, place_of
from sheetcrm.plan import Plan, Skip, TabReplace
from sheetcrm.rules.settings import MatchRule, Rules
from sheetcrm.table import Snapshot

JOB = "review"


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """The tab with marked rows that wait to be merged and with unsure pairs; nothing where it is not wanted."""
    rule = rules.dedupe
    if not rule.on or snapshot.table("Leads") is None:
        return Plan()
    decisions = decisions_of(snapshot)
    marked = [one for name in ("Leads", "Accounts") for one in _waiting(snapshot, name, rule, decisions)]
    return _tab(snapshot, rule, [*marked, *_unsure(snapshot)], decisions)


def _waiting(snapshot: Snapshot, name: str, rule: MatchRule, decisions: Decisions) -> Iterator[Suspect]:
    """The marked rows about which a person must say whether they are to be merged; hand-marked ones have no score."""
    table = snapshot.table(name)
    if table is None or rule.merge == "never":
        return
    for row, master in waiting(snapshot, table):
        is_own = is_own_mark(snapshot, row)
        if decisions.of(row, master) in {SAME, DIFFERENT} or (is_own and rule.merge == "sure"):
            continue
        score, why = json.loads(snapshot.memory.get(why_memory(row), '[0, ""]')) if is_own else (0.0, "")
        yield Suspect(master, row, score, why or f"marked by a person as the same as {master.key}")


def _unsure(snapshot: Snapshot) -> Iterator[Suspect]:
    """The pairs that an earlier job of this run found."""
    tables = [table for name in ("Leads", "Accounts") if (table := snapshot.table(name)) is not None]
    rows = {place_of(row): row for table in tables for row in table} if snapshot.review else {}
    for pair in snapshot.review:
        yield Suspect(rows[pair.one], rows[pair.other], pair.score, pair.why)


def _tab(snapshot: Snapshot, rule: MatchRule, asked: Sequence[Suspect], decisions: Decisions) -> Plan:
    """The Duplicates tab, where it is wanted or there, and has something new to ask."""
    grid = review_grid(snapshot)
    if grid is None and not (rule.tab and asked):
        return Plan()
    count = len(asked)
    pairs = f"{count} {'pair' if count == 1 else 'pairs'} that may be the same"
    if grid is None and tab_named(snapshot, TAB) is not None:
        return Plan(skipped=(Skip(f"the tab {TAB} with {pairs}", "the workbook has another tab of that name"),))
    content = review_tab(asked, decisions, grid)
    if content is None:
        return Plan()
    return Plan(tabs=(TabReplace(grid.tab if grid is not None else TAB, content, pairs, JOB),))
