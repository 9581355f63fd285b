"""What each system's scheduler is given is what its own tool takes, whatever the paths hold."""

from __future__ import annotations

import json
import plistlib
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest
import xmlschema
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st
from small_crm import build

from sheetcrm.cli import main
from sheetcrm.schedule.units import (
    KINDS,
    Job,
    cron_line,
    crontab_with,
    crontab_without,
    github_workflow,
    job_name,
    launchd_plist,
    systemd_units,
    windows_task,
)

ODD = 'Bob\'s "50%" $HOME; rm -rf \\ ümlaut'
JOB = Job("sheetcrm-crm-123456", (sys.executable, "-m", "sheetcrm", "run", "--due", f"/data/{ODD}/crm.xlsx"), "/")
XSD = xmlschema.XMLSchema(Path(__file__).with_name("task.xsd"))
NAMESPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def call(*words: object, code: int = 0) -> None:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    assert end.value.code == code


@pytest.mark.parametrize("every", [1, 5, 59])
def test_systemd_itself_takes_service_and_timer(needs, tmp_path, every):
    needs("systemd-analyze")
    for name, content in systemd_units(Job(JOB.name, JOB.command, str(tmp_path), every)).items():
        (tmp_path / name).write_bytes(content)
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(map(str, tmp_path.glob("*")))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_gets_what_is_special_to_it_escaped():
    (line,) = [one for one in systemd_units(JOB)[f"{JOB.name}.service"].decode().splitlines() if "ExecStart" in one]
    assert "%%" in line
    assert "$$HOME" in line
    assert '\\"50' in line


def test_the_plist_reads_back_with_the_very_words():
    (content,) = launchd_plist(JOB).values()
    plain = plistlib.loads(content)
    assert plain["ProgramArguments"] == list(JOB.command)
    assert (plain["Label"], plain["StartInterval"], plain["RunAtLoad"]) == (JOB.name, 300, True)


def windows_words(line: str) -> list[str]:
    """A command line split as Windows programs do (the rules of CommandLineToArgvW)."""
    words, word, quoted, i, is_word = [], "", False, 0, False
    while i < len(line):
        slashes = 0
        while i < len(line) and line[i] == "\\":
            slashes, i = slashes + 1, i + 1
        if i < len(line) and line[i] == '"':
            word += "\\" * (slashes // 2)
            if slashes % 2:
                word += '"'
            else:
                quoted = not quoted
            is_word, i = True, i + 1
            continue
        word += "\\" * slashes
        is_word = is_word or bool(slashes)
        if i < len(line):
            if line[i] in " \t" and not quoted:
                if is_word:
                    words.append(word)
                word, is_word = "", False
            else:
                word, is_word = word + line[i], True
            i += 1
    return [*words, word] if is_word else words


def test_the_windows_task_meets_its_schema_and_starts_the_very_words():
    (content,) = windows_task(JOB).values()
    assert content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode("utf-16")
    XSD.validate(content.decode("utf-16").partition("\n")[2])
    task = ElementTree.fromstring(text.partition("\n")[2])
    assert task.findtext(f".//{NAMESPACE}Command") == JOB.command[0]
    assert windows_words(task.findtext(f".//{NAMESPACE}Arguments")) == list(JOB.command[1:])
    assert task.findtext(f".//{NAMESPACE}Interval") == "PT5M"


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=("Cc", "Cs")), max_size=20)


@given(words=st.lists(PRINTABLE, min_size=1, max_size=4))
def test_whatever_the_words_windows_and_launchd_get_them_back(words):
    job = Job("j", ("python", *words), "/")
    (task,) = windows_task(job).values()
    found = ElementTree.fromstring(task).findtext(f".//{NAMESPACE}Arguments") or ""
    assert windows_words(found) == words
    (plist,) = launchd_plist(job).values()
    assert plistlib.loads(plist)["ProgramArguments"] == ["python", *words]


