"""Requests that rearrange data: sort, find and replace, duplicates, blanks, text to columns, shuffle."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any

from sheetcrm.testing.sheets_server.errors import bad
from sheetcrm.testing.sheets_server.model import Cell, ErrorValue, Formula, Json, Sheet, Value
from sheetcrm.testing.sheets_server.places import Area
from sheetcrm.testing.sheets_server.rights import check_editable
from sheetcrm.testing.sheets_server.showing import shown
from sheetcrm.testing.sheets_server.structure import copied_cell
from sheetcrm.testing.sheets_server.values_writing import grow, new_cell
from sheetcrm.testing.sheets_server.work import Work


def _of(work: Work, plain: Mapping[str, Any]) -> tuple[Sheet, Area]:
    sheet = work.book.sheet(plain.get("sheetId"))
    area = sheet.area(plain)
    check_editable(sheet, [area], work.user)
    return sheet, area


def _rank(value: Value) -> tuple[int, Any]:
    """The order of kinds: numbers, texts, yes/no, errors, and blanks always last."""
    if value is None or value == "":
        return 9, 0
    if isinstance(value, bool):
        return 2, value
    if isinstance(value, ErrorValue):
        return 3, 0
    return (1, value.casefold()) if isinstance(value, str) else (0, value)


def _compare(one: Sequence[Value], other: Sequence[Value], descending: Sequence[bool]) -> int:
    for first, second, is_down in zip(one, other, descending, strict=True):
        left, right = _rank(first), _rank(second)
        if left == right:
            continue
        if 9 in (left[0], right[0]):
            return -1 if right[0] == 9 else 1
        return (-1 if left < right else 1) * (-1 if is_down else 1)
    return 0


def _rearrange(sheet: Sheet, area: Area, order: Iterable[int]) -> None:
    """Puts the rows of an area into another order: cells move, the rows themselves stay."""
    lines = {
        row: [sheet.cell(row, column) for column in range(area.left, area.right)]
        for row in range(area.top, area.bottom)
    }
    for row, source in zip(range(area.top, area.bottom), order, strict=True):
        if row != source:
            for j, cell in enumerate(lines[source]):
                sheet.put(row, area.left + j, copied_cell(cell, row - source, 0))


def sort_area(work: Work, sheet: Sheet, area: Area, specs: Sequence[Mapping[str, Any]]) -> None:
    """Sorts the rows of an area by SortSpecs."""
    values = work.reader().values
    columns = [one.get("dimensionIndex", 0) for one in specs]
    if any(not area.left <= column < area.right for column in columns):
        raise bad("sortSpecs.dimensionIndex: The column to sort by must lie within the range.")
    descending = [one.get("sortOrder") == "DESCENDING" for one in specs]
    keys = {row: [values.at(sheet, row, column) for column in columns] for row in range(area.top, area.bottom)}

    def compare(one: int, other: int) -> int:
        return _compare(keys[one], keys[other], descending)

    order = sorted(keys, key=cmp_to_key(compare))
    _rearrange(sheet, area, order)


def sort_range(work: Work, plain: Json) -> Json:
    """SortRange: a range that reaches beyond the grid is sorted as far as the grid goes, as Google's is."""
    wanted = plain.get("range", {})
    grid = work.book.sheet(wanted.get("sheetId"))
    ends = {"endRowIndex": grid.row_count, "endColumnIndex": grid.column_count}
    reached = {end: min(wanted.get(end, count), count) for end, count in ends.items()}
    sheet, area = _of(work, {**wanted, **reached})
    sort_area(work, sheet, area, plain.get("sortSpecs", ()))
    return {}


def randomize_range(work: Work, plain: Json) -> Json:
    """RandomizeRange."""
    sheet, area = _of(work, plain.get("range", {}))
    order = list(range(area.top, area.bottom))
    work.random.shuffle(order)
    _rearrange(sheet, area, order)
    return {}


def _pattern(plain: Json) -> re.Pattern[str]:
    flags = re.NOFLAG if plain.get("matchCase") else re.IGNORECASE
    text = plain.get("find", "")
    try:
        pattern = text if plain.get("searchByRegex") else re.escape(text)
        return re.compile(rf"\A(?:{pattern})\Z" if plain.get("matchEntireCell") else pattern, flags)
    except re.error as error:
        raise bad(f"Invalid regular expression: {text}") from error


def find_replace(work: Work, plain: Json) -> Json:
    """findReplace: over a range, a sheet or all sheets; gives what was changed."""
    if not plain.get("find"):
        raise bad("find: A value to find must be specified.")
    pattern, replacement = _pattern(plain), plain.get("replacement", "")
    if plain.get("searchByRegex"):
        replacement = re.sub(r"\$([0-9]+)", r"\\g<\1>", replacement.replace("\\", "\\\\"))
    else:
        replacement = replacement.replace("\\", "\\\\")
    counts = {"valuesChanged": 0, "formulasChanged": 0, "occurrencesChanged": 0}
    rows, sheets = set(), set()
    for sheet, area in _searched(work, plain):
        for row, column, cell in list(sheet.filled(area)):
            found = _replaced(work, cell, pattern, replacement, in_formulas=bool(plain.get("includeFormulas")))
            if found is None:
                continue
            new, times, kind = found
            check_editable(sheet, [Area(row, column, row + 1, column + 1)], work.user)
            sheet.put(row, column, new)
            counts[kind] += 1
            counts["occurrencesChanged"] += times
            rows.add((sheet.id, row))
            sheets.add(sheet.id)
    counts |= {"rowsChanged": len(rows), "sheetsChanged": len(sheets)}
    return {"findReplace": {name: count for name, count in counts.items() if count}}


