"""Working days and hours: which days are quiet, and how much working time lies between two moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sheetcrm.rules.settings import CalendarRule

LONGEST_WALK = 3 * 366
"""Days that a count of working days walks at most; whatever is older is as old as that."""


@dataclass(frozen=True)
class Calendar:
    """The working calendar of a `[calendar]` setting."""

    rule: CalendarRule = field(default_factory=CalendarRule)
    holidays: Mapping[date, str] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Whether people work on that day."""
        return day.isoweekday() in self.rule.weekdays and day not in self.rule.quiet_days and day not in self.holidays

    def working_days(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; 0 where `end` is not later."""
        first = max(start, end - timedelta(days=LONGEST_WALK))
        return sum(self.is_working(first + timedelta(days=n)) for n in range(1, (end - first).days + 1))

    def working_hours(self, start: datetime, end: datetime) -> float:
        """Working hours between two local moments of the same zone."""
        if start >= end:
            return 0.0
        first, last = start.date(), end.date()
        if first == last:
            return self._hours(start, end)
        # By the clock on the wall: a day on which summer time begins has as many working hours as any other.
        evening = datetime.combine(first, time.max, start.tzinfo)
        morning = datetime.combine(last, time.min, end.tzinfo)
        between = self.working_days(first, last - timedelta(days=1)) * self._hours_a_day
        return self._hours(start, evening) + between + self._hours(morning, end)

    @property
    def _hours_a_day(self) -> float:
        return (_seconds(self.rule.end) - _seconds(self.rule.start)) / 3600

    def _hours(self, start: datetime, end: datetime) -> float:
        """Working hours between two moments of one day."""
        if not self.is_working(start.date()):
            return 0.0
        opens = max(_seconds(start.time()), _seconds(self.rule.start))
        closes = min(_seconds(end.time()), _seconds(self.rule.end))
        return max(0.0, closes - opens) / 3600


def _seconds(clock: time) -> float:
    return clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6


def calendar_of(rule: CalendarRule, year: int) -> Calendar:
    """The calendar with the public holidays of the years around `year`. Raises ValueError for an unknown country."""
    if not rule.holidays:
        return Calendar(rule)
    import holidays

    country, _, region = rule.holidays.partition("-")
    try:
        days = holidays.country_holidays(country, subdiv=region or None, years=range(year - 3, year + 2))
    except NotImplementedError as error:
        raise ValueError(f'calendar.holidays: "{rule.holidays}" is unknown to the package holidays') from error
    return Calendar(rule, dict(days))
