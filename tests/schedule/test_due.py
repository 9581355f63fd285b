"""A look at the schedule: what is due is worked off once, errors stay where they are, and somebody hears of them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import filelock
import pytest
from small_crm import build, cells, desk, mails, plan_of

from sheetcrm.cli import main
from sheetcrm.cli.due import Tick, ledger_of, tick, work_off
from sheetcrm.errors import ConfigError

MONDAY = "2026-03-02"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return build(tmp_path / "crm.xlsx")


def configure(book: Path, text: str) -> None:
    (book.parent / "sheetcrm.toml").write_text(text, encoding="utf-8")


def look(book: Path, clock: str, day: str = MONDAY) -> Tick:
    return work_off(desk(book, f"{day}T{clock}"))


def told(done: Tick) -> list[tuple[str, str, str]]:
    return [(one.group, one.slot, one.state) for one in done.worked]


def call(*words: object, code: int = 0) -> None:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    assert end.value.code == code


def test_the_usual_schedule_runs_all_jobs_once_each_working_day_at_eight(book):
    assert told(look(book, "07:30")) == []
    assert told(look(book, "08:00")) == [("daily", "2026-03-02T08:00", "done")]
    assert told(look(book, "08:05")) == []
    assert len(mails(book)) == 3
    assert told(look(book, "08:00", "2026-03-07")) == [("daily", "2026-03-06T08:00", "done")], "Friday's, caught up"


def test_a_look_says_when_the_next_one_is_worth_it(book):
    assert look(book, "07:50").wake.isoformat() == "2026-03-02T08:00:00+00:00"
    # No later than in a quarter of an hour: the settings may have changed.
    assert look(book, "09:00").wake.isoformat() == "2026-03-02T09:15:00+00:00"


GROUPS = """
[[schedule.groups]]
name = "broken"
at = "08:00"
jobs = ["summary"]

