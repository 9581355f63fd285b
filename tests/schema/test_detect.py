"""Which tab is which table, where its header stands, which column is which field, which rows are data."""

import random

import pytest
from drawn_tables import grid, leads, understood

from sheetcrm.schema.fields import FieldSpec, built_in_tables, normal, with_columns
from sheetcrm.table import Column, Grid, TableRange

PLAIN = """
    Lead ID | Company | E-Mail      | Status | Owner
    L-1     | Acme    | ann@acme.io | New    | Dan
    """


def found(*grids, **more):
    return {name: table.tab for name, table in understood(*grids, **more).tables.items()}


def headers(table):
    return {field: column.header for field, column in table.columns.items()}


def test_titles_and_notes_above_the_header_row_are_no_data():
    table = leads("""
        Our leads 2026 |          |
                       |          |
        Company here!  | call Dan | status?
        Company        | E-Mail   | Status
        Acme           | a@b.io   | New
        """)
    assert table.header_row == 3
    assert table.values["company"] == ["Acme"]
    assert table.cell(0, "email") == "B5"


def test_a_table_that_begins_below_and_right_keeps_its_addresses():
    table = understood(grid("Leads", PLAIN, top=9, left=2)).tables["Leads"]
    assert (table.cell(0, "key"), table.cell(0, "owner")) == ("C11", "G11")


@pytest.mark.parametrize("seed", range(5))
def test_columns_are_found_in_any_order(seed):
    order = random.Random(seed).sample(range(5), 5)  # noqa: S311 -- a shuffle that is the same each time
    rows = [[row[j] for j in order] for row in grid("Leads", PLAIN).rows]
    table = understood(Grid("Leads", rows)).tables["Leads"]
    assert {name: values[0] for name, values in table.values.items()} == {
        "key": "L-1",
        "company": "Acme",
        "email": "ann@acme.io",
        "status": "New",
        "owner": "Dan",
    }


@pytest.mark.parametrize(
    ("tab", "drawn", "fields"),
    [
        ("Deals", "Deal ID|Organisation|Contact Person|Stage|Deal Value", "key company name status amount"),
        ("Interessenten", "Nr.|Firma|Ansprechpartner|Telefon|Zuständig", "key company name phone owner"),
        ("ANFRAGEN", "Lead-Nr|Unternehmen|PLZ|Fällig am|Nächster Schritt", "key company postcode next_due next_step"),
        ("Leads", "LEAD_ID|first_name|last_name|next_due|do_not_contact", "key first_name last_name next_due"),
        ("Leads", "company (legal)|Amount [EUR]|Chance in %|Dublette von", "company amount duplicate_of"),
    ],
)
def test_headers_are_known_by_their_aliases_in_english_and_german(tab, drawn, fields):
    table = understood(grid(tab, drawn + "\n" + "|".join("x" * (drawn.count("|") + 1)))).tables["Leads"]
    assert set(fields.split()) <= {name for name, one in table.columns.items() if not one.is_custom}


def test_the_better_alias_wins_and_the_other_column_stays_custom():
    table = leads("""
        owner | Lead Owner | State | Status | Status
        Dan   | Eva        | Bonn  | New    | Won
        """)
    assert headers(table) == {
        "owner": "owner",
        "Lead Owner": "Lead Owner",
        "State": "State",
        "status": "Status",
        "Status": "Status",
    }
    assert table.values["owner"] == ["Dan"]
    assert table.values["status"] == ["New"]


def test_no_column_is_lost_among_headers_that_are_alike():
    table = leads("""
        key | Lead ID | Note | Colour | Colour | Colour | Colour (E)
        1   | L-1     | a    | red    | blue   | green  | grey
        """)
    assert len(table.columns) == 7
    assert table.values["key"] == ["L-1"]
    assert sorted(str(values[0]) for values in table.values.values()) == [
        "1",
        "L-1",
        "a",
        "blue",
        "green",
        "grey",
        "red",
    ]


def test_a_tab_of_another_title_counts_by_its_columns():
    assert found(grid("Sheet1", PLAIN)) == {"Leads": "Sheet1"}
    assert found(grid("Sheet1", "Company|Notes\nAcme|x")) == {}


