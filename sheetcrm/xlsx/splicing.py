"""Changed cells as splices of a sheet's bytes: replaced, cleared or inserted; all around them stays as it is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.errors import EditRefused
from sheetcrm.tab import Rectangle
from sheetcrm.table import Raw, cell_name
from sheetcrm.xlsx.bans import Bans, holds_formula, locked
from sheetcrm.xlsx.looks import Looks
from sheetcrm.xlsx.markup import Splice, attribute, escaped, tags, with_attribute
from sheetcrm.xlsx.overwriting import SharedFormula, handed_on, shared_by
from sheetcrm.xlsx.places import is_on_sheet, rectangle
from sheetcrm.xlsx.sheet import REPAIR, Cell, RowTag, SheetText
from sheetcrm.xlsx.values import Written, date_kind, written


@dataclass(frozen=True, slots=True)
class CellEdit:
    """What a cell is to hold. `style` is the format of a cell that has none yet; None: what its row or column gives."""

    value: Raw
    style: int | None = None
    formula: str = ""
    over_formula: bool = False
    """Whether a formula in the cell may be overwritten."""
    is_restyled: bool = False
    """Whether a cell that is there takes `style` too."""
    held: Written | None = None
    """The cell's content ready made, as it stood in another cell of the sheet."""

    @property
    def is_format_only(self) -> bool:
        """Whether only a cell that is not there yet would be made, blank and formatted."""
        is_blank = self.value is None and self.held is None and not self.formula
        return is_blank and self.style is not None and not self.is_restyled

    @property
    def is_own_value(self) -> bool:
        """Whether the cell is to hold just this value, as it will be read again."""
        return not self.formula and self.held is None and not self.is_format_only


Edits = Mapping[int, Mapping[int, CellEdit]]
"""What cells are to hold, by row and column."""


