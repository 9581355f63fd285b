"""The one way through: roles, comparisons, candidate pairs, a model learned from them, scores, groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

import numpy as np

from sheetcrm.matching.cluster import Pair, clusters
from sheetcrm.matching.coded import Coded, Floats, Places, encode
from sheetcrm.matching.matcher import FAINT, Matcher, Values, make_matcher, taught
from sheetcrm.matching.record import Match, Record
from sheetcrm.matching.roles import Role

SURE = 0.85
"""Likeness from which two rows are one without asking."""
REVIEW = 0.3
"""Likeness from which a person is asked."""
_RECORD_ROLES = {
    "name": Role.NAME, "company": Role.COMPANY, "email": Role.EMAIL, "phone": Role.PHONE, "street": Role.STREET,
    "postcode": Role.POSTCODE, "city": Role.CITY, "country": Role.COUNTRY, "domain": Role.WEBSITE,
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """The pairs of rows that may be the same, the lower row first, with all that was learned on the way."""

    one: Places
    other: Places
    score: Floats
    matcher: Matcher = field(repr=False)

    @property
    def roles(self) -> Mapping[str, Role]:
        """What each column was taken for."""
        return self.matcher.roles

    def clusters(
        self, sure: float = SURE, *, same: Iterable[Pair] = (), different: Iterable[Pair] = ()
    ) -> list[list[int]]:
        """Groups of at least two rows that are one, each in order; people's decisions are never overruled."""
        places, order = self.matcher.places, self.matcher.order
        decisions = [[(int(places[a]), int(places[b])) for a, b in decided] for decided in (same, different)]
        groups = clusters(
            *_ordered(places[self.one], places[self.other]), self.score, sure=sure, rescore=self.matcher.score,
            same=decisions[0], different=decisions[1],
        )  # fmt: skip
        rows = iter(order[np.fromiter(chain.from_iterable(groups), np.int64)].tolist())
        return sorted(sorted(islice(rows, len(group))) for group in groups)

    def matches(self, least: float = REVIEW) -> list[Match]:
        """The pairs that score at least that much, with their reasons, in order."""
        kept = np.flatnonzero(self.score >= least)
        kept = kept[np.lexsort((self.other[kept], self.one[kept]))]
        why = self.why(self.one[kept], self.other[kept])
        rows = zip(self.one[kept].tolist(), self.other[kept].tolist(), self.score[kept].tolist(), why, strict=True)
        return [Match(one, other, round(score, 3), reason) for one, other, score, reason in rows]

    def score_of(self, one: Sequence[int] | Places, other: Sequence[int] | Places) -> Floats:
        """How likely any pairs of rows are the same, also such as were no candidates."""
        return self.matcher.score(*_ordered(self.matcher.places[one], self.matcher.places[other]))

    def why(self, one: Sequence[int] | Places, other: Sequence[int] | Places) -> list[str]:
        """The reasons for any pairs of rows, in words."""
        if not len(one):
            return []
        return self.matcher.explain(self.matcher.places[one], self.matcher.places[other])


Scorer = Callable[[Matcher, Places, Places], Floats]
"""Scores the pairs of a table, here or elsewhere."""


def find(
    table: Mapping[str, Values], *, roles: Mapping[str, Role] | None = None, cores: int = 1,
    scorer: Scorer = Matcher.score,
) -> Found:  # fmt: skip
    """The rows of a table that may be the same person, company or thing.

    Columns are told by name and content; `roles` says what is known better. Blank is no evidence. More cores take less
    time for the same result, and neither does the order of the rows change it. A `scorer` may have the pairs scored
    elsewhere, as `DaskScorer` does on a cluster.
    """
    coded = {name: values if isinstance(values, Coded) else encode(values) for name, values in table.items()}
    del table
    matcher = make_matcher(coded, roles, cores)
    one, other = matcher.candidates()
    matcher = replace(matcher, model=taught(matcher, one, other))
    score = scorer(matcher, one, other)
    kept = score >= FAINT
    rows = _ordered(matcher.order[one[kept]], matcher.order[other[kept]])
    return Found(*rows, score[kept], matcher)


def find_matches(records: Sequence[Record]) -> Found:
    """The records that may be the same."""
    table = {name: [getattr(record, name) for record in records] for name in _RECORD_ROLES}
    return find(table, roles=_RECORD_ROLES)


def _ordered(one: Places, other: Places) -> tuple[Places, Places]:
    return np.minimum(one, other), np.maximum(one, other)
