"""Plans saved for `apply`: only a plan of this workbook, exactly as it was made, is carried out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_crm import build, desk, plan_of

from sheetcrm.errors import PlanRefused


def saved(folder: Path):
    at = desk(build(folder / "crm.xlsx"))
    return at, at.plans.save(plan_of(at))


def test_a_saved_plan_reads_back_as_it_was_made(tmp_path):
    at, _ = saved(tmp_path)
    assert at.plans.find() == at.plans.find("1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("as_of", 7),
        ("layout", 3),
        ("workbook", "other.xlsx"),
        ("messages", []),
        ("changes", [{"new": 1}]),
        ("undoes", 5),
    ],
)
def test_a_plan_file_that_somebody_edited_is_refused_and_leaves_no_run_behind(tmp_path, name, value):
    at, path = saved(tmp_path)
    plain = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**plain, name: value}), "utf-8")
    with pytest.raises(PlanRefused):
        at.plans.find(str(path))
    assert at.journal.runs() == []


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 9_000, "\ufffe", '{"changes": 3}'])
def test_a_file_that_is_no_plan_is_refused(tmp_path, text):
    at, path = saved(tmp_path)
    path.write_text(text, "utf-8")
    with pytest.raises(PlanRefused, match="is no plan"):
        at.plans.find(str(path))
