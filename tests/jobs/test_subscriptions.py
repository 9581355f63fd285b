"""The Settings tab says who gets which report when; what it says unclearly is told, and nobody gets anything twice."""

from datetime import date, datetime, timedelta

import pytest
from drawn_tables import NOON, grid, mailed, snapshot

from sheetcrm.jobs import summary
from sheetcrm.jobs.pace import Pace, read_pace
from sheetcrm.reports.subscriptions import parse_when
from sheetcrm.rules.settings import Rules

TEAM = grid(
    "Team",
    """
    Name     | Email        | Role    | Manager  | Language
    Gus Owen | gus@house.io | Owner   |          |
    Ida Chef | ida@house.io | Manager | Gus Owen | de
    Dan Kent | dan@house.io | Sales   | Ida Chef |
    Eve Lund | eve@house.io | Sales   | Ida Chef |
    """,
)
LEADS = grid(
    "Leads",
    """
    Lead ID | Company | Status    | Owner    | Amount | Created     | Next Step | Next Step Due | Expected Close
    L-1     | Acme    | Contacted | Dan Kent | 100    | @2026-01-05 | call      | @2026-02-27   |
    L-2     | Bolt    | Contacted | Dan Kent | 300    | @2026-01-05 | visit     | @2026-03-02   |
    L-3     | Cord    | New       | Dan Kent | 50     | @2026-03-01 |           | @2026-03-20   |
    L-4     | Dove    | Proposal  | Dan Kent | 70     | @2026-02-20 | sign      | @2026-03-09   | @2026-03-05
    L-5     | Elm     | Won       | Eve Lund | 900    | @2026-01-05 |           |               |
    """,
)


def settings(*rows):
    return grid("Settings", "\n".join(["Who | What | When | Only if | When empty | Language", *rows]))


def plan(*rows, day="2026-03-02 12:00", **more):
    now = datetime.fromisoformat(day).replace(tzinfo=NOON.tzinfo)
    # The page was written already: it takes longest, and is another test's matter.
    year, week, _ = now.isocalendar()
    known = {f"report/{year}-W{week:02}": day, **more.pop("mailed", {})}
    return summary.plan(snapshot(LEADS, TEAM, settings(*rows), now=now, mailed=known, **more), Rules())


def to(found):
    return [(one.to, one.template) for one in found.messages]


def test_names_addresses_and_roles_get_what_they_subscribed_to():
    found = plan(
        "Gus Owen, boss@x.io | weekly report | Monday |||", "sales | my day | daily |||", "managers|team|||send|"
    )
    assert to(found) == [
        ("gus@house.io", "report"),
        ("boss@x.io", "report"),
        ("dan@house.io", "day"),
        ("gus@house.io", "day"),
        ("ida@house.io", "day"),
    ]
    assert found.issues == ()


def test_a_persons_day_names_each_lead_once_in_the_first_section_that_fits():
    (message,) = plan("Dan Kent | my day | daily |||").messages
    sections = {one["title"]: [lead["called"] for lead in one["leads"]] for one in message.context["sections"]}
    assert sections == {
        "Overdue": ["Acme"], "Due today": ["Bolt"], "New leads of yours": ["Cord"], "Should close this week": ["Dove"],
    }  # fmt: skip
    assert message.context["verdict"] == "Three leads need you today."


def test_the_managers_team_is_those_who_report_to_them_and_speaks_their_language():
    (message,) = plan("Ida Chef | team | daily |||").messages
    assert message.context["verdict"] == "Ein Kontakt Ihres Teams ist überfällig."
    assert [one["who"] for one in message.context["owners"]] == ["Dan Kent"]


@pytest.mark.parametrize(("empty", "count"), [("", 0), ("skip", 0), ("send", 1)])
def test_an_empty_day_is_skipped_or_sent_as_the_row_says(empty, count):
    assert len(plan(f"Eve Lund | my day | daily || {empty} |").messages) == count


@pytest.mark.parametrize(
    ("condition", "count"),
    [("[Overdue] > 0", 1), ("[Overdue] > 5", 0), ("=AND([Open] >= 520, [Open Leads] = 4)", 1), ("[Quality] < 50", 0)],
)
def test_only_if_its_condition_holds_a_report_is_sent(condition, count):
    found = plan(f"Gus Owen | weekly report | Monday | {condition} ||")
    assert (len(found.messages), found.issues) == (count, ())


