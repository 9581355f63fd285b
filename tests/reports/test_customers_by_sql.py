"""Customers, sources and offers equal what SQL finds by their definitions, on the examples and on made orders."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest
from asked_of_sql import SETTLED, Sql
from drawn_tables import grid
from made_past import basis, example, read_on

from sheetcrm.reports.changes import changes_of
from sheetcrm.reports.crossing import offers
from sheetcrm.reports.customers import portfolio, segment_of
from sheetcrm.reports.funnel import cohorts
from sheetcrm.reports.periods import Period
from sheetcrm.reports.purchases import purchases_of
from sheetcrm.reports.sources import source_lines
from sheetcrm.schema.fields import StageNames, normal
from sheetcrm.table import Grid

MONDAY = date(2026, 3, 2)
LEADS = grid("Leads", "Lead ID|Company|Status|Amount|Created\nL-1|Firm 1|New|5|@2026-02-01")


@pytest.fixture(params=["wholesaler.xlsx", "grosshandel.xlsx"], scope="module")
def book(request):
    return example(request.param)


def orders(count, seed=3, firms=30):
    """Orders of so many customers and eight products; some without a day or an amount."""
    dice = Random(seed)
    rows = [
        [
            f"Firm {dice.randrange(firms)}",
            None if dice.random() < 0.05 else MONDAY - timedelta(days=dice.randrange(900)),
            f"Item {chr(65 + min(dice.randrange(8), dice.randrange(8)))}",
            None if dice.random() < 0.05 else dice.randrange(100, 90_000) / 100,
            dice.choice([None, dice.randrange(1, 40)]),
        ]
        for _ in range(count)
    ]
    return Grid("Orders", [["Customer", "Date", "Product", "Amount", "Cost"], *rows]), rows


def bought(tab):
    """What the report of 2 March finds in a tab of orders."""
    return purchases_of(basis(read_on([("2026-03-02", [LEADS, tab])])))


def asked(rows):
    sql = Sql(read_on([("2026-03-02", [LEADS])]))
    sql.db.execute("CREATE TABLE purchase (who TEXT, day DATE, product TEXT, cents BIGINT, cost BIGINT)")
    plain = [
        [who, day, product, round(amount * 100), None if cost is None else cost * 100]
        for who, day, product, amount, cost in rows
        if day is not None and amount is not None
    ]
    sql.insert("purchase", ["who", "day", "product", "cents", "cost"], plain)
    return sql


def test_scores_segments_revenue_and_profit_are_what_sql_finds():
    tab, rows = orders(400)
    found = portfolio(bought(tab), date(2026, 3, 2)).customers
    expected = asked(rows).ask("""
        WITH facts AS (SELECT who, max(day) AS last, count(*) AS orders, sum(cents) AS total,
            coalesce(sum(cents) FILTER (day > DATE '2026-03-02' - INTERVAL 365 DAY), 0) AS revenue,
            sum(cents - cost) FILTER (day > DATE '2026-03-02' - INTERVAL 365 DAY) AS profit
            FROM purchase GROUP BY 1)
        SELECT who, revenue, total, profit, last,
          1 + 5 * (SELECT count(*) FROM facts o WHERE o.last < f.last) // (SELECT count(*) FROM facts),
          1 + 5 * (SELECT count(*) FROM facts o WHERE o.orders < f.orders) // (SELECT count(*) FROM facts),
          1 + 5 * (SELECT count(*) FROM facts o WHERE o.total < f.total) // (SELECT count(*) FROM facts)
        FROM facts f ORDER BY revenue DESC, total DESC, who""")
    assert [
        (one.name, one.revenue * 100, one.total * 100, None if one.profit is None else one.profit * 100, one.last)
        for one in found
    ] == [row[:5] for row in expected]
    assert [(one.r, one.f, one.m) for one in found] == [row[5:] for row in expected]
    assert all(one.segment == segment_of(one.r, one.f, one.m) for one in found)


def test_the_layers_of_the_pyramid_are_what_sql_finds():
    tab, rows = orders(400, seed=7, firms=150)
    found = portfolio(bought(tab), date(2026, 3, 2))
    expected = asked(rows).ask("""
        WITH revenue AS (SELECT who, sum(cents) FILTER (day > DATE '2026-03-02' - INTERVAL 365 DAY) AS cents
            FROM purchase GROUP BY 1),
        ranked AS (SELECT who, cents, count(*) OVER () AS n, row_number() OVER (ORDER BY cents DESC, who) AS place
            FROM revenue WHERE cents > 0)
        SELECT who, cents, CASE WHEN place <= (n + 99) // 100 THEN 'top' WHEN place <= (5 * n + 99) // 100 THEN 'main'
            WHEN place <= (20 * n + 99) // 100 THEN 'ordinary' ELSE 'scattered' END FROM ranked""")
    assert {one.name: one.layer for one in found.customers if one.layer} == {who: layer for who, _, layer in expected}
    for layer, (count, revenue) in found.layers().items():
        assert (count, revenue * 100) == (
            sum(one == layer for *_, one in expected),
            sum(cents for _, cents, one in expected if one == layer),
        )
    assert len(found.layers()) == 4


