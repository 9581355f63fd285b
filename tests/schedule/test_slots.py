"""Slots: each local time once, at the first moment its clock shows it or a later one; on the days that are meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wall_clock import all_changes, changes, watched

from sheetcrm.rules.settings import CalendarRule
from sheetcrm.schedule.settings import Group, ScheduleRule
from sheetcrm.schedule.slots import Timetable, timetable

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
NO_HOLIDAYS = CalendarRule()


def table(zone: str, **group: object) -> Timetable:
    given = {"name": "g", "weekdays": EVERY_DAY, **group}
    return timetable(Group(**given), NO_HOLIDAYS, ZoneInfo(zone))


def names(found: Timetable, first: str, last: str) -> list[str]:
    after, until = (datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=found.zone) for day in (first, last))
    return [one.name for one in found.slots(after - timedelta(seconds=1), until - timedelta(seconds=1))]


def check_around(zone: str, change: datetime, times: tuple[time, ...]) -> None:
    """The slots of the days around a change are those that somebody saw who watched the clock."""
    after, until = change - timedelta(hours=26), change + timedelta(hours=26)
    found = table(zone, at=times).slots(after, until)
    assert [(one.due, one.local) for one in found] == watched(ZoneInfo(zone), after, until, times, lambda _day: True)


EACH_HALF_HOUR = tuple(time(hour, minute) for hour in range(24) for minute in (0, 30))
# Gaps and overlaps of an hour and of half an hour, at midnight, before it, on the hour and off it.
SOME_ZONES = (
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Beirut", "America/Santiago"),
    *(
        "Pacific/Chatham",
        "Atlantic/Azores",
        "America/Havana",
        "Africa/Casablanca",
        "Antarctica/Troll",
        "Asia/Kathmandu",
    ),
)


@pytest.mark.parametrize("zone", SOME_ZONES)
def test_around_a_change_of_clocks_each_local_time_is_due_once(zone):
    for change in changes(ZoneInfo(zone), 2026):
        check_around(zone, change, EACH_HALF_HOUR)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_around_every_change_of_a_year_in_every_zone_each_local_time_is_due_once(part):
    found = all_changes(2026)
    assert len(found) > 300
    for zone, change in found[part::4]:
        check_around(zone, change, EACH_HALF_HOUR)


@pytest.mark.slow
def test_in_every_zone_every_day_of_a_year_has_each_time_once():
    for zone in sorted(available_timezones()):
        found = table(zone, at=("00:00", "02:30", "23:59"))
        start = datetime(2026, 1, 1, tzinfo=found.zone) - timedelta(seconds=1)
        slots = found.slots(start, datetime(2027, 1, 1, tzinfo=found.zone) - timedelta(seconds=1))
        assert len({one.name for one in slots}) == len(slots) == 3 * 365, zone


def test_a_time_that_the_clock_skips_is_due_at_the_change_and_one_shown_twice_the_first_time():
    berlin = table("Europe/Berlin", at="02:30")
    spring, autumn = (
        berlin.slots(datetime(2026, month, day, tzinfo=UTC), datetime(2026, month, day + 1, tzinfo=UTC))
        for month, day in ((3, 29), (10, 25))
    )
    assert [(one.name, one.due.isoformat()) for one in spring] == [("2026-03-29T02:30", "2026-03-29T01:00:00+00:00")]
    assert [(one.name, one.due.isoformat()) for one in autumn] == [("2026-10-25T02:30", "2026-10-25T00:30:00+00:00")]


def test_a_day_that_a_zone_never_had_is_due_at_the_moment_after_it():
    samoa = table("Pacific/Apia", at="12:00")  # which went from 29 to 31 December 2011
    found = samoa.slots(datetime(2011, 12, 29, 12, tzinfo=UTC), datetime(2011, 12, 31, 12, tzinfo=UTC))
    assert [(one.name, one.due.isoformat()) for one in found] == [
        ("2011-12-29T12:00", "2011-12-29T22:00:00+00:00"),
        ("2011-12-30T12:00", "2011-12-30T10:00:00+00:00"),
        ("2011-12-31T12:00", "2011-12-30T22:00:00+00:00"),
    ]


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(sorted(available_timezones())),
    start=st.datetimes(datetime(2000, 1, 1), datetime(2036, 1, 1)),
    hours=st.integers(0, 80),
    times=st.lists(
        st.times().map(lambda one: one.replace(second=0, microsecond=0)), min_size=1, max_size=4, unique=True
    ),
    weekdays=st.sets(st.integers(1, 7), min_size=1),
)
def test_whatever_is_asked_the_slots_are_those_of_a_watched_clock(zone, start, hours, times, weekdays):
    after = start.replace(second=0, microsecond=0, tzinfo=UTC)
    until = after + timedelta(hours=hours)
    found = table(zone, at=tuple(times), weekdays=tuple(weekdays)).slots(after, until)
    seen = watched(ZoneInfo(zone), after, until, times, lambda day: day.isoweekday() in weekdays)
    assert sorted((one.due, one.local) for one in found) == sorted(seen)


@given(
    zone=st.sampled_from(SOME_ZONES), moment=st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
    times=st.lists(st.integers(0, 1439), min_size=1, max_size=5, unique=True),
)  # fmt: skip
def test_the_next_slot_is_the_first_of_those_that_follow(zone, moment, times):
    found = table(zone, at=tuple(time(*divmod(minute, 60)) for minute in times))
    now = moment.replace(tzinfo=UTC)
    assert found.next(now) == found.slots(now, now + timedelta(days=3))[0]


# Which days


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ({"month_days": [1, 15]}, ["06-01", "06-15", "07-01", "07-15"]),
        ({"month_days": -1}, ["06-30", "07-31"]),
        ({"month_days": 31}, ["07-31"]),
        ({"month_days": "first working day"}, ["06-01", "07-01"]),
        ({"month_days": "last working day"}, ["06-30", "07-31"]),
        ({"weekdays": ["Mon"], "month_days": list(range(1, 8))}, ["06-01", "07-06"]),
        ({"weekdays": "sunday", "month_days": -5}, []),
    ],
)
def test_month_days_and_weekdays_must_both_hold(group, expected):
    found = table("Europe/Berlin", at="08:00", **group)
    assert names(found, "2026-06-01", "2026-08-01") == [f"2026-{day}T08:00" for day in expected]


def test_the_first_working_day_is_after_weekend_holidays_and_quiet_days():
    rule = CalendarRule(holidays="DE", quiet_days=(date(2026, 1, 2),))
    found = timetable(Group(name="g", at="08:00", month_days="first working day"), rule, ZoneInfo("Europe/Berlin"))
    assert names(found, "2026-01-01", "2026-06-30") == [
        f"2026-{day}T08:00" for day in ("01-05", "02-02", "03-02", "04-01", "05-04", "06-01")
    ]


@pytest.mark.parametrize(
    ("holidays", "weekdays", "expected"),
    [
        ("skip", (), ["12-24", "12-28"]),
        ("run", (), ["12-24", "12-25", "12-28"]),
        ("skip", (6, 7), ["12-27"]),
        ("run", (6, 7), ["12-26", "12-27"]),
    ],
)
def test_holidays_are_left_out_unless_wanted_and_weekdays_are_the_calendars_unless_given(holidays, weekdays, expected):
    group = Group(name="g", at="08:00", holidays=holidays, weekdays=weekdays)
    found = timetable(group, CalendarRule(holidays="DE"), ZoneInfo("Europe/Berlin"))
    assert names(found, "2026-12-24", "2026-12-29") == [f"2026-{day}T08:00" for day in expected]


def test_every_so_many_minutes_counts_from_the_start_each_day():
    found = table("Europe/Berlin", every_minutes=50, start="08:30", end="11:00")
    assert names(found, "2026-06-01", "2026-06-02") == [
        f"2026-06-01T{clock}" for clock in ("08:30", "09:20", "10:10", "11:00")
    ]


def test_a_group_that_never_comes_due_has_no_next_slot():
    assert table("Europe/Berlin", at="08:00", weekdays=(1,), month_days=(30, -1), holidays="run").next(
        datetime(2026, 1, 1, tzinfo=UTC)
    )
    never = CalendarRule(weekdays=(6, 7))
    group = Group(name="g", at="08:00", weekdays=(1,), month_days="first working day")
    assert timetable(group, never, ZoneInfo("UTC")).next(datetime(2026, 1, 1, tzinfo=UTC)) is None


# Settings


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ({}, "say when"),
        ({"at": "08:00", "every_minutes": 5}, "say when"),
        ({"at": "8 o'clock"}, "time"),
        ({"at": "08:00:30"}, "plain time of day"),
        ({"at": "08:00", "weekdays": "Someday"}, "weekdays"),
        ({"at": "08:00", "weekdays": [0]}, "weekdays"),
        ({"at": "08:00", "month_days": [0]}, "no day 0"),
        ({"at": "08:00", "month_days": ["third working day"]}, "month_days"),
        ({"at": "08:00", "zone": "Europe/Nowhere"}, "no time zone"),
        ({"every_minutes": 5, "start": "10:00", "end": "09:00"}, "end must not be earlier"),
    ],
)
def test_a_group_that_says_not_or_wrongly_when_is_refused(group, words):
    with pytest.raises(ValueError, match=words):
        Group(name="g", **group)


def test_two_groups_of_one_name_are_refused():
    with pytest.raises(ValueError, match='two groups are called "g"'):
        ScheduleRule(groups=[{"name": "g", "at": "08:00"}, {"name": "g", "at": "09:00"}])
