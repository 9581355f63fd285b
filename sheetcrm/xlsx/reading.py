"""A tab as a Grid: values by calamine, places of formulas and error values by our own scan, sizes checked before."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import time
from typing import cast

from python_calamine import CalamineSheet

from sheetcrm.errors import WorkbookUnreadable
from sheetcrm.tab import Rectangle
from sheetcrm.table import CellError, Grid, Raw, Stale, cell_name, column_letters
from sheetcrm.xlsx.areas import places_in, within
from sheetcrm.xlsx.bans import Bans, bans_of, locked
from sheetcrm.xlsx.limits import Limits
from sheetcrm.xlsx.looks import Looks
from sheetcrm.xlsx.markup import check_no_dtd, holds, prefix_of, unescaped
from sheetcrm.xlsx.outline import Outline, Sheet, tables_of
from sheetcrm.xlsx.package import Package
from sheetcrm.xlsx.places import COLUMNS, ROWS, column_index, place
from sheetcrm.xlsx.plain import PlainWorkbook
from sheetcrm.xlsx.sheet import SheetText

_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([^\"']*)[\"']")
_FILLED = re.compile(rb"r=[\"']([A-Za-z]{1,3}[0-9]{1,7})[\"'][^<>]*+(?<!/)>")
_IS_TEXT = re.compile(rb"\st\s*=\s*[\"'](?:str|s|inlineStr)[\"']")
_INDEX = re.compile(rb"<[^<>]*v[^<>]*>\s*([0-9]{1,9})\s*<")

_SLICE = 8 << 20


class Reader:
    """Reads the tabs of one workbook."""

    def __init__(self, package: Package, outline: Outline) -> None:
        self._package = package
        self._outline = outline
        self._limits = package.limits
        self._plain = PlainWorkbook(package, outline)
        self._lengths: list[int] | None = None
        self._bans: dict[str, Bans] = {}
        self._looks = Looks(package, outline.styles)
        self._sealed: set[str] = set()

    def grid(self, sheet: Sheet, stale: frozenset[tuple[int, int]] = frozenset()) -> Grid:
        """The tab as a Grid; WorkbookUnreadable where it is damaged or larger than the limits.

        `stale` are the places of formulas whose results are out of date; those without a result join them.
        """
        text = self.checked(sheet, self._package.read(sheet.part))
        scan = Scan(text)
        formulas, errors, is_protected = scan.formulas(), scan.errors(), text.is_protected
        stale |= scan.without_result()
        tables = tables_of(self._package, sheet)
        self._bans[sheet.tab] = bans_of(text, tables)
        if is_protected and not self._looks.unlocks_any:
            self._sealed.add(sheet.tab)
        merges, arrays = text.merges, text.arrays
        del text, scan
        top, left, rows = _values(self._plain.sheet(self._outline.sheets.index(sheet)))
        for row in rows:
            if "" in row:
                # Most cells are true, which costs less to tell than that they are no text.
                row[:] = [value if value or value != "" else None for value in row]
        self._restore_negatives(sheet, rows, top, left)
        for (row_number, column), code in errors.items():
            _put(rows, row_number - top, column - left, CellError(code))
        top, left, rows = _around_all((top, left, rows), stale)
        for row_number, column in stale:
            rows[row_number - top][column - left] = Stale(stored=rows[row_number - top][column - left])
        ranges = tuple(table.range for table in tables)
        extent = Rectangle(top, left, top + len(rows) - 1, left + max(map(len, rows), default=0) - 1)
        formulas |= self._places(sheet, within(arrays, extent), "array formulas and data tables")
        covered = self._places(sheet, within(merges, extent), "merged cells").difference(area[:2] for area in merges)
        return Grid(sheet.tab, rows, top, left, formulas, ranges, sheet.is_hidden, is_protected, covered)

    def _places(self, sheet: Sheet, areas: list[Rectangle], what: str) -> frozenset[tuple[int, int]]:
        return places_in(areas, self._limits.formulas, f"The {what} of the tab {sheet.tab}")

    def check_writable(self, tab: str, row: int, column: int) -> None:
        """Nothing; EditRefused where the cell of a tab, which was read as a Grid before, may not be written."""
        if tab in self._sealed:
            raise locked(f"{tab}!{cell_name(row, column)}")
        self._bans[tab].check(tab, row, column)

    def _restore_negatives(self, sheet: Sheet, rows: list[list[Raw]], top: int, left: int) -> None:
        """Calamine reads negative numbers in cells with a date format as times of day; they stay numbers."""
        if not any(time in map(type, row) for row in rows):
            return
        scan = Scan(SheetText(self._package.read(sheet.part), sheet.part))
        for (row_number, column), value in scan.negatives().items():
            i, j = row_number - top, column - left
            if 0 <= i < len(rows) and 0 <= j < len(rows[i]) and isinstance(rows[i][j], time):
                rows[i][j] = value

    def alone(self, xml: bytes) -> tuple[int, int, list[list[Raw]]]:
        """First row, first column and cells of a small sheet's XML as calamine gives them; blanks are empty text."""
        return _values(self._plain.alone(xml))

    def checked(self, sheet: Sheet, raw: bytes) -> SheetText:
        """The sheet's bytes, laid out and found to be within the limits.

        They must pass before calamine, which would take any amount of memory, sees them.
        """
        check_no_dtd(raw, sheet.part)
        text = SheetText(raw, sheet.part)
        text.check_names()
        self._check_size(sheet.tab, text, Scan(text))
        return text

    def _check_size(self, tab: str, text: SheetText, scan: Scan) -> None:
        counted = (
            ("cells", scan.count, self._limits.cells),
            ("formulas", text.count_of(b"f"), self._limits.formulas),
            ("merged cells", text.merge_count, self._limits.merges),
        )
        for what, count, limit in counted:
            if count > limit:
                raise WorkbookUnreadable(
                    f"The tab {tab} holds {count:,} {what}; the limit is {limit:,}.",
                    "Delete unused rows and columns, or raise the limit.",
                )
        extent = scan.extent(self._limits)
        area = (extent.bottom - extent.top + 1) * (extent.right - extent.left + 1) if extent else 0
        if area > self._limits.cells:
            raise WorkbookUnreadable(
                f"The tab {tab} holds cells from {extent}, an area of {area:,}; the limit is {self._limits.cells:,}.",
                "Delete stray cells far below or right of the data, or raise the limit.",
            )
        if self._outline.strings is not None and scan.count:
            self._check_text(tab, text, scan.count)

    def _check_text(self, tab: str, text: SheetText, cells: int) -> None:
        """Refuse a tab whose few shared strings, used a million times, would fill the memory."""
        if self._lengths is None:
            raw = self._package.read(self._outline.strings or "")
            end = b"</" + prefix_of(raw[: 1 << 16], "sharedStrings") + b"si>"
            self._lengths = [len(piece) for piece in raw.split(end)]
            self._lengths[0] -= max(raw.find(b"si>"), 0)
        lengths, limit = self._lengths, self._limits.text_bytes
        if max(lengths) * cells <= limit:
            return
        used = map(int, _INDEX.findall(text.blank, text.begin, text.end))
        if sum(lengths[i] for i in used if i < len(lengths)) > limit:
            raise WorkbookUnreadable(
                f"The text of the tab {tab} takes more than {limit:,} bytes.", "Shorten long cells, or raise the limit."
            )