def test_win_rates_and_their_intervals_are_what_sql_finds_in_the_readings():
    dice = Random(4)
    way = ["New", "Contacted", "Qualified", "Proposal", "Negotiation"]
    seen = []
    for n in range(300):
        place, end = 0, dice.choice(["Won", "Lost", "Lost", ""])
        for reading in range(8):
            place += dice.random() < 0.4
            is_over = end and (place >= len(way) or (reading > 4 and dice.random() < 0.4))
            seen.append((reading, f"L-{n}", end if is_over else way[min(place, len(way) - 1)]))
            place += 9 * bool(is_over)
    headers = ["Lead ID", "Company", "Status", "Created"]
    readings = [
        (
            str(MONDAY - timedelta(days=7 * (7 - reading))),
            [Grid("Leads", [headers, *([k, f"Firm {k}", s, date(2026, 1, 1)] for r, k, s in seen if r == reading)])],
        )
        for reading in range(8)
    ]
    snapshot = read_on(readings)
    sql = Sql(snapshot)
    sql.db.execute("CREATE TABLE seen (reading INT, key TEXT, status TEXT)")
    sql.insert("seen", ["reading", "key", "status"], seen)
    rows = sql.ask("""
        WITH settled AS (SELECT key, place = 'won' AS is_won FROM seen JOIN stage USING (status)
            WHERE reading = 7 AND place IN ('won', 'lost')),
        was AS (SELECT DISTINCT key, status FROM seen JOIN stage USING (status) WHERE place = 'open'),
        counted AS (SELECT status, count(*) AS n, count(*) FILTER (is_won) AS won FROM was JOIN settled USING (key)
            GROUP BY 1),
        rated AS (SELECT s.status, ord, coalesce(n, 0) AS n, coalesce(won, 0) AS won, coalesce(n, 0) + 10 AS cases,
            (coalesce(won, 0) + 10 * s.chance / 1e6) / (coalesce(n, 0) + 10) AS p
            FROM stage s LEFT JOIN counted USING (status) WHERE place = 'open'),
        z AS (SELECT 1.6448536269514722 AS z)
        SELECT status, n, won, p, (p + z*z / (2*cases) - z * sqrt(p*(1-p)/cases + z*z / (4*cases*cases)))
            / (1 + z*z / cases), (p + z*z / (2*cases) + z * sqrt(p*(1-p)/cases + z*z / (4*cases*cases)))
            / (1 + z*z / cases)
        FROM rated, z ORDER BY ord""")
    found = basis(snapshot).win_rates
    assert [(one.stage, one.closed, one.won) for one in found] == [row[:3] for row in rows]
    for one, row in zip(found, rows, strict=True):
        assert (float(one.rate), one.low, one.high) == pytest.approx(row[3:], abs=1e-4)
    assert min(one.closed for one in found) > 5


