"""The parts that a set of edits changes: sheets, their tables, the styles, and the calculation setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sheetcrm.errors import EditRefused
from sheetcrm.table import Grid, Raw
from sheetcrm.xlsx.bans import bans_of, protected
from sheetcrm.xlsx.calculation import calculated_on_load, has_formulas
from sheetcrm.xlsx.content import TabContent
from sheetcrm.xlsx.followers import Grown, grow_charts, grow_names, refresh_pivots
from sheetcrm.xlsx.growth import Region, appended, check_table_can_grow, grown_rules, grown_table, region_of
from sheetcrm.xlsx.markup import Splice, check_no_dtd, encoded, spliced
from sheetcrm.xlsx.outline import Outline, Sheet, SheetTable, tables_of
from sheetcrm.xlsx.package import Package
from sheetcrm.xlsx.parts import Parts
from sheetcrm.xlsx.places import Rectangle
from sheetcrm.xlsx.sheet import SheetText
from sheetcrm.xlsx.splicing import CellEdit, Splicer
from sheetcrm.xlsx.styles import StyleBook
from sheetcrm.xlsx.tabs import TabWriter


@dataclass(frozen=True, slots=True)
class TabEdits:
    """What is asked of one tab; `grid` is its content, needed only where rows are appended."""

    sheet: Sheet
    cells: Mapping[int, Mapping[int, Raw]]
    rows: Sequence[Sequence[Mapping[int, Raw]]]
    grid: Grid | None


@dataclass(frozen=True, slots=True)
class Done:
    """The new parts by name, and the cells written: for each (tab, row, column) its value, formulas left out."""

    parts: dict[str, bytes]
    cells: dict[tuple[str, int, int], Raw]
    gone: frozenset[str] = frozenset()
    """The names of parts that are dropped."""


class Writer:
    """Makes the changed parts of one workbook; writes nothing."""

    def __init__(self, package: Package, outline: Outline) -> None:
        self._package = package
        self._outline = outline
        self._styles: StyleBook | None = None

    def write(self, edits: Sequence[TabEdits], tabs: Mapping[str, TabContent | None]) -> Done:
        """All changed parts; EditRefused, naming cell and reason, where one edit cannot be made.

        `tabs` are whole tabs to be put, or removed where there is no content.
        """
        done = Done({}, {})
        for one in edits:
            self._write_tab(one, done)
        if self._styles is not None and self._styles.is_changed and self._outline.styles:
            done.parts[self._outline.styles] = self._styles.part()
        # A tab that is new, or gone with nothing referring to it, leaves all results as they are.
        replaced = {tab.lower() for tab, content in tabs.items() if content is not None}
        is_stale = bool(done.parts) or any(sheet.tab.lower() in replaced for sheet in self._outline.sheets)
        if is_stale and has_formulas(self._package, self._outline, done.parts):
            part = self._outline.part
            new = calculated_on_load(done.parts.get(part) or self._package.read(part), part)
            if new is not None:
                done.parts[part] = new
        return self._with_tabs(done, tabs) if tabs else done

    def _with_tabs(self, done: Done, tabs: Mapping[str, TabContent | None]) -> Done:
        parts = Parts(self._package, done.parts)
        writer = TabWriter(parts, self._outline)
        for tab, content in tabs.items():
            if content is None:
                writer.remove(tab)
                continue
            name = writer.put(tab, content)
            done.cells.update({(name, row, column): cell.value for row, column, cell in content.cells()})
        return replace(done, gone=frozenset(parts.gone))

    def _write_tab(self, one: TabEdits, done: Done) -> None:
        sheet = one.sheet
        raw = self._package.read(sheet.part)
        check_no_dtd(raw, sheet.part)
        text = SheetText(raw, sheet.part)
        if text.is_protected:
            raise protected(sheet.tab)
        tables = tables_of(self._package, sheet)
        edits = {row: {column: CellEdit(value) for column, value in cells.items()} for row, cells in one.cells.items()}
        grown = Growth(text, tables, one, edits) if one.grid is not None else None
        splicer = Splicer(text, sheet.tab, self._restyle, bans_of(text, tables), is_1904=self._outline.is_1904)
        splices = splicer.splices(edits)
        if grown is not None:
            splices += grown.rules
            done.parts.update(
                {part: grown_table(self._package.read(part), bottom) for part, bottom in grown.tables.items()}
            )
        if splices:
            done.parts[sheet.part] = encoded(spliced(text.text, splices), text.codec)
        self._follow(sheet, grown.grown if grown is not None else [], edits, done)
        for row, cells in edits.items():
            for column, edit in cells.items():
                if not edit.formula and not edit.is_format_only:
                    done.cells[sheet.tab, row, column] = edit.value

    def _follow(
        self, sheet: Sheet, grown: list[Grown], edits: Mapping[int, Mapping[int, CellEdit]], done: Done
    ) -> None:
        """What elsewhere in the workbook follows the tab's data."""
        parts = Parts(self._package, done.parts)
        if grown:
            grow_names(parts, self._outline, sheet.tab, grown)
            grow_charts(parts, sheet.tab, grown)
        cells = {(row, column) for row, line in edits.items() for column in line}
        refresh_pivots(parts, self._outline, sheet, cells)

    def _restyle(self, style: int, kind: str) -> int:
        if not kind:
            return style
        if self._styles is None:
            if self._outline.styles is None:
                raise EditRefused("The workbook has no formats, so that a date would show as a number.", "Write text.")
            self._styles = StyleBook(self._package.read(self._outline.styles), self._outline.styles)
        return self._styles.for_value(style, kind)


