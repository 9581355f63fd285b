"""A sheet's XML laid out: where its rows and cells stand in the bytes. Found by regular expressions, not by a tree."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable
from functools import cached_property, partial
from typing import NamedTuple

from sheetcrm.errors import EditRefused, WorkbookUnreadable
from sheetcrm.tab import Rectangle
from sheetcrm.table import cell_name
from sheetcrm.xlsx.markup import MAIN_NAMESPACES, Tag, attribute, decoded, holds, masked, prefix_of, tags, unescaped
from sheetcrm.xlsx.places import place, rectangle
from sheetcrm.xlsx.references import shifted

_NUMBER = re.compile(rb"\sr\s*=\s*[\"']([0-9]{1,7})[\"']")
_ANY_NUMBER = re.compile(rb"\sr\s*=")
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Za-z]{1,3}[0-9]{1,7})[\"']")
REPAIR = "Open the workbook in Excel and save it again."


class RowTag(NamedTuple):
    """A row's opening tag, and where its content ends; for a row that closes itself both ends are the same."""

    number: int
    start: int
    end: int
    content_end: int


class Cell(NamedTuple):
    """A cell's bytes: from `start` to `end`, its content from `body` to `body_end`."""

    column: int
    start: int
    end: int
    attributes: bytes
    body: int
    body_end: int


