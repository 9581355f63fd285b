"""Sequences of mails to customers: each mail when it is due, once, and none after anything that ends them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from drawn_tables import NOON, grid, snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.addresses import INBOX_FAILS, ReplyMail, replied, reply_mail, stop
from sheetcrm.jobs.followups import under_way
from sheetcrm.jobs.registry import JOBS
from sheetcrm.plan import Plan
from sheetcrm.rules.settings import CalendarRule, Rules, SequenceRule
from sheetcrm.table import Grid

LEADS = """
Lead ID | Company | Contact | E-mail      | Phone            | Country | Status   | Owner    | DNC | Duplicate of
L-1     | Acme    | Ann Lee | Ann@acme.io | +1 212 555 0100  |         | Proposal | Dan Kent |                |
L-2     | Bolt    | Bo Ek   | bo@bolt.at  |                  | Austria | Proposal |          |                |
L-3     | Crux    | Cy Ott  | cy@crux.io  |                  |         | New      |          |                |
"""
TEAM = grid("Team", "Name | Email | Role\nDan Kent | dan@house.io | Sales")
STEPS = [{"after": 0}, {"after": 3}, {"after": 5}]


def sequence(**more: object) -> Rules:
    plain = {"name": "offer", "condition": '[Status]="Proposal"', "steps": STEPS, **more}
    return Rules(sequences=(SequenceRule(**plain),))


class Office:
    """A workbook over the days: each day's plan is carried out, and its mails count as sent at that moment."""

    def __init__(self, leads: str = LEADS, *tabs: Grid, rules: Rules | None = None) -> None:
        self.tabs = [grid("Leads", leads), TEAM, *tabs]
        self.rules = rules or sequence()
        self.memory: dict[str, str] = {}
        self.mailed: dict[str, str] = {}

    def type_in(self, row: int, header: str, value: object) -> None:
        leads = self.tabs[0]
        column = leads.rows[0].index(header)
        rows = [[*line] for line in leads.rows]
        rows[row][column] = value
        self.tabs[0] = replace(leads, rows=rows)

    def plan(self, now: datetime, **more: object) -> Plan:
        seen = snapshot(*self.tabs, now=now, memory=self.memory, mailed=self.mailed)
        return JOBS["followups"](replace(seen, **more), self.rules)

    def day(self, now: datetime, **more: object) -> list[str]:
        plan = self.plan(now, **more)
        self.memory |= plan.remember
        self.mailed |= {key: now.isoformat() for one in plan.messages if not one.is_draft for key in one.reasons}
        return [f"{one.to} {one.key.rpartition('/')[2]}" for one in plan.messages]


def days(office: Office, count: int, start: datetime = NOON) -> dict[str, list[str]]:
    found = {}
    for n in range(count):
        now = start + timedelta(days=n)
        if mails := office.day(now):
            found[f"{now:%a %d}"] = mails
    return found


def why(plan: Plan) -> list[str]:
    return [f"{one.what}: {one.why}" for one in plan.skipped]


# When


def test_each_mail_goes_so_many_working_days_after_the_one_before():
    assert days(Office(), 14) == {
        "Mon 02": ["Ann@acme.io 1", "bo@bolt.at 1"],
        "Thu 05": ["Ann@acme.io 2", "bo@bolt.at 2"],
        "Thu 12": ["Ann@acme.io 3", "bo@bolt.at 3"],
    }


def test_nothing_goes_on_weekends_and_holidays():
    friday = NOON + timedelta(days=4)
    rules = sequence(steps=[{"after": 0}, {"after": 1}])
    rules = rules.model_copy(update={"calendar": CalendarRule(quiet_days=["2026-03-09"])})
    found = days(Office(rules=rules), 8, friday)
    assert list(found) == ["Fri 06", "Tue 10"]


def test_the_wait_counts_from_when_the_mail_before_went_out_and_not_from_when_it_was_planned():
    office = Office()
    plan = office.plan(NOON)
    office.memory |= plan.remember  # planned, but the server was away
    assert office.day(NOON + timedelta(days=3)) == ["Ann@acme.io 1", "bo@bolt.at 1"]
    assert list(days(office, 9, NOON + timedelta(days=4))) == ["Tue 10"]


