"""What all merges did to cells, as the journal tells it: the chain of changes of one cell, and rows found again."""

from __future__ import annotations

from collections.abc import Sequence

from sheetcrm.jobs.marks import Merge
from sheetcrm.plan import CellChange
from sheetcrm.table import Raw, Row, RowRef, is_same, show_raw

RULE = "merge "
"""How the rules of all merges begin in the journal, and of what takes them back."""


class MergedCells:
    """The cell changes of all merges so far and the keys that were given, the oldest first.

    Each comes with the digest by which its row is found afterwards, where the row has no key.
    """

    def __init__(self, deeds: Sequence[tuple[CellChange, str]]) -> None:
        self.changes = [one for one, _ in deeds if one.rule.startswith(RULE)]
        # A row without a key is another one after each write; one that got a key then is found by it.
        loose = [(one, content) for one, content in deeds if one.ref.content]
        self._later = {
            one.ref: RowRef(one.ref.table, content=content) for one, content in loose if one.rule.startswith(RULE)
        }
        self._later |= {one.ref: RowRef(one.ref.table, key=show_raw(one.new)) for one, _ in loose if _gives_key(one)}
        self._cells: dict[tuple[RowRef, str], list[CellChange]] = {}
        for one in self.changes:
            self._cells.setdefault((self.ref_now(one.ref), one.field), []).append(one)

    def ref_now(self, ref: RowRef) -> RowRef:
        """How a row is found after all that merges did to it."""
        seen = {ref}
        while (later := self._later.get(ref)) is not None and later not in seen:
            seen.add(later)
            ref = later
        return ref

    def chain(self, ref: RowRef, name: str) -> list[CellChange]:
        """The changes that merges made to a cell one upon the other, up to the latest; the oldest first."""
        chain: list[CellChange] = []
        for one in reversed(self._cells.get((ref, name), ())):
            if chain and not is_same(one.new, chain[-1].old):
                break
            chain.append(one)
        return chain[::-1]

    def emptied(self, row: Row, merge: Merge) -> dict[str, Raw]:
        """What a merge took from a row that went to the archive, by field."""
        some = ((name, self._cells.get((row.ref, name), ())) for name in row.table.columns if name != "duplicate_of")
        return {name: one.old for name, all_ in some for one in all_ if one.rule == merge.rule and one.new is None}


def _gives_key(one: CellChange) -> bool:
    return one.field == "key" and one.new is not None
