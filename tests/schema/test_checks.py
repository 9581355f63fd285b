"""What is wrong across cells, rows and tabs: each code once, at its cell, with its way out."""

import pytest
from drawn_tables import codes, grid, shown_issues, snapshot

from sheetcrm.schema.quality import data_quality
from sheetcrm.table import Grid, Issue, RowRef

TEAM = grid(
    "Team",
    """
    Name     | Email        | Role  | Active | Time zone | Manager
    Dan Kent | dan@house.io | Sales | yes    |           |
    Eva Long | eva@house.io | Sales | no     |           |
    """,
)
ACCOUNTS = grid("Accounts", "Account ID|Company|Renewal\nA-1|Acme|\nA-2|Bolt|")


def issues(drawn, *others):
    """The Issues of a Leads tab; today is 2 March 2026."""
    return snapshot(grid("Leads", drawn), *others).issues


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        pytest.param(
            "Lead ID|Company|Status\nL-1|A|New\nL-1|B|New\nL-2|C|New",
            ["A2 not_unique", "A3 not_unique"],
            id="not_unique",
        ),
        pytest.param("Company|Status|E-Mail\nA|New|\n|New|", ["A3 nobody"], id="nobody"),
        pytest.param("Company|Status|Owner\nA|New|Zoe\nB|New|Dan Kent", ["C2 unknown_person"], id="unknown_person"),
        pytest.param(
            "Company|Status|Owner\nA|New|eva\nB||eva\nC|Won|eva", ["C2 owner_left", "C3 owner_left"], id="owner_left"
        ),
        pytest.param(
            "Company|Status|Account\nA|New|A-1\nB|New|bolt\nC|New|A-9", ["C4 unknown_reference"], id="reference"
        ),
        pytest.param("Company|Status|Created\nA|New|@2026-03-02\nB|New|@2026-03-03", ["C3 in_future"], id="in_future"),
        pytest.param("Company|Status|Next due\nA|New|@2031-03-06\nB|New|@2031-03-07", ["C3 far_ahead"], id="far_ahead"),
        pytest.param(
            "Company|Status|Created|Closed on\nA|Won|@2026-02-02|@2026-02-02\nB|Won|@2026-02-02|@2026-02-01",
            ["D3 before_created"],
            id="before_created",
        ),
        pytest.param(
            "Company|Status|Next due\nA|Won|@2026-03-01\nB|Won|@2026-03-02\nC|New|@2026-03-02",
            ["C3 done_with_next_step"],
            id="done_with_next_step",
        ),
        pytest.param(
            "Company|Status|Expected close\nA|New|@2026-03-02\nB|New|@2026-03-01\nC|Lost|@2026-03-01",
            ["C3 close_passed"],
            id="close_passed",
        ),
        pytest.param("Company|Status\nA|New\nB|New\nA|New", ["A2 rows_alike", "A4 rows_alike"], id="rows_alike"),
    ],
)
def test_each_check_finds_its_cell_and_none_beside_it(drawn, expected):
    assert codes(issues(drawn, TEAM, ACCOUNTS)) == expected


def test_an_account_needs_a_company_and_a_team_member_name_and_address():
    accounts = grid("Accounts", "Account ID|Company|Renewal\nA-1||@2026-05-01")
    team = grid("Team", "Name|Email|Role\nDan||Sales")
    assert codes(snapshot(accounts, team).issues) == ["B2 required", "B2 required"]


def test_the_team_s_zones_and_managers_are_checked():
    team = grid(
        "Team",
        "Name|Email|Role|Time zone|Manager\nDan|d@h.io|Sales|Mars/Base|Zoe\nEva|e@h.io|Sales|Europe/Rome|d@h.io",
    )
    assert codes(snapshot(team).issues) == ["D2 unknown_zone", "E2 unknown_person"]


def test_a_message_names_the_value_and_the_nearest_one():
    assert shown_issues(issues("Company|Status|Account\nA|New|Acmee", ACCOUNTS)) == [
        'C2 unknown_reference: Account: "Acmee" is not in Accounts > Did you mean "Acme"?'
    ]