def test_a_tab_with_the_own_title_wins_over_a_better_filled_one():
    other = grid("Archive", PLAIN.replace("Company", "Phone | Company"))
    assert found(other, grid("Leads", "Company|Status\nAcme|New")) == {"Leads": "Leads"}


def test_accounts_are_no_leads_where_there_are_no_leads():
    accounts = grid("Kunden", "Kundennummer|Firma|E-Mail|Zuständig|Kunde seit\nK1|Acme|a@b.io|Dan|@2020-01-01")
    assert found(accounts) == {"Accounts": "Kunden"}


def test_a_tab_called_customers_with_stages_is_the_leads():
    assert found(grid("Customers", PLAIN)) == {"Leads": "Customers"}


def test_hidden_tabs_count_only_under_their_own_title():
    assert found(grid("Sheet1", PLAIN, is_hidden=True)) == {}
    assert found(grid("Leads", PLAIN, is_hidden=True)) == {"Leads": "Leads"}


def test_settings_name_the_tab_and_add_columns():
    specs = with_columns(
        built_in_tables(),
        {"Leads": "Zettel"},
        {"Leads": [FieldSpec("owner", "", ("kummerer",)), FieldSpec("size", "number", ("groesse",))]},
    )
    table = understood(grid("Zettel", "Firma|Kümmerer|Groesse\nAcme|Dan|12"), tables=specs).tables["Leads"]
    assert table.columns["owner"] == Column("owner", "Kümmerer", 1, "person")
    assert table.values["size"] == [12.0]


def test_custom_columns_are_kept_as_typed():
    table = leads("""
        Company | Status | Shoe size | 2026
        Acme    | New    | 43        | 'x
        """)
    assert table.columns["Shoe size"] == Column("Shoe size", "Shoe size", 2, "text", is_custom=True)
    assert table.values["Shoe size"] == ["43"]
    assert table.raws["Shoe size"] == [43.0]
    assert table.values["2026"] == ["x"]


def test_blank_rows_and_rows_of_formulas_only_are_no_data():
    table = understood(
        Grid(
            "Leads",
            [
                ["Company", "Status", "Age"],
                ["Acme", "New", 3.0],
                [None, None, 0.0],
                ["\u00a0", " \u200b", 0.0],
                ["Bolt", None, 5.0],
                [None, None, 0.0],
            ],
            formulas=frozenset((i, 2) for i in range(1, 6)),
        )
    ).tables["Leads"]
    assert table.numbers == [1, 4]
    assert table.formula_fields == {"Age"}


def test_a_totals_row_is_no_lead_but_the_company_total_is_one():
    table = leads("""
        Company | Status | Amount
        Acme    | New    | 100
        Total   | New    | 100
        Summe   |        | =200
        """)
    assert table.values["company"] == ["Acme", "Total"]


def test_the_totals_row_of_an_excel_table_ends_it():
    rows = grid("Leads", PLAIN + "\nGesamtzahl | 1 | | |\nbelow | x | | |")
    table = understood(Grid("Leads", rows.rows, tables=(TableRange("T", 0, 0, 2, 4, has_totals=True),))).tables["Leads"]
    assert table.values["key"] == ["L-1"]


def test_rows_below_an_excel_table_without_totals_are_read():
    rows = grid("Leads", PLAIN + "L-2 | Bolt | | |")
    table = understood(Grid("Leads", rows.rows, tables=(TableRange("T", 0, 0, 1, 4),))).tables["Leads"]
    assert table.values["key"] == ["L-1", "L-2"]


def test_rows_of_different_lengths_are_read_as_if_blank_beyond_their_end():
    table = understood(Grid("Leads", [["Company", "Status", "Owner"], ["Acme"], ["Bolt", "New"]])).tables["Leads"]
    assert table.values["owner"] == [None, None]


@pytest.mark.parametrize(
    ("text", "same"), [("Lead-Nr.", "lead nr"), ("  E–Mail ", "e mail"), ("STRASSE", "straße"), ("Fällig", "fallig")]
)
def test_headers_are_compared_without_case_accents_and_punctuation(text, same):
    assert normal(text) == normal(same)
