"""Which tab is which table, where its header row stands, and which column is which field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sheetcrm.schema.fields import TableSpec, normal
from sheetcrm.table import Column, Grid, Raw, column_letters, show_raw

HEADER_SEARCH_ROWS = 60
"""How far down a header row is looked for; titles and notes stand above it."""

_IN_PARENTHESES = re.compile(r"[(\[][^)\]]*[)\]]")


@dataclass(frozen=True, slots=True)
class Found:
    """A table found in a grid: its header row (in the tab's counting) and its columns by field."""

    spec: TableSpec
    grid: Grid
    header_row: int
    columns: dict[str, Column]

    @property
    def known(self) -> int:
        """How many columns the schema knows."""
        return sum(not one.is_custom for one in self.columns.values())


def find_tables(grids: Sequence[Grid], specs: Sequence[TableSpec]) -> list[Found]:
    """Every table that the workbook has, in the order of the specs; each tab is one table at most.

    A tab whose title is the table's needs two of its columns; any other visible tab needs a signature of it.
    """
    found: list[Found] = []
    taken: set[str] = set()
    readings = {grid.tab: _readings(grid, specs) for grid in grids}
    for spec in specs:
        candidates = [
            one
            for tab, some in readings.items()
            if tab not in taken
            for one in some
            if one.spec is spec and not _is_rather_another(one, some)
        ]
        best = max(candidates, key=_rank, default=None)
        if best is not None:
            found.append(best)
            taken.add(best.grid.tab)
    return found


def _readings(grid: Grid, specs: Sequence[TableSpec]) -> list[Found]:
    """As which tables a tab may be read."""
    forms = [_forms(row) for row in grid.rows[:HEADER_SEARCH_ROWS]]
    return [one for spec in specs if (one := _table_in(grid, forms, spec))]


def _rank(found: Found) -> tuple[int, int]:
    return title_likeness(found.grid.tab, found.spec), found.known


def _is_rather_another(one: Found, readings: Sequence[Found]) -> bool:
    """Whether the tab's title names another table that knows no fewer of its columns: Accounts are not Leads."""
    likeness = title_likeness(one.grid.tab, one.spec)
    return any(_rank(other)[0] > likeness and other.known >= one.known for other in readings)


def title_likeness(tab: str, spec: TableSpec) -> int:
    """2 for the table's own title, 1 where it is a word of the title ("Leads 2026"), else 0."""
    title = normal(tab)
    if title in spec.aliases:
        return 2
    return int(any(f" {alias} " in f" {title} " for alias in spec.aliases if len(alias) > 3))


def _table_in(grid: Grid, forms: Sequence[Mapping[int, tuple[str, str]]], spec: TableSpec) -> Found | None:
    likeness = title_likeness(grid.tab, spec)
    best: Found | None = None
    if grid.is_hidden and likeness < 2:
        return None
    ranks = _alias_ranks(spec)
    fewest = 2 if likeness == 2 else min(map(len, spec.signatures), default=1)
    for i, (row, words) in enumerate(zip(grid.rows, forms, strict=False)):
        # Most rows are no headers: they are told by fewer known words than any header has.
        if sum(not ranks.keys().isdisjoint(both) for both in words.values()) < fewest:
            continue
        columns = map_columns(row, spec, grid.left)
        known = {name for name, one in columns.items() if not one.is_custom}
        is_table = len(known) >= 2 if likeness == 2 else any(sign <= known for sign in spec.signatures)
        if is_table and (best is None or best.known < len(known)):
            best = Found(spec, grid, grid.top + i, columns)
    return best


def _forms(header: Sequence[Raw]) -> dict[int, tuple[str, str]]:
    """The texts of a row as they are compared, with and without what stands in parentheses."""
    return {
        j: (normal(raw), normal(_IN_PARENTHESES.sub("", raw))) for j, raw in enumerate(header) if isinstance(raw, str)
    }


def map_columns(header: Sequence[Raw], spec: TableSpec, left: int) -> dict[str, Column]:
    """The columns under a header row by field; a header that no field knows becomes a custom column.

    Better aliases win: the header that comes first in a field's list of aliases gets the field. Only text can head a
    column that the schema knows.
    """
    words = _forms(header)
    ranks, found = _alias_ranks(spec), dict[int, dict[int, int]]()
    for j, forms in words.items():
        for form in forms:
            for place, rank in ranks.get(form, ()):
                ranked = found.setdefault(place, {})
                ranked[j] = min(rank, ranked.get(j, rank))
    owner: dict[int, str] = {}
    for place in sorted(found):
        best = min(((rank, j) for j, rank in found[place].items() if j not in owner), default=None)
        if best is not None:
            owner[best[1]] = spec.fields[place].field
    columns: dict[str, Column] = {}
    for j, raw in enumerate(header):
        text = show_raw(raw).strip()
        if j in owner:
            columns[owner[j]] = Column(owner[j], text, left + j, spec_kind(spec, owner[j]))
        elif text:
            name = f"{text} ({column_letters(left + j)})" if text in columns or spec.spec(text) else text
            while name in columns:
                name += "'"
            columns[name] = Column(name, text, left + j, "text", is_custom=True)
    return columns


@lru_cache(maxsize=64)
def _alias_ranks(spec: TableSpec) -> dict[str, list[tuple[int, int]]]:
    """For each alias the fields that know it, by their place, and how far up in their list it stands."""
    ranks: dict[str, list[tuple[int, int]]] = {}
    for place, field in enumerate(spec.fields):
        for rank, alias in reversed(list(enumerate(filter(None, field.aliases)))):
            ranks.setdefault(alias, []).append((place, rank))
    return ranks


def spec_kind(spec: TableSpec, field: str) -> str:
    """The kind of a field, text where the schema does not know it."""
    known = spec.spec(field)
    return known.kind if known else "text"
