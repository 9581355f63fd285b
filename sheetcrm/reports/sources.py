"""Where leads and orders come from, what that cost, and what it brought: first and last touch of the last 365 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from sheetcrm.reports.basis import Basis
from sheetcrm.reports.frame import money, objects
from sheetcrm.reports.funnel import YEAR, lead_words
from sheetcrm.schema.fields import normal
from sheetcrm.schema.kinds import as_day

UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source or campaign in the last 365 days.

    `leads` came in that time with it as first touch; `first` and `last` count the orders won in that time whose first
    or last touch it was, with their amounts in the main currency; `cost` is what the Campaigns tab names, None where
    it names nothing.
    """

    name: str
    leads: int
    first: int
    first_amount: Decimal
    last: int
    last_amount: Decimal
    cost: Decimal | None

    @property
    def roi(self) -> float | None:
        """(amount won by first touch - cost) / cost; None without cost."""
        return float((self.first_amount - self.cost) / self.cost) if self.cost else None

    @property
    def cost_per_lead(self) -> Decimal | None:
        """Cost divided by leads; None without either."""
        return (self.cost / self.leads).quantize(Decimal("0.01")) if self.cost is not None and self.leads else None


def source_lines(basis: Basis) -> tuple[SourceLine, ...]:
    """Every source and campaign, the one that won most by first touch first.

    The first touch is the lead's Source, lacking that the campaign of its earliest Activity that names one. The last
    touch is the campaign of its latest Activity up to the day it was won; where none names any, the first touch.
    """
    leads = _touched(basis)
    came = leads[_lately(basis, leads["entered"])]
    won = leads[_lately(basis, leads["settled"]) & leads["place"].eq("won").to_numpy()]
    costs = _costs(basis)
    used = [*came["first"].unique(), *won["first"].unique(), *won["last"].unique()]
    names = _one_name_each([*used, *costs])
    counts = _grouped(came, "first", basis.currency, names), _grouped(won, "first", basis.currency, names)
    last_counts = _grouped(won, "last", basis.currency, names)
    spent: dict[str, Decimal] = {}
    for name, cost in costs.items():
        spent[names[normal(name)]] = spent.get(names[normal(name)], Decimal(0)) + cost
    none = 0, Decimal(0)
    lines = [
        SourceLine(
            name,
            counts[0].get(name, none)[0],
            *counts[1].get(name, none),
            *last_counts.get(name, none),
            spent.get(name),
        )
        for name in dict.fromkeys(names.values())
    ]
    return tuple(sorted(lines, key=lambda one: (-one.first_amount, -one.leads, one.name)))


def came_from(basis: Basis, name: str) -> pd.DataFrame:
    """The leads that a source's line counts: those of the last 365 days with that first touch."""
    leads = _touched(basis)
    is_its = np.array([normal(one) == normal(name) for one in leads["first"]], dtype=bool)
    found: pd.DataFrame = leads[is_its & _lately(basis, leads["entered"])]
    return found


def _touched(basis: Basis) -> pd.DataFrame:
    """The leads with the `first` and the `last` touch of each."""
    leads = basis.leads
    firsts, lasts = _touches(basis)
    rows, first = leads["row"].tolist(), leads["source"].to_numpy()
    if firsts:
        first = objects(own or firsts.get(row, UNKNOWN) for row, own in zip(rows, first.tolist(), strict=True))
    last = objects(lasts.get(row, own) for row, own in zip(rows, first, strict=True)) if lasts else first
    return leads.assign(first=first, last=last)


def _lately(basis: Basis, days: pd.Series) -> np.typing.NDArray[np.bool_]:
    """Which of the days lie within the last 365."""
    start, end = (np.datetime64(one, "D") for one in (basis.today - YEAR, basis.today))
    values = days.to_numpy().astype("datetime64[D]")
    return np.asarray((values > start) & (values <= end), np.bool_)


def _one_name_each(names: list[str]) -> dict[str, str]:
    """Each name as first written, by how names are compared: `Web` and `web` are one."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(normal(name), name)
    return found


def _grouped(frame: pd.DataFrame, by: str, main: str, names: Mapping[str, str]) -> dict[str, tuple[int, Decimal]]:
    own = frame["has_amount"].to_numpy(dtype=bool) & frame["currency"].eq(main).to_numpy()
    plain = pd.DataFrame({"name": frame[by], "cents": frame["cents"].where(own, 0)})
    found: dict[str, tuple[int, Decimal]] = {}
    for one, size, cents in plain.groupby("name")["cents"].agg(["size", "sum"]).itertuples():
        name = names[normal(one)]
        count, total = found.get(name, (0, Decimal(0)))
        found[name] = count + int(size), total + Decimal(int(cents)) / 100
    return found


def _touches(basis: Basis) -> tuple[dict[int, str], dict[int, str]]:
    """For each lead, by its row in the past, the campaigns of its first and of its last Activity that names one."""
    log = basis.snapshot.table("Activities")
    if log is None or not {"lead", "day", "source"} <= log.values.keys():
        return {}, {}
    words = lead_words(basis)
    until: dict[int, date] = {
        row: day
        for row, day in zip(
            basis.leads["row"], basis.leads["settled"].to_numpy().astype("datetime64[D]").tolist(), strict=True
        )
        if isinstance(day, date)
    }
    first: dict[int, tuple[date, str]] = {}
    last: dict[int, tuple[date, str]] = {}
    for lead, value, source in zip(*(log.values[name] for name in ("lead", "day", "source")), strict=True):
        day, row = as_day(value), words.get(normal(lead)) if isinstance(lead, str) else None
        if row is None or day is None or not isinstance(source, str) or not source.strip():
            continue
        if row not in first or day < first[row][0]:
            first[row] = day, source.strip()
        if day <= until.get(row, date.max) and (row not in last or day >= last[row][0]):
            last[row] = day, source.strip()
    return {row: name for row, (_, name) in first.items()}, {row: name for row, (_, name) in last.items()}


def _costs(basis: Basis) -> dict[str, Decimal]:
    """What each campaign cost in the last 365 days, in the main currency; rows without a date count as well."""
    table = basis.snapshot.table("Campaigns")
    if table is None or "cost" not in table.values:
        return {}
    cents, signs = money(table.values["cost"], basis.snapshot.currency or basis.currency)
    found: dict[str, Decimal] = {}
    for row in table:
        name, amount, day = row.text("name").strip(), cents[row.i], as_day(row["day"])
        if not name or amount is None or (day and not basis.today - YEAR < day <= basis.today):
            continue
        price, sign = basis.rates.cents(amount, signs[row.i], day or basis.today)
        if sign == basis.currency:
            found[name] = found.get(name, Decimal(0)) + Decimal(price) / 100
    return found
