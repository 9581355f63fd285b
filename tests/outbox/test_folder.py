"""A folder of .eml files: each message once, whole, under a name that every system takes."""

import os
import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sheetcrm.errors import MessageRefused, SheetcrmError
from sheetcrm.outbox.folder import FolderOutbox, file_name
from sheetcrm.outbox.protocol import Outbox, Receipt
from sheetcrm.plan import Mail, Message

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=ZoneInfo("Europe/Berlin"))
MESSAGE = Message(
    "overdue/L-1/due 2026-02-27",
    "dan@example.com",
    "digest",
    {},
    "rule North",
    "reminders",
    mail=Mail("Acme: 3 days overdue", "Call Ann.\n", "<p>Call Ann.</p>"),
)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "outbox"


@pytest.fixture
def outbox(folder) -> Outbox:
    return FolderOutbox(folder, "sales@example.com")


def test_a_message_becomes_one_file_that_names_day_and_recipient(outbox, folder):
    receipt = outbox.send(MESSAGE, NOW)
    (path,) = folder.iterdir()
    assert receipt == Receipt("accepted", str(path))
    assert re.fullmatch(r"2026-03-02 dan@example\.com [0-9a-f]{32}\.eml", path.name)
    assert b"Subject: Acme: 3 days overdue\r\n" in path.read_bytes()


def test_a_message_is_known_as_sent_only_once_it_was(outbox):
    assert outbox.was_sent(MESSAGE) is False
    outbox.send(MESSAGE, NOW)
    assert outbox.was_sent(MESSAGE) is True


def test_a_repeat_on_another_day_finds_the_file_and_writes_none(outbox, folder):
    first = outbox.send(MESSAGE, NOW)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert outbox.send(MESSAGE, NOW + timedelta(days=3)) == first
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.parametrize("change", [{"key": "overdue/L-2"}, {"to": "ben@example.com"}])
def test_another_reason_or_another_recipient_is_another_mail(outbox, folder, change):
    outbox.send(MESSAGE, NOW)
    outbox.send(replace(MESSAGE, **change), NOW)
    assert len(list(folder.iterdir())) == 2


def test_a_write_that_broke_off_leaves_no_mail_and_the_next_send_writes_it(outbox, folder, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(SheetcrmError, match=r"No space left on device.*another outbox folder"):
            outbox.send(MESSAGE, NOW)
    assert list(folder.iterdir()) == []
    assert not outbox.was_sent(MESSAGE)
    assert outbox.send(MESSAGE, NOW).state == "accepted"


def test_a_file_in_the_folders_place_is_reported_with_the_way_out(outbox, folder):
    folder.write_text("not a folder")
    with pytest.raises(SheetcrmError, match="another outbox folder"):
        outbox.send(MESSAGE, NOW)


def test_a_refused_message_leaves_nothing_behind(outbox, folder):
    with pytest.raises(MessageRefused):
        outbox.send(replace(MESSAGE, to="a@example.com, b@example.com"), NOW)
    assert not folder.exists()


@pytest.mark.parametrize("to", ['a/b\\c:d*e?f"g<h>i|j@example.com', "../../x@example.com", "CON", "ä" * 300, "x."])
def test_a_files_name_is_one_that_windows_takes_too(to):
    name = file_name(replace(MESSAGE, to=to), NOW)
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert len(name) < 130


def test_the_outbox_says_where_its_mails_lie(outbox, folder):
    assert str(folder) in outbox.describe()
