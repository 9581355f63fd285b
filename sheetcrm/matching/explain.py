"""Why two rows may be the same, in a business owner's words: `same person (Bob = Robert); phone differs`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sheetcrm.matching.coded import Levels, Places, Reals
from sheetcrm.matching.comparisons import Comparison, People, Single, evidence
from sheetcrm.matching.kinds import Group, Kind
from sheetcrm.matching.levels import COUNT, Level

_PHRASES: dict[str, dict[int, str]] = {
    "e-mail": {Level.SAME: "same e-mail", Level.CLOSE: "e-mails a typo apart",
               Level.PARTLY: "same mailbox name at another provider", Level.DIFFERENT: "e-mail differs"},
    "phone": {Level.SAME: "same phone", Level.CLOSE: "phones a digit apart", Level.DIFFERENT: "phone differs"},
    "shared contact": {Level.SAME: "same shared phone or mailbox"},
    "website": {Level.SAME: "same website", Level.CLOSE: "websites a typo apart", Level.DIFFERENT: "other website"},
    "street": {Level.SAME: "same street and number", Level.CLOSE: "street nearly alike",
               Level.PARTLY: "same street, no number to compare", Level.WEAK: "same street, other number",
               Level.DIFFERENT: "street differs"},
    "place": {Level.SAME: "same place", Level.VARIANT: "same postcode", Level.CLOSE: "postcodes a digit apart",
              Level.PARTLY: "same city or postcode", Level.WEAK: "same city, other postcode",
              Level.DIFFERENT: "other place"},
    "birth date": {Level.SAME: "same birth date", Level.CLOSE: "birth dates a slip apart",
                   Level.PARTLY: "birth dates alike in part", Level.DIFFERENT: "birth date differs"},
    "middle name": {Level.SAME: "same middle name", Level.DIFFERENT: "other middle name"},
}  # fmt: skip
_NAMED = {
    Level.SAME: "same {}", Level.VARIANT: "same {}, spelt otherwise", Level.CLOSE: "{} a typo apart",
    Level.PARTLY: "{} agrees, one has more words", Level.WEAK: "{} somewhat alike", Level.DIFFERENT: "{} differs",
}  # fmt: skip
CHUNK = 100_000
SAME_PERSON = "same person"
SLIGHT, TELLING = 0.2, 1.0
"""What speaks less for or against, as a logarithm of odds, is not worth a word; of unknown columns twice so."""
_GUESSED = frozenset({"value", "text"})
"""Kinds of which only agreement is worth a word."""


def explain(comparisons: Sequence[Comparison], weights: Reals, one: Places, other: Places) -> list[str]:
    """The reason of each pair of rows: what agrees, then what differs, as far as the weights say that it counts."""
    reasons: list[str] = []
    for start in range(0, len(one), CHUNK):
        reasons += _explained(comparisons, weights, one[start : start + CHUNK], other[start : start + CHUNK])
    return reasons


def _explained(comparisons: Sequence[Comparison], weights: Reals, one: Places, other: Places) -> list[str]:
    found = evidence(comparisons, one, other, 1)
    if not found:
        return ["nothing to compare"] * len(one)
    kinds = [part.kind for part in found]
    labels = [label for comparison in comparisons for label in _labels(comparison)]
    people = next((comparison for comparison in comparisons if isinstance(comparison, People)), None)
    # Pairs that agree in the same way have the same reason: it is worded once.
    examples, back = _patterns([part.levels for part in found])
    distinct = np.stack([part.levels[examples] for part in found], axis=1)
    worded = [_worded(kinds, levels, labels, weights) for levels in distinct.tolist()]
    reasons = [worded[i] for i in back.tolist()]
    if people is None:
        return reasons
    named = np.fromiter((SAME_PERSON in reason for reason in worded), bool, len(worded))[back]
    for i in np.flatnonzero(named).tolist():
        reasons[i] = reasons[i].replace(SAME_PERSON, _variant(people, int(one[i]), int(other[i])), 1)
    return reasons


def _patterns(levels: Sequence[Levels]) -> tuple[Places, Places]:
    """A pair of each pattern of levels, and of each pair which pattern it has."""
    back = np.zeros(len(levels[0]), np.int64)
    for part in levels:
        patterns = back * COUNT + part
        is_seen = np.bincount(patterns) > 0
        back = (np.cumsum(is_seen) - 1)[patterns]
    examples = np.empty(back.max() + 1, np.int64)
    examples[back] = np.arange(len(back))
    return examples, back


def _worded(kinds: Sequence[Kind], levels: Sequence[int], labels: Sequence[str], weights: Reals) -> str:
    parts = [*_named(kinds, levels), *_others(kinds, levels, labels, weights)]
    agree = [text for level, text in parts if level > Level.WEAK]
    differ = [text for level, text in parts if Level.BLANK < level <= Level.WEAK]
    return "; ".join([*agree, *differ]) or "nothing differs"


def _labels(comparison: Comparison) -> Iterator[str]:
    for kind in comparison.kinds:
        yield comparison.label if isinstance(comparison, Single) and comparison.label else kind.name


def _variant(people: People, one: int, other: int) -> str:
    pairs = ((a, b) for a in people.words(one) for b in people.words(other) if people.is_variant(a, b))
    a, b = next(pairs, ("", ""))
    return f"{SAME_PERSON} ({a.capitalize()} = {b.capitalize()})" if a else SAME_PERSON


def _named(kinds: Sequence[Kind], levels: Sequence[int]) -> Iterator[tuple[int, str]]:
    first, last = (_level(kinds, levels, group) for group in (Group.FIRST, Group.FAMILY))
    if first == last == Level.BLANK:
        return
    if Level.DIFFERENT in (first, last):
        yield Level.DIFFERENT, _contradiction(first, last)
    elif first == Level.VARIANT and last >= Level.CLOSE:
        yield Level.SAME, SAME_PERSON
    elif Level.BLANK in (first, last):
        yield max(first, last), "same surname" if last else "same first name"
    elif first == last == Level.SAME:
        yield Level.SAME, "same name"
    elif first == Level.PARTLY and last >= Level.CLOSE:
        yield Level.SAME, "name fits the initial or the short form"
    else:
        level = Level.CLOSE if min(first, last) > Level.WEAK else Level.WEAK
        yield level, "names a typo apart" if level == Level.CLOSE else "names somewhat alike"


def _contradiction(first: int, last: int) -> str:
    if last > Level.WEAK:
        return "other first name"
    return "other surname" if first > Level.WEAK else "different names"


def _level(kinds: Sequence[Kind], levels: Sequence[int], group: Group) -> int:
    return next((level for kind, level in zip(kinds, levels, strict=True) if kind.group is group), Level.BLANK)


def _others(
    kinds: Sequence[Kind], levels: Sequence[int], labels: Sequence[str], weights: Reals
) -> Iterator[tuple[int, str]]:
    for kind, level, label, weight in zip(kinds, levels, labels, weights, strict=True):
        counts = weight[level] if level > Level.WEAK else -weight[level]
        if counts < (TELLING if kind.is_guess else SLIGHT):
            continue
        if kind.name in {"first name", "surname"} or level == Level.BLANK:
            continue
        phrase = _phrase(kind, level, label)
        if phrase:
            yield level, phrase


def _phrase(kind: Kind, level: int, label: str) -> str:
    if kind.name in _PHRASES:
        return _PHRASES[kind.name].get(level, "")
    if kind.name in _GUESSED and level < Level.CLOSE:
        return ""
    return _NAMED[Level(level)].format(label)