class Splicer:
    """Turns edits of one sheet into splices; `overwritten` holds the places of formulas that went."""

    def __init__(self, sheet: SheetText, tab: str, looks: Looks, bans: Bans, *, is_1904: bool) -> None:
        sheet.check_editable()
        self._sheet = sheet
        self._tab = tab
        self._looks = looks
        self.overwritten: set[tuple[int, int]] = set()
        self._shared: list[SharedFormula] = []
        self._is_1904 = is_1904
        self._prefix = sheet.prefix.decode()
        self._bans = bans
        self._column_style: dict[int, int] = {}

    def splices(self, edits: Edits) -> list[Splice]:
        """The splices that make the edits, the sheet's dimension kept right; EditRefused names cell and reason."""
        found: list[Splice] = []
        added: list[bytes] = []
        for number in sorted(edits):
            self._check(number, edits[number])
            row = self._sheet.row(number)
            if row is not None:
                found += self._in_row(row, edits[number])
            elif self._sheet.is_without_rows:
                added.append(self._new_row(number, edits[number]))
            elif new := self._new_row(number, edits[number]):
                at = self._sheet.place_of_new(number)
                found.append(Splice(at, at, new))
        if any(added):
            found.append(self._first_rows(added))
        for shared in self._shared:
            found += handed_on(self._sheet, shared, self.overwritten)
        return found + self._dimension(edits)

    def _check(self, number: int, edits: Mapping[int, CellEdit]) -> None:
        for column in edits:
            if not is_on_sheet(number, column):
                raise EditRefused(
                    f"{self._tab}: row {number}, column {column} is not on the sheet.", "Check the place."
                )
            self._bans.check(self._tab, number, column)

    def _in_row(self, row: RowTag, edits: Mapping[int, CellEdit]) -> list[Splice]:
        there, cells = self._sheet.cells_at(row, edits)
        found, new = [], b""
        for column in sorted(edits):
            if column in there:
                if not edits[column].is_format_only:
                    found.append(self._replaced(row.number, there[column], edits[column]))
                continue
            xml = self._new_cell(row.number, column, edits[column], self._row_style(row))
            if row.end == row.content_end and self._is_empty(row):
                new += xml
            elif xml:
                i = bisect_left(cells or (), column, key=lambda one: one.column)
                at = cells[i].start if cells and i < len(cells) else row.content_end
                found.append(Splice(at, at, xml))
        return self._row_tag(row, edits, new) + found if new or found else []

    def _row_tag(self, row: RowTag, edits: Mapping[int, CellEdit], new: bytes) -> list[Splice]:
        """The row's own tag where it must change: opened to take cells, or its `spans` widened."""
        name = b"<" + self._sheet.prefix + b"row"
        old = self._sheet.text[row.start + len(name) : row.end - 1]
        attributes = _with_spans(old, min(edits), max(edits))
        if new:
            opened = name + attributes.rstrip(b"/ \t\r\n") + b">"
            return [Splice(row.start, row.end, opened + new + b"</" + self._sheet.prefix + b"row>")]
        if attributes == old:
            return []
        return [Splice(row.start, row.end, name + attributes + b">")]

    def _is_empty(self, row: RowTag) -> bool:
        return self._sheet.blank[row.end - 2 : row.end] == b"/>"

    def _replaced(self, number: int, cell: Cell, edit: CellEdit) -> Splice:
        name = self._name(number, cell.column)
        if self._sheet.holds_formula(cell):
            self._overwrite(name, number, cell, edit)
        if self._sheet.blank.find(b"extLst", cell.body, cell.body_end) >= 0:
            raise EditRefused(f"{name} holds an extension that a write would lose.", "Change it in Excel.")
        style = attribute(cell.attributes, b"s") or "0"
        if not style.isdecimal():
            raise EditRefused(f"{name} has an unreadable format.", REPAIR)
        old = int(style)
        self._check_lock(name, old)
        base = edit.style or 0 if edit.is_restyled else old or edit.style or 0
        new = self._looks.for_value(base, date_kind(edit.value))
        kept = cell.attributes.rstrip(b"/ \t\r\n")
        for gone in (b"t", b"cm", b"vm"):
            kept = with_attribute(kept, gone, None)
        kept = kept if new == old else with_attribute(kept, b"s", str(new) if new else None)
        return Splice(cell.start, cell.end, self._cell(kept, self._written(name, edit)))

    def _overwrite(self, name: str, number: int, cell: Cell, edit: CellEdit) -> None:
        if not edit.over_formula:
            raise holds_formula(name)
        self.overwritten.add((number, cell.column))
        if (shared := shared_by(self._sheet, number, cell)) is not None:
            self._shared.append(shared)

    def _check_lock(self, name: str, style: int) -> None:
        if self._sheet.is_protected and self._looks.is_locked(style):
            raise locked(name)

    def _new_cell(self, number: int, column: int, edit: CellEdit, row_style: int | None) -> bytes:
        style = edit.style
        if style is None:
            style = self._style_of_column(column) if row_style is None else row_style
        held = self._written(self._name(number, column), edit)
        if not held.body and edit.style is None:
            return b""
        if not edit.is_format_only:
            self._check_lock(self._name(number, column), style)
        style = self._looks.for_value(style, date_kind(edit.value))
        attributes = f' r="{cell_name(number, column)}"' + (f' s="{style}"' if style else "")
        return self._cell(attributes.encode(), held)

    def _written(self, name: str, edit: CellEdit) -> Written:
        if edit.held is not None:
            return edit.held
        if edit.formula:
            return Written("", f"<{self._prefix}f>{escaped(edit.formula)}</{self._prefix}f>")
        return written(edit.value, self._prefix, is_1904=self._is_1904, where=name)

    def _cell(self, attributes: bytes, held: Written) -> bytes:
        tag = b"<" + self._sheet.prefix + b"c" + attributes
        if not held.body:
            return tag + b"/>"
        kind = f' t="{held.kind}"'.encode() if held.kind else b""
        return tag + kind + b">" + held.body.encode("utf-8", "surrogateescape") + b"</" + self._sheet.prefix + b"c>"

    def _new_row(self, number: int, edits: Mapping[int, CellEdit]) -> bytes:
        cells = b"".join(self._new_cell(number, column, edits[column], None) for column in sorted(edits))
        name = self._sheet.prefix + b"row"
        return b"<" + name + f' r="{number + 1}">'.encode() + cells + b"</" + name + b">" if cells else b""

    def _first_rows(self, rows: Sequence[bytes]) -> Splice:
        name = self._sheet.prefix + b"sheetData"
        new = b"<" + name + b">" + b"".join(rows) + b"</" + name + b">"
        return Splice(self._sheet.opening, self._sheet.end, new)

    def _row_style(self, row: RowTag) -> int | None:
        attributes = self._sheet.text[row.start : row.end]
        if attribute(attributes, b"customFormat") not in ("1", "true"):
            return None
        style = attribute(attributes, b"s") or ""
        return int(style) if style.isdecimal() else None

    def _style_of_column(self, column: int) -> int:
        if column not in self._column_style:
            found = (style for first, last, style in self._sheet.column_styles if first <= column <= last)
            self._column_style[column] = next(found, 0)
        return self._column_style[column]

    def _dimension(self, edits: Edits) -> list[Splice]:
        tag = next(tags(self._sheet.blank, 0, self._sheet.opening, [self._sheet.prefix + b"dimension"]), None)
        old = rectangle(attribute(tag.attributes, b"ref") or "") if tag else None
        filled = [
            (row, column) for row, cells in edits.items() for column, edit in cells.items() if edit != CellEdit(None)
        ]
        if tag is None or old is None or not filled:
            return []
        rows, columns = [row for row, _ in filled], [column for _, column in filled]
        new = Rectangle(min(old.top, *rows), min(old.left, *columns), max(old.bottom, *rows), max(old.right, *columns))
        if new == old:
            return []
        attributes = with_attribute(tag.attributes, b"ref", str(new))
        return [Splice(tag.start, tag.end, b"<" + tag.name + attributes + b">")]

    def _name(self, row: int, column: int) -> str:
        return f"{self._tab}!{cell_name(row, column)}"


def _with_spans(attributes: bytes, first: int, last: int) -> bytes:
    spans = attribute(attributes, b"spans")
    ends = [int(end) for span in (spans or "").split() for end in span.split(":") if end.isdecimal()]
    if not ends or (min(ends) <= first + 1 and last + 1 <= max(ends)):
        return attributes
    return with_attribute(attributes, b"spans", f"{min(*ends, first + 1)}:{max(*ends, last + 1)}")
