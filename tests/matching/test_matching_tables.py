"""Any table is understood, learned from, and matched: the same whatever the order, the cores, the extra columns."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from random import Random

import pytest
from made_people import made_people

from sheetcrm.matching import Role, find, find_in, unsure, verdicts

WORDS = "amber basil cedar delta ember fjord grove haven islet jumbo karst ledge maple north ocean pearl quartz".split()


def pairs(groups):
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def truth(who):
    groups = defaultdict(list)
    for row, number in enumerate(who):
        groups[number].append(row)
    return pairs(groups.values())


def quality(found, who):
    mine, true = pairs(found), truth(who)
    return len(mine & true) / max(len(mine), 1), len(mine & true) / max(len(true), 1)


def test_people_typed_again_are_found_among_colleagues_families_and_namesakes():
    table, who = made_people(3000, duplicates=True)
    precision, recall = quality(find(table).clusters(), who)
    assert precision >= 0.98
    assert recall >= 0.95


def test_a_table_without_duplicates_yields_almost_none():
    table, _ = made_people(3000, duplicates=False)
    assert len(pairs(find(table).clusters())) <= 3


def test_constants_free_text_and_unique_ids_do_not_hurt():
    table, who = made_people(1500, duplicates=True)
    bare = {key: values for key, values in table.items() if key not in {"Notes", "Status", "Number"}}
    dice = Random(5)  # noqa: S311 -- seeded on purpose
    more = {
        **table,
        "Guid": [f"{dice.getrandbits(64):x}" for _ in who],
        "Essay": [" ".join(dice.choices(WORDS, k=9)) for _ in who],
    }
    for recall, less in zip(quality(find(more).clusters(), who), quality(find(bare).clusters(), who), strict=True):
        assert recall >= less - 0.01


def test_the_order_of_rows_and_columns_and_the_number_of_cores_change_nothing():
    table, _ = made_people(800, duplicates=True)
    first = find(table)
    order = list(range(800))
    Random(3).shuffle(order)  # noqa: S311 -- seeded on purpose
    moved = find({key: [table[key][i] for i in order] for key in table}, cores=2)
    back = sorted(sorted(order[i] for i in group) for group in moved.clusters())
    assert back == first.clusters()
    assert sorted(moved.score.tolist()) == sorted(first.score.tolist())


@pytest.mark.parametrize(
    ("header", "values", "role"),
    [
        ("Ansprechpartner", ["Ann Lee", "Bo Ek", "Cy Moe"], Role.NAME),
        ("fname_c1", ["GERD", "ROBERT", "STEFAN"], Role.GIVEN),
        ("givenName", ["Ann", "Bo", "Cy"], Role.GIVEN),
        ("first_and_surname", ["Ann Lee", "Bo Ek", "Cy Moe"], Role.NAME),
        ("x1", ["a@acme.example", "b@acme.example", "c@bolt.example"], Role.EMAIL),
        ("E-Mail", ["yes", "no", "perhaps"], Role.CATEGORY),
        ("Tel.", ["020 7946 0123", "+49 30 1234567", "0161 496 0000"], Role.PHONE),
        ("addr", ["1 High St", "2 Low Rd", "3 Mid Ln"], Role.STREET),
        ("PLZ", ["1010", "8010", "4020"], Role.POSTCODE),
        ("date_of_birth", ["19460902", "19860810", "19140715"], Role.BIRTH),
        ("dob", ["02/03/1946", "08/10/1986", "07/15/1914"], Role.BIRTH),
        ("by", ["1946", "1986", "1914"], Role.BIRTH_PART),
        ("created_at", ["2026-01-01", "2026-01-02", "2026-01-03"], Role.IGNORED),
        ("Lead ID", ["L-1", "L-2", "L-3"], Role.IGNORED),
        ("soc_sec_id", ["5304218", "5304218", "4066625"], Role.CODE),
        ("empty", ["", " ", ""], Role.IGNORED),
    ],
)
def test_columns_are_told_by_header_and_content(header, values, role):
    assert find({header: values}).roles[header] is role


def test_a_bare_name_is_a_person_or_a_thing_as_its_values_say():
    things = ["Golden Bowl", "Cafe Roma", "Spago Grill", "The Palm"]
    assert find({"name": things}).roles["name"] is Role.COMPANY
    assert find({"name": ["Anna Lee", "Peter Ek", "Maria Moe"]}).roles["name"] is Role.NAME
    assert find({"name": things, "company": things}).roles["name"] is Role.NAME


def test_the_schema_can_say_what_a_column_is():
    assert find({"A": ["x", "y"]}, roles={"A": Role.CITY}).roles["A"] is Role.CITY


def test_firms_that_differ_in_place_and_phone_are_branches():
    dice = Random(2)  # noqa: S311 -- seeded on purpose
    names = [f"{a.title()} {b.title()} Ltd" for a, b in combinations(WORDS, 2)]
    rows = []
    for name in names:
        for _ in range(dice.choice((1, 1, 3))):
            rows.append(
                (
                    name,
                    f"{dice.randint(1, 99)} {dice.choice(WORDS).title()} Road",
                    str(dice.randrange(10**4, 10**5)),
                    f"020 {dice.randrange(10**7, 10**8)}",
                )
            )
            if dice.random() < 0.3:
                rows.append((name.removesuffix(" Ltd").upper(), *rows[-1][1:3], ""))
    who = [row[1] + row[2] for row in rows]
    table = dict(zip(("Company", "Address", "Zip", "Phone"), zip(*rows, strict=True), strict=True))
    precision, recall = quality(find(table).clusters(), who)
    assert min(precision, recall) >= 0.97


def test_a_single_column_of_names_is_enough_where_names_are_rare():
    dice = Random(4)  # noqa: S311 -- seeded on purpose
    names = [f"{a.title()} {b.title()}{c}" for a, b in combinations(WORDS, 2) for c in ("son", "ford")]
    again = [(i, name.upper()) for i, name in enumerate(names) if dice.random() < 0.3]
    who = [*range(len(names)), *(i for i, _ in again)]
    precision, _ = quality(find({"name": [*names, *(name for _, name in again)]}).clusters(), who)
    assert precision >= 0.95


@pytest.mark.parametrize("table", [{}, {"a": []}, {"a": [""]}, {"a": ["x"]}, {"name": ["Ann", "Bob"]}, {"a": ["", ""]}])
def test_tables_that_hold_next_to_nothing_give_next_to_nothing(table):
    found = find(table)
    assert found.clusters() == []
    assert all(match.score < 0.9 for match in found.matches())


LEADS = {
    "Contact": ["Ann Marlowe", "Hugo Brothwell", "A. Marlowe"],
    "Firm": ["Acme Foods Ltd", "Bolt GmbH", "Acme Foods"],
    "E-Mail": ["ann@acme.example", "hugo@bolt.example", "ann@acme.example"],
    "Lead ID": ["1", "2", "3"],
}
ACCOUNTS = {
    "Company": ["Zeta Ltd", "Acme Foods"],
    "First Name": ["Zoe", "Ann"],
    "Last Name": ["Zimt", "Marlowe"],
    "Mail": ["zoe@zeta.example", "ANN@acme.example"],
    "ID": ["1", "2"],
}


def test_a_new_lead_is_known_as_a_customer_and_as_a_lead_already():
    stack = find_in([LEADS, ACCOUNTS])
    assert [(match.one, match.other) for match in stack.between(0, 1, 0.85)] == [(0, 1), (2, 1)]
    assert [(match.one, match.other) for match in stack.between(0, 0, 0.85)] == [(0, 2)]
    assert stack.between(1, 1, 0.85) == []


def test_each_row_is_told_its_group_how_sure_and_why_and_what_is_left_to_ask():
    table, who = made_people(600, duplicates=True)
    found = find(table)
    groups = found.clusters()
    verdict = verdicts(found, groups, len(who))
    in_groups = {row for group in groups for row in group}
    assert verdict.reason.keys() == in_groups
    assert all(verdict.reason.values())
    assert all(verdict.probability[row] > 0 for row in in_groups)
    assert len(set(verdict.group.tolist())) == len(who) - len(in_groups) + len(groups)
    for match in unsure(found, verdict.group, 0.3):
        assert verdict.group[match.one] != verdict.group[match.other]
