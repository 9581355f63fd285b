"""The parts that a set of edits changes: sheets, their tables, the styles, and the calculation setting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sheetcrm.tab import TabContent
from sheetcrm.table import Grid, Raw
from sheetcrm.xlsx.bans import bans_of
from sheetcrm.xlsx.calculation import calculated_on_load, has_formulas
from sheetcrm.xlsx.extents import Growth, grown_table
from sheetcrm.xlsx.followers import grow_charts, grow_names, refresh_pivots
from sheetcrm.xlsx.growth import Appending
from sheetcrm.xlsx.looks import Looks
from sheetcrm.xlsx.markup import check_no_dtd, encoded, spliced
from sheetcrm.xlsx.notes import decoded_note
from sheetcrm.xlsx.outline import Outline, Sheet, tables_of
from sheetcrm.xlsx.overwriting import drop_from_chain
from sheetcrm.xlsx.package import Package
from sheetcrm.xlsx.parts import Parts
from sheetcrm.xlsx.sheet import SheetText
from sheetcrm.xlsx.splicing import CellEdit, Splicer
from sheetcrm.xlsx.tabs import TabWriter
from sheetcrm.xlsx.totals import move_elsewhere, own_moves


@dataclass(frozen=True, slots=True)
class TabEdits:
    """What is asked of one tab; `grid` is its content, needed only where rows are appended."""

    sheet: Sheet
    cells: Mapping[int, Mapping[int, CellEdit]]
    rows: Sequence[Sequence[Mapping[int, Raw]]]
    grid: Grid | None


@dataclass(frozen=True, slots=True)
class Done:
    """The new parts by name, and the cells written: for each (tab, row, column) its value, formulas left out."""

    parts: dict[str, bytes]
    cells: dict[tuple[str, int, int], Raw]
    gone: frozenset[str] = frozenset()
    """The names of parts that are dropped."""
    extras: Mapping[str, bytes] = field(default_factory=dict)
    """Extra fields of the zip records of parts, by name."""


class Writer:
    """Makes the changed parts of one workbook; writes nothing."""

    def __init__(self, package: Package, outline: Outline) -> None:
        self._package = package
        self._outline = outline
        self._looks = Looks(package, outline.styles)
        self._parts = Parts(package, {})
        self._cells: dict[tuple[str, int, int], Raw] = {}
        self._changed: dict[int, set[tuple[int, int]]] = {}

    def write(self, edits: Sequence[TabEdits], tabs: Mapping[str, TabContent | None]) -> Done:
        """All changed parts; EditRefused, naming cell and reason, where one edit cannot be made.

        `tabs` are whole tabs to be put, or removed where there is no content.
        """
        for one in edits:
            self._write_tab(one)
        if (looks := self._looks.changed_part()) is not None:
            self._parts.put(*looks)
        # A tab that is new, or gone with nothing referring to it, leaves all results as they are.
        replaced = {tab.lower() for tab, content in tabs.items() if content is not None}
        is_stale = bool(self._parts.new) or any(sheet.tab.lower() in replaced for sheet in self._outline.sheets)
        note = decoded_note(self._package.extra_field(self._outline.part))
        if is_stale and has_formulas(self._parts, self._outline):
            part = self._outline.part
            if (new := calculated_on_load(self._parts.read(part), part)) is not None:
                self._parts.put(part, new)
            note = note.with_changes(self._changed)
            for sheet in self._outline.sheets:
                note = note.with_sheet(sheet.number) if sheet.tab.lower() in replaced else note
        self._write_tabs(tabs)
        extras = {self._outline.part: note.encoded()} if note else {}
        return Done(self._parts.new, self._cells, frozenset(self._parts.gone), extras)

    def _write_tabs(self, tabs: Mapping[str, TabContent | None]) -> None:
        writer = TabWriter(self._parts, self._outline)
        for tab, content in tabs.items():
            if content is None:
                writer.remove(tab)
                continue
            name = writer.put(tab, content)
            self._cells.update({(name, row, column): cell.value for row, column, cell in content.cells()})

    def _write_tab(self, one: TabEdits) -> None:
        sheet, parts = one.sheet, self._parts
        raw = parts.read(sheet.part)
        check_no_dtd(raw, sheet.part)
        text = SheetText(raw, sheet.part)
        tables = tables_of(parts, sheet)
        edits = {row: dict(cells) for row, cells in one.cells.items()}
        grown = Appending(text, tables, one.grid, one.rows, edits) if one.grid is not None else None
        growths = grown.growths if grown is not None else []
        bans = bans_of(text, tables, {growth.totals for growth in growths if growth.moved_by})
        splicer = Splicer(text, sheet.tab, self._looks, bans, is_1904=self._outline.is_1904)
        splices = splicer.splices(edits)
        if grown is not None:
            splices += grown.rules
            for part, (bottom, filtered) in grown.tables.items():
                parts.put(part, grown_table(parts.read(part), bottom, filtered))
        for growth in growths:
            splices += own_moves(text, sheet.tab, growth) if growth.moved_by else []
        if splices:
            parts.put(sheet.part, encoded(spliced(text.text, splices), text.codec))
        self._follow(sheet, growths, edits)
        if splicer.overwritten:
            drop_from_chain(parts, self._outline, sheet, splicer.overwritten)
        self._changed[sheet.number] = {(row, column) for row, line in edits.items() for column in line}
        for row, cells in edits.items():
            self._cells |= {(sheet.tab, row, at): edit.value for at, edit in cells.items() if edit.is_own_value}

    def _follow(self, sheet: Sheet, growths: Sequence[Growth], edits: Mapping[int, Mapping[int, CellEdit]]) -> None:
        """What elsewhere in the workbook follows the tab's data."""
        for growth in growths:
            if growth.moved_by:
                move_elsewhere(self._parts, self._outline, sheet.tab, growth)
        if growths:
            grow_names(self._parts, self._outline, sheet.tab, growths)
            grow_charts(self._parts, sheet.tab, growths)
        cells = {(row, column) for row, line in edits.items() for column in line}
        refresh_pivots(self._parts, self._outline, sheet, cells)
