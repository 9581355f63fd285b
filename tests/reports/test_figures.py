"""Each figure counts what its formula says, to the cent, and never adds two currencies."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from sheetcrm.reports.figures import Stages, pipeline_figures
from sheetcrm.table import Snapshot

# Today is Wednesday, 18 March 2026.
LEADS = """
key | company | owner | status    | amount      | probability | created    | last_contact | next_step | next_due   | expected_close | closed     | duplicate_of
L-1 | Acme    | Dan   | New       | 1000.10 EUR |             | 2026-03-12 |              | call back | 2026-03-12 |                |            |
L-2 | Birch   | Dan   | Proposal  | 250.05 EUR  | 0.5         | 2026-01-05 | 2026-02-24   |           |            | 2026-03-31     |            |
L-3 | Cedar   | Eve   | Contacted | 99.99 USD   |             | 2026-03-11 | 2026-03-17   |           | 2026-03-18 |                |            |
L-4 | Dorn    | Eve   | Won       | 6300 EUR    |             | 2026-01-01 |              |           | 2026-01-02 | 2026-02-01     | 2026-03-01 |
L-5 | Elm     | Eve   | Lost      | 70.70 EUR   |             | 2026-01-01 |              |           |            | 2026-03-31     |            |
L-6 | Fir     |       | New       |             |             |            |              |           | 2026-03-17 |                |            |
L-7 | Acme    | Dan   | New       | 1000.10 EUR |             | 2026-03-12 |              | call back | 2026-03-12 |                |            | L-1
L-8 | Holm    | Dan   | Wn        | 5 EUR       |             | 2026-03-18 |              |           | 2026-03-01 |                |            |
"""  # noqa: E501 -- a row is a row


def sums(totals):
    return {one.currency: str(one.amount) for one in totals}


@pytest.fixture
def figures(leads, stages):
    return pipeline_figures(leads(LEADS), stages, quality=91)


def test_open_counts_leads_in_open_stages_without_duplicates(figures):
    assert figures.total.open.count == 4
    assert sums(figures.total.open.totals) == {"EUR": "1250.15", "USD": "99.99"}


def test_weighted_takes_the_rows_probability_or_its_stages_and_rounds_each_lead_to_the_cent(figures):
    # 1000.10 * 0.1 = 100.01; 250.05 * 0.5 = 125.025, to the even cent 125.02; 99.99 * 0.45 = 44.9955
    assert sums(figures.total.weighted) == {"EUR": "225.03", "USD": "45.00"}


def test_new_is_created_within_seven_days_counting_today(figures):
    assert figures.total.new == 2  # L-1 six days ago and L-8 today; L-3 is seven days old, L-7 a duplicate


def test_won_and_lost_count_by_their_closing_date_in_this_month(figures):
    won, lost = figures.total.won, figures.total.lost
    assert (won.count, sums(won.totals)) == (1, {"EUR": "6300"})
    assert (lost.count, sums(lost.totals)) == (1, {"EUR": "70.70"})


def test_overdue_is_open_and_due_before_today(figures):
    assert figures.total.overdue == 2  # L-1 and L-6; L-3 is due today, L-4 is won


def test_a_status_that_no_stage_knows_is_told_and_counted_nowhere_but_in_new(figures):
    assert figures.unplaced == 1


def test_owners_stand_by_their_open_amount_and_add_up_to_the_whole(figures):
    assert [(line.who, line.open.count, sums(line.open.totals)["EUR"]) for line in figures.owners] == [
        ("Dan", 2, "1250.15"),
        ("", 1, "0"),
        ("Eve", 1, "0"),
    ]


def test_every_open_stage_has_its_line_in_the_order_of_the_pipeline(figures):
    assert [(one.stage, one.open.count, sums(one.open.totals)) for one in figures.stages] == [
        ("New", 2, {"EUR": "1000.10"}),
        ("Contacted", 1, {"EUR": "0", "USD": "99.99"}),
        ("Proposal", 1, {"EUR": "250.05"}),
    ]


def test_needs_you_names_the_largest_first_and_the_cell_that_says_why(figures):
    shown = [(one["key"], one["amount"], one["why"], one["cell"]) for one in figures.to_context()["needs_you"]]
    assert shown == [
        ("L-1", "€1,000.10", "6 days overdue: call back", "J2"),
        ("L-2", "€250.05", "no contact for 22 days", "H3"),
        ("L-6", "", "1 day overdue", "J7"),
    ]


@pytest.mark.parametrize(("idle", "is_stalled"), [(21, False), (22, True)])
@pytest.mark.parametrize("field", ["created", "last_contact"])
def test_a_lead_is_stalled_the_day_after_the_limit(leads, stages, field, idle, is_stalled):
    day = leads(LEADS).today - timedelta(days=idle)
    figures = pipeline_figures(leads(f"status | {field}\nNew | {day}"), stages, quality=0)
    assert figures.total.stalled == is_stalled


@pytest.mark.parametrize(("due", "is_stalled"), [("2026-03-17", True), ("2026-03-18", False), ("2026-03-19", False)])
def test_a_step_planned_for_today_or_later_keeps_a_lead_from_being_stalled(leads, stages, due, is_stalled):
    snapshot = leads(f"status | last_contact | next_due\nNew | 2026-01-01 | {due}")
    assert pipeline_figures(snapshot, stages, quality=0).total.stalled == is_stalled


def test_only_ten_leads_need_you_and_other_currencies_come_after_the_main_one(leads, stages):
    rows = "\n".join(f"L-{i} | New | {i} EUR | 2026-03-01" for i in range(1, 10))
    snapshot = leads(f"key | status | amount | next_due\nX | New | 999 USD | 2026-03-01\nY | New || 2026-03-01\n{rows}")
    keys = [one.key for one in pipeline_figures(snapshot, stages, quality=0).needs_you]
    assert keys == ["L-9", "L-8", "L-7", "L-6", "L-5", "L-4", "L-3", "L-2", "L-1", "X"]


def test_the_main_currency_is_the_one_of_most_leads_and_the_workbooks_own_where_none_is_written(leads, stages):
    figures = pipeline_figures(leads("status | amount\nNew | 5 USD\nNew | 9 USD\nNew | 900"), stages, quality=0)
    assert figures.currency == "USD"
    assert sums(figures.total.open.totals) == {"USD": "14", "EUR": "900"}


def test_a_cell_that_could_not_be_read_is_treated_as_unknown(leads, stages):
    snapshot = leads("status | amount | next_due | owner | created\nNew | ? | ? | ? | ?\n? | 5 | | |")
    figures = pipeline_figures(snapshot, stages, quality=0)
    assert (figures.total.open.count, figures.total.overdue, figures.total.stalled, figures.unplaced) == (1, 0, 0, 1)


def test_ten_cents_a_hundred_times_is_ten_exactly(leads, stages):
    snapshot = leads("status | amount\n" + "New | 0.10\n" * 100)
    assert pipeline_figures(snapshot, stages, quality=0).total.open.totals[0].amount == Decimal(10)


@pytest.mark.parametrize("is_there", [True, False])
def test_a_workbook_without_leads_has_figures_of_zero(leads, stages, is_there):
    empty = leads("key | status")
    figures = pipeline_figures(empty if is_there else Snapshot(empty.now, {}), stages, quality=100)
    assert (figures.total.open.count, figures.owners, figures.needs_you) == (0, (), ())
    assert figures.to_context()["verdict"] == "Nothing won yet this month. No follow-up is late."


def test_the_context_is_plain_json(figures):
    context = figures.to_context()
    assert json.loads(json.dumps(context)) == context


def test_bars_are_as_long_as_their_share_of_the_largest_stage(figures):
    assert [one["share"] for one in figures.to_context()["stages"]] == [100, 0, 25]


@pytest.mark.parametrize(
    ("names", "chances"),
    [("A", ["0.45"]), ("AB", ["0.1", "0.8"]), ("ABCD", ["0.1", "0.3333", "0.5667", "0.8"])],
)
def test_stages_without_a_probability_rise_evenly_from_a_tenth_to_eight_tenths(names, chances):
    stages = Stages(tuple(names), (), ())
    assert [stages.probability(one) for one in names] == [Decimal(chance) for chance in chances]
