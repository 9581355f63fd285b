"""The oracle: a wall clock watched minute by minute. It knows nothing of how slots are computed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

MINUTE = timedelta(minutes=1)


def watched(
    zone: ZoneInfo, after: datetime, until: datetime, times: Sequence[time], is_day: Callable[[date], bool]
) -> list[tuple[datetime, datetime]]:
    """(moment, local time) of each slot: noted when the clock first shows its time or a later one, in that order."""
    # Two days early, so that what is on the clock at the start counts as shown already.
    moment = (after - timedelta(days=2)).astimezone(UTC)
    first = moment.astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range((until - moment).days + 3)]
    waiting = sorted(datetime.combine(day, clock) for day in days if is_day(day) for clock in times)
    waiting = [one for one in waiting if one > moment.astimezone(zone).replace(tzinfo=None)]
    noted = []
    while moment <= until and waiting:
        shown = moment.astimezone(zone).replace(tzinfo=None)
        while waiting and waiting[0] <= shown:
            noted.append((moment, waiting.pop(0)))
        moment += MINUTE
    return [one for one in noted if after < one[0]]


def changes(zone: ZoneInfo, year: int) -> Iterator[datetime]:
    """The moments of a year at which the clocks of a zone change, to the hour."""
    moment = datetime(year, 1, 1, tzinfo=UTC)
    while moment.year == year:
        later = moment + timedelta(hours=1)
        if moment.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            yield later
        moment = later


def all_changes(year: int) -> list[tuple[str, datetime]]:
    """Every change of clocks of a year in every zone, each by the zone's name."""
    names = sorted(available_timezones())
    return [(name, moment) for name in names for moment in changes(ZoneInfo(name), year)]