def _searched(work: Work, plain: Json) -> list[tuple[Sheet, Area]]:
    if "range" in plain:
        sheet = work.book.sheet(plain["range"].get("sheetId"))
        return [(sheet, sheet.area(plain["range"]))]
    if plain.get("allSheets"):
        return [(one, one.whole) for one in work.book.sheets]
    sheet = work.book.sheet(plain.get("sheetId"))
    return [(sheet, sheet.whole)]


def _replaced(
    work: Work, cell: Cell, pattern: re.Pattern[str], replacement: str, *, in_formulas: bool
) -> tuple[Cell, int, str] | None:
    if isinstance(cell.value, Formula):
        if not in_formulas:
            return None
        text, times = pattern.subn(replacement, cell.value.text)
        return (Cell(Formula(text), cell.format, cell.extra), times, "formulasChanged") if times else None
    if cell.value is None:
        return None
    before = shown(cell.value, cell.format.get("numberFormat"), work.book.locale)
    text, times = pattern.subn(replacement, before)
    if not times:
        return None
    new = new_cell(cell, text, is_typed=True, locale=work.book.locale, today=work.local_now.date())
    return new, times, "valuesChanged"


def delete_duplicates(work: Work, plain: Json) -> Json:
    """deleteDuplicates: of rows alike in the columns compared the first stays; the others' cells close up."""
    sheet, area = _of(work, plain.get("range", {}))
    values = work.reader().values
    columns = [
        column
        for one in plain.get("comparisonColumns", ())
        for column in range(one.get("startIndex", 0), one.get("endIndex", area.right))
    ] or list(range(area.left, area.right))
    seen, kept = set(), []
    for row in range(area.top, area.bottom):
        key = tuple(_rank(values.at(sheet, row, column)) for column in columns)
        if key not in seen:
            seen.add(key)
            kept.append(row)
    lines = [[sheet.cell(row, column) for column in range(area.left, area.right)] for row in kept]
    for i, row in enumerate(range(area.top, area.bottom)):
        for j in range(area.width):
            cell = copied_cell(lines[i][j], row - kept[i], 0) if i < len(kept) else Cell()
            sheet.put(row, area.left + j, cell)
    removed = area.height - len(kept)
    return {"deleteDuplicates": {"duplicatesRemovedCount": removed} if removed else {}}


def trim_whitespace(work: Work, plain: Json) -> Json:
    """trimWhitespace: blanks at both ends of texts, and doubled ones inside."""
    sheet, area = _of(work, plain.get("range", {}))
    changed = 0
    for row, column, cell in list(sheet.filled(area)):
        if isinstance(cell.value, str):
            text = re.sub(r"\s+", " ", cell.value).strip()
            if text != cell.value:
                sheet.put(row, column, Cell(text or None, cell.format, cell.extra))
                changed += 1
    return {"trimWhitespace": {"cellsChangedCount": changed} if changed else {}}


_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "PERIOD": ".", "SPACE": " "}


def text_to_columns(work: Work, plain: Json) -> Json:
    """textToColumns: the texts of one column spread over the columns to its right."""
    sheet, area = _of(work, plain.get("source", {}))
    if area.width != 1:
        raise bad("source: The source data range must span exactly one column.")
    kind = plain.get("delimiterType", "CUSTOM")
    delimiter = _DELIMITERS.get(kind) or plain.get("delimiter") or ","
    if kind in ("AUTODETECT", "DELIMITER_TYPE_UNSPECIFIED"):
        texts = [cell.value for _, _, cell in sheet.filled(area) if isinstance(cell.value, str)]
        delimiter = max(_DELIMITERS.values(), key=lambda one: sum(text.count(one) for text in texts))
    for row, column, cell in list(sheet.filled(area)):
        if isinstance(cell.value, str):
            pieces = cell.value.split(delimiter)
            grow(work, sheet, 0, column + len(pieces))
            check_editable(sheet, [Area(row, column, row + 1, column + len(pieces))], work.user)
            for j, piece in enumerate(pieces):
                old = sheet.cell(row, column + j)
                new = new_cell(old, piece.strip(), is_typed=True, locale=work.book.locale, today=work.local_now.date())
                sheet.put(row, column + j, new)
    return {}


REQUESTS: Mapping[str, Callable[[Work, Json], Json]] = {
    "sortRange": sort_range,
    "randomizeRange": randomize_range,
    "findReplace": find_replace,
    "deleteDuplicates": delete_duplicates,
    "trimWhitespace": trim_whitespace,
    "textToColumns": text_to_columns,
}
