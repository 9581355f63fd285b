"""How alike two values are: seven levels for every kind of column, and how alike two words are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np

from sheetcrm.matching.coded import Coded, Codes, Levels

CHUNK = 200_000


class Level(IntEnum):
    """What two values of one column say; what a level means for a kind of column stands in `explain`."""

    BLANK = 0
    """One side has no value: no evidence."""
    DIFFERENT = 1
    WEAK = 2
    PARTLY = 3
    CLOSE = 4
    """A slip of the fingers apart."""
    VARIANT = 5
    """Two ways to write the same, such as Bob and Robert."""
    SAME = 6


COUNT = len(Level)


def measure(scorer: Callable[..., Any], one: Sequence[str], other: Sequence[str], cores: int, **more: Any) -> Any:
    """The scorer's value for each pair of texts, as numbers; the number of cores changes the time only."""
    from rapidfuzz.process import cpdist

    return cpdist(one, other, scorer=scorer, workers=cores, **more)


Judge = Callable[[list[str], list[str], int], Levels]


@dataclass(frozen=True)
class Scale:
    """How two different texts of a kind are judged, and how many bits of letters they may differ in to be near."""

    judge: Judge
    bits: int = 64
    parts: bool = False
    """Whether a text may be near one of which it is a part."""
    far: int = 1
    """The level of those that are not near."""


def coded_levels(coded: Coded, one: Codes, other: Codes, scale: Scale, cores: int) -> Levels:
    """Blank and same told by the codes, far by the letters, what lies between by the judge."""
    levels = np.zeros(len(one), np.uint8)
    filled = (one >= 0) & (other >= 0)
    levels[filled] = scale.far
    levels[filled & (one == other)] = Level.SAME
    if scale.bits == 0:
        return levels
    differ = np.flatnonzero(filled & (one != other))
    if scale.bits < 64:
        differ = differ[coded.letters.may_be_near(one[differ], other[differ], scale.bits, parts=scale.parts)]
    if len(differ):
        levels[differ] = _judged(coded.texts, one[differ], other[differ], scale.judge, cores)
    return levels


def _judged(texts: Sequence[str], one: Codes, other: Codes, judge: Judge, cores: int) -> Levels:
    """The levels of pairs of texts; each distinct pair is judged once where texts are few enough to repeat."""
    keys = np.minimum(one, other).astype(np.int64) * len(texts) + np.maximum(one, other)
    distinct, back = np.unique(keys, return_inverse=True)
    found = np.empty(len(distinct), np.uint8)
    for start in range(0, len(distinct), CHUNK):
        part = distinct[start : start + CHUNK]
        firsts = list(map(texts.__getitem__, (part // len(texts)).tolist()))
        seconds = list(map(texts.__getitem__, (part % len(texts)).tolist()))
        found[start : start + CHUNK] = judge(firsts, seconds, cores)
    return found[back]


def word_levels(one: list[str], other: list[str], cores: int = 1) -> Levels:
    """How alike two different words are, as people mistype: one slip in four letters or two in seven is CLOSE.

    WEAK is alike to the eye, PARTLY an initial or a part of a double name.
    """
    from rapidfuzz.distance import OSA, JaroWinkler, Postfix, Prefix

    slips = measure(OSA.distance, one, other, cores, score_cutoff=2, dtype=np.uint8)
    jaro = measure(JaroWinkler.similarity, one, other, cores, score_cutoff=0.8, dtype=np.float32)
    lengths = np.fromiter(map(len, one), np.int32, len(one)), np.fromiter(map(len, other), np.int32, len(one))
    shorter, longer = np.minimum(*lengths), np.maximum(*lengths)
    levels = np.full(len(one), Level.DIFFERENT, np.uint8)
    levels[(jaro >= 0.85) | ((slips == 2) & (longer >= 5))] = Level.WEAK
    is_close = ((slips == 1) & (longer >= 4)) | ((slips == 2) & (longer >= 7))
    # Jan and Jon are two people, Jna is a slip.
    doubtful = (slips == 1) & (lengths[0] == lengths[1]) & (longer <= 4)
    for i in np.flatnonzero(doubtful).tolist():
        is_close[i] = sorted(one[i]) == sorted(other[i])
        levels[i] = Level.WEAK
    levels[is_close] = Level.CLOSE
    parts = np.flatnonzero((levels <= Level.WEAK) & ((shorter == 1) | ((shorter > 3) & (longer > shorter + 2))))
    if len(parts):
        firsts, seconds = [one[i] for i in parts.tolist()], [other[i] for i in parts.tolist()]
        starts = measure(Prefix.similarity, firsts, seconds, cores, dtype=np.uint8)
        ends = measure(Postfix.similarity, firsts, seconds, cores, dtype=np.uint8)
        whole = np.minimum(shorter[parts], 255)
        levels[parts[(starts == whole) | ((ends == whole) & (whole > 1))]] = Level.PARTLY
    return levels
