"""Which slots a timetable has between two moments, right across every change of clocks. Pure.

A slot is a local date and time. It is due at the first moment at which the clock on the wall shows that time or a later
one: once where clocks are set back and show it twice, at the change where they are set forward and never show it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from zoneinfo import ZoneInfo

from sheetcrm.rules.calendar import Calendar, calendar_of
from sheetcrm.rules.clock import first_moment
from sheetcrm.rules.settings import CalendarRule
from sheetcrm.schedule.settings import FIRST_WORKING, LAST_WORKING, Group

FURTHEST_AHEAD = 800
"""Days within which the next slot is looked for: 29 February may be four years away, but nobody waits for it."""

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One time at which a group is due: `due` in UTC, `local` by the clock on the wall of `zone`."""

    due: datetime
    local: datetime
    group: str
    zone: str

    @property
    def name(self) -> str:
        """The local date and time: what the ledger knows the slot by."""
        return self.local.isoformat(timespec="minutes")


@dataclass(frozen=True)
class Timetable:
    """When one group is due: on which days, at which times, in which zone."""

    group: str
    zone: ZoneInfo
    times: tuple[time, ...]
    is_day: Callable[[date], bool]
    digest: str
    """Another one as soon as the group's settings differ."""

    def slots(self, after: datetime, until: datetime) -> list[Slot]:
        """The slots due after one moment and up to another, in order."""
        first, last = (moment.astimezone(self.zone).date() for moment in (after, until))
        # A day more on either side: a change of clocks can move a slot across midnight.
        days = (first + timedelta(days=n) for n in range(-1, (last - first).days + 2))
        return sorted(one for day in days for one in self._on(day) if after < one.due <= until)

    def next(self, after: datetime) -> Slot | None:
        """The first slot after a moment, None where there is none within two years."""
        day = after.astimezone(self.zone).date() - ONE_DAY
        for n in range(FURTHEST_AHEAD):
            later = [one for one in self._on(day + timedelta(days=n)) if one.due > after]
            # The next day's first slot may be due at the same change of clocks, never before it.
            if later:
                return min(later)
        return None

    def _on(self, day: date) -> Iterator[Slot]:
        if self.is_day(day):
            for clock in self.times:
                local = datetime.combine(day, clock)
                yield Slot(first_moment(local, self.zone), local, self.group, self.zone.key)


def timetable(group: Group, calendar: CalendarRule, zone: ZoneInfo) -> Timetable:
    """The timetable of a group; `zone` is the workbook's, where the group names none."""
    own = ZoneInfo(group.zone) if group.zone else zone
    when = group.model_dump_json(exclude={"jobs", "missed"}) + calendar.model_dump_json() + own.key
    digest = blake2b(when.encode(), digest_size=8).hexdigest()
    return Timetable(group.name, own, _times(group), _days(group, calendar), digest)


def _times(group: Group) -> tuple[time, ...]:
    if group.at:
        return tuple(sorted(set(group.at)))
    first, last = (clock.hour * 60 + clock.minute for clock in (group.start, group.end))
    return tuple(time(*divmod(minute, 60)) for minute in range(first, last + 1, group.every_minutes))


def _days(group: Group, rule: CalendarRule) -> Callable[[date], bool]:
    weekdays = group.weekdays or rule.weekdays

    def is_day(day: date) -> bool:
        calendar = _calendar(rule, day.year)
        if day.isoweekday() not in weekdays or not _is_month_day(day, group.month_days, calendar):
            return False
        return group.holidays == "run" or not (day in calendar.holidays or day in rule.quiet_days)

    return is_day


@lru_cache(maxsize=64)
def _calendar(rule: CalendarRule, year: int) -> Calendar:
    return calendar_of(rule, year)


def _is_month_day(day: date, wanted: Sequence[int | str], calendar: Calendar) -> bool:
    if not wanted:
        return True
    length = monthrange(day.year, day.month)[1]
    if day.day in wanted or day.day - length - 1 in wanted:
        return True
    if not calendar.is_working(day):
        return False
    before = (FIRST_WORKING in wanted) and _none_works(calendar, day, range(1, day.day))
    return before or (LAST_WORKING in wanted and _none_works(calendar, day, range(day.day + 1, length + 1)))


def _none_works(calendar: Calendar, month: date, days: range) -> bool:
    return not any(calendar.is_working(month.replace(day=day)) for day in days)
