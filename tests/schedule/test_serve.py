"""serve: many workbooks in one process, clean ends, and work that survives whoever dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from small_crm import build, desk, mails

from sheetcrm.cli.due import Tick, ledger_of
from sheetcrm.cli.serve import Rounds, keep_time

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ALWAYS = '[[schedule.groups]]\nname = "always"\nevery_minutes = 1\nweekdays = [1, 2, 3, 4, 5, 6, 7]\njobs = ["keys"]\n'


def serve(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "SHEETCRM_HOME": str(folder / "home")}
    return subprocess.Popen(
        [sys.executable, "-m", "sheetcrm", "serve", *words],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def wait_until(is_so, seconds: float = 60, every: float = 0.05) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(every)


def is_done(book: Path) -> bool:
    path = book.parent / ".sheetcrm" / book.name / "schedule.sqlite"
    return path.exists() and any(one.state == "done" for one in ledger_of(desk(book)).entries("always"))


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_several_workbooks_are_worked_off_and_a_signal_ends_it_cleanly(tmp_path, ending):
    books = [build(tmp_path / f"crm{n}.xlsx") for n in range(3)]
    (tmp_path / "sheetcrm.toml").write_text(ALWAYS, encoding="utf-8")
    running = serve(tmp_path, *(one.name for one in books), "gone.xlsx", "--workers", "2")
    try:
        wait_until(lambda: all(map(is_done, books)))
        start = time.monotonic()
        running.send_signal(ending)
        output, _ = running.communicate(timeout=20)
    finally:
        running.kill()
    assert time.monotonic() - start < 10
    assert running.returncode == 0
    assert "There is no workbook gone.xlsx" in output, "one that is missing stops no other"
    assert output.rstrip().endswith("ending")
    assert "Traceback" not in output


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_a_killed_serve_leaves_no_process_behind_and_the_next_one_goes_on(tmp_path):
    book = build(tmp_path / "crm.xlsx")
    (tmp_path / "sheetcrm.toml").write_text(ALWAYS, encoding="utf-8")
    running = serve(tmp_path, book.name)
    try:
        wait_until(lambda: is_done(book))
        children = children_of(running.pid)
        assert children
    finally:
        running.kill()
        running.communicate()
    wait_until(lambda: not any(is_alive(one) for one in children), 15)
    ledger_of(desk(book))


def children_of(pid: int) -> list[int]:
    found = []
    for one in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = one.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(one.parent.name))
    return found


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# The rounds, with a pool that answers as told


class Answer:
    def __init__(self, result: Tick | Exception, *, is_done: bool = True) -> None:
        self._result, self.is_done = result, is_done

    def done(self) -> bool:
        return self.is_done

    def result(self) -> Tick:
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


class Pool:
    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers, self.asked = answers, Counter()

    def submit(self, book: str, _config: str) -> Answer:
        self.asked[book] += 1
        return self.answers[book]

    def close(self, _running) -> None:
        pass


def rounds(**answers: Answer) -> tuple[Rounds, Pool, list[str]]:
    pool, said = Pool(answers), []
    return Rounds(tuple(answers), "", pool, said.append), pool, said


def test_a_workbook_is_looked_at_when_it_asked_for_it_and_not_before():
    one, pool, _ = rounds(a=Answer(Tick("a", wake=NOW + timedelta(minutes=3))))
    for seconds in (0, 5, 60, 175, 180):
        one.beat(NOW + timedelta(seconds=seconds))
    assert pool.asked["a"] == 2


def test_a_workbook_that_is_still_being_worked_off_is_not_begun_again():
    slow = Answer(Tick("a"), is_done=False)
    one, pool, _ = rounds(a=slow, b=Answer(Tick("b", wake=NOW)))
    for seconds in range(0, 50, 5):
        one.beat(NOW + timedelta(seconds=seconds))
    assert pool.asked["a"] == 1
    assert pool.asked["b"] == 10


def test_a_worker_that_dies_is_told_and_its_workbook_looked_at_again():
    one, pool, said = rounds(a=Answer(RuntimeError("gone")))
    for seconds in (0, 5, 60, 65):
        one.beat(NOW + timedelta(seconds=seconds))
    assert pool.asked["a"] == 2
    assert said == ["a: the worker died (RuntimeError); the next look finishes its work"]


def test_a_clock_that_is_set_back_makes_it_look_anew():
    one, pool, _ = rounds(a=Answer(Tick("a", wake=NOW + timedelta(days=3, minutes=1))))
    one.beat(NOW + timedelta(days=3))
    one.beat(NOW + timedelta(days=3, seconds=5))
    one.beat(NOW)
    assert pool.asked["a"] == 2


def test_the_metronome_goes_on_when_the_local_clock_is_set_back(monkeypatch):
    import schedule

    beats: list[datetime] = []

    class Local(datetime):
        offset = timedelta()

        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) - cls.offset

    monkeypatch.setattr(schedule.datetime, "datetime", Local)
    monkeypatch.setattr("sheetcrm.cli.serve.BEAT_SECONDS", 1)

    class Stop:
        waits = 0

        def is_set(self) -> bool:
            return len(beats) >= 3 or self.waits > 200

        def wait(self, _seconds: float) -> None:
            self.waits += 1
            time.sleep(0.05)
            Local.offset = timedelta(hours=1)

    keep_time(beats.append, Stop())
    assert len(beats) >= 3


# More of it


@pytest.mark.slow
def test_two_hundred_workbooks_are_each_worked_off_once_by_a_pool(tmp_path):
    books = []
    for n in range(200):
        book = build(tmp_path / str(n) / "crm", count=5)
        daily = ALWAYS.replace("every_minutes = 1", f'at = "{datetime.now(UTC):%H:%M}"\nzone = "UTC"')
        (book.parent / "sheetcrm.toml").write_text(daily, encoding="utf-8")
        books.append(book)
    running = serve(tmp_path, *(f"{n}/crm" for n in range(200)))
    try:
        wait_until(lambda: all(map(is_done, books)), 400, 2)
        running.terminate()
        running.communicate(timeout=20)
    finally:
        running.kill()
    for book in books:
        assert [one.tries for one in ledger_of(desk(book)).entries("always") if one.state == "done"] == [1]


@pytest.mark.slow
def test_on_a_cluster_of_two_workers_one_of_which_is_killed_all_workbooks_are_worked_off(tmp_path):
    pytest.importorskip("distributed")
    # Each with customers of its own: workbooks alike would count as copies, and copies mail nobody.
    books = [build(tmp_path / str(n) / "crm.xlsx", kind=f"Works {n}") for n in range(30)]
    for book in books:
        daily = f'at = "{datetime.now(UTC):%H:%M}"\nzone = "UTC"'
        text = ALWAYS.replace("every_minutes = 1", daily).replace('jobs = ["keys"]', "")
        (book.parent / "sheetcrm.toml").write_text(text, encoding="utf-8")
    environment = {**os.environ, "SHEETCRM_HOME": str(tmp_path / "home")}
    dask = [
        sys.executable,
        "-m",
        "distributed.cli.dask_scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
    ]
    place = tmp_path / "scheduler.json"
    started = [subprocess.Popen([*dask, "--scheduler-file", str(place)], stderr=subprocess.DEVNULL, env=environment)]
    wait_until(place.exists)
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(place), "--nthreads", "1"]
    worker += ["--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path / "dask")]
    started += [subprocess.Popen(worker, stderr=subprocess.DEVNULL, env=environment) for _ in range(2)]
    address = json.loads(place.read_text())["address"]
    running = serve(tmp_path, *(f"{n}/crm.xlsx" for n in range(30)), "--cluster", address)
    started.append(running)
    try:
        wait_until(lambda: sum(map(is_done, books)) >= 3, 120, 1)
        started[1].kill()
        wait_until(lambda: all(map(is_done, books)), 300, 1)
        running.terminate()
        running.communicate(timeout=20)
    finally:
        for one in started:
            one.kill()
            one.wait()
    for book in books:
        assert len(mails(book)) == 3, "each mail once, whoever died"
