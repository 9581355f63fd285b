"""Where a plan's changes belong in the workbook as it stands now, and which of them a person has overtaken. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sheetcrm.connectors import CellWrite, RowWrite
from sheetcrm.journal import Deed
from sheetcrm.plan import CellChange, Plan, RowAppend
from sheetcrm.table import Grid, Raw, RowRef, Table, cell_name, content_digest, is_same, numbered, show_raw

AsRead = Callable[[str, Raw], Raw]
"""What a cell of a tab reads as once a value stands in it."""

Place = tuple[str, int, int]
"""Tab, row and column."""

WHOLE_TAB = (-1, -1)
"""Row and column of a whole tab."""


@dataclass(frozen=True)
class Resolved:
    """What to write, and what becomes of each change and new row: `done` if the write succeeds, or `skipped`."""

    cells: tuple[CellWrite, ...]
    rows: tuple[RowWrite, ...]
    deeds: tuple[Deed, ...]
    places: tuple[Place | None, ...]
    """Where each deed's cell stands; None for skipped ones and new rows."""
    grids: Mapping[str, Grid]

    def settled(self, refused: Mapping[Place, str], rows_refused: str = "") -> tuple[Deed, ...]:
        """The deeds after the write: refused ones skipped with the reason, loose rows with the digest they have now."""
        written: dict[tuple[str, int], dict[int, Raw]] = {}
        for cell in self.cells:
            if (cell.tab, cell.row, cell.column) not in refused:
                written.setdefault((cell.tab, cell.row), {})[cell.column] = cell.value
        loose = {ref for one in self.deeds for ref in _loose(one)}
        contents = self._contents(loose, written)
        deeds = []
        for one, place in zip(self.deeds, self.places, strict=True):
            why = refused.get(place, "") if place else rows_refused if isinstance(one.deed, RowAppend) else ""
            if one.state == "done" and why:
                deeds.append(replace(one, state="skipped", why=why))
            elif place and isinstance(one.deed, CellChange) and one.deed.ref in loose:
                deeds.append(replace(one, content_after=contents[place[:2]]))
            else:
                deeds.append(one)
        return tuple(deeds)

    def _contents(
        self, loose: Collection[RowRef], written: Mapping[tuple[str, int], Mapping[int, Raw]]
    ) -> dict[tuple[str, int], str]:
        """The digest of each loose row after the write, by tab and row; rows alike to the last cell are counted."""
        pairs = zip(self.deeds, self.places, strict=True)
        rows = {
            place[:2] for one, place in pairs if place and isinstance(one.deed, CellChange) and one.deed.ref in loose
        }
        alike: Counter[tuple[str, str]] = Counter()
        contents = {}
        for tab, row in sorted(rows):
            digest = content_after(self.grids[tab], row, written.get((tab, row), {}))
            alike[tab, digest] += 1
            contents[tab, row] = numbered(digest, alike[tab, digest])
        return contents


def _loose(one: Deed) -> Iterator[RowRef]:
    """The deed's row, where no key finds it again afterwards."""
    if isinstance(one.deed, CellChange) and (one.deed.ref.content or one.deed.field == "key"):
        yield one.deed.ref


def resolve(
    plan: Plan,
    tables: Mapping[str, Table],
    grids: Mapping[str, Grid],
    undelivered: Mapping[str, str],
    as_read: AsRead = lambda _tab, value: value,
) -> Resolved:
    """Finds each row by key (or whole content) and each column by header; what a person changed since is skipped.

    `undelivered` maps the keys of messages that were not sent to the reason: cells that wait for them are skipped.
    """
    known = Rows(plan, tables, grids)
    cells: list[CellWrite] = []
    deeds: list[Deed] = []
    places: list[Place | None] = []
    for one in plan.changes:
        table, i = tables.get(one.ref.table), known.place(one.ref)
        change = replace(one, new=as_read(table.tab, one.new)) if table else one
        why = undelivered.get(change.after, "") if change.after else ""
        why = why or _obstacle(change, table, i, known)
        if why or table is None or i is None:
            deeds.append(Deed(change, "skipped", why))
            places.append(None)
            continue
        column = table.columns[change.field]
        place = table.tab, table.numbers[i], column.index
        if not is_same(table.raws[change.field][i], change.new):
            key = table.columns.get("key")
            cells.append(CellWrite(*place, change.new, table.header_row, key.index if key else None))
        name = f"{table.tab}!{cell_name(*place[1:])}"
        deeds.append(Deed(replace(change, tab=table.tab, header=column.header, cell=name), "done"))
        places.append(place)
    rows, row_deeds = _resolve_appends(plan.appends, tables, undelivered, known, as_read)
    tab_deeds = [Deed(one, "done") for one in plan.tabs]
    loose: list[Place | None] = [None] * len(row_deeds)
    where = (*places, *loose, *((one.tab, *WHOLE_TAB) for one in plan.tabs))
    return Resolved(tuple(cells), tuple(rows), (*deeds, *row_deeds, *tab_deeds), where, grids)


