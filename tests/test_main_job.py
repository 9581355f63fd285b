"""The whole main job is the same on Excel, CSV and Google: one plan, one run, nothing left to do, one undo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import small_crm

from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.cli.google_demo import on_server
from sheetcrm.connectors import open_workbook
from sheetcrm.table import show_raw
from sheetcrm.undo import latest_to_undo, undo_plan


@pytest.fixture
def excel(tmp_path: Path) -> Path:
    return small_crm.build(tmp_path / "excel" / "crm.xlsx")


@pytest.fixture(params=["csv", "google"])
def other(request, tmp_path, excel, monkeypatch) -> Iterator[str]:
    """The same leads as the Excel workbook's, elsewhere."""
    if request.param == "csv":
        yield str(small_crm.build(tmp_path / "csv" / "crm"))
        return
    (tmp_path / "google").mkdir()
    monkeypatch.chdir(tmp_path / "google")
    with on_server(open_workbook(excel).read(), "crm", tmp_path / "server") as key:
        yield key


def desk(place: str) -> Desk:
    return desk_for(place, as_of=small_crm.DAY, knows_originals=False)


def leads(at: Desk) -> dict[str, dict[str, str]]:
    """The leads as they stand, as text: by their notes, each a dict by header."""
    (grid,) = [one for one in at.workbook.read() if one.tab == "Leads"]
    headers, *rows = [
        [show_raw(one)[:10] if j not in (2, 12) else show_raw(one) for j, one in enumerate(row)] for row in grid.rows
    ]
    filled = [[*row, *[""] * (len(headers) - len(row))] for row in rows if any(row)]
    return {row[-1]: dict(zip(headers, row, strict=True)) for row in filled}


def test_plan_run_and_undo_do_the_same(excel: Path, other: str) -> None:
    first, second = desk(str(excel)), desk(other)
    plans = [small_crm.plan_of(at) for at in (first, second)]

    def told(plan):
        return [(one.tab, one.cell, show_raw(one.new)[:10], one.why, one.job) for one in plan.changes]

    assert told(plans[0]) == told(plans[1])
    assert [(one.to, one.key) for one in plans[0].messages] == [(one.to, one.key) for one in plans[1].messages]
    before = leads(first)
    assert leads(second) == before
    outcomes = [at.apply(plan, allow_large=True) for at, plan in zip((first, second), plans, strict=True)]
    assert outcomes[0].written == outcomes[1].written > 10
    assert len(outcomes[0].sent) == len(outcomes[1].sent) == 3
    assert leads(first) == leads(second) != before
    again = desk(other)
    assert small_crm.plan_of(again).is_empty
    again.apply(undo_plan(again.journal, latest_to_undo(again.journal)))
    assert leads(desk(other)) == before


def test_the_demo_runs_on_a_google_sheet_and_says_what_it_cost(tmp_path: Path) -> None:
    environment = {**os.environ, "SHEETCRM_HOME": str(tmp_path / "home")}
    found = {}
    for name, more in (("excel", []), ("google", ["--google"])):
        command = [sys.executable, "-m", "sheetcrm", "demo", name, *more]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
        found[name] = [line for line in done.stdout.splitlines() if line.startswith(("Run 1:", "153 cells"))]
        if more:
            assert "Google: 4 calls (1 to read, 3 to write)" in done.stdout
            assert "sheetcrm undo https://docs.google.com/spreadsheets/d/" in done.stdout
    assert found["excel"] == found["google"] != []
    assert len(list((tmp_path / "google" / "outbox").glob("*.eml"))) == 9
    shutil.rmtree(tmp_path / "google")


def test_another_folder_knows_what_was_mailed_and_a_copied_sheet_mails_nobody(tmp_path, excel, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with on_server(open_workbook(excel).read(), "crm", tmp_path / "server") as key:
        at = desk_for(key, as_of=small_crm.DAY)
        taken = at.take()
        at.apply(at.plan(taken, small_crm.JOBS, lambda _step: None), allow_large=True)
        at.settle(at.take())
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        again = desk_for(key, as_of=small_crm.DAY)
        assert not small_crm.plan_of(again).messages
        from sheetcrm.connectors.google.client import URL_VARIABLE

        answer = requests.post(
            f"{os.environ[URL_VARIABLE]}/drive/v3/files/{key}/copy",
            headers={"Authorization": "Bearer x"},
            json={},
            timeout=10,
        )
        copied = desk_for(answer.json()["id"], as_of="2026-03-03")
        assert copied.take().standing.copy_of == f"https://docs.google.com/spreadsheets/d/{key}"
