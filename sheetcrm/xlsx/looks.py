"""What an edit must know of cell formats: the one for a date, and which cells a protected sheet leaves open."""

from __future__ import annotations

from functools import cached_property

from sheetcrm.errors import EditRefused
from sheetcrm.xlsx.package import Package
from sheetcrm.xlsx.styles import StyleBook


class Looks:
    """What an edit must know of cell formats; the part is read when it is first asked for."""

    def __init__(self, package: Package, part: str | None) -> None:
        self._package = package
        self._part = part

    @cached_property
    def book(self) -> StyleBook | None:
        """The workbook's formats; None where it has none."""
        return StyleBook(self._package.read(self._part), self._part) if self._part is not None else None

    def for_value(self, style: int, kind: str) -> int:
        """The format for a cell of format `style` that gets a value of that date kind; itself where it is no date."""
        if not kind:
            return style
        if self.book is None:
            raise EditRefused("The workbook has no formats, so that a date would show as a number.", "Write text.")
        return self.book.for_value(style, kind)

    def number_format(self, style: int) -> str:
        """The Excel number format of that style; empty for General."""
        return "" if self.book is None else self.book.number_format(style)

    def is_locked(self, style: int) -> bool:
        """Whether a cell of that format is locked once its sheet is protected, as all are unless their format says."""
        return self.book is None or self.book.is_locked(style)

    @property
    def unlocks_any(self) -> bool:
        """Whether any format of the workbook leaves its cells open in a protected sheet."""
        return self.book is not None and self.book.unlocks_any

    def changed_part(self) -> tuple[str, bytes] | None:
        """The formats' part with those appended; None where none was."""
        if self._part is None or "book" not in self.__dict__ or self.book is None or not self.book.is_changed:
            return None
        return self._part, self.book.part()
