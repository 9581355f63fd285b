"""A workbook opened: its tabs as Grids, and edits queued until they are saved together or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sheetcrm.errors import EditRefused, NotFound, WorkbookBusy
from sheetcrm.tab import Styled, TabContent
from sheetcrm.table import Grid, Raw, cell_name
from sheetcrm.xlsx.bans import holds_formula
from sheetcrm.xlsx.content import check_content
from sheetcrm.xlsx.describing import TabLook, described
from sheetcrm.xlsx.limits import Limits
from sheetcrm.xlsx.opening import check_is_zip, digest, file_bytes, named_errors
from sheetcrm.xlsx.outline import Sheet, check_writable, outline
from sheetcrm.xlsx.owner import check_not_open
from sheetcrm.xlsx.package import Package
from sheetcrm.xlsx.parts import Parts
from sheetcrm.xlsx.places import is_on_sheet, located
from sheetcrm.xlsx.reading import Reader
from sheetcrm.xlsx.recalculating import calculated_copy
from sheetcrm.xlsx.refreshing import refreshed, stored_results
from sheetcrm.xlsx.replacing import replace_file
from sheetcrm.xlsx.splicing import CellEdit
from sheetcrm.xlsx.staleness import stale_places, unknown_results
from sheetcrm.xlsx.tabs import TabWriter, check_name
from sheetcrm.xlsx.values import written
from sheetcrm.xlsx.verifying import verify
from sheetcrm.xlsx.writing import Done, TabEdits, Writer


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a save did: the parts that differ from before, and the cells written as (tab, `C42`)."""

    parts_changed: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    path: Path
    parts_added: tuple[str, ...] = ()
    parts_removed: tuple[str, ...] = ()


@dataclass(slots=True)
class _Queue:
    cells: dict[int, dict[int, CellEdit]] = field(default_factory=dict)
    rows: list[Sequence[Mapping[int, Raw]]] = field(default_factory=list)