def test_who_is_at_risk_or_dormant_is_what_sql_finds():
    tab, rows = orders(160, seed=5)
    found = portfolio(bought(tab), date(2026, 3, 2)).customers
    expected = asked(rows).ask("""
        WITH days AS (SELECT DISTINCT who, day FROM purchase),
        gaps AS (SELECT who, day, date_diff('day', lag(day) OVER (PARTITION BY who ORDER BY day), day) AS gap FROM days)
        SELECT who, date_diff('day', max(day), DATE '2026-03-02') > 365,
          date_diff('day', max(day), DATE '2026-03-02') <= 365 AND count(*) >= 3
            AND date_diff('day', max(day), DATE '2026-03-02') > 2 * median(gap)
        FROM gaps GROUP BY 1""")
    assert {one.name: (one.is_dormant, one.is_at_risk) for one in found} == {
        who: (dormant, bool(risk)) for who, dormant, risk in expected
    }
    assert any(one.is_at_risk for one in found)


def test_nobody_is_offered_what_they_own_and_each_offer_has_its_reason_in_sql():
    tab, rows = orders(120, seed=9)
    found = offers(bought(tab))
    sql = asked(rows)
    rules = {
        (a, b): (both, both / has_a)
        for a, b, both, has_a, has_b, all_ in sql.ask("""
            WITH own AS (SELECT DISTINCT who, product FROM purchase),
            holders AS (SELECT product, count(*) AS n FROM own GROUP BY 1)
            SELECT a.product, b.product, count(*), any_value(ha.n), any_value(hb.n),
              (SELECT count(DISTINCT who) FROM own)
            FROM own a JOIN own b ON a.who = b.who AND a.product <> b.product
            JOIN holders ha ON ha.product = a.product JOIN holders hb ON hb.product = b.product GROUP BY 1, 2""")
        if both >= 3 and both * all_ > has_a * has_b
    }
    own = {(who, product) for who, product in sql.ask("SELECT DISTINCT who, product FROM purchase")}
    assert found
    for one in found:
        assert (one.customer, one.product) not in own
        assert (one.customer, one.because) in own
        assert rules[one.because, one.product] == (one.both, pytest.approx(one.share))
        best = max(
            share for (a, b), (_, share) in rules.items() if (one.customer, a) in own and (one.customer, b) not in own
        )
        assert one.share == pytest.approx(best)


def test_sources_of_the_examples_are_what_sql_finds(book):
    year = "> getvariable('today') - INTERVAL 365 DAY"
    rows = Sql(book).ask(f"""
        SELECT norm(source), count(*) FILTER (created {year} AND created <= getvariable('today')),
          count(*) FILTER (place = 'won' AND {SETTLED} {year} AND {SETTLED} <= getvariable('today')),
          coalesce(sum(cents) FILTER (place = 'won' AND currency = 'EUR' AND {SETTLED} {year}
            AND {SETTLED} <= getvariable('today')), 0)
        FROM lead GROUP BY 1""")
    found = {normal(one.name): (one.leads, one.first, one.first_amount * 100) for one in source_lines(basis(book))}
    assert found == {name: tuple(numbers) for name, *numbers in rows if numbers[0] or numbers[1]}


