"""Days and times of day. Days are serial numbers: 1 January 2020 is 43831."""

from __future__ import annotations

import math

from sheetcrm.formula.context import Context
from sheetcrm.formula.dates import LAST_SERIAL, days_in_month, parts_of, serial_of_parts
from sheetcrm.formula.functions.day_counts import days_360, year_fraction
from sheetcrm.formula.reading import moment_of_text
from sheetcrm.formula.registry import Day, Logical, Number, Text, Whole, function
from sheetcrm.formula.values import NUM, VALUE, Stop


def _serial(day: float) -> int:
    if not 0 <= day < LAST_SERIAL + 1:
        raise Stop(NUM)
    return int(day)


@function("TODAY", gives="date")
def today(context: Context) -> Day:
    """The day of the run."""
    return float(int(context.now))


@function("NOW", gives="date")
def now(context: Context) -> Day:
    """The moment of the run."""
    return context.now


@function("DATE")
def date_(year: Whole, month: Whole, day: Whole) -> Day:
    """The day of a year, month and day; months and days beyond the end run over."""
    if year < 0 or year >= 10000 or abs(month) > 200_000 or abs(day) > 10_000_000:
        raise Stop(NUM)
    return serial_of_parts(year + 1900 if year < 1900 else year, month, day)


@function("YEAR")
def year(day: Day) -> Number:
    """The year of a day."""
    return parts_of(_serial(day))[0]


@function("MONTH")
def month(day: Day) -> Number:
    """The month of a day, 1 to 12."""
    return parts_of(_serial(day))[1]


@function("DAY")
def day_(day: Day) -> Number:
    """The day of the month."""
    return parts_of(_serial(day))[2]


@function("TIME")
def time(hour: Whole, minute: Whole, second: Whole) -> Day:
    """A time of day as part of a day."""
    if max(hour, minute, second) > 32767:
        raise Stop(NUM)
    seconds = hour * 3600 + minute * 60 + second
    if seconds < 0:
        raise Stop(NUM)
    return seconds % 86400 / 86400


def _seconds(moment: float) -> int:
    # Half a second and more counts as the next one, as Excel shows it.
    _serial(moment)
    return round((moment - math.floor(moment)) * 86400) % 86400


@function("HOUR")
def hour(moment: Day) -> Number:
    """The hour of a moment."""
    return _seconds(moment) // 3600


@function("MINUTE")
def minute(moment: Day) -> Number:
    """The minute of a moment."""
    return _seconds(moment) // 60 % 60


@function("SECOND")
def second(moment: Day) -> Number:
    """The second of a moment."""
    return _seconds(moment) % 60


@function("DATEVALUE")
def datevalue(context: Context, text: Text) -> Day:
    """The day that a text reads as."""
    found = moment_of_text(text.strip(), context.locale, context.year)
    if found is None:
        raise Stop(VALUE)
    return float(int(found))


@function("TIMEVALUE")
def timevalue(context: Context, text: Text) -> Day:
    """The time of day that a text reads as."""
    found = moment_of_text(text.strip(), context.locale, context.year)
    if found is None:
        raise Stop(VALUE)
    return found % 1


def _moved(day: float, months: int) -> tuple[int, int, int]:
    year_, month_, day_of_month = parts_of(_serial(day))
    if abs(months) > 120_000:
        raise Stop(NUM)
    year_, month_ = divmod(year_ * 12 + month_ - 1 + months, 12)
    if not 1900 <= year_ <= 9999:
        raise Stop(NUM)
    return year_, month_ + 1, day_of_month


@function("EDATE")
def edate(day: Day, months: Whole) -> Day:
    """The same day so many months later, or the last of the month where it has none."""
    year_, month_, day_of_month = _moved(day, months)
    return serial_of_parts(year_, month_, min(day_of_month, days_in_month(year_, month_)))


@function("EOMONTH")
def eomonth(day: Day, months: Whole) -> Day:
    """The last day of the month so many months later."""
    year_, month_, _ = _moved(day, months)
    return serial_of_parts(year_, month_, days_in_month(year_, month_))


_FIRST_OF_WEEK = {1: 0, 2: 1, 3: 1, 11: 1, 12: 2, 13: 3, 14: 4, 15: 5, 16: 6, 17: 0}
"""Numbering of weekdays to the day that comes first, Sunday being 0."""


@function("WEEKDAY")
def weekday(day: Day, numbering: Whole = 1) -> Number:
    """The day of the week: from Sunday 1 on, or with numbering 2 from Monday 1 on."""
    if numbering not in _FIRST_OF_WEEK:
        raise Stop(NUM)
    place = (_serial(day) - 1 - _FIRST_OF_WEEK[numbering]) % 7
    return place if numbering == 3 else place + 1


@function("WEEKNUM")
def weeknum(day: Day, numbering: Whole = 1) -> Number:
    """The week of the year: the first one holds 1 January, or with numbering 21 the first Thursday."""
    if numbering == 21:
        return isoweeknum(day)
    if numbering not in _FIRST_OF_WEEK or numbering == 3:
        raise Stop(NUM)
    serial = _serial(day)
    first = serial_of_parts(parts_of(serial)[0], 1, 1)
    offset = (first - 1 - _FIRST_OF_WEEK[numbering]) % 7
    return (serial - first + offset) // 7 + 1


@function("ISOWEEKNUM")
def isoweeknum(day: Day) -> Number:
    """The week of the year as ISO 8601 counts it."""
    serial = _serial(day)
    # The week belongs to the year of its Thursday.
    thursday = serial - (serial - 2) % 7 + 3
    if thursday < 1:
        return 52
    first = serial_of_parts(parts_of(thursday)[0], 1, 1)
    return (thursday - first) // 7 + 1


@function("DAYS")
def days(end: Day, start: Day) -> Number:
    """How many days lie between two."""
    return _serial(end) - _serial(start)


@function("DAYS360")
def days360(start: Day, end: Day, is_european: Logical = False) -> Number:
    """How many days lie between two, where each month has thirty."""
    return days_360(parts_of(_serial(start)), parts_of(_serial(end)), is_european=is_european)


@function("YEARFRAC")
def yearfrac(start: Day, end: Day, basis: Whole = 0) -> Number:
    """The years between two days: basis 0 US 30/360, 1 actual, 2 actual/360, 3 actual/365, 4 European 30/360."""
    if not 0 <= basis <= 4:
        raise Stop(NUM)
    return year_fraction(_serial(min(start, end)), _serial(max(start, end)), basis)


@function("DATEDIF")
def datedif(start: Day, end: Day, unit: Text) -> Number:
    """The full years ("Y"), months ("M") or days ("D") between two days; "MD", "YM", "YD" leave out the larger ones."""
    first, last = _serial(start), _serial(end)
    if first > last:
        raise Stop(NUM)
    one, other = parts_of(first), parts_of(last)
    months = (other[0] - one[0]) * 12 + other[1] - one[1] - (other[2] < one[2])
    match unit.upper():
        case "D":
            return last - first
        case "M":
            return months
        case "Y":
            return months // 12
        case "YM":
            return months % 12
        case "MD":
            if other[2] >= one[2]:
                return other[2] - one[2]
            year_, month_ = divmod(other[0] * 12 + other[1] - 2, 12)
            return last - serial_of_parts(year_, month_ + 1, one[2])
        case "YD":
            start_year = other[0] if (one[1], one[2]) <= (other[1], other[2]) else other[0] - 1
            return last - serial_of_parts(start_year, one[1], one[2])
    raise Stop(NUM)
