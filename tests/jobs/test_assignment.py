"""Who gets which lead, by which rule, for which reason; who is away, full or gone gets none."""

import json
from datetime import datetime, timedelta

import pytest
from drawn_tables import NOON, after, codes, grid, shown_changes, shown_issues, snapshot, written

from sheetcrm.jobs import assignment
from sheetcrm.rules.settings import AssignRule, AssignRules, Rules

TEAM = """
    Name     | Email        | Role  | Territory    | Capacity | Per day | Weight | Active | Leave from  | Leave to
    Dan Kent | dan@house.io | Sales | 80000-89999  |          |         | 3      |        |             |
    Eva Long | eva@house.io | Sales | Austria; *.at|          |         | 1      |        |             |
    Flo Marx | flo@house.io | Sales | Köln         |          |         | 0      |        |             |
    Gus Owen | gus@house.io | Owner |              |          |         |        |        |             |
    """


def team(drawn=TEAM):
    return grid("Team", drawn)


def leads(*rows, headers="Lead ID|Company|Status|Owner|Created|PLZ|Country|City|E-Mail|Account"):
    width = headers.count("|")
    return grid("Leads", "\n".join([headers, *(row + "|" * (width - row.count("|")) for row in rows)]))


def new(count, start=1):
    return [f"L-{start + i}|Company {start + i}|New" for i in range(count)]


def plan(*grids, rules=None, **more):
    parts = {"assignment": AssignRules(rules=tuple(rules))} if rules else {}
    return assignment.plan(snapshot(*grids, **more), Rules(**parts))


def owners(found):
    return [one.new.split()[0] for one in found.changes]


def rule(strategy, **more):
    return AssignRule(name=strategy, strategy=strategy, **more)


def test_the_first_rule_that_finds_somebody_decides_and_says_why():
    accounts = grid("Accounts", "Account ID|Company|Owner|Renewal|Website\nA-1|Bolt AG|Flo Marx||www.bolt.com")
    found = plan(
        leads(
            "L-1|Acme|New|||80331",
            "L-2|Bolt AG|New|||80331",
            "L-3|Cask|New||||Österreich",
            "L-4|Dorn|New|||||koeln",
            "L-5|Elm|New||||||joe@bolt.com",
            "L-6|Fig|New|||||||A-1",
        ),
        accounts,
        team(),
    )
    assert shown_changes(found) == [
        "Leads!D2  > Dan Kent (rule territory: covers 80000-89999)",
        "Leads!D3  > Flo Marx (rule same owner as the account: owner of the account Bolt AG)",
        "Leads!D4  > Eva Long (rule territory: covers Austria)",
        "Leads!D5  > Dan Kent (rule everyone else: least loaded (1 open lead))",
        "Leads!D6  > Flo Marx (rule same owner as the account: owner of the account Bolt AG)",
        "Leads!D7  > Flo Marx (rule same owner as the account: owner of the account Bolt AG)",
    ]


def test_a_free_mail_domain_makes_nobody_a_customer():
    accounts = grid("Accounts", "Account ID|Company|Owner|Renewal|E-Mail\nA-1|Bolt|Flo Marx||bolt@gmail.com")
    found = plan(leads("L-1|Acme|New||||||ann@gmail.com"), accounts, team(), rules=[rule("account_owner")])
    assert found.changes == ()


def test_an_account_s_owner_who_is_gone_is_passed_over():
    accounts = grid("Accounts", "Account ID|Company|Owner|Renewal\nA-1|Acme|Flo Marx|")
    gone = TEAM.replace("| 0      |   ", "| 0      | no")
    assert owners(plan(leads("L-1|Acme|New"), accounts, team(gone))) == ["Dan"]


def test_the_oldest_lead_is_served_first():
    found = plan(leads("L-1|A|New||@2026-02-02", "L-2|B|New||@2026-01-01", "L-3|C|New|"), team())
    assert [(one.ref.key, one.new) for one in found.changes] == [
        ("L-2", "Dan Kent"),
        ("L-1", "Eva Long"),
        ("L-3", "Flo Marx"),
    ]


