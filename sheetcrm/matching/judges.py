"""How alike two different texts of one kind are: e-mails, numbers, companies, streets, places, dates, free text."""

from __future__ import annotations

from operator import eq, itemgetter

import numpy as np
import numpy.typing as npt

from sheetcrm.matching.coded import Levels
from sheetcrm.matching.levels import Level, Scale, measure, word_levels
from sheetcrm.matching.words import ROLES

Lengths = npt.NDArray[np.int32]
_FIRST = itemgetter(0)
PART = "|"
"""Between the parts of a text that was put together, such as postcode and city."""


def exact(one: list[str], other: list[str], cores: int) -> Levels:  # noqa: ARG001 -- the face is a Judge's
    """Different texts are different."""
    return np.full(len(one), Level.DIFFERENT, np.uint8)


def _lengths(texts: list[str]) -> Lengths:
    return np.fromiter(map(len, texts), np.int32, len(texts))


def _slips(one: list[str], other: list[str], cores: int, most: int = 2) -> npt.NDArray[np.uint8]:
    from rapidfuzz.distance import OSA

    return np.asarray(measure(OSA.distance, one, other, cores, score_cutoff=most, dtype=np.uint8))


def emails(one: list[str], other: list[str], cores: int) -> Levels:
    """CLOSE is a typo apart, PARTLY one local part at two hosts."""
    levels = np.full(len(one), Level.DIFFERENT, np.uint8)
    # A. Lee and B. Lee of one firm are one letter apart.
    alike = np.flatnonzero(np.fromiter(map(eq, map(_FIRST, one), map(_FIRST, other)), bool, len(one))).tolist()
    slips = _slips([one[i] for i in alike], [other[i] for i in alike], cores, 3).tolist() if alike else ()
    for i, count in zip(alike, slips, strict=True):
        local, _, host = one[i].partition("@")
        local_, _, host_ = other[i].partition("@")
        if count > 3 and local != local_:
            continue
        long = min(len(local), len(local_)) > 4
        if count <= 2 or (count == 3 and host != host_ and long):
            levels[i] = Level.CLOSE
        elif local == local_ and long and local not in ROLES:
            levels[i] = Level.PARTLY
    return levels


def codes(one: list[str], other: list[str], cores: int) -> Levels:
    """CLOSE is one slip in at least five signs: numbers that differ are other numbers."""
    levels = exact(one, other, cores)
    levels[(_slips(one, other, cores, 1) == 1) & (np.minimum(_lengths(one), _lengths(other)) >= 5)] = Level.CLOSE
    return levels


def numbers(one: list[str], other: list[str], cores: int) -> Levels:
    """CLOSE is one digit off."""
    levels = exact(one, other, cores)
    levels[_slips(one, other, cores, 1) == 1] = Level.CLOSE
    return levels


def days(one: list[str], other: list[str], cores: int) -> Levels:
    """CLOSE is one slip or day and month swapped, PARTLY two of the three parts, WEAK one of them."""
    slips = _slips(one, other, cores, 1)
    a, b = (np.array(texts, "S8").view(np.uint8).reshape(-1, 8) for texts in (one, other))
    year, month, day = (np.all(a[:, part] == b[:, part], axis=1) for part in (slice(4), slice(4, 6), slice(6, 8)))
    swapped = year & np.all(a[:, 4:6] == b[:, 6:8], axis=1) & np.all(a[:, 6:8] == b[:, 4:6], axis=1)
    alike = year.astype(int) + month + day
    levels = exact(one, other, cores)
    levels[(alike == 1) | ((a != b).sum(axis=1) <= 2)] = Level.WEAK
    levels[alike == 2] = Level.PARTLY
    levels[(slips == 1) | swapped] = Level.CLOSE
    return levels


