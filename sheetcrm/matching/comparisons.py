"""The columns of a table as evidence: each comparison takes pairs of rows and says how alike they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sheetcrm.matching.coded import BLANK, Coded, Codes, Floats, Levels, Places
from sheetcrm.matching.judges import WORDS
from sheetcrm.matching.kinds import Kind
from sheetcrm.matching.levels import Level, Scale, coded_levels
from sheetcrm.matching.normalise import root

Mask = npt.NDArray[np.bool_]
PEOPLE = 500
"""As many rows of a larger world a small table is taken to be drawn from."""


@dataclass(frozen=True)
class Evidence:
    """What one kind says about each pair: its level, and the chance that strangers agree on the very value.

    The chance is 0 where only the level counts.
    """

    kind: Kind
    levels: Levels
    chance: Floats


class Comparison(Protocol):
    """Columns that are compared together."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of evidence it gives, in order."""
        ...

    @property
    def rarest(self) -> tuple[float, ...]:
        """Of each kind, the smallest chance that strangers agree on a value."""
        ...

    def compare(self, one: Places, other: Places, cores: int) -> list[Evidence]:
        """What it says about the pairs of rows."""
        ...


def frequencies(coded: Coded, kind: Kind) -> Floats:
    """How likely a stranger holds each text: rare ones tell more. The two rows of a pair do not count."""
    rest = np.maximum(coded.counts() - 2, 0.05) + PEOPLE * kind.strangers[-1] / sum(kind.strangers)
    total = max(int((coded.codes >= 0).sum()) - 1, 0) + PEOPLE
    return np.append(rest / total, 0).astype(np.float32)


def _rarest(frequency: Floats) -> float:
    return float(frequency[:-1].min(initial=1))


@dataclass(frozen=True)
class Single:
    """One column whose texts its scale compares where they differ."""

    kind: Kind
    coded: Coded
    scale: Scale
    label: str = ""
    """What its column is called, where the kind does not say."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Its one kind."""
        return (self.kind,)

    @cached_property
    def frequency(self) -> Floats:
        """How common each text is."""
        return frequencies(self.coded, self.kind)

    @property
    def rarest(self) -> tuple[float, ...]:
        """The smallest chance of any of its values."""
        return (_rarest(self.frequency),)

    def compare(self, one: Places, other: Places, cores: int) -> list[Evidence]:
        """The level of each pair."""
        codes, codes_ = self.coded.codes[one], self.coded.codes[other]
        levels = coded_levels(self.coded, codes, codes_, self.scale, cores)
        chance = np.where(levels == Level.SAME, self.frequency[codes], 0).astype(np.float32)
        return [Evidence(self.kind, levels, chance)]


@dataclass(frozen=True)
class Paired:
    """Two columns that make one value, such as postcode and city: each is compared alone, `blend` makes one of both."""

    kind: Kind
    head: Coded
    tail: Coded
    blend: Callable[[Levels, Levels], Levels]
    both: Coded
    """The two as one text, for how common it is."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Its one kind."""
        return (self.kind,)

    @cached_property
    def frequency(self) -> Floats:
        """How common each value is."""
        return frequencies(self.both, self.kind)

    @property
    def rarest(self) -> tuple[float, ...]:
        """The smallest chance of any of its values."""
        return (_rarest(self.frequency),)

    def compare(self, one: Places, other: Places, cores: int) -> list[Evidence]:
        """The level of each pair."""
        head, tail = (
            coded_levels(part, part.codes[one], part.codes[other], WORDS, cores) for part in (self.head, self.tail)
        )
        levels = self.blend(head, tail)
        chance = np.where(levels == Level.SAME, self.frequency[self.both.codes[one]], 0).astype(np.float32)
        return [Evidence(self.kind, levels, chance)]


