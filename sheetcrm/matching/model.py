"""How likely each pair is one: weights learned from the table itself, without labels (Fellegi-Sunter by EM).

Five classes explain a pair: the same (SAME), different ones of one household or office (RELATED), of one family
(FAMILY), alike by name only (NAMESAKE), and strangers. So colleagues, whose company, address, website and switchboard
agree together, are a class of their own instead of four witnesses for one person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sheetcrm.matching.coded import Floats, Reals
from sheetcrm.matching.comparisons import Evidence
from sheetcrm.matching.kinds import Group, Kind, shares
from sheetcrm.matching.levels import COUNT, Level

SAME, MOVED, RELATED, FAMILY, NAMESAKE, STRANGERS = range(6)
BEST, WORST = 6, 7
"""Beside the classes: the best and the worst that columns of unknown meaning say of each pair."""
ROUNDS = 25
LOUDEST_GUESS = 2.0
STAYED = 0.05
"""The share of those who moved and whose contact differs as well."""
WORLD = 500
"""The fewest rows a table is taken for: two rows alone say little about how common anything is."""
RATES = (0.05, 0.005, 0.05, 0.02, 0.02)
"""Pairs of each class per row, before the table is looked at."""
NAMES = frozenset({Group.FIRST, Group.FAMILY, Group.THING})
NAMES_ONLY = (0.5, 0.0001, 0.0001, 0.0001, 0.0001)
"""The rates in a table of names alone: who lists only names lists a name twice by mistake."""
ROWS_TRUSTED = 20.0
"""As how many rows seen these rates count."""
Mask = npt.NDArray[np.bool_]


def follows(kind: Kind, kind_class: int, *, has_people: bool) -> str:
    """By whose shares a class has the levels of a kind: of the same, the moved, the related, namesakes, strangers."""
    group = kind.group
    if kind_class == SAME:
        return "same"
    if kind_class == MOVED:
        return "strangers" if group is Group.CONTEXT else "moved"
    if kind_class in {RELATED, FAMILY} and (group is Group.CONTEXT or kind.is_contact):
        return "related"
    if kind_class == FAMILY and group is Group.FAMILY:
        return "same"
    if kind_class == NAMESAKE and kind.namesakes and (kind.is_contact or not has_people):
        return "namesakes"
    if kind_class == NAMESAKE and group in NAMES:
        return "same"
    return "strangers"


@dataclass(frozen=True)
class Model:
    """What a table taught: for each kind the shares of levels among the same, the related and strangers."""

    kinds: tuple[Kind, ...]
    same: Reals
    """Kinds by levels."""
    related: Reals
    namesakes: Reals
    strangers: Reals
    priors: Reals
    """Of each class, among all pairs of the table."""
    has_people: bool

    @property
    def moved(self) -> Reals:
        """Kinds by levels: as among the same, but who moved is known by the contact that stayed."""
        table = self.same.copy()
        for i, kind in enumerate(self.kinds):
            if kind.is_contact:
                table[i] = _less_different(table[i], STAYED)
        return table

    def follows(self, kind: Kind, kind_class: int) -> str:
        """By whose shares a class has the levels of a kind."""
        return follows(kind, kind_class, has_people=self.has_people)

    def table(self, kind_class: int) -> Reals:
        """Kinds by levels: the logarithm of what the class makes of each level, compared with strangers."""
        return self._tables[kind_class]

    @cached_property
    def _tables(self) -> list[Reals]:
        return [self._table(kind_class) for kind_class in range(STRANGERS)]

    def _table(self, kind_class: int) -> Reals:
        source = {
            "same": self.same, "moved": self.moved, "related": self.related, "namesakes": self.namesakes,
            "strangers": self.strangers,
        }  # fmt: skip
        rows = [source[self.follows(kind, kind_class)][i] for i, kind in enumerate(self.kinds)]
        return np.asarray(np.log(np.array(rows)) - np.log(self.strangers))


def first_model(kinds: tuple[Kind, ...], strangers: Reals, rows: int, *, has_people: bool) -> Model:
    """What is believed before the table is looked at."""
    same = np.array([shares(kind.same) for kind in kinds], np.float64)
    for i, kind in enumerate(kinds):
        if kind.is_guess:
            same[i] = (same[i] + 3 * strangers[i]) / 4
    related = np.array([_usual(kind, has_people=has_people) for kind in kinds])
    namesakes = np.array([shares(kind.namesakes or kind.same) for kind in kinds], np.float64)
    return Model(kinds, same, related, namesakes, strangers, _priors(kinds, None, rows), has_people)


def _usual(kind: Kind, *, has_people: bool) -> Reals:
    """The shares among the related: context as among the same, contacts now and then; more often of two firms."""
    same, strangers = (shares(one).astype(np.float64) for one in (kind.same, kind.strangers))
    if not kind.is_contact:
        return same
    common = 0.05 if has_people else 0.5
    return common * same + (1 - common) * strangers


def _priors(kinds: Sequence[Kind], found: Reals | None, rows: int) -> Reals:
    """Class priors among all pairs, from the pairs found of each class; the usual ones before any were looked for."""
    world = max(rows, WORLD)
    usual = np.array(NAMES_ONLY if all(kind.group in NAMES for kind in kinds) else RATES)
    found = usual * rows if found is None else found
    rates = (found + ROWS_TRUSTED * usual) / (rows + ROWS_TRUSTED)
    return rates * rows / max(rows * (rows - 1) / 2, 1) if rows >= world else rates * 2 / world


def stranger_shares(kinds: Sequence[Kind], found: Sequence[Evidence], weights: Reals | None = None) -> Reals:
    """Kinds by levels: their shares among random pairs, steadied by what is usual."""
    rows = []
    for kind, one in zip(kinds, found, strict=True):
        usual = shares(kind.strangers).astype(np.float64)
        counts = np.bincount(one.levels, weights, COUNT).astype(np.float64)
        table = (counts + 200 * usual) / (counts[1:].sum() + 200)
        table[0] = 1
        rows.append(table)
    return np.array(rows)


def start(model: Model, count: int, unnamed: Mask | None = None) -> Reals:
    """Classes by pairs: the odds before anything is compared, as logarithms, compared with strangers."""
    sums = np.zeros((8, count))
    sums[:STRANGERS] += np.log(model.priors)[:, None]
    if all(kind.group in NAMES for kind in model.kinds):
        sums[NAMESAKE] = -np.inf  # in a table of names alone nothing could tell them from the same
    if unnamed is not None:
        sums[RELATED][unnamed] = sums[FAMILY][unnamed] = -np.inf
    return sums


def weigh(model: Model, sums: Reals, place: int, one: Evidence) -> None:
    """Adds what the evidence of the kind at that place says to the sums."""
    rarity = _rarity(model.strangers[place], one)
    if one.kind.is_guess:
        _weigh_guess(sums, model.table(SAME)[place][one.levels] + rarity)
        return
    for kind_class in range(STRANGERS):
        if model.follows(one.kind, kind_class) != "strangers":
            sums[kind_class] += model.table(kind_class)[place][one.levels]
            sums[kind_class] += rarity


def _weigh_guess(sums: Reals, said: Reals) -> None:
    """Of columns of unknown meaning only the best and the worst word counts, and not much.

    Amount, probability and stage of a lead agree together: they are not three witnesses.
    """
    before = sums[BEST] + sums[WORST]
    np.maximum(sums[BEST], np.minimum(said, LOUDEST_GUESS), out=sums[BEST])
    np.minimum(sums[WORST], np.maximum(said, -LOUDEST_GUESS), out=sums[WORST])
    sums[[SAME, MOVED]] += sums[BEST] + sums[WORST] - before


def odds(model: Model, found: Sequence[Evidence], unnamed: Mask | None = None) -> Reals:
    """Classes by pairs: the logarithm of each class's weight compared with strangers, priors included."""
    sums = start(model, len(found[0].levels) if found else 0, unnamed)
    for place, one in enumerate(found):
        weigh(model, sums, place, one)
    return sums


