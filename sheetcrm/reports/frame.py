"""The Leads table as a pandas frame with one row per lead, and how amounts and chances are told in it.

Amounts are whole cents: Python's own integers where numpy's would not hold their sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.rates import Rates
from sheetcrm.reports.values import UNKNOWN_ORDER, Stages
from sheetcrm.schema.numbers import Money, currency_code
from sheetcrm.table import Invalid, Row, Table, identities

DAYS = ("created", "last_contact", "next_due", "expected_close", "closed")
TEXTS = ("status", "owner", "duplicate_of", "source", "product", "account", "company", "name", "forecast")
TRACKED = (
    *("status", "amount", "currency", "probability", "owner", "duplicate_of"),
    *("created", "next_due", "expected_close"),
)
"""What the past is asked for."""

NO_DAY = np.datetime64("NaT", "D")
_EPOCH = date(1970, 1, 1).toordinal()
_LARGEST = 2**62
_MOST_DIGITS = 18


def leads_frame(table: Table | None, stages: Stages, currency: str) -> pd.DataFrame:
    """One row per lead of the tab, duplicates too (`is_duplicate`), in the order of the tab.

    `i` is the row of the table, `who` its name in the history; `cents` (0 where `has_amount` is not), `currency` and
    `chance` (a Decimal or None) are as typed; days are datetime64, NaT where blank; `place` is open, won, lost or empty
    and `order` the stage's place among the open ones.
    """
    count = 0 if table is None else len(table)
    fields: dict[str, Sequence[object]] = {} if table is None else dict(table.values)
    blank: list[object] = [None] * count
    frame = typed_frame({name: fields.get(name, blank) for name in (*TEXTS, *DAYS, "amount", "probability")}, currency)
    frame.insert(0, "i", np.arange(count))
    frame["who"] = pd.Series(identities(table) if table is not None else [], dtype=object)
    return placed(frame, stages)


def typed_frame(fields: Mapping[str, Sequence[object]], currency: str) -> pd.DataFrame:
    """Typed values as columns: texts, days, cents, currency and chance; a column that is not given is left out."""
    columns: dict[str, Any] = {name: texts(fields[name]) for name in TEXTS if name in fields}
    columns |= {name: days(fields[name]) for name in DAYS if name in fields}
    if "amount" in fields:
        columns |= amounts(fields["amount"], fields.get("currency"), currency)
    if "probability" in fields:
        columns["chance"] = chances(fields["probability"])
    frame = framed(columns)
    if "duplicate_of" in frame:
        frame["is_duplicate"] = frame["duplicate_of"].to_numpy() != ""
    return frame


def framed(columns: Mapping[str, np.ndarray[Any, Any]]) -> pd.DataFrame:
    """The columns as a frame, texts as Python's own: pandas' would be checked and made anew at each step."""
    return pd.DataFrame(
        {name: pd.Series(one, dtype=object) if one.dtype == object else one for name, one in columns.items()}
    )


def amounts(
    values: Sequence[object], named: Sequence[object] | None, currency: str, count: int = 0
) -> dict[str, np.ndarray[Any, Any]]:
    """`has_amount`, `cents` and `currency` of amounts, `named` being the currencies that a column of its own names.

    `count` is how many rows they are for, where each of them may stand for several.
    """
    cents, signs = money(values, currency)
    return {
        "has_amount": np.array([one is not None for one in cents], dtype=bool),
        "cents": integers([one or 0 for one in cents], count),
        "currency": objects(_named_currencies(signs, named)),
    }


def placed(frame: pd.DataFrame, stages: Stages) -> pd.DataFrame:
    """The frame with each status' place and order; a status is told by name alone."""
    codes, names = pd.factorize(frame["status"])
    places = [stages.place(str(one)) for one in names] or [""]
    orders = [stages.order(str(one)) for one in names] or [UNKNOWN_ORDER]
    place = np.array(places, dtype=object)[codes] if len(frame) else np.array([], dtype=object)
    frame["place"] = pd.Series(place, dtype=object, index=frame.index)
    frame["order"] = np.array(orders)[codes] if len(frame) else np.array([], dtype=np.int64)
    return frame


def objects(values: Iterable[object]) -> np.ndarray[Any, Any]:
    """The values as they are, in an array."""
    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def texts(values: Sequence[object]) -> np.ndarray[Any, Any]:
    """Texts without blanks around; a cell that is blank or unreadable is empty text."""
    return objects("" if one is None else one.strip() if one.__class__ is str else _text(one) for one in values)


def _text(one: object) -> str:
    if isinstance(one, Invalid):
        return ""
    return (
        ", ".join(map(str, one)) if isinstance(one, tuple) else str(one).strip() if isinstance(one, str) else str(one)
    )


def days(values: Sequence[object]) -> np.ndarray[Any, Any]:
    """The days of dates and moments, NaT for anything else."""
    nothing = np.iinfo(np.int64).min
    # Counted from the first day of the year 1 and moved to 1970: numpy takes ten times as long to read dates.
    plain = [one.toordinal() - _EPOCH if isinstance(one, date) else nothing for one in values]
    return np.array(plain, dtype=np.int64).view("datetime64[D]")


