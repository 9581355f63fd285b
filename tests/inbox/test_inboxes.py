"""Maildir and IMAP folder: each mail is given once, from where the last look ended, and nothing there is changed."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from came_in import answer
from imap_server import Imap, imap_server
from smtp_servers import certificate, tls_context

from sheetcrm.errors import ConfigError, SheetcrmError
from sheetcrm.inbox import imap, maildir
from sheetcrm.inbox.imap import ImapInbox, ImapServer
from sheetcrm.inbox.maildir import Maildir

SINCE = date(2026, 3, 1)
OLD, MARCH = 1_700_000_000, 1_772_500_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("new", "cur", "tmp"):
        (tmp_path / "mail" / name).mkdir(parents=True)
    return tmp_path / "mail"


def put(folder: Path, name: str, content: bytes, moment: int = MARCH) -> Path:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (moment, moment))
    return path


# A maildir


def test_a_maildir_gives_each_mail_once_the_oldest_first_and_none_from_before(folder):
    put(folder, "new/1.b", b"second", MARCH + 60)
    put(folder, "cur/2.a:2,S", b"first")
    put(folder, "cur/3.c:2,", b"long ago", OLD)
    first = Maildir(folder).fetch("", SINCE)
    assert first.mails == (b"first", b"second")
    assert Maildir(folder).fetch(first.mark, SINCE).mails == ()


def test_a_mail_that_a_person_reads_or_flags_is_not_given_again(folder):
    path = put(folder, "new/1.b", b"one")
    mark = Maildir(folder).fetch("", SINCE).mark
    path.rename(folder / "cur" / "1.b:2,RS")
    put(folder, "new/4.d", b"late, though older than the mark", OLD)
    assert Maildir(folder).fetch(mark, SINCE).mails == (b"late, though older than the mark",)


def test_the_mark_forgets_mails_that_are_gone(folder):
    path = put(folder, "new/1.b", b"one")
    mark = Maildir(folder).fetch("", SINCE).mark
    path.unlink()
    assert Maildir(folder).fetch(mark, SINCE).mark == "[]"


def test_many_mails_are_given_in_parts(folder, monkeypatch):
    monkeypatch.setattr(maildir, "MOST_MAILS", 2)
    for n in range(5):
        put(folder, f"new/{n}", str(n).encode(), MARCH + n)
    mark, found = "", []
    for _ in range(3):
        fetched = Maildir(folder).fetch(mark, SINCE)
        mark, found = fetched.mark, [*found, len(fetched.mails)]
    assert found == [2, 2, 1]


def test_a_folder_that_is_no_maildir_is_a_setting_to_correct(tmp_path):
    with pytest.raises(ConfigError, match="is no maildir"):
        Maildir(tmp_path).fetch("", SINCE)


# An IMAP folder


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("SHEETCRM_IMAP_PASSWORD", "secret")
    with imap_server() as one:
        yield one


def inbox(server: Imap, **more: object) -> ImapInbox:
    plain = {"host": "127.0.0.1", "port": server.port, "user": "crm", "security": "none", "timeout": 5, **more}
    return ImapInbox(ImapServer(**plain))


def test_an_imap_folder_gives_each_mail_once_and_none_from_before(server):
    server.inbox.add(b"long ago", "2026-02-01")
    server.inbox.add(answer())
    first = inbox(server).fetch("", SINCE)
    assert (first.mails, first.mark) == ((answer(),), "7:2")
    server.inbox.add(b"another", "2026-03-05")
    second = inbox(server).fetch(first.mark, SINCE)
    assert (second.mails, second.mark) == ((b"another",), "7:3")
    assert inbox(server).fetch(second.mark, SINCE) == imap.Fetched((), "7:3")


def test_nothing_in_the_folder_is_changed(server):
    server.inbox.add(answer())
    inbox(server).fetch("", SINCE)
    verbs = {line.split()[0] for line in server.said}
    assert verbs <= {"CAPABILITY", "LOGIN", "EXAMINE", "STATUS", "UID", "LOGOUT"}
    assert all("BODY.PEEK[]" in line for line in server.said if "UID FETCH" in line.upper())


def test_a_folder_that_was_made_anew_is_read_from_the_day_on(server):
    server.inbox.add(b"one")
    mark = inbox(server).fetch("", SINCE).mark
    server.inbox.validity = 8
    assert inbox(server).fetch(mark, SINCE) == imap.Fetched((b"one",), "8:1")


def test_a_mark_outlives_a_folder_that_was_emptied(server):
    server.inbox.add(b"one")
    mark = inbox(server).fetch("", SINCE).mark
    server.inbox.mails.clear()
    assert inbox(server).fetch(mark, SINCE) == imap.Fetched((), mark)


def test_many_mails_of_a_server_are_given_in_parts(server, monkeypatch):
    monkeypatch.setattr(imap, "MOST_MAILS", 2)
    for n in range(3):
        server.inbox.add(str(n).encode())
    first = inbox(server).fetch("", SINCE)
    assert (first.mails, inbox(server).fetch(first.mark, SINCE).mails) == ((b"0", b"1"), (b"2",))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"folder": "Nowhere"}, "no such folder"),
        ({"port": 1}, "cannot be read"),
    ],
)
def test_a_server_that_cannot_be_read_says_why(server, more, words):
    with pytest.raises(SheetcrmError, match=words):
        inbox(server, **more).fetch("", SINCE)


def test_a_silent_server_is_given_up(server):
    server.is_silent = True
    with pytest.raises(SheetcrmError, match="cannot be read"):
        inbox(server, timeout=0.2).fetch("", SINCE)


def test_a_wrong_password_is_told_without_it(server, monkeypatch):
    monkeypatch.setenv("SHEETCRM_IMAP_PASSWORD", "Wr0ng")
    with pytest.raises(SheetcrmError, match="AUTHENTICATIONFAILED") as refused:
        inbox(server).fetch("", SINCE)
    assert "Wr0ng" not in str(refused.value)


def test_xoauth2_logs_in_with_a_token(server, monkeypatch):
    monkeypatch.setenv("SHEETCRM_IMAP_TOKEN", "secret")
    server.inbox.add(b"one")
    assert inbox(server, login="xoauth2").fetch("", SINCE).mails == (b"one",)


def test_a_certificate_that_nobody_vouches_for_is_refused(needs, tmp_path, monkeypatch):
    needs("openssl")
    monkeypatch.setenv("SHEETCRM_IMAP_PASSWORD", "secret")
    cert, key = certificate(tmp_path)
    with imap_server(tls_context(cert, key)) as server:
        server.inbox.add(b"one")
        with pytest.raises(SheetcrmError, match="no trustworthy TLS"):
            inbox(server, security="tls").fetch("", SINCE)
        vouched = inbox(server, security="tls", host="localhost", ca_file=str(cert))
        assert vouched.fetch("", SINCE).mails == (b"one",)
