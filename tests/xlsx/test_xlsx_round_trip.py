"""Random edits of workbooks made by two other writers: afterwards the old values plus the edits, and nothing else."""

import io
from datetime import date, datetime, timedelta

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_workbooks import contents

from sheetcrm.table import cell_name, is_same
from sheetcrm.xlsx import open_book

TEXT = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), max_size=20)
DAYS = st.dates(date(1900, 3, 1), date(9999, 12, 31))
MOMENTS = st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, second=1))
ODD = st.sampled_from(["007", "_x000D_", " a ", "a\nb\tc\rd", "=1+1", "'", "\u00a0", "<!--", "]]>"])
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.one_of(st.booleans(), NUMBERS, TEXT.filter(bool), ODD)
VALUES = st.one_of(st.none(), st.just(""), PLAIN, DAYS, MOMENTS)
CELLS = st.dictionaries(st.tuples(st.integers(0, 14), st.integers(0, 9)), VALUES, max_size=12)
# A column holds dates or other values: what comes below a date takes its format, and a number would read as a date.
ROWS = st.lists(
    st.fixed_dictionaries({0: PLAIN}, optional={1: PLAIN, 2: PLAIN, 4: MOMENTS, 5: PLAIN, 6: DAYS}), max_size=20
)


def by_xlsxwriter():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        tab = book.add_worksheet("Data")
        day = book.add_format({"num_format": "yyyy-mm-dd", "bold": True})
        tab.set_column(7, 7, 12, day)
        for i in range(10):
            tab.write_row(i, 0, [f"text {i}", i, i % 2 == 0, i / 3])
            tab.write_datetime(i, 4, datetime(2026, 1, 1 + i), day)
        tab.set_row(40, 20, day)
        tab.insert_image(1, 8, "dot.png", {"image_data": io.BytesIO(DOT)})
        book.add_worksheet("Other").write(0, 0, "=Data!A1")
    return file.getvalue()


def by_openpyxl():
    file = io.BytesIO()
    book = openpyxl.Workbook()
    tab = book.active
    tab.title = "Data"
    for i in range(10):
        tab.append([f"text {i}", i, i % 2 == 0, i / 3, datetime(2026, 1, 1 + i)])
    tab["J15"].number_format = "0.00"
    book.create_sheet("Other")["A1"] = "=Data!A1"
    book.save(file)
    return file.getvalue()


DOT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)
SOURCES = {"xlsxwriter": by_xlsxwriter(), "openpyxl": by_openpyxl()}


def cells_of(grid):
    return {
        (grid.top + i, grid.left + j): value
        for i, line in enumerate(grid.rows)
        for j, value in enumerate(line)
        if value is not None
    }


def check_same(found, expected):
    assert found.keys() == expected.keys()
    for place, value in expected.items():
        other = found[place]
        if isinstance(value, date) and not isinstance(value, datetime) and isinstance(other, datetime):
            other = other.date()
        close = (
            isinstance(value, datetime) and isinstance(other, datetime) and abs(other - value) < timedelta(seconds=1)
        )
        assert close or is_same(other, value), f"{cell_name(*place)}: {other!r} instead of {value!r}"


@pytest.mark.parametrize("source", SOURCES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=CELLS)
def test_afterwards_the_old_values_and_the_edits_are_there(tmp_path, source, cells):
    path = tmp_path / "book.xlsx"
    path.write_bytes(SOURCES[source])
    # Columns 4 and 7 show dates: numbers there would read as dates.
    cells = {at: value for at, value in cells.items() if at[1] not in (4, 7)}
    old = contents(path)
    book = open_book(path)
    before = cells_of(book.grid("Data"))
    for place, value in cells.items():
        book.set("Data", place, value)
    receipt = book.save()
    expected = {at: value for at, value in (before | cells).items() if value not in (None, "")}
    check_same(cells_of(open_book(path).grid("Data")), expected)
    new = contents(path)
    assert list(new) == list(old)
    assert {name for name in new if new[name] != old[name]} <= set(receipt.parts_changed)
    assert set(receipt.parts_changed) <= {"xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"}


@pytest.mark.parametrize("source", SOURCES)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_afterwards_the_appended_rows_stand_below_the_old_ones(tmp_path, source, rows):
    path = tmp_path / "book.xlsx"
    path.write_bytes(SOURCES[source])
    book = open_book(path)
    before = cells_of(book.grid("Data"))
    book.append("Data", rows)
    book.save()
    new = {(10 + i, column): value for i, row in enumerate(rows) for column, value in row.items()}
    check_same(cells_of(open_book(path).grid("Data")), before | new)


@pytest.mark.parametrize("source", SOURCES)
def test_openpyxl_reads_the_edits_too(tmp_path, source):
    path = tmp_path / "book.xlsx"
    path.write_bytes(SOURCES[source])
    book = open_book(path)
    values = ["text & <more>", " padded ", 12.5, True, datetime(2026, 3, 2, 9, 30)]
    for column, value in enumerate(values):
        book.set("Data", (20, column), value)
    book.save()
    found = openpyxl.load_workbook(path)["Data"]
    assert [found.cell(21, column + 1).value for column in range(5)] == values
    assert found["A1"].value == "text 0"
