"""Customers by what they bought: RFM segments, the pyramid, who is at risk or dormant, and what each is worth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.funnel import YEAR
from sheetcrm.reports.purchases import Purchases

SEGMENTS = (
    *("champions", "loyal", "potential", "new", "promising", "attention", "sleeping", "at_risk", "cannot_lose"),
    *("hibernating", "lost"),
)
PYRAMID = ("top", "main", "ordinary", "scattered")
_SHARES = (1, 5, 20, 100)
_LATE = 2
_FEWEST_DAYS = 3


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer in the main currency. `revenue`, `profit`, `orders` are of the last 365 days, `total` of all time.

    `r`, `f`, `m` are quintiles from 1 to 5: 1 + floor(5 x customers strictly worse / all customers), by days since the
    last purchase, number of purchases, and their sum, all of all time.
    """

    word: str
    name: str
    orders: int
    revenue: Decimal
    total: Decimal
    profit: Decimal | None
    satisfaction: float | None
    first: date
    last: date
    days_since: int
    usual_gap: float | None
    r: int
    f: int
    m: int
    segment: str
    layer: str
    is_at_risk: bool
    is_dormant: bool
    account: int | None
    """The row of the Accounts tab, None where the customer stands in none."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All customers, the largest revenue first."""

    customers: tuple[Customer, ...]

    def segments(self) -> dict[str, int]:
        """How many customers each segment has, in their order, empty ones left out."""
        counts = Counter(one.segment for one in self.customers)
        return {name: counts[name] for name in SEGMENTS if counts[name]}

    def layers(self) -> dict[str, tuple[int, Decimal]]:
        """How many customers each layer of the pyramid has, and their revenue."""
        return {
            name: (len(some), sum((one.revenue for one in some), Decimal(0)))
            for name in PYRAMID
            if (some := [one for one in self.customers if one.layer == name])
        }


def portfolio(bought: Purchases, today: date) -> Portfolio:
    """The customers who bought something up to today.

    - *segment*: by R and FM = (F + M + 1) // 2. R 4-5: champions (FM 4-5), potential (2-3), new (R 5, FM 1), promising
      (R 4, FM 1); R 3: loyal (4-5), attention (3), sleeping (1-2); R 2: at risk (3-5), hibernating (1-2); R 1: cannot
      lose (4-5), at risk (3), lost (1-2)
    - *layer*: customers with revenue by revenue, then name: the first 1 %, up to 5 %, to 20 % (each rounded up), rest
    - *dormant*: no purchase for more than 365 days
    - *at risk*: not dormant, bought on three days or more, the last one more than twice the median gap between them ago
    """
    if bought.frame.empty:
        return Portfolio(())
    facts = _facts(bought, today)
    facts = facts.assign(r=_scores(-facts["since"]), f=_scores(facts["count"]), m=_scores(facts["total"]))
    layers = _layers(facts, bought.names)
    found = [_customer(one, bought, layers, today) for one in facts.itertuples()]
    return Portfolio(tuple(sorted(found, key=lambda one: (-one.revenue, -one.total, one.name))))


def _facts(bought: Purchases, today: date) -> pd.DataFrame:
    frame = bought.frame
    now, day = np.datetime64(today, "D"), frame["day"].to_numpy().astype("datetime64[D]")
    is_recent = day > now - np.timedelta64(YEAR.days, "D")
    plain = frame.assign(
        since=(now - day).astype(np.int64), recent=np.where(is_recent, frame["cents"], 0), is_recent=is_recent
    )
    groups = plain.groupby("customer")
    facts = groups.agg(
        since=("since", "min"), oldest=("since", "max"), count=("cents", "size"), total=("cents", "sum"),
        revenue=("recent", "sum"), orders=("is_recent", "sum"), satisfaction=("satisfaction", "mean"),
    )  # fmt: skip
    profits = plain[is_recent & plain["profit"].notna().to_numpy()].groupby("customer")["profit"].sum()
    unique = plain[["customer", "since"]].drop_duplicates().sort_values(["customer", "since"])
    gaps = unique.groupby("customer")["since"].diff().groupby(unique["customer"]).median()
    counts = unique.groupby("customer").size()
    return facts.assign(profit=profits.reindex(facts.index), gap=gaps.where(counts >= _FEWEST_DAYS))


def _scores(values: pd.Series) -> pd.Series:
    """1 + floor(5 x how many are strictly less / all)."""
    return 1 + (5 * (values.rank(method="min").astype(np.int64) - 1)) // len(values)


def _layers(facts: pd.DataFrame, names: dict[str, str]) -> dict[str, str]:
    revenue = {str(word): int(cents) for word, cents in facts["revenue"].items() if cents > 0}
    ranked = sorted(revenue, key=lambda word: (-revenue[word], names[word]))
    ends = [ceil(share * len(ranked) / 100) for share in _SHARES]
    return {
        word: next(layer for layer, end in zip(PYRAMID, ends, strict=True) if place < end)
        for place, word in enumerate(ranked)
    }


def _customer(one: Any, bought: Purchases, layers: dict[str, str], today: date) -> Customer:
    is_dormant = one.since > YEAR.days
    known_gap = _known(one.gap)
    return Customer(
        word=one.Index,
        name=bought.names[one.Index],
        orders=one.orders,
        revenue=_euros(one.revenue),
        total=_euros(one.total),
        profit=None if _known(one.profit) is None else _euros(one.profit),
        satisfaction=_known(one.satisfaction),
        first=today - timedelta(days=one.oldest),
        last=today - timedelta(days=one.since),
        days_since=one.since,
        usual_gap=known_gap,
        r=one.r,
        f=one.f,
        m=one.m,
        segment=segment_of(one.r, one.f, one.m),
        layer=layers.get(one.Index, ""),
        is_at_risk=not is_dormant and known_gap is not None and one.since > _LATE * known_gap,
        is_dormant=is_dormant,
        account=bought.accounts.get(one.Index),
    )


def _known(number: Any) -> float | None:
    return None if pd.isna(number) else float(number)


def segment_of(r: int, f: int, m: int) -> str:
    """The segment of three scores from 1 to 5."""
    fm = (f + m + 1) // 2
    if r >= 4:
        return "champions" if fm >= 4 else "potential" if fm >= 2 else "new" if r == 5 else "promising"
    if r == 3:
        return "loyal" if fm >= 4 else "attention" if fm == 3 else "sleeping"
    if r == 2:
        return "at_risk" if fm >= 3 else "hibernating"
    return "cannot_lose" if fm >= 4 else "at_risk" if fm == 3 else "lost"


def _euros(cents: Any) -> Decimal:
    return Decimal(int(cents)) / 100
