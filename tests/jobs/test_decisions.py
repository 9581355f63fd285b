"""What people decide about pairs is remembered, and moves from which likeness on they are asked and rows are marked."""

import pytest
from drawn_tables import after, grid, snapshot
from pydantic import ValidationError

from sheetcrm.jobs import dedupe
from sheetcrm.jobs.decisions import DIFFERENT, SAME, Decision, Decisions, decisions_of, thresholds
from sheetcrm.rules.settings import MatchRule, Rules
from sheetcrm.rules.unknown import unknown_names

LEADS = grid(
    "Leads",
    """
    Lead ID | Company  | Contact | E-Mail      | Status | Account | Duplicate of
    L-1     | Acme Ltd | Ann Lee | ann@acme.io | New    |         |
    L-2     | Acme Ltd | Ann Lee | ann@acme.io | New    |         |
    L-3     | Bolt     | Bo Ek   | bo@bolt.at  | New    |         |
    """,
)
ACCOUNTS = grid(
    "Accounts",
    "Account ID | Account Name | Website | Phone\n"
    + "\n".join(
        f"AC-{i} | {name} Works | {name.lower()}.at |" for i, name in enumerate("Ash Birch Cedar Dune Elm".split(), 2)
    )
    + "\nAC-1 | Bolt | bolt.at | +43 1 5880 1234",
)


def drawn(pair, decision, score=0.9):
    return grid("Duplicates", f"Pair | Decision | Score\n{pair} | {decision} | {score}")


def known(*words):
    """Decisions with these words and scores."""
    return Decisions({str(i): Decision(word, score, "", "") for i, (word, score) in enumerate(words)}, {})


def test_whoever_calls_a_sure_pair_different_moves_what_is_sure_above_it():
    sure, review = thresholds(MatchRule(), known((DIFFERENT, 0.98), (SAME, 0.9)))
    assert (sure, review) == (pytest.approx(0.981), 0.75)


def test_ten_pairs_from_below_called_different_move_from_where_people_are_asked():
    ten = [(DIFFERENT, 0.76 + i / 100) for i in range(10)]
    assert thresholds(MatchRule(), known(*ten))[1] == pytest.approx(0.851)
    assert thresholds(MatchRule(), known(*ten[:9]))[1] == 0.75
    assert thresholds(MatchRule(), known(*ten, (SAME, 0.755)))[1] == 0.75


def test_decisions_without_a_score_move_nothing():
    assert thresholds(MatchRule(), known(*[(DIFFERENT, 0.0)] * 20)) == (0.97, 0.75)


def test_nobody_is_asked_above_what_is_sure():
    many = [(DIFFERENT, 0.99)] * 12
    sure, review = thresholds(MatchRule(), known(*many))
    assert 0.99 < review <= sure <= 1


@pytest.mark.parametrize("word", ["Different", "different ", "verschieden", "nein"])
def test_a_pair_called_different_is_not_marked(word):
    found = dedupe.plan(snapshot(LEADS, drawn("L-1 ↔ L-2", word)), Rules())
    assert (found.changes, found.review) == ((), ())


def test_different_holds_only_while_the_two_say_the_same_of_themselves():
    asked = snapshot(LEADS, drawn("L-1 ↔ L-2", "Different"))
    memory = decisions_of(asked).remember()
    table = snapshot(LEADS, memory=memory).tables["Leads"]
    assert decisions_of(snapshot(LEADS, memory=memory)).of(table.row(0), table.row(1)) == DIFFERENT
    moved = grid("Leads", "Lead ID | Contact | Company\nL-1 | Ann Lee | Acme Ltd\nL-2 | Ann Lee-Fox | Acme Ltd")
    seen = snapshot(moved, memory=memory)
    one, other = seen.tables["Leads"]
    assert decisions_of(seen).of(one, other) == ""


def test_a_word_that_is_no_decision_changes_nothing():
    assert decisions_of(snapshot(LEADS, drawn("L-1 ↔ L-2", "perhaps"))).new == {}


def test_a_new_lead_that_is_a_customer_is_asked_about_and_gets_the_account_once_a_person_says_so():
    leads = grid(
        "Leads",
        "Lead ID | Company | Contact | E-Mail | Phone | Status | Account\n"
        "L-3 | Bolt | Bo Ek | bo@bolt.at | +43 1 5880 1234 | New |",
    )
    first = dedupe.plan(snapshot(leads, ACCOUNTS), Rules(dedupe=MatchRule(review=0.3)))
    assert [(one.one, one.other) for one in first.review] == [("Leads!A2", "Accounts!A7")]
    said = drawn("Accounts AC-1 ↔ L-3", "Same")
    found = dedupe.plan(snapshot(leads, ACCOUNTS, said), Rules(dedupe=MatchRule(review=0.3)))
    assert [(one.cell, one.new) for one in found.changes] == [("Leads!G2", "AC-1")]
    again = snapshot(*after([leads, ACCOUNTS], found), memory=found.remember)
    assert not dedupe.plan(again, Rules(dedupe=MatchRule(review=0.3))).changes


@pytest.mark.parametrize("name", ["notes", "key", "duplicate_of"])
def test_what_no_setting_chooses_is_refused_in_the_settings(name):
    with pytest.raises(ValidationError, match=f"which {name} a merged row keeps cannot be chosen"):
        MatchRule(fields={name: "first"})


def test_a_field_that_neither_tab_has_is_told_of():
    rules = Rules(dedupe=MatchRule(fields={"Colour": "newest", "company": "longest", "Account Name": "first"}))
    (issue,) = unknown_names(rules, (), snapshot(LEADS, ACCOUNTS))
    assert issue.message == "[dedupe] fields: neither leads nor accounts have a column Colour"
