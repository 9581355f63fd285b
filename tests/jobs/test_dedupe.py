"""Sure duplicates are marked with the key of the lead that stays, unsure ones listed; a person's word is final."""

import pytest
from drawn_tables import after, grid, snapshot, written

from sheetcrm.jobs import dedupe
from sheetcrm.rules.settings import MatchRule, Rules

HEADERS = "Lead ID|Company|Contact|E-Mail|Phone|Status|Owner|Created|Duplicate of"
TWINS = "Acme Ltd|Ann Lee|ann.lee@acme.io|+44 20 7946 0018"
MATCH = MatchRule()


def table(*rows):
    return grid("Leads", "\n".join([HEADERS, *rows]))


def plan(leads, rule=MATCH, **more):
    return dedupe.plan(snapshot(leads, **more), Rules(dedupe=rule))


def test_the_second_of_two_leads_alike_is_marked_with_the_first_s_key():
    found = plan(table(f"L-1|{TWINS}|New||@2026-01-01|", f"L-2|{TWINS}|New||@2026-01-02|", "L-3|Bolt|Bo Ek||||||"))
    assert written(found) == {"I3": "L-1"}
    (change,) = found.changes
    assert change.why.startswith("99% same as Acme Ltd (L-1): ")
    assert found.remember["dedupe/L-2"] == "L-1"
    assert found.review == ()


@pytest.mark.parametrize(
    ("one", "other", "master"),
    [
        ("New||@2026-01-01", "Proposal||@2026-02-01", "L-2"),
        ("Lost|Dan|@2026-01-01", "New||@2026-02-01", "L-2"),
        ("Lost|Dan|@2026-01-01", "||@2026-02-01", "L-2"),
        ("Won||@2026-02-01", "Negotiation|Dan|@2026-01-01", "L-1"),
        ("New||@2026-01-01", "New|Dan|@2026-02-01", "L-2"),
        ("New|Dan|@2026-02-01", "New|Eva|@2026-01-01", "L-2"),
        ("New|Dan|", "New|Eva|@2026-01-01", "L-2"),
        ("New|Dan|@2026-01-01", "New|Eva|@2026-01-01", "L-1"),
    ],
)
def test_the_lead_that_stays_is_furthest_then_owned_then_oldest_then_upper(one, other, master):
    found = plan(table(f"L-1|{TWINS}|{one}|", f"L-2|{TWINS}|{other}|"))
    assert list(written(found).values()) == [master]


def test_a_mark_that_a_person_cleared_stays_cleared_and_is_not_asked_about_again():
    leads = table(f"L-1|{TWINS}|New||@2026-01-01|", f"L-2|{TWINS}|New||@2026-01-02|")
    first = plan(leads)
    again = plan(leads, memory=first.remember)
    assert (again.changes, again.review) == ((), ())


def test_a_cleared_pair_does_not_hide_a_new_one():
    memory = {"dedupe/L-2": "L-9"}
    found = plan(table(f"L-1|{TWINS}|New|||", f"L-2|{TWINS}|Won|||"), memory=memory)
    assert written(found) == {"I2": "L-2"}


def test_once_written_nothing_more_is_planned():
    leads = table(f"L-1|{TWINS}|New||@2026-01-01|", f"L-2|{TWINS}|New||@2026-01-02|", f"L-3|{TWINS}|New|||")
    first = plan(leads)
    assert sorted(written(first)) == ["I3", "I4"]
    again = plan(*after([leads], first), memory=first.remember)
    assert (again.changes, again.review) == ((), ())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Ltd|Ann Lee|ann@acme.io|+44 20 7946 0018", "Acme Ltd|Bob Ray|bob@acme.io|+44 20 7946 0018"),
        ("Acme Ltd|Ann Lee|info@acme.io|", "Acme Ltd|Bob Ray|info@acme.io|"),
        ("Acme Ltd|||", "Acme Limited|||"),
        ("Nagy Kft|Ann Lee||", "Kovacs Kft|Ann Lee||"),
        ("Acme Ltd|Jon Kent|jon@gmail.com|", "Bolt Ltd|Jon Kent|jon.kent@gmail.com|"),
        ("n/a|Ann Lee|n/a|n/a", "n/a|Bob Ray|n/a|n/a"),
    ],
)
def test_colleagues_switchboards_namesakes_and_placeholders_are_never_marked(one, other):
    assert plan(table(f"L-1|{one}|New|||", f"L-2|{other}|New|||")).changes == ()


def test_an_unsure_pair_is_listed_with_its_cells_and_not_marked():
    found = plan(table(f"L-1|{TWINS}|New|||", f"L-2|{TWINS}|New|||"), MatchRule(sure=1))
    assert found.changes == ()
    (pair,) = found.review
    assert (pair.one, pair.other, pair.who) == ("Leads!A2", "Leads!A3", "Acme Ltd / Acme Ltd")
    assert 0.75 <= pair.score <= 1


@pytest.mark.parametrize(
    "leads",
    [
        pytest.param(table(f"|{TWINS}|New|||", f"|{TWINS}|Won|||"), id="the master has no key"),
        pytest.param(table(f"L-1|{TWINS}|New|||", f"L-2|{TWINS}|New|||L-1"), id="marked already"),
        pytest.param(table(f"L-1|{TWINS}|New|||", f"L-2|{TWINS}|New|||#N/A"), id="the cell is unreadable"),
        pytest.param(table(f"L-1|{TWINS}|New|||", f"L-2|{TWINS}|New|||=L-1"), id="the cell is a formula"),
        pytest.param(grid("Leads", "Lead ID|Company|E-Mail\nL-1|Acme|a@acme.io\nL-2|Acme|a@acme.io"), id="no column"),
    ],
)
def test_no_mark_is_written_where_none_may_be(leads):
    assert plan(leads).changes == ()


def test_switched_off_or_without_leads_it_does_nothing():
    leads = table(f"L-1|{TWINS}|New|||", f"L-2|{TWINS}|New|||")
    assert plan(leads, MatchRule(on=False)) == dedupe.Plan()
    assert plan(grid("Notes", "hello")) == dedupe.Plan()
