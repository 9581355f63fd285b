"""Spreadsheets as files: what an export holds."""

from __future__ import annotations

import re
import zlib

import pytest
from gspread.exceptions import APIError
from gspread.utils import ExportFormat


def shown(pdf: bytes) -> list[str]:
    """The pages of a PDF that hold text, as far as it is Latin."""
    streams = [zlib.decompressobj().decompress(one) for one in re.split(rb"\bstream\n", pdf)[1:] if one[:1] == b"x"]
    pages = [re.findall(r"\bBT\n(.*?)\bET\n", one.decode("latin-1"), re.DOTALL) for one in streams]
    return [" ".join("".join(re.findall(r"\((.*?)\)", text)) for text in page) for page in pages if page]


def test_an_export_is_a_pdf_unless_another_kind_is_wanted(gc, book, sheet) -> None:
    sheet.update([["Name", "Amount"], ["Ann", "=1+2"], ["$5 to $6", True]], "A1", raw=False)
    pdf = gc.export(book.id)
    assert pdf.startswith(b"%PDF-")
    assert shown(pdf) == ["Name Amount Ann 3 $5 to $6 TRUE"]


def test_a_pdf_shows_every_tab_and_goes_on_on_further_pages(gc, book, sheet) -> None:
    sheet.update([[f"row{i}"] for i in range(100)], "A1")
    book.add_worksheet("Empty", 5, 5)
    book.add_worksheet("Second", 5, 5).update([["second"]], "B2")
    first, more, second = shown(gc.export(book.id, ExportFormat.PDF))
    assert (first.split()[0], more.split()[-1]) == ("row0", "row99")
    assert f"{first} {more}".split() == [f"row{i}" for i in range(100)]
    assert second == "second"


def test_letters_that_the_font_lacks_and_long_texts_do_not_stop_a_pdf(gc, book, sheet) -> None:
    sheet.update([["party \N{PARTY POPPER} time", "two\nlines", "x" * 500]], "A1")
    (page,) = shown(gc.export(book.id))
    assert "party" in page
    assert "two lines" in page
    assert "x" * 59 in page
    assert "x" * 60 not in page


def test_a_kind_that_is_not_known_is_refused(gc, book) -> None:
    with pytest.raises(APIError, match="The requested conversion is not supported"):
        gc.export(book.id, ExportFormat.OPEN_OFFICE_SHEET)
