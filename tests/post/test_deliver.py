"""Whole runs over SMTP: what the server said decides what the journal, the cells and the next run know of a mail."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from small_crm import DAY, build, cells, desk, plan_of, type_in
from smtp_servers import RESET, SILENCE, Scripted, scripted

from sheetcrm.addresses import stop, stopped
from sheetcrm.apply import Outcome
from sheetcrm.cli import main
from sheetcrm.cli.desk import Desk
from sheetcrm.errors import NotFound, PlanRefused
from sheetcrm.mail_states import NEVER
from sheetcrm.post.again import find_mail, retry_plan, short_name

OVERDUE = "met in hall 4"  # Ben's, overdue: reminders stamp it
BEN = f"digest/ben@x.example/{DAY}"
EVERYBODY = {"ann@x.example", "ben@x.example", "mia@x.example"}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return build(tmp_path / "crm.xlsx")


def configure(book: Path, server: Scripted, **mail: object) -> None:
    lines = [f"{name} = {json.dumps(value)}" for name, value in mail.items()]
    smtp = f'[mail.smtp]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\ntimeout_seconds = 0.3\n'
    text = "\n".join(['[mail]\nsender = "crm@example.com"', *lines, smtp])
    (book.parent / "sheetcrm.toml").write_text(text, encoding="utf-8")


def run(book: Path, day: str = DAY) -> Outcome | None:
    at = desk(book, day)
    plan = plan_of(at)
    return None if plan.is_empty else at.apply(plan)


def to(server: Scripted) -> list[str]:
    """Whom the server took mails for, as their headers say."""
    return [line[4:].decode() for one in server.taken for line in one.split(b"\r\n") if line.startswith(b"To: ")]


class For(dict):
    """A script for the mail of one recipient alone, so many times."""

    def __init__(self, number: int, stage: str, answer: str, times: int = 99) -> None:
        self.number, self.stage, self.reply, self.times, self.mails = number, stage, answer, times, 0

    def get(self, stage, default=None):
        self.mails += stage == "MAIL"
        if stage == self.stage and self.mails == self.number and self.times > 0:
            self.times -= 1
            return self.reply
        return default

    def __bool__(self):
        return True


def test_a_run_mails_everybody_over_one_connection_and_the_next_one_mails_nobody(book):
    with scripted() as server:
        configure(book, server)
        outcome = run(book)
        assert (len(outcome.sent), outcome.failed, outcome.waiting) == (3, {}, {})
        assert run(book) is None
    assert (set(to(server)), server.connections) == (EVERYBODY, 1)


def test_a_4xx_makes_a_mail_wait_with_its_cells_and_a_later_run_sends_it(book):
    # Ann's is the first mail, Ben's the second.
    with scripted(For(2, "RCPT", "451 try later")) as server:
        configure(book, server)
        outcome = run(book)
        assert outcome.failed == {}
        assert outcome.waiting == {BEN: "the mail waits until 2026-03-02 09:05 UTC: 451 try later"}
        assert cells(book)[OVERDUE]["Last Reminder"] is None

        early = desk(book, f"{DAY}T09:04")
        skipped = plan_of(early).skipped
        assert plan_of(early).is_empty
        assert [one.why for one in skipped] == ["waits until 2026-03-02 09:05 UTC: 451 try later"]

        assert len(run(book, f"{DAY}T09:05").sent) == 1
        assert cells(book)[OVERDUE]["Last Reminder"] == date(2026, 3, 2)
    assert sorted(to(server)) == sorted(EVERYBODY)


def test_the_waits_grow_and_end_and_what_was_given_up_is_left_to_a_person(book):
    waits, now = [], f"{DAY}T09:00"
    # One reason, one key: a mail that is due in every run.
    with scripted({"RCPT": "451 try later"}) as server:
        configure(book, server)
        at = desk(book, now)
        plan = plan_of(at, ("summary",))
        for _ in range(8):
            outcome = at.apply(plan) if not plan.is_empty else None
            (state,) = at.journal.mails()
            waits.append(state.due)
            if state.state == "failed":
                break
            at = desk(book, state.due)
            plan = plan_of(at, ("summary",))
    assert waits == [
        *("2026-03-02T09:05:00+00:00", "2026-03-02T09:20:00+00:00", "2026-03-02T10:20:00+00:00"),
        *("2026-03-02T13:20:00+00:00", "2026-03-02T19:20:00+00:00", "2026-03-03T07:20:00+00:00"),
        *("2026-03-04T07:20:00+00:00", NEVER),
    ]
    assert "given up after 8 tries: 451 try later" in next(iter(outcome.failed.values()))
    assert [one.why for one in plan_of(desk(book, "2026-03-05"), ("summary",)).skipped] == [
        "given up after 8 tries: 451 try later; sheetcrm outbox retry sends it"
    ]


def test_a_5xx_stops_the_address_until_a_person_allows_it_again(book, capsys):
    with scripted(For(2, "RCPT", "550 5.1.1 no such user", 1)) as server:
        configure(book, server)
        outcome = run(book)
        assert outcome.failed == {BEN: "the mail was not sent: 550 5.1.1 no such user"}
        at = desk(book, "2026-03-03")
        assert str(stopped(at.journal.memory())["ben@x.example"]) == (
            "the address refused on 2026-03-02: 550 5.1.1 no such user"
        )
        assert [one.to for one in plan_of(at).messages] == [], "not even the next day's digest is planned for it"

        call("outbox", "allow", book, "Ben@x.example")
        assert "gets mails again" in capsys.readouterr().out
        assert len(run(book, f"{DAY}T10:00").sent) == 1
    assert sorted(to(server)) == sorted(EVERYBODY)
    assert cells(book)[OVERDUE]["Last Reminder"] == date(2026, 3, 2)


def call(*words: object, code: int = 0) -> None:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    assert end.value.code == code


@pytest.mark.parametrize("kind", [SILENCE, RESET])
def test_a_mail_of_unknown_fate_is_held_and_shown_and_sent_again_only_by_choice(book, kind, capsys):
    with scripted(For(2, "dot", kind, 1)) as server:
        configure(book, server)
        outcome = run(book)
        assert "unconfirmed" in outcome.failed[BEN]
        assert run(book) is None
        assert to(server).count("ben@x.example") == 1

        call("status", book)
        assert f"{BEN}: unconfirmed" in capsys.readouterr().out
        call("status", book, "--check", code=1)
        call("outbox", "list", book)
        assert short_name(BEN) in capsys.readouterr().out
        call("outbox", "show", book, short_name(BEN))
        assert "Subject:" in capsys.readouterr().out

        call("outbox", "retry", book, short_name(BEN), "--as-of", f"{DAY}T10:00")
        assert to(server).count("ben@x.example") == 2
        assert cells(book)[OVERDUE]["Last Reminder"] == date(2026, 3, 2)
        assert run(book) is None
        call("outbox", "retry", book, short_name(BEN), code=3)
    assert "is accepted" in capsys.readouterr().err


def test_with_resend_a_mail_of_unknown_fate_is_sent_again_by_a_later_run(book):
    with scripted(For(2, "dot", RESET, 1)) as server:
        configure(book, server, unconfirmed="resend")
        assert list(run(book).waiting) == [BEN]
        assert len(run(book, f"{DAY}T09:05").sent) == 1
    assert to(server).count("ben@x.example") == 2
    ids = [line for one in server.taken for line in one.split(b"\r\n") if line.startswith(b"Message-ID")]
    assert len(set(ids)) == 3, "under the same Message-ID, so that the recipient's side can tell"


def test_a_dropped_mail_is_never_planned_again(book, capsys):
    with scripted(For(2, "dot", SILENCE, 1)) as server:
        configure(book, server)
        run(book)
        call("outbox", "drop", book, BEN)
        assert plan_of(desk(book)).is_empty
        assert find_mail(desk(book).journal, BEN).state == "dropped"
        call("outbox", "retry", book, BEN, "--as-of", f"{DAY}T10:00")
        call("outbox", "drop", book, BEN, code=3)
    assert to(server).count("ben@x.example") == 2
    assert "is accepted" in capsys.readouterr().err


def test_a_server_that_is_away_makes_all_mails_wait_and_is_asked_once(book):
    with scripted({"greeting": "421 overloaded"}) as server:
        configure(book, server)
        outcome = run(book)
    assert (len(outcome.waiting), outcome.failed) == (3, {})
    assert server.connections == 1
    assert {one.tries for one in desk(book).journal.mails()} == {0, 1}, "only the mail that was tried counts a try"


def test_mails_are_counted_and_put_off_as_the_settings_say(book):
    with scripted() as server:
        configure(book, server, most_per_day=2, quiet_hours=["19:00", "07:00"])
        late = run(book, f"{DAY}T20:00")
        assert len(late.waiting) == 3
        assert "quiet hours" in late.waiting[BEN]
        morning = run(book, "2026-03-03T07:00")
        assert (len(morning.sent), len(morning.waiting)) == (2, 1)
        assert "2 mails a day" in next(iter(morning.waiting.values()))
        assert server.connections == 1


def test_in_test_mode_all_goes_to_one_address_once_and_counts_as_not_sent(book):
    with scripted() as server:
        configure(book, server, test_to="me@example.com")
        outcome = run(book)
        assert set(to(server)) == {"me@example.com"}
        assert len(outcome.waiting) == len(server.taken) == 3
        assert any(b"Subject: [for ben@x.example]" in one for one in server.taken)
        assert cells(book)[OVERDUE]["Last Reminder"] is None
        run(book)
        assert len(server.taken) == 3

        configure(book, server)
        assert len(run(book).sent) == 3
    assert set(to(server)[3:]) == EVERYBODY


def test_an_opt_out_after_the_plan_was_made_is_honoured_at_the_moment_of_sending(book):
    with scripted() as server:
        configure(book, server)
        at = desk(book)
        plan = plan_of(at)
        at.journal.remember(stop("ben@x.example", "opted out", DAY))
        assert at.apply(plan).failed == {BEN: f"the mail was not sent: the address opted out on {DAY}"}
    assert set(to(server)) == EVERYBODY - {"ben@x.example"}
    with pytest.raises(NotFound):
        find_mail(desk(book).journal, "nothing")


def test_a_mail_whose_reason_is_gone_when_its_time_comes_lapses(book):
    from sheetcrm.cli.due import work_off

    with scripted(For(2, "RCPT", "451 try later")) as server:
        configure(book, server)
        run(book)
        for number in range(4, 21, 4):
            type_in(book, f"met in hall {number}", "Next Step Due", date(2026, 4, 1))
        done = work_off(desk(book, f"{DAY}T09:06"))
    assert done.problem == ""
    assert find_mail(desk(book).journal, BEN).state == "lapsed"
    assert to(server).count("ben@x.example") == 0


def test_the_schedule_sends_waiting_mails_when_their_time_comes_and_asks_to_be_called_then(book):
    from sheetcrm.cli.due import work_off

    with scripted(For(2, "RCPT", "451 try later", 1)) as server:
        configure(book, server)
        run(book)
        asked = work_off(desk(book, f"{DAY}T09:01"))
        assert asked.wake.isoformat() == "2026-03-02T09:05:00+00:00"
        assert to(server).count("ben@x.example") == 0
        work_off(desk(book, f"{DAY}T09:05"))
    assert to(server).count("ben@x.example") == 1


def test_a_copy_sends_nothing_again(book, tmp_path):
    import shutil

    with scripted(For(2, "dot", SILENCE, 1)) as server:
        configure(book, server)
        at = Desk(book, desk(book).settings, DAY)
        taken = at.take()
        at.settle(taken)
        at.apply(at.plan(taken, ("reminders",), lambda _step: None))
        copied = tmp_path / "copy"
        shutil.copytree(tmp_path, copied, ignore=lambda *_: ["copy"])
        call("outbox", "retry", copied / "crm.xlsx", BEN, code=3)
        assert to(server).count("ben@x.example") == 1


def test_nothing_is_retried_that_was_never_planned(book):
    at = desk(book)
    at.apply(plan_of(at))
    state = find_mail(at.journal, BEN)
    with pytest.raises(PlanRefused, match="is accepted"):
        retry_plan(at.journal, [state])
