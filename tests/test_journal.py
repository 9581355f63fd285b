"""The Journal: what was recorded is there after a crash, in order, and for good."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from sheetcrm.errors import NotFound, SheetcrmError
from sheetcrm.journal import Deed, Journal
from sheetcrm.mail_states import MailState
from sheetcrm.plan import CellChange, Issue, Mail, Message, Plan, Report, RowAppend
from sheetcrm.table import CellError, RowRef

AT = "2026-03-02T09:00:00+00:00"
CHANGE = CellChange(RowRef("Leads", "L-1"), "Leads", "owner", "Owner", None, "Ann", "least loaded", "assignment")
APPEND = RowAppend("Leads", "Leads", "L-9", {"key": "L-9", "created": date(2026, 3, 2)}, "a new lead", "form")
MESSAGE = Message(
    "overdue/L-1", "ann@x.example", "digest", {"n": 1}, "overdue", "reminders", ("a", "b"), Mail("S", "T", "H")
)
PLAN = Plan(
    (CHANGE,),
    (APPEND,),
    (MESSAGE,),
    (Report("report/1", "page", "summary_page", {}, "weekly", "summary", "<p>"),),
    id="p1",
    workbook="crm.xlsx",
    remember={"pointer": "3"},
)


def state_of(journal, key):
    """How far a message came; empty where it was never claimed."""
    return next((one.state for one in journal.mails("key = ?", key)), "")


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "journal.sqlite")


def test_a_new_journal_knows_nothing_but_who_it_is(journal):
    assert (journal.runs(), journal.last_run(), journal.unfinished(), journal.memory()) == ([], 0, None, {})
    assert (journal.mailed(), state_of(journal, "x"), journal.fact("path")) == ({}, "", "")
    assert journal.fact("id") == Journal(journal.path).fact("id") != ""


def test_a_started_run_is_unfinished_with_its_whole_plan_until_it_is_finished(journal):
    number = journal.start(PLAN, AT)
    run, plan = journal.unfinished()
    assert (run.id, run.state, run.plan_id, plan) == (number, "started", "p1", PLAN)
    journal.finish(number, [Deed(CHANGE, "done")], 1, {}, AT)
    assert journal.unfinished() is None
    assert journal.run(number).state == "finished"


def test_issues_are_not_kept_with_the_plan_since_the_workbook_tells_them_again(journal):
    issue = Issue("bad_date", "Leads", "A1", "x", "no date", "correct it")
    journal.start(Plan((CHANGE,), issues=(issue,), id="p"), AT)
    assert journal.unfinished()[1] == Plan((CHANGE,), id="p")


def test_a_plan_starts_one_run_only(journal):
    journal.start(PLAN, AT)
    with pytest.raises(sqlite3.IntegrityError):
        journal.start(PLAN, AT)
    assert journal.was_applied("p1") == 1
    assert journal.was_applied("p2") == 0


VALUES = (
    None,
    True,
    7,
    7.5,
    1e300,
    float("inf"),
    "007",
    "",
    date(2026, 3, 2),
    datetime(2026, 3, 2, 8, 30),
    time(8, 30),
    timedelta(hours=30),
    CellError("#DIV/0!"),
)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_deeds_come_back_as_recorded_whatever_their_values(journal, value):
    change = CellChange(RowRef("Leads", content="ab"), "Leads", "x", "X", value, value, "why", "job", "rule", "m", "A1")
    deeds = [
        Deed(change, "done", "", "cd"),
        Deed(APPEND, "skipped", "the tab is gone"),
        Deed(change, "skipped", "gone"),
    ]
    number = journal.start(PLAN, AT)
    journal.finish(number, deeds, 0, {}, AT)
    found = journal.deeds(number)
    assert found == deeds
    assert type(found[0].deed.new) is type(value)
    run = journal.run(number)
    assert (run.written, run.skipped) == (1, 2)


def test_finishing_twice_leaves_one_record_of_each_deed(journal):
    number = journal.start(PLAN, AT)
    for _ in range(2):
        journal.finish(number, [Deed(CHANGE, "done"), Deed(APPEND, "done")], 1, {"pointer": "3"}, AT)
    assert len(journal.deeds(number)) == 2
    assert journal.run(number).written == 2


def test_memory_is_what_the_latest_finished_run_remembered(journal):
    for i, remember in enumerate(({"pointer": "1", "keys": "5"}, {"pointer": "2"})):
        journal.finish(journal.start(Plan(id=f"earlier {i}"), AT), [], 0, remember, AT)
    journal.start(PLAN, AT)
    assert journal.memory() == {"pointer": "2", "keys": "5"}


@pytest.mark.parametrize(
    ("states", "mailed"),
    [
        (["claimed"], set()),
        (["claimed", "failed"], set()),
        (["claimed", "accepted"], {"overdue/L-1", "a", "b"}),
        (["claimed", "started", "unconfirmed"], {"overdue/L-1", "a", "b"}),
        (["claimed", "started", "waiting"], set()),
        (["claimed", "dropped"], {"overdue/L-1", "a", "b"}),
        (["claimed", "failed", "claimed", "accepted"], {"overdue/L-1", "a", "b"}),
    ],
)
def test_reasons_count_as_mailed_once_their_mail_is_out_or_may_be(journal, states, mailed):
    run = journal.start(PLAN, AT)
    for state in states:
        journal.record_mails([(MailState(MESSAGE.key, run, MESSAGE.to, state, AT), MESSAGE.reasons)])
    assert set(journal.mailed()) == mailed
    assert state_of(journal, MESSAGE.key) == states[-1]
    assert journal.messages(run) == [(MESSAGE.key, MESSAGE.to, states[-1], "")]


def test_the_first_mail_about_a_reason_keeps_its_time(journal):
    for at, key in (("2026-03-02", "one"), ("2026-03-09", "two")):
        journal.record_mails([(MailState(key, 1, "ann@x.example", "accepted", at), ("a",))])
    assert journal.mailed()["a"] == "2026-03-02"


def test_a_run_that_is_not_there_is_not_found(journal):
    with pytest.raises(NotFound, match="no run 7"):
        journal.run(7)


def test_a_damaged_journal_is_named_with_what_to_do(tmp_path):
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"no database at all " * 100)
    with pytest.raises(SheetcrmError, match=r"journal\.sqlite cannot be read") as error:
        Journal(path)
    assert "mails may then be sent again" in error.value.remedy


def test_a_journal_that_lost_what_runs_wrote_is_not_taken_for_a_fresh_one(tmp_path):
    (tmp_path / "backups").mkdir()
    (tmp_path / "journal.sqlite").touch()
    with pytest.raises(SheetcrmError, match="is empty, but runs were made"):
        Journal(tmp_path / "journal.sqlite")


def test_a_journal_of_an_earlier_version_gets_what_it_lacks_and_keeps_what_it_has(tmp_path):
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(
            "CREATE TABLE messages (key TEXT PRIMARY KEY, run INTEGER NOT NULL, recipient TEXT NOT NULL,"
            " state TEXT NOT NULL, at TEXT NOT NULL, detail TEXT NOT NULL)"
        )
        db.execute("INSERT INTO messages VALUES ('a', 1, 'ann@x.example', 'accepted', '2026-03-02', 'there')")
    (found,) = Journal(path).mails()
    assert found == MailState("a", 1, "ann@x.example", "accepted", "2026-03-02", "there")


def test_a_mail_that_is_released_counts_as_not_mailed(journal):
    unknown = MailState(MESSAGE.key, 1, MESSAGE.to, "unconfirmed", AT)
    journal.record_mails([(unknown, MESSAGE.reasons)])
    journal.release_mail(replace(unknown, state="waiting"))
    assert journal.mailed() == {}
    assert state_of(journal, MESSAGE.key) == "waiting"
