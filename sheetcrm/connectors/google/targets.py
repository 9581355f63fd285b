"""A value for a cell, and what should stand there now, by which a place is told that has moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Any

from sheetcrm.connectors.google.reading import DATE, DURATION, MOMENT, TIME
from sheetcrm.connectors.google.state import Formula, Json, Place, Tab, Typed
from sheetcrm.connectors.protocol import CellWrite
from sheetcrm.table import CellError, Raw, content_digest, show_raw

LONGEST_TEXT = 50_000

NUMBER_FORMATS: Mapping[str, Json] = {
    DATE: {"type": "DATE"},
    MOMENT: {"type": "DATE_TIME"},
    TIME: {"type": "TIME"},
    DURATION: {"type": "TIME", "pattern": "[h]:mm:ss"},
}
FITTING = {DATE: {DATE, MOMENT}, MOMENT: {MOMENT, DATE}, TIME: {TIME}, DURATION: {DURATION}}
"""The formats under which a kind of moment reads back as such."""


@dataclass(frozen=True)
class Target:
    """A value for a cell, and how to tell that the place is still the one that was meant."""

    tab: int
    row: int
    column: int
    value: Typed
    old: Typed = None
    number_format: Mapping[str, Any] | None = None
    """The number format to go with it; empty for none, None to leave the cell's as it is."""
    header_row: int | None = None
    headers: tuple[str, ...] = ()
    """The texts of the header row."""
    key_column: int | None = None
    key: str = ""
    content: str = ""
    """The digest of the row, where no key tells it."""
    texts: tuple[str, ...] = ()
    """What stood in the row, where a cell is to get back what it held: it is looked for by likeness if need be."""
    origin: CellWrite | None = None
    """The write that this is for; None where a cell gets back what it held."""

    @property
    def place(self) -> Place:
        """Row and column."""
        return self.row, self.column

    def header(self, column: int) -> str:
        """The header above a column."""
        return self.headers[column] if column < len(self.headers) else ""


def text_of(typed: Typed) -> str:
    """What was typed, as text."""
    return typed.text if isinstance(typed, Formula) else show_raw(typed)


def digest_of(row: Iterable[Typed]) -> str:
    """A digest of a row, the same wherever its columns stand."""
    return content_digest([one.text if isinstance(one, Formula) else one for one in row])


def headers_of(tab: Tab, header_row: int | None) -> tuple[str, ...]:
    """The texts of a row."""
    return () if header_row is None else tuple(text_of(one).strip() for one in tab.row(header_row))


def target_for(tab: Tab, one: CellWrite, keys: Mapping[int, Mapping[str, int]]) -> Target:
    """The Target of a write in the tab as it was read; `keys` counts the keys of each key column."""
    key = "" if one.key_column is None else text_of(tab.at(one.row, one.key_column))
    is_unique = one.key_column is not None and bool(key) and keys[one.key_column].get(key) == 1
    is_own = one.key_column == one.column
    return Target(
        tab.id,
        one.row,
        one.column,
        one.value,
        tab.at(one.row, one.column),
        number_format_for(one.value, tab.formats.get((one.row, one.column), "")),
        one.header_row,
        headers_of(tab, one.header_row),
        one.key_column if is_unique and not is_own else None,
        key if is_unique and not is_own else "",
        "" if is_unique and not is_own else digest_of(tab.row(one.row)),
        origin=one,
    )


def count_keys(tab: Tab, column: int) -> dict[str, int]:
    """How often each text stands in a column."""
    counts: dict[str, int] = {}
    for i in range(len(tab.typed)):
        text = text_of(tab.at(i, column))
        counts[text] = counts.get(text, 0) + 1
    return counts


def obstacle(tab: Tab, one: CellWrite) -> str:
    """Why a cell cannot be written unharmed; empty where it can."""
    place = (one.row, one.column)
    if one.row < 0 or one.column < 0 or one.row >= max(tab.row_count, 1):
        return "the tab has no such row"
    if place in tab.locked:
        is_own = isinstance(tab.at(*place), Formula)
        return "the cell holds a formula" if is_own else "a formula of another cell fills it"
    if place in tab.covered:
        return "a merged cell hides it"
    if tab.is_protected(*place):
        return "the cell is protected"
    return unfit(one.value)


def unfit(value: Raw) -> str:
    """Why no cell of a Google Sheet can hold a value; empty where one can."""
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"the text is longer than the {LONGEST_TEXT:,} characters that a cell holds"
    if isinstance(value, float) and not isfinite(value):
        return "it is no finite number"
    if isinstance(value, CellError):
        return "an error value cannot be written"
    try:
        str(value).encode() if isinstance(value, str) else None
    except UnicodeEncodeError:
        return "the text holds half a letter"
    return ""


def kind_of_value(value: Typed) -> str:
    """The kind of moment that a value is; empty for none."""
    kinds = ((datetime, MOMENT), (date, DATE), (time, TIME), (timedelta, DURATION))
    return next((kind for one, kind in kinds if isinstance(value, one)), "")


def number_format_for(value: Typed, current: str) -> Mapping[str, Any] | None:
    """The number format that a value needs in a cell that shows this kind of moment now; None where its own will do."""
    kind = kind_of_value(value)
    if kind:
        return None if current in FITTING[kind] else NUMBER_FORMATS[kind]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # A plain number in a cell that shows dates would read back as one.
    return {} if is_number and current else None
