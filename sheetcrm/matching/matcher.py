"""A table made comparable, with the model that it taught: scores and reasons for any pairs of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sheetcrm.matching.block import pairs
from sheetcrm.matching.coded import Coded, Floats, Places, Reals, canonical_order
from sheetcrm.matching.comparisons import evidence
from sheetcrm.matching.explain import explain
from sheetcrm.matching.fields import Fields, read_fields
from sheetcrm.matching.kinds import EMAIL, FAMILY, GIVEN, Group
from sheetcrm.matching.levels import Level
from sheetcrm.matching.model import (
    SAME,
    Mask,
    Model,
    first_model,
    hopes,
    is_hopeful,
    learn,
    probabilities,
    start,
    stranger_shares,
    weigh,
)  # fmt: skip
from sheetcrm.matching.roles import Role, find_roles

Values = Sequence[str] | Coded
TAUGHT_BY = 80_000
"""Pairs that the model learns from, at most."""
RANDOM = 60_000
"""Random pairs that tell how alike strangers are, at most."""
CHUNK = 250_000
ASKED = 0.75
"""Worth a question, and no more: two rows whose names clash and who have nothing of their own in common, a person and a
row without one (a firm and somebody who works there). And no less: two rows with one mailbox, whatever their names."""
FAINT = 0.02
"""Pairs that cannot become likelier than this are not compared to the end."""


@dataclass(frozen=True)
class Matcher:
    """Rows stand inside in an order of their own, told by their content, so that the given order changes nothing."""

    fields: Fields
    model: Model
    roles: Mapping[str, Role]
    order: Places
    """The row of the table that stands at each inner place."""
    cores: int

    @cached_property
    def places(self) -> Places:
        """The inner place of each row."""
        places = np.empty_like(self.order)
        places[self.order] = np.arange(len(self.order))
        return places

    def candidates(self) -> tuple[Places, Places]:
        """The pairs of inner places worth comparing, the lower one first."""
        return pairs(self.fields.features, self.fields.rows)

    def score(self, one: Places, other: Places) -> Floats:
        """How likely the pairs of inner places are the same."""
        parts = [self._score(one[i : i + CHUNK], other[i : i + CHUNK]) for i in range(0, len(one), CHUNK)]
        return np.concatenate(parts) if parts else np.empty(0, np.float32)

    def explain(self, one: Places, other: Places) -> list[str]:
        """The reasons of the pairs of inner places."""
        return explain(self.fields.comparisons, self.model.table(SAME), one, other)

    @cached_property
    def _hopes(self) -> Reals:
        return hopes(self.model, [chance for one in self.fields.comparisons for chance in one.rarest])

    def _score(self, one: Places, other: Places) -> Floats:
        """The chunk's scores; pairs that nothing left to compare can save stay at nought."""
        score = np.zeros(len(one), np.float32)
        left = np.arange(len(one))
        sums = start(self.model, len(one), self.fields.unnamed(one, other))
        place, same_mailbox = 0, np.zeros(len(one), bool)
        first, last, own = (np.zeros(len(one), np.uint8) for _ in range(3))
        for comparison in self.fields.comparisons:
            for found in comparison.compare(one[left], other[left], self.cores):
                weigh(self.model, sums, place, found)
                place += 1
                if found.kind is EMAIL:
                    same_mailbox[left] = found.levels == Level.SAME
                if found.kind is GIVEN:
                    first[left] = found.levels
                elif found.kind is FAMILY:
                    last[left] = found.levels
                elif found.kind.group is Group.OWN and not found.kind.is_guess:
                    own[left] = np.maximum(own[left], found.levels)
            hopeful = is_hopeful(sums, self._hopes[place], FAINT)
            if hopeful.sum() < 0.8 * len(left):
                left, sums = left[hopeful], sums[:, hopeful]
        score[left] = probabilities(sums)
        clash = (first == Level.DIFFERENT) | ((last == Level.DIFFERENT) & (first <= Level.PARTLY))
        clash &= own < Level.CLOSE
        score[clash] = np.minimum(score[clash], ASKED)
        return self._capped(score, one, other, same_mailbox)

    def _capped(self, score: Floats, one: Places, other: Places, same_mailbox: Mask) -> Floats:
        """The scores, where a question is better than the arithmetic."""
        one_sided = self.fields.one_sided(one, other)
        if one_sided is not None and self.fields.has_firms:
            doubtful = one_sided & ~same_mailbox
            score[doubtful] = np.minimum(score[doubtful], ASKED)
        shared = self.fields.same_mailbox(one, other)
        if shared is not None:
            score[shared] = np.maximum(score[shared], ASKED)
        return score


def make_matcher(table: dict[str, Coded], roles: Mapping[str, Role] | None, cores: int) -> Matcher:
    """The matcher of a table, which it empties: texts as typed are not needed any more, and they are large."""
    rows = len(next(iter(table.values())).codes) if table else 0
    order = canonical_order(list(table.values()), rows)
    table.update({name: column.ordered(order) for name, column in table.items()})
    found = find_roles(table, roles)
    fields = read_fields(table, found, rows)
    table.clear()
    return Matcher(fields, _untaught(fields, cores), found, order, cores)


def taught(matcher: Matcher, one: Places, other: Places) -> Model:
    """The model that the candidate pairs teach."""
    fields = matcher.fields
    if not len(one) or not fields.comparisons:
        return matcher.model
    # Rows stand in the order of their checksums, so that every n-th pair is a random one.
    step = max(1, len(one) // TAUGHT_BY)
    one_, other_ = one[::step], other[::step]
    found = evidence(fields.comparisons, one_, other_, matcher.cores)
    weight = len(one) / len(one_)
    return learn(matcher.model, found, fields.unnamed(one_, other_), rows=fields.rows, weight=weight)


def _untaught(fields: Fields, cores: int) -> Model:
    kinds = tuple(kind for comparison in fields.comparisons for kind in comparison.kinds)
    strangers = stranger_shares(kinds, evidence(fields.comparisons, *random_pairs(fields.rows), cores))
    return first_model(kinds, strangers, fields.rows, has_people=fields.people is not None)


def random_pairs(rows: int, count: int = RANDOM) -> tuple[Places, Places]:
    """Pairs of inner places, all where there are few: neighbours in the order of checksums are strangers."""
    if rows * (rows - 1) // 2 <= count:
        one, other = np.triu_indices(rows, 1)
        return one.astype(np.int64), other.astype(np.int64)
    one = np.tile(np.arange(rows, dtype=np.int64), count // rows + 1)[:count]
    step = np.repeat(np.arange(1, count // rows + 2, dtype=np.int64), rows)[:count]
    return one, (one + step) % rows
