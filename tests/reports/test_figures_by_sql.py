"""The same figures from random tables by an independent hand: SQL over whole cents."""

import sqlite3
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetcrm.reports.figures import pipeline_figures

TODAY = date(2026, 3, 18)
FIELDS = (
    *("owner", "status", "amount", "probability", "created", "last_contact"),
    *("next_due", "expected_close", "closed", "duplicate_of"),
)
# The chances of `stages` in conftest.py: a tenth, the middle, eight tenths; in ten-thousandths.
LEADS = """
CREATE VIEW lead AS SELECT *,
    status IN ('New', 'Contacted', 'Proposal') AS is_open,
    substr(coalesce(closed, expected_close), 1, 7) = '2026-03' AS this_month,
    cents * coalesce(chance, CASE status WHEN 'New' THEN 1000 WHEN 'Contacted' THEN 4500 ELSE 8000 END) AS product,
    julianday('2026-03-18') - julianday(coalesce(last_contact, created)) AS idle
FROM raw WHERE duplicate_of IS NULL
"""
COUNTS = """
SELECT coalesce(owner, ''),
    count(*) FILTER (WHERE is_open),
    count(*) FILTER (WHERE created BETWEEN '2026-03-12' AND '2026-03-18'),
    count(*) FILTER (WHERE status = 'Won' AND this_month),
    count(*) FILTER (WHERE status = 'Lost' AND this_month),
    count(*) FILTER (WHERE is_open AND next_due < '2026-03-18'),
    count(*) FILTER (WHERE is_open AND idle > 21 AND (next_due IS NULL OR next_due < '2026-03-18'))
FROM lead GROUP BY 1
"""
SUMS = """
SELECT coalesce(owner, ''), currency,
    sum(CASE WHEN is_open THEN cents END),
    sum(CASE WHEN is_open THEN product / 10000
        + (product % 10000 > 5000 OR (product % 10000 = 5000 AND product / 10000 % 2 = 1)) END),
    sum(CASE WHEN status = 'Won' AND this_month THEN cents END),
    sum(CASE WHEN status = 'Lost' AND this_month THEN cents END)
FROM lead WHERE cents IS NOT NULL GROUP BY 1, 2
"""

days = st.none() | st.integers(-60, 60).map(lambda days: TODAY + timedelta(days=days))
rows = st.lists(
    st.tuples(
        st.sampled_from([None, "Dan", "Eve", "Flo"]),
        st.sampled_from([None, "New", "Contacted", "Proposal", "Won", "Lost", "Else"]),
        st.none() | st.tuples(st.integers(0, 10**9), st.sampled_from(["EUR", "USD", "NOK"])),
        st.none() | st.integers(0, 10_000),
        *[days] * 5,
        st.sampled_from([None, None, None, "L-1"]),
    ),
    max_size=25,
)


def ask_sqlite(table):
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE TABLE raw (owner, status, cents, currency, chance, created, last_contact, next_due, expected_close,"
        " closed, duplicate_of)"
    )
    for owner, status, money, chance, *dates, duplicate_of in table:
        plain = [day and day.isoformat() for day in dates]
        database.execute(
            "INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [owner, status, *(money or (None, None)), chance, *plain, duplicate_of],
        )
    database.execute(LEADS)
    counts = {owner: tuple(numbers) for owner, *numbers in database.execute(COUNTS)}
    sums = {(owner, currency): [one or 0 for one in cents] for owner, currency, *cents in database.execute(SUMS)}
    database.close()
    return counts, sums


def cents(totals, currency):
    return next((one.amount * 100 for one in totals if one.currency == currency), 0)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=rows)
def test_owners_figures_are_those_that_sql_finds(table, make_snapshot, stages):
    values = [
        (owner, status, money and SimpleNamespace(amount=Decimal(money[0]) / 100, currency=money[1]),
         None if chance is None else chance / 10_000, *rest)
        for owner, status, money, chance, *rest in table
    ]  # fmt: skip
    figures = pipeline_figures(make_snapshot(FIELDS, values), stages, quality=50)
    counts, sums = ask_sqlite(table)
    lines = {line.who: line for line in figures.owners}

    assert {
        who: (one.open.count, one.new, one.won.count, one.lost.count, one.overdue, one.stalled)
        for who, one in lines.items()
    } == {who: numbers for who, numbers in counts.items() if any(numbers)}
    for (who, currency), expected in sums.items():
        if who in lines:
            one = lines[who]
            parts = (one.open.totals, one.weighted, one.won.totals, one.lost.totals)
            assert [cents(part, currency) for part in parts] == expected

    total = figures.total
    assert total.open.count == sum(numbers[0] for numbers in counts.values())
    assert total.overdue == sum(numbers[4] for numbers in counts.values())
    for currency in ("EUR", "USD", "NOK"):
        in_all = sum(expected[0] for (_, one), expected in sums.items() if one == currency)
        assert cents(total.open.totals, currency) == in_all
        assert sum(cents(one.open.totals, currency) for one in figures.stages) == in_all
