"""Sums of whole columns are those of each row reckoned alone, to the cent."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.reports.frame import framed, integers, objects, weighted
from sheetcrm.reports.leadlines import by_amount

CENTS = st.one_of(st.integers(-1000, 1000), st.integers(-(10**13), 10**13), st.integers(10**18, 10**20))
CHANCES = st.sampled_from(
    [None, Decimal("0.5"), Decimal("0.1111"), Decimal("0.05"), Decimal(1), Decimal("0.123456789")]
)
ROWS = st.lists(
    st.tuples(
        CENTS, CHANCES, st.sampled_from(["New", "Proposal", "Won"]), st.sampled_from(["EUR", "USD", ""]), st.booleans()
    ),
    max_size=8,
)
OWN = {"New": Decimal("0.1"), "Proposal": Decimal("0.5667")}


def frame_of(rows) -> pd.DataFrame:
    cents, chances, statuses, currencies, known = zip(*rows, strict=True) if rows else ((),) * 5
    places = ["won" if one == "Won" else "open" for one in statuses]
    return framed(
        {
            "cents": integers(cents),
            "chance": objects(chances),
            "status": objects(statuses),
            "place": objects(places),
            "currency": objects(currencies),
            "has_amount": np.array(known, dtype=bool),
        }
    )


@given(ROWS)
def test_each_row_weighs_its_amount_times_its_chance_rounded_half_to_even(rows):
    expected = [
        0
        if status == "Won"
        else int((cents * (OWN[status] if chance is None else chance)).to_integral_value(ROUND_HALF_EVEN))
        for cents, chance, status, _, _ in rows
    ]
    assert weighted(frame_of(rows), OWN.__getitem__).tolist() == expected


@given(ROWS)
def test_the_main_currency_comes_first_then_the_largest_and_equal_ones_as_they_stood(rows):
    def rank(i):
        cents, _, _, currency, is_known = rows[i]
        return not is_known, currency != "EUR", currency if is_known else "", -cents if is_known else 0

    assert by_amount(frame_of(rows), "EUR").index.tolist() == sorted(range(len(rows)), key=rank)
