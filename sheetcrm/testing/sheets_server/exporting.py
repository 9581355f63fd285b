"""Spreadsheets as files, as Drive exports them: the first sheet as CSV or TSV, all of them as .xlsx or PDF."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from threading import Lock

from sheetcrm.testing.sheets_server.model import Sheet, Spreadsheet
from sheetcrm.testing.sheets_server.store import Store
from sheetcrm.testing.sheets_server.values import value_range

_FONT = "DejaVu Sans Mono"
_CELL = 60
"""The characters of a cell that a PDF shows at most."""
_LINES = 60
"""The rows on a page of a PDF."""
_drawing = Lock()
"""matplotlib's fonts are shared and not safe to use from several threads."""


def _lines(store: Store, book: Spreadsheet, sheet: Sheet) -> list[list[str]]:
    lines = value_range(store.work_on(book).reader(), sheet, sheet.whole, {}).get("values", [])
    width = max(map(len, lines), default=0)
    return [[*line, *[""] * (width - len(line))] for line in lines]


def _delimited(delimiter: str) -> Callable[[Store, Spreadsheet], bytes]:
    def export(store: Store, book: Spreadsheet) -> bytes:
        out = io.StringIO()
        lines = _lines(store, book, book.sheets[0])
        csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(lines)
        return out.getvalue().removesuffix("\r\n").encode()

    return export


def _excel(store: Store, book: Spreadsheet) -> bytes:
    import xlsxwriter

    out = io.BytesIO()
    reader = store.work_on(book).reader()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as file:
        for sheet in book.sheets:
            page = file.add_worksheet(sheet.title[:31])
            for row, column, _ in sheet.filled(sheet.whole):
                value = reader.values.at(sheet, row, column)
                if isinstance(value, bool | float | str):
                    page.write(row, column, value)
    return out.getvalue()


def _known_letters() -> Callable[[str], str]:
    """Makes of a cell what the font can draw on one line: a square stands for what it lacks."""
    from matplotlib.font_manager import findfont, get_font

    known = get_font(findfont(_FONT)).get_charmap()

    def drawn(text: str) -> str:
        line = " ".join(text.split())
        line = line if len(line) <= _CELL else line[: _CELL - 1] + "\N{HORIZONTAL ELLIPSIS}"
        return "".join(one if ord(one) in known else "\N{WHITE SQUARE}" for one in line)

    return drawn


def _pdf(store: Store, book: Spreadsheet) -> bytes:
    """A page is as wide as its columns, so that no text covers another."""
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    size, out = 8.0, io.BytesIO()
    with _drawing, PdfPages(out, metadata={"Title": book.properties["title"]}) as file:
        drawn = _known_letters()
        for sheet in book.sheets:
            lines = [[drawn(text) for text in line] for line in _lines(store, book, sheet)] or [[""]]
            widths = [2 + max(map(len, column)) for column in zip(*lines, strict=True)]
            for first in range(0, len(lines), _LINES):
                width, height = (4 + sum(widths)) * size * 0.61, (4 + _LINES) * size * 1.4
                page = Figure(figsize=(width / 72, height / 72))
                for i, line in enumerate(lines[first : first + _LINES]):
                    for j, text in enumerate(line):
                        place = (2 + sum(widths[:j])) * size * 0.61 / width, 1 - (2 + i) * size * 1.4 / height
                        page.text(*place, text, family=_FONT, size=size, va="top", parse_math=False)
                file.savefig(page)
    return out.getvalue()


EXPORTS: Mapping[str, Callable[[Store, Spreadsheet], bytes]] = {
    "text/csv": _delimited(","),
    "text/tab-separated-values": _delimited("\t"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": _excel,
    "application/pdf": _pdf,
}
