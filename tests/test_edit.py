"""`sheetcrm edit`: the cells asked for, or nothing."""

import json
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter
from click.testing import CliRunner

from sheetcrm.cli import sheetcrm
from sheetcrm.cli.edit import value_of
from sheetcrm.errors import EditRefused, NotFound
from sheetcrm.xlsx import open_book


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "book.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.title = "Leads"
    workbook.active.append(["Name", "Sum", "=1+1"])
    workbook.create_sheet("It's = 1")
    workbook.save(path)
    return path


def run(*arguments):
    return CliRunner().invoke(sheetcrm, ["edit", *[str(one) for one in arguments]])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-1.5", -1.5), ("1e3", 1000.0), ("0", 0), ("007", "007"), ("+49 89 1", "+49 89 1"),
        ("1,5", "1,5"), ("TRUE", True), ("FALSE", False), ("true", "true"), ("NA", "NA"), ("", None), ("'", ""),
        ("'12", "12"), ("''a", "'a"), ("=A1", "=A1"), ("2026-03-02", date(2026, 3, 2)), ("a=b!c", "a=b!c"),
        ("2026-03-02T14:30", datetime(2026, 3, 2, 14, 30)), ("2026-03-02 14:30:05", datetime(2026, 3, 2, 14, 30, 5)),
        ("03/04/2026", "03/04/2026"),
    ],
)  # fmt: skip
def test_a_value_is_what_it_clearly_is_and_else_text(text, value):
    found = value_of(text)
    assert found == value
    assert type(found) is type(value)


def test_cells_are_written_and_shown_with_what_they_were(book):
    done = run(book, "Leads!B2=5", "Leads!a1=a=b!c", "'It''s = 1'!B2=2026-03-02")
    assert done.exit_code == 0
    assert done.output.splitlines() == [
        "Leads!B2  (blank) → 5", "Leads!A1  Name → a=b!c", "It's = 1!B2  (blank) → 2026-03-02",
        "book.xlsx: 3 cells written.",
    ]  # fmt: skip
    opened = open_book(book)
    assert opened.grid("Leads").raw(1, 1) == 5
    assert opened.grid("It's = 1").raw(1, 1) == date(2026, 3, 2)


def test_with_an_output_the_workbook_itself_stays(book, tmp_path):
    before = book.read_bytes()
    assert run(book, "Leads!A1=x", "-o", tmp_path / "new.xlsx").exit_code == 0
    assert book.read_bytes() == before
    assert open_book(tmp_path / "new.xlsx").grid("Leads").raw(0, 0) == "x"


def test_one_refused_cell_and_nothing_is_written(book, tmp_path):
    before = book.read_bytes()
    done = run(book, "Leads!A1=x", "Leads!C1=3")
    assert isinstance(done.exception, EditRefused)
    assert done.exception.exit_code == 3
    assert "formula" in str(done.exception)
    assert book.read_bytes() == before
    assert list(tmp_path.iterdir()) == [book]


def test_a_file_that_is_there_is_never_overwritten(book, tmp_path):
    (tmp_path / "there.xlsx").write_text("mine")
    assert isinstance(run(book, "Leads!A1=x", "-o", tmp_path / "there.xlsx").exception, EditRefused)
    assert (tmp_path / "there.xlsx").read_text() == "mine"


@pytest.mark.parametrize(
    "edits",
    [["Leads"], ["A1=x"], ["Leads!=x"], ["Leads!ZZZZ1=x"], ["Leads!A1=x", "Leads!a1=y"], ["Leads!A1=2026-13-01"]],
)
def test_what_cannot_be_understood_is_wrong_use(book, edits):
    before = book.read_bytes()
    assert run(book, *edits).exit_code == 2
    assert book.read_bytes() == before


def test_formulas_are_overwritten_only_when_asked(book):
    assert run(book, "Leads!C1=3", "--over-formulas").exit_code == 0
    assert open_book(book).grid("Leads").raw(0, 2) == 3


@pytest.fixture
def calculated(tmp_path):
    path = tmp_path / "sums.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        tab = workbook.add_worksheet("Leads")
        for i, line in enumerate([("Lead ID", "Company", "Status", "Contact", "Hours", "Amount"), *ROWS]):
            tab.write_row(i, 0, line)
        for i, (*_, hours) in enumerate(ROWS, start=1):
            tab.write_formula(i, 5, f"=E{i + 1}*10", None, hours * 10)
    return path


ROWS = [(f"L-{i}", f"Kitchens {i}", "New", "Ann Example", i) for i in range(1, 6)]


def test_out_of_date_results_are_counted_and_told_of_by_check(calculated):
    done = run(calculated, "Leads!E3=7", "Leads!B4=other")
    assert done.output.splitlines()[-1].endswith("saves the workbook: 1.")
    checked = CliRunner().invoke(sheetcrm, ["check", str(calculated), "--json"])
    issues = [one for one in json.loads(checked.output)["issues"] if one["code"] == "stale_result"]
    assert [(one["cell"], one["severity"]) for one in issues] == [("F3", "warning")]
    assert "out of date and not used" in issues[0]["message"]


def test_libreoffice_calculates_on_request(calculated, needs):
    needs("soffice")
    done = run(calculated, "Leads!E3=7", "--recalculate")
    assert done.output.splitlines()[-1] == "Results calculated by LibreOffice: 1."
    assert open_book(calculated).grid("Leads").raw(2, 5) == 70


def test_without_libreoffice_nothing_is_written_and_the_reason_told(calculated, monkeypatch):
    before = calculated.read_bytes()
    monkeypatch.setattr("sheetcrm.xlsx.recalculating.program", lambda: None)
    done = run(calculated, "Leads!E3=7", "--recalculate")
    assert isinstance(done.exception, NotFound)
    assert calculated.read_bytes() == before


def test_a_tab_that_is_not_there_is_not_found(book):
    assert isinstance(run(book, "Gone!A1=x").exception, NotFound)
