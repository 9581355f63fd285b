"""The Rules tab in a real workbook: put in without a trace elsewhere, filled in by a person, tried, and acted on."""

import json
import shutil
import zipfile
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner

from sheetcrm.cli import sheetcrm
from sheetcrm.errors import EditRefused, NotFound
from sheetcrm.xlsx import open_book

EXAMPLES = Path(__file__).parent.parent / "examples" / "workbooks"
DAY = "2026-03-02"
EXAMPLE = 'AND([Status]="Contacted", [Last Contact] < TODAY()-14, [Amount]>=1000)'


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "wholesaler.xlsx"
    shutil.copyfile(EXAMPLES / "wholesaler.xlsx", path)
    shutil.copyfile(EXAMPLES / "wholesaler.toml", tmp_path / "sheetcrm.toml")
    return path


def run(*arguments):
    return CliRunner().invoke(sheetcrm, [str(one) for one in arguments], catch_exceptions=True)


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def fill(path, *rules, start=4):
    """A person fills in rows of the tab, under its headers."""
    book = open_book(path)
    grid = book.grid("Rules")
    headers = {grid.raw(2, column): column for column in range(len(grid.rows[2]))}
    for i, rule in enumerate(rules):
        for header, value in {"On": "yes", **rule}.items():
            book.set("Rules", (start - 1 + i, headers[header]), value)
    book.save()