class Scan:
    """What a sheet's bytes tell without a full reading: extent, formulas, errors. Cells may lack their address."""

    def __init__(self, text: SheetText) -> None:
        self._text = text
        self._prefix = text.prefix
        self.count = self._text.count_of(b"c")

    def extent(self, limits: Limits) -> Rectangle | None:
        """A rectangle that surely holds all filled cells; None where the sheet has no cell."""
        if not self.count:
            return None
        return self._announced(limits) or self._measured(limits)

    def _announced(self, limits: Limits) -> Rectangle | None:
        """What the sheet says of its extent, rounded up, where it fits the limits and no cell stands outside."""
        corners = self._text.dimension
        if corners is None:
            return None
        leading, zeros = _round(corners.bottom + 1)
        around = Rectangle(0, 0, (leading + 1) * 10**zeros - 2, corners.right)
        if (around.bottom + 1) * (around.right + 1) > limits.cells:
            return None
        rows = b"[1-%d][0-9]{%d}" % (leading, zeros) + (b"|[1-9][0-9]{0,%d}" % (zeros - 1) if zeros else b"")
        inside = rb" r=\"(?:%s)(?:%s)\"" % (_letters_to(column_letters(around.right)), rows)
        outside = re.compile(rb"<%sc(?!%s|[^\s/>])" % (self._prefix, inside))
        return None if outside.search(self._text.blank, self._text.begin, self._text.end) else around

    def _measured(self, limits: Limits) -> Rectangle | None:
        blank, begin, end = self._text.blank, self._text.begin, self._text.end
        columns: set[bytes] = set()
        count = 0
        opening = re.compile(rb"<%sc r=\"([A-Z]{1,3})[0-9]{1,7}\"" % self._prefix)
        for start, stop in self._slices():
            found = opening.findall(blank, start, stop)
            count += len(found)
            columns.update(found)
        if count < self.count:
            return _around(where for _, where in self._walk())
        right = max(column_index(letters.decode()) for letters in columns)
        rows = re.compile(rb"<%sc r=\"[A-Z]{1,3}([0-9]{1,7})\"" % self._prefix)
        bottom = max(max(map(int, rows.findall(blank, *part)), default=0) for part in self._slices())
        if bottom * (right + 1) <= limits.cells:
            return Rectangle(0, 0, bottom - 1, right)
        # Blank cells that only carry a format do not count: calamine leaves them out.
        return _around(_valid(name) for name in _FILLED.findall(blank, begin, end))

    def formulas(self) -> frozenset[tuple[int, int]]:
        """The places of all cells that hold a formula."""
        if not self._text.count_of(b"f"):
            return frozenset()
        pattern = rb"<%sc(?=[\s>])([^<>]*+)>\s*+<%sf(?=[\s/>])" % (self._prefix, self._prefix)
        found = re.compile(pattern).finditer(self._text.blank, self._text.begin, self._text.end)
        return frozenset(where for _, where in self._placed(found))

    def without_result(self) -> frozenset[tuple[int, int]]:
        """The places of formulas for which no result is stored; an empty one is a result only where it is text."""
        if not self._text.count_of(b"f"):
            return frozenset()
        names = {name: self._prefix + name for name in (b"c", b"f", b"v")}
        pattern = (
            rb"<%(c)s(?=[\s>])([^<>]*+)>\s*+<%(f)s(?=[\s/>])(?:[^<>]*+(?<=/)>|[^<>]*+>[^<]*+</%(f)s\s*+>)\s*+"
            rb"(?:<%(v)s\s*+/>\s*+|<%(v)s\s*+>\s*+</%(v)s\s*+>\s*+)?</%(c)s[\s>]"
        )
        pattern %= names
        found = re.compile(pattern).finditer(self._text.blank, self._text.begin, self._text.end)
        return frozenset(where for tag, where in self._placed(found) if not _IS_TEXT.search(tag.group(1)))

    def errors(self) -> dict[tuple[int, int], str]:
        """The error values by place."""
        blank, begin, end = self._text.blank, self._text.begin, self._text.end
        if blank.find(b'"e"', begin, end) < 0 and not holds(blank, b"'", b"'e'", begin, end):
            return {}
        pattern = rb"<%sc(?=\s)([^<>]*?\st\s*=\s*[\"']e[\"'][^<>]*+)(?<!/)>" % self._prefix
        found = re.compile(pattern).finditer(blank, begin, end)
        return {where: self._value(tag.end()) or "#N/A" for tag, where in self._placed(found)}

    def negatives(self) -> dict[tuple[int, int], float]:
        """The negative numbers by place."""
        pattern = rb"<%sc(?=\s)([^<>]*+)>\s*+<%sv>\s*+(-[0-9.eE+-]++)\s*+<" % (self._prefix, self._prefix)
        found = re.compile(pattern).finditer(self._text.blank, self._text.begin, self._text.end)
        return {where: float(tag.group(2)) for tag, where in self._placed(found)}

    def _value(self, at: int) -> str:
        end = self._text.blank.find(b"</" + self._prefix + b"c", at)
        value = re.compile(rb"<%sv(?:\s[^<>]*)?>([^<]*)<" % self._prefix).search(self._text.blank, at, max(end, at))
        return unescaped(value.group(1).decode("utf-8", "replace")).strip() if value else ""

    def _placed(self, tags: Iterable[re.Match[bytes]]) -> Iterator[tuple[re.Match[bytes], tuple[int, int]]]:
        """Each cell's opening tag with the cell's place."""
        without: dict[int, re.Match[bytes]] = {}
        for tag in tags:
            found = _REFERENCE.search(tag.group(1))
            if found:
                yield tag, _valid(found.group(1))
            else:
                without[tag.start()] = tag
        if without:
            yield from ((without[start], where) for start, where in self._walk() if start in without)

    def _slices(self) -> Iterator[tuple[int, int]]:
        """The data in pieces of some megabytes that end between cells, so that no list of all cells is ever made."""
        start, opening = self._text.begin, b"<" + self._prefix + b"c"
        while start < self._text.end:
            stop = self._text.blank.find(opening, start + _SLICE, self._text.end)
            stop = self._text.end if stop < 0 else stop
            yield start, stop
            start = stop

    def _walk(self) -> Iterator[tuple[int, tuple[int, int]]]:
        """The position in the bytes and the place of every cell, counting where addresses are missing."""
        opening = re.compile(rb"<%sc(?=[\s/>])([^<>]*+)>" % self._prefix)
        starts = [*self._text.starts, self._text.end]
        for i, row in enumerate(self._text.numbers):
            column = -1
            for tag in opening.finditer(self._text.blank, starts[i], starts[i + 1]):
                found = _REFERENCE.search(tag.group(1))
                # The cell's own address wins, as it does in calamine.
                row, column = _valid(found.group(1)) if found else (row, column + 1)  # noqa: PLW2901
                yield tag.start(), (row, column)


