"""Excel workbooks read into Grids and edited without loss: only what an edit concerns changes, byte for byte.

book = open_book(Path("crm.xlsx"))
book.grid("Leads").raw(1, 3)
book.set("Leads", "D2", "Contacted")
book.append("Leads", [{0: "L-7", 1: "Ann"}])
book.put_tab("Report", TabContent(rows=(("Owner", "Open"), ("Ann", 12))))
book.save()
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sheetcrm.tab import CellFormat, ChartSeries, DropDown, Rectangle, Styled, TabChart, TabContent, TabTable
from sheetcrm.table import Raw
from sheetcrm.xlsx.book import Book, Receipt
from sheetcrm.xlsx.limits import Limits
from sheetcrm.xlsx.opening import fingerprint
from sheetcrm.xlsx.owner import check_not_open, who_has_it_open
from sheetcrm.xlsx.recalculating import check_can_calculate

__all__ = [
    "Book", "CellFormat", "ChartSeries", "DropDown", "Limits", "Receipt", "Rectangle", "Styled", "TabChart",
    "TabContent", "TabTable", "check_can_calculate", "check_not_open", "edit", "fingerprint", "open_book",
    "who_has_it_open",
]  # fmt: skip


def open_book(path: Path, *, limits: Limits | None = None) -> Book:
    """The workbook at that path, read into memory; WorkbookUnreadable where it is none, whatever its bytes."""
    return Book(Path(path), limits or Limits())


def edit(source: Path, target: Path, cells: Mapping[tuple[str, str], Raw], *, over_formulas: bool = False) -> Receipt:
    """Write cells, named as ("Sheet1", "B2"), of the workbook `source` into the file `target`; both may be the same.

    All of them are written or, by EditRefused, none. A cell that holds a formula is refused unless `over_formulas`.
    """
    book = open_book(source)
    for (tab, cell), value in cells.items():
        book.set(tab, cell, value, over_formula=over_formulas)
    return book.save(Path(target))