def chances(values: Sequence[object]) -> np.ndarray[Any, Any]:
    """Shares from 0 to 1 as typed; None where there is none."""
    return objects(None if one is None else _chance(one) for one in values)


def _chance(value: object) -> Decimal | None:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else None


def integers(values: Sequence[int], count: int = 0) -> np.ndarray[Any, Any]:
    """Whole numbers, as numpy's where the sum of so many of them cannot overflow; of as many as there are for 0."""
    largest = max(map(abs, values), default=0)
    return np.array(values, dtype=np.int64) if largest * max(count or len(values), 1) < _LARGEST else objects(values)


def money(values: Sequence[object], currency: str) -> tuple[list[int | None], list[str]]:
    """Amounts in cents (half to even) with their currencies; None where there is none."""
    # A column holds equal cells as one object: each is worked out once.
    known = {number: _money(one, currency) for number, one in {id(one): one for one in values}.items()}
    found = [known[id(one)] for one in values]
    return [cents for cents, _ in found], [sign for _, sign in found]


def _money(one: object, currency: str) -> tuple[int | None, str]:
    if isinstance(one, Money):
        return _cents(one.amount), one.currency or currency
    is_number = isinstance(one, int | float | Decimal) and not isinstance(one, bool)
    return (_cents(Decimal(str(one))), currency) if is_number else (None, "")


def _cents(exact: Decimal) -> int | None:
    is_told = exact.is_finite() and exact.adjusted() < _MOST_DIGITS
    return int((exact * 100).to_integral_value(ROUND_HALF_EVEN)) if is_told else None


def _named_currencies(signs: list[str], column: Sequence[object] | None) -> list[str]:
    """The currencies that a column of its own names, where it does."""
    if column is None:
        return signs
    return [
        currency_code(other) or other.strip().upper() if sign and isinstance(other, str) and other.strip() else sign
        for sign, other in zip(signs, column, strict=True)
    ]


def priced(frame: pd.DataFrame, rates: Rates, day: date | Sequence[date | None]) -> pd.DataFrame:
    """The frame with amounts in the main currency, at the rates of the day or of each row's own."""
    if not rates.by_currency or frame.empty:
        return frame
    each = [day] * len(frame) if isinstance(day, date) else day
    known: dict[tuple[int, str, date], tuple[int, str]] = {}

    def converted(cents: int, currency: str, on: date | None) -> tuple[int, str]:
        """An amount and its currency at the rates of a day; as they are without a day or a currency."""
        if on is None or not currency:
            return cents, currency
        word = cents, currency, on
        if word not in known:
            known[word] = rates.cents(cents, currency, on)
        return known[word]

    pairs = [
        converted(int(cents), currency, on)
        for cents, currency, on in zip(frame["cents"], frame["currency"], each, strict=True)
    ]
    return frame.assign(cents=integers([one for one, _ in pairs]), currency=objects(sign for _, sign in pairs))


def weighted(frame: pd.DataFrame, chance_of: Callable[[str], Decimal]) -> np.ndarray[Any, Any]:
    """Each row's amount times its chance, to the cent (half to even), so that parts add up to the whole."""
    cents, is_open = frame["cents"].to_numpy(), frame["place"].eq("open").to_numpy()
    given, chances = pd.factorize(frame["chance"].to_numpy())
    codes, names = pd.factorize(frame["status"].to_numpy())
    found = np.zeros(len(frame), dtype=cents.dtype)
    for code, own in enumerate(chances):
        some = is_open & (given == code)
        found[some] = _share(cents[some], own)
    for code in np.unique(codes[is_open & (given < 0)]).tolist():
        some = is_open & (given < 0) & (codes == code)
        found[some] = _share(cents[some], chance_of(names[code]))
    return integers(found.tolist())


def _share(cents: np.ndarray[Any, Any], chance: Decimal) -> np.ndarray[Any, Any]:
    """Amounts times a chance, rounded half to even: by whole numbers, or by Decimal where those would overflow."""
    part, whole = chance.as_integer_ratio()
    if cents.dtype == object or int(np.abs(cents).max(initial=0)) * part * 2 >= _LARGEST or whole >= _LARGEST:
        return objects(int((int(one) * chance).to_integral_value(ROUND_HALF_EVEN)) for one in cents)
    below, rest = np.divmod(cents * part, whole)
    rounded: np.ndarray[Any, Any] = below + ((2 * rest > whole) | ((2 * rest == whole) & (below % 2 == 1)))
    return rounded


def touched_cell(table: Table, i: int, *fields: str) -> str:
    """The address of the first of these cells that holds something; empty where none does."""
    field = next((one for one in fields if one in table.columns and Row(table, i)[one] is not None), None)
    return table.cell(i, field) if field else ""
