"""Groups of records that are one, without chaining strangers: a sure pair joins two groups where nobody contradicts."""

from __future__ import annotations

from collections.abc import Sequence

from sheetcrm.matching.names import NameLevel, name_level
from sheetcrm.matching.normalise import name_words
from sheetcrm.matching.record import Match, Record

APART = frozenset({NameLevel.DIFFERENT, NameLevel.FAMILY, NameLevel.FIRST_ONLY})


def clusters(matches: Sequence[Match], sure: float = 0.97, records: Sequence[Record] = ()) -> list[list[int]]:
    """Groups of at least two places, each in order; the surest pairs join first.

    With the `records`, two groups stay apart where members plainly contradict: J. Kent may be Jessica or Jon, but
    never both. Without them only the pairs speak: members that were reviewed and found unsure stay together.
    """
    names = {place: name_words(records[place].name) for match in matches for place in _ends(match) if records}
    group_of: dict[int, list[int]] = {}
    for match in sorted(matches, key=lambda match: (-match.score, match.one, match.other)):
        if match.score < sure:
            break
        one, other = (group_of.setdefault(place, [place]) for place in _ends(match))
        if one is not other and not _contradict(one, other, names):
            one.extend(other)
            group_of.update(dict.fromkeys(other, one))
    unique = {id(group): sorted(group) for group in group_of.values() if len(group) > 1}
    return sorted(unique.values())


def _ends(match: Match) -> tuple[int, int]:
    return match.one, match.other


def _contradict(one: list[int], other: list[int], names: dict[int, tuple[str, ...]]) -> bool:
    if not names:
        return False
    return any(name_level(names[place], names[place_]) in APART for place in one for place_ in other)