def _rarity(strangers: Reals, one: Evidence) -> Reals:
    """What agreeing on just this value tells more, or less, than agreeing on any."""
    by_value = one.chance > 0
    chance = np.where(by_value, one.chance, 1).astype(np.float64)
    return np.where(by_value, np.log(strangers[Level.SAME]) - np.log(chance), 0.0)


def shares_of_classes(sums: Reals) -> Reals:
    """Classes by pairs: how likely each pair is of each class."""
    sums = sums[: STRANGERS + 1]
    top = np.maximum(sums.max(axis=0), 0)
    weights = np.exp(sums - top)
    return np.asarray(weights / weights.sum(axis=0))


def learn(model: Model, found: Sequence[Evidence], unnamed: Mask | None, *, rows: int, weight: float = 1.0) -> Model:
    """The model after looking at candidate pairs, each of which stands for `weight` pairs of the table."""
    for _ in range(ROUNDS):
        classes = shares_of_classes(odds(model, found, unnamed))
        again = _relearned(model, found, classes, rows, weight)
        moved = np.abs(again.same - model.same).max(initial=0)
        model = again
        if moved < 1e-4:
            break
    return model


def _relearned(model: Model, found: Sequence[Evidence], classes: Reals, rows: int, weight: float) -> Model:
    same: list[Reals] = []
    related: list[Reals] = []
    namesakes: list[Reals] = []
    near = classes[RELATED] + classes[FAMILY]
    for kind, one in zip(model.kinds, found, strict=True):
        usual = shares(kind.same).astype(np.float64)
        if kind.is_guess:
            usual = (usual + 3 * model.strangers[len(same)]) / 4
        weights = classes[SAME] if kind.group is Group.CONTEXT else classes[SAME] + classes[MOVED]
        same.append(_steadied(kind, usual, np.bincount(one.levels, weights * weight, COUNT)))
        free = replace(kind, most_different=1)
        usual = _usual(kind, has_people=model.has_people)
        related.append(_steadied(free, usual, np.bincount(one.levels, near * weight, COUNT)))
        usual = shares(kind.namesakes or kind.same).astype(np.float64)
        namesakes.append(_steadied(free, usual, np.bincount(one.levels, classes[NAMESAKE] * weight, COUNT)))
    priors = _priors(model.kinds, classes[:5].sum(axis=1) * weight, rows)
    return replace(model, same=np.array(same), related=np.array(related), namesakes=np.array(namesakes), priors=priors)


