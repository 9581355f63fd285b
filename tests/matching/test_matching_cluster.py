"""Sure pairs become groups; strangers are not chained; what people decided is never overruled."""

from __future__ import annotations

import numpy as np

from sheetcrm.matching import Record, find_matches
from sheetcrm.matching.cluster import clusters


def grouped(scores, sure=0.9, **decided):
    pairs = np.array(sorted(scores), np.int64).reshape(-1, 2)
    values = np.array([scores[pair] for pair in sorted(scores)], np.float32)

    def rescore(one, other):
        return np.array([scores.get(pair, 0.5) for pair in zip(one.tolist(), other.tolist(), strict=True)], np.float32)

    return clusters(pairs[:, 0], pairs[:, 1], values, sure=sure, rescore=rescore, **decided)


def test_sure_pairs_that_touch_are_one_group():
    assert grouped({(0, 1): 0.99, (1, 2): 0.99, (4, 5): 0.99}) == [[0, 1, 2], [4, 5]]


def test_unsure_pairs_join_nothing():
    assert grouped({(0, 1): 0.9, (1, 2): 0.899}) == [[0, 1]]


def test_one_who_fits_two_people_joins_the_surer_one_only():
    assert grouped({(0, 1): 0.99, (1, 3): 0.98, (0, 3): 0.001}) == [[0, 1]]
    assert grouped({(0, 1): 0.98, (1, 3): 0.99, (0, 3): 0.001}) == [[1, 3]]


def test_a_long_chain_of_one_person_stays_whole_though_its_ends_look_unlike():
    chain = {(i, i + 1): 0.999 for i in range(6)} | {(i, i + 2): 0.99 for i in range(5)} | {(0, 6): 0.1}
    assert grouped(chain) == [[0, 1, 2, 3, 4, 5, 6]]


def test_what_people_decided_is_never_overruled():
    sure = {(0, 1): 0.999, (1, 2): 0.999, (0, 2): 0.999}
    assert grouped(sure, different=[(1, 0)]) in ([[0, 2]], [[1, 2]])
    assert grouped({(0, 1): 0.05}, same=[(0, 1)]) == [[0, 1]]
    assert grouped({(0, 1): 0.999}, different=[(0, 1)]) == []
    assert grouped(sure, different=[(0, 1)], same=[(0, 2)]) == [[0, 2]]


def test_no_pairs_no_groups():
    assert grouped({}) == []


PEOPLE = [
    Record("Jessica Kent", "Acme", "jessica@acme.example"), Record("J. Kent", "Acme", "jessica@acme.example"),
    Record("Jonathan Kent", "Acme", "jon@acme.example"), Record("Hugo Brothwell", "Bolt", "hugo@bolt.example"),
]  # fmt: skip


def test_decisions_are_given_by_the_rows_of_the_table():
    found = find_matches(PEOPLE)
    assert found.clusters() == [[0, 1]]
    assert found.clusters(different=[(1, 0)]) == []
    assert found.clusters(same=[(2, 3)]) == [[0, 1], [2, 3]]


def test_any_pair_can_be_scored_and_explained_also_one_that_nobody_proposed():
    found = find_matches(PEOPLE)
    sure, never = found.score_of([1, 0], [0, 3]).tolist()
    assert sure > 0.9
    assert never < 0.1
    assert found.why([3], [0]) == ["different names; e-mail differs; other website; company differs"]
