"""Pairs that are the same are found with a reason; pairs that only look alike are left or asked about."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.matching import SURE, Record, find_matches

ANN = Record(
    "Ann Marlowe", "Acme Foods Ltd", "ann@acme.example", "+44 20 7946 0123", "12 Gravy Row", "LS1 4ZZ", "Leeds"
)


def only(*records: Record) -> tuple[float, str]:
    """Score and reason of the one pair, (0, "") where there is none."""
    matches = find_matches(records).matches(0.02)
    return (matches[0].score, matches[0].why) if matches else (0.0, "")


SAME = [
    (Record("Ann Marlowe", email="ANN@acme.example"), "same name; same e-mail"),
    (
        Record("A. Marlowe", "Acme Foods", "Ann@Acme.example"),
        "name fits the initial or the short form; same e-mail; same company",
    ),
    (Record("Marlowe, Ann", phone="020 7946 0123"), "same name; same phone"),
    (Record("Ann Marlowe", "ACME FOODS Limited", city="Leeds"), "same name; same company; same place"),
    (
        Record("Ann Marlwoe", "Amce Foods", street="12, Gravy Row", postcode="LS14ZZ"),
        "names a typo apart; company a typo apart; same street and number; same postcode",
    ),
    (
        Record("Nancy Marlowe", "Acme Foods", "ann@acme.example", "0161 496 0000"),
        "same person (Ann = Nancy); same e-mail; same company; phone differs",
    ),
]


@pytest.mark.parametrize(("other", "why"), SAME)
def test_the_same_person_typed_again_is_sure_and_the_reason_is_plain(other, why):
    score, found = only(ANN, other)
    assert score >= 0.97
    assert found == why


def test_who_changed_firm_and_town_and_kept_the_number_is_the_same():
    moved = Record("Ann Marlowe", "Beta Bistro", "marlowe@beta.example", "020 7946 0123", city="Norwich")
    assert only(ANN, moved)[0] >= SURE


REVIEW = [
    ("one mailbox, other name", Record("Hugo Brothwell", email="ann@acme.example")),
    ("surname only, no contact", Record("Marlowe", "Acme Foods", postcode="LS1 4ZZ", street="12 Gravy Row")),
    ("initial and firm", Record("A. Marlowe", "Acme Foods Ltd", postcode="LS1 4ZZ")),
]


@pytest.mark.parametrize("other", [other for _, other in REVIEW], ids=[name for name, _ in REVIEW])
def test_what_a_person_should_judge_is_between_review_and_sure(other):
    assert 0.75 <= only(ANN, other)[0] < 0.97


STRANGERS = [
    ("colleague at the switchboard", Record("Hugo Brothwell", "Acme Foods Ltd", "hugo@acme.example", "+442079460123")),
    (
        "father and son",
        Record("Ben Marlowe", "Acme Foods Ltd", "", "+442079460123", "12 Gravy Row", "LS1 4ZZ", "Leeds"),
    ),
    ("namesake elsewhere", Record("Ann Marlowe", "Beta Bistro", "ann@beta.example", "", city="Norwich")),
    ("only the town", Record(city="Leeds", postcode="LS1 4ZZ")),
    ("blank", Record()),
]


@pytest.mark.parametrize("other", [other for _, other in STRANGERS], ids=[name for name, _ in STRANGERS])
def test_strangers_who_share_something_are_no_pair(other):
    assert only(ANN, other) == (0.0, "")


def test_a_role_mailbox_joins_nobody():
    office = [Record("Ann Marlowe", "Acme", "info@acme.example"), Record("Hugo Brothwell", "Acme", "info@acme.example")]
    assert find_matches(office).matches(0.75) == []


def test_a_number_of_several_people_is_weaker_than_ones_own():
    two = [Record("A. Marlowe", phone="02079460123"), Record("Ann Marlowe", phone="+442079460123")]
    alone = only(*two)[0]
    crowd = [*two, Record("Hugo Brothwell", phone="02079460123"), Record("Tess Oxtailor", phone="02079460123")]
    assert all(match.score < alone for match in find_matches(crowd).matches(0.0))


def test_branches_of_a_firm_are_asked_about_at_most():
    leeds, norwich = Record(company="Acme Foods Ltd", city="Leeds"), Record(company="Acme Foods", city="Norwich")
    assert only(leeds, norwich)[0] < 0.97


def test_the_same_firm_at_the_same_address_is_sure():
    one = Record(company="Acme Foods Ltd", street="12 Gravy Row", postcode="LS1 4ZZ")
    assert only(one, Record(company="ACME FOODS", street="12, Gravy Row", postcode="ls14zz"))[0] >= 0.97


def test_another_mail_is_no_contradiction():
    private = Record("Ann Marlowe", "Acme Foods", "marlowe77@gmail.com", city="Leeds")
    assert only(ANN, private)[0] >= 0.97


def test_a_thousand_people_behind_one_switchboard_stay_cheap_and_apart():
    crowd = [Record(f"{first}{end} {last}", phone="02079460123", company="Acme")
             for first in ("Hugo", "Tess", "Percy", "Olive", "Bence") for end in ("", "bert", "linde", "wig")
             for last in ("Kent", "Brothwell", "Oxtailor", "Muffin", "Ladle")]  # fmt: skip
    assert all(
        match.score < 0.97 for match in find_matches(crowd * 2).matches() if (match.other - match.one) != len(crowd)
    )


words = st.sampled_from(["Ann", "A.", "Marlowe", "Kent", "Hugo", "Müller", "Mueller", "Acme", "Ltd", "12", "Leeds", ""])
texts = st.lists(words, max_size=3).map(" ".join)
mails = st.sampled_from(["", "ann@acme.example", "ANN@acme.example", "info@acme.example", "hugo@acme.example"])
phones = st.sampled_from(["", "02079460123", "+44 20 7946 0123", "07700900123"])
people = st.builds(Record, name=texts, company=texts, email=mails, phone=phones, street=texts, city=texts)


@settings(max_examples=60, deadline=None)
@given(st.lists(people, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_no_pair(records, dice):
    places = list(range(len(records)))
    dice.shuffle(places)
    moved = find_matches([records[place] for place in places]).matches(0.0)
    back = {(*sorted((places[match.one], places[match.other])), match.score) for match in moved}
    assert back == {(match.one, match.other, match.score) for match in find_matches(records).matches(0.0)}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(Record, *[st.text(max_size=12)] * 9), max_size=6))
def test_any_text_at_all_gives_an_answer(records):
    for match in find_matches(records).matches(0.0):
        assert match.one < match.other
        assert 0 <= match.score <= 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.builds(Record, *[st.sampled_from(["", " ", "\u00a0", "-", "."])] * 9), max_size=6))
def test_blank_records_match_nothing(records):
    assert find_matches(records).matches(0.0) == []
