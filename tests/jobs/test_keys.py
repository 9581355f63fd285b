"""Rows without a key get one: in the tab's own pattern, and never one that was used before."""

import pytest
from drawn_tables import after, grid, shown_changes, snapshot, written

from sheetcrm.jobs import keys
from sheetcrm.rules.settings import Rules


def plan(*grids, **more):
    return keys.plan(snapshot(*grids, **more), Rules())


def new_keys(*typed, **more):
    """The keys given to the blank cells of a column."""
    drawn = "Lead ID|Company|Status\n" + "\n".join(f"{key}|Company {i}|New" for i, key in enumerate(typed))
    return list(written(plan(grid("Leads", drawn), **more)).values())


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        (["", ""], ["L-0001", "L-0002"]),
        (["L-0007", ""], ["L-0008"]),
        (["", "L-0007", ""], ["L-0008", "L-0009"]),
        (["L7", "L12", ""], ["L13"]),
        (["'007", "'012", ""], ["013"]),
        (["2026/A-099", ""], ["2026/A-100"]),
        (["LEAD 9", "LEAD 10", "x", ""], ["LEAD 11"]),
        (["Acme", "Bolt", ""], ["L-0001"]),
        (["Acme", "Bolt", "L-0041", ""], ["L-0042"]),
        (["L-9999", ""], ["L-10000"]),
        (["l-0002", "L-0001", "L-0001", ""], ["L-0003"]),
        (["1001", "1002", ""], ["1003"]),
        (["L-1", "L-2"], []),
    ],
)
def test_new_keys_go_on_in_the_pattern_of_the_tab(typed, given):
    assert new_keys(*typed) == given


def test_a_key_in_a_column_of_numbers_is_a_number():
    (change,) = plan(grid("Leads", "Lead ID|Company|Status\n1001|A|New\n|B|New")).changes
    assert (change.new, type(change.new)) == (1002, int)


def test_the_change_names_row_cell_and_reason():
    assert shown_changes(plan(grid("Leads", "Lead ID|Company|Status\n|Acme|New"))) == [
        "Leads!A2  > L-0001 (rows without a key get one)"
    ]


def test_a_key_is_never_used_again_after_its_row_was_deleted():
    first = plan(grid("Leads", "Lead ID|Company|Status\nL-0001|A|New\n|B|New"))
    assert first.remember == {"keys/Leads": "2"}
    assert new_keys("L-0001", "", memory=first.remember) == ["L-0003"]


def test_a_key_typed_by_a_person_is_not_used_again_either():
    quiet = plan(grid("Leads", "Lead ID|Company|Status\nL-0001|A|New\nL-0009|B|New"))
    assert (quiet.changes, quiet.remember) == ((), {"keys/Leads": "9"})
    assert new_keys("L-0001", "", memory=quiet.remember) == ["L-0010"]


def test_a_tab_that_brings_no_higher_key_leaves_the_memory_alone():
    assert plan(grid("Leads", "Lead ID|Company|Status\nL-0001|A|New"), memory={"keys/Leads": "9"}).remember == {}


def test_each_tab_has_its_own_count_and_prefix():
    leads = grid("Leads", "Lead ID|Company|Status\n|A|New")
    accounts = grid("Accounts", "Account ID|Company|Renewal\n|A|")
    activities = grid("Activities", "ID|Date|Lead ID|Type\n|@2026-01-01|L-1|Call")
    team = grid("Team", "Name|Email|Role\nDan|d@h.io|Sales")
    assert [one.new for one in plan(leads, accounts, activities, team).changes] == ["L-0001", "A-0001", "V-0001"]


@pytest.mark.parametrize(
    "drawn",
    [
        pytest.param("Company|Status|Owner\nA|New|", id="no key column"),
        pytest.param("Lead ID|Company|Status\n=1|A|New\n=2|B|New", id="calculated"),
        pytest.param("Lead ID|Company|Status\n#N/A|A|New", id="error value"),
        pytest.param("Lead ID|Company|Status\nL-1|A|New\nL-1|B|New", id="not unique, but a person's"),
    ],
)
def test_no_key_is_written_where_none_belongs(drawn):
    assert plan(grid("Leads", drawn)).changes == ()


def test_rows_alike_get_a_key_each():
    assert [one.new for one in plan(grid("Leads", "Lead ID|Company|Status\n|A|New\n|A|New")).changes] == [
        "L-0001",
        "L-0002",
    ]


def test_once_written_no_more_keys_are_planned():
    leads = grid("Leads", "Lead ID|Company|Status\n|A|New\nL-0004|B|New")
    first = plan(leads)
    assert plan(*after([leads], first), memory=first.remember) == keys.Plan()