def test_a_mail_knows_its_readers_zone_by_telephone_or_country():
    zones = {one.to: one.zone for one in Office().plan(NOON).messages}
    assert zones == {"Ann@acme.io": "America/New_York", "bo@bolt.at": "Europe/Vienna"}


def test_a_mail_is_a_customers_and_says_why():
    first = Office().plan(NOON).messages[0]
    assert (first.audience, first.template) == ("customers", "follow_up")
    assert first.why == "sequence offer, mail 1 of 3, at once: Acme"
    assert first.context["lead"]["name"] == "Ann Lee"
    assert first.context["columns"]["Company"] == "Acme"
    assert first.context["owner"] == {"name": "Dan Kent", "email": "dan@house.io"}


def test_a_new_sequence_that_nobody_was_shown_begins_with_the_next_run():
    office = Office()
    plan = office.plan(NOON, is_watched=False)
    assert why(plan)[0].startswith("sequence offer: 2 rows: the sequence is new: it begins with the next run")
    assert office.day(NOON, is_watched=False) == []
    assert office.day(NOON, is_watched=False) == ["Ann@acme.io 1", "bo@bolt.at 1"]


def test_no_more_rows_begin_in_one_run_than_its_limit():
    office = Office(rules=sequence(limit=1))
    assert [office.day(NOON), office.day(NOON)] == [["Ann@acme.io 1"], ["bo@bolt.at 1"]]


def test_an_address_in_two_rows_is_written_to_once():
    office = Office(LEADS + "L-4 | Acme 2 | Ann Lee | ann@ACME.io | | | Proposal | | |\n")
    assert office.day(NOON) == ["Ann@acme.io 1", "bo@bolt.at 1"]
    assert office.day(NOON + timedelta(days=1)) == []


def test_a_condition_that_cannot_be_read_is_told_and_begins_nothing():
    plan = Office(rules=sequence(condition='[Staus]="x"')).plan(NOON)
    assert plan.messages == ()
    assert [one.code for one in plan.issues] == ["rule_broken"]


# What ends it


def bounce(office: Office) -> None:
    office.memory |= stop("ann@acme.io", "bounced", "2026-03-03", "550")


def opt_out(office: Office) -> None:
    office.memory |= stop("ann@acme.io", "opted out", "2026-03-03")


def answer(office: Office) -> None:
    office.memory |= replied("Ann@Acme.io", "2026-03-03T08:00:00+00:00")


def buy(office: Office) -> None:
    office.type_in(1, "Status", "Won")


def buy_elsewhere(office: Office) -> None:
    office.tabs.append(grid("Accounts", "Account ID | Company | E-mail | Renewal date\nA-1 | Acme | ann@acme.io |"))


ENDS = [
    (bounce, "the address bounced on 2026-03-03: 550"),
    (opt_out, "the address opted out on 2026-03-03"),
    (answer, "they answered on 2026-03-03"),
    (buy, "they bought already"),
    (buy_elsewhere, "they bought already"),
    (lambda office: office.type_in(1, "Status", "Negotiation"), 'the status changed from "Proposal" to "Negotiation"'),
    (lambda office: office.type_in(1, "DNC", "yes"), "it is marked: do not contact"),
    (lambda office: office.type_in(1, "DNC", "please not"), "it is marked: do not contact"),
    (lambda office: office.type_in(1, "Duplicate of", "L-2"), "it is a duplicate"),
    (lambda office: office.type_in(1, "E-mail", "gone"), "it has no e-mail address that can be read"),
]


@pytest.mark.parametrize(("event", "reason"), ENDS, ids=[reason for _, reason in ENDS])
def test_whatever_ends_it_ends_it_for_good_and_for_that_row_alone(event, reason):
    office = Office()
    office.day(NOON)
    event(office)
    assert why(office.plan(NOON + timedelta(days=3))) == [f"sequence offer: Acme: it ends: {reason}"]
    found = days(office, 12, NOON + timedelta(days=3))
    assert list(found.values()) == [["bo@bolt.at 2"], ["bo@bolt.at 3"]]


