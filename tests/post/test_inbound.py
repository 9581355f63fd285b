"""Whole runs with customers: mails out, answers and bounces in, drafts in the workbook; each told where it belongs."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from came_in import answer, report
from small_crm import DAY, desk
from smtp_servers import Scripted, scripted

from sheetcrm.addresses import INBOX_FAILS, stopped
from sheetcrm.apply import Outcome
from sheetcrm.cli import main
from sheetcrm.cli.due import work_off
from sheetcrm.cli.inbox import look_into_inbox
from sheetcrm.errors import ConfigError
from sheetcrm.jobs.registry import JOBS

LEADS = [
    ["Lead ID", "Company", "Contact", "E-mail", "Status", "Owner", "Do not contact", "Notes"],
    ["L-1", "Acme", "Ann Lee", "ann@acme.io", "Proposal", "Dan Kent", None, "a"],
    ["L-2", "Bolt", "Bo Ek", "bo@bolt.at", "Proposal", "Dan Kent", None, "b"],
]
TEAM = [["Name", "Email", "Role"], ["Dan Kent", "dan@x.example", "Sales"]]
ACTIVITIES = [["Activity ID", "Lead ID", "Date", "Type", "Subject"], ["V-1", "L-1", date(2026, 2, 1), "Call", "hello"]]
SEQUENCE = """
[[sequences]]
name = "offer"
condition = '[Status]="Proposal"'
steps = [{ after = 0 }, { after = 1 }]
"""
QUIET = "[reminders]\non = false\n[summary]\non = false\n[schedule]\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "crm.xlsx"
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in {"Leads": LEADS, "Team": TEAM, "Activities": ACTIVITIES}.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    workbook.save(path)
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    return path


def configure(book: Path, server: Scripted, *, approval: bool = False, inbox: str = 'maildir = "mail"') -> None:
    text = f"{QUIET}\n[mail]\nsender = 'crm@example.com'\n[mail.smtp]\nhost = '127.0.0.1'\nport = {server.port}\n"
    text += f"security = 'none'\n[mail.inbox]\n{inbox}\n{SEQUENCE}"
    text += "approval = true\n" if approval else ""
    (book.parent / "sheetcrm.toml").write_text(text, encoding="utf-8")


def run(book: Path, day: str = DAY) -> Outcome | None:
    """What `sheetcrm run` does on a day, once a person has seen the sequence."""
    at = desk(book, day)
    look_into_inbox(at)
    plan = at.plan(at.take(), tuple(JOBS), lambda _step: None)
    if plan.is_empty:
        at.remember(plan, at.take())
        return None
    return at.apply(plan)


def comes_in(book: Path, content: bytes, name: str = "1") -> None:
    (book.parent / "mail" / "new" / name).write_bytes(content)


def to(server: Scripted) -> list[str]:
    return [re.search(rb"(?m)^To: (.*?)\r", one)[1].decode() for one in server.taken]


def message_id(server: Scripted, address: str) -> str:
    content = next(one for one in server.taken if f"To: {address}".encode() in one)
    return re.search(rb"Message-ID: <([0-9a-f]{32})@", content)[1].decode()


def tab(book: Path, title: str) -> list[list[object]]:
    return [list(row) for row in openpyxl.load_workbook(book)[title].iter_rows(values_only=True)]


def test_customers_mails_can_be_opted_out_of_and_an_answer_ends_the_sequence_and_is_logged(book):
    with scripted() as server:
        configure(book, server)
        run(book)
        assert to(server) == ["ann@acme.io", "bo@bolt.at"]
        assert all(b"List-Unsubscribe: <mailto:crm@example.com?subject=unsubscribe>" in one for one in server.taken)
        assert all(b"answer with the word: unsubscribe" in one.replace(b"=\r\n", b"") for one in server.taken)
        comes_in(
            book,
            answer(subject="Re: offer").replace(b"0123456789abcdef" * 2, message_id(server, "ann@acme.io").encode()),
        )
        run(book, "2026-03-03")
        assert to(server)[2:] == ["bo@bolt.at"]
    new = tab(book, "Activities")[-1]
    assert (new[1], new[3], new[4]) == ("L-1", "E-mail", "Re: offer")
    assert new[2].date() == date(2026, 3, 3)


def test_an_answer_from_another_address_is_known_by_the_mail_that_it_answers(book):
    with scripted() as server:
        configure(book, server)
        run(book)
        mine = answer("ceo@elsewhere.io").replace(b"0123456789abcdef" * 2, message_id(server, "ann@acme.io").encode())
        comes_in(book, mine)
        run(book, "2026-03-03")
        assert to(server)[2:] == ["bo@bolt.at"]


def test_a_note_of_absence_ends_nothing_and_a_stranger_stops_nobody(book):
    with scripted() as server:
        configure(book, server)
        run(book)
        comes_in(book, answer(more="Auto-Submitted: auto-replied\n"))
        comes_in(book, answer("who@knows.io"), "2")
        comes_in(book, report(to="dan@x.example"), "3")
        run(book, "2026-03-03")
        assert to(server)[2:] == ["ann@acme.io", "bo@bolt.at"]
        assert stopped(desk(book).journal.memory()) == {}


def test_a_bounce_and_an_opt_out_stop_the_address_and_the_sheet_tells_of_it(book, capsys):
    with scripted() as server:
        configure(book, server)
        run(book)
        comes_in(book, report())
        comes_in(book, answer("bo@bolt.at", body="unsubscribe\n"), "2")
        run(book, "2026-03-03")
        assert to(server)[2:] == []
    stops = {address: why.state for address, why in stopped(desk(book).journal.memory()).items()}
    assert stops == {"ann@acme.io": "bounced", "bo@bolt.at": "opted out"}
    assert [row[6] for row in tab(book, "Leads")[1:]] == [None, "yes"]
    with pytest.raises(SystemExit):
        main(["outbox", "list", str(book)])
    assert "ann@acme.io: the address bounced on 2026-03-03: 550 5.1.1 unknown user" in capsys.readouterr().out


def test_while_the_inbox_cannot_be_read_no_customer_is_written_to_and_the_schedule_tells_of_it(book):
    with scripted() as server:
        configure(book, server)
        run(book)
        configure(
            book, server, inbox='host = "127.0.0.1"\nport = 1\nsecurity = "none"\nuser = "crm"\ntimeout_seconds = 1'
        )
        done = work_off(desk(book, "2026-03-03T08:01"))
        assert [(one.state, "cannot be read" in one.detail) for one in done.worked] == [("failed", True)]
        assert to(server)[2:] == []
        assert desk(book).journal.memory()[INBOX_FAILS] == "2026-03-03 08:01"
        configure(book, server)
        run(book, "2026-03-03T09:00")
        assert to(server)[2:] == ["ann@acme.io", "bo@bolt.at"]


def test_the_command_reads_the_inbox_and_counts_what_concerned_us(book, capsys):
    with scripted() as server:
        configure(book, server)
        run(book)
        comes_in(book, answer())
        comes_in(book, answer("who@knows.io"), "2")
        with pytest.raises(SystemExit) as ended:
            main(["inbox", str(book), "--json"])
    assert (ended.value.code, json.loads(capsys.readouterr().out)) == (0, {"answer": 1})


@pytest.mark.parametrize(
    ("inbox", "words"),
    [
        ('password = "x"', "does not belong into a file"),
        ('host = "imap.example.com"', "the user is missing"),
        ('host = "imap.example.com"\nuser = "x"\nsecurity = "none"', "readable for everybody"),
        ('host = "imap.example.com"\nmaildir = "mail"\nuser = "x"', "either maildir or host"),
    ],
)
def test_a_bad_inbox_is_a_setting_to_correct(book, inbox, words):
    configure(book, Scripted(port=25), inbox=inbox)
    with pytest.raises(ConfigError, match=words):
        desk(book)


# Drafts


def say(book: Path, row: int, column: str, value: str) -> None:
    workbook = openpyxl.load_workbook(book)
    sheet = workbook["Outbox"]
    at = next(cell.column for cell in sheet[1] if cell.value == column)
    sheet.cell(row, at).value = value
    workbook.save(book)


def test_drafts_stand_in_the_workbook_and_go_out_as_a_person_left_them(book):
    with scripted() as server:
        configure(book, server, approval=True)
        run(book)
        assert to(server) == []
        head, *drafts = tab(book, "Outbox")
        assert head == ["Send", "To", "Who", "Subject", "Text", "Follow-up", "Drafted", "State", "Mail ID"]
        assert [(row[0], row[1], row[5], row[7]) for row in drafts] == [
            (None, "ann@acme.io", "offer, 1 of 2", "waits for your yes"),
            (None, "bo@bolt.at", "offer, 1 of 2", "waits for your yes"),
        ]
        assert run(book) is None, "they wait"
        say(book, 2, "Send", "yes")
        say(book, 2, "Text", "Dear Ann,\n\nmy own words")
        say(book, 3, "Send", "no")
        run(book, "2026-03-03")
        assert to(server) == ["ann@acme.io"]
        assert b"my own words" in server.taken[0]
        assert [row[7] for row in tab(book, "Outbox")[1:]] == [
            "sent on 2026-03-03",
            "not sent: no was written beside its draft",
        ]
        run(book, "2026-03-04")
        assert [(row[1], row[5]) for row in tab(book, "Outbox")[3:]] == [("ann@acme.io", "offer, 2 of 2")]
        assert to(server) == ["ann@acme.io"]


def test_a_draft_whose_mail_does_not_go_out_is_not_told_as_sent(book):
    with scripted({"RCPT": "451 later"}) as server:
        configure(book, server, approval=True)
        run(book)
        say(book, 2, "Send", "yes")
        run(book, "2026-03-03")
    assert tab(book, "Outbox")[1][7] == "waits for your yes"


def test_undoing_the_run_takes_the_tab_away(book):
    with scripted() as server:
        configure(book, server, approval=True)
        run(book)
        with pytest.raises(SystemExit):
            main(["undo", str(book)])
    assert openpyxl.load_workbook(book).sheetnames == ["Leads", "Team", "Activities"]


def test_drafts_in_a_folder_of_csv_files_are_a_file(tmp_path, book):
    import csv

    folder = tmp_path / "crm"
    folder.mkdir()
    for title, rows in {"Leads": LEADS, "Team": TEAM}.items():
        with (folder / f"{title}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    configure(book, Scripted(port=25), approval=True)
    run(folder)
    with (folder / "Outbox.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["To"] for row in rows] == ["ann@acme.io", "bo@bolt.at"]


# Before anything goes out, and how it stands


def test_a_preview_writes_the_mails_as_files_and_nothing_else(book, capsys):
    before = book.read_bytes()
    configure(book, Scripted(port=25))
    with pytest.raises(SystemExit) as ended:
        main(["outbox", "preview", str(book), str(book.parent / "look"), "--as-of", DAY])
    files = sorted((book.parent / "look").glob("*.eml"))
    assert (ended.value.code, len(files)) == (0, 2)
    assert b"To: ann@acme.io" in files[0].read_bytes()
    assert capsys.readouterr().out.endswith("2 mails.\n")
    assert book.read_bytes() == before
    assert not (book.parent / ".sheetcrm").exists()


def test_status_counts_who_is_in_a_sequence(book, capsys):
    with scripted() as server:
        configure(book, server)
        run(book)
    with pytest.raises(SystemExit):
        main(["status", str(book), "--json"])
    (one,) = json.loads(capsys.readouterr().out)["sequences"]
    assert one == {"sequence": "offer", "under_way": 2, "done": 0, "answered": 0, "ended": 0}


def test_a_template_that_is_not_there_skips_its_mail_alone(book):
    configure(book, Scripted(port=25))
    rules = book.parent / "sheetcrm.toml"
    rules.write_text(rules.read_text("utf-8").replace("{ after = 0 }", '{ after = 0, template = "gone" }'), "utf-8")
    at = desk(book)
    plan = at.plan(at.take(), tuple(JOBS), lambda _step: None)
    assert plan.messages == ()
    assert [one.why.partition(" (")[0] for one in plan.skipped] == ["There is no template gone.subject.txt.j2"] * 2


def test_a_saved_plan_leaves_out_whoever_answered_since(book, capsys):
    with scripted() as server:
        configure(book, server)
        run(book)
        with pytest.raises(SystemExit):
            main(["plan", str(book), "--as-of", "2026-03-03"])
        comes_in(book, answer())
        with pytest.raises(SystemExit):
            main(["apply", str(book), "--as-of", "2026-03-03T12:00"])
        assert to(server)[2:] == ["bo@bolt.at"]
    assert "no longer due" in capsys.readouterr().err


def test_an_answer_while_a_mail_waits_is_honoured_when_the_run_is_finished(book):
    with scripted({"RCPT": "451 later"}) as server:
        configure(book, server)
        run(book)
    with scripted() as server:
        configure(book, server)
        comes_in(book, answer())
        at = desk(book, f"{DAY}T12:00")
        look_into_inbox(at)
        before = at.journal.plan(1)
        from sheetcrm.apply import carry_out

        carry_out(1, before, at.world, at.schema, at.now)
        assert to(server) == ["bo@bolt.at"]
