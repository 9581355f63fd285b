"""Why two rows may be the same, in words of a business owner: `same e-mail; same person (bob = robert); phone differs`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheetcrm.matching.coded import Places
from sheetcrm.matching.comparisons import Comparison, Evidence, People, Single, evidence
from sheetcrm.matching.kinds import Group, Kind
from sheetcrm.matching.levels import Level

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
_GUESSED = frozenset({"value", "text"})
"""Kinds of which only agreement is worth a word."""


def explain(comparisons: Sequence[Comparison], one: Places, other: Places) -> list[str]:
    """The reason of each pair of rows: what agrees, then what differs."""
    found = evidence(comparisons, one, other, 1)
    labels = [label for comparison in comparisons for label in _labels(comparison)]
    people = next((comparison for comparison in comparisons if isinstance(comparison, People)), None)
    reasons = []
    for i in range(len(one)):
        levels = [int(part.levels[i]) for part in found]
        parts = [*_named(found, levels, people, int(one[i]), int(other[i])), *_others(found, levels, labels)]
        agree = [text for level, text in parts if level > Level.WEAK]
        differ = [text for level, text in parts if Level.BLANK < level <= Level.WEAK]
        reasons.append("; ".join([*agree, *differ]) or "nothing differs")
    return reasons


def _labels(comparison: Comparison) -> Iterator[str]:
    for kind in comparison.kinds:
        yield comparison.label if isinstance(comparison, Single) and comparison.label else kind.name


def _named(
    found: Sequence[Evidence], levels: Sequence[int], people: People | None, one: int, other: int
) -> Iterator[tuple[int, str]]:
    first, last = (_level(found, levels, group) for group in (Group.FIRST, Group.FAMILY))
    if people is None or first == last == Level.BLANK:
        return
    words = [people.words(row) for row in (one, other)]
    if Level.DIFFERENT in (first, last):
        yield Level.DIFFERENT, _contradiction(first, last)
    elif first == Level.VARIANT and last >= Level.CLOSE:
        pair = next(((a, b) for a in words[0] for b in words[1] if people.is_variant(a, b)), ("", ""))
        yield Level.SAME, f"same person ({pair[0].capitalize()} = {pair[1].capitalize()})"
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


def _level(found: Sequence[Evidence], levels: Sequence[int], group: Group) -> int:
    return next((level for part, level in zip(found, levels, strict=True) if part.kind.group is group), Level.BLANK)


def _others(found: Sequence[Evidence], levels: Sequence[int], labels: Sequence[str]) -> Iterator[tuple[int, str]]:
    for part, level, label in zip(found, levels, labels, strict=True):
        if part.kind.name in {"first name", "surname"} or level == Level.BLANK:
            continue
        phrase = _phrase(part.kind, level, label)
        if phrase:
            yield level, phrase


def _phrase(kind: Kind, level: int, label: str) -> str:
    if kind.name in _PHRASES:
        return _PHRASES[kind.name].get(level, "")
    if kind.name in _GUESSED and level < Level.CLOSE:
        return ""
    return _NAMED[Level(level)].format(label)
