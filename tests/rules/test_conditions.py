"""When a rule concerns a row, and in which part of a territory a lead lies."""

import pytest
from drawn_tables import leads

from sheetcrm.rules.conditions import covers, matches, meets, value_of

ROW = """
    Company | E-Mail      | PLZ    | City   | Country     | Status | Amount | Tags       | DNC | Shoe size | Notes
    [Acme]? | ann@acme.hu | '80331 | Munich | Deutschland | New    | 1500 € | vip; trade | no  | 43        |
    """


@pytest.fixture
def row():
    return leads(ROW).row(0)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ({}, True),
        ({"status": ["new"]}, True),
        ({"status": ["Won"]}, False),
        ({"status": ["Won", "N*"]}, True),
        ({"status": ["New"], "city": ["Bonn"]}, False),
        ({"Shoe Size": ["43"]}, True),
        ({"shoe size": ["40-45"]}, True),
        ({"Stage": ["New"]}, False),
        ({"postcode": ["80000-89999"]}, True),
        ({"PLZ": ["90000-99999"]}, False),
        ({"country": ["Germany"]}, True),
        ({"country": ["de"]}, True),
        ({"Country": ["Allemagne"]}, True),
        ({"country": ["AT"]}, False),
        ({"domain": ["*.hu"]}, True),
        ({"amount": ["1000-2000"]}, True),
        ({"amount": ["1500"]}, True),
        ({"tags": ["VIP"]}, True),
        ({"tags": ["retail"]}, False),
        ({"do_not_contact": ["no"]}, True),
        ({"notes": [""]}, True),
        ({"notes": ["*"]}, False),
        ({"status": [""]}, False),
        ({"no such column": [""]}, True),
        ({"no such column": ["x"]}, False),
        ({"company": ["[acme]?"]}, True),
        ({"company": ["*acme*"]}, True),
        ({"company": ["?acme??"]}, False),
    ],
)
def test_a_condition_holds_where_every_column_meets_one_of_its_patterns(row, when, holds):
    assert meets(row, when) is holds


def test_an_invalid_cell_meets_no_pattern_but_blank():
    row = leads("Company|Status|Amount\nA|New|12k").row(0)
    assert not meets(row, {"amount": ["*"]})


def test_a_value_is_shown_as_its_pattern_would_be_written(row):
    assert [value_of(row, name) for name in ("amount", "tags", "do_not_contact", "domain", "Shoe size", "notes")] == [
        "1500", "vip, trade", "no", "acme.hu", "43", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "pattern", "meant"),
    [
        ("80000", "80000-89999", True),
        ("89999", "80000-89999", True),
        ("79999", "80000-89999", False),
        ("90000", "80000-89999", False),
        ("SW1A", "80000-89999", False),
        ("²", "1-3", False),
        ("1.5.2", "1-3", False),
        ("2026-03", "2026-03", False),
        ("a-b", "a-b", True),
        ("x" * 60, "*x" * 12 + "y", False),
    ],
)
def test_a_range_of_numbers_includes_both_ends(value, pattern, meant):
    assert matches(value, pattern) is meant


@pytest.mark.parametrize(
    ("territory", "part"),
    [
        (("AT", "Germany"), "Germany"),
        (("80000-89999",), "80000-89999"),
        (("80*",), "80*"),
        (("munich",), "munich"),
        (("*.hu",), "*.hu"),
        (("Austria", "90000-99999", "Bonn", "*.at"), ""),
        ((), ""),
    ],
)
def test_a_territory_covers_by_country_postcode_domain_or_city(row, territory, part):
    assert covers(territory, row) == part


def test_a_lead_without_any_place_lies_in_no_territory():
    row = leads("Company|Status|Country|City\nA|New||").row(0)
    assert covers(("DE", "*", "Munich"), row) == ""
