"""Groups of rows that are one, without chaining strangers: two groups join where their members agree on the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations
from math import log

import numpy as np
import numpy.typing as npt

from sheetcrm.matching.coded import Floats, Places

Scores = Callable[[Places, Places], Floats]
Pair = tuple[int, int]
Mask = npt.NDArray[np.bool_]
LOUDEST = 6.0
"""The most that one pair can say for or against joining, as a logarithm of odds: no pair outvotes a whole group."""
WHOLE = 80
"""Up to so many rows that hang together all pairs are asked; in larger ones those that are known."""


class Groups:
    """Rows in groups that grow."""

    def __init__(self) -> None:
        self._group: dict[int, list[int]] = {}

    def of(self, row: int) -> list[int]:
        """The rows of its group."""
        return self._group.setdefault(row, [row])

    def join(self, one: list[int], other: list[int]) -> None:
        """One group of two."""
        if len(one) < len(other):
            one, other = other, one
        one.extend(other)
        self._group.update(dict.fromkeys(other, one))

    def all(self) -> list[list[int]]:
        """The groups of at least two rows, each in order."""
        return sorted(sorted(one) for one in {id(one): one for one in self._group.values()}.values() if len(one) > 1)


def clusters(
    one: Places, other: Places, score: Floats, *, sure: float, rescore: Scores,
    same: Iterable[Pair] = (), different: Iterable[Pair] = (),
) -> list[list[int]]:  # fmt: skip
    """Groups of at least two rows, each in order, the surest pairs joined first.

    `rescore` gives the probability of pairs that were no candidates. People's decisions, `same` and `different`, are
    never overruled.
    """
    decided = dict.fromkeys(map(_ordered, same), True) | dict.fromkeys(map(_ordered, different), False)
    strong = np.flatnonzero(score >= sure)
    twos, rest = _twos(one[strong], other[strong], {row for pair in decided for row in pair})
    strong = strong[rest]
    strong = strong[np.lexsort((other[strong], one[strong], -score[strong]))]
    edges = [pair for pair, is_same in decided.items() if is_same]
    edges += [
        pair for pair in zip(one[strong].tolist(), other[strong].tolist(), strict=True) if decided.get(pair, True)
    ]
    votes = _votes(edges, one, other, score, rescore)
    votes.update({pair: float("inf") if is_same else float("-inf") for pair, is_same in decided.items()})
    groups = Groups()
    for a, b in edges:
        first, second = groups.of(a), groups.of(b)
        if first is not second and _may_join(first, second, votes):
            groups.join(first, second)
    return sorted([*twos, *groups.all()])


def _twos(one: Places, other: Places, decided: set[int]) -> tuple[list[list[int]], Mask]:
    """The pairs of which neither row is in another one: groups without a question; and which pairs are left."""
    if not len(one):
        return [], np.zeros(0, bool)
    often = np.bincount(np.concatenate([one, other]))
    alone = (often[one] == 1) & (often[other] == 1)
    if decided:
        touched = np.fromiter(decided, np.int64)
        alone &= ~(np.isin(one, touched) | np.isin(other, touched))
    return [list(pair) for pair in zip(one[alone].tolist(), other[alone].tolist(), strict=True)], ~alone


def _ordered(pair: Pair) -> Pair:
    return (min(pair), max(pair))


def _votes(edges: list[Pair], one: Places, other: Places, score: Floats, rescore: Scores) -> dict[Pair, float]:
    """What each pair of rows that hang together says about joining."""
    loose = Groups()
    for a, b in edges:
        first, second = loose.of(a), loose.of(b)
        if first is not second:
            loose.join(first, second)
    parts = [part for part in loose.all() if len(part) > 2]
    asked = [pair for part in parts if len(part) <= WHOLE for pair in combinations(part, 2)]
    votes: dict[Pair, float] = {}
    if asked:
        pairs = np.array(asked, np.int64)
        votes = dict(zip(asked, map(_vote, rescore(pairs[:, 0], pairs[:, 1]).tolist()), strict=True))
    large = {row for part in parts if len(part) > WHOLE for row in part}
    if large:
        inside = np.isin(one, np.fromiter(large, np.int64))
        known = zip(one[inside].tolist(), other[inside].tolist(), score[inside].tolist(), strict=True)
        votes.update({(a, b): _vote(value) for a, b, value in known})
    return votes


def _vote(score: float) -> float:
    score = min(max(score, 1e-9), 1 - 1e-9)
    return max(-LOUDEST, min(LOUDEST, log(score / (1 - score))))


def _may_join(one: list[int], other: list[int], votes: dict[Pair, float]) -> bool:
    """Whether the pairs across, those that are known, speak for it on the whole."""
    if len(one) == len(other) == 1:
        return votes.get(_ordered((one[0], other[0])), 1.0) > 0
    said = [votes[pair] for a in one for b in other if (pair := _ordered((a, b))) in votes]
    if float("-inf") in said:
        return False
    return not said or sum(said) > 0
