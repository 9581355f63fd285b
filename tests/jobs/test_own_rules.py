"""What rules of the Rules tab do: to which rows, when, how often, and what stays with the person."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from drawn_tables import NOON, after, grid, mailed, planned, snapshot

from sheetcrm.rules.settings import AssignRules, FormulaRuleSettings, RemindRules, Rules
from sheetcrm.table import show_raw

TEAM = grid(
    "Team",
    """
    Name     | Email         | Role    | Manager
    Dan Kent | dan@house.io  | Sales   | Bo Boss
    Eva Long | eva@house.io  | Sales   | Bo Boss
    Bo Boss  | boss@house.io | Manager |
    """,
)
LEADS = grid(
    "Leads",
    """
    Lead ID | Company | Status    | Owner    | Amount | Last Contact | Priority | Tags | Country
    L-1     | Acme    | Contacted | Dan Kent | 500    | @2026-01-05  |          |      | DE
    L-2     | Bolt    | Contacted |          | 5000   | @2026-01-05  |          | vip  | AT
    L-3     | Cask    | New       |          | 8000   |              | low      |      | FR
    L-4     | Dorn    | Won       | Eva Long | 9000   | @2026-02-27  |          |      |
    """,
)
ACTIVITIES = grid("Activities", "Activity ID|Lead ID|Date|Type|Subject|By\nV-1|L-1|@2026-01-05|Call|Hello|Dan Kent")
HEADERS = (
    "Rule ID|On|Rule|Condition|Then|To|New value|When|Again|Group|Stop|Limit per run|Column|Is|Value|Status|"
    "Matches now|Last run|Why"
)
ONLY_OWN = Rules(assignment=AssignRules(rules=()), reminders=RemindRules(rules=()))
QUIET = 'AND([Status]="Contacted",[Last Contact]<TODAY()-14)'
PAST = json.dumps({"text": "", "since": {}, "fired": {}, "wrote": {}})


def rules(*rows, headers=HEADERS):
    """A Rules tab; each row is its cells by header."""
    names = headers.split("|")
    lines = [
        "|".join(str({"Rule ID": f"R-{i}", "On": "yes", "Rule": f"rule {i}", **row}.get(name, "")) for name in names)
        for i, row in enumerate(rows, start=1)
    ]
    return grid("Rules", "\n".join([headers, *lines]))


def seen(*tabs, own=(), before=None, is_watched=True, **more):
    return replace(
        snapshot(*(tabs or (LEADS, TEAM, ACTIVITIES)), rules(*own), **more), before=before or {}, is_watched=is_watched
    )


def plan(*own, settings=ONLY_OWN, jobs=("rules", "assignment", "reminders", "rulebook"), **more):
    return planned(seen(own=own, **more), settings, jobs)


def changes(found, *, tool=False):
    return {
        f"{one.ref.key}.{one.header}": show_raw(one.new)
        for one in found.changes
        if (one.ref.table == "Rules") == tool and one.field != "last_reminder"
    }


def skips(found):
    return [f"{one.what}: {one.why}" for one in found.skipped]


def test_a_value_is_set_where_the_condition_holds_and_says_why():
    found = plan({"Condition": "[Amount]>=5000", "Then": "set", "To": "Priority", "New value": "high"})
    assert changes(found) == {"L-2.Priority": "high", "L-3.Priority": "high", "L-4.Priority": "high"}
    assert found.changes[0].why == "rule rule 1: Amount is 5,000, at least 5,000"


def test_a_value_may_be_a_formula_and_takes_the_columns_kind():
    found = plan(
        {"Condition": '[Lead ID]="L-3"', "Then": "set", "To": "Last Contact", "New value": "'=WORKDAY(TODAY(),-1)"},
        {"Condition": '[Lead ID]="L-3"', "Then": "set", "To": "Priority", "New value": "'=[Company]&[Amount]"},
        {"Condition": '[Lead ID]="L-1"', "Then": "set", "To": "Amount", "New value": "'1250"},
    )
    values = {one.header: one.new for one in found.changes if one.ref.table == "Leads"}
    assert values == {"Last Contact": date(2026, 2, 27), "Priority": "Cask8000", "Amount": 1250}


def test_a_rule_without_words_that_make_sense_does_not_run_and_is_reported_at_its_cell():
    found = plan(
        {"Condition": "[Statsu]=1", "Then": "set", "To": "Priority", "New value": "x"},
        {"Condition": "[Amount]>", "Then": "set", "To": "Priority", "New value": "x"},
        {"Then": "dance"},
        {"Then": "set", "New value": "x"},
        {"Then": "set", "To": "Prio", "New value": "x"},
        {"When": "sometimes", "Then": "flag"},
        {"Column": "Status", "Is": "resembles", "Value": "x", "Then": "flag"},
        {"Condition": "=1", "Then": "flag"},
    )
    assert changes(found) == {}
    told = [f"{one.cell} {one.message}" for one in found.issues if one.code == "rule_broken"]
    assert sorted(one.partition(" ")[0] for one in told) == ["D2", "D3", "D9", "E4", "F5", "F6", "H7", "N8"]
    assert "Leads has no column 'Statsu'" in next(one for one in told if one.startswith("D2"))
    assert changes(found, tool=True)["R-1.Status"].startswith("Not running: the condition cannot be read")


def test_a_choice_that_does_not_exist_is_suspected():
    found = plan({"Condition": '[Status]="Contcated"', "Then": "flag"})
    (issue,) = [one for one in found.issues if one.code == "rule_suspicious"]
    assert "Contcated" in issue.message
    assert "Contacted" in issue.remedy


def test_an_error_in_a_condition_is_no_match_and_reported_once():
    found = plan({"Condition": "1/([Amount]-500)>0", "Then": "flag"})
    assert "L-1.Tags" not in changes(found)
    (issue,) = [one for one in found.issues if one.code == "rule_error"]
    assert "#DIV/0! in 1 row, the first Leads!A2" in issue.message


def test_a_flag_joins_the_tags_and_is_set_once():
    first = plan({"Condition": "[Amount]>=5000", "Then": "flag", "New value": "large"})
    assert changes(first)["L-2.Tags"] == "vip, large"
    leads, book = after([LEADS, rules({"Condition": "[Amount]>=5000", "Then": "flag", "New value": "large"})], first)
    again = planned(snapshot(leads, TEAM, ACTIVITIES, book, memory=first.remember), ONLY_OWN)
    assert not [one for one in again.changes if one.ref.table == "Leads" and one.header == "Tags"]


SET = {"Condition": "[Amount]>=5000", "Then": "set", "To": "Priority", "New value": "high"}


def twice(row, edit, *, day=NOON, **more):
    """A run, then a person's edit, then the plan of the next run."""
    first = plan(row)
    leads, book = after([LEADS, rules(row)], first)
    leads = edit(leads)
    again = snapshot(leads, TEAM, ACTIVITIES, book, memory=first.remember, mailed=mailed(first), now=day)
    return planned(replace(again, **more), ONLY_OWN, ("rules", "assignment", "reminders", "rulebook"))


