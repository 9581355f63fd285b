"""The edit that takes over a calculated copy's results: the parts, the note, what is to be found there afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sheetcrm.table import Raw
from sheetcrm.xlsx.markup import check_no_dtd, encoded, spliced
from sheetcrm.xlsx.notes import Note, areas_of
from sheetcrm.xlsx.outline import Outline
from sheetcrm.xlsx.package import Package
from sheetcrm.xlsx.results import results_in, value_of, with_results
from sheetcrm.xlsx.sheet import SheetText
from sheetcrm.xlsx.staleness import stale_places
from sheetcrm.xlsx.values import Written
from sheetcrm.xlsx.writing import Done

Wanted = Mapping[str, Iterable[tuple[int, int]]]
Results = Mapping[str, Mapping[tuple[int, int], Written]]


def stored_results(package: Package, outline: Outline, wanted: Wanted) -> Results:
    """The results that a workbook stores in these places, by tab; a function that it does not know gives none."""
    found: dict[str, dict[tuple[int, int], Written]] = {}
    for sheet in outline.sheets:
        if sheet.tab in wanted:
            results = results_in(_text(package, sheet.part), wanted[sheet.tab])
            found[sheet.tab] = {place: one for place, one in results.items() if one.body != "#NAME?"}
    return found


def refreshed(package: Package, outline: Outline, results: Results) -> Done:
    """The workbook's parts with these results stored, and its note of what is still out of date."""
    parts: dict[str, bytes] = {}
    cells: dict[tuple[str, int, int], Raw] = {}
    left: dict[int, tuple[tuple[int, int], ...]] = {}
    stale = stale_places(package, outline)
    for sheet in outline.sheets:
        new = results.get(sheet.tab, {})
        left[sheet.number] = tuple(stale.get(sheet.tab, frozenset()) - new.keys())
        if new:
            text = _text(package, sheet.part)
            parts[sheet.part] = encoded(spliced(text.text, with_results(text, new)), text.codec)
            cells |= {(sheet.tab, *place): value_of(one) for place, one in new.items()}
    note = Note(stale={number: areas_of(places) for number, places in left.items() if places})
    return Done(parts, cells, extras={outline.part: note.encoded()})


def _text(package: Package, part: str) -> SheetText:
    raw = package.read(part)
    check_no_dtd(raw, part)
    return SheetText(raw, part)
