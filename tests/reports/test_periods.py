"""The spans of days that reports speak of: what a word names, what went before, and what is no period."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.errors import ConfigError
from sheetcrm.reports.periods import last_whole, parse_period, under_way

TUESDAY = date(2026, 3, 3)
DAYS = st.dates(date(1950, 1, 1), date(2200, 1, 1))
KINDS = st.sampled_from(["week", "month", "quarter", "year"])
FISCAL = st.integers(1, 12)


def span(period):
    return str(period.start), str(period.last)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("week", "2026-02-23", "2026-03-01"),
        ("month", "2026-02-01", "2026-02-28"),
        ("quarter", "2025-10-01", "2025-12-31"),
        ("year", "2025-01-01", "2025-12-31"),
        ("day", "2026-03-02", "2026-03-02"),
        ("this-week", "2026-03-02", "2026-03-03"),
        ("this-month", "2026-03-01", "2026-03-03"),
        ("30d", "2026-02-02", "2026-03-03"),
        ("2026-W09", "2026-02-23", "2026-03-01"),
        ("2024-2", "2024-02-01", "2024-02-29"),
        ("2025-q4", "2025-10-01", "2025-12-31"),
        ("2026", "2026-01-01", "2026-03-03"),
        ("2026-01-05..2026-02-11", "2026-01-05", "2026-02-11"),
    ],
)
def test_a_word_names_a_span_of_days(text, first, last):
    assert span(parse_period(text, TUESDAY)) == (first, last)


@pytest.mark.parametrize(
    "text",
    ["", "fortnight", "0d", "2026-13", "2026-W54", "2026-Q5", "9999-12", "0001", "0001-01", "1899", "99999d",
     "2026-02-11..2026-01-05", "1000-01-01..2026-01-01"],
)  # fmt: skip
def test_what_is_no_period_is_told_with_examples(text):
    with pytest.raises(ConfigError, match="is no period") as found:
        parse_period(text, TUESDAY)
    assert "2026-W09" in found.value.remedy


@pytest.mark.parametrize(
    ("today", "told", "before"),
    [
        ("2026-03-03", ("2026-03-02", "2026-03-02"), ("2026-02-27", "2026-03-01")),
        ("2026-03-02", ("2026-02-27", "2026-03-01"), ("2026-02-26", "2026-02-26")),
        ("2026-03-04", ("2026-03-03", "2026-03-03"), ("2026-03-02", "2026-03-02")),
    ],
    ids=["Tuesday", "Monday", "Wednesday"],
)
def test_a_daily_report_compares_a_working_day_with_the_one_before(today, told, before):
    period = last_whole(date.fromisoformat(today), "day")
    assert (span(period), span(period.before())) == (told, before)


@given(DAYS, KINDS, FISCAL)
def test_a_whole_period_ends_before_today_and_borders_on_the_one_before(today, kind, fiscal):
    period = last_whole(today, kind, fiscal)
    assert period.end <= today
    assert period.before().end == period.start
    assert last_whole(period.start, kind, fiscal) == period.before()


@given(DAYS, KINDS, FISCAL)
def test_what_is_under_way_holds_today_and_follows_the_last_whole_one(today, kind, fiscal):
    period = under_way(today, kind, fiscal)
    assert period.start == last_whole(today, kind, fiscal).end
    assert period.end == today + timedelta(days=1)
    before = period.before()
    assert before.end <= period.start
    assert before.days == period.days or before.end == period.start


@given(DAYS, st.sampled_from(["day", "week"]))
def test_a_day_or_week_is_held_against_the_same_weekdays_of_last_year(today, kind):
    period = last_whole(today, kind)
    assert period.last_year().start.weekday() == period.start.weekday()
    assert period.last_year().days == period.days
