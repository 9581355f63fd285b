"""What a settings file may say of the rules, and what it may not."""

import pytest
from pydantic import ValidationError

from sheetcrm.rules.settings import AssignRule, RemindRule, Rules


def test_without_any_settings_every_job_is_on_and_the_last_assignment_rule_catches_the_rest():
    rules = Rules()
    assert all(part.on for part in (rules.dedupe, rules.assignment, rules.reminders, rules.summary))
    last = rules.assignment.rules[-1]
    assert (last.when, last.to, last.takes) == ({}, (), "unowned")


def test_one_pattern_may_stand_without_a_list_and_numbers_are_texts():
    assert AssignRule(name="x", when={"plz": 80331, "city": ["Bonn", "Köln"]}, to="Dan").model_dump() == {
        "name": "x",
        "when": {"plz": ("80331",), "city": ("Bonn", "Köln")},
        "strategy": "least_loaded",
        "to": ("Dan",),
        "takes": "unowned",
    }


@pytest.mark.parametrize(
    "plain",
    [
        {"name": "x", "strategy": "at random"},
        {"name": "x", "takes": "everything"},
        {"name": "x", "wen": {}},
        {"strategy": "territory"},
    ],
)
def test_unknown_words_are_errors_not_silence(plain):
    with pytest.raises(ValidationError):
        AssignRule(**plain)


def test_a_rule_does_not_change_once_it_is_read():
    with pytest.raises(ValidationError, match="frozen"):
        RemindRule(name="x", kind="idle").working_days = 3
