"""The commands as people and scripts meet them: what they print, where they write, and with which code they end."""

from __future__ import annotations

import importlib
import json
import os
import resource
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from small_crm import DAY, build, cells, desk, mails, plan_of, type_in

from sheetcrm.cli import COMMANDS, main
from sheetcrm.plan import from_json, to_json

CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return build(tmp_path / "crm.xlsx")


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Calls the program in this process: gives exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main([str(word) for word in words])
        done = capsys.readouterr()
        return int(end.value.code or 0), done.out, done.err

    return run


def process(*words: object, **more: object) -> subprocess.CompletedProcess[bytes]:
    """The program in a process of its own."""
    command = [sys.executable, "-m", "sheetcrm", *map(str, words)]
    return subprocess.run(command, capture_output=True, check=False, **more)


# The main road


def test_the_demo_runs_twice_each_time_in_a_fresh_folder(call, tmp_path):
    for name in ("sheetcrm-demo", "sheetcrm-demo-2"):
        code, output, _ = call("demo")
        home = tmp_path / name
        assert code == 0
        assert f"sheetcrm undo {Path(name) / 'wholesaler.xlsx'}" in output
        for place in (home / "wholesaler.xlsx", home / "outbox", home / "reports"):
            assert str(place) in output
        assert len(list((home / "outbox").glob("*.eml"))) > 3
        assert len(list((home / "reports").glob("*.html"))) == 1
    assert call("plan", tmp_path / "sheetcrm-demo" / "wholesaler.xlsx", "--as-of", DAY)[1].startswith("Plan for")


def test_plan_shows_and_saves_apply_carries_out_and_the_next_plan_is_empty(call, book):
    before = book.read_bytes()
    code, shown, _ = call("plan", book, "--as-of", DAY)
    assert code == 0
    assert "Leads!F4" in shown
    assert "3 mails to 3 people" in shown
    assert "Nothing has been written" in shown
    assert (book.read_bytes(), mails(book)) == (before, [])

    code, done, _ = call("apply", book, "--as-of", DAY)
    assert code == 0
    assert "Run 1: 13 cells written, 3 mails sent." in done

    code, shown, _ = call("plan", book, "--as-of", DAY)
    assert (code, "Nothing to do." in shown) == (0, True)


def test_run_then_undo_then_history_and_show(call, book):
    before = cells(book)
    assert call("run", book, "--as-of", DAY)[0] == 0
    type_in(book, "met in hall 3", "Owner", "Dana Doe")
    code, output, _ = call("undo", book, "--dry-run")
    assert (code, cells(book)["met in hall 6"]["Owner"] is None) == (0, False)
    code, output, _ = call("undo", book)
    assert code == 0
    assert 'left alone: a person changed it to "Dana Doe"' in output
    assert {notes for notes, row in cells(book).items() if row != before[notes]} == {"met in hall 3"}
    code, output, _ = call("history", book)
    assert "undone by run 2" in output
    assert "undoes run 1" in output
    assert "Last Reminder" in call("show", book, 1, "--all")[1]


