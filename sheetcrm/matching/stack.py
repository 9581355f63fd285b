"""Two tables or more as one, so that leads are compared with accounts as well as among themselves."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.matching.coded import encode
from sheetcrm.matching.find import Found, find
from sheetcrm.matching.record import Match
from sheetcrm.matching.roles import Role, find_roles

Table = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Stack:
    """What was found in tables that lie one upon the other."""

    found: Found
    starts: tuple[int, ...]
    """The row of the whole at which each table begins."""

    def place(self, row: int) -> tuple[int, int]:
        """The table that a row of the whole comes from, and its row there."""
        table = bisect_right(self.starts, row) - 1
        return table, row - self.starts[table]

    def between(self, one: int, other: int, least: float) -> list[Match]:
        """The pairs of two tables, or within one, that score at least so much; places are those of each table."""
        pairs = [(self.place(match.one), self.place(match.other), match) for match in self.found.matches(least)]
        return [
            Match(first[1], second[1], match.score, match.why)
            for first, second, match in pairs
            if (first[0], second[0]) == (min(one, other), max(one, other))
        ]


def find_in(tables: Sequence[Table], *, roles: Sequence[Mapping[str, Role]] | None = None, cores: int = 1) -> Stack:
    """The rows of several tables that may be the same, within each and between them.

    Columns of one role stand for each other whatever they are called; codes only where they are called alike, since a
    lead's number is no account's.
    """
    given = roles or [{} for _ in tables]
    lengths = [len(next(iter(table.values()), ())) for table in tables]
    named = [_named(table, known) for table, known in zip(tables, given, strict=True)]
    merged: dict[str, list[str]] = {}
    known: dict[str, Role] = {}
    for name in dict.fromkeys(name for columns in named for name in columns):
        merged[name] = []
        for columns, length in zip(named, lengths, strict=True):
            role, values = columns.get(name, (None, [""] * length))
            merged[name] += values
            if role is not None:
                known[name] = role
    starts = [sum(lengths[:i]) for i in range(len(tables))]
    return Stack(find(merged, roles=known, cores=cores), tuple(starts))


def _named(table: Table, given: Mapping[str, Role]) -> dict[str, tuple[Role, Sequence[str]]]:
    """The columns by the name that they share with other tables' columns."""
    roles = find_roles({name: encode(values) for name, values in table.items()}, given)
    columns: dict[str, tuple[Role, Sequence[str]]] = {}
    for name, values in table.items():
        role = roles[name]
        own = role in {Role.CODE, Role.CATEGORY, Role.NUMBER, Role.TEXT, Role.IGNORED}
        shared = name.casefold() if own else str(role.value)
        while shared in columns:
            shared += " too"
        columns[shared] = (role, values)
    return columns
