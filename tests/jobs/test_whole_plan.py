"""All jobs together: the same plan byte for byte, later jobs see earlier ones, a run after a run changes nothing."""

import os
import subprocess
import sys
from pathlib import Path

from drawn_tables import NOON, after, grid, mailed, planned, snapshot, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetcrm.jobs.registry import JOBS
from sheetcrm.plan import Plan, from_json, to_json
from sheetcrm.table import Grid

TEAM = grid(
    "Team",
    """
    Name     | Email        | Role  | Manager | Time zone     | Territory | Capacity
    Dan Kent | dan@house.io | Sales | Gus     | Europe/London | GB        |
    Eva Long | eva@house.io | Sales | Gus     | Europe/Vienna | AT        | 3
    Gus Owen | gus@house.io | Owner |         | Europe/London |           |
    """,
)
LEADS = grid(
    "Leads",
    """
    Lead ID | Company  | Contact | E-Mail      | Phone            | Country | Status    | Owner | Created     | Next due    | Duplicate of | Last reminder
            | Acme Ltd | Ann Lee | ann@acme.io | +44 20 7946 0018 | UK      | Contacted |       | @2026-01-05 | @2026-02-27 |              |
    L-0004  | Acme Ltd | Ann Lee | ann@acme.io | +44 20 7946 0018 | UK      | New       |       | @2026-02-05 |             |              |
    L-0005  | Bolt     | Bo Ek   | bo@bolt.at  |                  | Austria | New       |       | @2026-02-20 |             |              |
    """,  # noqa: E501 -- a table
)


def test_the_jobs_run_in_the_order_in_which_they_need_each_other():
    assert list(JOBS) == [
        "keys", "dedupe", "merge", "replies", "rules", "assignment", "reminders", "followups", "rulebook", "review",
        "issues", "summary",
    ]  # fmt: skip


def test_later_jobs_see_what_earlier_ones_planned():
    plan = planned(snapshot(LEADS, TEAM))
    assert written(plan) == {
        "A2": "L-0006",
        "K3": "L-0006",
        "H2": "Dan Kent",
        "H4": "Eva Long",
        "L2": "2026-03-02",
        "L4": "2026-03-02",
    }
    assert [one.reasons[0] for one in plan.messages] == [
        "overdue/L-0006/due 2026-02-27",
        "new/L-0005/created 2026-02-20",
        "summary/gus@house.io/2026-W10",
    ]
    assert {one.ref.key for one in plan.changes if one.ref.content} == {""}


def test_a_run_right_after_the_run_plans_nothing():
    first = planned(snapshot(LEADS, TEAM))
    tabs = after([LEADS, TEAM], first)
    again = planned(snapshot(*tabs, memory=first.remember, mailed=mailed(first)))
    assert again.is_empty
    assert again.remember == {}


ROWS = st.lists(
    st.tuples(
        st.sampled_from([None, "L-1", "L-2", "L-3", 7.0]),
        st.sampled_from([None, "Acme Ltd", "Acme Limited", "Bolt", "n/a"]),
        st.sampled_from([None, "Ann Lee", "Lee, Ann", "Bo Ek"]),
        st.sampled_from([None, "ann@acme.io", "bo@bolt.at", "info@acme.io", "broken@"]),
        st.sampled_from([None, "New", "Contacted", "Proposal", "Won", "Lost", "Nwe"]),
        st.sampled_from([None, "Dan", "Eva Long", "Zoe"]),
        st.sampled_from([None, "2026-02-20", "2026-03-01", "03/04/2026", 46083.0]),
        st.sampled_from([None, "2026-02-27", "2026-05-05", "soon"]),
        st.sampled_from([None, "L-1", "-"]),
        st.sampled_from([None, "2026-02-01", "?"]),
    ).map(list),
    max_size=8,
)
HEADERS = ["ID", "Company", "Contact", "E-Mail", "Status", "Owner", "Created", "Next due", "Duplicate of", "Reminded"]


def run(rows, **past):
    tabs = Grid("Leads", [HEADERS, *rows]), TEAM
    return tabs, planned(snapshot(*tabs, **past), jobs=("keys", "dedupe", "assignment", "reminders"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(ROWS)
def test_over_any_rows_plans_touch_no_person_s_cell_and_come_to_rest(rows):
    tabs, plan = run(rows)
    seen = snapshot(*tabs).tables.get("Leads")
    for change in plan.changes:
        i = seen.refs.index(change.ref)
        assert seen.is_writable(i, change.field)
        assert change.old == seen.raws[change.field][i]
        assert change.old is None or change.field == "last_reminder"
        assert change.why
        assert change.after in {"", *(one.key for one in plan.messages)}
    assert len({(one.ref, one.field) for one in plan.changes}) == len(plan.changes)
    assert from_json(to_json(plan)) == plan
    again = run(after(tabs, plan)[0].rows[1:], memory=plan.remember, mailed=mailed(plan))[1]
    assert (again.changes, again.messages) == ((), ())


def test_the_same_snapshot_gives_the_same_plan_byte_for_byte_in_every_process():
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]\n"
        "from test_whole_plan import LEADS, TEAM, planned, snapshot, to_json\n"
        "sys.stdout.reconfigure(encoding='utf-8')\n"
        "sys.stdout.write(to_json(planned(snapshot(LEADS, TEAM))))\n"
    )
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "schema")]
    texts = {
        subprocess.run(
            [sys.executable, "-c", code, *folders],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            check=True,
        ).stdout.decode()
        for seed in ("1", "2")
    }
    assert texts == {to_json(planned(snapshot(LEADS, TEAM)))}


def test_an_empty_workbook_has_an_empty_plan():
    assert planned(snapshot(now=NOON)) == Plan()