[[schedule.groups]]
name = "good"
at = "08:00"
jobs = ["keys", "assignment"]
"""


def break_template(book: Path, name: str) -> Path:
    folder = book.parent / "templates"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text("{{ nonsense.at.all }}", encoding="utf-8")
    return path


def test_one_group_that_fails_does_not_stop_another_and_is_tried_again_with_growing_waits(book):
    configure(book, GROUPS)
    template = break_template(book, "report.txt.j2")
    look(book, "07:59")
    done = look(book, "08:00")
    assert told(done) == [("broken", "2026-03-02T08:00", "failed"), ("good", "2026-03-02T08:00", "done")]
    assert done.worked[0].problem == "ConfigError"
    assert cells(book)["met in hall 3"]["Owner"]
    assert told(look(book, "08:00")) == []
    assert told(look(book, "08:01")) == [("broken", "2026-03-02T08:00", "failed")]
    assert told(look(book, "08:02")) == []
    template.unlink()
    assert told(look(book, "08:03")) == [("broken", "2026-03-02T08:00", "done")]


def test_in_one_group_a_job_that_fails_does_not_stop_the_others(book):
    break_template(book, "report.txt.j2")
    look(book, "07:59")
    done = look(book, "08:00")
    assert [one.state for one in done.worked] == ["failed"]
    assert cells(book)["met in hall 3"]["Owner"], "assignment was done"
    assert len(mails(book)) == 2, "and so were the reminders"


def test_status_shows_next_last_missed_and_failing(book, capsys):
    configure(book, GROUPS)
    break_template(book, "report.txt.j2")
    look(book, "07:59")
    look(book, "08:00", "2026-03-04")
    call("status", book)
    shown = capsys.readouterr().out
    for words in ("good (", "last    2026-03-04 08:00  done", "missed  2026-03-03 08:00  overtaken", "failing 1 times"):
        assert words in shown
    call("status", book, "--check", code=1)
    capsys.readouterr()
    call("status", book, "--json")
    broken, good = json.loads(capsys.readouterr().out)["groups"]
    assert (broken["failures"], good["failures"]) == (1, 0)
    assert "report.txt.j2" in broken["error"]
    assert good["last"]["slot"] == "2026-03-04T08:00"


def test_before_anything_ran_status_shows_what_comes_and_writes_nothing(book, capsys):
    call("status", book)
    assert "next    20" in capsys.readouterr().out
    assert not (book.parent / ".sheetcrm").exists()


def alarms(book: Path) -> list[str]:
    found = [one.read_text("utf-8") for one in mails(book)]
    return [one for one in found if "Subject: crm.xlsx: daily fails" in one]


def test_after_three_failures_the_leaders_are_told_once_until_it_works_again(book):
    look(book, "07:59")
    look(book, "08:00")
    content = book.read_bytes()
    for day in ("2026-03-03", "2026-03-10"):
        book.write_bytes(b"no workbook")
        for clock in ("08:00", "08:01", "08:03", "08:07", "08:15"):
            assert told(look(book, clock, day)) == [("daily", f"{day}T08:00", "failed")]
            assert len(alarms(book)) == (day == "2026-03-10") + (clock not in {"08:00", "08:01"})
        book.write_bytes(content)
        assert told(look(book, "08:31", day)) == [("daily", f"{day}T08:00", "done")]
    assert "To: mia@x.example" in alarms(book)[0], "the manager of the Team tab, as it was read last"


def test_a_workbook_that_is_open_is_no_failure_until_an_hour_has_passed(book):
    configure(book, '[schedule]\nnotify = "boss@x.example"')
    at = desk(book)
    at.apply(plan_of(at, ("keys",)))
    look(book, "07:59")
    lock = book.with_name("~$crm.xlsx")
    lock.write_bytes(b"\x03Dan" + bytes(200))
    day, clocks = MONDAY, ["08:00", "08:01", "08:03", "08:07", "08:15", "08:25", "08:35", "08:45", "08:55"]
    for clock in clocks:
        assert told(look(book, clock, day)) == [("daily", f"{day}T08:00", "failed")]
        assert alarms(book) == []
    look(book, "09:05", day)
    assert len(alarms(book)) == 1
    lock.unlink()
    assert told(look(book, "09:15", day)) == [("daily", f"{day}T08:00", "done")]


def test_the_heartbeat_beats_while_all_is_well(book):
    configure(book, f'[schedule]\nheartbeat = "beat.txt"\n{GROUPS}')
    beat = book.parent / "beat.txt"
    look(book, "07:59")
    assert beat.read_text().startswith("2026-03-02T07:59")
    template = break_template(book, "report.txt.j2")
    look(book, "08:00")
    assert beat.read_text().startswith("2026-03-02T07:59")
    template.unlink()
    look(book, "08:01")
    assert beat.read_text().startswith("2026-03-02T08:01")


def test_the_heartbeat_may_be_a_web_address_and_one_that_is_away_is_told(book):
    asked = []

    class Watcher(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Watcher) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        configure(book, f'[schedule]\nheartbeat = "http://127.0.0.1:{server.server_port}/ping/x"')
        assert look(book, "07:00").problem == ""
        server.shutdown()
    assert asked == ["/ping/x"]
    assert "the heartbeat" in look(book, "07:01").problem


def test_while_another_process_is_at_work_nothing_is_begun(book):
    look(book, "07:59")
    with filelock.FileLock(book.parent / ".sheetcrm" / "crm.xlsx" / "schedule.lock"):
        done = look(book, "08:00")
    assert (done.is_taken, told(done)) == (True, [])
    assert told(look(book, "08:00")) == [("daily", "2026-03-02T08:00", "done")]


def test_a_moved_workbook_brings_its_schedule_along(tmp_path):
    book = build(tmp_path / "old" / "crm.xlsx", count=12)
    at = desk(book, f"{MONDAY}T08:00", knows_originals=True)
    assert told(work_off(at)) == [("daily", "2026-03-02T08:00", "done")]
    (tmp_path / "new").mkdir()
    moved = book.rename(tmp_path / "new" / "crm.xlsx")
    assert told(work_off(desk(moved, f"{MONDAY}T08:05", knows_originals=True))) == []
    assert ledger_of(desk(moved)).is_known("daily")


def test_trouble_with_a_workbook_comes_back_as_words(tmp_path):
    done = tick(str(tmp_path / "nothing.xlsx"))
    assert "There is no workbook" in done.problem
    assert not done.is_well


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[schedule.groups]]\nname = "x"\nat = "08:00"\njobs = ["nothing"]', '"nothing" in the group "x" is no job'),
        ('[[schedule.groups]]\nname = "x"', "say when"),
    ],
)
def test_a_bad_schedule_is_a_setting_to_correct(book, text, words):
    configure(book, text)
    with pytest.raises(ConfigError, match=words):
        desk(book)


DUE = "from sheetcrm.cli import main; main(['run', '--due', *__import__('sys').argv[1:]])"


def check_many_at_once(book: Path, count: int, clock: str) -> None:
    command = [sys.executable, "-c", DUE, str(book), "--as-of", clock]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(count)]
    ended = [(one.communicate(), one.returncode) for one in running]
    assert {code for _, code in ended} == {0}, ended
    said = [output.decode() for (output, _), _ in ended]
    assert len([one for one in said if ": done: run" in one]) == 1, said


def test_of_processes_started_at_once_one_runs(book):
    look(book, "07:59")
    check_many_at_once(book, 6, f"{MONDAY}T08:00")
    assert len(mails(book)) == 3
    assert [one.tries for one in ledger_of(desk(book)).entries("daily")] == [1]


# Twenty copies of one process that has all its modules: they begin closer together than programs started one by one.
STAMPEDE = """
import io, multiprocessing, sys
from contextlib import redirect_stdout
from sheetcrm.cli import main
import sheetcrm.cli.due, sheetcrm.cli.work

def work(book, clock, gate, said):
    gate.wait()
    with redirect_stdout(io.StringIO()) as out:
        try:
            main(["run", "--due", book, "--as-of", clock])
        except SystemExit as end:
            said.put((end.code, out.getvalue()))

processes = multiprocessing.get_context("fork")
for book in sys.argv[2:]:
    gate, said = processes.Barrier(20), processes.SimpleQueue()
    running = [processes.Process(target=work, args=(book, sys.argv[1], gate, said)) for _ in range(20)]
    for one in running:
        one.start()
    found = [said.get() for _ in running]
    for one in running:
        one.join()
    print({code for code, _ in found}, sum(": done: run" in out for _, out in found))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot copy a process")
def test_of_twenty_processes_started_at_once_fifty_times_one_runs_each_time(tmp_path):
    books = [build(tmp_path / str(n) / "crm.xlsx") for n in range(50)]
    for book in books:
        look(book, "07:59")
    command = [sys.executable, "-c", STAMPEDE, f"{MONDAY}T08:00", *map(str, books)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["{0} 1"] * 50, done.stderr
    assert {len(mails(book)) for book in books} == {3}
