"""Sure pairs become groups; strangers are not chained through a record that fits both."""

from __future__ import annotations

from sheetcrm.matching import Match, Record, clusters


def pair(one: int, other: int, score: float = 0.99) -> Match:
    return Match(one, other, score, "")


def test_sure_pairs_that_touch_are_one_group():
    assert clusters([pair(0, 1), pair(1, 2), pair(4, 5)]) == [[0, 1, 2], [4, 5]]


def test_unsure_pairs_join_nothing():
    assert clusters([pair(0, 1, 0.97), pair(1, 2, 0.96)]) == [[0, 1]]


def test_an_initial_that_fits_two_people_joins_the_surer_one_only():
    people = [Record("Jessica Kent"), Record("J. Kent"), Record("Hugo Kent-Jay"), Record("Jonathan Kent")]
    assert clusters([pair(0, 1, 0.99), pair(1, 3, 0.98)], records=people) == [[0, 1]]
    assert clusters([pair(0, 1, 0.98), pair(1, 3, 0.99)], records=people) == [[1, 3]]


def test_no_pairs_no_groups():
    assert clusters([]) == []
