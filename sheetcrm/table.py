"""Tabs as values: a Grid is a tab as read, a Table is a Grid that the schema has understood. Values only.

Rows and columns are counted from 0 as they stand in the tab; only `cell_name` speaks the person's language (`C42`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sheetcrm.trail import Trails, no_trails


@dataclass(frozen=True, slots=True)
class CellError:
    """An error value of a spreadsheet, such as `#DIV/0!`; its `str()` is the code."""

    code: str

    def __str__(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class Stale(CellError):  # noqa: N818 -- a cell's value, no exception
    """A formula's stored result that is no value: out of date since a cell changed that it reads, or not there at all.

    A spreadsheet program that calculates and saves the workbook puts the true value in its place.
    """

    code: str = "#STALE!"
    stored: bool | int | float | str | date | datetime | time | timedelta | CellError | None = None


Raw = None | bool | int | float | str | date | datetime | time | timedelta | CellError
"""A cell as typed: None is blank. Never an inference: "007" stays text, 7e30 stays a number."""


@dataclass(frozen=True, slots=True)
class Invalid:
    """A value that its column's kind cannot read. Invalid is not blank: nothing overwrites it."""

    raw: Raw

    def __str__(self) -> str:
        return show_raw(self.raw)


@dataclass(frozen=True, slots=True)
class TableRange:
    """An Excel table inside a tab: its name and its rectangle with header row, corners included."""

    name: str
    top: int
    left: int
    bottom: int
    right: int
    has_totals: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A tab as read: `rows[i][j]` is the cell in row `top + i`, column `left + j`.

    `formulas` holds the places (row, column) whose value is a formula's stored result: they are read, never written.
    `covered` holds those that a merged cell hides, its first cell left out: whatever they hold, nobody sees it.
    """

    tab: str
    rows: list[list[Raw]]
    top: int = 0
    left: int = 0
    formulas: frozenset[tuple[int, int]] = frozenset()
    tables: tuple[TableRange, ...] = ()
    is_hidden: bool = False
    is_protected: bool = False
    covered: frozenset[tuple[int, int]] = frozenset()

    def raw(self, row: int, column: int) -> Raw:
        """The cell at a place of the tab; None where the grid does not reach."""
        i, j = row - self.top, column - self.left
        if 0 <= i < len(self.rows) and 0 <= j < len(self.rows[i]):
            return self.rows[i][j]
        return None


@dataclass(frozen=True, slots=True)
class Issue:
    """Something a person should look at: code, place, raw value, what is wrong, and the way out."""

    code: str
    tab: str
    cell: str
    raw: str
    message: str
    remedy: str
    severity: str = "error"
    """`error` counts against the data quality, `warning` counts half, `note` does not."""
    key: str = ""
    field: str = ""


class RowRef(NamedTuple):
    """How to find a row again: by its key or, lacking one that is unique, by a digest of its whole content.

    Of rows alike to the last cell the second has `~2` behind the digest, and so on: since they are alike, any of them
    may be taken for the second.
    """

    table: str
    key: str = ""
    content: str = ""

    @property
    def digest(self) -> str:
        """The digest of the content, the same for rows that are alike."""
        return self.content.partition("~")[0]


@dataclass(frozen=True, slots=True)
class Column:
    """A column as found in a tab: `field` is the schema's word, `header` the person's, `index` its place now."""

    field: str
    header: str
    index: int
    kind: str
    is_custom: bool = False


@dataclass(frozen=True)
class Table:
    """A tab that the schema understood, by columns: `values[field][i]` belongs to row `i` of the table.

    A value is parsed by its column's kind; None is blank, `Invalid` could not be read. `raws` holds the same cells as
    typed. `numbers[i]` is the row's place in the tab, good only for this very reading.
    """

    name: str
    tab: str
    columns: Mapping[str, Column]
    values: Mapping[str, list[object]]
    raws: Mapping[str, list[Raw]]
    numbers: list[int]
    refs: list[RowRef]
    formula_fields: frozenset[str] = frozenset()
    header_row: int = 0
    locked: frozenset[tuple[str, int]] = frozenset()
    """(field, i) of single cells that hold a formula in a column of typed values, or that a merged cell hides."""
    is_protected: bool = False
    """Whether the tab is protected: it is read, never written."""
    planned: Mapping[str, Mapping[int, Raw]] = field(default_factory=dict)
    """By field and i, what cells would hold once the plans so far are carried out; `raws` stay as typed."""
    readers: Mapping[str, Callable[[Raw], object]] = field(default_factory=dict, repr=False, compare=False)
    """By field, what turns another cell of the column into a value or Invalid, as its own cells were read."""

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Row]:
        return (Row(self, i) for i in range(len(self.numbers)))

    def row(self, i: int) -> Row:
        """The row at place `i` of this table."""
        return Row(self, i)

    def key(self, i: int) -> str:
        """The row's key as it would be after the plans so far; empty where it has none."""
        keys = self.values.get("key")
        return str(keys[i]) if keys is not None and isinstance(keys[i], str) else ""

    def typed(self, field: str) -> Sequence[Raw]:
        """A column's cells as they would be typed after the plans so far."""
        raws, planned = self.raws[field], self.planned.get(field)
        return [planned.get(i, raw) for i, raw in enumerate(raws)] if planned else raws

    def cell(self, i: int, field: str) -> str:
        """The cell's address in its tab, `C42`."""
        return cell_name(self.numbers[i], self.columns[field].index)

    def is_writable(self, i: int, field: str) -> bool:
        """Whether a value may be written: the tab is open to edits, the cell neither formula nor unreadable."""
        if self.is_protected or field not in self.columns:
            return False
        if field in self.formula_fields or (field, i) in self.locked:
            return False
        return not isinstance(self.values[field][i], Invalid)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, looked at through its fields; a field that the tab lacks reads as blank."""

    table: Table
    i: int

    def __getitem__(self, field: str) -> object:
        column = self.table.values.get(field)
        value = column[self.i] if column is not None else None
        return None if isinstance(value, Invalid) else value

    def text(self, field: str) -> str:
        """The value as text, empty where blank or invalid."""
        value = self[field]
        return "" if value is None else str(value)

    @property
    def key(self) -> str:
        """The row's key, empty where it has none."""
        return self.table.key(self.i)

    @property
    def identity(self) -> str:
        """What names the row in the reasons of mails: its key or, lacking one, a digest of who it is."""
        if self.key:
            return self.key
        words = "\x1f".join(self.text(name).casefold() for name in ("email", "phone", "company", "name"))
        return f"row-{blake2b(words.encode(), digest_size=6).hexdigest()}"

    @property
    def label(self) -> str:
        """The words by which a person knows the row: company, else contact, else e-mail, else key."""
        return next((text for name in ("company", "name", "email", "subject", "key") if (text := self.text(name))), "")

    @property
    def ref(self) -> RowRef:
        """How to find this row again."""
        return self.table.refs[self.i]