def test_a_folder_of_csv_files_is_run_and_undone_like_a_workbook(call, tmp_path):
    folder = build(tmp_path / "crm")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert call("run", folder, "--as-of", DAY)[0] == 0
    assert call("plan", folder, "--as-of", DAY)[1].count("Nothing to do.") == 1
    assert call("undo", folder)[0] == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_init_writes_a_workbook_and_settings_that_work_and_overwrites_nothing(call, tmp_path):
    assert call("init")[0] == 0
    assert call("check", "crm.xlsx")[0] == 0
    (tmp_path / "sheetcrm.toml").write_text('locale = "de_DE"\n', encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    code, _, error = call("init")
    assert (code, "is there already" in error) == (3, True)
    assert call("init", "other.xlsx")[0] == 0
    assert {path: path.read_bytes() for path in before} == before
    assert call("init", "book.xls")[0] == 2


# --json


def test_plan_as_json_has_every_change_with_its_place_values_reason_and_job(call, book):
    code, output, error = call("plan", book, "--as-of", DAY, "--json")
    plain = json.loads(output)
    assert (code, error) == (0, "")
    assert {"changes", "appends", "messages", "issues", "skipped"} <= plain.keys()
    change = next(one for one in plain["changes"] if one["job"] == "assignment")
    found = [change[name] for name in ("tab", "key", "column", "cell", "old")]
    assert found == ["Leads", "L-0003", "Owner", "Leads!F4", None]
    assert change["new"] in {"Ann Abel", "Ben Berg", "Mia Meyer"}
    assert change["why"]
    assert {one["new"] for one in plain["changes"] if one["column"] == "Last Reminder"} == {DAY}


def test_plan_as_json_can_be_saved_and_applied(call, book, tmp_path):
    (tmp_path / "plan.json").write_text(call("plan", book, "--as-of", DAY, "--json")[1], encoding="utf-8")
    plan = from_json((tmp_path / "plan.json").read_text("utf-8"))
    assert from_json(to_json(plan)) == plan == plan_of(desk(book))
    code, output, _ = call("apply", book, "plan.json", "--as-of", DAY, "--json")
    done = json.loads(output)
    assert (code, done["state"], len(done["deeds"])) == (0, "finished", len(plan.changes))
    assert {one["state"] for one in done["messages"]} == {"accepted"}


def test_an_empty_run_as_json_says_that_there_was_none(call, book):
    call("run", book, "--as-of", DAY)
    assert json.loads(call("run", book, "--as-of", DAY, "--json")[1]) == {"run": None}


def test_check_keeps_its_list_in_a_tab_that_every_run_brings_up_to_date(call, book):
    def listed():
        sheet = openpyxl.load_workbook(book)["Issues"]
        return [row[1] for row in sheet.iter_rows(min_row=3, values_only=True) if row[0] in {"error", "warning"}]

    type_in(book, "met in hall 3", "E-mail", "nobody at nowhere")
    assert call("check", book, "--tab", "--as-of", DAY)[0] == 0
    assert "Leads!D4" in listed()
    type_in(book, "met in hall 3", "E-mail", "ann@firm3.example")
    assert call("plan", book, "--as-of", DAY)[1].count("1 tab to put anew") == 1
    assert call("run", book, "--as-of", DAY)[0] == 0
    assert "Leads!D4" not in listed()
    assert call("undo", book)[0] == 0


def test_check_as_json_lists_what_is_wrong_whether_a_tab_keeps_it_or_not(call, book):
    type_in(book, "met in hall 3", "E-mail", "nobody at nowhere")
    code, output, said = call("check", book, "--tab", "--json", "--fail-under", 100, "--as-of", DAY)
    assert (code, "Run 1" in said) == (7, True)
    assert "D4" in {one["cell"] for one in json.loads(output)["issues"]}


def test_check_history_and_show_as_json_are_one_object_each(call, book):
    call("run", book, "--as-of", DAY)
    assert json.loads(call("check", book, "--json")[1])["quality"] > 0
    assert [one["id"] for one in json.loads(call("history", book, "--json")[1])] == [1]
    assert json.loads(call("show", book, 1, "--json")[1])["run"] == 1


# Exit codes


def test_a_wrong_setting_or_use_ends_with_2(call, book, tmp_path):
    for words in (["plan"], ["plan", book, "--as-of", "soon"], ["nonsense"], ["plan", book, "--config", "none.toml"]):
        assert call(*words)[0] == 2
    (tmp_path / "sheetcrm.toml").write_text("[guard]\nshare = 7\n", encoding="utf-8")
    code, _, error = call("plan", book)
    assert (code, "guard.share" in error) == (2, True)


def test_a_refused_plan_ends_with_3_and_nothing_is_written(call, book):
    call("run", book, "--as-of", DAY)
    call("undo", book)
    before = book.read_bytes()
    for words in (["undo", book, 1], ["undo", book], ["apply", book], ["apply", book, "7"]):
        code, _, error = call(*words)
        assert code == 3, words
        assert error.count("\n") == 2, "what, and what to do"
    assert book.read_bytes() == before


def test_a_plan_that_touches_too_much_is_refused_until_it_is_allowed(call, book, tmp_path):
    (tmp_path / "sheetcrm.toml").write_text("[guard]\nshare = 0.1\nrows_free = 2\n", encoding="utf-8")
    before = book.read_bytes()
    code, _, error = call("run", book, "--as-of", DAY)
    assert (code, "--allow-large" in error) == (3, True)
    assert (book.read_bytes(), mails(book)) == (before, [])
    assert "--allow-large" in call("plan", book, "--as-of", DAY)[1]
    assert call("run", book, "--as-of", DAY, "--allow-large")[0] == 0


def test_a_read_only_workbook_ends_with_3_before_anybody_is_mailed(call, book):
    book.chmod(0o444)
    code, _, error = call("run", book, "--as-of", DAY)
    assert (code, "read-only" in error, mails(book)) == (3, True, [])


def test_a_workbook_open_in_excel_ends_with_4_and_nothing_is_written(call, book):
    before = book.read_bytes()
    book.with_name("~$crm.xlsx").write_bytes(b"\x03Dan" + bytes(160))
    code, _, error = call("run", book, "--as-of", DAY)
    assert (code, "Dan" in error, "Close it" in error) == (4, True, True)
    assert (book.read_bytes(), mails(book)) == (before, [])
    assert call("plan", book, "--as-of", DAY)[0] == 0, "reading is allowed"


@pytest.mark.parametrize("command", ["run", "apply", "undo"])
def test_a_workbook_that_another_run_has_locked_ends_with_4(call, book, command):
    call("run", book, "--as-of", DAY)
    with desk(book).locked():
        other = process(command, book)
        assert other.returncode == 4
        assert b"Another run is at work" in other.stderr


def encrypted(name: str) -> bytes:
    return CFB + bytes(600) + name.encode("utf-16-le") + bytes(600)


def truncated(path: Path) -> bytes:
    return build(path / "whole.xlsx").read_bytes()[:3000]


UNREADABLE = {
    "cut off": truncated,
    "empty": lambda _: b"",
    "with a password": lambda _: encrypted("EncryptedPackage"),
    "old .xls": lambda _: encrypted("Workbook"),
    "a text": lambda _: b"Name;Owner\nAnn;Ben\n",
    "a web page": lambda _: b"<html><table></table></html>",
    "random bytes": lambda _: bytes(range(256)) * 20,
}


@pytest.mark.parametrize("what", UNREADABLE)
@pytest.mark.parametrize("command", ["check", "plan", "run"])
def test_what_is_no_workbook_ends_with_5_a_remedy_and_no_traceback(call, tmp_path, what, command):
    path = tmp_path / "book.xlsx"
    path.write_bytes(UNREADABLE[what](tmp_path))
    before = path.read_bytes()
    code, output, error = call(command, path)
    assert code == 5, error
    assert "book.xlsx" in error
    assert error.count("\n") == 2, "what, and what to do"
    assert "Traceback" not in output + error
    assert path.read_bytes() == before


def test_a_zip_of_something_else_and_a_missing_file_end_with_5(call, tmp_path):
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    (tmp_path / "empty").mkdir()
    for name in ("book.xlsx", "missing.xlsx", "empty"):
        assert call("plan", name)[0] == 5


def test_a_workbook_without_any_known_tab_ends_with_5_and_the_way_to_name_tabs(call, tmp_path):
    file = openpyxl.Workbook()
    file.active.append(["Colour", "Size"])
    file.save(tmp_path / "book.xlsx")
    code, _, error = call("run", "book.xlsx")
    assert (code, "[tabs]" in error) == (5, True)


def test_what_is_not_there_ends_with_6(call, book):
    assert call("history", book)[0] == 6
    call("run", book, "--as-of", DAY)
    code, _, error = call("show", book, 7)
    assert (code, "sheetcrm history" in error) == (6, True)


def test_a_data_quality_below_the_wanted_one_ends_with_7(call, book):
    type_in(book, "met in hall 3", "E-mail", "no address")
    assert call("check", book, "--fail-under", 100)[0] == 7
    assert call("check", book, "--fail-under", 1)[0] == 0


def test_a_mail_that_was_not_sent_ends_with_8_and_is_named(call, book, tmp_path):
    (tmp_path / "outbox").write_text("a file in the folder's place", encoding="utf-8")
    code, output, _ = call("run", book, "--as-of", DAY)
    assert (code, "the mail was not sent" in output) == (8, True)
    (tmp_path / "outbox").unlink()
    assert call("run", book, "--as-of", DAY)[0] == 0
    assert len(mails(book)) == 3


def test_an_unfinished_run_makes_plan_refuse_and_the_next_run_finish_it(call, book):
    at = desk(book)
    at.journal.start(plan_of(at), DAY)
    code, _, error = call("plan", book, "--as-of", DAY)
    assert (code, "cut short" in error) == (3, True)
    code, _, error = call("run", book, "--as-of", DAY)
    assert (code, "Run 1, which was cut short, is finished now." in error) == (0, True)
    assert len(mails(book)) == 3


def test_a_plan_for_another_workbook_or_none_at_all_is_refused(call, book, tmp_path):
    plan = replace(plan_of(desk(book)), workbook="other.xlsx")
    (tmp_path / "other.json").write_text(to_json(plan), encoding="utf-8")
    (tmp_path / "broken.json").write_text('{"changes": [{}]}', encoding="utf-8")
    for name in ("other.json", "broken.json", "missing.json"):
        assert call("apply", book, name)[0] == 3


def test_doctor_names_a_remedy_for_each_thing_that_is_wrong(call, book):
    assert call("doctor", book)[0] == 0
    book.with_name("~$crm.xlsx").write_bytes(b"\x03Dan" + bytes(160))
    code, output, _ = call("doctor", book)
    assert (code, "Close it there before a run." in output) == (1, True)


# Screens and processes


def test_a_cp1252_pipe_gets_every_letter(tmp_path):
    path = build(tmp_path / "crm.xlsx")
    type_in(path, "met in hall 3", "Company", "Łódź 東京 ✓ Works")
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0", "LC_ALL": "C"}
    for command in (["plan", path], ["check", path, "--all"], ["run", path]):
        done = process(*command, "--as-of", DAY, env=environment)
        assert done.returncode == 0, done.stderr.decode()
    shown = process("show", path, "1", "--all", env=environment).stdout.decode("utf-8")
    assert "Łódź 東京 ✓ Works" in shown


def test_each_command_is_in_the_help_with_the_first_line_of_its_own():
    for name, (module, line) in COMMANDS.items():
        command = getattr(importlib.import_module(f"sheetcrm.cli.{module}"), f"{name}_command")
        assert command.name == name
        assert command.help.partition("\n\n")[0].replace("\n", " ") == line


def test_help_and_version_cost_less_than_a_third_of_a_second():
    process("--help")  # the first start may compile
    for words in (["--help"], ["--version"], ["-h"]):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = process(*words)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0
        assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.3


def test_a_reader_that_leaves_early_ends_it_without_a_word(book):
    program = [sys.executable, "-m", "sheetcrm", "plan", str(book), "--as-of", DAY, "--json"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.close()
        assert child.stderr.read() == b""
        assert child.wait() == 1, "not everything was said, or done"


def test_a_workbook_in_a_folder_that_may_not_be_written_keeps_its_records_in_the_users_folder(
    book, own_home, monkeypatch
):
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert desk(book).state.parent.parent == own_home


def test_the_plan_file_is_named_relative_to_where_one_stands(call, book):
    assert f"saved as {Path('.sheetcrm') / 'crm.xlsx' / 'plans' / '0001.json'}" in call("plan", book, "--as-of", DAY)[1]


def test_a_report_imports_neither_jobs_nor_formulas_nor_matching():
    code = "import sys, sheetcrm.cli.report, sheetcrm.jobs.summary, sheetcrm.reports.condition; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"sheetcrm.jobs.registry", "sheetcrm.formula", "sheetcrm.matching", "pandas"}.isdisjoint(found)
