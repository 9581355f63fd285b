"""The one way through: prepare, find what is shared, block, compare, score, explain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sheetcrm.matching.block import pairs
from sheetcrm.matching.explain import explain
from sheetcrm.matching.names import NameLevel, name_level
from sheetcrm.matching.normalise import prepare
from sheetcrm.matching.record import Match, Prepared, Record
from sheetcrm.matching.score import Level, compare, score
from sheetcrm.matching.words import ROLES


def find_matches(records: Sequence[Record], *, sure: float = 0.97, review: float = 0.75) -> list[Match]:
    """All pairs that score at least `review`, in order of (one, other); from `sure` on nobody needs to be asked.

    Rows that are blank or far from all others are in no pair. The same records in another order give the same pairs.
    """
    del sure  # Named for the reader: the caller decides what to do with which score.
    prepared = [prepare(record) for record in records]
    shared = shared_contacts(prepared)
    found = []
    for one, other in pairs(prepared):
        likeness = compare(prepared[one], prepared[other], shared)
        if likeness is None:
            continue
        value = score(likeness)
        if value >= review:
            found.append(Match(one, other, round(value, 3), explain(likeness, prepared[one], prepared[other])))
    return sorted(found, key=lambda match: (match.one, match.other))


def shared_contacts(records: Sequence[Prepared]) -> dict[str, Level]:
    """Mailboxes and numbers (last nine digits) that clearly different people use, and role mailboxes; FEW means two."""
    users: defaultdict[str, set[tuple[str, ...]]] = defaultdict(set)
    for record in records:
        if record.names:
            for contact in (record.email, *(number[-9:] for number in record.phones)):
                users[contact].add(record.names)
    people = {contact: _people(names) for contact, names in users.items() if contact and len(names) > 1}
    shared = {contact: Level.SHARED for contact, count in people.items() if count > 1}
    shared.update({contact: Level.FEW for contact, count in people.items() if count == 2 and "@" in contact})
    mailboxes = {record.email for record in records if record.email.partition("@")[0] in ROLES}
    return {**shared, **dict.fromkeys(mailboxes, Level.SHARED)}


def _people(names: Iterable[tuple[str, ...]]) -> int:
    """How many clearly different people bear these names; counting stops at three."""
    people: list[tuple[str, ...]] = []
    for name in sorted(names):
        if all(name_level(name, known) <= NameLevel.FIRST_ONLY for known in people):
            people.append(name)
        if len(people) > 2:
            break
    return len(people)