@dataclass(frozen=True)
class Person:
    """Somebody of the Team tab: who may get leads and mails."""

    name: str
    email: str
    zone: ZoneInfo
    role: str = ""
    manager: str = ""
    territory: tuple[str, ...] = ()
    capacity_total: int | None = None
    capacity_per_day: int | None = None
    weight: float = 1.0
    is_active: bool = True
    leave: tuple[tuple[date, date], ...] = ()
    language: str = ""
    """In which language the person reads mails, as in de or fr_BE; empty: the workbook's."""

    def is_available(self, day: date) -> bool:
        """Whether the person works here and is not on leave on that day."""
        return self.is_active and not any(start <= day <= end for start, end in self.leave)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows of a table that may be the same, for a person to judge."""

    table: str
    one: str
    other: str
    score: float
    why: str
    who: str = ""


@dataclass(frozen=True)
class Snapshot:
    """The workbook understood at one `now`: all that a job may know. The same Snapshot gives the same Plan."""

    now: datetime
    """Aware, in the workbook's zone."""
    tables: Mapping[str, Table]
    issues: tuple[Issue, ...] = ()
    team: tuple[Person, ...] = ()
    memory: Mapping[str, str] = field(default_factory=dict)
    """What jobs asked to remember in earlier runs."""
    mailed: Mapping[str, str] = field(default_factory=dict)
    """Reasons and message keys already mailed, with the ISO time."""
    open_stages: tuple[str, ...] = ()
    """In the order of the pipeline, the sheet's own ones included."""
    won_stages: tuple[str, ...] = ()
    lost_stages: tuple[str, ...] = ()
    workbook: str = ""
    """The workbook's name for people."""
    locale: str = "en"
    currency: str = ""
    review: tuple[Pair, ...] = ()
    """Pairs that a job of this run wants a person to judge."""
    grids: tuple[Grid, ...] = ()
    """All tabs as read, for formulas that look into others than the tables."""
    before: Mapping[str, Mapping[str, Mapping[str, Raw]]] = field(default_factory=dict)
    """The filled fields of the rows as the last run left them, by table and identity; empty before the first."""
    trails: Trails = no_trails
    """The rows of a table from reading to reading, as typed today's way; no past before the first run."""
    is_watched: bool = True
    """Whether a person reads the plan before it is carried out: a new rule acts unwatched only once it was shown."""
    quality: int = 100
    """Data quality from 0 to 100."""

    @property
    def today(self) -> date:
        """The date of `now` in the workbook's zone."""
        return self.now.date()

    def table(self, name: str) -> Table | None:
        """The table of that name, None where the workbook has no such tab."""
        return self.tables.get(name)

    def person(self, name: str) -> Person | None:
        """The Team member of exactly that name."""
        return next((one for one in self.team if one.name == name), None)

    def is_open(self, row: Row) -> bool:
        """Whether a lead is in play: its stage is open or still blank, and it is not marked as a duplicate."""
        status = row.table.values.get("status")
        value = status[row.i] if status is not None else None
        return (value is None or value in self.open_stages) and row["duplicate_of"] is None


