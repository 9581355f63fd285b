"""The Summary tab, the workbook and the PDF show the same figures as the mail, with charts of their own."""

import json
import zipfile

import openpyxl
import pytest
from click.testing import CliRunner
from made_past import EXAMPLES, example

from sheetcrm.cli import sheetcrm as program
from sheetcrm.errors import ConfigError
from sheetcrm.jobs import summary
from sheetcrm.reports.book import book_tabs
from sheetcrm.reports.summary_tab import summary_content
from sheetcrm.reports.words import Words
from sheetcrm.rules.settings import SummaryRule
from sheetcrm.tab import content_from_json, content_to_json
from sheetcrm.xlsx import open_book
from sheetcrm.xlsx.making import make_book

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")


@pytest.fixture(scope="module")
def found():
    return summary.findings(example("wholesaler.xlsx"), SummaryRule(), "week")


def values(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_summary_tab_goes_into_the_owners_workbook_with_charts_and_links_to_the_cells(found, tmp_path):
    book = open_book(EXAMPLES / "wholesaler.xlsx")
    content = summary_content(found, Words("en"))
    book.put_tab("Summary", content)
    book.save(tmp_path / "crm.xlsx")
    before, after = (zipfile.ZipFile(path) for path in (EXAMPLES / "wholesaler.xlsx", tmp_path / "crm.xlsx"))
    leads = "xl/worksheets/sheet2.xml"
    assert before.read(leads) == after.read(leads)
    charts = [name for name in after.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) - len([name for name in before.namelist() if name.startswith("xl/charts/chart")]) == 3
    sheet = openpyxl.load_workbook(tmp_path / "crm.xlsx")["Summary"]
    rows = values(sheet)
    figures = found.figures
    keys = next(row for row in rows if row[0] == "Open pipeline")
    numbers = rows[rows.index(keys) + 1]
    assert numbers[:4] == [
        float(figures.total.open.totals[0].amount),
        float(figures.total.weighted[0].amount),
        float(figures.total.won.totals[0].amount),
        figures.total.overdue,
    ]
    links = [cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert f"'Leads'!{figures.needs_you[0].cell}" in links


def test_the_tab_survives_being_saved_as_a_plan(found):
    content = summary_content(found, Words("de"))
    assert content_from_json(content_to_json(content)) == content


def test_the_workbook_has_a_tab_for_each_list_and_sums_up_to_the_same(found, tmp_path):
    make_book(tmp_path / "report.xlsx", book_tabs(found, Words("en")))
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    assert book.sheetnames == ["Summary", "Leads", "Customers", "Source", "Activity by person"]
    leads = values(book["Leads"])
    amounts = [row[leads[0].index("Amount")] or 0 for row in leads[1:]]
    assert round(sum(amounts), 2) == float(found.figures.total.open.totals[0].amount)
    with zipfile.ZipFile(tmp_path / "report.xlsx") as file:
        assert sum(name.startswith("xl/charts/chart") for name in file.namelist()) == 3
    assert book["Leads"].tables


def test_a_pdf_is_written_where_weasyprint_is_installed(tmp_path):
    pytest.importorskip("weasyprint", reason="needs weasyprint, of the extra pdf", exc_type=(ImportError, OSError))
    book, words = str(EXAMPLES / "starter.xlsx"), ["--out", str(tmp_path / "r.pdf")]
    done = CliRunner().invoke(program, ["report", book, "--as-of", "2026-03-02", *words], catch_exceptions=False)
    assert done.exit_code == 0
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF")


def test_a_file_of_no_known_kind_is_refused_before_anything_is_read(tmp_path):
    words = ["report", str(EXAMPLES / "starter.xlsx"), "--out", str(tmp_path / "r.doc")]
    with pytest.raises(ConfigError, match="tells no kind of file"):
        CliRunner().invoke(program, words, catch_exceptions=False)


@pytest.mark.parametrize(
    ("figure", "same"),
    [
        ("open", lambda f: f.total.open.count),
        ("overdue", lambda f: f.total.overdue),
        ("won", lambda f: f.total.won.count),
    ],
)
def test_explain_lists_as_many_rows_as_the_figure_counts(found, figure, same):
    book = str(EXAMPLES / "wholesaler.xlsx")
    words = ["report", "explain", book, figure, "--as-of", "2026-03-02", "--json"]
    told = json.loads(CliRunner().invoke(program, words, catch_exceptions=False).output)
    assert told["count"] == len(told["rows"]) == same(found.figures)
    assert all(one["cell"] for one in told["rows"])