@pytest.mark.parametrize(("event", "reason"), ENDS, ids=[reason for _, reason in ENDS])
def test_a_row_to_which_it_applies_already_never_begins(event, reason):
    office = Office()
    event(office)
    expected = ["Ann@acme.io 1", "bo@bolt.at 1"] if event is answer else ["bo@bolt.at 1"]
    assert office.day(NOON + timedelta(days=3)) == expected, reason


def test_an_answer_from_before_it_began_ends_nothing():
    office = Office()
    office.memory |= replied("ann@acme.io", "2026-03-02T11:59:59+00:00")
    office.day(NOON)
    assert office.day(NOON + timedelta(days=3)) == ["Ann@acme.io 2", "bo@bolt.at 2"]


def test_what_no_longer_meets_the_condition_ends():
    office = Office(LEADS, rules=sequence(condition='AND([Status]="Proposal",[Owner]="Dan Kent")'))
    assert office.day(NOON) == ["Ann@acme.io 1"]
    office.type_in(1, "Owner", "")
    assert why(office.plan(NOON)) == ["sequence offer: Acme: it ends: it no longer meets the condition"]


def test_buyers_are_written_to_where_the_owner_wants_it():
    office = Office(rules=sequence(condition='[Status]="Won"', buyers=True))
    buy(office)
    assert office.day(NOON) == ["Ann@acme.io 1"]


def test_while_the_inbox_cannot_be_read_nothing_goes_and_nothing_ends():
    office = Office()
    office.memory[INBOX_FAILS] = "no answer"
    assert office.day(NOON) == []
    office.memory[INBOX_FAILS] = ""
    assert office.day(NOON) == ["Ann@acme.io 1", "bo@bolt.at 1"]


def test_how_many_are_in_a_sequence_is_told_in_counts():
    office = Office()
    office.day(NOON)
    answer(office)
    days(office, 12)
    expected = {"sequence": "offer", "under_way": 0, "done": 1, "answered": 1, "ended": 2}
    assert list(under_way(office.memory, office.rules)) == [expected]


def nothing(_office: Office) -> None:
    pass


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 12), st.sampled_from([bounce, opt_out, buy, nothing]), st.integers(0, 4), st.integers(0, 4))
def test_whenever_something_happens_no_mail_follows_it_and_none_goes_twice(at, event, first, second):
    office = Office(rules=sequence(steps=[{"after": first}, {"after": second}]))
    sent = []
    for n in range(14):
        if n == at:
            event(office)
        sent += [(n, *mail.split()) for mail in office.day(NOON + timedelta(days=n))]
    late = [to for n, to, _ in sent if n >= at]
    assert "Ann@acme.io" not in late or event is nothing
    assert len({mail[1:] for mail in sent}) == len(sent)
    assert [step for _, to, step in sent if to == "bo@bolt.at"] == ["1", "2"]


# Drafts


OUTBOX = """
Send | To          | Subject | Text      | Follow-up     | Drafted     | State | Mail ID
{}   | Ann@acme.io | My own  | Dear Ann, | offer, 1 of 3 | @2026-03-02 | waits | sequence/offer/L-1/1
"""
KEY = "sequence/offer/L-1/1"


def with_draft(said: str, **more: object) -> Plan:
    office = Office(LEADS, rules=sequence(approval=True))
    office.memory |= office.plan(NOON).remember
    office.tabs.append(grid("Outbox", OUTBOX.format(said)))
    return office.plan(NOON + timedelta(days=1), **more)


def test_where_mails_need_a_yes_they_are_drafts_first():
    plan = Office(rules=sequence(approval=True)).plan(NOON)
    assert [one.is_draft for one in plan.messages] == [True, True]


def test_a_draft_without_an_answer_waits_and_is_not_drafted_again():
    assert [one.to for one in with_draft("").messages] == ["bo@bolt.at"]
    assert [one.to for one in with_draft("maybe").messages] == ["bo@bolt.at"]


