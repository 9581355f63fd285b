"""Paths, folders and records that are not what they should be: each ends with a sentence and a way out."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from small_crm import DAY, build

from sheetcrm.cli import main


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Calls the program in this process: gives exit code and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        said = capsys.readouterr().err
        assert "should not have happened" not in said
        assert "Traceback" not in said
        return int(end.value.code or 0), said

    return run


@pytest.mark.parametrize("name", ["~nobody-of-that-name/crm.xlsx", "a" * 300 + ".xlsx", "ring.xlsx", "crm.xlsx/in/it"])
def test_a_path_that_leads_nowhere_is_no_workbook(call, tmp_path, name):
    build(tmp_path / "crm.xlsx")
    (tmp_path / "ring.xlsx").symlink_to("ring.xlsx")
    code, said = call("check", name)
    assert (code, "There is no workbook" in said) == (5, True)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every path is text")
def test_a_path_that_is_no_text_is_told_so(call, tmp_path):
    build(tmp_path / "crm.xlsx").rename(tmp_path / os.fsdecode(b"crm\xff.xlsx"))
    code, said = call("run", os.fsdecode(b"crm\xff.xlsx"), "--as-of", DAY)
    assert (code, "Rename" in said) == (5, True)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "1899-12-31"])
def test_days_too_far_away_are_refused(call, tmp_path, day):
    build(tmp_path / "crm.xlsx")
    code, said = call("plan", "crm.xlsx", "--as-of", day)
    assert (code, "too far away" in said) == (2, True)


@pytest.mark.parametrize("command", ["plan", "run"])
@pytest.mark.parametrize("name", [".sheetcrm", ".sheetcrm/crm.xlsx"])
def test_a_file_where_a_folder_should_be_is_named(call, tmp_path, command, name):
    build(tmp_path / "crm.xlsx")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("")
    code, said = call(command, "crm.xlsx", "--as-of", DAY)
    assert (code, ".sheetcrm" in said) == (1, True)


def test_a_folder_where_the_lock_should_be_is_named(call, tmp_path):
    build(tmp_path / "crm.xlsx")
    (tmp_path / ".sheetcrm/crm.xlsx/lock").mkdir(parents=True)
    code, said = call("run", "crm.xlsx", "--as-of", DAY)
    assert (code, "lock" in said) == (1, True)


def test_a_page_that_cannot_be_written_is_named(call, tmp_path):
    build(tmp_path / "crm.xlsx")
    (tmp_path / "reports").write_text("")
    code, said = call("report", "crm.xlsx")
    assert (code, "reports" in said) == (1, True)


def test_a_broken_list_of_workbooks_is_named_and_nobody_is_mailed(call, tmp_path, monkeypatch):
    build(tmp_path / "crm.xlsx")
    monkeypatch.setenv("SHEETCRM_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home/originals.sqlite").write_text("no database" * 100)
    code, said = call("run", "crm.xlsx", "--as-of", DAY)
    assert (code, "list of workbooks" in said, (tmp_path / "outbox").exists()) == (1, True, False)


def test_a_journal_that_is_in_use_elsewhere_is_no_reason_to_throw_it_away(call, tmp_path):
    build(tmp_path / "crm.xlsx")
    (tmp_path / ".sheetcrm/crm.xlsx/journal.sqlite").mkdir(parents=True)
    code, said = call("history", "crm.xlsx")
    assert (code, "move it away" in said) == (1, False)
