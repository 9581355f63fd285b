"""The commands on a Google Sheet: what they cost is said on request, and what goes wrong in the owner's words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scene import BATCH, READ, Scene

from sheetcrm.cli import main

DAY = "2026-03-02"


@pytest.fixture
def scene(server, tmp_path, monkeypatch) -> Scene:
    monkeypatch.setenv("SHEETCRM_HOME", str(tmp_path / "home"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return Scene(server, tmp_path, headers=["Lead ID", "Company", "Owner", "Notes"])


@pytest.fixture
def call(capsys) -> Callable[..., tuple[int, str]]:
    """A command's exit code, and all that it says."""

    def done(*words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return done


def address(scene: Scene) -> str:
    return f"https://docs.google.com/spreadsheets/d/{scene.key}/edit?gid=0#gid=0"


def test_the_doctor_tries_the_sheet_only_when_asked(scene, call) -> None:
    _, plain = call("doctor", address(scene))
    assert "the sheet CRM can be read, its zone is Etc/GMT" in plain
    assert "taken away again" not in plain
    assert BATCH not in scene.calls()
    _, tried = call("doctor", address(scene), "--scratch")
    assert "and the tab was taken away again" in tried
    assert scene.tabs() == ["Leads", "Team"]


def test_the_doctor_names_whom_to_share_the_sheet_with(scene, call) -> None:
    scene.server.control.fail(BATCH, 403, times=9)
    code, tried = call("doctor", address(scene), "--scratch")
    assert code == 1
    assert "may look at the sheet, but not change it" in tried
    assert "click Share" in tried


def test_what_google_was_asked_is_said_on_request_only(scene, call) -> None:
    code, quiet = call("plan", address(scene), "--as-of", DAY)
    assert (code, "Google:" in quiet) == (0, False)
    _, told = call("plan", address(scene), "--as-of", DAY, "--verbose")
    assert "Google: 1 call (1 to read, 0 to write)" in told


def test_a_run_that_writes_takes_four_calls(scene, call) -> None:
    scene.edit({"appendCells": {"sheetId": 0, "rows": [{"values": []}], "fields": "*"}})
    scene.type_in(9, 1, "Firm without a key")
    _, done = call("run", address(scene), "--as-of", DAY, "--verbose")
    assert "Google: 4 calls (1 to read, 3 to write)" in done, done
    assert [one for one in scene.calls() if one in (READ, BATCH)] == [READ, BATCH, BATCH, BATCH]
    assert scene.rows()[-1][0], "the row got a key"


@pytest.mark.usefixtures("server")
def test_a_sheet_that_is_gone_is_said_to_be(call) -> None:
    code, done = call("plan", "https://docs.google.com/spreadsheets/d/" + "x" * 44, "--as-of", DAY)
    assert code != 0
    assert "There is no such Google Sheet" in done
    assert "Traceback" not in done


def test_the_state_of_a_sheet_lies_with_the_user_and_not_where_the_command_was_given(scene, call, tmp_path) -> None:
    call("run", address(scene), "--as-of", DAY)
    assert [one.name for one in (tmp_path / "work").iterdir() if one.suffix in {".db", ".sqlite"}] == []
    assert list((tmp_path / "home").rglob(scene.key))