@dataclass(frozen=True)
class Several:
    """Columns of one kind, such as phone and mobile, or cells that hold two: the best agreement of any two counts."""

    kind: Kind
    coded: tuple[Coded, ...]
    """All of one list of texts."""
    scale: Scale

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Its one kind."""
        return (self.kind,)

    @cached_property
    def frequency(self) -> Floats:
        """How common each text is in any of the columns."""
        codes = np.concatenate([one.codes for one in self.coded])
        return frequencies(Coded(codes, self.coded[0].texts), self.kind)

    @property
    def rarest(self) -> tuple[float, ...]:
        """The smallest chance of any of its values."""
        return (_rarest(self.frequency),)

    def compare(self, one: Places, other: Places, cores: int) -> list[Evidence]:
        """The best level of each pair."""
        levels = np.zeros(len(one), np.uint8)
        chance = np.zeros(len(one), np.float32)
        for first in self.coded:
            for second in self.coded:
                a, b = first.codes[one], second.codes[other]
                found = coded_levels(self.coded[0], a, b, self.scale, cores)
                better = found > levels
                levels[better] = found[better]
                chance[better] = np.where(found == Level.SAME, self.frequency[a], 0)[better]
        return [Evidence(self.kind, levels, chance)]


@dataclass(frozen=True)
class People:
    """First, middle and last names, tried swapped as well: they share one list of texts."""

    given: Coded
    family: Coded
    kinds: tuple[Kind, ...]

    @cached_property
    def roots(self) -> Codes:
        """Each word's long form, as a code, -1 for none: Bob and Robert share it."""
        known: dict[str, int] = {}
        forms = (known.setdefault(root(text), len(known)) for text in self.given.texts)
        return np.append(np.fromiter(forms, np.int32, len(self.given.texts)), np.int32(BLANK))

    @cached_property
    def initials(self) -> Mask:
        """Of each word, whether it is an initial: two of them agree in part only."""
        return np.array([len(text) == 1 for text in self.given.texts] + [False])

    @cached_property
    def frequency(self) -> tuple[Floats, Floats]:
        """How common each word is as a first and as a last name."""
        return frequencies(self.given, self.kinds[0]), frequencies(self.family, self.kinds[1])

    @property
    def rarest(self) -> tuple[float, ...]:
        """The smallest chance of any first and any last name."""
        return _rarest(self.frequency[0]), _rarest(self.frequency[1])

    def words(self, row: int) -> list[str]:
        """The first and the last name of a row."""
        codes = (self.given.codes[row], self.family.codes[row])
        return [self.given.texts[code] for code in codes if code >= 0]

    @staticmethod
    def is_variant(one: str, other: str) -> bool:
        """Whether two different words are forms of one name."""
        return one != other and root(one) == root(other)

    def compare(self, one: Places, other: Places, cores: int) -> list[Evidence]:
        """The levels of first and last name, of the reading in which they agree more."""
        given, family = self.given.codes, self.family.codes
        first = self._words(given[one], given[other], cores)
        last = self._words(family[one], family[other], cores)
        chances = [np.where(first == Level.SAME, self.frequency[0][given[one]], 0),
                   np.where(last == Level.SAME, self.frequency[1][family[one]], 0)]  # fmt: skip
        low = np.flatnonzero((first < Level.CLOSE) & (last < Level.CLOSE))
        if len(low):
            a, b = given[one[low]], family[one[low]]
            c, d = given[other[low]], family[other[low]]
            crossed, crossed_ = self._words(a, d, cores), self._words(b, c, cores)
            turned = np.maximum(crossed, crossed_) >= Level.CLOSE
            turned &= (np.minimum(crossed, crossed_) >= Level.PARTLY) | (np.minimum(crossed, crossed_) == Level.BLANK)
            at = low[turned]
            # The word that stands as last name in one row is a last name in both.
            first[at], last[at] = crossed[turned], crossed_[turned]
            common = np.maximum(self.frequency[0], self.frequency[1])
            chances[0][at] = np.where(crossed[turned] == Level.SAME, common[a[turned]], 0)
            chances[1][at] = np.where(crossed_[turned] == Level.SAME, common[b[turned]], 0)
        pairs = zip(self.kinds, (first, last), chances, strict=True)
        return [Evidence(kind, levels, chance.astype(np.float32)) for kind, levels, chance in pairs]

    def _words(self, one: Codes, other: Codes, cores: int) -> Levels:
        levels = coded_levels(self.given, one, other, WORDS, cores)
        related = (levels < Level.VARIANT) & (levels > Level.BLANK) & (self.roots[one] == self.roots[other])
        levels[related] = Level.VARIANT
        levels[(levels == Level.SAME) & self.initials[one]] = Level.PARTLY
        return levels


def evidence(comparisons: Sequence[Comparison], one: Places, other: Places, cores: int) -> list[Evidence]:
    """What all comparisons say about the pairs, in their order."""
    return [found for comparison in comparisons for found in comparison.compare(one, other, cores)]
