"""Who has how much to do: open leads, today's share, whose turn it is. Kept in the memory between runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sheetcrm.jobs.roles import is_sales
from sheetcrm.rules.settings import AssignRule
from sheetcrm.schema.fields import normal
from sheetcrm.table import Person, Snapshot, Table


class Workload:
    """The team's load during one plan; `give` counts on, so that the next lead sees it."""

    def __init__(self, snapshot: Snapshot, leads: Table) -> None:
        self._day = snapshot.today
        self._team = snapshot.team
        self._pools: dict[str, list[Person]] = {}
        self._order = [one.name for one in snapshot.team]
        self._open = Counter(row.text("owner") for row in leads if snapshot.is_open(row))
        memory = json.loads(snapshot.memory.get("assignment/day", "{}"))
        self._given_today: Counter[str] = Counter(
            memory.get("given", {}) if memory.get("day") == self._day.isoformat() else {}
        )
        self._turns: dict[str, list[Any]] = json.loads(snapshot.memory.get("assignment/turns", "{}"))
        self._shares: dict[str, dict[str, float]] = json.loads(snapshot.memory.get("assignment/shares", "{}"))
        owners = [raw for raw in leads.raws["owner"] if isinstance(raw, str) and raw.strip()]
        self.writes_addresses = sum("@" in one for one in owners) * 2 > len(owners)
        """Whether the Owner column holds e-mail addresses rather than names."""

    def able(self, rule: AssignRule) -> list[Person]:
        """The people whom a rule may choose from now: at work, and below both capacities, in the Team's order."""
        if rule.name not in self._pools:
            here = [one for one in self._team if one.is_available(self._day)]
            self._pools[rule.name] = [one for one in here if is_meant(one, rule)]
        return [one for one in self._pools[rule.name] if self._has_room(one)]

    def _has_room(self, person: Person) -> bool:
        total, per_day = person.capacity_total, person.capacity_per_day
        return (total is None or self._open[person.name] < total) and (
            per_day is None or self._given_today[person.name] < per_day
        )

    def give(self, person: Person, rule: AssignRule, before: str) -> None:
        """Counts one lead for a person, and off whoever had it before."""
        self._open[before] -= 1
        self._open[person.name] += 1
        self._given_today[person.name] += 1
        if rule.strategy == "round_robin":
            self._turns[rule.name] = [person.name, self._order.index(person.name)]
        if rule.strategy == "weighted":
            shares = self._shares.setdefault(rule.name, {})
            shares[person.name] = shares.get(person.name, 0) + 1

    def least_loaded(self, people: Sequence[Person]) -> Person | None:
        """The one with the fewest open leads for their capacity; ties by today's share, then by the Team's order."""
        return min(
            people,
            key=lambda one: (self._open[one.name] / (one.capacity_total or 100), self._given_today[one.name]),
            default=None,
        )

    def load_words(self, person: Person | None) -> str:
        """`3 of 12 open leads`, as a reason."""
        if person is None:
            return ""
        of = f" of {person.capacity_total}" if person.capacity_total else ""
        count = self._open[person.name]
        return f"{count}{of} open {'lead' if count == 1 and not of else 'leads'}"

    def next_in_turn(self, people: Sequence[Person], rule: AssignRule) -> Person | None:
        """The first of the people after the one who had the last turn, also if that one has left since."""
        last, place = self._turns.get(rule.name, ["", 0])
        # Whoever came after a person whose row is gone stands at that person's place now.
        start = self._order.index(last) + 1 if last in self._order else min(place, len(self._order))
        turn = self._order[start:] + self._order[:start]
        return min(people, key=lambda one: turn.index(one.name), default=None)

    def by_weight(self, people: Sequence[Person], rule: AssignRule) -> Person | None:
        """The one furthest below the share that the weight promises; newcomers start level with the others."""
        shares = self._shares.setdefault(rule.name, {})
        heavy = [one for one in people if one.weight > 0]
        level = min((shares[one.name] / one.weight for one in heavy if one.name in shares), default=0.0)
        for one in heavy:
            shares.setdefault(one.name, level * one.weight)
        return min(heavy, key=lambda one: (shares[one.name] + 1) / one.weight, default=None)

    def to_remember(self) -> dict[str, str]:
        """The durable part, for the next run."""
        day = {"day": self._day.isoformat(), "given": dict(sorted(self._given_today.items()))}
        return {
            "assignment/day": json.dumps(day),
            "assignment/turns": json.dumps(self._turns, sort_keys=True),
            "assignment/shares": json.dumps(self._shares, sort_keys=True),
        }


def is_meant(person: Person, rule: AssignRule) -> bool:
    """Whether a rule may choose a person at all: one whom it names or, where it names nobody, any sales person."""
    if not rule.to:
        return is_sales(person)
    named = {normal(word) for word in rule.to}
    return normal(person.name) in named or (bool(person.email) and normal(person.email) in named)
