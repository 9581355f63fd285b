"""What to offer to whom: customers who bought A, like those who bought A and B, and have no B yet."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations

import pandas as pd

from sheetcrm.reports.purchases import Purchases

FEWEST = 3
MOST = 50
_WIDEST = 60
"""Products of one customer beyond which it says nothing about taste: a reseller buys everything."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A customer who has `because` and should be offered `product`: `share` of those with the one have the other."""

    word: str
    customer: str
    product: str
    because: str
    both: int
    share: float
    lift: float
    worth: Decimal
    """The mean amount of a purchase of the product."""


def offers(bought: Purchases) -> tuple[Offer, ...]:
    """The best offer for each customer, the most promising fifty, by share x worth.

    A rule A to B holds where at least three customers have both and those with A have B more often than customers at
    large (lift above 1). Never what the customer owns. Of several rules for a customer the one of the largest share
    counts, then lift, then the products' names. Customers with more than sixty products tell nothing of the others, and
    do not count in shares. Nothing without a column Product.
    """
    frame = bought.frame[bought.frame["product"].ne("").to_numpy()]
    baskets = {str(who): set(some) for who, some in frame.groupby("customer")["product"]}
    rules = _rules({who: basket for who, basket in baskets.items() if len(basket) <= _WIDEST})
    if not rules:
        return ()
    worth = frame.groupby("product")["cents"].mean()
    found = [best for who, basket in baskets.items() if (best := _best(who, basket, rules, worth, bought.names))]
    return tuple(sorted(found, key=lambda one: (-Decimal(one.share) * one.worth, one.customer, one.product))[:MOST])


Rule = tuple[str, int, float, float]
"""B, how many have both, the share of those with A, the lift."""


def _rules(baskets: dict[str, set[str]]) -> dict[str, list[Rule]]:
    holders = Counter(product for basket in baskets.values() for product in basket)
    pairs: Counter[tuple[str, str]] = Counter()
    for basket in baskets.values():
        pairs.update(permutations(sorted(basket), 2))
    rules: dict[str, list[Rule]] = {}
    for (a, b), both in pairs.items():
        share = both / holders[a]
        lift = share * len(baskets) / holders[b]
        if both >= FEWEST and both * len(baskets) > holders[a] * holders[b]:
            rules.setdefault(a, []).append((b, both, share, lift))
    return rules


def _best(
    who: str, basket: set[str], rules: dict[str, list[Rule]], worth: pd.Series, names: dict[str, str]
) -> Offer | None:
    open_ = [(a, *rule) for a in basket for rule in rules.get(a, ()) if rule[0] not in basket]
    if not open_:
        return None
    a, b, both, share, lift = min(open_, key=lambda one: (-one[3], -one[4], one[1], one[0]))
    return Offer(
        who, names[who], b, a, both, share, lift, (Decimal(repr(float(worth[b]))) / 100).quantize(Decimal("0.01"))
    )
