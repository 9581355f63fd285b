"""Who is reminded of what, when, once; and the stamp that waits for its mail. Today is Monday, 2 March 2026."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from drawn_tables import NOON, after, grid, mailed, snapshot

from sheetcrm.jobs import reminders
from sheetcrm.rules.settings import CalendarRule, RemindRule, RemindRules, Rules

TEAM = grid(
    "Team",
    """
    Name     | Email         | Role    | Manager  | Time zone     | Active
    Dan Kent | dan@house.io  | Sales   | boss     | Europe/London |
    Eva Long | eva@house.io  | Sales   | Nobody   | Europe/London |
    Flo Gone | flo@house.io  | Sales   |          | Europe/London | no
    Kim Mute |               | Sales   |          | Europe/London |
    Bo Boss  | boss@house.io | Manager | Bo Boss  | Europe/London |
    """,
)
HEADERS = "Lead ID|Company|Status|Owner|Created|Last contact|Next step|Next due|Last reminder|Amount (EUR)|Birthday"
OVERDUE = RemindRule(name="late", kind="overdue")
IDLE = RemindRule(name="idle", kind="idle", working_days=5, by_stage={"Proposal": 2})
NEW = RemindRule(name="new", kind="new", working_hours=8)
DATE = RemindRule(name="ahead", kind="date", field="birthday", days_ahead=3, yearly=True)
CALENDAR = CalendarRule()


def leads(*rows, headers=HEADERS):
    return grid("Leads", "\n".join([headers, *(row + "|" * (headers.count("|") - row.count("|")) for row in rows)]))


def overdue(key="L-1", due="@2026-02-27", **_):
    return f"{key}|Acme|Contacted|Dan Kent|@2026-01-05|@2026-02-26|Call Ann|{due}|||"


def plan(*grids, rules=(OVERDUE,), calendar=CALENDAR, **more):
    return reminders.plan(
        snapshot(*grids, TEAM, **more), Rules(reminders=RemindRules(rules=tuple(rules)), calendar=calendar)
    )


def shown(found):
    """Each mail: its key, then its lines by section."""
    texts = []
    for mail in found.messages:
        texts.append(mail.key)
        for section in mail.context.get("sections", ()):
            texts += [f"  {section['title']}: {row['company']}: {row['what']}" for row in section["rows"]]
    return texts


def reasons(found):
    return [reason for mail in found.messages for reason in mail.reasons]


def test_people_who_share_an_address_get_a_digest_each_since_no_reason_may_be_stamped_unmailed():
    shared = grid("Team", "Name|Email\nDan Kent|office@house.io\nEva Long|Office@house.io")
    rows = leads(overdue(), overdue(key="L-2").replace("Dan Kent", "Eva Long"))
    found = reminders.plan(snapshot(rows, shared), Rules(reminders=RemindRules(rules=(OVERDUE,)), calendar=CALENDAR))
    assert [one.key for one in found.messages] == [
        "digest/office@house.io/Dan Kent/2026-03-02",
        "digest/Office@house.io/Eva Long/2026-03-02",
    ]
    assert [one.after for one in found.changes] == [one.key for one in found.messages]


def test_an_overdue_step_is_mailed_and_the_stamp_waits_for_the_mail():
    found = plan(leads(overdue()))
    assert shown(found) == [
        "digest/dan@house.io/2026-03-02",
        "  Next step overdue: Acme: Call Ann was due 27 Feb 2026",
    ]
    (mail,), (stamp,) = found.messages, found.changes
    assert (mail.to, mail.template, mail.reasons) == ("dan@house.io", "digest", ("overdue/L-1/due 2026-02-27",))
    assert (stamp.field, stamp.new, stamp.after, stamp.cell) == (
        "last_reminder", date(2026, 3, 2), mail.key, "Leads!I2",
    )  # fmt: skip
    assert stamp.why == "Call Ann was due 27 Feb 2026 (rule late, mail to Dan Kent)"


@pytest.mark.parametrize(
    ("row", "rule", "due"),
    [
        ("New|Dan Kent||||@2026-03-01", OVERDUE, True),
        ("New|Dan Kent||||@2026-03-02", OVERDUE, False),
        ("Won|Dan Kent||||@2026-02-01", OVERDUE, False),
        ("Nwe|Dan Kent||||@2026-02-01", OVERDUE, False),
        ("|Dan Kent||||@2026-02-01", OVERDUE, True),
        ("New|||||@2026-02-01", OVERDUE, False),
        ("New|Zoe||||@2026-02-01", OVERDUE, False),
        ("New|Flo Gone||||@2026-02-01", OVERDUE, False),
        ("New|Kim Mute||||@2026-02-01", OVERDUE, False),
        ("New|Dan Kent||||soon", OVERDUE, False),
        ("Contacted|Dan Kent||@2026-02-23||", IDLE, True),
        ("Contacted|Dan Kent||@2026-02-24||", IDLE, False),
        ("Contacted|Dan Kent||@2026-02-23||@2026-03-02", IDLE, False),
        ("Contacted|Dan Kent||@2026-02-23||@2026-03-01", IDLE, True),
        ("Contacted|Dan Kent|@2026-02-23|||", IDLE, True),
        ("New|Dan Kent|@2026-02-23|||", IDLE, False),
        ("Proposal|Dan Kent||@2026-02-26||", IDLE, True),
        ("Proposal|Dan Kent||@2026-02-27||", IDLE, False),
        ("Lost|Dan Kent||@2026-01-01||", IDLE, False),
        ("New|Dan Kent|@2026-02-27 12:00|||", NEW, True),
        ("New|Dan Kent|@2026-02-27 12:01|||", NEW, False),
        ("New|Dan Kent|@2026-02-27|||", NEW, True),
        ("New|Dan Kent|@2026-03-01|||", NEW, False),
        ("|Dan Kent|@2026-02-27|||", NEW, True),
        ("New|Dan Kent|@2026-02-02|@2026-02-03||", NEW, False),
        ("Contacted|Dan Kent|@2026-02-02|||", NEW, False),
        ("New|Dan Kent||||||| @1980-03-05", DATE, True),
        ("New|Dan Kent||||||| @1980-03-06", DATE, False),
        ("Won|Dan Kent||||||| @1980-03-02", DATE, True),
        ("New|Dan Kent||||||| @1980-03-01", DATE, False),
    ],
)
def test_each_kind_of_rule_begins_on_its_day(row, rule, due):
    assert bool(plan(leads(f"L-1|Acme|{row}"), rules=[rule]).messages) is due


@pytest.mark.parametrize(
    ("row", "rule", "reason"),
    [
        ("Contacted|Dan Kent||@2026-02-20||", IDLE, "idle/L-1/since 2026-02-20"),
        ("New|Dan Kent|@2026-02-20|||", NEW, "new/L-1/created 2026-02-20"),
        ("New|Dan Kent||||||| @1980-03-05", DATE, "birthday/L-1/2026-03-05"),
    ],
)
def test_a_reason_names_what_happened_not_the_day_of_the_mail(row, rule, reason):
    grids = leads(f"L-1|Acme|{row}")
    assert reasons(plan(grids, rules=[rule])) == reasons(plan(grids, rules=[rule], now=NOON + timedelta(days=1)))
    assert reasons(plan(grids, rules=[rule])) == [reason]


@pytest.mark.parametrize("word", ["L-1", "l-1", "acme "])
def test_activities_count_as_contact_by_key_or_company(word):
    activities = grid("Activities", f"Date|Lead ID|Type\n@2026-02-27|{word}|Call\n@2026-01-01|L-1|Call")
    row = leads("L-1|Acme|Contacted|Dan Kent||@2026-01-05")
    assert plan(row, rules=[IDLE]).messages
    assert not plan(row, activities, rules=[IDLE]).messages


def test_a_birthday_on_29_february_is_on_1_march_in_other_years():
    row = leads("L-1|Acme|New|Dan Kent|||||||@1984-02-29")
    assert reasons(plan(row, rules=[DATE], now=NOON - timedelta(days=3))) == ["birthday/L-1/2026-03-01"]


def test_a_birthday_after_new_year_is_seen_before_it():
    row = leads("L-1|Acme|New|Dan Kent|||||||@1984-01-02")
    december = datetime(2026, 12, 31, 12, tzinfo=NOON.tzinfo)
    assert reasons(plan(row, rules=[DATE], now=december)) == ["birthday/L-1/2027-01-02"]


def test_a_renewal_of_an_account_is_told_to_its_owner_and_stamped_there():
    accounts = grid("Accounts", "Account ID|Company|Owner|Renewal date|Last reminder\nA-1|Acme|Eva Long|@2026-04-01|")
    rule = RemindRule(name="renewal", kind="date", table="Accounts", field="renewal", days_ahead=30)
    found = plan(accounts, rules=[rule])
    assert shown(found) == [
        "digest/eva@house.io/2026-03-02",
        "  Coming up: Acme: Renewal date on 1 Apr 2026, in 30 days",
    ]
    assert [one.cell for one in found.changes] == ["Accounts!E2"]
    assert not plan(accounts, rules=[rule], now=NOON - timedelta(days=3)).messages


def test_one_digest_a_person_and_day_with_the_urgent_first():
    found = plan(
        leads(
            "L-1|Idle|Contacted|Dan Kent||@2026-02-02",
            overdue("L-2"),
            "L-3|Eva's|New|Eva Long||||@2026-02-27",
            "L-4|Older|New|Dan Kent||||@2026-02-20",
        ),
        rules=[IDLE, OVERDUE],
    )
    assert shown(found) == [
        "digest/dan@house.io/2026-03-02",
        "  Next step overdue: Older: Next step was due 20 Feb 2026, 6 working days ago",
        "  Next step overdue: Acme: Call Ann was due 27 Feb 2026",
        "  Nothing happened for a while: Idle: No contact for 20 working days, since 2 Feb 2026",
        "digest/eva@house.io/2026-03-02",
        "  Next step overdue: Eva's: Next step was due 27 Feb 2026",
    ]
    assert [one.after for one in found.changes if one.ref.key == "L-3"] == ["digest/eva@house.io/2026-03-02"]


def test_a_lead_is_named_once_by_the_first_rule_that_concerns_it():
    found = plan(leads(overdue(due="@2026-02-10")), rules=[OVERDUE, IDLE.model_copy(update={"working_days": 1})])
    assert reasons(found) == ["overdue/L-1/due 2026-02-10"]
    assert len(found.changes) == 1


def test_by_rule_each_lead_has_a_mail_of_its_own():
    found = plan(leads(overdue("L-1"), overdue("L-2")), rules=[OVERDUE.model_copy(update={"mode": "each"})])
    assert [(one.key, one.template) for one in found.messages] == [
        ("overdue/L-1/due 2026-02-27", "lead_reminder"),
        ("overdue/L-2/due 2026-02-27", "lead_reminder"),
    ]
    assert [one.after for one in found.changes] == [one.key for one in found.messages]


def test_a_mail_shows_place_amount_and_dates_as_its_reader_writes_them():
    row = leads("L-1|Acme|New|Dan Kent|||Angebot|@2026-02-27||1200|")
    german = plan(row, rules=[OVERDUE], locale="de_DE").messages[0].context
    line = german["sections"][0]["rows"][0]
    assert german["sections"][0]["title"] == "Nächster Schritt überfällig"
    assert (line["what"], line["amount"], line["cell"]) == (
        "Angebot war fällig am 27.02.2026", "1.200\xa0€", "Leads!A2",
    )  # fmt: skip
    english = plan(row, rules=[OVERDUE]).messages[0].context["sections"][0]["rows"][0]
    assert (english["due"], english["amount"]) == ("27 Feb 2026", "€1,200")


@pytest.mark.parametrize("mode", ["digest", "each"])
def test_one_reason_is_mailed_once_whatever_the_day(mode):
    rule = OVERDUE.model_copy(update={"mode": mode})
    first = plan(leads(overdue()), rules=[rule])
    for days in (0, 1, 30):
        again = plan(leads(overdue()), rules=[rule], mailed=mailed(first), now=NOON + timedelta(days=days))
        assert (again.messages, again.changes) == ((), ())


def test_a_new_due_date_is_a_new_reason():
    first = plan(leads(overdue()))
    later = plan(leads(overdue(due="@2026-03-02")), mailed=mailed(first), now=NOON + timedelta(days=1))
    assert reasons(later) == ["overdue/L-1/due 2026-03-02"]


def test_what_comes_up_after_the_digest_waits_for_tomorrow():
    first = plan(leads(overdue("L-1")))
    grids, known = leads(overdue("L-1"), overdue("L-2")), mailed(first)
    same_day = plan(grids, mailed=known)
    assert (same_day.messages, same_day.changes) == ((), ())
    assert [(one.what, one.why) for one in same_day.skipped] == [
        ("1 more reminders for Dan Kent", "wait for tomorrow: one digest a day")
    ]
    assert reasons(plan(grids, mailed=known, now=NOON + timedelta(days=1))) == ["overdue/L-2/due 2026-02-27"]


@pytest.mark.parametrize("count", [reminders.DIGEST_ROWS, reminders.DIGEST_ROWS + 1])
def test_a_digest_names_a_hundred_rows_and_the_rest_tomorrow(count):
    rows = [overdue(f"L-{i}").replace("Acme", f"Acme {i}") for i in range(count - 1)]
    grids = leads(*rows, "L-9999|Party|Won|Dan Kent|||||||@1980-03-02")
    first = plan(grids, rules=[OVERDUE, DATE])
    rest = count - reminders.DIGEST_ROWS
    assert len(reasons(first)) == reminders.DIGEST_ROWS == len(first.changes)
    assert reasons(first)[0] == "birthday/L-9999/2026-03-02"
    assert len(first.skipped) == rest
    tomorrow = plan(grids, rules=[OVERDUE, DATE], mailed=mailed(first), now=NOON + timedelta(days=1))
    assert len(reasons(tomorrow)) == rest


def test_a_run_after_the_run_plans_nothing():
    grids = (leads(overdue(), "L-2|New one|New|Dan Kent|@2026-02-20"),)
    first = plan(*grids, rules=[OVERDUE, NEW])
    again = plan(*after(grids, first), rules=[OVERDUE, NEW], mailed=mailed(first))
    assert len(first.changes) == 2
    assert again == reminders.Plan()


@pytest.mark.parametrize(
    ("day", "calendar", "sent"),
    [
        ("2026-03-07", {}, False),
        ("2026-03-07", {"weekdays": (6,)}, True),
        ("2026-03-03", {"quiet_days": (date(2026, 3, 3),)}, False),
        ("2026-12-25", {"holidays": "GB"}, False),
        ("2026-12-25", {}, True),
    ],
)
def test_on_quiet_days_weekends_and_holidays_nobody_is_mailed(day, calendar, sent):
    now = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=NOON.tzinfo)
    found = plan(leads(overdue()), now=now, calendar=CalendarRule(**calendar))
    assert bool(found.messages) is sent
    assert [(one.what, one.why) for one in found.skipped] == (
        [] if sent else [("1 reminders for Dan Kent", f"{day} is no working day")]
    )


def test_each_person_has_the_date_of_their_own_zone():
    team = grid(
        "Team",
        "Name|Email|Role|Time zone\nAda|ada@h.io|Sales|Pacific/Auckland\nDan|dan@h.io|Sales|America/New_York",
    )
    rows = leads("L-1|Acme|New|Ada||||@2026-03-03", "L-2|Bolt|New|Dan||||@2026-03-03")
    now = datetime(2026, 3, 3, 12, tzinfo=ZoneInfo("UTC"))
    found = reminders.plan(snapshot(rows, team, now=now), Rules(reminders=RemindRules(rules=(OVERDUE,))))
    assert [one.key for one in found.messages] == ["digest/ada@h.io/2026-03-04"]
    assert [one.new for one in found.changes] == [date(2026, 3, 4)]


@pytest.mark.parametrize("minute", range(-2, 3))
@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25"])
def test_at_the_border_of_a_day_of_a_clock_change_the_day_is_the_local_one(day, minute):
    midnight = datetime.combine(date.fromisoformat(day) + timedelta(days=1), datetime.min.time(), NOON.tzinfo)
    now = (midnight.astimezone(ZoneInfo("UTC")) + timedelta(minutes=minute)).astimezone(NOON.tzinfo)
    found = plan(leads(overdue(due=f"@{day}")), now=now, calendar=CalendarRule(weekdays=(1, 2, 3, 4, 5, 6, 7)))
    assert bool(found.messages) is (minute >= 0)


def test_hours_since_a_lead_came_in_are_counted_where_the_person_works():
    team = grid("Team", "Name|Email|Role|Time zone\nDan|dan@h.io|Sales|America/New_York")
    rows = leads("L-1|Acme|New|Dan|@2026-03-02 09:00")
    waits = {}
    for hour in (14, 15, 16, 17):
        now = datetime(2026, 3, 2, hour, 1, tzinfo=ZoneInfo("Europe/London"))
        rules = Rules(reminders=RemindRules(rules=(NEW.model_copy(update={"working_hours": 2}),)))
        waits[hour] = bool(reminders.plan(snapshot(rows, team, now=now), rules).messages)
    assert waits == {14: False, 15: False, 16: True, 17: True}


ESCALATE = OVERDUE.model_copy(update={"escalate_after": 5})


@pytest.mark.parametrize(("due", "told"), [("@2026-02-23", True), ("@2026-02-24", False)])
def test_the_manager_hears_of_what_stays_overdue(due, told):
    found = plan(leads(overdue(due=due)), rules=[ESCALATE])
    boss = [one for one in found.messages if one.to == "boss@house.io"]
    assert bool(boss) is told
    for one in boss:
        assert (one.key, one.template) == ("escalation/boss@house.io/2026-03-02", "escalation")
        assert one.reasons == (f"escalate/L-1/due {due[1:]}",)
        assert one.context["sections"][0]["rows"][0]["owner"] == "Dan Kent"
    assert [one.after for one in found.changes] == ["digest/dan@house.io/2026-03-02"]


def test_an_escalation_comes_although_the_owner_was_mailed_long_ago_and_once():
    row = leads(overdue())
    first = plan(row, rules=[ESCALATE])
    later = NOON + timedelta(days=7)
    second = plan(row, rules=[ESCALATE], mailed=mailed(first), now=later)
    assert reasons(second) == ["escalate/L-1/due 2026-02-27"]
    assert second.changes == ()
    third = plan(row, rules=[ESCALATE], mailed=mailed(first, second), now=later + timedelta(days=1))
    assert third.messages == ()


def test_nobody_escalates_to_themselves_or_to_strangers():
    rows = leads("L-1|A|New|Bo Boss||||@2026-01-05", "L-2|B|New|Eva Long||||@2026-01-05")
    assert {one.template for one in plan(rows, rules=[ESCALATE]).messages} == {"digest"}


@pytest.mark.parametrize(
    ("word", "sent"), [("yes", False), ("x", False), ("since March", False), ("n/a", False), ("no", True), ("", True)]
)
def test_who_must_not_be_contacted_is_not_mailed_about_also_where_the_word_is_unclear(word, sent):
    headers = "Lead ID|Company|Status|Owner|Next due|Do not contact"
    assert bool(plan(leads(f"L-1|Acme|New|Dan Kent|@2026-02-27|{word}", headers=headers)).messages) is sent


def test_a_duplicate_is_not_mailed_about():
    headers = "Lead ID|Company|Status|Owner|Next due|Duplicate of"
    assert not plan(leads("L-1|Acme|New|Dan Kent|@2026-02-27|L-9", headers=headers)).messages


def test_a_rule_concerns_only_the_rows_that_meet_its_condition():
    rule = OVERDUE.model_copy(update={"when": {"Company": ("Bolt",)}})
    assert reasons(plan(leads(overdue("L-1"), overdue("L-2").replace("Acme", "Bolt")), rules=[rule])) == [
        "overdue/L-2/due 2026-02-27"
    ]


@pytest.mark.parametrize("stamp", ["=@2026-01-01", "last week", "@2026-03-02"])
def test_the_mail_goes_out_although_the_stamp_cannot_be_written_or_stands_already(stamp):
    rows = leads(*(overdue(f"L-{i}").replace("|||", f"|{'' if i else stamp}||") for i in range(4)))
    found = plan(rows)
    assert len(found.messages) == 1
    assert "Leads!I2" not in {one.cell for one in found.changes}


def test_a_row_without_a_key_is_known_by_who_it_is_not_by_where_it_stands():
    headers = "Company|Status|Owner|Next due|E-Mail"
    rows = ["Acme|New|Dan Kent|@2026-02-27|a@acme.io", "Bolt|New|Dan Kent|@2026-02-26|b@bolt.io"]
    first = plan(leads(*rows, headers=headers))
    assert len(set(reasons(first))) == 2
    assert plan(leads(*rows[::-1], headers=headers), mailed=mailed(first)).messages == ()


def test_switched_off_it_does_nothing():
    assert reminders.plan(snapshot(leads(overdue()), TEAM), Rules(reminders=RemindRules(on=False))) == reminders.Plan()


def test_a_mail_of_its_own_may_carry_a_calendar_entry_for_the_day():
    late = RemindRule(name="late", kind="overdue", mode="each", invite=True)
    ahead = RemindRule(name="ahead", kind="date", field="birthday", days_ahead=3, mode="each", invite=True)
    found = plan(leads(overdue(), "L-2|Bolt|Won|Dan Kent|||||||@2026-03-04"), rules=(late, ahead))
    assert [(one.context["invitation"]["day"], one.context["invitation"]["summary"][:6]) for one in found.messages] == [
        ("2026-03-02", "Acme: "),
        ("2026-03-04", "Bolt: "),
    ]
    assert (
        "invitation"
        not in plan(leads(overdue()), rules=(late.model_copy(update={"invite": False}),)).messages[0].context
    )


def test_a_digest_invites_to_nothing():
    with pytest.raises(ValueError, match="invite needs a mail for each row"):
        RemindRule(name="late", kind="overdue", invite=True)