def things(one: list[str], other: list[str], cores: int) -> Levels:
    """Names of companies and things, word by word: CLOSE a typo, PARTLY one has words more, WEAK some words alike."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import JaroWinkler

    solid, solid_ = ([text.replace(" ", "") for text in texts] for texts in (one, other))
    by_words = measure(fuzz.token_set_ratio, one, other, cores, score_cutoff=65, dtype=np.float32)
    in_order = measure(fuzz.token_sort_ratio, one, other, cores, score_cutoff=70, dtype=np.float32)
    jaro = measure(JaroWinkler.similarity, solid, solid_, cores, score_cutoff=0.85, dtype=np.float32)
    slips = _slips(solid, solid_, cores)
    longest = np.maximum(_lengths(solid), _lengths(solid_))
    levels = exact(one, other, cores)
    levels[(by_words >= 75) | (jaro >= 0.86) | (in_order >= 72)] = Level.WEAK
    levels[(by_words >= 97) | (jaro >= 0.94)] = Level.PARTLY
    levels[((slips == 1) & (longest >= 4)) | ((slips == 2) & (longest >= 8)) | (in_order >= 92)] = Level.CLOSE
    levels[slips == 0] = Level.VARIANT
    for i in np.flatnonzero(levels > Level.WEAK).tolist():
        if _digits(one[i]) != _digits(other[i]):
            levels[i] = Level.WEAK
    return levels


def _digits(text: str) -> set[str]:
    return {word for word in text.split() if word.isdigit()}


def texts(one: list[str], other: list[str], cores: int) -> Levels:
    """Free text by the share of words in common."""
    from rapidfuzz import fuzz

    alike = measure(fuzz.token_sort_ratio, one, other, cores, score_cutoff=50, dtype=np.float32)
    levels = exact(one, other, cores)
    for least, level in ((55, Level.WEAK), (75, Level.PARTLY), (90, Level.CLOSE)):
        levels[alike >= least] = level
    return levels


def streets(house: Levels, street: Levels) -> Levels:
    """Of house number and street: WEAK is another house of the street, PARTLY a street without number."""
    alike = street >= Level.PARTLY
    levels = np.full(len(house), Level.DIFFERENT, np.uint8)
    levels[alike & (house == Level.DIFFERENT)] = Level.WEAK
    levels[alike & (house == Level.BLANK) | (street == Level.WEAK) & (house == Level.SAME)] = Level.PARTLY
    levels[alike & (house >= Level.WEAK)] = Level.CLOSE
    levels[(street == Level.SAME) & (house == Level.SAME)] = Level.SAME
    levels[(street == Level.BLANK)] = Level.BLANK
    return levels


def places(code: Levels, city: Levels) -> Levels:
    """Of postcode and city.

    VARIANT is one postcode and two spellings of its city, CLOSE a postcode mistyped, PARTLY one of the two, WEAK the
    city with another postcode.
    """
    alike = city >= Level.PARTLY
    levels = np.full(len(code), Level.DIFFERENT, np.uint8)
    levels[alike & (code == Level.DIFFERENT) | (code == Level.BLANK) & (city == Level.WEAK)] = Level.WEAK
    levels[alike & (code == Level.BLANK) | (code == Level.SAME) & (city <= Level.WEAK)] = Level.PARTLY
    levels[alike & ((code == Level.CLOSE) | (code == Level.WEAK))] = Level.CLOSE
    levels[(code == Level.SAME) & (alike | (city == Level.BLANK))] = Level.VARIANT
    levels[(code == Level.BLANK) & (city == Level.SAME) | (code == Level.SAME) & (city == Level.SAME)] = Level.SAME
    levels[(code == Level.BLANK) & (city == Level.BLANK)] = Level.BLANK
    return levels


WORDS = Scale(word_levels, bits=5, parts=True)
EXACT = Scale(exact, bits=0)
SILENT = Scale(exact, bits=0, far=Level.BLANK)
"""Different texts say nothing: who shares one switchboard may well have a second one."""
EMAILS = Scale(emails, bits=8)
CODES = Scale(codes, bits=2)
NUMBERS = Scale(numbers, bits=2)
DAYS = Scale(days)
THINGS = Scale(things)
TEXTS = Scale(texts)
