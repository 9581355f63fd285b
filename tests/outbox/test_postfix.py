"""Acceptance by Debian's Postfix: a thousand mails over one encrypted connection, each once, with its headers."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from email import policy
from email.parser import BytesParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from postfix import delivered, postfix
from smtp_servers import certificate

from sheetcrm.files import templates_folder
from sheetcrm.journal import Journal
from sheetcrm.outbox.smtp import Server, SmtpOutbox
from sheetcrm.plan import Message
from sheetcrm.post.deliver import UNLIMITED, Delivered, deliver
from sheetcrm.reports.rendering import render_message

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=ZoneInfo("Europe/Berlin"))
COUNT = 1000


def reminder(number: int, to: str = "") -> Message:
    row = {
        "key": f"L-{number:04}",
        "company": f"Bäckerei {number}",
        "name": "Ann Ödegård",
        "what": "call",
        "due": "today",
    }
    context = {
        "person": {"name": "Dan", "email": "dan@example.com"},
        "row": {**row, "cell": "Leads!A2", "amount": "€5", "owner": ""},
        "what": f"call Bäckerei {number}",
        "workbook": "crm.xlsx",
        "locale": "en",
    }
    key = f"overdue/L-{number:04}/due 2026-02-27"
    message = Message(key, to or f"p{number}@example.com", "lead_reminder", context, "overdue", "reminders", (key,))
    return render_message(message, templates_folder())


@pytest.fixture
def server(needs, tmp_path: Path):
    needs("postfix", "openssl")
    if os.geteuid():
        pytest.skip("only root can start Postfix")
    cert, key = certificate(tmp_path)
    folder = tmp_path / "postfix"
    folder.mkdir()
    with postfix(folder, cert, key) as (port, maildir):
        yield Server("localhost", port, ca_file=str(cert), timeout=10), maildir


def send(server: Server, journal: Journal, messages: list[Message]) -> Delivered:
    outbox = SmtpOutbox(server, "Sales <sales@example.com>", "realm")
    return deliver(1, messages, journal, outbox, UNLIMITED, frozenset(), NOW)


@pytest.mark.slow
def test_postfix_delivers_a_thousand_reminders_once_each(server, tmp_path):
    where, maildir = server
    journal = Journal(tmp_path / "journal.sqlite")
    messages = [reminder(number) for number in range(1, COUNT + 1)]
    done = send(where, journal, messages)
    assert (len(done.sent), done.missing) == (COUNT, {})
    assert send(where, journal, messages).sent == []
    mails = [BytesParser(policy=policy.default).parsebytes(one) for one in delivered(maildir, COUNT)]
    assert Counter(str(one["To"]) for one in mails) == Counter(f"p{n}@example.com" for n in range(1, COUNT + 1))
    assert len({one["Message-ID"] for one in mails}) == COUNT
    for one in mails:
        assert str(one["From"]) == "Sales <sales@example.com>"
        assert str(one["Subject"]).startswith("Bäckerei ")
        assert str(one["Date"]) == "Mon, 02 Mar 2026 08:30:00 +0100"
        assert one["Auto-Submitted"] == "auto-generated"
        assert "ESMTPS" in one["Received"]
        assert [part.get_content_type() for part in one.iter_parts()] == ["text/plain", "text/html"]
        assert not one.defects


def test_postfix_takes_what_it_should_and_its_refusals_are_understood(server, tmp_path):
    where, maildir = server
    journal = Journal(tmp_path / "journal.sqlite")
    mails = [reminder(1), reminder(2, "gone@example.com"), reminder(3, "grey@example.com"), reminder(4)]
    done = send(where, journal, mails)
    assert (len(done.sent), len(delivered(maildir, 2))) == (2, 2)
    assert {one.to: (one.state, one.detail[:9]) for one in journal.mails() if one.state != "accepted"} == {
        "gone@example.com": ("failed", "550 5.1.1"),
        "grey@example.com": ("waiting", "450 4.7.1"),
    }