def test_least_loaded_counts_open_leads_against_the_capacity():
    busy = TEAM.replace("80000-89999  |          ", "80000-89999  | 20       ").replace(
        "*.at|          ", "*.at| 4        "
    )
    rows = ["L-1|A|New|Dan Kent", "L-2|B||Dan Kent", "L-3|C|New|Eva Long", "L-4|D|Won|Eva Long", "L-5|E|New|Flo Marx"]
    found = plan(leads(*rows, *new(2, 6)), team(busy), rules=[rule("least_loaded")])
    assert shown_changes(found) == [
        "Leads!D7  > Flo Marx (rule least_loaded: least loaded (1 open lead))",
        "Leads!D8  > Flo Marx (rule least_loaded: least loaded (2 open leads))",
    ]


def test_round_robin_goes_round_and_remembers_whose_turn_it_is():
    rules = [rule("round_robin")]
    first = plan(leads(*new(4)), team(), rules=rules)
    assert owners(first) == ["Dan", "Eva", "Flo", "Dan"]
    assert owners(plan(leads(*new(2)), team(), rules=rules, memory=first.remember)) == ["Eva", "Flo"]


@pytest.mark.parametrize(
    ("now", "following"),
    [
        pytest.param(TEAM, "Flo", id="all here"),
        pytest.param(TEAM.replace("| 1      |   ", "| 1      | no"), "Flo", id="the last one has left"),
        pytest.param(
            "\n".join(one for one in TEAM.splitlines() if "Eva" not in one), "Flo", id="the last one's row is gone"
        ),
        pytest.param(TEAM.replace("| 0      |   ", "| 0      | no"), "Dan", id="the next one has left"),
        pytest.param(
            TEAM.replace("| 0      |        |             |", "| 0      |        | @2026-03-02 | @2026-03-02"),
            "Dan",
            id="the next one is on leave",
        ),
    ],
)
def test_the_turn_passes_on_whoever_left_meanwhile(now, following):
    rules = [rule("round_robin")]
    first = plan(leads(*new(2)), team(), rules=rules)
    assert owners(first) == ["Dan", "Eva"]
    assert owners(plan(leads(*new(1)), team(now), rules=rules, memory=first.remember)) == [following]


def test_two_round_robin_rules_keep_turns_of_their_own():
    rules = [rule("round_robin", when={"plz": "1*"}), AssignRule(name="rest", strategy="round_robin")]
    rows = [f"L-{i}|A{i}|New|||{plz}" for i, plz in enumerate(["'10", "'20", "'11", "'21"])]
    assert owners(plan(leads(*rows), team(), rules=rules)) == ["Dan", "Dan", "Eva", "Eva"]


def test_weights_are_kept_over_runs_and_a_weight_of_nothing_gets_nothing():
    rules = [rule("weighted")]
    first = plan(leads(*new(3)), team(), rules=rules)
    second = plan(leads(*new(5)), team(), rules=rules, memory=first.remember)
    given = owners(first) + owners(second)
    assert {name: given.count(name) for name in ("Dan", "Eva", "Flo")} == {"Dan": 6, "Eva": 2, "Flo": 0}


def test_a_newcomer_starts_level_and_is_not_flooded():
    memory = {"assignment/shares": json.dumps({"weighted": {"Dan Kent": 300, "Eva Long": 100}})}
    found = plan(leads(*new(5)), team(TEAM.replace("| 0      ", "| 1      ")), rules=[rule("weighted")], memory=memory)
    assert sorted(owners(found)) == ["Dan", "Dan", "Dan", "Eva", "Flo"]


def test_nobody_gets_more_than_the_capacity_in_total():
    full = TEAM.replace("80000-89999  |          ", "80000-89999  | 2        ")
    found = plan(leads("L-1|A|New|Dan Kent", *new(3, 2)), team(full), rules=[rule("round_robin", to=["Dan Kent"])])
    assert owners(found) == ["Dan"]
    assert codes(found.issues) == ["D4 no_eligible_owner", "D5 no_eligible_owner"]


def test_nobody_gets_more_than_the_capacity_of_the_day_also_in_a_second_run():
    rules, full = [rule("round_robin", to="dan@house.io")], team(TEAM.replace("|         | 3 ", "| 2       | 3 "))
    first = plan(leads(*new(1)), full, rules=rules)
    second = plan(leads(*new(3)), full, rules=rules, memory=first.remember)
    tomorrow = plan(leads(*new(3)), full, rules=rules, memory=second.remember, now=NOON + timedelta(days=1))
    assert [len(one.changes) for one in (first, second, tomorrow)] == [1, 1, 2]