@pytest.mark.parametrize(
    ("row", "code", "raw", "says"),
    [
        ("Gus Owen | weekly report | Monday | [Overdu] > 0 ||", "subscription_condition", "[Overdu] > 0", "Overdu"),
        ("Gus Owen | yearly wish | Monday |||", "subscription_unclear", "yearly wish", "no such report"),
        ("Gus Owen | my day | sometimes |||", "subscription_unclear", "sometimes", "no day"),
        ("Gus Owen | my day | daily || maybe |", "subscription_unclear", "maybe", "neither send nor skip"),
        ("Gus Owen | my day | daily |||Klingon", "subscription_unclear", "Klingon", "no such language"),
        ("Gus Owen | my day | daily |||../../evil", "subscription_unclear", "../../evil", "no such language"),
        ("Nobody Here | my day | daily |||", "subscription_nobody", "Nobody Here", "Nobody in the Team tab"),
    ],
)
def test_what_cannot_be_understood_is_told_with_its_cell_and_a_way_out(row, code, raw, says):
    found = plan(row)
    (issue,) = found.issues
    assert (issue.code, issue.tab, issue.raw) == (code, "Settings", raw)
    assert says in issue.message
    assert issue.remedy
    assert issue.cell.endswith("2")
    assert found.messages == ()


def test_each_comes_once_for_its_day_and_again_for_the_next():
    row = "Gus Owen | weekly report | Monday |||"
    known = mailed(plan(row))
    assert plan(row, day="2026-03-04 12:00", mailed=known).messages == ()
    assert len(plan(row, day="2026-03-09 12:00", mailed=known).messages) == 1


def test_not_before_its_time_of_day_and_later_than_its_day_only_what_looks_back():
    assert plan("Dan Kent | my day | daily 14:00 |||").messages == ()
    assert len(plan("Dan Kent | my day | daily 9:00 |||").messages) == 1
    assert plan("Dan Kent | my day | Friday |||").messages == ()
    assert len(plan("Gus Owen | weekly report | Friday |||").messages) == 1


def test_the_summary_tab_is_put_once_a_period_when_somebody_wants_it():
    found = plan("| Summary tab | Monday |||")
    assert [one.tab for one in found.tabs] == ["Summary"]
    assert plan("| Summary tab | Monday |||", memory=dict(found.remember)).tabs == ()
    assert plan("Gus Owen | weekly report | Monday |||").tabs == ()


@pytest.mark.parametrize(
    ("text", "days", "month_day", "hour"),
    [
        ("Monday 7:00", {0}, 0, 7),
        ("Mon, Thu", {0, 3}, 0, 0),
        ("every working day", set(range(5)), 0, 0),
        ("daily at 8 am", set(range(5)), 0, 8),
        ("daily at 8", set(range(5)), 0, 8),
        ("Monday at 7", {0}, 0, 7),
        ("montags um 7", {0}, 0, 7),
        ("Friday 4 pm", {4}, 0, 16),
        ("1st of the month", set(), 1, 0),
        ("monthly", set(), 1, 0),
        ("15.", set(), 15, 0),
        ("montags um 7:30 Uhr", {0}, 0, 7),
        ("am 1. des Monats", set(), 1, 0),
        ("werktags 8 Uhr", set(range(5)), 0, 8),
    ],
)
def test_when_is_read_as_people_write_it(text, days, month_day, hour):
    when = parse_when(text)
    assert (when.weekdays, when.day_of_month, when.at.hour) == (days, month_day, hour)


@pytest.mark.parametrize("text", ["sometimes", "Monday or so", "32nd", "25:99", "0"])
def test_what_names_no_day_is_no_when(text):
    assert parse_when(text) is None


@pytest.mark.parametrize(
    ("text", "now", "slot"),
    [
        ("31st", "2026-02-28 08:00", date(2026, 2, 28)),
        ("31st", "2026-03-02 08:00", date(2026, 2, 28)),
        ("Monday 7:00", "2026-03-02 06:59", date(2026, 2, 23)),
        ("Monday 7:00", "2026-03-02 07:00", date(2026, 3, 2)),
        ("daily", "2026-03-01 12:00", date(2026, 2, 27)),
    ],
)
def test_a_slot_is_the_latest_day_on_which_it_was_due(text, now, slot):
    assert parse_when(text).slot(datetime.fromisoformat(now).replace(tzinfo=NOON.tzinfo)) == slot


