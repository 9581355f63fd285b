"""How alike two people's names are: same, a typo away, an initial, only the surname, of one family, or different."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from sheetcrm.matching.normalise import loosen
from sheetcrm.matching.words import NICKNAMES

Names = tuple[str, ...]


class NameLevel(IntEnum):
    """What two names say about two people, from contradiction to agreement."""

    DIFFERENT = 0
    FAMILY = 1
    """One surname, other first names: spouses, father and son."""
    FIRST_ONLY = 2
    """One first name, other surnames: two people, or one who married."""
    NONE = 3
    """A blank on one side says nothing."""
    SURNAME = 4
    """One side has only the surname, or only the first name."""
    INITIAL = 5
    CLOSE = 6
    SAME = 7


@lru_cache(maxsize=65536)
def same_word(word: str) -> str:
    """One spelling for a name's short forms and umlauts: `Jess` gives `jessica`, `mueller` gives `muller`."""
    return loosen(NICKNAMES.get(word, word))


@lru_cache(maxsize=262144)
def word_likeness(one: str, other: str) -> float:
    """From 0 to 1; an initial counts 0.9 for a word that begins with it, a typo in a short word about 0.85."""
    if one == other or same_word(one) == same_word(other):
        return 1.0
    if len(one) == 1 or len(other) == 1:
        return 0.9 if one[:1] == other[:1] else 0.0
    jaro = JaroWinkler.normalized_similarity(one, other)
    if jaro < 0.7:
        return jaro
    slips = OSA.distance(one, other, score_cutoff=2)
    if slips == 1 and len(one) == len(other) <= 4 and sorted(one) != sorted(other):
        return min(jaro, 0.8)  # Jan and Jon are two people; Jna is a slip.
    # One slip in four letters or two in seven is how people type; more is another name, however alike it looks.
    allowed = 1 if max(len(one), len(other)) < 7 else 2
    return max(jaro, 0.86) if slips <= allowed and min(len(one), len(other)) > 2 else min(jaro, 0.8)


def name_likeness(one: Names, other: Names) -> float:
    """How alike two full names are as a share, first and last name tried swapped as well."""
    return max(_straight(one, other)[2], _straight(one, other[::-1])[2] - 0.01)


def _straight(one: Names, other: Names) -> tuple[float, float, float]:
    first, last = word_likeness(one[0], other[0]), word_likeness(one[-1], other[-1])
    return first, last, (first + last) / 2


def name_level(one: Names, other: Names) -> NameLevel:
    """What the two names say together; the order of the arguments does not matter."""
    if not one or not other:
        return NameLevel.NONE
    if one == other:
        return NameLevel.SAME if len(one) > 1 else NameLevel.SURNAME
    if len(one) == 1 or len(other) == 1:
        return _single(one, other)
    if sorted(map(same_word, one)) == sorted(map(same_word, other)):
        return NameLevel.SAME
    straight, swapped = _straight(one, other), _straight(one, other[::-1])
    return _level(*(straight if straight[2] >= swapped[2] else swapped)[:2], one, other)


def _single(one: Names, other: Names) -> NameLevel:
    short, long = (one, other) if len(one) == 1 else (other, one)
    if short[0] == "".join(long) or short[0] == "".join(long[::-1]):
        return NameLevel.SAME
    best = max(word_likeness(short[0], word) for word in long)
    return NameLevel.SURNAME if best >= 0.86 else NameLevel.DIFFERENT


def _level(first: float, last: float, one: Names, other: Names) -> NameLevel:
    if first >= 0.85 and last >= 0.85:
        initials = 1 in {len(one[0]), len(other[0]), len(one[-1]), len(other[-1])} and min(first, last) < 1
        if initials:
            return NameLevel.INITIAL
        return NameLevel.SAME if min(first, last) == 1 else NameLevel.CLOSE
    if "".join(one) == "".join(other):
        return NameLevel.SAME
    if last >= 0.86:
        return NameLevel.FAMILY
    return NameLevel.FIRST_ONLY if first >= 0.86 else NameLevel.DIFFERENT
