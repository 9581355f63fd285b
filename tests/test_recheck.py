"""What people took care of between plan and apply is left out of the mails, and nothing is added to them."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from click.testing import CliRunner
from small_crm import DAY, build, cells, mails, type_in

from sheetcrm.cli import sheetcrm


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A workbook with a saved plan."""
    path = build(tmp_path / "crm.xlsx")
    call("plan", path, "--as-of", DAY)
    return path


def call(*words: object) -> str:
    done = CliRunner().invoke(sheetcrm, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def told(book: Path) -> dict[str, str]:
    """The text of each salesperson's mails, by address; the manager's summary is another matter."""
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in mails(book)]
    return {str(one["To"]): one.get_body(("plain",)).get_content() for one in found if one["To"] != "mia@x.example"}


def test_an_untouched_workbook_gets_the_mails_of_the_plan(book):
    call("apply", book, "--as-of", DAY)
    assert "Firm 4 Works" in told(book)["ben@x.example"]
    assert cells(book)["met in hall 4"]["Last Reminder"] is not None


@pytest.mark.parametrize(
    ("header", "value"), [("Next Step Due", "2026-04-01"), ("Status", "Won"), ("Owner", "Ann Abel")]
)
def test_a_lead_that_a_person_took_care_of_is_left_out_and_its_stamp_too(book, header, value):
    type_in(book, "met in hall 4", header, value)
    assert "Left out: 1 reminder: the rows changed since the plan was made." in call("apply", book, "--as-of", DAY)
    assert "Firm 4 Works" not in "".join(told(book).values())
    assert "Firm 16 Works" in told(book)["ben@x.example"]
    assert cells(book)["met in hall 4"]["Last Reminder"] is None
    assert cells(book)["met in hall 16"]["Last Reminder"] is not None


def test_nobody_is_told_of_what_was_not_planned(book):
    type_in(book, "met in hall 2", "Next Step Due", "2026-02-26")
    call("apply", book, "--as-of", DAY)
    assert "Firm 2 Works" not in "".join(told(book).values())
    assert cells(book)["met in hall 2"]["Last Reminder"] is None


def test_a_stamp_that_a_person_typed_meanwhile_stays(book):
    type_in(book, "met in hall 4", "Last Reminder", "2026-01-15")
    call("apply", book, "--as-of", DAY)
    assert str(cells(book)["met in hall 4"]["Last Reminder"]).startswith("2026-01-15")


def test_the_plan_after_it_holds_what_was_left_out(book):
    type_in(book, "met in hall 4", "Owner", "Ann Abel")
    call("apply", book, "--as-of", DAY)
    call("run", book, "--as-of", "2026-03-03")
    assert "Firm 4 Works" in told(book)["ann@x.example"]
