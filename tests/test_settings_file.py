"""What people write into `sheetcrm.toml` by mistake, and the sentence that each of them gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_crm import build, desk

from sheetcrm.config import load_settings
from sheetcrm.errors import ConfigError

TWICE = '[[{0}.rules]]\nname = "x"\n{1}\n[[{0}.rules]]\nname = "x"\n{1}'


NAMES_AMISS = """
[[assignment.rules]]
name = "x"
when = {Colour = "red", domain = "*.de", "e-mail" = "*"}
to = ["Ann Abel", "ben@x.example", "Nobody"]
"""


def settings_of(folder: Path, text: str):
    path = folder / "sheetcrm.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('locale = "xx_YY"', '"xx_YY" is no locale'),
        ('locale = "English"', '"English" is no locale'),
        ('region = "Narnia"', '"Narnia" is no country'),
        ('currency = "beans"', '"beans" is no currency'),
        ('zone = "Mars/Phobos"', '"Mars/Phobos" is no time zone'),
        ('calendar.holidays = "ZZ"', '"ZZ" is unknown to the package holidays'),
        ('calendar.holidays = "DE-XX"', '"DE-XX" is unknown to the package holidays'),
        ('mail.sender = "the sales team"', "cannot be a From address"),
        (TWICE.format("assignment", ""), 'two rules are called "x"'),
        (TWICE.format("reminders", 'kind = "new"'), 'two rules are called "x"'),
        ('[[reminders.rules]]\nname = "x"\nkind = "date"', "needs its column"),
        ("zone = = 3", "line 1"),
    ],
)
def test_a_wrong_setting_stops_with_its_name_and_a_plain_sentence(tmp_path, text, said):
    with pytest.raises(ConfigError, match=r"sheetcrm\.toml") as stopped:
        settings_of(tmp_path, text)
    assert said in str(stopped.value)
    assert "Value error" not in str(stopped.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[tabs]\nLeads = "Prospects 2026"', ["[tabs]: the workbook has no tab Prospects 2026 that reads as Leads"]),
        (
            NAMES_AMISS,
            [
                "[[assignment.rules]] x: the tab Leads has no column Colour",
                "[[assignment.rules]] x: Nobody is not in the Team tab",
            ],
        ),
        (
            '[[reminders.rules]]\nname = "x"\nkind = "date"\nfield = "Renewal"',
            ["[[reminders.rules]] x: the tab Leads has no column Renewal"],
        ),
        (
            '[[reminders.rules]]\nname = "x"\nkind = "idle"\nby_stage = {Contacted = 3, Sleeping = 2}',
            ["[[reminders.rules]] x: Sleeping is no stage; the stages are "],
        ),
        ("", []),
    ],
)
def test_names_that_the_workbook_lacks_become_issues_since_their_rules_never_hold(tmp_path, text, said):
    (tmp_path / "sheetcrm.toml").write_text(text, encoding="utf-8")
    found = desk(build(tmp_path / "crm.xlsx")).take().snapshot.issues
    messages = [one.message for one in found if one.code == "unknown_name"]
    assert len(messages) == len(said)
    assert all(message.startswith(start) for message, start in zip(messages, said, strict=True))


def test_countries_and_currencies_may_be_written_as_people_do(tmp_path):
    found = settings_of(tmp_path, 'region = "Germany"\ncurrency = "Euro"\nlocale = "de-DE"')
    assert (found.region, found.currency, found.locale) == ("DE", "EUR", "de-DE")


def test_an_unreadable_environment_is_named(monkeypatch):
    monkeypatch.setenv("SHEETCRM_MAIL", "not json")
    with pytest.raises(ConfigError, match="environment"):
        load_settings(None)