def typed(cell, value):
    """An edit of the Leads tab by key and header."""

    def edit(leads):
        key, header = cell.split(".")
        column = leads.rows[0].index(header)
        return replace(
            leads,
            rows=[[value if row[0] == key and j == column else raw for j, raw in enumerate(row)] for row in leads.rows],
        )

    return edit


def test_what_a_person_changed_since_stays_until_it_is_cleared():
    found = twice(SET, typed("L-2.Priority", "mine"))
    assert changes(found) == {}
    assert skips(found) == [
        "rule rule 1: 1 Priority: a person changed what the rule wrote: it is the person's until the cell is cleared"
    ]
    assert changes(twice(SET, typed("L-2.Priority", None))) == {"L-2.Priority": "high"}


def test_a_value_follows_its_formula_as_long_as_the_rule_holds():
    row = {**SET, "New value": "'=[Amount]/1000"}
    assert changes(twice(row, typed("L-2.Amount", 6000))) == {"L-2.Priority": "6"}
    assert changes(twice({**row, "Again": "once"}, typed("L-2.Amount", 6000))) == {}


REMIND = {"Condition": QUIET, "Then": "remind", "New value": "call them"}


def test_the_owner_is_reminded_once_each_time_a_row_starts_to_match():
    first = plan(REMIND)
    (mail,) = first.messages
    assert (mail.to, mail.template) == ("dan@house.io", "digest")
    assert [row["what"] for section in mail.context["sections"] for row in section["rows"]] == ["call them"]
    tomorrow = NOON + timedelta(days=1)
    assert not twice(REMIND, lambda leads: leads, day=tomorrow).messages
    # In between the lead was called, and went quiet again.
    called = twice(REMIND, typed("L-1.Last Contact", date(2026, 3, 2)), day=tomorrow)
    assert json.loads(called.remember["rules/R-1"])["since"] == {"L-2": "2026-03-02T12:00+00:00"}
    quiet = snapshot(
        LEADS,
        TEAM,
        ACTIVITIES,
        rules(REMIND),
        memory=called.remember,
        mailed=mailed(first),
        now=NOON + timedelta(days=30),
    )
    assert len(planned(quiet, ONLY_OWN, ("reminders",)).messages) == 1


