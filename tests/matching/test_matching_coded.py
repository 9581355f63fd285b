"""Columns as codes, and the rows that hang together: what is found many at a time is what one by one would find."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.matching.coded import Encoder, encode, spread
from sheetcrm.matching.parts import grouped, pairs_within, parts

TEXTS = st.lists(st.sampled_from(["", "Ann", "ann", "007", "7", "NA", "é", "e\u0301", " "]), max_size=12)
PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]), max_size=9)


@given(st.lists(TEXTS, max_size=4))
def test_a_column_coded_in_pieces_gives_each_text_back_and_texts_stand_as_they_came(pieces):
    encoder = Encoder()
    for piece in pieces:
        encoder.add(piece)
    coded = encoder.coded()
    typed = [text if text.strip() else "" for piece in pieces for text in piece]
    assert [coded.texts[code] if code >= 0 else "" for code in coded.codes.tolist()] == typed
    assert coded.texts == list(dict.fromkeys(filter(None, typed)))


def test_a_long_column_repeats_its_codes_beyond_the_first_piece():
    coded = encode(str(i % 30_011) for i in range(70_000))
    assert coded.texts == [str(i) for i in range(30_011)]
    assert (coded.codes == np.arange(70_000) % 30_011).all()


def test_parts_of_several_columns_have_one_list_of_texts():
    phone, mobile = encode(["1;2", "3", ""]), encode(["2", "", "4"])
    slots = spread([phone, mobile], lambda text: text.split(";"))
    held = [[slot.texts[code] if code >= 0 else "" for code in slot.codes.tolist()] for slot in slots]
    assert held == [["1", "3", ""], ["2", "", ""], ["2", "", "4"]]
    assert all(slot.texts is slots[0].texts for slot in slots)


@given(PAIRS)
def test_rows_hang_together_over_however_many_others(pairs):
    groups = [{row} for row in range(10)]
    for pair in pairs:
        touched = [group for group in groups if group & set(pair)]
        groups = [group for group in groups if not group & set(pair)] + [set().union(*touched)]
    one, other = np.array(pairs, np.int64).reshape(-1, 2).T
    part = parts(one, other, 10)
    assert part.tolist() == [min(group) for row in range(10) for group in groups if row in group]
    expected = sorted(sorted(group) for group in groups)
    assert grouped(part, np.arange(10)) == expected
    within = zip(*(rows.tolist() for rows in pairs_within(part, np.arange(10))), strict=True)
    assert list(within) == [pair for group in expected for pair in combinations(group, 2)]


def test_a_chain_hangs_together_whatever_its_order():
    places = np.random.default_rng(7).permutation(1000)
    assert not parts(places[:-1], places[1:], 1000).any()