def test_a_calculated_key_is_noted_once_and_names_no_row():
    seen = snapshot(grid("Leads", "Lead ID|Company|Status\n=1|A|New\n=2|B|New"))
    assert codes(seen.issues) == ["A2 key_is_formula"]
    assert [ref.key for ref in seen.tables["Leads"].refs] == ["", ""]
    assert all(ref.content for ref in seen.tables["Leads"].refs)


def test_a_calculated_key_without_any_rows_is_no_trouble():
    assert codes(snapshot(grid("Leads", "Lead ID|Company|Status\n=1||\n=2||")).issues) == []


def test_rows_of_one_key_are_told_apart_by_their_content():
    table = snapshot(grid("Leads", "Lead ID|Company|Status\nL-1|A|New\nL-1|B|New\nL-2|C|New")).tables["Leads"]
    assert [bool(ref.key) for ref in table.refs] == [False, False, True]
    assert len({ref.content for ref in table.refs[:2]}) == 2


def test_rows_alike_to_the_last_cell_are_told_apart_by_their_order():
    table = snapshot(grid("Leads", "Company|Status|Owner\nA|New|\nB|New|\nA|New|")).tables["Leads"]
    first, other, second = table.refs
    assert second == RowRef("Leads", content=f"{first.content}~2")
    assert (second.digest, other.digest == first.digest) == (first.content, False)


def test_a_single_formula_among_typed_cells_is_never_written():
    table = snapshot(grid("Leads", "Company|Status|Owner\nA|New|=5\nB|New|\nC|New|Dan\nD|New|Eva")).tables["Leads"]
    assert table.formula_fields == frozenset()
    assert [table.is_writable(i, "owner") for i in range(4)] == [False, True, True, True]


def test_a_calculated_column_and_a_protected_tab_are_never_written():
    drawn = "Company|Status|Amount\nA|New|=5\nB|New|=6"
    assert not snapshot(grid("Leads", drawn)).tables["Leads"].is_writable(0, "amount")
    assert not snapshot(grid("Leads", drawn, is_protected=True)).tables["Leads"].is_writable(0, "company")


def test_a_row_s_digest_follows_it_when_rows_and_columns_move():
    one = snapshot(grid("Leads", "Company|Status|Owner\nA|New|Dan\nB|Won|Eva")).tables["Leads"]
    moved = snapshot(grid("Leads", "Owner|Company|Status\nEva|B|Won\nDan|A|New", top=4, left=3)).tables["Leads"]
    assert one.refs == moved.refs[::-1]


def test_a_digest_knows_text_from_number_but_not_whole_from_decimal():
    def ref(raw):
        return snapshot(Grid("Leads", [["Company", "Status", "Size"], ["A", "New", raw]])).tables["Leads"].refs[0]

    assert ref(5) == ref(5.0) != ref("5")
    assert ref(True) != ref(1)


def test_a_clean_workbook_has_no_issues_and_full_quality():
    seen = snapshot(grid("Leads", "Lead ID|Company|Status|Owner\nL-1|A|New|Dan Kent"), TEAM, ACCOUNTS)
    assert (codes(seen.issues), seen.quality) == ([], 100)


@pytest.mark.parametrize(
    ("found", "score"),
    [
        ([], 100),
        ([("A2", "error")], 75),
        ([("A2", "error"), ("B2", "error"), ("C2", "warning")], 75),
        ([("A2", "warning")], 87),
        ([("row 2", "error"), ("A2", "error")], 75),
        ([("A2", "note")], 100),
        ([("A2", "error"), ("A3", "error"), ("A4", "error"), ("A5", "error")], 0),
    ],
)
def test_the_quality_counts_rows_not_issues_and_warnings_half(found, score):
    tables = snapshot(grid("Leads", "Company|Status\nA|New\nB|New\nC|New\nD|New")).tables
    assert data_quality(tables, [Issue("x", "Leads", cell, "", "", "", severity) for cell, severity in found]) == score


@pytest.mark.parametrize("bad", range(0, 101, 7))
def test_the_quality_of_a_hundred_rows_is_exactly_the_good_ones(bad):
    tables = snapshot(grid("Leads", "Company|Status\n" + "\n".join(f"A{i}|New" for i in range(100)))).tables
    assert data_quality(tables, [Issue("x", "Leads", f"AB{i + 2}", "", "", "") for i in range(bad)]) == 100 - bad