def _steadied(kind: Kind, usual: Reals, counts: npt.NDArray[Any]) -> Reals:
    table = np.append(1.0, counts[1:] + kind.trust * usual[1:])
    table[1:] /= table[1:].sum()
    return _less_different(table, kind.most_different)


def _less_different(table: Reals, most: float) -> Reals:
    """The shares, of which those of different values are no more than so much."""
    if table[Level.DIFFERENT] <= most:
        return table
    less = table.copy()
    less[Level.WEAK :] *= (1 - most) / (1 - table[Level.DIFFERENT])
    less[Level.DIFFERENT] = most
    return less


def probabilities(sums: Reals) -> Floats:
    """How likely each pair is the same."""
    classes = shares_of_classes(sums)
    return np.asarray(classes[SAME] + classes[MOVED], np.float32)


SLACK = 0.5
"""The most that one kind of context may still say for the same against the related: it says nearly the same of both."""


def hopes(model: Model, rarest: Sequence[float]) -> Reals:
    """Kinds by two by classes: the most that the kinds from each place on can still say for SAME, and for MOVED.

    `rarest` is the smallest chance that a value of each kind has.
    """
    gains = np.zeros((len(model.kinds) + 1, 2, STRANGERS + 1))
    for place in range(len(model.kinds) - 1, -1, -1):
        for mine in (SAME, MOVED):
            for rival in range(RELATED, STRANGERS + 1):
                more = _hope(model, place, mine, rival, rarest[place])
                gains[place, mine, rival] = gains[place + 1, mine, rival] + more
    return gains


def _hope(model: Model, place: int, mine: int, rival: int, rarest: float) -> float:
    theirs = model.table(rival)[place] if rival < STRANGERS else np.zeros(COUNT)
    more = model.table(mine)[place] - theirs
    if rival == STRANGERS or model.follows(model.kinds[place], rival) == "strangers":
        more[Level.SAME] += max(np.log(model.strangers[place][Level.SAME] / max(rarest, 1e-12)), 0)
    hope = max(float(more.max()), 0.0)
    return min(hope, SLACK) if model.kinds[place].group is Group.CONTEXT and rival < NAMESAKE else hope


def is_hopeful(sums: Reals, hope: Reals, least: float) -> Mask:
    """The pairs that may still become as likely as `least`.

    Who moved is measured against strangers and namesakes only: against the related his context speaks later.
    """
    needed = np.log(least / (1 - least))
    same = np.ones(sums.shape[1], bool)
    moved = same.copy()
    for rival in range(RELATED, STRANGERS + 1):
        same &= sums[SAME] - sums[rival] + hope[SAME, rival] > needed
        if rival >= NAMESAKE:
            moved &= sums[MOVED] - sums[rival] + hope[MOVED, rival] > needed
    return same | moved
