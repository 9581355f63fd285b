"""From Grids to Tables and Issues: what the workbook says, as far as it can be understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

from sheetcrm.schema import contacts, kinds, numbers
from sheetcrm.schema.detect import Found, find_tables
from sheetcrm.schema.fields import (
    FieldSpec,
    StageNames,
    TableSpec,
    built_in_stages,
    built_in_tables,
    german_words,
    is_blank,
    normal,
)
from sheetcrm.schema.kinds import Reading
from sheetcrm.schema.layout import follow
from sheetcrm.schema.past import PastTables
from sheetcrm.schema.people import People, read_people
from sheetcrm.schema.rows import data_rows, formula_columns
from sheetcrm.schema.value_issues import value_issues
from sheetcrm.table import Grid, Issue, Raw, RowRef, Table, cell_name, content_digest, numbered
from sheetcrm.trail import Trails


@dataclass(frozen=True)
class Schema:
    """How a workbook is to be understood; every part has a default."""

    tables: tuple[TableSpec, ...] = field(default_factory=built_in_tables)
    stages: StageNames = field(default_factory=built_in_stages)
    locale: str = ""
    """Empty: told from the workbook's own words."""
    region: str = ""
    currency: str = ""
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


@dataclass(frozen=True)
class Understood:
    """A workbook as understood: its tables by name, the people, the locale, and what is wrong in single cells."""

    tables: Mapping[str, Table]
    people: People
    stages: StageNames
    """The schema's stages and the sheet's own ones, which count as open."""
    locale: str
    issues: tuple[Issue, ...]


def understand(grids: Sequence[Grid], schema: Schema, remembered: Mapping[str, Any] | None = None) -> Understood:
    """Every tab that is a table, parsed; `remembered` is an earlier `layout_of`, to follow renamed columns."""
    grids = [_rectangular(grid) for grid in grids]
    found, issues = _followed(find_tables(grids, schema.tables), remembered or {})
    locale = schema.locale or guess_locale(grids)
    reading = Reading(locale, schema.region or _region(locale), schema.currency, schema.stages)
    people = People()
    tables: dict[str, Table] = {}
    for one in sorted(found, key=lambda one: one.spec.name != "Team"):
        table, bad = parse_table(one, replace(reading, people=people))
        tables[one.spec.name] = table
        issues += bad
        if one.spec.name == "Team":
            people = read_people(table, schema.zone)
    return Understood(tables, people, _stages(tables, schema.stages), locale, tuple(issues))


def past_tables(source: Trails, now: Understood, schema: Schema) -> PastTables:
    """The past of the tables, read as they are read now."""
    reading = Reading(now.locale, schema.region or _region(now.locale), schema.currency, now.stages, now.people)
    return PastTables(source, now.tables, schema.tables, reading)


def _rectangular(grid: Grid) -> Grid:
    """The grid with all rows of one length: a reader may leave out what follows a row's last cell."""
    widths = set(map(len, grid.rows))
    if len(widths) < 2:
        return grid
    width = max(widths)
    return replace(grid, rows=[row + [None] * (width - len(row)) for row in grid.rows])


def _stages(tables: Mapping[str, Table], stages: StageNames) -> StageNames:
    values = tables["Leads"].values.get("status", ()) if "Leads" in tables else ()
    own = dict.fromkeys(one for one in values if isinstance(one, str) and one not in stages.all)
    return replace(stages, open=stages.open + tuple(own)) if own else stages


def _followed(found: Sequence[Found], remembered: Mapping[str, Any]) -> tuple[list[Found], list[Issue]]:
    followed, issues = [], []
    for one in found:
        memory = remembered.get(one.spec.name, {})
        now, renamed = follow(one, memory, one.grid.rows[one.header_row + 1 - one.grid.top :])
        followed.append(now)
        for name, old in renamed.items():
            column = now.columns[name]
            cell = cell_name(now.header_row, column.index)
            message = f'"{old}" seems to be called "{column.header}" now and is followed'
            remedy = "Nothing to do; add the new name to the settings to make it certain"
            issues.append(Issue("column_renamed", now.grid.tab, cell, column.header, message, remedy, "note", "", name))
    return followed, issues


def guess_locale(grids: Sequence[Grid]) -> str:
    """`de_DE` where tabs and headers speak German, else `en`."""
    words: set[str] = set()
    for grid in grids:
        words.update(normal(grid.tab).split())
        for row in grid.rows[:12]:
            words.update(word for raw in row if isinstance(raw, str) and len(raw) < 30 for word in normal(raw).split())
    return "de_DE" if len(words & german_words()) >= 4 else "en"


def _region(locale: str) -> str:
    return locale.partition("_")[2]