def test_every_so_many_days_the_reminder_comes_again():
    row = {**REMIND, "Again": "every 7 days"}
    days = [len(twice(row, lambda leads: leads, day=NOON + timedelta(days=days)).messages) for days in (1, 4, 7, 8)]
    assert days == [0, 0, 1, 1]


def test_notify_mails_each_row_apart_and_escalate_the_manager():
    found = plan({"Condition": QUIET, "Then": "notify", "To": "owner, Eva Long"})
    assert [(one.to, one.template) for one in found.messages] == [
        ("dan@house.io", "lead_reminder"), ("eva@house.io", "lead_reminder"), ("eva@house.io", "lead_reminder"),
    ]  # fmt: skip
    found = plan({"Condition": QUIET, "Then": "escalate"})
    assert [(one.to, one.template) for one in found.messages] == [("boss@house.io", "escalation")]


def test_nobody_outside_the_team_is_mailed():
    found = plan({"Condition": QUIET, "Then": "notify", "To": "someone@else.example"})
    assert not found.messages
    assert [one.code for one in found.issues if one.code == "unknown_name"] == ["unknown_name"]


def test_a_lead_without_owner_is_assigned_and_nobody_loses_one():
    found = plan({"Condition": "[Amount]>=500", "Then": "assign", "To": "round robin: Eva Long, Dan Kent"})
    assert changes(found) == {"L-2.Owner": "Dan Kent", "L-3.Owner": "Eva Long"}
    assert found.changes[0].why == "rule rule 1: next in turn; Amount is 5,000, at least 500"
    found = plan({"Condition": '[Owner]="Dan Kent"', "Then": "reassign", "To": "Eva Long"})
    assert changes(found) == {"L-1.Owner": "Eva Long"}


def test_the_rules_of_the_tab_come_before_the_usual_ones():
    found = plan({"Condition": '[Country]="FR"', "Then": "assign", "To": "Eva Long"}, settings=Rules())
    assert changes(found)["L-3.Owner"] == "Eva Long"
    assert changes(found)["L-2.Owner"]


def test_in_a_group_the_first_rule_that_matches_wins_whatever_it_does():
    found = plan(
        {"Group": "g", "Condition": "[Amount]>=8000", "Then": "set", "To": "Priority", "New value": "top"},
        {
            "Group": "g",
            "Stop": "first",
            "Condition": "[Amount]>=5000",
            "Then": "set",
            "To": "Priority",
            "New value": "high",
        },
        {"Group": "g", "Stop": "first", "Condition": QUIET, "Then": "notify"},
    )
    assert changes(found) == {"L-2.Priority": "high", "L-3.Priority": "top", "L-4.Priority": "top"}
    assert [one.to for one in found.messages] == ["dan@house.io"]


def test_a_limit_leaves_the_rest_for_the_next_run():
    row = {**SET, "Limit per run": 2}
    first = plan(row)
    assert changes(first) == {"L-2.Priority": "high", "L-3.Priority": "high"}
    assert skips(first) == ["rule rule 1: 1 row more: wait for the next run: its limit is 2"]
    assert changes(first, tool=True)["R-1.Status"] == "OK; 1 wait for the next run"


BEFORE = {
    "Leads": {
        "L-1": {"status": "New", "company": "Acme"},
        "L-2": {"status": "Contacted", "company": "Bolt"},
        "L-4": {"status": "contacted", "company": "Dorn"},
    }
}


@pytest.mark.parametrize(
    ("when", "keys"),
    [
        ("new", ["L-3"]),
        ("Status changes", ["L-1", "L-4"]),
        ("Status changes to Won", ["L-4"]),
        ("Status changes from New to Contacted", ["L-1"]),
        ("Status changes from Contacted", ["L-4"]),
        ("Company changes", []),
    ],
)
def test_a_rule_may_ask_for_what_changed_since_the_last_run(when, keys):
    row = {"When": when, "Then": "set", "To": "Priority", "New value": "seen"}
    assert sorted(changes(plan(row, before=BEFORE))) == [f"{key}.Priority" for key in keys]
    assert changes(plan(row)) == {}


