"""The pipeline summary goes out once a period, to those whom it concerns."""

from datetime import date, datetime

import pytest
from drawn_tables import NOON, grid, mailed, snapshot

from sheetcrm.jobs import summary
from sheetcrm.rules.settings import Rules, SummaryRule

TEAM = grid(
    "Team",
    """
    Name     | Email          | Role            | Active
    Gus Owen | gus@house.io   | Owner           |
    Ida Chef | ida@house.io   | Geschäftsführer |
    Jo Gone  | jo@house.io    | Manager         | no
    Kim Mute |                | Manager         |
    Dan Kent | dan@house.io   | Sales           |
    """,
)
LEADS = grid("Leads", "Lead ID|Company|Status|Owner|Amount\nL-1|Acme|New|Dan Kent|100\nL-2|Bolt|Won|Dan Kent|50")
WEEKLY = SummaryRule()


def plan(day="2026-03-02", rule=WEEKLY, grids=(LEADS, TEAM), **more):
    now = datetime.fromisoformat(f"{day} 12:00").replace(tzinfo=NOON.tzinfo)
    return summary.plan(snapshot(*grids, now=now, **more), Rules(summary=rule))


def test_owners_and_managers_who_work_here_get_the_mail_and_the_folder_the_page():
    found = plan()
    assert [(one.key, one.to, one.template) for one in found.messages] == [
        ("summary/gus@house.io/2026-W10", "gus@house.io", "report"),
        ("summary/ida@house.io/2026-W10", "ida@house.io", "report"),
    ]
    assert [(one.key, one.name, one.template) for one in found.reports] == [
        ("report/2026-W10", "pipeline-2026-03-02", "report_page")
    ]
    assert found.changes == ()


def test_named_readers_get_it_instead_each_once():
    rule = SummaryRule(to=["a/b@house.io", "c@house.io", "c@house.io"])
    assert [one.to for one in plan(rule=rule).messages] == ["a/b@house.io", "c@house.io"]


@pytest.mark.parametrize(
    ("every", "same", "following"),
    [("day", "2026-03-02", "2026-03-03"), ("week", "2026-03-08", "2026-03-09"), ("month", "2026-03-31", "2026-04-01")],
)
def test_it_comes_once_a_period(every, same, following):
    rule = SummaryRule(every=every)
    known = mailed(plan(rule=rule))
    assert plan(same, rule, mailed=known) == summary.Plan()
    assert len(plan(following, rule, mailed=known).messages) == 2


def test_who_was_not_reached_gets_it_in_the_next_run_and_nobody_else():
    known = mailed(plan())
    del known["summary/ida@house.io/2026-W10"]
    again = plan("2026-03-03", mailed=known)
    assert [one.to for one in again.messages] == ["ida@house.io"]
    assert again.reports == ()


def test_without_readers_the_page_is_still_written_once():
    found = plan(grids=(LEADS,))
    assert (found.messages, len(found.reports)) == ((), 1)
    assert plan(grids=(LEADS,), mailed=mailed(found)) == summary.Plan()


@pytest.mark.parametrize(
    ("day", "every", "period"),
    [
        (date(2026, 3, 2), "day", "2026-03-02"),
        (date(2027, 1, 1), "week", "2026-W53"),
        (date(2026, 12, 31), "month", "2026-12"),
    ],
)
def test_a_period_is_named_after_the_calendar(day, every, period):
    assert summary.period_of(day, every) == period


def test_switched_off_or_without_leads_it_does_nothing():
    assert plan(rule=SummaryRule(on=False)) == summary.Plan()
    assert plan(grids=(TEAM,)) == summary.Plan()
