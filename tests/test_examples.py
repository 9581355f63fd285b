"""The example workbooks hold what the README promises: the rows, the mess, and right stored results."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
import xlsxwriter

EXAMPLES = Path(__file__).parents[1] / "examples"
BOOKS = ("wholesaler.xlsx", "grosshandel.xlsx", "starter.xlsx")
TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def remade(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("workbooks")
    subprocess.run([sys.executable, str(EXAMPLES / "make_workbooks.py"), str(folder)], check=True, capture_output=True)
    return folder


def parts(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def load(name: str, *, formulas: bool = False) -> openpyxl.Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl says that it will lose the newer conditional formats
        return openpyxl.load_workbook(EXAMPLES / "workbooks" / name, data_only=not formulas)


def rows(book: openpyxl.Workbook, tab: str, header: int = 1) -> list[dict[str, object]]:
    names, *lines = book[tab].iter_rows(min_row=header, values_only=True)
    return [dict(zip(names, line, strict=True)) for line in lines]


@pytest.fixture(scope="module")
def wholesaler() -> openpyxl.Workbook:
    return load("wholesaler.xlsx")


@pytest.fixture(scope="module")
def leads(wholesaler) -> list[dict[str, object]]:
    return rows(wholesaler, "Leads", header=3)


@pytest.mark.parametrize("name", BOOKS)
def test_making_the_workbooks_again_gives_the_committed_ones(name, remade):
    committed = EXAMPLES / "workbooks" / name
    maker = openpyxl.load_workbook(committed, read_only=True).properties.description
    if not maker.endswith(f" {xlsxwriter.__version__}"):
        pytest.skip(f"the committed workbooks were {maker}: another version may write other bytes")
    # Part by part, since another zlib packs the same parts into other bytes.
    assert parts(remade / name) == parts(committed)


@pytest.mark.parametrize("name", BOOKS)
def test_the_makers_dice_fall_alike_twice(name, remade, tmp_path):
    subprocess.run(
        [sys.executable, str(EXAMPLES / "make_workbooks.py"), str(tmp_path)], check=True, capture_output=True
    )
    assert (tmp_path / name).read_bytes() == (remade / name).read_bytes()


COUNTS = [
    ("wholesaler.xlsx", {"Leads": (3, 401), "Accounts": (1, 121), "Activities": (1, 1500), "Team": (1, 10)}),
    (
        "grosshandel.xlsx",
        {"Interessenten": (2, 120), "Kunden": (1, 40), "Aktivitäten": (1, 300), "Mitarbeiter": (1, 6)},
    ),
    ("starter.xlsx", {"Leads": (1, 1), "Accounts": (1, 1), "Activities": (1, 1), "Team": (1, 1)}),
]


@pytest.mark.parametrize(("name", "counts"), COUNTS)
def test_each_tab_has_its_rows_below_its_header(name, counts):
    book = load(name)
    assert {tab: (header, book[tab].max_row - header) for tab, (header, _) in counts.items()} == counts


def test_the_wholesalers_tabs_stand_in_order_and_the_lists_are_hidden(wholesaler):
    assert wholesaler.sheetnames == ["Dashboard", "Leads", "Accounts", "Activities", "Team", "Lists", "Notes"]
    assert wholesaler["Lists"].sheet_state == "hidden"


def test_the_leads_are_an_excel_table_below_two_title_rows(wholesaler):
    table = wholesaler["Leads"].tables["tblLeads"]
    assert table.ref == "A3:AB404"
    assert [column.name for column in table.tableColumns if column.calculatedColumnFormula] == ["Weighted"]


def test_the_leads_tab_has_drop_downs_colours_notes_frozen_panes_and_a_hidden_column(wholesaler):
    tab = wholesaler["Leads"]
    assert len(tab.data_validations.dataValidation) == 2
    assert len(tab.conditional_formatting) >= 3
    assert sum(1 for line in tab.iter_rows() for cell in line if cell.comment) == 3
    assert tab.freeze_panes == "C4"
    assert tab.column_dimensions["AA"].hidden


def test_the_weighted_column_stores_amount_times_probability(leads):
    numbers = [row for row in leads if all(isinstance(row[name], int | float) for name in ("Amount", "Probability"))]
    assert len(numbers) > 370
    assert all(row["Weighted"] == pytest.approx(row["Amount"] * row["Probability"]) for row in numbers)
    assert {row["Weighted"] for row in leads if row not in numbers} == {0}


def test_the_dashboards_stored_results_are_those_of_its_formulas(wholesaler, leads):
    tab = wholesaler["Dashboard"]
    for line in range(5, 12):
        named = [row for row in leads if str(row["Status"]).lower() == tab.cell(line, 1).value.lower()]
        amounts = [row["Amount"] for row in named if isinstance(row["Amount"], int | float)]
        assert [tab.cell(line, 2).value, tab.cell(line, 3).value] == [len(named), sum(amounts)]
        assert tab.cell(line, 4).value == pytest.approx(sum(row["Weighted"] for row in named))


def test_the_dashboard_has_charts_and_many_formulas():
    tab = load("wholesaler.xlsx", formulas=True)["Dashboard"]
    assert len(tab._charts) == 2  # noqa: SLF001 -- openpyxl gives charts no other name
    formulas = [cell.value for line in tab.iter_rows() for cell in line if cell.data_type == "f"]
    assert sum(text.startswith(("=COUNTIFS(", "=SUMIFS(")) for text in formulas) == 61


def folded(rows_: list[dict[str, object]], header: str) -> Counter[str]:
    return Counter(str(row[header]).strip().lower() for row in rows_ if row[header])


def test_keys_are_missing_and_one_is_used_twice(leads):
    assert sum(row["Lead ID"] is None for row in leads) == 7
    assert [count for count in folded(leads, "Lead ID").values() if count > 1] == [2]


def test_one_row_in_the_middle_is_empty_but_for_its_formula(leads):
    empty = [row for row in leads if not any(value for name, value in row.items() if name != "Weighted")]
    assert empty == [leads[211]]


def test_people_were_entered_twice(leads):
    mails = [count for mail, count in folded(leads, "E-mail").items() if count > 1 and "@" in mail]
    assert sum(count - 1 for count in mails) >= 5
    digits = Counter(phone_digits(row["Phone"]) for row in leads)
    assert sum(count > 1 for phone, count in digits.items() if phone) >= 8
    assert sum("," in str(row["Contact"]) for row in leads) == 4


def phone_digits(raw: object) -> str:
    text = str(int(raw)) if isinstance(raw, float) else str(raw or "")
    return "".join(sign for sign in text if sign.isdigit()).lstrip("0")


def test_leads_lack_an_owner_or_have_one_who_left(wholesaler, leads):
    left = {row["Name"] for row in rows(wholesaler, "Team") if row["Active"] == "no"}
    assert 40 <= sum(row["Owner"] is None for row in leads) <= 50
    assert 10 <= sum(row["Owner"] in left for row in leads) <= 25


def test_about_fifty_next_steps_are_overdue(leads):
    due = [row["Next Step Due"] for row in leads if row["Status"] not in {"Won", "Lost"}]
    assert 40 <= sum(isinstance(day, datetime) and day.date() < TODAY for day in due) <= 55


ODDITIES = [
    ("Status", "Contcated"),
    ("E-mail", "kitchen@@burntcrumpet"),
    ("Amount", "5-6k"),
    ("Expected Close", "03/04/2026"),
    ("Expected Close", "31.02.2026"),
    ("Account", "A-0999"),
    ("Probability", "#DIV/0!"),
    ("Next Step Due", "asap"),
    ("Notes", '=HYPERLINK("http://crookedturnip.example","menu")'),
    ("Notes", "None"),
    ("Phone", "n/a"),
]


@pytest.mark.parametrize(("header", "raw"), ODDITIES)
def test_each_odd_value_is_in_the_leads(header, raw, leads):
    assert raw in {row[header] for row in leads}


def test_text_that_looks_like_a_formula_is_text():
    tab = load("wholesaler.xlsx", formulas=True)["Leads"]
    hits = [cell for line in tab.iter_rows() for cell in line if str(cell.value).startswith("=HYPERLINK")]
    assert {cell.data_type for cell in hits} == {"s"}


def test_dates_blanks_phones_and_amounts_come_in_several_styles(leads):
    texts = [
        value
        for row in leads
        for name, value in row.items()
        if isinstance(value, str) and name.startswith(("Cre", "Last C", "Exp"))
    ]
    assert any(text[4:5] == "-" for text in texts)
    assert any(text[2:3] == "." for text in texts)
    assert any(", 202" in text for text in texts)
    assert sum(isinstance(row["Phone"], float | int) for row in leads) > 20
    assert sum(isinstance(row["Amount"], str) and "EUR" in row["Amount"] for row in leads) >= 5
    cells = [value for row in leads for value in row.values() if isinstance(value, str)]
    assert any(value.endswith(" ") for value in cells)
    assert any("\u00a0" in value for value in cells)
    assert any("🎉" in value for value in cells)


def test_no_mail_and_no_website_leads_to_anybody_real(wholesaler):
    for book in (wholesaler, load("grosshandel.xlsx"), load("starter.xlsx")):
        cells = [value for tab in book for line in tab.iter_rows(values_only=True) for value in line]
        hosts = {
            value.strip("\u00a0 ").rpartition("@")[2].lower()
            for value in cells
            if isinstance(value, str) and "@" in value
        }
        assert all(host.endswith((".example", "example.com")) or host == "burntcrumpet" for host in hosts)


def test_the_german_workbook_writes_money_dates_tags_and_yes_the_german_way():
    found = rows(load("grosshandel.xlsx"), "Interessenten", header=2)
    assert any(str(row["Betrag"]).endswith(" €") and "," in str(row["Betrag"]) for row in found)
    assert any(isinstance(row["Fällig am"], str) and row["Fällig am"][2:3] == "." for row in found)
    assert any(isinstance(row["Fällig am"], datetime) for row in found)
    assert any(";" in str(row["Schlagworte"]) for row in found)
    assert {"ja", "nein"} <= {row["Nicht kontaktieren"] for row in found}
    assert "Kontaktirt" in {row["Status"] for row in found}


def test_the_starter_offers_drop_downs_far_below_its_example_row():
    tab = load("starter.xlsx")["Leads"]
    assert {
        str(check.sqref).rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        for check in tab.data_validations.dataValidation
    } == {"1001"}
    assert tab["D2"].value == "erin@example.com"
