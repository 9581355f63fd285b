"""Working days and hours: which days are quiet, and how much working time lies between two moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

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
        hours = 0.0
        day = max(start.date(), end.date() - timedelta(days=LONGEST_WALK))
        while day <= end.date():
            if self.is_working(day):
                opens = max(start, datetime.combine(day, self.rule.start, start.tzinfo))
                closes = min(end, datetime.combine(day, self.rule.end, end.tzinfo))
                hours += max(0.0, (closes - opens).total_seconds() / 3600)
            day += timedelta(days=1)
        return hours


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
