"""kill -9 in the midst of a run that mails over SMTP: no message lost, none sent twice, the workbook whole."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import count
from pathlib import Path

import pytest
from killing import run_killed
from small_crm import DAY, build, cells, desk, plan_of

sys.path.insert(0, str(Path(__file__).parent / "outbox"))
from smtp_servers import Scripted, scripted

EVERYBODY = ["ann@x.example", "ben@x.example", "mia@x.example"]


def prepare(folder: Path, server: Scripted, policy: str) -> Path:
    book = build(folder / "crm.xlsx")
    (folder / "sheetcrm.toml").write_text(
        f'[mail]\nsender = "crm@example.com"\nunconfirmed = "{policy}"\n'
        f'[mail.smtp]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\ntimeout_seconds = 5\n',
        encoding="utf-8",
    )
    return book


def run_until_done(book: Path) -> None:
    """Runs the workbook, over the days that waits may take, until nothing is left to do."""
    for hour in range(9, 19, 3):
        at = desk(book, f"{DAY}T{hour:02}:00")
        at.finish_unfinished()
        plan = plan_of(at)
        if not plan.is_empty:
            at.apply(plan)


def check(book: Path, server: Scripted, policy: str, *, was_killed: bool) -> None:
    run_until_done(book)
    got = Counter(line[4:].decode() for one in server.taken for line in one.split(b"\r\n") if line.startswith(b"To: "))
    journal = desk(book).journal
    unconfirmed = [one.to for one in journal.mails("state = 'unconfirmed'")]
    accepted = [one.to for one in journal.mails("state = 'accepted'")]
    assert sorted(accepted + unconfirmed) == EVERYBODY, "no message is lost: each is out, or shown as unconfirmed"
    assert not [to for to in accepted if not got[to]], "whatever counts as accepted was taken"
    if policy == "hold":
        assert max(got.values()) == 1, "none is sent twice"
        assert len(unconfirmed) <= was_killed
    else:
        assert unconfirmed == []
        assert got.total() <= len(EVERYBODY) + was_killed, "at most one more for each crash"
    assert set(cells(book)) == {f"met in hall {n}" for n in range(1, 21)}
    assert journal.unfinished() is None
    stamped = {row["Last Reminder"] is not None for row in cells(book).values()}
    assert stamped == {True, False}


POINTS = [("sendto", n) for n in (1, 2, 3, 4, 5, 7, 9)] + [("recvfrom", n) for n in (1, 3, 5, 6, 9)]
POINTS += [("fdatasync", n) for n in (20, 30, 40)]


@pytest.mark.usefixtures("can_trace")
@pytest.mark.parametrize("policy", ["hold", "resend"])
@pytest.mark.parametrize(("call", "number"), POINTS[4::4])
def test_killed_while_mailing_the_next_runs_finish_without_losing_or_repeating(tmp_path, policy, call, number):
    with scripted() as server:
        book = prepare(tmp_path, server, policy)
        assert run_killed(book, call, number), "the run makes fewer such calls now: choose others"
        check(book, server, policy, was_killed=True)


@pytest.mark.slow
@pytest.mark.usefixtures("can_trace")
@pytest.mark.parametrize("policy", ["hold", "resend"])
@pytest.mark.parametrize(
    ("call", "step"), [("sendto", 1), ("recvfrom", 1), ("rename", 1), ("fsync", 1), ("fdatasync", 3), ("pwrite64", 27)]
)
def test_killed_at_every_system_call_of_a_kind_no_mail_is_lost_or_repeated(tmp_path, policy, call, step):
    for number in count(1, step):
        with scripted() as server:
            folder = tmp_path / str(number)
            folder.mkdir()
            book = prepare(folder, server, policy)
            was_killed = run_killed(book, call, number)
            check(book, server, policy, was_killed=was_killed)
        if not was_killed:
            assert number > 1, "the run makes no such call now: choose another"
            return