def test_a_change_that_was_not_mailed_yet_is_not_forgotten():
    row = {"When": "Status changes to Won", "Then": "notify", "To": "Eva Long"}
    first = plan(row, before=BEFORE)
    assert [one.to for one in first.messages] == ["eva@house.io"]
    unsent = planned(seen(own=[row], memory=first.remember), ONLY_OWN, ("reminders",))
    assert [one.key for one in unsent.messages] == [one.key for one in first.messages]
    assert not planned(seen(own=[row], memory=first.remember, mailed=mailed(first)), ONLY_OWN, ("reminders",)).messages


def test_an_activity_is_added_once_with_a_key_that_names_its_reason():
    row = {"When": "Status changes to Won", "Then": "add activity", "To": "Note", "New value": '\'="Won "&[Company]'}
    first = plan(row, before=BEFORE)
    (append,) = first.appends
    assert dict(append.values) == {
        "lead": "L-4", "day": date(2026, 3, 2), "type": "Note", "subject": "Won Dorn", "by": "Eva Long",
        "key": "R-1/L-4/at 2026-03-02T12:00+00:00",
    }  # fmt: skip
    assert not planned(seen(own=[row], memory=first.remember), ONLY_OWN, ("rules",)).appends


def test_a_daily_rule_looks_once_a_day():
    row = {**SET, "When": "daily", "New value": "'=NOW()"}
    assert changes(twice(row, lambda leads: leads, day=NOON + timedelta(hours=2))) == {}
    assert len(changes(twice(row, lambda leads: leads, day=NOON + timedelta(days=1)))) == 3


def test_later_rules_see_what_earlier_ones_wrote():
    found = plan(SET, {"Condition": '[Priority]="high"', "Then": "flag", "New value": "hot"})
    assert changes(found)["L-3.Tags"] == "hot"
    assert "L-1.Tags" not in changes(found)


def test_rules_that_write_over_each_other_end_and_are_reported():
    found = plan(
        {"Condition": '[Priority]<>"a"', "Then": "set", "To": "Priority", "New value": "a"},
        {"Condition": '[Priority]="a"', "Then": "set", "To": "Priority", "New value": "b"},
    )
    assert [one.message for one in found.issues if one.code == "rules_loop"] == [
        "rule rule 1: writes over what the rule rule 2 writes, and that one over it; each acted once"
    ]


def test_a_new_rule_that_nobody_watches_is_shown_before_it_acts():
    first = plan(SET, is_watched=False)
    assert changes(first) == {}
    assert skips(first) == [
        "rule rule 1: 3 rows: the rule is new: it acts from the next run; `sheetcrm plan` shows what it would do"
    ]
    assert changes(first, tool=True)["R-1.Status"].startswith("New: shown in the plan")
    memory = first.remember
    assert len(changes(plan(SET, is_watched=False, memory=memory))) == 3
    assert changes(plan({**SET, "New value": "top"}, is_watched=False, memory=memory)) == {}


def test_the_tool_writes_into_its_own_columns_of_the_tab_and_only_news():
    first = plan(SET)
    assert changes(first, tool=True) == {
        "R-1.Status": "OK", "R-1.Matches now": "3", "R-1.Last run": "2026-03-02",
        "R-1.Why": "L-2: Amount is 5,000, at least 5,000",
    }  # fmt: skip
    assert changes(twice(SET, lambda leads: leads, day=NOON + timedelta(days=1)), tool=True) == {}


def test_a_rule_that_is_off_does_nothing():
    found = plan({**SET, "On": "no"}, {**SET, "On": ""})
    assert changes(found) == {}
    assert changes(found, tool=True) == {}


def test_sorting_leads_and_rules_changes_nothing():
    own = [SET, REMIND, {"Condition": '[Country]="FR"', "Then": "assign", "To": "Eva Long"}]
    turned = replace(LEADS, rows=[LEADS.rows[0], *reversed(LEADS.rows[1:])])
    book = rules(*own)
    upside = replace(book, rows=[book.rows[0], book.rows[2], book.rows[1], book.rows[3]])
    one = planned(snapshot(LEADS, TEAM, ACTIVITIES, book), ONLY_OWN)
    other = planned(snapshot(turned, TEAM, ACTIVITIES, upside), ONLY_OWN)
    assert changes(one) == changes(other)
    assert {reason for mail in one.messages for reason in mail.reasons} == {
        reason for mail in other.messages for reason in mail.reasons
    }


