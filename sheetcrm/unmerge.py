"""unmerge: the Plan that takes one row out of a merge, months later; apply carries it out like any other.

What the merge wrote is known from the Journal. A cell that still holds what merges wrote is computed anew without the
row; one that somebody changed since stays with that person, and the plan tells so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sheetcrm.errors import NotFound, PlanRefused
from sheetcrm.jobs.archive import without_archived
from sheetcrm.jobs.changes import change
from sheetcrm.jobs.decisions import DIFFERENT, SAME, decided, decisions_of
from sheetcrm.jobs.marks import NOT_MERGED, Merge, merge_memory, merge_of, merged_into, why_memory
from sheetcrm.jobs.merged_cells import MergedCells
from sheetcrm.jobs.merging import activity_of, merged, rank, without_segment
from sheetcrm.plan import CellChange, Plan, Skip
from sheetcrm.schema.overlay import overlay
from sheetcrm.table import Raw, Row, RowRef, Snapshot, is_same, show_raw

JOB = "unmerge"


def unmerge_plan(
    snapshot: Snapshot, deeds: Sequence[tuple[CellChange, str]], key: str, fields: Mapping[str, str], table: str = ""
) -> Plan:
    """The plan that makes a merged row one of its own again, with its activities.

    `deeds` are the cell changes of all merges so far and the keys that were given, the oldest first; `fields` the rules
    by which fields merge. What a person changed since stays and is told as a skip. Raises NotFound where no such row
    was merged, PlanRefused where another merge stands in the way.
    """
    row, merge = _merged_row(snapshot, key, table)
    return _Unmerge(snapshot, MergedCells(deeds), fields, row, merge).plan()


def _merged_row(snapshot: Snapshot, key: str, wanted: str) -> tuple[Row, Merge]:
    found: list[tuple[Row, Merge]] = []
    for name in ("Leads", "Accounts"):
        table, merge = snapshot.table(name), merge_of(snapshot.memory, name, key)
        row = next((one for one in table if one.key == key), None) if table is not None else None
        if (
            merge is not None
            and row is not None
            and wanted.casefold() in {"", name.casefold(), row.table.tab.casefold()}
        ):
            found.append((row, merge))
    if not found:
        raise NotFound(f"No row {key} is merged into another.", "`sheetcrm show` tells what a run merged.")
    if len(found) > 1:
        raise PlanRefused(f"{key} is a row of two tabs.", "Say which: -t TAB.")
    return found[0]


@dataclass
class _Unmerge:
    """The work on one row, from the row that it went into upwards."""

    snapshot: Snapshot
    merges: MergedCells
    fields: Mapping[str, str]
    row: Row
    merge: Merge
    changes: list[CellChange] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    remember: dict[str, str] = field(default_factory=dict)

    def plan(self) -> Plan:
        """All that is to be put back."""
        table = self.row.table
        self._put_back_own()
        self._recompute_upwards(overlay(self.snapshot, Plan(changes=tuple(self.changes))))
        self._references()
        self.remember |= {merge_memory(table.name, self.row.key): NOT_MERGED, **self._decided()}
        before = {name: self.snapshot.memory.get(name, "") for name in self.remember}
        changes, skips = tuple(self.changes), tuple(self.skips)
        whole = Plan(changes=changes, skipped=skips, remember=self.remember, restore=before)
        return whole.joined(without_archived(self.snapshot, self.row, JOB))

    def _put_back_own(self) -> None:
        """The row's mark goes; what went to the archive comes back."""
        for name, old in self.merges.emptied(self.row, self.merge).items():
            now = _typed(self.row, name)
            if now is None:
                self._change(self.row, name, old, "it is a row of its own again")
            elif not is_same(now, old):
                self._conflict(self.row, name)
        mark, name = self.row.text("duplicate_of"), self.row.table.name
        if mark == self.merge.into or merge_of(self.snapshot.memory, name, mark) is not None:
            self._change(self.row, "duplicate_of", None, f"no longer merged into {self.merge.into}")
        elif mark:
            self._conflict(self.row, "duplicate_of")

    def _recompute_upwards(self, seen: Snapshot) -> None:
        """The row that stayed without this one, then the row into which that one was merged since, and so on."""
        name, merge = self.row.table.name, self.merge
        while True:
            master = next((one for one in seen.tables[name] if one.key == merge.into), None)
            if master is None:
                self.skips.append(Skip(f"the values of {merge.into}", "the row is gone"))
                return
            upper = merge_of(self.snapshot.memory, name, master.key)
            if upper is not None and self.merges.emptied(master, upper):
                what = f"{master.key} itself was merged into {upper.into}, and moved to the archive."
                raise PlanRefused(what, f"Take that back first: sheetcrm unmerge BOOK {master.key}")
            start = len(self.changes)
            self._recompute(seen, master, merge)
            self._notes(master, merge)
            if upper is None:
                return
            self._forget_notes(master, upper)
            seen = overlay(seen, Plan(changes=tuple(self.changes[start:])))
            merge = upper

    def _recompute(self, seen: Snapshot, master: Row, merge: Merge) -> None:
        """Each cell of the row that stays that merges wrote, as it would be by the merges that are left.

        Those that other merges wrote as well: of two rows with the same value, the second one left nothing to see.
        """
        chains = {name: self.merges.chain(master.ref, name) for name in master.table.columns if name != "notes"}
        bases = {name: chain[0].old for name, chain in chains.items() if chain}
        without = _with_cells(seen, master, bases)
        others = self._remaining(without, master)
        again = without.tables[master.table.name].row(master.i)
        wanted = merged(without, again, others, self.fields).fields if bases else {}
        for name, base in bases.items():
            value, now, chain = wanted[name].value if name in wanted else base, _typed(master, name), chains[name]
            if is_same(now, value):
                continue
            if is_same(now, chain[-1].new):
                of_others = f", {wanted[name].why}" if name in wanted else ""
                self._change(master, name, value, f"without {self.row.key}{of_others}")
            elif any(one.rule == merge.rule for one in chain):
                self._conflict(master, name)

    def _remaining(self, seen: Snapshot, master: Row) -> list[Row]:
        """The rows that stay merged into that one, as they were when they were merged, ranked."""
        memory, name = self.snapshot.memory, master.table.name
        keys = {*merged_into(memory, name, master.key)} - {self.row.key}
        for row in [row for row in seen.tables[name] if row.key in keys]:
            merge = merge_of(memory, name, row.key)
            emptied = self.merges.emptied(row, merge) if merge is not None else {}
            seen = _with_cells(seen, row, {one: old for one, old in emptied.items() if _typed(row, one) is None})
        activity = activity_of(self.snapshot)
        return sorted((row for row in seen.tables[name] if row.key in keys), key=lambda row: rank(seen, row, activity))

    def _notes(self, master: Row, merge: Merge) -> None:
        """The notes without what the row added; they stay where that stands there no more as it was written."""
        if not self.merge.notes or "notes" not in master.table.columns:
            return
        now, chain = _typed(master, "notes"), self.merges.chain(master.ref, "notes")
        left = merged_into(self.snapshot.memory, master.table.name, master.key)
        if merge is self.merge and left == [self.row.key] and chain and is_same(now, chain[-1].new):
            text: Raw = chain[0].old
        elif (rest := without_segment(show_raw(now), self.merge.notes)) is not None:
            text = rest or None
        else:
            if chain:
                self._conflict(master, "notes")
            return
        self._change(master, "notes", text, f"without the notes of {self.row.key}")

    def _forget_notes(self, master: Row, upper: Merge) -> None:
        """What the row that stayed added to the notes of the next one no longer holds this row's."""
        rest = without_segment(upper.notes, self.merge.notes) if self.merge.notes else None
        if rest is not None:
            self.remember[merge_memory(master.table.name, master.key)] = replace(upper, notes=rest).text()

    def _references(self) -> None:
        """Activities and leads that the merge gave to the row that stayed belong to the row again."""
        done: set[tuple[RowRef, str]] = set()
        for was in self.merges.changes:
            is_own = was.rule == self.merge.rule and show_raw(was.old) == self.row.key
            if not is_own or was.ref.table == self.row.table.name:
                continue
            ref = self.merges.ref_now(was.ref)
            if (ref, was.field) not in done:
                done.add((ref, was.field))
                self._reference(was, ref)

    def _reference(self, was: CellChange, ref: RowRef) -> None:
        table = self.snapshot.table(ref.table)
        if table is None or ref not in table.refs or was.field not in table.columns:
            self.skips.append(Skip(f"{was.header} of {was.who or ref.key}", "the row is gone or was edited since"))
            return
        row = table.row(table.refs.index(ref))
        now, chain = _typed(row, was.field), self.merges.chain(ref, was.field)
        if self.row.key not in _way(chain)[:-1]:
            return
        if is_same(now, chain[-1].new):
            self._change(row, was.field, was.old, f"belongs to {self.row.key} again")
        elif not is_same(now, was.old):
            self._conflict(row, was.field)

    def _decided(self) -> dict[str, str]:
        """The rows are different from now on, and nobody asks about them again."""
        decisions, day = decisions_of(self.snapshot), self.snapshot.today.isoformat()
        score = float(json.loads(self.snapshot.memory.get(why_memory(self.row), "[0]"))[0])
        found: dict[str, str] = {}
        for other in self.row.table:
            if other.key == self.merge.into:
                found |= decided(DIFFERENT, self.row, other, score, day)
            elif decisions.of(self.row, other) == SAME:
                found |= decided(DIFFERENT, self.row, other, 0, day)
        return found

    def _change(self, row: Row, name: str, value: Raw, why: str) -> None:
        rule = f"{self.merge.rule}, {self.row.key} taken back"
        if is_same(_typed(row, name), value):
            return
        if row.table.is_writable(row.i, name):
            self.changes.append(change(row.table, row.i, name, value, why=why, job=JOB, rule=rule))
        else:
            self.skips.append(Skip(self._what(row, name), "the cell cannot be written"))

    def _conflict(self, row: Row, name: str) -> None:
        cell, now = f"{row.table.tab}!{row.table.cell(row.i, name)}", show_raw(_typed(row, name))
        self.skips.append(
            Skip(self._what(row, name), f'a person changed it since the merge to "{now}"; it stays', cell)
        )

    @staticmethod
    def _what(row: Row, name: str) -> str:
        return f"{row.table.columns[name].header} of {row.key or row.label}"


def _way(chain: Sequence[CellChange]) -> list[str]:
    """Through which rows a reference went to where it is, those left out that it came back from."""
    way = [show_raw(chain[0].old)]
    for one in chain:
        now = show_raw(one.new)
        way = way[: way.index(now) + 1] if now in way else [*way, now]
    return way


def _typed(row: Row, name: str) -> Raw:
    return row.table.typed(name)[row.i]


def _with_cells(seen: Snapshot, row: Row, cells: Mapping[str, Raw]) -> Snapshot:
    """The snapshot with other values in some cells of a row."""
    changes = (change(row.table, row.i, name, value, why="", job=JOB) for name, value in cells.items())
    return overlay(seen, Plan(changes=tuple(changes)))
