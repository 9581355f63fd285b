"""Days as serial numbers, with the 29 February 1900 that Excel inherited and never was."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sheetcrm.formula.values import NUM, Stop

LAST_SERIAL = 2958465
"""31 December 9999."""
_EPOCH = date(1899, 12, 30).toordinal()
_FAKE_LEAP_DAY = 60


def serial_of(moment: date) -> float:
    """The serial number of a day or moment: 43831.0 for 1 January 2020, with the time of day as fraction."""
    serial = moment.toordinal() - _EPOCH
    if serial <= _FAKE_LEAP_DAY:
        serial -= 1
    if isinstance(moment, datetime):
        return serial + fraction_of(moment.time())
    return float(serial)


def fraction_of(clock: time) -> float:
    """A time of day as part of the day."""
    return (clock.hour * 3600 + clock.minute * 60 + clock.second + clock.microsecond / 1e6) / 86400


def moment_of(serial: float) -> datetime:
    """The moment of a serial number, to the second; the day that never was reads as the one before."""
    whole = int(serial)
    seconds = round((serial - whole) * 86400)
    days = whole + (1 if whole < _FAKE_LEAP_DAY else 0)
    return datetime(1899, 12, 30) + timedelta(days=days, seconds=seconds)  # noqa: DTZ001 -- cells know no zones


def day_of(serial: float) -> date:
    """The day of a serial number, whose time of day is left out."""
    return moment_of(float(int(serial))).date()


def parts_of(serial: float) -> tuple[int, int, int]:
    """Year, month and day as Excel tells them: serial 0 is 0 January 1900, 60 is 29 February 1900."""
    whole = int(serial)
    if not 0 <= whole <= LAST_SERIAL:
        raise Stop(NUM)
    if whole == 0:
        return 1900, 1, 0
    if whole == _FAKE_LEAP_DAY:
        return 1900, 2, 29
    day = day_of(whole)
    return day.year, day.month, day.day


def serial_of_parts(year: int, month: int, day: int) -> int:
    """The serial number of a year, month and day, which may lie outside the month or year. Raises Stop."""
    months = year * 12 + month - 1
    year, month = divmod(months, 12)
    if not 1900 <= year <= 9999:
        # Months may lead out of the range only to be led back by days: Excel refuses these as well.
        raise Stop(NUM)
    serial = int(serial_of(date(year, month + 1, 1))) + day - 1
    if not 0 <= serial <= LAST_SERIAL:
        raise Stop(NUM)
    return serial


def days_in_month(year: int, month: int) -> int:
    """The number of days of a month; February 1900 has 29."""
    if (year, month) == (1900, 2):
        return 29
    following = date(year + month // 12, month % 12 + 1, 1) if (year, month) != (9999, 12) else None
    return 31 if following is None else (following - timedelta(days=1)).day
