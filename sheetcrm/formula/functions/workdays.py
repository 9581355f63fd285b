"""Working days: weekends and holidays left out."""

from __future__ import annotations

from sheetcrm.formula.context import Context
from sheetcrm.formula.dates import LAST_SERIAL
from sheetcrm.formula.registry import Day, Number, Scalar, Values, Whole, function
from sheetcrm.formula.values import NUM, VALUE, Array, Stop, Value
from sheetcrm.table import CellError

Weekend = frozenset[int]
"""Days off, Monday being 0."""

_PAIRS = {i: frozenset({(i + 4) % 7, (i + 5) % 7}) for i in range(1, 8)}
_SINGLES = {i: frozenset({(i - 5) % 7}) for i in range(11, 18)}
_BY_NUMBER: dict[int, Weekend] = {**_PAIRS, **_SINGLES}


def _weekend(context: Context, told: Value) -> Weekend:
    if told is None:
        return _BY_NUMBER[1]
    if type(told) is str:
        if len(told) != 7 or set(told) - {"0", "1"}:
            raise Stop(VALUE)
        return frozenset(i for i, sign in enumerate(told) if sign == "1")
    number = context.whole(told)
    if number not in _BY_NUMBER:
        raise Stop(NUM)
    return _BY_NUMBER[number]


def _weekday(serial: int) -> int:
    return (serial - 2) % 7


def _holidays(context: Context, told: Value) -> frozenset[int]:
    if type(told) is not Array:
        return frozenset() if told is None else frozenset({context.whole(told)})
    if "holidays" not in told.cache:
        days = set()
        for cell in told.flat:
            if type(cell) is CellError:
                raise Stop(cell)
            if cell is not None:
                days.add(context.whole(cell))
        told.cache["holidays"] = frozenset(days)
    found: frozenset[int] = told.cache["holidays"]
    return found


def _day(day: float) -> int:
    if not 0 <= day < LAST_SERIAL + 1:
        raise Stop(NUM)
    return int(day)


def _between(context: Context, start: int, end: int, weekend: Weekend, holidays: frozenset[int]) -> int:
    """Working days from one day to another, both included; negative where the end comes first."""
    if start > end:
        return -_between(context, end, start, weekend, holidays)
    weeks, rest = divmod(end - start + 1, 7)
    working = weeks * (7 - len(weekend)) + sum(_weekday(start + i) not in weekend for i in range(rest))
    context.spend(len(holidays))
    return working - sum(start <= one <= end and _weekday(one) not in weekend for one in holidays)


@function("NETWORKDAYS")
def networkdays(context: Context, start: Day, end: Day, holidays: Values = None) -> Number:
    """How many working days lie between two days, both included."""
    return _between(context, _day(start), _day(end), _BY_NUMBER[1], _holidays(context, holidays))


@function("NETWORKDAYS.INTL")
def networkdays_intl(context: Context, start: Day, end: Day, weekend: Scalar = None, holidays: Values = None) -> Number:
    """As NETWORKDAYS; the weekend is a number (1 Saturday and Sunday, 11 Sunday only) or seven signs, "0000011"."""
    return _between(context, _day(start), _day(end), _weekend(context, weekend), _holidays(context, holidays))


def _moved(context: Context, start: int, days: int, weekend: Weekend, holidays: frozenset[int]) -> float:
    if len(weekend) == 7:
        raise Stop(VALUE)
    step = 1 if days > 0 else -1
    left = abs(days)
    if left > LAST_SERIAL:
        raise Stop(NUM)
    serial = start
    if not holidays and left > 14:
        # Whole weeks need no look at each day.
        weeks, left = divmod(left - 7, 7 - len(weekend))
        serial += step * weeks * 7
        left += 7
    context.spend(left)
    while left:
        serial += step
        if not 0 <= serial <= LAST_SERIAL:
            raise Stop(NUM)
        left -= _weekday(serial) not in weekend and serial not in holidays
    return float(serial)


@function("WORKDAY")
def workday(context: Context, start: Day, days: Whole, holidays: Values = None) -> Day:
    """The day so many working days later, or earlier where negative."""
    return _moved(context, _day(start), days, _BY_NUMBER[1], _holidays(context, holidays))


@function("WORKDAY.INTL")
def workday_intl(context: Context, start: Day, days: Whole, weekend: Scalar = None, holidays: Values = None) -> Day:
    """As WORKDAY, with a weekend as in NETWORKDAYS.INTL."""
    return _moved(context, _day(start), days, _weekend(context, weekend), _holidays(context, holidays))
