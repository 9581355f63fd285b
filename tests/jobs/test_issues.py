"""The tab Issues: what a person should look at stands in the workbook itself, with the way out, and is kept up."""

from drawn_tables import grid, snapshot

from sheetcrm.jobs import issues
from sheetcrm.plan import Plan
from sheetcrm.rules.settings import CheckRule, Rules
from sheetcrm.tab import Styled
from sheetcrm.table import Grid

WANTED = Rules(check=CheckRule(tab=True))
LEADS = grid(
    "Leads",
    """
    Lead ID | Company | Email        | Status    | Created     | Amount
    L-1     | Acme    | ann@acme.io  | New       | @2026-02-01 | 12k-ish
    L-2     | Bolt    | ben@@bolt    | New       | @2026-02-01 | 5
    """,
)
CLEAN = grid("Leads", "Lead ID | Company | Email | Status | Created\nL-1 | Acme | ann@acme.io | New | @2026-02-01")


def plan(*grids, rules=WANTED):
    return issues.plan(snapshot(*grids), rules)


def shown(tab):
    return [[one.value if isinstance(one, Styled) else one for one in row] for row in tab.content.rows]


def as_grid(tab):
    return Grid(tab.tab, shown(tab))


def test_each_cell_to_look_at_has_a_line_with_what_is_wrong_and_what_to_do_the_worst_first():
    (tab,) = plan(LEADS).tabs
    title, heads, *lines = shown(tab)
    assert title[0].startswith("Data quality 0 of 100: 2 errors")
    assert heads == ["Kind", "Cell", "It says", "What is wrong", "What to do"]
    assert [line[:3] for line in lines[:2]] == [["error", "Leads!C3", "ben@@bolt"], ["error", "Leads!F2", "12k-ish"]]
    assert all(line[3] and line[4] for line in lines[:2])
    assert [line[0] for line in lines] == sorted((line[0] for line in lines), key=["error", "warning", "note"].index)


def test_the_cell_is_a_link_whatever_its_tab_is_called():
    (tab,) = plan(Grid("Jo's Leads", LEADS.rows)).tabs
    assert tab.content.rows[2][1].link == "internal:'Jo''s Leads'!C3"


def test_nothing_is_put_in_unasked_and_nothing_where_nothing_is_wrong():
    assert plan(LEADS, rules=Rules()) == Plan()
    assert not plan(grid("Leads", "Lead ID | Company\nL-1 | Acme"), rules=Rules()).tabs


def test_what_stands_there_already_is_left_as_it_is_and_else_put_anew_also_without_the_setting():
    (tab,) = plan(LEADS).tabs
    assert plan(LEADS, as_grid(tab)) == Plan()
    (fresh,) = plan(CLEAN, as_grid(tab), rules=Rules()).tabs
    assert shown(fresh)[0][0].startswith("Data quality 100 of 100: ")
    assert not [line for line in shown(fresh) if line[0] == "error"]


def test_a_tab_of_that_name_that_a_person_made_stays_theirs():
    found = plan(LEADS, grid("Issues", "Ticket | Topic\n12 | printer"))
    assert found.tabs == ()
    (skip,) = found.skipped
    assert skip.why == "the workbook has another tab of that name"


def test_of_very_many_the_worst_five_hundred_are_listed():
    rows = [["Lead ID", "Company", "Email"], *([f"L-{n}", f"Firm {n}", f"no address {n}"] for n in range(700))]
    (tab,) = plan(Grid("Leads", rows)).tabs
    assert "The 500 worst are listed." in shown(tab)[0][0]
    assert len(shown(tab)) == 502
