"""Marks in `Duplicate Of` and what the memory tells of them: who set them, why, and whether the rows are merged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from sheetcrm.table import Row, Snapshot, Table


@dataclass(frozen=True, slots=True)
class Merge:
    """What the memory keeps of a merged row: the key it went into, the day, what it added to the notes, and the rule.

    `rule` is the text of the rule that all its changes bear in the journal.
    """

    into: str
    day: str
    rule: str
    notes: str = ""

    def text(self) -> str:
        """The merge as the memory keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)


NOT_MERGED = "{}"
"""What the memory keeps of a row whose merge was taken back: it is not merged again."""


def mark_memory(row: Row) -> str:
    """Under which name the memory keeps the mark that a job set in a row."""
    prefix = "dedupe" if row.table.name == "Leads" else f"dedupe/{row.table.name}"
    return f"{prefix}/{row.key or row.ref.content}"


def why_memory(row: Row) -> str:
    """Under which name the memory keeps how likely a mark was, and why."""
    return f"dedupe-why/{row.table.name}/{row.key or row.ref.content}"


def merge_memory(table: str, key: str) -> str:
    """Under which name the memory keeps the merge of a row."""
    return f"merge/{table}/{key}"


def merge_of(memory: Mapping[str, str], table: str, key: str) -> Merge | None:
    """The merge of a row; None where it is not merged."""
    text = memory.get(merge_memory(table, key), "")
    return Merge(**json.loads(text)) if text and text != NOT_MERGED else None


def merged_into(memory: Mapping[str, str], table: str, key: str) -> list[str]:
    """The keys of the rows that were merged into that one, and still are."""
    start = merge_memory(table, "")
    names = (name.removeprefix(start) for name in memory if name.startswith(start))
    return [one for one in names if (found := merge_of(memory, table, one)) is not None and found.into == key]


def is_own_mark(snapshot: Snapshot, row: Row) -> bool:
    """Whether the mark that stands in the row is the one that a job set."""
    mark = row.text("duplicate_of")
    return bool(mark) and snapshot.memory.get(mark_memory(row)) == mark


def waiting(snapshot: Snapshot, table: Table) -> Iterator[tuple[Row, Row]]:
    """The marked rows that nobody has merged, each with the row that it is marked as a duplicate of."""
    by_key = {row.key: row for row in table if row.key}
    for row in table:
        master = by_key.get(row.text("duplicate_of"))
        is_new = row.key and not snapshot.memory.get(merge_memory(table.name, row.key))
        if is_new and master is not None and master.i != row.i:
            yield row, master