def test_a_draft_with_a_yes_goes_out_in_the_words_that_a_person_gave_it():
    plan = with_draft("yes")
    mail = next(one for one in plan.messages if one.key == KEY)
    assert (mail.is_draft, mail.template, mail.context["subject"], mail.context["lines"]) == (
        *(False, "approved", "My own"),
        ["Dear Ann,"],
    )
    assert [(one.field, one.new, one.after) for one in plan.changes] == [("state", "sent on 2026-03-03", KEY)]


def test_a_no_ends_the_sequence_and_says_so_beside_the_draft():
    plan = with_draft("no")
    assert [one.to for one in plan.messages] == ["bo@bolt.at"]
    assert [one.new for one in plan.changes] == ["not sent: no was written beside its draft"]


def test_a_draft_whose_row_a_person_deleted_is_not_drafted_again():
    office = Office(rules=sequence(approval=True))
    office.memory |= office.plan(NOON).remember
    office.tabs.append(grid("Outbox", OUTBOX.partition("\n{}")[0]))
    plan = office.plan(NOON, before={"Outbox": {KEY: {}}})
    assert [one.to for one in plan.messages] == ["bo@bolt.at"]
    assert why(plan) == ["sequence offer: Acme: it ends: its draft was deleted"]


def test_a_yes_after_an_answer_sends_nothing():
    office = Office(rules=sequence(approval=True))
    office.memory |= office.plan(NOON).remember
    office.tabs.append(grid("Outbox", OUTBOX.format("yes")))
    office.memory |= replied("ann@acme.io", "2026-03-03T08:00:00+00:00")
    plan = office.plan(NOON + timedelta(days=1))
    assert KEY not in {one.key for one in plan.messages}
    assert [one.new for one in plan.changes] == ["not sent: they answered on 2026-03-03"]


def test_a_persons_own_tab_of_that_name_is_left_alone():
    office = Office(rules=sequence(approval=True))
    office.tabs.append(grid("Outbox", "To | Subject\nx@y.io | mine"))
    plan = office.plan(NOON)
    assert (plan.messages, why(plan)) == ((), ["sequence offer: the tab Outbox lacks columns of ours: rename it"])


# Answers in the sheet


ACTIVITIES = grid("Activities", "Activity ID | Lead ID | Date | Type | By | Subject\n | | | | |")
AT = "2026-03-02T09:30:00+00:00"


def test_an_answer_becomes_an_activity_of_its_lead_once():
    memory = reply_mail("abc", ReplyMail("ann@acme.io", AT, "Re: offer")) | reply_mail(
        "x", ReplyMail("no@body.io", AT, "?")
    )
    plan = JOBS["replies"](snapshot(grid("Leads", LEADS), TEAM, ACTIVITIES, memory=memory), Rules())
    (row,) = plan.appends
    assert {name: str(raw) for name, raw in row.values.items()} == {
        "key": "mail-abc",
        "lead": "L-1",
        "day": "2026-03-02",
        "type": "E-mail",
        "by": "Dan Kent",
        "subject": "Re: offer",
    }
    again = snapshot(grid("Leads", LEADS), TEAM, ACTIVITIES, memory=memory | plan.remember)
    assert JOBS["replies"](again, Rules()) == Plan()


def test_who_opted_out_is_marked_in_the_sheet_where_nobody_wrote_anything():
    leads = grid("Leads", LEADS + "L-4 | Acme | Ann | ann@acme.io | | | New | | no |\n")
    plan = JOBS["replies"](snapshot(leads, TEAM, memory=stop("ann@acme.io", "opted out", "2026-03-01")), Rules())
    assert [(one.cell, one.new, one.why) for one in plan.changes] == [
        ("Leads!I2", "yes", "the address opted out on 2026-03-01")
    ]


def test_the_zone_of_a_country_with_several_clocks_is_not_guessed():
    zones = {
        country: Office(LEADS.replace("Austria", country)).plan(NOON).messages[1].zone
        for country in ("Germany", "USA", "Atlantis")
    }
    assert zones == {"Germany": "Europe/Berlin", "USA": "", "Atlantis": ""}
    assert ZoneInfo(zones["Germany"])
