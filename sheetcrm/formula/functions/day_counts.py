"""Years and months as banks count them."""

from __future__ import annotations

from calendar import isleap

from sheetcrm.formula.dates import days_in_month, parts_of, serial_of_parts

Parts = tuple[int, int, int]


def days_360(start: Parts, end: Parts, *, is_european: bool) -> int:
    """The days between two, where each month has thirty: by the European rule, or by that of US dealers (NASD)."""
    (y1, m1, d1), (y2, m2, d2) = start, end
    if is_european:
        d1, d2 = min(d1, 30), min(d2, 30)
    else:
        if d1 == days_in_month(y1, m1):
            d1 = 30
        if d2 == 31:
            if d1 < 30:
                d2, m2 = 1, m2 + 1
            else:
                d2 = 30
    return (y2 - y1) * 360 + (m2 - m1) * 30 + d2 - d1


def _us_30_360(start: Parts, end: Parts) -> int:
    (y1, m1, d1), (y2, m2, d2) = start, end
    starts_at_end = m1 == 2 and d1 == days_in_month(y1, m1)
    if starts_at_end and m2 == 2 and d2 == days_in_month(y2, m2):
        d2 = 30
    if starts_at_end:
        d1 = 30
    if d2 == 31 and d1 >= 30:
        d2 = 30
    d1 = min(d1, 30)
    return (y2 - y1) * 360 + (m2 - m1) * 30 + d2 - d1


def year_fraction(first: int, last: int, basis: int) -> float:
    """The years between two serial numbers, the earlier one first, on one of Excel's five bases."""
    start, end = parts_of(first), parts_of(last)
    match basis:
        case 0:
            return _us_30_360(start, end) / 360
        case 1:
            return (last - first) / _average_year(start, end) if last > first else 0.0
        case 2:
            return (last - first) / 360
        case 3:
            return (last - first) / 365
    return days_360(start, end, is_european=True) / 360


def _average_year(start: Parts, end: Parts) -> float:
    (y1, m1, d1), (y2, m2, d2) = start, end
    if y1 == y2:
        return 366.0 if isleap(y1) else 365.0
    if y2 == y1 + 1 and (m1, d1) >= (m2, d2):
        has_leap_day = (isleap(y1) and (m1, d1) <= (2, 29)) or (isleap(y2) and (m2, d2) >= (2, 29))
        return 366.0 if has_leap_day else 365.0
    return (serial_of_parts(y2 + 1, 1, 1) - serial_of_parts(y1, 1, 1)) / (y2 - y1 + 1) if y2 < 9999 else 365.2425