class Rows:
    """Where the rows of a plan stand now, and which keys are in use."""

    def __init__(self, plan: Plan, tables: Mapping[str, Table], grids: Mapping[str, Grid]) -> None:
        self._tables = tables
        self._grids = grids
        self._at = {name: {ref: i for i, ref in enumerate(table.refs)} for name, table in tables.items()}
        self._keys: dict[str, frozenset[str]] = {}
        self._again = self._found_again(plan.changes)

    def place(self, ref: RowRef) -> int | None:
        """The row's place in its table; None where it is gone or, lacking a key, was edited."""
        return self._at.get(ref.table, {}).get(ref, self._again.get(ref))

    def has_key(self, table: Table, key: str) -> bool:
        """Whether any row of the table has that key, as typed."""
        if table.name not in self._keys:
            self._keys[table.name] = frozenset(show_raw(raw) for raw in table.raws.get("key", ()))
        return key in self._keys[table.name]

    def _found_again(self, changes: Sequence[CellChange]) -> dict[RowRef, int]:
        """Rows without a key that this very plan wrote before it was cut short.

        With the plan's old values put back in thought, such a row has the content by which it was planned.
        """
        lost: dict[RowRef, dict[str, CellChange]] = {}
        for change in changes:
            table = self._tables.get(change.ref.table)
            if (
                change.ref.content
                and table
                and change.ref not in self._at[table.name]
                and change.field in table.columns
            ):
                lost.setdefault(change.ref, {})[change.field] = change
        found = {ref: i for ref, some in lost.items() if (i := self._with_given_key(ref, some)) is not None}
        patterns: dict[tuple[object, ...], list[RowRef]] = {}
        for ref, some in lost.items():
            if "key" not in some:
                pattern = (ref.table, *((name, change.old, change.new) for name, change in sorted(some.items())))
                patterns.setdefault(pattern, []).append(ref)
        for refs in patterns.values():
            rows = self._written_alike(refs[0].table, lost[refs[0]])
            found |= {ref: rows[ref.content] for ref in refs if ref.content in rows}
        return found

    def _with_given_key(self, ref: RowRef, some: Mapping[str, CellChange]) -> int | None:
        key = show_raw(some["key"].new) if "key" in some else ""
        i = self._at[ref.table].get(RowRef(ref.table, key=key)) if key else None
        return i if i is not None and self._content_before(ref.table, i, some) == ref.digest else None

    def _written_alike(self, name: str, some: Mapping[str, CellChange]) -> dict[str, int]:
        """The rows that hold these changes or could still take them, by the content that they had before."""
        table, found = self._tables[name], dict[str, int]()
        columns = [(table.raws[field], change.old, change.new) for field, change in some.items()]
        candidates = [
            i
            for i, ref in enumerate(table.refs)
            if ref.content and all(is_same(raws[i], new) or is_same(raws[i], old) for raws, old, new in columns)
        ]
        befores = [self._content_before(name, i, some) for i in candidates]
        counts = Counter(befores)
        found.update({before: i for before, i in zip(befores, candidates, strict=True) if counts[before] == 1})
        return found

    def _content_before(self, name: str, i: int, some: Mapping[str, CellChange]) -> str:
        table = self._tables[name]
        olds = {table.columns[field].index: change.old for field, change in some.items()}
        return content_after(self._grids[table.tab], table.numbers[i], olds)


def _obstacle(change: CellChange, table: Table | None, i: int | None, known: Rows) -> str:
    """Why a change cannot be made now, empty where it can."""
    if table is None:
        return f"the tab {change.tab} is gone"
    if i is None:
        return "the row is gone" if change.ref.key else "the row was edited meanwhile"
    if change.field not in table.columns:
        return f"the column {change.header} is gone"
    if table.is_protected:
        return "the tab is protected"
    if change.field in table.formula_fields or (change.field, i) in table.locked:
        return "the cell holds a formula now"
    return _overtaken(change, table, i, known)


def _overtaken(change: CellChange, table: Table, i: int, known: Rows) -> str:
    """What a person did to the cell, or to the key, since the plan was made; empty where nothing."""
    current = table.raws[change.field][i]
    if is_same(current, change.new):
        return ""
    if not is_same(current, change.old):
        return "a person cleared it" if current is None else f'a person changed it to "{show_raw(current)}"'
    if change.field == "key" and change.new is not None and known.has_key(table, show_raw(change.new)):
        return "the key was taken meanwhile"
    return ""


def _resolve_appends(
    appends: Sequence[RowAppend],
    tables: Mapping[str, Table],
    undelivered: Mapping[str, str],
    known: Rows,
    as_read: AsRead,
) -> tuple[list[RowWrite], list[Deed]]:
    rows, deeds = [], []
    for append in appends:
        table = tables.get(append.table)
        why = undelivered.get(append.after, "") if append.after else ""
        if table is None or table.is_protected:
            why = why or "the tab is gone or protected"
        if why or table is None:
            deeds.append(Deed(append, "skipped", why))
            continue
        values = {name: as_read(table.tab, raw) for name, raw in append.values.items()}
        if not append.key or not known.has_key(table, append.key):
            columns = table.columns
            placed = {columns[name].index: raw for name, raw in values.items() if name in columns}
            rows.append(RowWrite(table.tab, placed, table.header_row))
        deeds.append(Deed(replace(append, tab=table.tab, values=values), "done"))
    return rows, deeds


def content_after(grid: Grid, row: int, written: Mapping[int, Raw]) -> str:
    """The digest of a row's typed cells once `written` (values by column) stands in it."""
    width = max([grid.left + len(grid.rows[row - grid.top]), *(column + 1 for column in written)])
    cells = [
        written[column] if column in written else grid.raw(row, column)
        for column in range(grid.left, width)
        if (row, column) not in grid.formulas
    ]
    return content_digest(cells)
