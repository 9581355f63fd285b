"""What people decided about pairs that may be the same: read from the Duplicates tab, remembered for good."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b

from sheetcrm.jobs.own_tabs import tab_named
from sheetcrm.rules.columns import header_row
from sheetcrm.rules.settings import MatchRule
from sheetcrm.schema.fields import normal
from sheetcrm.table import Grid, Row, Snapshot, Table, show_raw

TAB = "Duplicates"
PAIR, DECISION, SCORE = "Pair", "Decision", "Score"
BETWEEN = " ↔ "
SAME, DIFFERENT, LATER = "Same", "Different", "Later"
WORDS = {
    "same": SAME, "gleich": SAME, "yes": SAME, "ja": SAME, "different": DIFFERENT, "verschieden": DIFFERENT,
    "no": DIFFERENT, "nein": DIFFERENT, "later": LATER, "spater": LATER,
}  # fmt: skip
_MEMORY = "dedupe/decided/"
_FACTS = ("name", "company", "email", "phone", "street", "postcode", "city")
_ENOUGH = 10
"""Decisions that it takes before people are asked less."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of a pair. `facts` is a digest of what both rows said of themselves then."""

    word: str
    score: float
    facts: str
    day: str


@dataclass(frozen=True)
class Decisions:
    """All decisions by the name of their pair; `new` are those not remembered yet."""

    known: Mapping[str, Decision]
    new: Mapping[str, Decision]

    def of(self, one: Row, other: Row) -> str:
        """What was decided about two rows; empty where nothing was, or where they say something else by now."""
        found = self.known.get(pair_name(one, other))
        if found is None:
            return ""
        is_final = found.word == SAME or found.facts in {"", facts_of(one, other)}
        return found.word if is_final else ""

    def pairs(self, table: Table) -> Iterator[tuple[Row, Row]]:
        """The pairs of rows of the table about which something was decided."""
        rows = {name_of(row): row for row in table} if self.known else {}
        for name in self.known:
            one, _, other = name.partition(BETWEEN)
            if one in rows and other in rows:
                yield rows[one], rows[other]

    def remember(self) -> dict[str, str]:
        """What the memory is to keep of them."""
        return {_MEMORY + name: json.dumps(asdict(one), sort_keys=True) for name, one in self.new.items()}


def pair_name(one: Row, other: Row) -> str:
    """What names a pair, in either order: `L-0001 ↔ L-0002`; rows of other tables than Leads with the table's name."""
    first, second = sorted((name_of(one), name_of(other)))
    return f"{first}{BETWEEN}{second}"


def name_of(row: Row) -> str:
    """What names a row in pairs."""
    return row.identity if row.table.name == "Leads" else f"{row.table.name} {row.identity}"


def facts_of(one: Row, other: Row) -> str:
    """A digest of what two rows say of themselves, the same in either order."""
    words = sorted("\x1f".join(row.text(name).casefold() for name in _FACTS) for row in (one, other))
    return blake2b("\x1e".join(words).encode(), digest_size=8).hexdigest()


def decisions_of(snapshot: Snapshot) -> Decisions:
    """The decisions remembered, and those that stand in the Duplicates tab now, which win."""
    known = {
        name.removeprefix(_MEMORY): Decision(**json.loads(text))
        for name, text in snapshot.memory.items()
        if name.startswith(_MEMORY) and text
    }
    tables = (snapshot.tables[name] for name in ("Leads", "Accounts") if name in snapshot.tables)
    rows = {name_of(row): row for table in tables for row in table} if review_grid(snapshot) is not None else {}
    new: dict[str, Decision] = {}
    for name, word, score in _written(snapshot):
        pair = [rows.get(part) for part in name.split(BETWEEN)]
        one, other = (*pair, None, None)[:2]
        facts = facts_of(one, other) if one is not None and other is not None else ""
        decision = Decision(word, score, facts, snapshot.today.isoformat())
        if name not in known or replace(known[name], day="", facts="") != replace(decision, day="", facts=""):
            new[name] = decision
    return Decisions({**known, **new}, new)


def review_grid(snapshot: Snapshot) -> Grid | None:
    """The Duplicates tab; None where the workbook has none, or one of a person's own that asks nothing."""
    grid = tab_named(snapshot, TAB)
    return grid if grid is not None and _places(grid) else None


def thresholds(rule: MatchRule, decisions: Decisions) -> tuple[float, float]:
    """From which likeness on a pair is sure, and from which on people are asked, moved by what they decided.

    Whoever calls a sure pair different moves the first above it. Once ten pairs in a row from below were called
    different, nobody is asked about such as are no more alike.
    """
    sure, review = rule.sure, rule.review
    # A pair that was no suspect has no score, and tells nothing of scores.
    scored = [one for one in decisions.known.values() if one.score > 0]
    different = sorted(one.score for one in scored if one.word == DIFFERENT)
    same = sorted(one.score for one in scored if one.word == SAME)
    if different and different[-1] >= sure:
        sure = min(different[-1] + 0.001, 1.0)
    below = [score for score in different if not same or score < same[0]]
    if len(below) >= _ENOUGH:
        review = max(review, min(below[-1] + 0.001, sure))
    return sure, review


def decided(word: str, one: Row, other: Row, score: float, day: str) -> dict[str, str]:
    """What the memory is to keep of a decision that did not come from the tab."""
    decision = Decision(word, score, facts_of(one, other), day)
    return Decisions({}, {pair_name(one, other): decision}).remember()


def _places(grid: Grid) -> tuple[int, int, int, int | None] | None:
    """The header row and the columns of pair, decision and score; None where it is no such tab."""
    top = header_row(grid)
    if top is None:
        return None
    headers = {normal(show_raw(raw)): j for j, raw in enumerate(grid.rows[top - grid.top])}
    pair, decision, score = (headers.get(normal(name)) for name in (PAIR, DECISION, SCORE))
    return (top, pair, decision, score) if pair is not None and decision is not None else None


def _written(snapshot: Snapshot) -> Iterator[tuple[str, str, float]]:
    """Pair, decision and score of each line of the tab in which a person chose something."""
    grid = review_grid(snapshot)
    found = _places(grid) if grid is not None else None
    if grid is None or found is None:
        return
    top, pair, decision, score = found
    for row in grid.rows[top - grid.top + 1 :]:
        word = WORDS.get(normal(show_raw(row[decision])))
        if word and BETWEEN in show_raw(row[pair]):
            value = row[score] if score is not None else None
            yield show_raw(row[pair]), word, float(value) if isinstance(value, int | float) else 0.0
