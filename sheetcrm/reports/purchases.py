"""What customers bought: the Orders tab, or lacking one the leads won."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from sheetcrm.reports.basis import Basis
from sheetcrm.reports.frame import days, integers, money, objects, texts
from sheetcrm.schema.fields import normal
from sheetcrm.table import Invalid, Table

COLUMNS = ("customer", "day", "cents", "product", "profit", "satisfaction", "tab", "i")


@dataclass(frozen=True)
class Purchases:
    """One row per purchase in the main currency, days up to today: `customer` is how the name is compared.

    `names` tells how each is called, `accounts` the row of the Accounts tab where there is one.
    """

    frame: pd.DataFrame
    names: dict[str, str]
    accounts: dict[str, int]


def purchases_of(basis: Basis) -> Purchases:
    """All purchases up to today; those without customer, day or amount in the main currency are left out."""
    orders = basis.snapshot.table("Orders")
    has_orders = orders is not None and {"day", "amount"} <= orders.values.keys()
    frame = _orders(basis, orders) if orders is not None and has_orders else _won(basis)
    people = Customers(basis.snapshot.table("Accounts"))
    words = [people.find(account, company) for account, company in zip(frame["account"], frame["company"], strict=True)]
    frame = frame.assign(customer=objects(words))
    day = frame["day"].to_numpy().astype("datetime64[D]")
    kept = frame[(frame["customer"].to_numpy() != "") & (day <= np.datetime64(basis.today, "D")) & frame["is_priced"]]
    there = set(kept["customer"])
    names = {word: name for word, name in people.names.items() if word in there}
    accounts = {word: people.accounts[word] for word in names if word in people.accounts}
    return Purchases(kept[list(COLUMNS)].reset_index(drop=True), names, accounts)


class Customers:
    """Finds the customer that a cell means: an account by its key or company, else the company itself."""

    def __init__(self, accounts: Table | None) -> None:
        self.names: dict[str, str] = {}
        self.accounts: dict[str, int] = {}
        self._words: dict[str, str] = {}
        for row in accounts or ():
            name, key = row.text("company").strip() or row.text("name").strip(), row.key
            word = normal(name) or normal(key)
            if not word or row.text("duplicate_of").strip():
                continue
            for other in (normal(key), word):
                self._words.setdefault(other, word)
            if word not in self.accounts:
                self.accounts[word], self.names[word] = row.i, name or key

    def find(self, *cells: str) -> str:
        """The word by which the customer is known that the first filled cell means; empty where all are blank."""
        for cell in cells:
            if cell and (word := normal(cell)):
                found = self._words.get(word, word)
                self.names.setdefault(found, cell)
                return found
        return ""


def _orders(basis: Basis, table: Table) -> pd.DataFrame:
    blank: list[object] = [None] * len(table)
    fields = {name: table.values.get(name, blank) for name in ("account", "company", "product", "day", "satisfaction")}
    day = days(fields["day"]).tolist()
    cents, signs = _priced(basis, table, "amount", day)
    costs, cost_signs = _priced(basis, table, "cost", day)
    profits, profit_signs = _priced(basis, table, "profit", day)
    main = basis.currency
    profit = [
        p if p is not None and ps == main else a - c if c is not None and a is not None and cs == main else None
        for a, c, cs, p, ps in zip(cents, costs, cost_signs, profits, profit_signs, strict=True)
    ]
    return pd.DataFrame(
        {
            "account": texts(fields["account"]),
            "company": texts(fields["company"]),
            "day": days(fields["day"]),
            "cents": integers([one or 0 for one in cents]),
            "is_priced": [one is not None and sign == main for one, sign in zip(cents, signs, strict=True)],
            "product": texts(fields["product"]),
            "profit": objects(profit),
            "satisfaction": [_number(one) for one in fields["satisfaction"]],
            "tab": "Orders",
            "i": np.arange(len(table)),
        }
    )


def _priced(basis: Basis, table: Table, field: str, day: Sequence[date | None]) -> tuple[list[int | None], list[str]]:
    values = table.values.get(field, [None] * len(table))
    cents, signs = money(values, basis.snapshot.currency or basis.currency)
    prices, found = [], []
    for amount, sign, on in zip(cents, signs, day, strict=True):
        price, own = basis.rates.cents(amount, sign, on) if amount is not None and on is not None else (amount, sign)
        prices.append(price)
        found.append(own)
    return prices, found


def _won(basis: Basis) -> pd.DataFrame:
    won = basis.leads[basis.leads["place"].eq("won").to_numpy()]
    is_priced = won["has_amount"].to_numpy(dtype=bool) & won["currency"].eq(basis.currency).to_numpy()
    plain = won[["account", "company", "cents", "product", "i"]].assign(
        day=won["settled"], is_priced=is_priced, profit=None, satisfaction=np.nan, tab="Leads"
    )
    return plain.assign(company=np.where(plain["company"].ne(""), plain["company"], won["name"]))


def _number(value: object) -> float:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool | Invalid)
    return float(value) if is_number else float("nan")  # type: ignore[arg-type]
