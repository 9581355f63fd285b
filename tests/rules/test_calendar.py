"""Working days and hours, held against a count by hand."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from sheetcrm.rules.calendar import Calendar, calendar_of
from sheetcrm.rules.settings import CalendarRule

ONCE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
DAYS = st.dates(date(2025, 12, 1), date(2026, 6, 30))
BERLIN = ZoneInfo("Europe/Berlin")
RULES = st.builds(
    CalendarRule,
    weekdays=st.lists(st.integers(1, 7), unique=True).map(tuple),
    quiet_days=st.lists(DAYS, max_size=3).map(tuple),
    start=st.times(max_value=time(11, 59)).map(lambda one: one.replace(second=0, microsecond=0)),
    end=st.times(min_value=time(12)).map(lambda one: one.replace(second=0, microsecond=0)),
)


def days_after(start, end):
    return [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]


@ONCE
@given(RULES, DAYS, DAYS, st.dictionaries(DAYS, st.just("feast"), max_size=3))
def test_working_days_are_those_that_one_would_count(rule, start, end, feasts):
    calendar = Calendar(rule, feasts)
    quiet = {*rule.quiet_days, *feasts}
    by_hand = [day for day in days_after(start, end) if day.isoweekday() in rule.weekdays and day not in quiet]
    assert calendar.working_days(start, end) == len(by_hand)


@ONCE
@given(RULES, st.datetimes(datetime(2026, 3, 20), datetime(2026, 4, 3)), st.integers(0, 60 * 24 * 9))
def test_working_hours_are_those_that_one_would_count_on_the_wall_clock(rule, start, minutes):
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=minutes)
    calendar = Calendar(rule)
    moments = (start + timedelta(minutes=n) for n in range(minutes))
    by_hand = sum(calendar.is_working(one.date()) and rule.start <= one.time() < rule.end for one in moments)
    hours = calendar.working_hours(start.replace(tzinfo=BERLIN), end.replace(tzinfo=BERLIN))
    assert hours == pytest.approx(by_hand / 60)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-02-27", "2026-02-27", 0),
        ("2026-02-27", "2026-02-28", 0),
        ("2026-02-27", "2026-03-02", 1),
        ("2026-03-02", "2026-02-27", 0),
        ("2026-03-02", "2026-03-09", 5),
    ],
)
def test_working_days_begin_after_the_first_day_and_include_the_last(start, end, days):
    assert Calendar().working_days(date.fromisoformat(start), date.fromisoformat(end)) == days


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-03-02 09:00", "2026-03-02 17:00", 8),
        ("2026-03-02 16:00", "2026-03-03 10:00", 2),
        ("2026-02-27 16:00", "2026-03-02 10:00", 2),
        ("2026-03-02 18:00", "2026-03-03 08:00", 0),
        ("2026-03-02 10:00", "2026-03-02 09:00", 0),
        ("2026-02-28 10:00", "2026-03-01 16:00", 0),
    ],
)
def test_working_hours_stop_overnight_and_over_the_weekend(start, end, hours):
    one, other = (datetime.fromisoformat(text).replace(tzinfo=BERLIN) for text in (start, end))
    assert Calendar().working_hours(one, other) == hours


@pytest.mark.parametrize("change", ["2026-03-29", "2026-10-25"])
def test_the_day_of_a_clock_change_has_as_many_working_hours_as_any_other(change):
    calendar = Calendar(CalendarRule(weekdays=(1, 2, 3, 4, 5, 6, 7), start=time(0), end=time(23)))
    start = datetime.combine(date.fromisoformat(change), time(), BERLIN)
    assert calendar.working_hours(start, start + timedelta(days=1)) == 23


def test_a_moment_of_decades_ago_is_counted_in_no_time():
    assert Calendar().working_days(date(1900, 1, 1), date(2026, 3, 2)) > 700
    assert Calendar().working_hours(datetime(1900, 1, 1, tzinfo=BERLIN), datetime(2026, 3, 2, tzinfo=BERLIN)) > 5000


def test_public_holidays_come_from_the_country_and_its_region():
    epiphany, labour = date(2026, 1, 6), date(2026, 5, 1)
    assert [calendar_of(CalendarRule(holidays="DE-BY"), 2026).is_working(day) for day in (epiphany, labour)] == [
        False
    ] * 2
    assert calendar_of(CalendarRule(holidays="DE"), 2026).is_working(epiphany)
    assert calendar_of(CalendarRule(), 2026).is_working(labour)


@pytest.mark.parametrize("name", ["Atlantis", "DE-XX"])
def test_an_unknown_country_or_region_is_refused_by_name(name):
    with pytest.raises(ValueError, match=f'"{name}" is unknown'):
        calendar_of(CalendarRule(holidays=name), 2026)


def test_hours_that_end_before_they_start_are_refused():
    with pytest.raises(ValidationError, match="end must be later than start"):
        CalendarRule(start=time(17), end=time(9))
