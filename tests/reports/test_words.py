"""Sentences and sums read as a person would write them, in English and German."""

import re
from datetime import date
from decimal import Decimal

import pytest
from drawn_tables import grid
from made_past import basis, read_on

from sheetcrm.reports.figures import figures_of
from sheetcrm.reports.money import parse_locale, show_day, show_money, show_short, show_short_day
from sheetcrm.reports.periods import Period
from sheetcrm.reports.verdict import verdict
from sheetcrm.reports.words import Words, catalogue, language_of

LEADS = """
Company | Status | Amount | Next Step Due | Closed
Fjord   | New    | 24000  | @2026-02-12   |
Quill   | New    | 3900   | @2026-02-01   |
Seaside | Won    | 6300   |               | @2026-02-24
Harbour | Won    | 1300   |               | @2026-02-17
"""
WEEK = Period(date(2026, 2, 23), date(2026, 3, 2), "week")


def said(drawn, locale="en", own=None):
    snapshot = read_on([("2026-03-02", [grid("Leads", drawn)])])
    return verdict(figures_of(basis(snapshot), WEEK), Words(locale, own))


def test_the_verdict_says_what_was_won_how_that_compares_and_what_is_late():
    assert said(LEADS) == (
        "You won €6.3k in one deal. That is €5k more than the week before. "
        "Two follow-ups are late; Fjord is the largest."
    )
    assert said(LEADS, "de_DE").replace("\xa0", " ") == (
        "Gewonnen: 6.300 € mit einem Auftrag. Das sind 5.000 € mehr als in der Woche davor. "
        "Zwei Wiedervorlagen sind überfällig; Fjord ist die größte."
    )


@pytest.mark.parametrize(
    ("drawn", "english", "german"),
    [
        ("Company|Status\nA|New", "Nothing was won. No follow-up is late.",
         "Nichts ist gewonnen. Keine Wiedervorlage ist überfällig."),
        ("Company|Status|Closed|Next Step Due\nA|Won|@2026-02-24|\nB|New||@2026-02-01",
         "You won one deal. One follow-up is late: B.",
         "Ein Auftrag ist gewonnen. Eine Wiedervorlage ist überfällig: B."),
    ],
)  # fmt: skip
def test_singular_plural_and_nothing_are_said_right(drawn, english, german):
    assert (said(drawn), said(drawn, "de_AT")) == (english, german)


def test_no_lead_is_called_the_largest_where_amounts_have_two_currencies():
    drawn = "Company|Status|Amount|Next Step Due\nA|New|5 EUR|@2026-02-01\nB|New|9 USD|@2026-02-01"
    assert said(drawn) == "Nothing was won. Two follow-ups are late."


def test_the_german_catalogue_has_every_word_of_the_english_one_with_the_same_places():
    def flat(words, way=""):
        for name, text in words.items():
            if isinstance(text, dict):
                yield from flat(text, f"{way}.{name}")
            else:
                yield f"{way}.{name}", text

    english, german = dict(flat(catalogue("en"))), dict(flat(catalogue("de")))
    assert english.keys() == german.keys()
    names = {name: set(re.findall(r"\{(\w+)\}", str(text))) for name, text in english.items()}
    for name, text in german.items():
        # A singular may do without its number.
        free = {"n", "words", "Words"}
        assert set(re.findall(r"\{(\w+)\}", str(text))) - free == names[name] - free, name


def test_a_language_of_ones_own_comes_from_the_settings_and_lacks_are_english():
    own = {"fr": {"verdict": {"late_none": "Aucun suivi n'est en retard."}}}
    assert said("Company|Status\nA|New", "fr", own) == "Nothing was won. Aucun suivi n'est en retard."


def test_plurals_follow_the_rules_of_the_language():
    own = {"pl": {"key": {"leads": {"one": "1 klient", "few": "{n} klienci", "many": "{n} klientów", "other": "?"}}}}
    words = Words("pl", own)
    assert [words("key.leads", n=n) for n in (1, 3, 12)] == ["1 klient", "3 klienci", "12 klientów"]


@pytest.mark.parametrize(
    ("amount", "english", "german"),
    [
        ("0", "€0", "0 €"),
        ("999.4", "€999", "999 €"),
        ("1000", "€1k", "1.000 €"),
        ("6300", "€6.3k", "6.300 €"),
        ("999949", "€999.9k", "999.949 €"),
        ("999960", "€1M", "1 Mio. €"),
        ("1234567", "€1.2M", "1,2 Mio. €"),
        ("-6300", "-€6.3k", "-6.300 €"),
    ],
)
def test_short_sums_are_short_where_the_language_has_a_word_for_it(amount, english, german):
    assert show_short(Decimal(amount), "EUR", "en") == english
    assert show_short(Decimal(amount), "EUR", "de_DE").replace("\xa0", " ") == german


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "shown"),
    [
        ("24000", "EUR", "en", "€24,000"),
        ("24000.00", "EUR", "en", "€24,000"),
        ("1234.5", "EUR", "de_DE", "1.234,50 €"),
        ("1234.5", "", "de", "1.234,50"),
        ("1234567", "", "en", "1,234,567"),
        ("1234.5", "NOK", "en-GB", "NOK 1,234.50"),
        ("-5", "USD", "en", "-$5"),
        ("12345.6", "EUR", "no such", "€12,345.60"),
    ],
)
def test_sums_are_shown_to_the_cent_in_the_readers_way(amount, currency, locale, shown):
    assert show_money(Decimal(amount), currency, locale).replace("\xa0", " ") == shown


@pytest.mark.parametrize(
    ("locale", "full", "short"),
    [
        ("en", "Monday, 2 March 2026", "2 Mar 2026"),
        ("en_US", "Monday, March 2, 2026", "Mar 2, 2026"),
        ("de_DE", "Montag, 2. März 2026", "02.03.2026"),
    ],
)
def test_days_are_shown_in_the_readers_order(locale, full, short):
    day = date(2026, 3, 2)
    assert (show_day(day, locale), show_short_day(day, locale)) == (full, short)


@pytest.mark.parametrize("name", ["Deutsch", "English", "xx", "no such", "", "x" * 300, "../../evil", "e\x00n"])
def test_a_language_that_there_is_not_is_english_and_names_no_folder(name):
    assert str(parse_locale(name)) == "en"
    assert language_of(name) in {"en", "xx"}
    assert Words(name)("key.open")


def test_a_country_that_there_is_not_leaves_the_language():
    assert str(parse_locale("de_XX")) == "de"