def test_cost_and_return_of_campaigns_are_reckoned_from_their_tab():
    leads = grid(
        "Leads",
        """
        Lead ID | Company | Status | Amount | Created     | Closed      | Source
        L-1     | A       | Won    | 900    | @2026-01-01 | @2026-02-01 | Fair
        L-2     | B       | Won    | 100    | @2026-01-01 | @2026-02-01 |
        L-3     | C       | New    | 100    | @2026-01-01 |             | fair
        """,
    )
    spent = grid("Campaigns", "Campaign|Cost|Date\nFair|300|@2026-01-10\nFair|50|@2024-01-10\nRadio|80|@2026-01-10")
    log = grid("Activities", "Date|Lead ID|Campaign\n@2026-01-15|L-2|Radio\n@2026-01-20|L-1|Letter\n@2026-02-20|L-1|X")
    lines = {one.name: one for one in source_lines(basis(read_on([("2026-03-02", [leads, spent, log])])))}
    fair, radio, letter = (lines[name] for name in ("Fair", "Radio", "Letter"))
    assert (fair.leads, fair.first_amount, fair.last_amount, fair.cost, fair.roi) == (2, 900, 0, 300, 2.0)
    assert (radio.leads, radio.first_amount, radio.last_amount, radio.cost, radio.roi) == (1, 100, 100, 80, 0.25)
    assert (letter.first, letter.last_amount, letter.cost) == (0, 900, None)
    assert "X" not in lines


def test_cohorts_count_whoever_came_so_far_or_beyond():
    first = grid(
        "Leads",
        """
        Lead ID | Status    | Created
        L-1     | New       | @2026-02-01
        L-2     | Qualified | @2026-02-02
        L-3     | Proposal  | @2026-02-03
        L-4     | Lost      | @2026-02-03
        """,
    )
    then = grid(
        "Leads",
        """
        Lead ID | Status    | Created
        L-1     | Contacted | @2026-02-01
        L-2     | Lost      | @2026-02-02
        L-3     | Won       | @2026-02-03
        L-4     | Lost      | @2026-02-03
        """,
    )
    seen = basis(read_on([("2026-02-23", [first]), ("2026-03-02", [then])]))
    february = next(one for one in cohorts(seen) if one.month == "2026-02")
    # L-4 was lost before anybody saw how far it came.
    assert (february.reached, february.won) == ((3, 3, 2, 1, 1), 1)


def test_a_renamed_stage_keeps_its_history_and_a_gone_row_is_told():
    rows = [f"L-{n}|{{}}|@2026-01-0{n + 1}" for n in range(4)]
    first = grid("Leads", "Lead ID|Status|Created\n" + "\n".join(rows).format(*["Pitch"] * 4))
    second = grid("Leads", "Lead ID|Status|Created\n" + "\n".join(rows[:3]).format(*["Offer"] * 3))
    stages = StageNames(("New", "Pitch", "Offer"), ("Won",), ("Lost",), {})
    seen = basis(read_on([("2026-02-23", [first]), ("2026-03-02", [second])], stages=stages))
    assert seen.past.renamed == (("Pitch", "Offer"),)
    found = changes_of(seen, Period(date(2026, 2, 23), MONDAY, "week"))
    assert Counter({kind: len(found.frame(kind)) for kind in ("forward", "back", "gone")}) == Counter(gone=1)


def test_amounts_in_other_currencies_count_at_the_rate_of_the_day():
    leads = grid(
        "Leads",
        """
        Lead ID | Status | Amount  | Closed
        L-1     | New    | 100 EUR |
        L-2     | New    | 100 USD |
        L-3     | Won    | 100 USD | @2026-02-24
        L-4     | New    | 100 GBP |
        L-5     | New    | 7 EUR   |
        """,
    )
    rates = grid("Rates", "Date|Currency|Rate\n@2026-02-01|USD|0.90\n@2026-03-01|USD|0.80")
    seen = basis(read_on([("2026-03-02", [leads, rates])]))
    totals = {one.currency: int(one.amount) for one in seen.tally(seen.leads[seen.leads["place"] == "open"]).totals}
    assert totals == {"EUR": 187, "GBP": 100}
    won = seen.tally(seen.leads[seen.leads["place"] == "won"])
    assert [(one.currency, int(one.amount)) for one in won.totals] == [("EUR", 90)]
