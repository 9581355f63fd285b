"""kill -9 in the midst of a real run: the workbook is the old or the new one, and the next run finishes the work."""

from __future__ import annotations

from collections import Counter
from email import policy
from email.parser import BytesParser
from itertools import count
from pathlib import Path

import pytest
from killing import run_killed
from small_crm import build, cells, desk, mails, plan_of

from sheetcrm.cli.work import run_desk

Cells = dict[str, dict[str, object]]


def recipients(path: Path) -> Counter[str]:
    parsed = [BytesParser(policy=policy.default).parsebytes(one.read_bytes()) for one in mails(path)]
    return Counter(str(one["To"]) for one in parsed)


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Cells, Cells]:
    """The workbook before and after a run that nobody cut short."""
    path = build(tmp_path_factory.mktemp("whole") / "crm.xlsx")
    before = cells(path)
    assert run_desk(desk(path)) == 0
    return before, cells(path)


def check(path: Path, states: tuple[Cells, Cells]) -> None:
    """The workbook is the old or the new one, and the next run brings it to the new one with each mail sent once."""
    assert cells(path) in states
    assert run_desk(desk(path)) == 0
    assert cells(path) == states[1]
    assert recipients(path) == {"ann@x.example": 1, "ben@x.example": 1, "mia@x.example": 1}
    again = desk(path)
    (record,) = again.journal.runs()
    assert (record.state, record.written, record.sent, record.skipped) == ("finished", 13, 3, 0)
    assert plan_of(again).is_empty
    assert run_desk(again) == 0
    assert len(mails(path)) == 3


# A few of the points that the slow sweep takes all.
POINTS = [
    *(("rename", number) for number in (1, 5, 6)),  # a mail, the workbook, the page
    ("fsync", 8),  # the workbook's folder
    ("pwrite64", 250),
]


@pytest.mark.usefixtures("can_trace")
@pytest.mark.parametrize(("call", "number"), POINTS)
def test_killed_at_a_system_call_the_run_is_finished_by_the_next_one(tmp_path, states, call, number):
    path = build(tmp_path / "crm.xlsx")
    assert run_killed(path, call, number), "the run makes fewer such calls now: choose others"
    check(path, states)


@pytest.mark.slow
@pytest.mark.usefixtures("can_trace")
@pytest.mark.parametrize(
    ("call", "step"), [("rename", 1), ("fsync", 1), ("unlink", 1), ("write", 1), ("fdatasync", 3), ("pwrite64", 15)]
)
def test_killed_at_every_system_call_of_a_kind_the_run_is_finished_by_the_next_one(tmp_path, states, call, step):
    for number in count(1, step):
        path = build(tmp_path / str(number) / "crm.xlsx")
        is_killed = run_killed(path, call, number)
        check(path, states)
        if not is_killed:
            assert number > 5
            return
