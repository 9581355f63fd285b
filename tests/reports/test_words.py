"""Sentences and sums read as a person would write them, in English and German."""

from datetime import date
from decimal import Decimal

import pytest

from sheetcrm.reports.figures import pipeline_figures, verdict
from sheetcrm.reports.money import show_day, show_money, show_short, show_short_day
from sheetcrm.reports.words import say_verdict, say_why

LEADS = """
company | status | amount   | next_due   | closed
Fjord   | New    | 24000    | 2026-03-12 |
Quill   | New    | 3900     | 2026-03-01 |
Seaside | Won    | 6300     |            | 2026-03-02
"""


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("en", "You won €6.3k this month. Two follow-ups are late; Fjord is the largest."),
        ("de_DE", "Diesen Monat sind 6.300\xa0€ gewonnen. Zwei Wiedervorlagen sind überfällig; Fjord ist die größte."),
    ],
)
def test_the_verdict_says_what_was_won_and_what_is_late(locale, sentence, leads, stages):
    assert verdict(pipeline_figures(leads(LEADS), stages, quality=91), locale) == sentence


def test_no_lead_is_called_the_largest_where_amounts_have_two_currencies(leads, stages):
    snapshot = leads("company|status|amount|next_due\nA|New|5 EUR|2026-03-01\nB|New|9 USD|2026-03-01")
    said = verdict(pipeline_figures(snapshot, stages, quality=91), "en")
    assert said == "Nothing won yet this month. Two follow-ups are late."


@pytest.mark.parametrize(
    ("won", "amounts", "late", "largest", "english", "german"),
    [
        (0, [], 0, "", "Nothing won yet this month. No follow-up is late.",
         "Diesen Monat ist noch nichts gewonnen. Keine Wiedervorlage ist überfällig."),
        (1, [], 1, "", "You won one deal this month. One follow-up is late.",
         "Diesen Monat ist ein Auftrag gewonnen. Eine Wiedervorlage ist überfällig."),
        (2, [], 1, "Acme", "You won two deals this month. One follow-up is late: Acme.",
         "Diesen Monat sind zwei Aufträge gewonnen. Eine Wiedervorlage ist überfällig: Acme."),
        (2, ["€5", "$3"], 12, "", "You won €5 and $3 this month. Twelve follow-ups are late.",
         "Diesen Monat sind €5 und $3 gewonnen. Zwölf Wiedervorlagen sind überfällig."),
        (3, ["€5", "$3", "£1"], 13, "Acme",
         "You won €5, $3 and £1 this month. 13 follow-ups are late; Acme is the largest.",
         "Diesen Monat sind €5, $3 und £1 gewonnen. 13 Wiedervorlagen sind überfällig; Acme ist die größte."),
    ],
)  # fmt: skip
def test_singular_plural_and_nothing_are_said_right(won, amounts, late, largest, english, german):
    assert say_verdict(won, amounts, late, largest, "en") == english
    assert say_verdict(won, amounts, late, largest, "de_AT") == german


@pytest.mark.parametrize(
    ("late", "idle", "step", "english", "german"),
    [
        (1, 40, "call back", "1 day overdue: call back", "1 Tag überfällig: call back"),
        (6, 40, "", "6 days overdue", "6 Tage überfällig"),
        (0, 1, "", "no contact for 1 day", "seit 1 Tag kein Kontakt"),
        (0, 34, "call", "no contact for 34 days", "seit 34 Tagen kein Kontakt"),
    ],
)
def test_why_a_lead_needs_somebody_is_said_in_days(late, idle, step, english, german):
    assert (say_why(late, idle, step, "en"), say_why(late, idle, step, "de")) == (english, german)


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
