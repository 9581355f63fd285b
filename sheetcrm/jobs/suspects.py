"""Which rows may be the same: leads among themselves, accounts among themselves, and new leads that are customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.matching import Found, Match, Record, Role, find, find_in
from sheetcrm.schema.contacts import country_code, domain_of
from sheetcrm.table import Row, Snapshot, Table

MOST_NEW = 5_000
"""New leads that are compared with the accounts at most; more are no day's work but an import."""

_ROLES = {
    "name": Role.NAME, "company": Role.COMPANY, "email": Role.EMAIL, "phone": Role.PHONE, "street": Role.STREET,
    "postcode": Role.POSTCODE, "city": Role.CITY, "country": Role.COUNTRY, "domain": Role.WEBSITE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suspect:
    """Two rows that may be the same, how likely, and why in words."""

    one: Row
    other: Row
    score: float
    why: str


def place_of(row: Row) -> str:
    """Where a row stands, as its first column's cell: `Leads!A5`."""
    return f"{row.table.tab}!{row.table.cell(row.i, next(iter(row.table.columns)))}"


@dataclass(frozen=True)
class Within:
    """What was found among the rows of one table that bear no mark yet."""

    table: Table
    places: Sequence[int]
    found: Found

    def suspects(self, least: float) -> list[Suspect]:
        """The pairs that score at least so much, in the order of the rows."""
        return [
            Suspect(self._row(one.one), self._row(one.other), one.score, one.why) for one in self.found.matches(least)
        ]

    def groups(
        self, sure: float, same: Iterable[tuple[int, int]], different: Iterable[tuple[int, int]]
    ) -> list[list[Row]]:
        """The rows that are one; decided pairs are given by their rows' places in the table."""
        at = {place: i for i, place in enumerate(self.places)}
        inner = [
            [(at[one], at[other]) for one, other in pairs if one in at and other in at] for pairs in (same, different)
        ]
        return [[self._row(i) for i in group] for group in self.found.clusters(sure, same=inner[0], different=inner[1])]

    def _row(self, i: int) -> Row:
        return self.table.row(self.places[i])


def within(table: Table) -> Within:
    """Who may be whom among the rows of a table; rows that are marked already are left out."""
    places = [row.i for row in table if row["duplicate_of"] is None]
    columns = _columns([table.row(i) for i in places])
    return Within(table, places, find(columns, roles=_ROLES))


def customers(snapshot: Snapshot, least: float) -> list[Suspect]:
    """Open leads without an account that may be an account's, the likeliest account for each."""
    leads, accounts = snapshot.table("Leads"), snapshot.table("Accounts")
    if leads is None or not accounts:
        return []
    new = [row for row in leads if not row.text("account") and snapshot.is_open(row)]
    if not new or len(new) > MOST_NEW:
        return []
    known = [row for row in accounts if row["duplicate_of"] is None]
    stack = find_in([_columns(new), _columns(known)], roles=[_ROLES, _ROLES])
    best: dict[int, Match] = {}
    for match in stack.between(0, 1, least):
        if match.one not in best or best[match.one].score < match.score:
            best[match.one] = match
    return [Suspect(new[one.one], known[one.other], one.score, one.why) for one in best.values()]


def _columns(rows: Sequence[Row]) -> Mapping[str, list[str]]:
    records = [record_of(row) for row in rows]
    return {name: [getattr(record, name) for record in records] for name in _ROLES}


def record_of(row: Row) -> Record:
    """What the matching may know of a row."""
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
