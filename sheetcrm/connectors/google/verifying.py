"""Whether what was written went where it belongs, told by what stood in the sheet at the very moment of the write.

Nothing in the Sheets API writes a cell only if it still holds what was read. So each batch first copies the tab into a
hidden one, and its answer shows that copy: where people had moved or typed something in the meantime, their cells get
back what they held, and the values go to the rows that they were meant for, or are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sheetcrm.connectors.google.state import Formula, Place, Tab, Typed
from sheetcrm.connectors.google.targets import Target, digest_of, headers_of, kind_of_value, number_format_for, text_of
from sheetcrm.connectors.google.writing import overlaid
from sheetcrm.connectors.protocol import CellWrite
from sheetcrm.table import is_same

SEARCHED_FOR_HEADERS = 60
"""Rows in which a header row is looked for that has moved."""


@dataclass(frozen=True)
class Verdict:
    """What is still to be put right, and the writes that a person has overtaken, with the reason."""

    fixes: tuple[Target, ...]
    refused: tuple[tuple[CellWrite, str], ...]


def same(one: Typed, other: Typed) -> bool:
    """Whether two cells hold the same."""
    if isinstance(one, Formula) or isinstance(other, Formula):
        return one == other
    return is_same(one if one != "" else None, other if other != "" else None)


def different(one: Tab, other: Tab) -> list[Place]:
    """The places at which two states of a tab differ."""
    rows = range(max(one.end, other.end))
    widths = (max(len(one.row(i)), len(other.row(i))) for i in rows)
    return [
        (i, j)
        for i, width in zip(rows, widths, strict=True)
        for j in range(width)
        if not same(one.at(i, j), other.at(i, j))
    ]


def is_hit(target: Target, before: Tab) -> bool:
    """Whether a place was, when it was written, the one that was meant, and held what it was to hold."""
    return (
        _is_column(target, before, target.column)
        and _is_row(target, before)
        and same(before.at(*target.place), target.old)
    )


def _is_column(target: Target, before: Tab, column: int) -> bool:
    if target.header_row is None:
        return True
    return text_of(before.at(target.header_row, column)).strip() == target.header(column)


def _is_row(target: Target, before: Tab) -> bool:
    if target.key_column is not None:
        is_key = text_of(before.at(target.row, target.key_column)) == target.key
        return is_key and _is_column(target, before, target.key_column)
    return digest_of(before.row(target.row)) == target.content


def verify(targets: Sequence[Target], before: Mapping[int, Tab]) -> Verdict:
    """What became of targets, given each tab as it stood right before they were written."""
    fixes: list[Target] = []
    refused: list[tuple[CellWrite, str]] = []
    for tab, image in before.items():
        ours = [one for one in targets if one.tab == tab]
        if all(is_hit(one, image) for one in ours):
            continue
        found = _TabVerdict(image, ours)
        fixes += found.fixes()
        refused += found.refused
    return Verdict(tuple(fixes), tuple(refused))


class _TabVerdict:
    """One tab in which something was written amiss."""

    def __init__(self, before: Tab, targets: Sequence[Target]) -> None:
        self._before = before
        self._targets = targets
        self._after = overlaid(before, targets)
        self.refused: list[tuple[CellWrite, str]] = []
        self._wanted: dict[Place, Target] = {}
        self._taken: set[int] = set()

    def fixes(self) -> list[Target]:
        """The targets that put everything right."""
        hits = {one.place for one in self._targets if is_hit(one, self._before)}
        misses = [one for one in self._targets if one.place not in hits]
        self._taken = {one.row for one in self._targets if one.place in hits and one.key_column is None}
        for one in misses:
            self._wanted[one.place] = self._giving_back(one)
        for one in misses:
            self._send_on(one)
        return [one for place, one in self._wanted.items() if not self._stands(place, one)]

    def _stands(self, place: Place, wanted: Target) -> bool:
        return same(self._after.at(*place), wanted.value) and wanted.number_format is None

    def _giving_back(self, miss: Target) -> Target:
        """The target by which a cell gets back what it held."""
        formats = self._before.patterns or {}
        old_format = None if miss.number_format is None else formats.get(miss.place, {})
        given_back = self._at(miss.place, miss)
        texts = tuple(text_of(one) for one in self._after.row(miss.row))
        value = self._before.at(*miss.place)
        return replace(given_back, value=value, number_format=old_format, origin=None, texts=texts)

    def _at(self, place: Place, like: Target) -> Target:
        """A target for a place of the tab as it is after the write, known by what stands there now."""
        header_row = header_row_now(self._before, like)
        key_column = column_now(self._before, like, like.key_column)
        key = "" if key_column is None else text_of(self._after.at(place[0], key_column))
        is_known = bool(key) and key_column != place[1] and self._count(key_column, key) == 1
        return replace(
            like,
            row=place[0],
            column=place[1],
            old=self._after.at(*place),
            header_row=header_row,
            headers=headers_of(self._after, header_row),
            key_column=key_column if is_known else None,
            key=key if is_known else "",
            content="" if is_known else digest_of(self._after.row(place[0])),
        )

    def _count(self, column: int | None, key: str) -> int:
        return 0 if column is None else len(rows_with(self._after, column, key))

    def _send_on(self, miss: Target) -> None:
        """Puts a value where it was meant to go, or leaves it out with the reason."""
        place, why = self._place_now(miss)
        if place is not None:
            now = self._before.at(*place)
            if same(now, miss.value):
                return
            if same(now, miss.old) and not self._is_barred(place):
                number_format = number_format_for(miss.value, self._before.formats.get(place, ""))
                at = self._at(place, miss)
                self._wanted[place] = replace(at, value=miss.value, number_format=number_format)
                return
            shown = text_of(now)
            why = "a person cleared it" if now is None else f'a person changed it to "{shown}"'
        if miss.origin is not None:
            self.refused.append((miss.origin, f"{why}, in the same moment"))

    def _is_barred(self, place: Place) -> bool:
        before = self._before
        return place in before.locked or place in before.covered or before.is_protected(*place)

    def _place_now(self, target: Target) -> tuple[Place | None, str]:
        column = column_now(self._before, target, target.column)
        if column is None:
            return None, "its column is gone"
        rows = self._rows_now(target)
        if not rows:
            return None, "its row was changed or is gone"
        if target.key_column is not None and len(rows) > 1:
            return None, "its key is not unique any more"
        # Rows alike to the last cell stand for each other, but each for one only.
        row = next((one for one in rows if one not in self._taken), rows[0])
        if target.key_column is None:
            self._taken.add(row)
        if not target.header(target.column) and target.header_row is not None:
            column = self._nameless_column(target, row, column)
        return (row, column), ""

    def _nameless_column(self, target: Target, row: int, guess: int) -> int:
        """Where a cell without a header above it stands in a row: the nearest such cell that holds what it held."""
        headers = headers_of(self._before, header_row_now(self._before, target))
        width = max(len(self._before.row(row)), guess + 1)
        nameless = [j for j in range(width) if j >= len(headers) or not headers[j]]
        alike = [j for j in nameless if same(self._before.at(row, j), target.old)]
        return min(alike, key=lambda j: abs(j - guess), default=guess)

    def _rows_now(self, target: Target) -> list[int]:
        rows = range(len(self._before.typed))
        column = column_now(self._before, target, target.key_column)
        if target.key_column is None:
            found = rows_with(self._before, None, target.content)
        else:
            found = [] if column is None else rows_with(self._before, column, target.key)
        is_clear = len(found) == 1 or (found and target.key_column is None)
        return found if is_clear or not target.texts else self._most_alike(target, found or rows)

    def _most_alike(self, target: Target, rows: Sequence[int]) -> list[int]:
        """The row that is most like the one a cell is to be given back in, if one is clearly so."""
        wanted = Counter(one for one in target.texts if one)
        likeness = {i: (Counter(map(text_of, self._before.row(i))) & wanted).total() for i in rows}
        first, second = sorted([*likeness, -1, -2], key=lambda i: -likeness.get(i, 0))[:2]
        is_clear = likeness.get(first, 0) > likeness.get(second, 0) and likeness.get(first, 0) * 2 >= wanted.total()
        return [first] if is_clear else []


def rows_with(tab: Tab, column: int | None, sought: str) -> list[int]:
    """The rows of a tab that have a text in a column; without a column those whose whole content has that digest."""
    known = tab.rows_by
    if column not in known:
        known[column] = {}
        for i in range(len(tab.typed)):
            text = digest_of(tab.row(i)) if column is None else text_of(tab.at(i, column))
            known[column].setdefault(text, []).append(i)
    return known[column].get(sought, [])


def header_row_now(before: Tab, target: Target) -> int | None:
    """Where the header row of a target stands in a tab."""
    if target.header_row is None:
        return None
    known = before.header_rows
    sought = target.header_row, target.headers
    if sought in known:
        return known[sought]
    wanted = Counter(one for one in target.headers if one)
    rows: list[int] = [target.header_row, *range(min(SEARCHED_FOR_HEADERS, len(before.typed)))]
    found = {row: Counter(one for one in headers_of(before, row) if one) for row in rows}

    def likeness(row: int) -> int:
        return (found[row] & wanted).total()

    known[sought] = max(rows, key=likeness)
    return known[sought]


def column_now(before: Tab, target: Target, column: int | None) -> int | None:
    """Where a column of a target stands in a tab: under its header; None where it is gone."""
    header_row = header_row_now(before, target)
    if column is None or header_row is None:
        return column
    header = target.header(column)
    if not header:
        return _beside(before, target, column)
    places = [i for i, one in enumerate(headers_of(before, header_row)) if one == header]
    if column in places:
        return column
    nth = [i for i, one in enumerate(target.headers) if one == header].index(column)
    return places[nth] if nth < len(places) else None


def _beside(before: Tab, target: Target, column: int) -> int:
    """Where a column without a header stands: as far from the nearest one with a header as it was."""
    named = [i for i, one in enumerate(target.headers) if one]
    for nearest in sorted(named, key=lambda i: (i > column, abs(i - column))):
        place = column_now(before, target, nearest)
        if place is not None:
            return max(0, place + column - nearest)
    return column


@dataclass(frozen=True)
class Appended:
    """An appended row: its tab, the headers by which it was planned, where they stood, and its values by column."""

    tab: int
    headers: tuple[str, ...]
    header_row: int | None
    values: Mapping[int, Typed]


def appended_fixes(before: Mapping[int, Tab], rows: Iterable[Appended]) -> list[Target]:
    """What puts appended rows right whose columns were moved in the same moment; empty where none was.

    `before` has each tab as it stood right before; the rows of a tab come in the order in which they were appended.
    """
    fixes: list[Target] = []
    count = Counter[int]()
    for one in rows:
        fixes += _moved_back(before[one.tab], before[one.tab].end + count[one.tab], one)
        count[one.tab] += 1
    return fixes


def _moved_back(before: Tab, row: int, one: Appended) -> Iterable[Target]:
    if headers_of(before, one.header_row) == one.headers:
        return
    probe = Target(before.id, row, 0, None, header_row=one.header_row, headers=one.headers)
    places = {j: column_now(before, probe, j) for j in one.values}
    wanted: dict[int, Typed] = dict.fromkeys(one.values)
    wanted |= {place: one.values[j] for j, place in places.items() if place is not None}
    content = digest_of(one.values.values())
    for j, value in sorted(wanted.items()):
        if not same(value, one.values.get(j)):
            # What the append has just put there counts: its dates bring their format along.
            there = kind_of_value(one.values.get(j)) or before.formats.get((row, j), "")
            number_format = number_format_for(value, there)
            yield Target(before.id, row, j, value, one.values.get(j), number_format, content=content)