class SheetText:
    """A sheet part's bytes, laid out for edits. `blank` is the text with comments and CDATA blanked out."""

    def __init__(self, raw: bytes, part: str) -> None:
        self.text, self.codec = decoded(raw)
        self.blank = masked(self.text)
        self.prefix = prefix_of(self.blank[: 1 << 16], part)
        self.opening, self.begin, self.end = self._find_data()
        self._counts: dict[bytes, int] = {}

    @property
    def is_without_rows(self) -> bool:
        """Whether the sheet's data is one tag that closes itself."""
        return self.begin == self.end and self.blank[self.begin - 2 : self.begin] == b"/>"

    def row(self, number: int) -> RowTag | None:
        """The row of that number; None where the sheet has none. EditRefused where it has several."""
        self._check_order()
        i = bisect_left(self.numbers, number)
        if i == len(self.numbers) or self.numbers[i] != number:
            return None
        start = self.starts[i]
        end = self.blank.index(b">", start) + 1
        if self.blank[end - 2 : end - 1] == b"/":
            return RowTag(number, start, end, end)
        limit = self.starts[i + 1] if i + 1 < len(self.starts) else self.end
        closing = self.blank.rfind(b"</" + self.prefix + b"row", end, limit)
        if closing < 0:
            raise WorkbookUnreadable(f"Row {number + 1} of the sheet never ends.", REPAIR)
        return RowTag(number, start, end, closing)

    def end_of(self, row: RowTag) -> int:
        """Where the row ends, its closing tag included."""
        return row.end if row.end == row.content_end else self.blank.index(b">", row.content_end) + 1

    def place_of_new(self, number: int) -> int:
        """Where a row of that number, which is not there, has to be inserted."""
        self._check_order()
        i = bisect_left(self.numbers, number)
        return self.starts[i] if i < len(self.starts) else self.end

    def cell_at(self, row: RowTag, column: int) -> Cell | None:
        """The cell as most writers write it, found by its address; None says nothing: look among the row's `cells`."""
        opening = b'<%sc r="%s"' % (self.prefix, cell_name(row.number, column).encode())
        start = self.blank.find(opening, row.end, row.content_end)
        if start < 0 or self.blank.find(opening, start + 1, row.content_end) >= 0:
            return None
        end = self.blank.index(b">", start) + 1
        attributes = self.blank[start + len(self.prefix) + 2 : end - 1]
        if b"<" in attributes or attributes.count(b'"') % 2 or attributes.count(b"'") % 2:
            return None
        if attributes.endswith(b"/"):
            return Cell(column, start, end, attributes, end, end)
        closing = self._end_of(b"</" + self.prefix + b"c", end, row)
        return Cell(column, start, self.blank.index(b">", closing) + 1, attributes, end, closing)

    def cells(self, row: RowTag) -> list[Cell]:
        """The row's cells in their order; EditRefused where a column comes twice or out of order."""
        found, column, at = [], -1, row.end
        opening = re.compile(rb"<" + self.prefix + rb"c(?=[\s/>])([^<>]*+)>")
        closing = b"</" + self.prefix + b"c"
        while tag := opening.search(self.blank, at, row.content_end):
            attributes = tag.group(1)
            where = self._column(attributes, row, column)
            if where <= column:
                raise EditRefused(f"Row {row.number + 1} holds its cells out of order.", REPAIR)
            column, at, end = where, tag.end(), tag.end()
            if not attributes.endswith(b"/"):
                end = self._end_of(closing, at, row)
                at = self.blank.index(b">", end) + 1
            found.append(Cell(column, tag.start(), at, attributes, tag.end(), end))
        return found

    def cells_at(self, row: RowTag, columns: Iterable[int]) -> tuple[dict[int, Cell], list[Cell] | None]:
        """Those cells of the row that are there, by column, and all of its cells where they had to be looked for."""
        found: dict[int, Cell] = {}
        cells: list[Cell] | None = None
        for column in columns:
            cell = self.cell_at(row, column)
            if cell is None:
                cells = self.cells(row) if cells is None else cells
                i = bisect_left(cells, column, key=lambda one: one.column)
                cell = cells[i] if i < len(cells) and cells[i].column == column else None
            if cell is not None:
                found[column] = cell
        return found, cells

    def _end_of(self, closing: bytes, at: int, row: RowTag) -> int:
        end = self.blank.find(closing, at, row.content_end)
        # </color> of a rich text begins like </c>.
        while end >= 0 and self.blank[end + len(closing)] not in b"> \t\r\n":
            end = self.blank.find(closing, end + 1, row.content_end)
        if end < 0:
            raise WorkbookUnreadable(f"A cell in row {row.number + 1} never ends.", REPAIR)
        return end

    def _column(self, attributes: bytes, row: RowTag, last: int) -> int:
        if attributes.count(b'"') % 2 or attributes.count(b"'") % 2:
            raise EditRefused(f"Row {row.number + 1} holds a cell with odd attributes.", REPAIR)
        found = _REFERENCE.search(attributes)
        if found is None:
            return last + 1
        at = place(found.group(1).decode())
        if at is None or at[0] != row.number:
            raise EditRefused(f"Row {row.number + 1} holds a cell that names another row.", REPAIR)
        return at[1]

    def holds_formula(self, cell: Cell) -> bool:
        """Whether the cell holds a formula."""
        tag = b"<" + self.prefix + b"f"
        at = self.blank.find(tag, cell.body, cell.body_end)
        return at >= 0 and self.blank[at + len(tag) : at + len(tag) + 1] in b" />\t\r\n"

    def formulas_of(self, number: int) -> dict[int, Callable[[int], str]]:
        """For each column of a row that holds a plain or shared formula: the formula it has in any other row."""
        row = self.row(number)
        found: dict[int, Callable[[int], str]] = {}
        for cell in self.cells(row) if row else []:
            tag = next(tags(self.blank, cell.body, cell.body_end, [self.prefix + b"f"]), None)
            if tag is None or attribute(tag.attributes, b"t") in ("array", "dataTable"):
                continue
            home, formula = number, self.content_of(tag)
            if not formula:
                home, formula = self._shared_from(attribute(tag.attributes, b"si") or "", cell.column)
            if formula:
                found[cell.column] = partial(_filled_from, formula, home)
        return found

    def content_of(self, tag: Tag) -> str:
        """The text between a tag and the next one."""
        end = self.blank.find(b"<", tag.end)
        return "" if tag.is_empty else unescaped(self.text[tag.end : end].decode("utf-8", "replace"))

    def _shared_from(self, key: str, column: int) -> tuple[int, str]:
        """Row and text of the shared formula of that key, where it starts in the same column; else no text."""
        for tag in tags(self.blank, self.begin, self.end, [self.prefix + b"f"]):
            if attribute(tag.attributes, b"si") == key and attribute(tag.attributes, b"ref"):
                corners = rectangle(attribute(tag.attributes, b"ref") or "")
                if corners and corners.left == corners.right == column:
                    return corners.top, self.content_of(tag)
        return 0, ""

    def count_of(self, name: bytes) -> int:
        """How many elements of the data start with that name; counted once."""
        if name not in self._counts:
            self._counts[name] = self.blank.count(b"<" + self.prefix + name, self.begin, self.end)
        return self._counts[name]

    @property
    def merge_count(self) -> int:
        """About how many merged ranges there are, found without a list of them."""
        return self.blank.count(b"<" + self.prefix + b"mergeCell ", self.end)

    @cached_property
    def merges(self) -> list[Rectangle]:
        """The merged ranges."""
        found = tags(self.blank, self.end, None, [self.prefix + b"mergeCell"])
        corners = [rectangle(attribute(tag.attributes, b"ref") or "") for tag in found]
        return [one for one in corners if one is not None]

    @cached_property
    def arrays(self) -> list[Rectangle]:
        """The ranges that an array formula or a data table fills, its own cell included."""
        if not self.count_of(b"f"):
            return []
        opening = re.compile(rb"<" + self.prefix + rb"f(?=\s)([^<>]*+)>")
        found = [
            rectangle(attribute(tag.group(1), b"ref") or "")
            for tag in opening.finditer(self.blank, self.begin, self.end)
            if attribute(tag.group(1), b"t") in ("array", "dataTable")
        ]
        return [one for one in found if one is not None]

    @cached_property
    def column_styles(self) -> list[tuple[int, int, int]]:
        """First column, last column and format of the columns that have one."""
        found = []
        for tag in tags(self.blank, 0, self.opening, [self.prefix + b"col"]):
            first, last, style = (attribute(tag.attributes, name) or "0" for name in (b"min", b"max", b"style"))
            if first.isdecimal() and last.isdecimal() and style.isdecimal() and style != "0":
                found.append((int(first) - 1, int(last) - 1, int(style)))
        return found

    @cached_property
    def dimension(self) -> Rectangle | None:
        """The range that the sheet says it fills; None where it does not say."""
        tag = next(tags(self.blank, 0, self.opening, [self.prefix + b"dimension"]), None)
        return rectangle(attribute(tag.attributes, b"ref") or "") if tag else None

    @cached_property
    def is_protected(self) -> bool:
        """Whether Excel would refuse to change locked cells of this sheet."""
        found = tags(self.blank, self.end, None, [self.prefix + b"sheetProtection"])
        return any(attribute(tag.attributes, b"sheet") in ("1", "true", "on") for tag in found)

    def _find_data(self) -> tuple[int, int, int]:
        name = self.prefix + b"sheetData"
        opening = re.compile(rb"<" + name + rb"(?=[\s/>])[^<>]*+>").search(self.blank)
        if opening is not None and opening.group().endswith(b"/>"):
            return opening.start(), opening.end(), opening.end()
        closing = self.blank.rfind(b"</" + name)
        if opening is None or closing < opening.end() or self.blank.find(b"<" + name, opening.end(), closing) >= 0:
            raise EditRefused("The sheet does not hold its data in one piece.", REPAIR)
        return opening.start(), opening.end(), closing

    def check_names(self) -> None:
        """Nothing; EditRefused where cells hide under another XML prefix, under which calamine would still see them."""
        if re.compile(rb"<[^\s<>/]*sheetData[\s/>]").search(self.blank, 0, self.opening):
            raise EditRefused("The sheet holds its data twice.", REPAIR)
        if self.prefix:
            other = rb"<(?!%s)(?:[^\s<>:/]+:)?(?:c|row)(?=[\s/>])" % self.prefix
        else:
            other = rb"<[^\s<>:/]+:(?:c|row)(?=[\s/>])"
        is_likely = self.prefix or holds(self.blank, b":", b":c", self.begin, self.end)
        if is_likely and re.compile(other).search(self.blank, self.begin, self.end):
            raise EditRefused("The sheet names its cells in two ways.", REPAIR)

    def check_editable(self) -> None:
        """Nothing; EditRefused where cells could hide in the data under another XML name."""
        for name in (b"AlternateContent", *MAIN_NAMESPACES):
            if self.blank.find(name, self.begin, self.end) >= 0:
                raise EditRefused("The sheet's data changes its XML namespace midway.", REPAIR)

    @property
    def numbers(self) -> list[int]:
        """The rows' numbers, counted from 0, in the order of the bytes."""
        return self._rows[0]

    @property
    def starts(self) -> list[int]:
        """Where the rows start."""
        return self._rows[1]

    @cached_property
    def _rows(self) -> tuple[list[int], list[int]]:
        return self._plain_rows() or self._any_rows()

    def _plain_rows(self) -> tuple[list[int], list[int]] | None:
        """The rows where each is written as `<row r="7"`, as nearly all writers do; twice as fast as any way."""
        opening = b"<" + self.prefix + b'row r="'
        blank, end, length = self.blank, self.end, len(opening)
        numbers, starts = [], []
        at = blank.find(opening, self.begin, end)
        while at >= 0:
            after = blank.find(b'"', at + length, at + length + 8)
            number = blank[at + length : max(after, 0)]
            if not number.isdigit():
                return None
            numbers.append(int(number) - 1)
            starts.append(at)
            at = blank.find(opening, after, end)
        return (numbers, starts) if len(starts) == self.count_of(b"row") else None

    def _any_rows(self) -> tuple[list[int], list[int]]:
        opening = re.compile(rb"<" + self.prefix + rb"row(?=[\s/>])([^<>]*+)>")
        numbers, starts, number = [], [], -1
        for tag in opening.finditer(self.blank, self.begin, self.end):
            found = _NUMBER.search(tag.group(1))
            if found is None and _ANY_NUMBER.search(tag.group(1)):
                raise WorkbookUnreadable("A row of the sheet has no valid number.", REPAIR)
            number = int(found.group(1)) - 1 if found else number + 1
            numbers.append(number)
            starts.append(tag.start())
        return numbers, starts

    @cached_property
    def _is_ordered(self) -> bool:
        return all(one < other for one, other in zip(self.numbers, self.numbers[1:], strict=False))

    def _check_order(self) -> None:
        if not self._is_ordered:
            raise EditRefused("The sheet holds its rows out of order.", REPAIR)


def _filled_from(formula: str, home: int, row: int) -> str:
    return shifted(formula, row - home)