@pytest.mark.parametrize(
    ("day", "owner"), [("2026-03-01", ["Dan"]), ("2026-03-02", []), ("2026-03-06", []), ("2026-03-07", ["Dan"])]
)
def test_people_on_leave_get_nothing_from_the_first_to_the_last_day(day, owner):
    away = TEAM.replace("| 3      |        |             |", "| 3      |        | @2026-03-02 | @2026-03-06")
    now = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=NOON.tzinfo)
    assert owners(plan(leads(*new(1)), team(away), rules=[rule("least_loaded", to="Dan Kent")], now=now)) == owner


def test_a_lead_for_whom_nobody_is_left_is_an_issue_and_stays_unowned():
    found = plan(leads("L-1|Acme|New"), team(), rules=[rule("territory"), rule("round_robin", when={"city": "Rome"})])
    assert found.changes == ()
    assert found.remember == {}
    assert shown_issues(found.issues) == [
        (
            "D2 no_eligible_owner: Nobody may take Acme: all are away, full, or outside every rule > "
            "Raise a capacity in the Team tab, or add a rule that catches the rest"
        )
    ]


@pytest.mark.parametrize(
    ("row", "takes", "taken"),
    [
        ("New|Zoe Unknown", "unowned", False),
        ("New|Zoe Unknown", "left", False),
        ("New|Eva Long", "left", False),
        ("New|Hal Gone", "unowned", False),
        ("New|Hal Gone", "left", True),
        ("New|Zoe Unknown", "any", True),
        ("New|Gus Owen", "any", True),
        ("New|Eva Long", "any", False),
        ("Won|Hal Gone", "left", False),
        ("Lost|", "unowned", False),
        ("Nwe|", "unowned", False),
        ("|", "unowned", True),
        ("New|#N/A", "any", False),
        ("New|=Hal Gone", "left", False),
    ],
)
def test_a_lead_is_taken_from_a_person_only_where_the_rule_says_so(row, takes, taken):
    gone = team(TEAM + "Hal Gone|hal@house.io|Sales|||||no||\n")
    rows = [f"L-1|A|{row}", "L-2|B|Won|Dan Kent", "L-3|C|Won|Dan Kent"]
    assert bool(plan(leads(*rows), gone, rules=[rule("round_robin", takes=takes)]).changes) is taken


@pytest.mark.parametrize("strategy", ["least_loaded", "round_robin", "weighted", "territory"])
def test_a_rule_that_takes_any_lead_does_not_deal_them_anew_each_run(strategy):
    grids = [leads("L-1|A|New|||80331", "L-2|B|New|||85000", "L-3|C|New|||80000"), team()]
    rules = [rule(strategy, takes="any")]
    first = plan(*grids, rules=rules)
    again = plan(*after(grids, first), rules=rules, memory=first.remember)
    assert len(first.changes) == 3
    assert (again.changes, again.issues) == ((), ())


def test_where_the_column_holds_addresses_an_address_is_written():
    found = plan(leads("L-1|A|New|eva@house.io", "L-2|B|New|eva@house.io", "L-3|C|New|"), team())
    assert written(found) == {"D4": "dan@house.io"}


def test_a_duplicate_gets_no_owner():
    headers = "Lead ID|Company|Status|Owner|Duplicate of"
    assert plan(leads("L-1|A|New||L-9", headers=headers), team()).changes == ()


def test_owners_and_managers_get_leads_only_where_a_rule_names_them():
    assert owners(plan(leads(*new(1)), team(), rules=[rule("round_robin", to="Gus Owen")])) == ["Gus"]
    only = team("Name|Email|Role\nGus Owen|gus@house.io|Owner\nMia|mia@house.io|Office")
    assert plan(leads(*new(1)), only).changes == ()


@pytest.mark.parametrize(
    "grids",
    [
        pytest.param([leads(*new(1))], id="no team"),
        pytest.param([team()], id="no leads"),
        pytest.param([team(), grid("Leads", "Lead ID|Company|Status\nL-1|A|New")], id="no owner column"),
    ],
)
def test_without_team_leads_or_owner_column_it_does_nothing(grids):
    assert plan(*grids) == assignment.Plan()