def parse_table(found: Found, reading: Reading) -> tuple[Table, list[Issue]]:
    """A table with its values, and an Issue for every cell that cannot be read."""
    grid = found.grid
    calculated = formula_columns(grid, found.header_row)
    places = data_rows(found, calculated)
    columns = found.columns
    raws = _cells(grid, places, {name: column.index - grid.left for name, column in columns.items()})
    both = {name: _values(found, name, raws, reading) for name in columns}
    values = {name: some for name, (some, _) in both.items()}
    table = Table(
        name=found.spec.name,
        tab=grid.tab,
        columns=columns,
        values=_derived(values),
        raws=raws,
        numbers=[grid.top + i for i in places],
        refs=[],
        formula_fields=frozenset(name for name, column in columns.items() if column.index in calculated),
        header_row=found.header_row,
        locked=_locked(grid, places, columns, calculated),
        is_protected=grid.is_protected,
        readers={name: reader for name, (_, reader) in both.items()},
    )
    table = replace(table, refs=_refs(table, grid, places))
    return table, value_issues(table, reading, found.spec)


_AT_ONCE = 4096
"""So many rows are turned at once."""


def _cells(grid: Grid, places: Sequence[int], columns: Mapping[str, int]) -> dict[str, list[Raw]]:
    """The cells of some rows, column by column."""
    found: dict[str, list[Raw]] = {name: [] for name in columns}
    for start in range(0, len(places), _AT_ONCE):
        turned = list(zip(*(grid.rows[i] for i in places[start : start + _AT_ONCE]), strict=True))
        for name, j in columns.items():
            found[name] += turned[j]
    return found


def _spec(found: Found, name: str) -> FieldSpec:
    return found.spec.spec(name) or FieldSpec(name, "text")


def _values(
    found: Found, name: str, raws: Mapping[str, list[Raw]], reading: Reading
) -> tuple[list[object], kinds.Reader]:
    """A column's values, and what reads another cell of it alike."""
    spec, column = _spec(found, name), raws[name]
    if spec.kind == "phone" and "country" in raws:
        return _phones(column, raws["country"], reading.region), kinds.reader_for(spec, column, reading)
    if spec.kind == "money":
        named = numbers.header_currency(found.columns[name].header)
        currency = named or reading.currency or numbers.only_currency(column)
        reading = replace(reading, currency=currency)
    reader = kinds.reader_for(spec, column, reading)
    values = kinds.read_column(column, reader)
    if spec.kind == "money" and "currency" in raws:
        values = [_in_currency(value, other) for value, other in zip(values, raws["currency"], strict=True)]
    return values, reader


def _phones(column: Sequence[Raw], countries: Sequence[Raw], region: str) -> list[object]:
    memo: dict[tuple[type, Raw, str], object] = {}
    values: list[object] = []
    for raw, country in zip(column, countries, strict=True):
        if is_blank(raw):
            values.append(None)
            continue
        place = (contacts.country_code(country) if isinstance(country, str) else "") or region
        word = type(raw), raw, place  # the type, since TRUE and 1 are the same key otherwise
        if word not in memo:
            memo[word] = contacts.parse_phone(raw, place)
        values.append(memo[word])
    return values


def _in_currency(value: object, other: Raw) -> object:
    if isinstance(value, numbers.Money) and isinstance(other, str) and other.strip():
        sign = other.strip()
        return value._replace(currency=numbers.currency_code(sign) or sign.upper())
    return value


def _derived(values: dict[str, list[object]]) -> dict[str, list[object]]:
    if "name" not in values and {"first_name", "last_name"} & values.keys():
        blank: list[object] = [None] * len(next(iter(values.values())))
        pairs = zip(values.get("first_name", blank), values.get("last_name", blank), strict=True)
        return {**values, "name": [" ".join(str(part) for part in pair if part) or None for pair in pairs]}
    return values


def _locked(
    grid: Grid, places: Sequence[int], columns: Mapping[str, Any], calculated: frozenset[int]
) -> frozenset[tuple[str, int]]:
    loose = grid.covered.union(place for place in grid.formulas if place[1] not in calculated)
    if not loose:
        return frozenset()
    field_at = {column.index: name for name, column in columns.items()}
    row_at = {grid.top + i: n for n, i in enumerate(places)}
    return frozenset((field_at[j], row_at[r]) for r, j in loose if r in row_at and j in field_at)


def _refs(table: Table, grid: Grid, places: Sequence[int]) -> list[RowRef]:
    keys = table.values.get("key")
    is_keyed = keys is not None and "key" not in table.formula_fields
    counts = Counter([key for key in keys or () if isinstance(key, str)])
    if keys and is_keyed and len(counts) == len(keys) and not any(field == "key" for field, _ in table.locked):
        return [RowRef(table.name, str(key)) for key in keys]
    refs = []
    alike: Counter[str] = Counter()
    for n, i in enumerate(places):
        key = keys[n] if keys is not None and is_keyed else None
        if isinstance(key, str) and counts[key] == 1 and ("key", n) not in table.locked:
            refs.append(RowRef(table.name, key=key))
            continue
        digest = content_digest(_typed(grid, i))
        alike[digest] += 1
        refs.append(RowRef(table.name, content=numbered(digest, alike[digest])))
    return refs


def _typed(grid: Grid, i: int) -> list[Raw]:
    row = grid.rows[i]
    if not grid.formulas:
        return row
    return [raw for j, raw in enumerate(row, grid.left) if (grid.top + i, j) not in grid.formulas]