def test_the_same_rules_in_the_settings_give_the_same_plan():
    own = [SET, REMIND, {"Condition": '[Country]="FR"', "Then": "assign", "To": "Eva Long"}]
    names = {"Condition": "condition", "Then": "then", "To": "to", "New value": "value"}
    entries = tuple(
        FormulaRuleSettings(name=f"rule {i}", id=f"R-{i}", **{names[header]: text for header, text in row.items()})
        for i, row in enumerate(own, start=1)
    )
    tab = planned(snapshot(LEADS, TEAM, ACTIVITIES, rules(*own)), ONLY_OWN)
    toml = planned(snapshot(LEADS, TEAM, ACTIVITIES), ONLY_OWN.model_copy(update={"rules": entries}))
    assert [one for one in tab.changes if one.ref.table != "Rules"] == list(toml.changes)
    assert tab.messages == toml.messages


def test_two_sources_of_rules_are_one_too_many():
    entry = FormulaRuleSettings(name="toml", then="flag")
    found = plan(SET, settings=ONLY_OWN.model_copy(update={"rules": (entry,)}))
    assert [one.code for one in found.issues if one.code == "two_rule_sources"] == ["two_rule_sources"]
    assert not [one for one in found.changes if one.rule == "toml"]


ROUTING = grid(
    "Routing",
    """
    Country | Amount | → Owner  | → Priority
    DE, AT  | >=1000 | Eva Long | a
    DE      |        | Dan Kent |
    AT      | >=9000 | Bo Boss  | b
            |        | Dan Kent | c
    """,
)


def test_a_decision_tables_first_fitting_row_decides():
    found = planned(
        seen(LEADS, TEAM, ACTIVITIES, ROUTING, own=[{"Then": "decide", "To": "Routing"}]),
        ONLY_OWN,
        ("rules", "assignment"),
    )
    assert changes(found) == {
        "L-2.Owner": "Eva Long", "L-3.Owner": "Dan Kent", "L-2.Priority": "a", "L-3.Priority": "c", "L-4.Priority": "c",
        "L-1.Priority": "c",
    }  # fmt: skip
    told = [f"{one.cell} {one.message}" for one in found.issues if one.code == "decision_table"]
    assert told == ["A4 is never reached: row 2 takes all that it would take"]


def test_a_decision_table_without_a_row_that_catches_the_rest_is_told():
    some = replace(ROUTING, rows=ROUTING.rows[:3])
    found = planned(seen(LEADS, TEAM, some, own=[{"Then": "decide", "To": "Routing"}]), ONLY_OWN, ("rules",))
    assert [one.message for one in found.issues if one.code == "decision_table"] == [
        "no row catches what fits none of the others"
    ]


def test_conditions_look_into_other_tabs_and_follow_references():
    rates = grid("Rates", "Currency|Rate\nEUR|1\nUSD|0.9")
    accounts = grid(
        "Accounts", "Account ID|Company|Tier|Owner|Renewal\nA-1|Acme|gold|Dan Kent|\nA-2|Bolt|tin|Dan Kent|"
    )
    leads = grid(
        "Leads",
        "Lead ID|Company|Status|Account|Amount|Tags\nL-1|Acme|New|A-1|50|\nL-2|Bolt|New|A-2|50|\nL-3|Cask|New||50|",
    )
    for condition, keys in {
        '[Account].[Tier]="gold"': ["L-1"],
        'XLOOKUP([Account],Accounts[Account ID],Accounts[Tier],"")="tin"': ["L-2"],
        'COUNTIFS(Leads[Company],[Company],Leads[Amount],">=50")=1': ["L-1", "L-2", "L-3"],
        'SUMIFS(Rates[Rate],Rates[Currency],"USD")<1': ["L-1", "L-2", "L-3"],
        "[Amount]>SUM(NoSuch[Tab])": [],
    }.items():
        found = planned(
            seen(leads, TEAM, accounts, rates, own=[{"Condition": condition, "Then": "flag"}]), ONLY_OWN, ("rules",)
        )
        assert [one.ref.key for one in found.changes] == keys, condition


def test_a_csv_sheets_texts_are_what_a_spreadsheet_makes_of_them():
    leads = grid(
        "Leads",
        """
        Lead ID | Company | Status | Amount    | Last Contact | Tags
        L-1     | Acme    | New    | '1,200.50 | '2026-01-05  |
        L-2     | Bolt    | New    | '30       | '2026-02-28  |
        """,
    )
    book = rules({"Condition": "AND([Amount]>1000,[Last Contact]<TODAY()-14)", "Then": "flag"})
    found = planned(snapshot(leads, book), ONLY_OWN, ("rules",))
    assert [one.ref.key for one in found.changes] == ["L-1"]