class Book:
    """A workbook in memory. It is read once; later changes of the file show only as a changed `fingerprint(path)`."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self.limits = limits
        self._stale: Mapping[str, frozenset[tuple[int, int]]] | None = None
        self._load(file_bytes(path, limits))

    @property
    def tabs(self) -> tuple[str, ...]:
        """The names of the worksheets in their order, hidden ones too; chart sheets are none."""
        return tuple(self._sheets)

    @property
    def fingerprint(self) -> str:
        """The digest of the bytes read, as `fingerprint(path)` gives it for the file."""
        return self._fingerprint

    def grid(self, tab: str) -> Grid:
        """The tab as read, without queued edits; NotFound where there is no such tab."""
        sheet = self._sheet(tab)
        if tab not in self._grids:
            with named_errors(self.path.name):
                self._grids[tab] = self._reader.grid(sheet, self.stale.get(tab, frozenset()))
        return self._grids[tab]

    def look(self, tab: str) -> TabLook:
        """How the tab looks: its formulas and number formats by place, filters, merged and hidden cells."""
        with named_errors(self.path.name):
            return described(self._package, self._outline, self._sheet(tab))

    @property
    def stale(self) -> Mapping[str, frozenset[tuple[int, int]]]:
        """The places, by tab, of formulas whose stored results are out of date since an edit changed what they read.

        Excel and LibreOffice calculate them when they open the workbook, and save them. Until then a Grid holds `Stale`
        there, as it does where a formula has no result at all.
        """
        if self._stale is None:
            with named_errors(self.path.name):
                self._stale = stale_places(self._package, self._outline)
        return self._stale

    def set(self, tab: str, cell: str | tuple[int, int], value: Raw, *, over_formula: bool = False) -> None:
        """Queue a value for a cell, named `C42` or given as (41, 2); None and "" clear it. The cell keeps its format.

        EditRefused at once for what no cell can hold and, where the tab was read as a Grid before, for cells that are
        never written: formulas (unless `over_formula`), merged, array, header and locked ones. For a tab not read,
        `save` refuses these.
        """
        self._sheet(tab)
        row, column = located(cell)
        name = f"{tab}!{cell_name(row, column)}" if row >= 0 and column >= 0 else f"{tab} row {row} column {column}"
        if not is_on_sheet(row, column):
            raise EditRefused(f"{name} is not on the sheet.", "Rows end at 1,048,576 and columns at XFD.")
        written(value, "", is_1904=self._outline.is_1904, where=name)
        if tab in self._grids:
            if (row, column) in self._grids[tab].formulas and not over_formula:
                raise holds_formula(name)
            self._reader.check_writable(tab, row, column)
        self._queue(tab).cells.setdefault(row, {})[column] = CellEdit(value, over_formula=over_formula)

    def append(self, tab: str, rows: Sequence[Mapping[int, Raw] | Sequence[Raw]]) -> None:
        """Queue rows below the last filled one of the region these columns are in.

        A row maps columns, counted from 0, to values, or lists the values from the tab's first used column on.
        Formats and calculated columns go on from the row above; an Excel table, validations and conditional formats
        that reached the last row grow; a totals row moves down. Queued cells count as filled.
        """
        self._sheet(tab)
        lines = [row if isinstance(row, Mapping) else self._by_column(tab, row) for row in rows]
        for line in lines:
            for column, value in line.items():
                if not is_on_sheet(0, column):
                    raise EditRefused(f"{tab} has no column {column}.", "Columns end at XFD, 16,383.")
                written(value, "", is_1904=self._outline.is_1904, where=f"{tab}, new row")
        if any(lines):
            self._queue(tab).rows.append(lines)

    def put_tab(self, name: str, content: TabContent | Sequence[Sequence[Raw | Styled]]) -> None:
        """Queue a whole tab: a new one after all others, or one that was put here earlier anew in its place.

        EditRefused at once for content that no tab can hold, and for the name of a tab that a person made.
        """
        check_name(name)
        self._check_own(name)
        if not isinstance(content, TabContent):
            content = TabContent(rows=tuple(tuple(row) for row in content))
        check_content(content, name, is_1904=self._outline.is_1904)
        self._queued_tabs[name] = content

    def remove_tab(self, name: str) -> None:
        """Queue the removal of a tab that was put here earlier; EditRefused at once for one that a person made.

        `save` refuses where anything refers to it.
        """
        self._sheet(name)
        self._check_own(name)
        self._queued_tabs[name] = None

    def check_writable(self) -> None:
        """Nothing; WorkbookBusy or EditRefused where no edit could be saved: open elsewhere, read-only, signed."""
        check_not_open(self.path)
        check_writable(self._package)

    def save(self, path: Path | None = None) -> Receipt:
        """Write all queued edits and tell what changed; the queue is empty then, and the Book is the saved file.

        Raises EditRefused or WorkbookBusy with nothing written and the queue kept. Saved under its own path, the file
        must still be the one that was read.
        """
        target = Path(path or self.path).resolve()
        is_same = target == self.path.resolve()
        check_not_open(target)
        if not self._queued and not self._queued_tabs and is_same:
            return Receipt((), (), target)
        check_writable(self._package)
        self._check_tabs()
        edits = [self._tab_edits(tab, queue) for tab, queue in self._queued.items()]
        with named_errors(self.path.name, refusals_pass=True):
            done = Writer(self._package, self._outline).write(edits, self._queued_tabs)
        return self._replace(target, done)

    def recalculate(self, *, seconds: float = 120) -> Receipt:
        """Store the results of all formulas that are out of date, as LibreOffice calculates them; nothing else changes.

        What LibreOffice cannot calculate stays out of date. Raises NotFound where LibreOffice is not installed.
        """
        if self._queued or self._queued_tabs:
            raise EditRefused(f"{self.path.name} has edits that are not saved.", "Save first.")
        self.check_writable()
        with named_errors(self.path.name):
            wanted = unknown_results(self._package, self._outline)
        if not wanted:
            return Receipt((), (), self.path)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            copy = calculated_copy(self.path, Path(folder), seconds=seconds)
            other = Book(copy, self.limits)
            with named_errors(self.path.name, refusals_pass=True):
                results = stored_results(other._package, other._outline, wanted)
                done = refreshed(self._package, self._outline, results)
        return self._replace(self.path.resolve(), done) if done.parts else Receipt((), (), self.path)

    def _replace(self, target: Path, done: Done) -> Receipt:
        """Write the new file whole, looked at before, and be it from now on."""
        is_same = target == self.path.resolve()
        saved: list[bytes] = []

        def check(new: Path) -> None:
            saved.append(verify(self._package, new, done, self.limits))
            if is_same:
                self._check_unchanged()
            check_not_open(target)

        replace_file(target, self._package.rewritten(done.parts, done.gone, done.extras), check)
        self.path = target if not is_same else self.path
        cells = ((tab, cell_name(row, column)) for tab, row, column in done.cells)
        names = (self._package.member(part).name for part in done.parts if part in self._package)
        added = (part for part in done.parts if part not in self._package)
        receipt = Receipt(tuple(names), tuple(cells), target, tuple(added), tuple(sorted(done.gone)))
        self._load(saved[0])
        return receipt

    def _load(self, data: bytes) -> None:
        with named_errors(self.path.name):
            check_is_zip(data, self.path.name)
            self._package = Package(data, self.limits)
            self._outline = outline(self._package)
            self._reader = Reader(self._package, self._outline)
        self._sheets = {sheet.tab: sheet for sheet in self._outline.sheets}
        self._fingerprint = digest(data)
        self._grids: dict[str, Grid] = {}
        self._stale = None
        self._queued: dict[str, _Queue] = {}
        self._queued_tabs: dict[str, TabContent | None] = {}

    def _sheet(self, tab: str) -> Sheet:
        if tab not in self._sheets:
            raise NotFound(f"{self.path.name} has no tab {tab!r}.", f"It has: {', '.join(self.tabs) or 'none'}.")
        return self._sheets[tab]

    def _by_column(self, tab: str, values: Sequence[Raw]) -> dict[int, Raw]:
        return dict(enumerate(values, start=self.grid(tab).left))

    def _check_own(self, name: str) -> None:
        with named_errors(self.path.name, refusals_pass=True):
            TabWriter(Parts(self._package, {}), self._outline).check_own(name)

    def _queue(self, tab: str) -> _Queue:
        return self._queued.setdefault(tab, _Queue())

    def _check_tabs(self) -> None:
        tabs = {tab.lower() for tab in self._queued_tabs}
        for tab in self._queued:
            if tab.lower() in tabs:
                raise EditRefused(f"The tab {tab} is to be edited and replaced at once.", "Save between the two.")

    def _tab_edits(self, tab: str, queue: _Queue) -> TabEdits:
        grid = self.grid(tab) if queue.rows else None
        return TabEdits(self._sheet(tab), queue.cells, queue.rows, grid)

    def _check_unchanged(self) -> None:
        if digest(file_bytes(self.path, self.limits)) != self._fingerprint:
            raise WorkbookBusy(
                f"{self.path.name} changed since it was read; somebody else saved it.",
                "Nothing was written. Run again.",
            )