def test_a_quarter_is_told_of_once_though_it_is_looked_at_each_month():
    row, known = "Gus Owen | quarterly report ||||", {}
    counts = []
    for day in ("2026-01-02", "2026-02-02", "2026-03-02", "2026-04-02"):
        found = plan(row, day=f"{day} 12:00", mailed=known)
        known = {**known, **mailed(found)}
        counts.append(len(found.messages))
    assert counts == [1, 0, 0, 1]


@pytest.mark.parametrize(("condition", "count"), [("[Overdue] > 0", 1), ("[Overdue] > 500", 0), ("[Nope] > 5", 0)])
def test_the_summary_tab_comes_only_if_its_condition_holds(condition, count):
    found = plan(f"| summary tab | Monday | {condition} ||")
    assert len(found.tabs) == count
    assert [one.code for one in found.issues] == (["subscription_condition"] if "Nope" in condition else [])


def test_the_summary_tab_speaks_the_language_of_its_row():
    assert [one.tab for one in plan("| summary tab | Monday |||Deutsch").tabs] == ["Übersicht"]


# Reports of which nothing comes


SLOWING = "Dan Kent | my day | daily |||| yes"
MONDAY = date(2026, 3, 2)


def sent_on(days, change=None, *, goes_out=True):
    """The days on which Dan gets his day, of so many working days from Monday on; `change` alters his leads on one."""
    sent, known, notes, out = [], {}, [], {}
    for n in range(days):
        day = MONDAY + timedelta(days=n)
        if day.weekday() > 4:
            continue
        leads = STEADY if change is None or n < change else CHANGED
        table = grid("Settings", "Who | What | When | Only if | When empty | Language | Slow down\n" + SLOWING)
        now = datetime.combine(day, NOON.timetz(), NOON.tzinfo)
        year, week, _ = now.isocalendar()
        now_known = written(year, week) | out
        found = summary.plan(snapshot(leads, TEAM, table, now=now, memory=known, mailed=now_known), Rules())
        known |= found.remember
        out |= mailed(found) if goes_out else {}
        sent += [n for _ in found.messages]
        notes += [note for one in found.messages for note in one.context["notes"] if "every 7 days" in note]
        assert len(found.messages) + len([one for one in found.skipped if "less often" in one.why]) == 1
    return sent, notes


def written(year, week):
    return {f"report/{year}-W{week:02}": "2026-03-02"}


STEADY = grid(
    "Leads",
    """
    Lead ID | Company | Status    | Owner    | Amount | Created     | Next Step | Next Step Due
    L-1     | Acme    | Contacted | Dan Kent | 100    | @2026-01-05 | call      | @2026-02-27
    """,
)
CHANGED = grid(
    "Leads",
    """
    Lead ID | Company | Status   | Owner    | Amount | Created     | Next Step | Next Step Due
    L-1     | Acme    | Proposal | Dan Kent | 100    | @2026-01-05 | call      | @2026-02-27
    """,
)


def test_a_digest_on_which_nobody_acts_comes_once_a_week_after_four_in_vain_and_says_so():
    sent, notes = sent_on(18)
    assert sent == [0, 1, 2, 3, 10, 17]
    assert len(notes) == 2


def test_the_first_change_in_a_row_that_it_named_brings_back_the_usual_pace():
    sent, notes = sent_on(19, change=14)
    assert sent == [0, 1, 2, 3, 10, 14, 15, 16, 17]
    assert len(notes) == 1


def test_mails_that_never_went_out_slow_nothing_down():
    assert sent_on(10, goes_out=False) == ([0, 1, 2, 3, 4, 7, 8, 9], [])


def test_without_the_wish_for_it_nothing_slows_down():
    known = {}
    for n in range(5):
        found = plan("Dan Kent | my day | daily |||", day=f"2026-03-{2 + n:02} 12:00", memory=known)
        known |= found.remember
        assert (len(found.messages), known) == (1, {})


@pytest.mark.parametrize("text", ["", "{", "[]", '["x", 1, {}]', "[1, 2, 3]", "null"])
def test_a_pace_that_cannot_be_read_is_the_usual_one(text):
    assert read_pace(text) == Pace()
