"""The past of a table read as it is read today: stages have today's names, dates today's order of day and month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from sheetcrm.raw_json import raw_from_json
from sheetcrm.schema import kinds
from sheetcrm.schema.fields import FieldSpec, TableSpec
from sheetcrm.schema.kinds import Reading
from sheetcrm.table import Invalid, Raw, Table, show_raw
from sheetcrm.trail import NO_TRAIL, Coded, Trail, Trails


class PastTables:
    """Trails as typed values; each table's is read once, when somebody asks."""

    def __init__(
        self, source: Trails, tables: Mapping[str, Table], specs: Sequence[TableSpec], reading: Reading
    ) -> None:
        self._source = source
        self._tables = tables
        self._specs = {one.name: one for one in specs}
        self._reading = reading
        self._kept: dict[tuple[str, tuple[str, ...]], Trail] = {}

    def __call__(self, name: str, fields: Sequence[str]) -> Trail:
        """The trail of a table for these fields; what cannot be read is None, as an unreadable cell is."""
        if name not in self._tables:
            return NO_TRAIL
        wanted = name, tuple(fields)
        if wanted not in self._kept:
            raw = self._source(name, fields)
            typed = {field: self._typed(name, field, values) for field, values in raw.fields.items()}
            self._kept[wanted] = replace(raw, fields=typed)
        return self._kept[wanted]

    def _typed(self, name: str, field: str, told: Coded) -> Coded:
        raws = [raw_from_json(*one) if isinstance(one, tuple) else cast("Raw", one) for one in told.values]
        values = kinds.read_column(raws, self._reader(self._tables[name], field))
        # A stage that the sheet no longer uses keeps its name: what it became is told by where its rows went.
        is_stage = field == "status"
        typed = [
            (show_raw(raw).strip() if is_stage else None) if isinstance(value, Invalid) else value
            for raw, value in zip(raws, values, strict=True)
        ]
        return Coded(typed, told.codes)

    def _reader(self, table: Table, field: str) -> kinds.Reader:
        spec = self._specs[table.name].spec(field) or FieldSpec(field, "text")
        if spec.kind == "money" and field in table.readers:
            return table.readers[field]  # it knows the column's currency, and the amounts that it read
        return kinds.reader_for(spec, table.raws.get(field, ()), self._reading)
