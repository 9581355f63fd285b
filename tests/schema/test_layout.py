"""Columns that a person renamed or moved since the last run are followed, and nothing else is."""

import pytest
from drawn_tables import codes, grid, understood

from sheetcrm.schema.layout import layout_of

BEFORE = """
    Lead ID | Company | Owner | Colour | Status | Amount
    L-1     | Acme    | Dan   | red    | New    | 10
    L-2     | Bolt    | Eva   | blue   | Won    | 20
    L-3     | Cask    | Dan   | green  | Lost   | 30
    L-4     | Dorn    | Flo   | grey   | New    | 40
    """


def read_again(drawn, before=BEFORE):
    """The Leads as understood with the layout of an earlier reading, and the Issues."""
    remembered = layout_of(understood(grid("Leads", before)).tables)
    now = understood(grid("Leads", drawn), remembered=remembered)
    return now.tables["Leads"], codes(now.issues)


def test_a_column_renamed_to_an_unknown_word_is_followed_by_its_values():
    table, issues = read_again(BEFORE.replace("Owner", "Häuptling"))
    assert table.columns["owner"].header == "Häuptling"
    assert table.columns["owner"].kind == "person"
    assert table.values["owner"] == ["Dan", "Eva", "Dan", "Flo"]
    assert issues == ["C1 column_renamed"]


def test_a_renamed_column_is_followed_although_it_moved_and_the_rows_are_sorted():
    table, _ = read_again("""
        Häuptling | Status | Lead ID | Company | Colour | Amount
        Flo       | New    | L-4     | Dorn    | grey   | 40
        Eva       | Won    | L-2     | Bolt    | blue   | 20
        Dan       | New    | L-9     | Neu     | pink   | 1
        Dan       | Lost   | L-3     | Cask    | green  | 30
        Dan       | New    | L-1     | Acme    | red    | 10
        """)
    assert table.columns["owner"].header == "Häuptling"


def test_a_renamed_empty_column_is_followed_by_its_place():
    empty = "Lead ID | Company | Owner | Status\nL-1 | Acme | | New\nL-2 | Bolt | | New\nL-3 | Cask | | New"
    table, _ = read_again(empty.replace("Owner", "Häuptling"), empty)
    assert table.columns["owner"].header == "Häuptling"


def test_a_renamed_key_column_is_followed_by_its_keys_and_others_with_it():
    table, issues = read_again(BEFORE.replace("Lead ID", "Kürzel").replace("Owner", "Häuptling"))
    assert table.columns["key"].header == "Kürzel"
    assert table.columns["owner"].header == "Häuptling"
    assert [ref.key for ref in table.refs] == ["L-1", "L-2", "L-3", "L-4"]
    assert issues == ["A1 column_renamed", "C1 column_renamed"]


def test_an_empty_column_is_not_followed_to_a_new_one_where_it_stood():
    empty = "Lead ID | Company | Owner | Status\nL-1 | Acme | | New\nL-2 | Bolt | | New\nL-3 | Cask | | New"
    moved = "Häuptling | Lead ID | Company | Extra | Status\n | L-1 | Acme | | New\n | L-2 | Bolt | | New"
    table, _ = read_again(moved, empty)
    assert "owner" not in table.columns


def test_an_empty_column_is_not_followed_to_one_that_holds_something():
    empty = "Lead ID | Company | Owner | Status\nL-1 | Acme | | New\nL-2 | Bolt | | New\nL-3 | Cask | | New"
    filled = "Lead ID | Company | Mood | Status\nL-1 | Acme | ok | New\nL-2 | Bolt | ok | New\nL-3 | Cask | bad | New"
    table, issues = read_again(filled, empty)
    assert "owner" not in table.columns
    assert issues == []


def test_a_moved_column_needs_no_following():
    table, issues = read_again("""
        Owner | Lead ID | Company | Status
        Dan   | L-1     | Acme    | New
        """)
    assert (table.values["owner"], table.columns["owner"].index, issues) == (["Dan"], 0, [])


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(
            BEFORE.replace("| Owner", "").replace("| Dan", "").replace("| Eva", "").replace("| Flo", ""), id="gone"
        ),
        pytest.param(BEFORE.replace("Owner", "Size").replace("Dan", "8").replace("Eva", "9"), id="replaced"),
    ],
)
def test_a_deleted_column_is_not_followed_to_one_of_other_values(now):
    table, issues = read_again(now)
    assert "owner" not in table.columns
    assert issues == []


def test_a_renamed_column_is_followed_although_another_one_would_now_fit_its_field():
    before = BEFORE.replace("Colour", "Agent")
    assert understood(grid("Leads", before)).tables["Leads"].columns["owner"].header == "Owner"
    table, _ = read_again(before.replace("Owner", "Häuptling"), before)
    assert table.columns["owner"].header == "Häuptling"
    assert table.columns["Agent"].is_custom
    assert table.values["Agent"] == ["red", "blue", "green", "grey"]


def test_values_tell_more_than_a_word_that_another_column_was_given():
    table, _ = read_again(BEFORE.replace("Owner", "Häuptling").replace("Colour", "Zuständig"))
    assert table.columns["owner"].header == "Häuptling"
    assert table.columns["Zuständig"].is_custom


def test_a_column_renamed_to_a_better_alias_is_simply_known():
    table, issues = read_again(BEFORE.replace("Owner", "Assigned to"))
    assert (table.columns["owner"].header, issues) == ("Assigned to", [])


def test_a_layout_is_json_and_small():
    layout = layout_of(understood(grid("Leads", BEFORE)).tables)["Leads"]
    assert layout["order"] == ["Lead ID", "Company", "Owner", "Colour", "Status", "Amount"]
    assert set(layout["fields"]) == {"key", "company", "owner", "status", "amount"}
    assert len(layout["fields"]["owner"]["cells"]) == 4
