"""What people spell in many ways comes out in one."""

from __future__ import annotations

import pytest

from sheetcrm.matching.normalise import company_core, domain_key, email_key, fold, name_words, phone_keys, street_parts

FOLDED = [
    ("Café  Müller & Co.", "cafe muller co"),
    ("STRAßE", "strasse"),
    ("Łódź", "lodz"),
    ("a\u00a0b\tc", "a b c"),
    ("Ольга", "ольга"),
    ("  ", ""),
    ("🎉", ""),
]


@pytest.mark.parametrize(("typed", "folded"), FOLDED)
def test_text_folds_to_plain_words(typed, folded):
    assert fold(typed) == folded


NAMES = [
    ("Dr. KENT, Jess", ("jess", "kent")),
    ("Kent, Dr.", ("kent",)),
    ("Louise V. Gregson", ("louise", "gregson")),
    ("J. Kent", ("j", "kent")),
    ("Sean O'Neill", ("sean", "oneill")),
    ("Herr Prof. Götz Brösel", ("gotz", "brosel")),
    ("007", ()),
    ("", ()),
]


@pytest.mark.parametrize(("typed", "words"), NAMES)
def test_a_name_is_its_words_first_name_first_without_titles(typed, words):
    assert name_words(typed) == words


COMPANIES = [
    ("The Corpa Security P.L.C.", "corpa security"),
    ("Wall & Sons Ltd", "wall sons"),
    ("Wall und Sons Limited", "wall sons"),
    ("Brösel GmbH & Co. KG", "brosel"),
    ("Broesel Gesellschaft mbH", "brosel"),
    ("The Co Company", "the co company"),
    ("The Coffee Co", "coffee"),
]


@pytest.mark.parametrize(("typed", "core"), COMPANIES)
def test_a_company_is_its_own_words_without_legal_form(typed, core):
    assert company_core(typed) == core


EMAILS = [
    ("Ann.Smith+shop@GoogleMail.com", "annsmith@gmail.com"),
    ("mailto:Ann.Smith+x@acme.example", "ann.smith@acme.example"),
    (" <ann@acme.example> ", "ann@acme.example"),
    ("n/a", ""),
    ("ann(at)acme.example", ""),
    ("@acme.example", ""),
    ("ann@localhost", ""),
]


@pytest.mark.parametrize(("typed", "key"), EMAILS)
def test_an_address_is_the_mailbox_its_mail_arrives_in(typed, key):
    assert email_key(typed) == key


PHONES = [
    ("+44 (0)20 7946 0123", ("2079460123",)),
    ("020 7946 0123 ext. 73", ("2079460123",)),
    ("36200000123.0", ("200000123",)),
    ("0044 20 7946 0123; 07700 900123", ("2079460123", "7700900123")),
    ("123456", ()),
    ("0000000000", ()),
    ("n/a", ()),
]


@pytest.mark.parametrize(("typed", "keys"), PHONES)
def test_numbers_are_their_digits_and_placeholders_are_none(typed, keys):
    assert phone_keys(typed) == keys


@pytest.mark.parametrize("typed", ["https://www.acme.example/contact", "ACME.example", "http://acme.example:80"])
def test_a_website_is_its_host(typed):
    assert domain_key(typed) == "acme.example"


STREETS = [
    ("Kellenstraße 12", ("kellen st", "12")),
    ("12 Kellen Str.", ("kellen st", "12")),
    ("97 Morris Road", ("morris rd", "97")),
    ("97, Morris Rd.", ("morris rd", "97")),
    ("", ("", "")),
]


@pytest.mark.parametrize(("typed", "parts"), STREETS)
def test_a_street_is_its_words_and_its_house_number(typed, parts):
    assert street_parts(typed) == parts
