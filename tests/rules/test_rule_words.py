"""The words of a rule, and conditions without a formula as one formula."""

from datetime import date

import pytest

from sheetcrm import formula
from sheetcrm.rules.rule import Again, When, action_of, again_of, first_only_of, when_of
from sheetcrm.rules.triplets import UnknownRelation, all_of, column_text, criteria, triplet


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("", When()),
        ("every run", When()),
        ("New", When("new")),
        ("neu", When("new")),
        ("changed", When("changed")),
        ("daily", When("daily")),
        ("Status changes", When("changed", "Status")),
        ("[Next Step Due] changes", When("changed", "Next Step Due")),
        ("Status changes to Won", When("changed", "Status", "", "Won")),
        ("status CHANGED from New", When("changed", "status", "New")),
        ("Status changes from In progress to  Won !", When("changed", "Status", "In progress", "Won !")),
        ("Status wechselt von Neu zu Gewonnen", When("changed", "Status", "Neu", "Gewonnen")),
        ("sometimes", None),
        ("to Won", None),
    ],
)
def test_when_a_rule_looks_at_a_row(text, when):
    assert when_of(text) == when


@pytest.mark.parametrize(
    ("text", "again"),
    [
        ("", Again()),
        ("once per row", Again("once")),
        ("Each time it starts matching", Again("start")),
        ("every 14 days", Again("days", 14)),
        ("alle 7 Tage", Again("days", 7)),
        ("daily", Again("days", 1)),
        ("every 0 days", Again("days", 1)),
        ("now and then", None),
    ],
)
def test_how_often_it_meets_a_row(text, again):
    assert again_of(text) == again


def test_actions_and_stops_in_two_languages():
    assert [action_of(word) for word in ("Assign", "erinnern", "Aktivität", "dance")] == [
        "assign", "remind", "add activity", "",
    ]  # fmt: skip
    assert [first_only_of(word) for word in ("", "first", "all", "erste", "maybe")] == [False, True, False, True, None]


ROWS = {
    "Status": ["Open", "open ", "Won", None, 5],
    "Due": [date(2026, 3, 1), date(2026, 3, 5), None, "n/a", date(2026, 2, 20)],
    "Amount": [1000, 999.5, None, "1000", 2000],
    "Notes": ['Met in "A" hall', "hall", "", None, "x"],
}
TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("parts", "rows"),
    [
        (("Status", "is", "Open"), [0]),
        (("Status", "", "open"), [0]),
        (("Status", "is", "Open, Won"), [0, 2]),
        (("Status", "is not", "Open, Won"), [1, 3, 4]),
        (("Status", "is blank", ""), [3]),
        (("Status", "is", ""), [3]),
        (("Status", "ist nicht leer", ""), [0, 1, 2, 4]),
        (("Due", "before", "2026-03-02"), [0, 4]),
        (("Due", "after", "2026-03-02"), [1, 3]),
        (("Due", "days ago or more", "5"), [4]),
        (("Due", "in the last days", "7"), [0]),
        (("Due", "in the next days", "7"), [1]),
        (("Amount", "at least", "1000"), [0, 3, 4]),
        (("Amount", "less than", "1000"), [1]),
        (("Notes", "contains", '"a"'), [0]),
        (("Notes", "does not contain", "hall"), [2, 3, 4]),
        (("Notes", "starts with", "HALL"), [1]),
        (("Notes", "ends with", "hall"), [0, 1]),
        (("[Amount]", "more than", "=AVERAGE([Amount])*0+1500"), [4]),
    ],
)
def test_column_relation_and_value_are_one_formula(parts, rows):
    values = formula.evaluate(triplet(*parts), ROWS, TODAY)
    assert [i for i, value in enumerate(values) if value is True] == rows


def test_an_unknown_relation_is_told():
    with pytest.raises(UnknownRelation):
        triplet("Status", "resembles", "Open")


@pytest.mark.parametrize(
    ("cell", "rows"),
    [(">=1000", [0, 4]), ("<>1000", [1, 2, 4]), ("1000", [0, 3]), ("999.5, 2000", [1, 4]), ("1*", [3]), ("", None)],
)
def test_a_decision_tables_cell_holds_criteria_as_in_countifs(cell, rows):
    text = criteria("Amount", cell)
    if rows is None:
        assert text == ""
        return
    values = formula.evaluate(text, ROWS, TODAY)
    assert [i for i, value in enumerate(values) if value is True] == rows


def test_odd_names_of_columns_are_quoted():
    assert column_text("a[b] 'c' #1") == "['[a'[b'] ''c'' '#1]".replace("'[a", "a")
    name = "Amount [EUR] #2 '26"
    assert formula.evaluate(f"{column_text(name)}*2", {name: [2]}, TODAY) == [4]


def test_parts_are_joined_only_where_there_are_several():
    assert [all_of([]), all_of(["", "A"]), all_of(["A", "", "B"])] == ["", "A", "AND(A,B)"]
