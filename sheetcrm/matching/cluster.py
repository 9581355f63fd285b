"""Groups of rows that are one, without chaining strangers: two groups join where their members agree on the whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from math import log

import numpy as np
import numpy.typing as npt

from sheetcrm.matching.coded import Floats, Places
from sheetcrm.matching.parts import grouped, pairs_within, parts

Scores = Callable[[Places, Places], Floats]
Pair = tuple[int, int]
Mask = npt.NDArray[np.bool_]
EVEN = 0.5
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
        return [sorted(one) for one in {id(one): one for one in self._group.values()}.values() if len(one) > 1]


def clusters(
    one: Places, other: Places, score: Floats, *, sure: float, rescore: Scores,
    same: Iterable[Pair] = (), different: Iterable[Pair] = (),
) -> list[list[int]]:  # fmt: skip
    """Groups of at least two rows, each in order, the surest pairs joined first.

    `rescore` gives the probability of pairs that were no candidates. People's decisions, `same` and `different`, are
    never overruled.
    """
    decided = dict.fromkeys(map(_ordered, same), True) | dict.fromkeys(map(_ordered, different), False)
    agreed = _columns([pair for pair, is_same in decided.items() if is_same])
    touched = np.concatenate(_columns(decided))
    strong = _undecided(one, other, np.flatnonzero(score >= sure), decided)
    rows = 1 + max(int(places.max(initial=-1)) for places in (one, other, touched))
    part = parts(np.concatenate([agreed[0], one[strong]]), np.concatenate([agreed[1], other[strong]]), rows)
    size = np.bincount(part, minlength=rows)[part]
    first, second = pairs_within(part, np.flatnonzero((size > 2) & (size <= WHOLE)))
    said = rescore(first, second)
    # A part in which nothing speaks against it is one group: so are nearly all of them.
    is_doubtful = np.zeros(rows, bool)
    is_doubtful[part[np.concatenate([first[said <= EVEN], touched, np.flatnonzero(size > WHOLE)])]] = True
    is_doubtful = is_doubtful[part]
    groups = grouped(part, np.flatnonzero((size > 1) & ~is_doubtful))
    if is_doubtful.any():
        votes = _votes(first, second, said, is_doubtful)
        votes |= _votes(one, other, score, size > WHOLE)
        votes |= {pair: float("inf") if is_same else float("-inf") for pair, is_same in decided.items()}
        strong = strong[is_doubtful[one[strong]]]
        strong = strong[np.lexsort((other[strong], one[strong], -score[strong]))]
        groups += _joined([*_pairs(*agreed), *_pairs(one[strong], other[strong])], votes)
    return sorted(groups)


def _ordered(pair: Pair) -> Pair:
    return (min(pair), max(pair))


def _columns(pairs: Collection[Pair]) -> tuple[Places, Places]:
    one, other = np.array([*pairs], np.int64).reshape(-1, 2).T
    return one, other


def _pairs(one: Places, other: Places) -> Iterator[Pair]:
    return zip(one.tolist(), other.tolist(), strict=True)


def _undecided(one: Places, other: Places, at: Places, decided: Collection[Pair]) -> Places:
    """Those of the pairs that no person has judged."""
    if not decided:
        return at
    is_open = np.fromiter((pair not in decided for pair in _pairs(one[at], other[at])), bool, len(at))
    return np.asarray(at[is_open])


def _votes(one: Places, other: Places, score: Floats, asked: Mask) -> dict[Pair, float]:
    """What the pairs say about joining, as far as their rows are asked."""
    at = np.flatnonzero(asked[one] & asked[other])
    return dict(zip(_pairs(one[at], other[at]), map(_vote, score[at].tolist()), strict=True))


def _joined(edges: Iterable[Pair], votes: Mapping[Pair, float]) -> list[list[int]]:
    """Groups of at least two rows, joined along the edges in their order where the votes allow it."""
    groups = Groups()
    for a, b in edges:
        first, second = groups.of(a), groups.of(b)
        if first is not second and _may_join(first, second, votes):
            groups.join(first, second)
    return groups.all()


def _vote(score: float) -> float:
    score = min(max(score, 1e-9), 1 - 1e-9)
    return max(-LOUDEST, min(LOUDEST, log(score / (1 - score))))


def _may_join(one: list[int], other: list[int], votes: Mapping[Pair, float]) -> bool:
    """Whether the pairs across, those that are known, speak for it on the whole."""
    if len(one) == len(other) == 1:
        return votes.get(_ordered((one[0], other[0])), 1.0) > 0
    said = [votes[pair] for a in one for b in other if (pair := _ordered((a, b))) in votes]
    if float("-inf") in said:
        return False
    return not said or sum(said) > 0