def _values(sheet: CalamineSheet) -> tuple[int, int, list[list[Raw]]]:
    return *(sheet.start or (0, 0)), cast("list[list[Raw]]", sheet.to_python())


def _around_all(
    found: tuple[int, int, list[list[Raw]]], places: Collection[tuple[int, int]]
) -> tuple[int, int, list[list[Raw]]]:
    """The cells as found, with blank ones around them as far as these places reach: calamine leaves out the blank."""
    top, left, rows = found
    if not places:
        return found
    if not rows:
        top, left = min(row for row, _ in places), min(column for _, column in places)
    up, bottom = min(top, *(row for row, _ in places)), max(row for row, _ in places)
    start, right = min(left, *(column for _, column in places)), max(column for _, column in places)
    width = max(right - start + 1, max(map(len, rows), default=0) + left - start)
    new: list[list[Raw]] = [[None] * width for _ in range(top - up)]
    new += [[None] * (left - start) + row + [None] * (width - len(row) - left + start) for row in rows]
    new += [[None] * width for _ in range(bottom - up + 1 - len(new))]
    return up, start, new


def _around(places: Iterable[tuple[int, int]]) -> Rectangle | None:
    top, left, bottom, right = ROWS, COLUMNS, -1, -1
    for row, column in places:
        top, bottom = min(top, row), max(bottom, row)
        left, right = min(left, column), max(right, column)
    return Rectangle(top, left, bottom, right) if bottom >= 0 else None