def rows_of(path):
    headers, *rows = list(openpyxl.load_workbook(path)["Rules"].iter_rows(min_row=3, values_only=True))
    return [dict(zip(headers, row, strict=True)) for row in rows if row[1]]


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_the_tab_is_added_and_nothing_else_of_the_workbook_changes(book):
    before = parts(book)
    done = run("rules", "add-tab", book)
    assert done.exit_code == 0
    after = parts(book)
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed <= {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
    examples = rows_of(book)
    assert len(examples) == 7
    assert {row["On"] for row in examples} == {"no"}
    tab = openpyxl.load_workbook(book)["Rules"]
    assert tab.column_dimensions["L"].number_format == "@"
    assert {str(one.sqref).partition(":")[0] for one in tab.data_validations.dataValidation} >= {"A4", "M4", "G4"}
    assert isinstance(run("rules", "add-tab", book).exception, EditRefused)


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_every_example_runs_once_it_is_switched_on(book):
    run("rules", "add-tab", book)
    fill(book, *[{}] * 7)
    done = run("rules", "check", book, "--as-of", DAY)
    assert "7 rules are sound, 0 cannot run." in done.output
    assert done.exit_code == 0


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_a_rule_in_the_owners_language_assigns_and_reminds_and_the_plan_says_why(book):
    run("rules", "add-tab", book)
    assign = {"Rule": "large ones", "Condition": EXAMPLE.replace("[Amount]", '[Owner]="",[Amount]'), "Then": "assign",
              "To": "Klara Kümmelmann"}  # fmt: skip
    remind = {"Rule": "gone quiet", "Condition": EXAMPLE, "Then": "remind", "To": "owner", "New value": "speak to them"}
    fill(book, assign, remind)
    plan = json.loads(run("plan", book, "--as-of", DAY, "--json").stdout)
    mine = [one for one in plan["changes"] if one["rule"] in {"large ones", "gone quiet"}]
    assert {one["column"] for one in mine} >= {"Last Reminder"}
    assert all("Status is Contacted; Last Contact" in one["why"] for one in mine)
    lines = [
        row["what"] for mail in plan["messages"] for part in mail["context"].get("sections", ()) for row in part["rows"]
    ]
    assert lines.count("speak to them") == len({one["key"] for one in mine if one["rule"] == "gone quiet"})

    done = run("apply", book, "--as-of", DAY)
    assert done.exit_code == 0, done.output
    status = {row["Rule"]: row for row in rows_of(book)}
    assert status["gone quiet"]["Status"] == "OK"
    assert status["gone quiet"]["Matches now"] == lines.count("speak to them")
    assert status["gone quiet"]["Rule ID"].startswith("R-")
    again = json.loads(run("plan", book, "--as-of", DAY, "--json").stdout)
    assert not [one for one in again["changes"] if one["rule"]]
    assert again["messages"] == []


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_a_scheduled_run_shows_a_new_rule_before_it_acts(book):
    run("rules", "add-tab", book)
    fill(book, {"Rule": "tag", "Condition": "[Amount]>=20000", "Then": "set", "To": "Notes", "New value": "large"})
    first = run("run", book, "--as-of", DAY, "--job", "rules", "--job", "rulebook", "--job", "keys")
    assert "the rule is new: it acts from the next run" in first.stderr
    assert not [one for one in column(book, "Notes") if one == "large"]
    run("run", book, "--as-of", DAY, "--job", "rules", "--job", "rulebook")
    assert [one for one in column(book, "Notes") if one == "large"]


def column(path, header):
    headers, *rows = list(openpyxl.load_workbook(path)["Leads"].iter_rows(min_row=3, values_only=True))
    return [row[headers.index(header)] for row in rows]


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_what_a_run_wrote_by_rules_is_taken_back(book):
    run("rules", "add-tab", book)
    fill(book, {"Rule": "tag", "Condition": "[Amount]>=20000", "Then": "set", "To": "Notes", "New value": "large"})
    before = column(book, "Notes")
    run("run", book, "--as-of", DAY, "--job", "rules", "--new-rules")
    assert column(book, "Notes") != before
    run("undo", book)
    assert column(book, "Notes") == before


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_rules_are_tried_and_explained_and_nothing_is_written(book):
    run("rules", "add-tab", book)
    fill(
        book,
        {"Rule": "quiet", "Condition": EXAMPLE, "Then": "remind"},
        {"Rule": "bad", "Condition": "[Amuont]>1", "Then": "flag"},
        {"Rule": "old", "Condition": "[Last Contact]<TODAY()-14", "Then": "flag", "To": "Notes"},
    )
    before = book.read_bytes()
    listed = run("rules", "list", book, "--as-of", DAY).output
    assert "   then remind" in listed
    assert (
        "Rules!L5: rule bad: the condition cannot be read: Leads has no column 'Amuont'. Did you mean 'Amount'?"
        in listed
    )
    checked = run("rules", "check", book, "--as-of", DAY)
    assert sheetcrm.main(["rules", "check", str(book), "--as-of", DAY], standalone_mode=False) == 2
    assert "Last Contact is blank in" in checked.output
    tested = run("rules", "test", book, "quiet", "--as-of", DAY).output
    assert (
        "  now   L-0170  The Sleepy Haddock Limited: Status is Contacted; Last Contact is 12 Dec 2025 (80 days ago)"
        in tested
    )
    explained = run("rules", "explain", book, "1", "L-0153", "--as-of", DAY).output
    assert "does not meet the rule quiet: Status is Negotiation, not Contacted" in explained
    assert isinstance(run("rules", "explain", book, "quiet", "L-9999").exception, NotFound)
    assert isinstance(run("rules", "test", book, "none").exception, NotFound)
    assert book.read_bytes() == before


def test_german_headers_and_words_make_rules_too(tmp_path):
    path = tmp_path / "grosshandel.xlsx"
    shutil.copyfile(EXAMPLES / "grosshandel.xlsx", path)
    run("rules", "add-tab", path)
    condition = 'UND([Status]="Kontaktiert";[Betrag]>=1000,5)'
    fill(path, {"Rule": "groß", "Condition": condition, "Then": "erinnern", "When": "neu"}, {})
    listed = run("rules", "list", path, "--as-of", DAY).output
    assert 'AND([Status]="Kontaktiert",[Betrag]>=1000.5)' in listed, listed


def test_a_folder_of_csv_files_gets_a_file_of_rules(tmp_path):
    folder = tmp_path / "crm"
    folder.mkdir()
    (folder / "Leads.csv").write_text(
        "Lead ID,Company,Status,Amount,Notes\nL-1,Acme,New,1200,\nL-2,Bolt,New,30,\n", encoding="utf-8"
    )
    assert run("rules", "add-tab", folder).exit_code == 0
    text = (folder / "Rules.csv").read_text("utf-8")
    (folder / "Rules.csv").write_text(
        text + "yes,large,,,,,,,,,,[Amount]>1000,set,Notes,call first,,,,,,,,,\n", encoding="utf-8"
    )
    plan = json.loads(run("plan", folder, "--as-of", DAY, "--json").stdout)
    assert [(one["key"], one["new"]) for one in plan["changes"] if one["rule"] == "large"] == [("L-1", "call first")]
