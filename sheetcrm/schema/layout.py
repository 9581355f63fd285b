"""How tabs and columns were found last time, so that a column which a person renamed or moved is followed.

A column is known by its header. Where a known header is gone, an unknown one may be it: the column that holds the same
values in the same rows, or, with nothing in it to compare, the one in its place where all others stand in theirs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from typing import Any

from sheetcrm.schema.detect import Found, spec_kind
from sheetcrm.table import Column, Raw, Table, column_letters, show_raw

SAMPLE_ROWS = 64
"""How many rows of a column are remembered: those with the smallest digests, wherever they stand."""

SAME_SHARE = 0.6
"""The share of remembered cells that must be the same for a column to be taken as the renamed one."""


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def layout_of(tables: Mapping[str, Table]) -> dict[str, Any]:
    """What to remember of how the tables were found: JSON values, about 100 bytes per remembered row and column."""
    return {name: _table_layout(table) for name, table in tables.items()}


def _table_layout(table: Table) -> dict[str, Any]:
    keys = sorted((_digest(table.key(i)), i) for i in range(len(table)) if table.key(i))[:SAMPLE_ROWS]
    order = [column.header for column in sorted(table.columns.values(), key=lambda column: column.index)]
    return {
        "tab": table.tab,
        "order": order,
        "fields": {
            field: {
                "header": column.header,
                "cells": {
                    key: _digest(show_raw(raws[i])) for key, i in keys if (raws := table.raws[field])[i] is not None
                },
            }
            for field, column in table.columns.items()
            if not column.is_custom
        },
    }


def follow(found: Found, remembered: Mapping[str, Any], rows: Sequence[Sequence[Raw]]) -> tuple[Found, dict[str, str]]:
    """The same table with renamed columns followed, and {field: old header} for each that was.

    `rows` are the data rows below the header. Nothing is followed to a column that was there under its present header
    before, or that already has a field.
    """
    fields: Mapping[str, Any] = remembered.get("fields", {})
    headers = {one.header for one in found.columns.values()}
    missing = [field for field, one in fields.items() if one["header"] not in headers and one["header"]]
    old_headers = set(remembered.get("order", ()))
    strangers = [one for one in found.columns.values() if one.is_custom and one.header not in old_headers]
    if not missing or not strangers:
        return found, {}
    columns, renamed = dict(found.columns), {}
    # The key comes first: by it the cells of all other columns are compared.
    missing.sort(key=lambda field: field != "key")
    samples = {one.header: _cells(found, one, rows) for one in strangers}
    for field in missing:
        mine = columns.get(field)
        if mine is not None and mine.header not in old_headers:
            cells, own = fields[field]["cells"], {mine.header: _cells(found, mine, rows)}
            is_elsewhere = not _same_values(cells, [mine], own) and _same_values(cells, strangers, samples)
            if field == "key" or not is_elsewhere:
                continue
        stranger = (
            _same_keys(fields[field]["cells"], found, strangers, rows)
            if field == "key"
            else _same_values(fields[field]["cells"], strangers, samples)
            or _same_place(fields[field], remembered["order"], strangers, samples, found)
        )
        if stranger is not None:
            strangers.remove(stranger)
            _give_back(columns, field)
            columns.pop(stranger.field)
            columns[field] = replace(stranger, field=field, kind=spec_kind(found.spec, field), is_custom=False)
            renamed[field] = fields[field]["header"]
            if field == "key":
                found = replace(found, columns=dict(columns))
                samples = {one.header: _cells(found, one, rows) for one in strangers}
    return replace(found, columns=columns), renamed


def _give_back(columns: dict[str, Column], field: str) -> None:
    """Makes a column custom again that only has a field because the field's own column was renamed."""
    other = columns.pop(field, None)
    if other is not None:
        name = other.header if other.header not in columns else f"{other.header} ({column_letters(other.index)})"
        columns[name] = replace(other, field=name, kind="text", is_custom=True)


def _cells(found: Found, column: Column, rows: Sequence[Sequence[Raw]]) -> dict[str, str]:
    key = found.columns.get("key")
    if key is None:
        return {}
    k, j = key.index - found.grid.left, column.index - found.grid.left
    return {
        _digest(show_raw(row[k]).strip()): _digest(show_raw(row[j]))
        for row in rows
        if row[k] is not None and row[j] is not None
    }


def _same_keys(
    remembered: Mapping[str, str], found: Found, strangers: Sequence[Column], rows: Sequence[Sequence[Raw]]
) -> Column | None:
    for one in strangers:
        j = one.index - found.grid.left
        keys = {_digest(show_raw(row[j]).strip()) for row in rows if row[j] is not None}
        if len(remembered) >= 3 and len(keys & remembered.keys()) >= SAME_SHARE * len(remembered):
            return one
    return None


def _same_values(
    remembered: Mapping[str, str], strangers: Sequence[Column], samples: Mapping[str, Mapping[str, str]]
) -> Column | None:
    if len(remembered) < 3:
        return None
    shares = [
        (sum(samples[one.header].get(key) == cell for key, cell in remembered.items()) / len(remembered), one)
        for one in strangers
    ]
    share, best = max(shares, key=lambda pair: pair[0], default=(0.0, None))
    return best if share >= SAME_SHARE else None


def _same_place(
    one: Mapping[str, Any],
    order: Sequence[str],
    strangers: Sequence[Column],
    samples: Mapping[str, Mapping[str, str]],
    found: Found,
) -> Column | None:
    """The empty column where the empty one stood, if no column was moved, inserted or deleted since.

    Anything less could be another column: a new one beside the renamed and moved one, say.
    """
    now = sorted(found.columns.values(), key=lambda column: column.index)
    new = {stranger.header for stranger in strangers}
    is_unmoved = len(now) == len(order) and all(
        column.header == old or column.header in new for column, old in zip(now, order, strict=True)
    )
    if len(one["cells"]) >= 3 or one["header"] not in order or not is_unmoved:
        return None
    column = now[order.index(one["header"])]
    return column if column in strangers and len(samples[column.header]) < 3 else None
