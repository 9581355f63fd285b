"""kill -9 at the system calls of a save: the workbook is the old or the new one, always."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import xlsxwriter

from sheetcrm.xlsx import open_book

PROGRAM = """
import sys
from pathlib import Path
from sheetcrm.xlsx import open_book
book = open_book(Path(sys.argv[1]))
book.set("Leads", "B2", "edited")
book.append("Leads", [{0: "new", 1: "row"}])
book.put_tab("Report", [["Owner", "Open"], ["Ann", 12]])
Path(sys.argv[1]).with_name("begin").exists()
book.save()
"""
# Killed at one of these the disk is as it is at the next of the others.
HARMLESS = frozenset(
    "brk mmap munmap mprotect madvise mremap futex lseek fstat newfstatat stat lstat ioctl getdents64 read getpid "
    "rt_sigaction rt_sigprocmask exit_group exit getrandom fcntl umask geteuid getuid sched_yield clock_gettime".split()
)
CALL = re.compile(r"^\d+ +(?:<\.\.\. )?(\w+)")


@pytest.fixture
def strace(needs, tmp_path: Path) -> list[str]:
    """A command that traces a program; skips where this machine does not allow it."""
    needs("strace")
    tried = subprocess.run(["strace", "-o", tmp_path / "trace", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("this machine does not let strace trace")
    return ["strace", "-f"]


def build(path: Path) -> Path:
    with xlsxwriter.Workbook(path) as book:
        tab = book.add_worksheet("Leads")
        for i in range(5):
            tab.write_row(i, 0, [f"L-{i}", f"Lead {i}"])
        tab.write_formula("D1", "=COUNTA(A:A)", None, 5)
    return path


def save(path: Path, strace: list[str]) -> None:
    program = [sys.executable, "-c", PROGRAM, str(path)]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([*strace, *program], capture_output=True, check=False, env=environment)


def points(folder: Path, strace: list[str]) -> list[tuple[str, int]]:
    """Every system call of a save: its name, and which one of that name it is since the program's start."""
    path = build(folder / "book.xlsx")
    save(path, [*strace, "-o", str(folder / "calls")])
    counts: Counter[str] = Counter()
    found, has_begun = [], False
    for line in (folder / "calls").read_text(errors="replace").splitlines():
        call = CALL.match(line)
        if call is None or "resumed>" in line:
            continue
        counts[call[1]] += 1
        has_begun |= "/begin" in line
        if has_begun and call[1] not in HARMLESS:
            found.append((call[1], counts[call[1]]))
    assert has_begun
    assert len(found) > 30
    return found


def state(path: Path) -> tuple[object, ...]:
    """What the workbook holds; it must open."""
    book = open_book(path)
    return book.tabs, book.grid("Leads").rows[1][1], len(book.grid("Leads").rows)


def check(folder: Path, strace: list[str], chosen: list[tuple[str, int]]) -> None:
    path = folder / "book.xlsx"
    old = build(path).read_bytes()
    before = state(path)
    assert before == (("Leads",), "Lead 1", 5)
    seen = Counter[str]()
    for call, number in chosen:
        path.write_bytes(old)
        save(path, [*strace, "-o", "/dev/null", "-e", f"inject={call}:signal=SIGKILL:when={number}"])
        after = state(path)
        assert after in (before, (("Leads", "Report"), "edited", 6)), f"killed at {call} {number}"
        assert (path.read_bytes() == old) == (after == before)
        seen["new" if after != before else "old"] += 1
        for left in folder.glob(".sheetcrm-*"):
            left.unlink()
    assert seen["old"] > 1
    assert seen["new"] > 0


def test_a_save_killed_at_its_writes_flushes_and_moves_leaves_the_old_or_the_new_workbook(tmp_path, strace):
    (tmp_path / "calls").mkdir()
    (tmp_path / "kill").mkdir()
    chosen = [one for one in points(tmp_path / "calls", strace) if one[0] in ("fsync", "rename", "write")]
    check(tmp_path / "kill", strace, chosen[-5:])


@pytest.mark.slow
def test_a_save_killed_at_every_system_call_leaves_the_old_or_the_new_workbook(tmp_path, strace):
    (tmp_path / "calls").mkdir()
    (tmp_path / "kill").mkdir()
    check(tmp_path / "kill", strace, points(tmp_path / "calls", strace))