class Growth:
    """Appended rows worked into the edits of a tab; `rules`, `tables` and `grown` tell what else grows."""

    def __init__(
        self, text: SheetText, tables: list[SheetTable], one: TabEdits, edits: dict[int, dict[int, CellEdit]]
    ) -> None:
        self.rules: list[Splice] = []
        self.tables: dict[str, int] = {}
        self.grown: list[Grown] = []
        grid = _with_edits(one.grid, edits) if one.grid is not None else Grid(one.sheet.tab, [])
        for region, rows in _by_region(grid, tables, text.merges, one.rows):
            bottom = region.last + len(rows)
            for number, line in appended(region, rows, text, grid.formulas).items():
                edits.setdefault(number, {}).update(line)
            if region.table is not None and bottom > region.table.range.bottom:
                check_table_can_grow(region.table, grid, tables, bottom)
                self.tables[region.table.part] = bottom
            if not region.is_header_last:
                self.rules += grown_rules(text, region, bottom)
                self.grown.append(Grown(region.left, region.right, region.last, bottom))


def _by_region(
    grid: Grid,
    tables: Sequence[SheetTable],
    merges: Sequence[Rectangle],
    calls: Sequence[Sequence[Mapping[int, Raw]]],
) -> Iterator[tuple[Region, list[Mapping[int, Raw]]]]:
    """The rows of all calls, those for one region together and in their order."""
    regions: dict[tuple[int, int], Region] = {}
    rows: dict[tuple[int, int], list[Mapping[int, Raw]]] = {}
    known: dict[frozenset[int], tuple[int, int]] = {}
    for call in calls:
        columns = frozenset(column for row in call for column in row)
        if columns not in known:
            region = region_of(grid, tables, merges, columns)
            known[columns] = region.left, region.right
            regions.setdefault(known[columns], region)
        rows.setdefault(known[columns], []).extend(call)
    for key, region in regions.items():
        yield region, rows[key]


def _with_edits(grid: Grid, edits: Mapping[int, Mapping[int, CellEdit]]) -> Grid:
    """The grid as it will be, so that rows are appended below what was set before."""
    places = [(row, column) for row, cells in edits.items() for column in cells]
    if not places:
        return grid
    rows, columns = [row for row, _ in places], [column for _, column in places]
    if not grid.rows:
        grid = replace(grid, top=min(rows), left=min(columns))
    top, left = min(grid.top, *rows), min(grid.left, *columns)
    width = max(max(columns) - left + 1, max(map(len, grid.rows), default=0) + grid.left - left)
    height = max(max(rows) - top + 1, len(grid.rows) + grid.top - top)
    new: list[list[Raw]] = [[None] * width for _ in range(grid.top - top)]
    new += [[None] * (grid.left - left) + row + [None] * (width - len(row) - grid.left + left) for row in grid.rows]
    new += [[None] * width for _ in range(height - len(new))]
    for row, column in places:
        new[row - top][column - left] = edits[row][column].value
    return replace(grid, rows=new, top=top, left=left)
