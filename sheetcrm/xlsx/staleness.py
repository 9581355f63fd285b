"""Which formulas' stored results are out of date: those that read a changed cell, directly or not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sheetcrm.tab import Rectangle
from sheetcrm.xlsx.formulas import Formula, Precedents, Reads, formulas_of
from sheetcrm.xlsx.markup import check_no_dtd
from sheetcrm.xlsx.notes import Note, areas_of, decoded_note
from sheetcrm.xlsx.outline import Outline
from sheetcrm.xlsx.package import Package
from sheetcrm.xlsx.parts import Parts
from sheetcrm.xlsx.sheet import SheetText

_BUDGET = 5_000_000
"""Comparisons of areas; a workbook that would need more has all of its formulas taken for out of date."""

Cells = dict[int, set[tuple[int, int]]]


def stale_places(package: Package, outline: Outline) -> Mapping[str, frozenset[tuple[int, int]]]:
    """The places of results that are out of date by the file's own note, by tab; read only where there is a note."""
    note = decoded_note(package.extra_field(outline.part))
    if not note:
        return {}
    found = stale_cells(_all_formulas(package, outline), Reads(Parts(package, {}), outline), note)
    return {sheet.tab: found[sheet.number] for sheet in outline.sheets if sheet.number in found}


def unknown_results(package: Package, outline: Outline) -> Mapping[str, frozenset[tuple[int, int]]]:
    """The places, by tab, of all formulas whose result is out of date or not stored."""
    formulas = _all_formulas(package, outline)
    stale = stale_places(package, outline)
    found: dict[str, frozenset[tuple[int, int]]] = {}
    for sheet in outline.sheets:
        without = {one.area[:2] for one in formulas if one.sheet == sheet.number and not one.has_result}
        if places := stale.get(sheet.tab, frozenset()) | without:
            found[sheet.tab] = places
    return found


def _all_formulas(package: Package, outline: Outline) -> list[Formula]:
    formulas: list[Formula] = []
    for sheet in outline.sheets:
        if sheet.part in package:
            raw = package.read(sheet.part)
            check_no_dtd(raw, sheet.part)
            formulas += formulas_of(SheetText(raw, sheet.part), sheet)
    return formulas


def stale_cells(formulas: Sequence[Formula], reads: Reads, note: Note) -> Mapping[int, frozenset[tuple[int, int]]]:
    """The cells whose results are out of date, by the number of their sheet.

    Out of date is what reads a changed cell, or one out of date, or cells that cannot be told before it is calculated.
    """
    if not note:
        return {}
    known = [one for one in formulas if _meets(note.stale.get(one.sheet, ()), one.area)]
    spread = _Spread(formulas, reads)
    spread.start({number: tuple(areas) for number, areas in note.changed.items()}, known)
    stale: Cells = {}
    for formula in spread.stale():
        area = formula.area
        cells = ((r, c) for r in range(area.top, area.bottom + 1) for c in range(area.left, area.right + 1))
        stale.setdefault(formula.sheet, set()).update(cells)
    return {number: frozenset(cells) for number, cells in stale.items()}


class _Spread:
    """Change spreading from cells to the formulas that read them, wave by wave."""

    def __init__(self, formulas: Sequence[Formula], reads: Reads) -> None:
        self._formulas = formulas
        self._hit: set[int] = set()
        self._single: dict[tuple[int, int, int], list[int]] = {}
        self._ranges: dict[int, dict[Rectangle, list[int]]] = {}
        self._unknown: list[int] = []
        self._budget = _BUDGET
        for i, formula in enumerate(formulas):
            self._add(i, reads.of(formula))

    def _add(self, i: int, precedents: Precedents) -> None:
        if precedents.is_anything:
            self._unknown.append(i)
        for number, area in precedents.areas:
            if area.top == area.bottom and area.left == area.right:
                self._single.setdefault((number, area.top, area.left), []).append(i)
            else:
                self._ranges.setdefault(number, {}).setdefault(area, []).append(i)

    def start(self, changed: Mapping[int, Sequence[Rectangle]], known: Iterable[Formula]) -> None:
        """Spread from changed areas and from formulas that are out of date already."""
        self._hit.update(self._unknown)
        places = {id(one): i for i, one in enumerate(self._formulas)}
        self._hit.update(places[id(one)] for one in known)
        wave = {number: list(areas) for number, areas in changed.items()}
        for number, areas in self._areas(self._hit).items():
            wave.setdefault(number, []).extend(areas)
        while wave and self._budget > 0:
            wave = self._areas(self._next(wave))

    def stale(self) -> Iterable[Formula]:
        """The formulas that were reached."""
        return self._formulas if self._budget <= 0 else [self._formulas[i] for i in sorted(self._hit)]

    def _areas(self, formulas: Iterable[int]) -> dict[int, list[Rectangle]]:
        cells: Cells = {}
        areas: dict[int, list[Rectangle]] = {}
        for i in formulas:
            one = self._formulas[i]
            if one.area.top == one.area.bottom and one.area.left == one.area.right:
                cells.setdefault(one.sheet, set()).add((one.area.top, one.area.left))
            else:
                areas.setdefault(one.sheet, []).append(one.area)
        for number, places in cells.items():
            areas.setdefault(number, []).extend(areas_of(places))
        return areas

    def _next(self, wave: Mapping[int, Sequence[Rectangle]]) -> set[int]:
        """The formulas that read one of these areas and were not reached before."""
        found: set[int] = set()
        for number, areas in wave.items():
            ranges = self._ranges.get(number, {})
            self._budget -= len(ranges) * len(areas)
            if self._budget <= 0:
                return set()
            reached = [range_ for range_ in ranges if _meets(areas, range_)]
            for range_ in reached:
                found.update(ranges.pop(range_))
            found.update(self._reading_single(number, areas))
        found -= self._hit
        self._hit |= found
        return found

    def _reading_single(self, number: int, areas: Sequence[Rectangle]) -> Iterable[int]:
        count = sum((one.bottom - one.top + 1) * (one.right - one.left + 1) for one in areas)
        if count <= len(self._single):
            places = (
                (number, row, column)
                for one in areas
                for row in range(one.top, one.bottom + 1)
                for column in range(one.left, one.right + 1)
            )
            return [i for place in places for i in self._single.get(place, ())]
        self._budget -= len(self._single) * len(areas)
        inside = (
            readers
            for (other, row, column), readers in self._single.items()
            if other == number and any(one.holds(row, column) for one in areas)
        )
        return [i for readers in inside for i in readers]


def _meets(areas: Iterable[Rectangle], area: Rectangle) -> bool:
    return any(
        one.top <= area.bottom and one.bottom >= area.top and one.left <= area.right and one.right >= area.left
        for one in areas
    )
