"""Spans of days that reports speak of: weeks from Monday, months, quarters and years of the fiscal year, any span."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from sheetcrm.errors import ConfigError

_WEEK = re.compile(r"(\d{4})-W(\d{1,2})")
_MONTH = re.compile(r"(\d{4})-(\d{1,2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_YEAR = re.compile(r"(\d{4})")
_DAYS = re.compile(r"(\d{1,4})d")
FIRST_YEAR = 1900
"""The first year that Excel knows; what lies before it is a slip of the finger."""
_KINDS = {"day": 0, "week": 0, "month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` on, `end` no longer included; `kind` is day, week, month, quarter, year or days.

    A period under way ends with the day of the report and has `whole` as the end that it will have.
    """

    start: date
    end: date
    kind: str = "days"
    whole: date | None = None

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """Its last day."""
        return self.end - timedelta(days=1)

    def before(self) -> Period:
        """The equal period before: the month before a month; of one under way the first so many days of it.

        Of a working day the working day before, with what followed it.
        """
        if self.kind == "day":
            return last_whole(self.start, "day")
        months = _KINDS.get(self.kind, 0)
        if not months:
            span = timedelta(days=self.days if self.whole is None else (self.whole - self.start).days)
            return Period(self.start - span, self.start - span + timedelta(days=self.days), self.kind)
        start = months_on(self.start, -months)
        if self.whole is None:
            return Period(start, self.start, self.kind)
        return Period(start, min(start + timedelta(days=self.days), self.start), self.kind)

    def last_year(self) -> Period:
        """The same period a year ago; of days and weeks the one 52 weeks ago, on the same weekdays."""
        if self.kind in {"day", "week"}:
            year = timedelta(weeks=52)
            return Period(self.start - year, self.end - year, self.kind)
        return Period(months_on(self.start, -12), months_on(self.end, -12), self.kind)

    @property
    def key(self) -> str:
        """Its name for files and keys: 2026-W09, 2026-02, or its first and last day."""
        if self.kind == "week" and self.days == 7:
            year, week, _ = self.start.isocalendar()
            return f"{year}-W{week:02}"
        if self.kind == "month" and self.whole is None:
            return f"{self.start:%Y-%m}"
        return self.start.isoformat() if self.days == 1 else f"{self.start}..{self.last}"


def months_on(day: date, months: int) -> date:
    """The same day so many months on; the last of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), month % 12 + 2 if month < 11 else 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def start_of(day: date, kind: str, fiscal_start: int = 1) -> date:
    """The first day of the week, month, quarter or year of a day; `fiscal_start` is the year's first month."""
    if kind == "week":
        return day - timedelta(days=day.weekday())
    if kind == "day":
        return day
    months = _KINDS[kind]
    return months_on(day.replace(day=1), -((day.month - fiscal_start) % 12 % months))


def end_of(start: date, kind: str) -> date:
    """The first day after the period that begins there."""
    if kind in {"day", "week"}:
        return start + timedelta(days=7 if kind == "week" else 1)
    return months_on(start, _KINDS[kind])


def last_whole(today: date, kind: str, fiscal_start: int = 1) -> Period:
    """The last period that had ended when the day began; of days the last working day and what followed it."""
    if kind == "day":
        back = {0: 3, 6: 2}.get(today.weekday(), 1)
        return Period(today - timedelta(days=back), today, "day")
    end = start_of(today, kind, fiscal_start)
    return Period(start_of(end - timedelta(days=1), kind, fiscal_start), end, kind)


def under_way(today: date, kind: str, fiscal_start: int = 1) -> Period:
    """The period that the day lies in, up to and with that day."""
    start = start_of(today, kind, fiscal_start)
    end, whole = today + timedelta(days=1), end_of(start, kind)
    return Period(start, end, kind, None if end == whole else whole)


def parse_period(text: str, today: date, fiscal_start: int = 1) -> Period:
    """The period that a word names. Raises ConfigError.

    `week`, `month`, `quarter`, `year`: the last whole one; `this-month`: up to today; `30d`: so many days up to today;
    `2026-W09`, `2026-02`, `2026-Q1`, `2026` (of the fiscal year that begins in 2026), `2026-01-05..2026-02-11`.
    """
    word = text.strip().lower()
    if word in _KINDS:
        return last_whole(today, word, fiscal_start)
    if word.removeprefix("this-") in _KINDS:
        return under_way(today, word.removeprefix("this-"), fiscal_start)
    try:
        found = _named(text.strip().upper().replace("D", "d"), today, fiscal_start)
    except (ValueError, OverflowError):
        found = None
    if found is None or found.days < 1 or found.start.year < FIRST_YEAR:
        raise ConfigError(
            f"{text!r} is no period.",
            "Write week, month, quarter, year, this-week, 30d, 2026-W09, 2026-02, 2026-Q1 or 2026-01-05..2026-02-11.",
        )
    return found


def _named(text: str, today: date, fiscal_start: int) -> Period | None:
    if match := _WEEK.fullmatch(text):
        start = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return _cut(start, "week", today)
    if match := _MONTH.fullmatch(text):
        return _cut(date(int(match[1]), int(match[2]), 1), "month", today)
    if match := _QUARTER.fullmatch(text):
        first = date(int(match[1]), fiscal_start, 1)
        return _cut(months_on(first, 3 * (int(match[2]) - 1)), "quarter", today)
    if match := _YEAR.fullmatch(text):
        return _cut(date(int(match[1]), fiscal_start, 1), "year", today)
    if match := _DAYS.fullmatch(text):
        end = today + timedelta(days=1)
        return Period(end - timedelta(days=int(match[1])), end)
    first_day, dots, last_day = text.partition("..")
    if not dots:
        return None
    return Period(date.fromisoformat(first_day), date.fromisoformat(last_day) + timedelta(days=1))


def _cut(start: date, kind: str, today: date) -> Period:
    """The period from there, up to today where it is under way."""
    end = end_of(start, kind)
    if start <= today < end - timedelta(days=1):
        return Period(start, today + timedelta(days=1), kind, end)
    return Period(start, end, kind)