@given(words=st.lists(PRINTABLE.filter(lambda word: "\x7f" not in word), min_size=1, max_size=3))
def test_whatever_the_words_cron_hands_them_to_the_shell_as_they_are(words):
    (line,) = cron_line(Job("j", ("printf", "%s\\0", *words), "/")).values()
    # As cron reads it: five fields, then the command up to the first % that has no \ before it.
    command = line.decode().rstrip("\n").split(" ", 5)[5].replace("\\%", "%")
    done = subprocess.run(["sh", "-c", command], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == words


def test_cron_itself_takes_the_line(needs, tmp_path):
    needs("crontab")
    (content,) = cron_line(JOB).values()
    path = tmp_path / "crontab"
    path.write_bytes(content)
    assert subprocess.run(["crontab", "-n", str(path)], capture_output=True, check=False).returncode == 0


def test_a_crontab_keeps_its_other_lines_and_gets_ours_once():
    others = "# mine\n0 3 * * * backup  # sheetcrm-crm-1234567\nMAILTO=me\n"
    once = crontab_with(others, JOB)
    assert once.startswith(others)
    assert crontab_with(once, JOB) == once
    assert crontab_without(once, JOB.name) == others


def test_the_workflow_meets_the_schema_of_github_actions(tmp_path):
    (content,) = github_workflow(Job("j", ("sheetcrm", "run", "--due", "Bob's crm.xlsx"), ".", 1)).values()
    path = tmp_path / "workflow.yml"
    path.write_bytes(content)
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert b"*/5 * * * *" in content, "GitHub runs schedules every five minutes at the most"


def test_two_workbooks_of_one_name_get_entries_of_their_own():
    names = {job_name(PurePosixPath(path)) for path in ("/a/crm.xlsx", "/b/crm.xlsx", "/a/Ümläut & Co.xlsx", "/a/....")}
    assert len(names) == 4
    assert all(name.replace("-", "").isalnum() for name in names)


@pytest.mark.parametrize("kind", KINDS)
def test_show_prints_what_install_writes_and_uninstall_takes_it_away(tmp_path, monkeypatch, capsys, kind):
    book = build(tmp_path / "crm.xlsx")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    crontab = tmp_path / "crontab"
    program = tmp_path / "bin" / "crontab"
    program.parent.mkdir()
    missing = "{ echo no crontab for me >&2; exit 1; }"
    program.write_text(f'#!/bin/sh\nif [ "$1" = -l ]; then cat {crontab} || {missing}; else cat > {crontab}; fi\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    before = set(tmp_path.rglob("sheetcrm-*"))
    call("schedule", "show", book, "--for", kind)
    shown = capsys.readouterr().out
    assert "--due" in shown
    call("schedule", "install", book, "--for", kind, "--no-start")
    told = capsys.readouterr().out
    if kind == "cron":
        assert crontab.read_text().strip() in shown
    else:
        written = [Path(line.partition(": ")[2]) for line in told.splitlines() if line.startswith("written")]
        assert written
        for path in written:
            assert path.read_bytes().decode("utf-16" if kind == "windows" else "utf-8").strip() in shown
    call("schedule", "uninstall", book, "--for", kind, "--no-start")
    assert set(tmp_path.rglob("sheetcrm-*")) == before
    assert not crontab.exists() or crontab.read_text() == ""
    if kind != "cron":
        call("schedule", "uninstall", book, "--for", kind, "--no-start", code=6)


def test_run_due_tells_scripts_what_it_did(tmp_path, capsys):
    book = build(tmp_path / "crm.xlsx")
    call("run", "--due", book, "--as-of", "2026-03-02T07:59:59", "--json")
    assert json.loads(capsys.readouterr().out)["worked"] == []
    call("run", "--due", book, "--as-of", "2026-03-02T08:00", "--json")
    (worked,) = json.loads(capsys.readouterr().out)["worked"]
    assert (worked["group"], worked["slot"], worked["state"]) == ("daily", "2026-03-02T08:00", "done")
    assert worked["detail"] == "run 1: 13 cells, 3 mails"
