"""What the work on one formula knows beside the cells: the moment, the country, and how much it may do."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sheetcrm.errors import FormulaError
from sheetcrm.formula.dates import serial_of
from sheetcrm.formula.locale import ENGLISH, Locale
from sheetcrm.formula.reading import number_of_text
from sheetcrm.formula.values import LONGEST_TEXT, NA, NUM, VALUE, Array, Stop, Value
from sheetcrm.table import CellError

MOST_WORK = 20_000_000
"""Looks at single cells that one evaluation may take beyond one for each row."""


class Context:
    """The frozen moment, the country, and Excel's conversions from one type to another. Conversions raise Stop."""

    def __init__(self, now: date, locale: Locale = ENGLISH, most_work: int = MOST_WORK) -> None:
        moment = now if isinstance(now, datetime) else datetime(now.year, now.month, now.day)  # noqa: DTZ001
        self.now = serial_of(moment)
        self.year = now.year
        self.locale = locale
        self.work = 0
        self.tests: dict[str, Any] = {}
        """Criteria understood so far; see `criteria`."""
        self._most_work = most_work

    def spend(self, looks: int) -> None:
        """Counts work done. Raises FormulaError where it is more than one evaluation may take."""
        self.work += looks
        if self.work > self._most_work:
            raise too_much_work(self.work)

    def foresee(self, before: int, done: int, rows: int) -> None:
        """Raises FormulaError where all rows would be too much, judged by the work on the first two."""
        each = self.work - before
        # The first row may pay for what all share; the second tells what each costs.
        if done == 2 or (done == 1 and each * rows > 10 * self._most_work):
            looks = self.work + each * (rows - done)
            if looks > self._most_work:
                raise too_much_work(looks)

    def number(self, value: Value) -> float:
        """A value as a number: blank is 0, TRUE is 1, text is read."""
        kind = type(value)
        if kind is float:
            return float(value)
        if value is None:
            return 0.0
        if kind is bool:
            return 1.0 if value else 0.0
        if kind is str:
            number = number_of_text(value, self.locale, self.year)
            if number is None:
                raise Stop(VALUE)
            return number
        raise _stop(value)

    def whole(self, value: Value) -> int:
        """A value as a whole number, its fraction cut off."""
        number = self.number(value)
        if abs(number) > 1e300:
            raise Stop(NUM)
        return int(number)

    def text(self, value: Value) -> str:
        """A value as text: blank is empty, numbers as they stand in a cell of endless width."""
        if type(value) is str:
            return value
        if value is None:
            return ""
        if type(value) is float:
            return self.text_of_number(value)
        if type(value) is bool:
            return "TRUE" if value else "FALSE"
        raise _stop(value)

    def text_of_number(self, number: float) -> str:
        """A number to 15 digits, with the country's decimal sign."""
        shown = general(number)
        return shown if self.locale.decimal == "." else shown.replace(".", self.locale.decimal)

    def logical(self, value: Value) -> bool:
        """A value as TRUE or FALSE: numbers but 0 are TRUE; of texts only "TRUE" and "FALSE" are read."""
        kind = type(value)
        if kind is bool:
            return bool(value)
        if value is None:
            return False
        if kind is float:
            return bool(value != 0)
        if kind is str:
            if value.upper() in {"TRUE", "FALSE"}:
                return bool(value.upper() == "TRUE")
            raise Stop(VALUE)
        raise _stop(value)


def general(number: float) -> str:
    """A number to 15 digits: 1234.5, 1E+20, 0.00001."""
    if number == 0:
        return "0"
    if number.is_integer() and abs(number) < 1e15:
        return str(int(number))
    shown = f"{number:.15g}"
    mantissa, mark, exponent = shown.partition("e")
    if not mark:
        return shown
    power = int(exponent)
    if abs(power) > 98:
        # A third digit of the exponent costs one of the fifteen, so that the whole stays within twenty signs.
        mantissa, mark, exponent = f"{number:.14g}".partition("e")
        power = int(exponent or 0)
    if power < 0:
        # Excel writes small numbers out as long as they fit into twenty signs.
        digits = mantissa.lstrip("-").replace(".", "")
        if len(digits) - power + 1 <= 20:
            return f"{'-' if number < 0 else ''}0.{'0' * (-power - 1)}{digits}"
    elif power < 20:
        digits = mantissa.lstrip("-").replace(".", "")
        return f"{'-' if number < 0 else ''}{digits.ljust(power + 1, '0')}"
    return f"{mantissa}E{'+' if power > 0 else '-'}{abs(power):02d}"


def limited(text: str) -> str:
    """The text, if a cell can hold it. Raises Stop."""
    if len(text) > LONGEST_TEXT:
        raise Stop(VALUE)
    return text


def too_much_work(looks: int) -> FormulaError:
    """The refusal of a formula that would look at too many cells."""
    return FormulaError(
        f"The formula would look at {looks:,} cells and more: whole columns anew for each row.",
        "Use COUNTIFS, SUMIFS or XLOOKUP, which find rows by an index.",
    )


def _stop(value: Value) -> Stop:
    if type(value) is CellError:
        return Stop(value)
    return Stop(VALUE if type(value) is Array else NA)
