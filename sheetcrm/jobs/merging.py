"""One row made of several that are the same: which value each field keeps, and why. The notes tell the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sheetcrm.rules.conditions import field_of
from sheetcrm.rules.settings import UNCHOSEN
from sheetcrm.schema.fields import normal
from sheetcrm.schema.kinds import as_day
from sheetcrm.table import Invalid, Raw, Row, Snapshot, is_same, show_raw

RULES: Mapping[str, str] = {
    "status": "furthest", "tags": "union", "created": "oldest", "since": "oldest", "last_contact": "newest",
    "do_not_contact": "any",
}  # fmt: skip
"""The rule of each field; the others keep the first that is filled, the row that stays before the others.

All notes are kept, each with its origin.
"""

BLOCKS = (("street", "postcode", "city", "country"), ("next_due", "next_step"))
"""Fields that belong together: they come from one row."""

_SECOND = {
    "email": ("second e mail", "e mail 2", "other e mail", "zweite e mail", "second email", "email 2", "other email"),
    "phone": ("second phone", "phone 2", "other phone", "mobile 2", "zweites telefon", "telefon 2", "weitere nummer"),
}
"""Headers of columns that take another address or number of the same person."""

ORIGIN = "— from {key}, merged {day}"


@dataclass(frozen=True, slots=True)
class Kept:
    """The value that a field is to have, and where it comes from."""

    value: Raw
    why: str


@dataclass(frozen=True)
class Merged:
    """What the row that stays is to hold, as far as it changes, by field."""

    fields: Mapping[str, Kept]
    segments: Mapping[str, str]
    """What each of the others adds to the notes, by key."""


def activity_of(snapshot: Snapshot) -> Mapping[str, int]:
    """How many activities each lead and account has, by key."""
    table = snapshot.table("Activities")
    names = ("lead", "account") if table is not None else ()
    values = table.values if table is not None else {}
    return Counter(key for name in names for key in values.get(name, ()) if isinstance(key, str))


def rank(snapshot: Snapshot, row: Row, activity: Mapping[str, int]) -> tuple[bool, int, int, bool, date, int]:
    """How a row ranks among those that are the same; the smallest stays.

    A customer's goes before others, then the one furthest in the pipeline, most active, owned, oldest, upper.
    """
    # A lead without a status is in play: above the lost ones, below every open stage.
    stages = (*snapshot.lost_stages, "", *snapshot.open_stages, *snapshot.won_stages)
    status = row.text("status")
    stage = stages.index(status) if status in stages else -1
    is_customer = bool(row.text("account")) or status in snapshot.won_stages
    created = row["created"] if row.table.name == "Leads" else row["since"]
    born = created if isinstance(created, date) else date.max
    return not is_customer, -stage, -activity.get(row.key, 0), not row.text("owner"), born, row.i


def merged(snapshot: Snapshot, master: Row, others: Sequence[Row], rules: Mapping[str, str]) -> Merged:
    """What the master is to hold once the others are merged into it.

    `rules`, by field or header, go before those of RULES.
    """
    rows = [master, *others]
    kept: dict[str, Kept] = {}
    table = master.table
    rules = {field_of(table, name): rule for name, rule in rules.items()}
    blocks = {name: block for block in BLOCKS for name in block if name not in rules}
    for name in table.columns:
        if name in UNCHOSEN or not table.is_writable(master.i, name):
            continue
        rule = rules.get(name, RULES.get(name, ""))
        if name in blocks and not rule:
            found = _of_block(rows, name, blocks[name])
        else:
            found = _CHOICES[rule](snapshot, rows, name)
        if found is not None and not is_same(found.value, _raw(master, name)):
            kept[name] = found
    lines: dict[str, list[str]] = {_who(row): [] for row in others}
    for name in ("email", "phone"):
        kept |= _second(master, others, name, kept, lines)
    segments = {_who(row): text for row in others if (text := _segment(snapshot, row, lines[_who(row)]))}
    notes = _notes(master, segments)
    return Merged(kept | ({"notes": notes} if notes is not None else {}), segments)


def _raw(row: Row, name: str) -> Raw:
    """The cell as typed; what cannot be read counts as blank: a merge must not spread it."""
    is_unreadable = isinstance(row.table.values[name][row.i], Invalid)
    return None if is_unreadable else row.table.typed(name)[row.i]


def _first(_snapshot: Snapshot, rows: Sequence[Row], name: str) -> Kept | None:
    for row in rows:
        if _raw(row, name) is not None:
            return Kept(_raw(row, name), f"from {_who(row)}, where it is filled")
    return None


def _furthest(snapshot: Snapshot, rows: Sequence[Row], name: str) -> Kept | None:
    stages = (*snapshot.lost_stages, *snapshot.open_stages, *snapshot.won_stages)
    known = [row for row in rows if row.text(name) in stages]
    if not known:
        return _first(snapshot, rows, name)
    best = max(known, key=lambda row: stages.index(row.text(name)))
    return Kept(_raw(best, name), f"from {_who(best)}, the furthest stage")


def _by_day(choose: Callable[..., Row], words: str) -> Callable[[Snapshot, Sequence[Row], str], Kept | None]:
    def kept(snapshot: Snapshot, rows: Sequence[Row], name: str) -> Kept | None:
        dated = [row for row in rows if as_day(row[name])]
        if not dated:
            return _first(snapshot, rows, name)
        best = choose(dated, key=lambda row: as_day(row[name]))
        return Kept(_raw(best, name), f"from {_who(best)}, the {words}")

    return kept


def _longest(_snapshot: Snapshot, rows: Sequence[Row], name: str) -> Kept | None:
    best = max(rows, key=lambda row: len(show_raw(_raw(row, name))))
    return Kept(_raw(best, name), f"from {_who(best)}, the longest") if _raw(best, name) is not None else None


def _union(_snapshot: Snapshot, rows: Sequence[Row], name: str) -> Kept | None:
    words = [word.strip() for row in rows for word in show_raw(_raw(row, name)).split(",")]
    found = dict.fromkeys(word for word in words if word)
    return Kept(", ".join(found), "all of them together") if found else None


def _any(_snapshot: Snapshot, rows: Sequence[Row], name: str) -> Kept | None:
    """Yes where any row says yes, however it says it: who once said not to be contacted is not."""
    best = next((row for row in rows if row[name] is True), None)
    return Kept(_raw(best, name), f"from {_who(best)}, since it says yes") if best is not None else None


def _master(_snapshot: Snapshot, _rows: Sequence[Row], _name: str) -> Kept | None:
    return None


_CHOICES: Mapping[str, Callable[[Snapshot, Sequence[Row], str], Kept | None]] = {
    "": _first, "first": _first, "master": _master, "furthest": _furthest, "oldest": _by_day(min, "oldest"),
    "newest": _by_day(max, "newest"), "longest": _longest, "union": _union, "any": _any,
}  # fmt: skip


def _of_block(rows: Sequence[Row], name: str, block: Sequence[str]) -> Kept | None:
    """The field from the first row in which any field of the block is filled."""
    there = [one for one in block if one in rows[0].table.columns]
    best = next((row for row in rows if any(_raw(row, one) is not None for one in there)), None)
    if best is None or best is rows[0]:
        return None
    return Kept(_raw(best, name), f"from {_who(best)}, with what belongs to it")


def _second(
    master: Row, others: Sequence[Row], name: str, kept: Mapping[str, Kept], lines: Mapping[str, list[str]]
) -> dict[str, Kept]:
    """Another address or number goes into a column for it, else into a line of the notes."""
    table = master.table
    if name not in table.columns:
        return {}
    known = {normal(show_raw(kept[name].value if name in kept else _raw(master, name)))}
    column = next((one.field for one in table.columns.values() if normal(one.header) in _SECOND[name]), None)
    found: dict[str, Kept] = {}
    for row in others:
        value = _raw(row, name)
        if value is None or normal(show_raw(value)) in known:
            continue
        known.add(normal(show_raw(value)))
        is_free = column is not None and table.is_writable(master.i, column) and _raw(master, column) is None
        if column is not None and is_free and column not in {*found, *kept}:
            found[column] = Kept(value, f"from {_who(row)}, as a second one")
        else:
            lines[_who(row)].append(f"{table.columns[name].header}: {show_raw(value)}")
    return found


def _segment(snapshot: Snapshot, row: Row, lines: Sequence[str]) -> str:
    """What a row adds to the notes: its own notes, and what found no column; empty where there is nothing."""
    text = show_raw(_raw(row, "notes")).strip() if "notes" in row.table.columns else ""
    body = "\n".join([*([text] if text else []), *lines])
    return f"{body}\n{ORIGIN.format(key=_who(row), day=snapshot.today)}" if body else ""


def _notes(master: Row, segments: Mapping[str, str]) -> Kept | None:
    """The notes of all rows, each with its origin."""
    if not segments or not master.table.is_writable(master.i, "notes"):
        return None
    own = show_raw(_raw(master, "notes"))
    parts = [own] if own.strip() else []
    return Kept("\n".join([*parts, *segments.values()]), "all notes, each with where it comes from")


def without_segment(notes: str, segment: str) -> str | None:
    """The notes without what a row added to them; None where that stands there no more."""
    for part in (f"\n{segment}", f"{segment}\n", segment):
        if part in notes:
            return notes.replace(part, "", 1)
    return None


def _who(row: Row) -> str:
    return row.key or row.label