def column_letters(index: int) -> str:
    """The letters over a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cell_name(row: int, column: int) -> str:
    """A place counted from 0 as people call it: (41, 2) is C42."""
    return f"{column_letters(column)}{row + 1}"


def show_raw(raw: object) -> str:
    """A cell as a person would read it aloud: dates ISO, whole floats without `.0`, blank as empty text."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if isinstance(raw, datetime):
        return raw.isoformat(" ", "minutes" if raw.second == 0 else "seconds")
    return str(raw)


def is_same(one: object, other: object) -> bool:
    """Whether two raw cells hold the same: numbers and days by value, but never TRUE = 1 and never text = number."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    if isinstance(one, date) and isinstance(other, date):
        return _moment(one) == _moment(other)
    return type(one) is type(other) and one == other


def _moment(day: date) -> datetime:
    # A day written into a cell that shows the time comes back as that day's midnight.
    return day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)  # noqa: DTZ001


def _digest_part(raw: Raw) -> str:
    if isinstance(raw, date):
        return f"day{_moment(raw)}"
    # A whole number comes back from a sheet as a float: both are numbers.
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    return f"{'number' if is_number else type(raw).__name__}{show_raw(raw)}"


def content_digest(raws: list[Raw]) -> str:
    """A short digest of a row's typed cells, the same for the same content wherever the row or its columns stand."""
    parts = sorted(_digest_part(raw) for raw in raws if raw is not None)
    return blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def identities(table: Table, keys: Mapping[int, str] | None = None) -> list[str]:
    """What names each row in the history; rows alike to the last cell are told apart by their order only.

    `keys` gives the keys that rows are to have, by place.
    """
    found: dict[str, None] = {}
    own = table.values.get("key") or [None] * len(table)
    for i, key in enumerate(own):
        identity = (keys or {}).get(i) or (key if isinstance(key, str) and key else Row(table, i).identity)
        while identity in found:
            identity += "~"
        found[identity] = None
    return list(found)


def numbered(digest: str, nth: int) -> str:
    """The content by which the nth of several rows that are alike to the last cell is found: `…`, `…~2`, `…~3`."""
    return digest if nth == 1 else f"{digest}~{nth}"