def _letters_to(last: str) -> bytes:
    """An expression for the letters of all columns from A to the last one: `[A-Z]|A[A-C]` for AC."""
    ways = [f"[A-Z]{{{length}}}" for length in range(1, len(last))]
    for i, letter in enumerate(last):
        below = letter if i == len(last) - 1 else chr(ord(letter) - 1)
        if below >= "A":
            ways.append(f"{last[:i]}[A-{below}][A-Z]{{{len(last) - 1 - i}}}")
    return "|".join(ways).encode()


def _valid(name: bytes) -> tuple[int, int]:
    """Row and column of an address. A wrong one is an error: calamine would reckon with it and set aside the memory."""
    where = place(name.decode("ascii", "replace"))
    if where is None:
        raise WorkbookUnreadable(f"The sheet has no cell {name[:20]!r}.", "Open it in Excel and save it again.")
    return where


def _round(number: int) -> tuple[int, int]:
    """A number rounded down to its first digit, as that digit and the count of zeros after it: 4321 is (4, 3)."""
    digits = str(max(number, 1))
    return int(digits[0]), len(digits) - 1


def _put(rows: list[list[Raw]], i: int, j: int, value: Raw) -> None:
    if 0 <= i < len(rows) and 0 <= j < len(rows[i]):
        rows[i][j] = value
