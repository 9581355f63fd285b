"""How alike two prepared records are, and how likely that they are the same: name, personal contact and context.

Each of the three speaks once: switchboard, domain, company and address of one office agree together or not at all, so
they must not be counted as four witnesses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from math import exp

from rapidfuzz.distance import JaroWinkler

from sheetcrm.matching.names import NameLevel, name_level, word_likeness
from sheetcrm.matching.record import Prepared


class Level(IntEnum):
    """What a comparison says; a blank says nothing."""

    DIFFERENT = 0
    NONE = 1
    SHARED = 2
    """The same, but it belongs to an office: weak. Of a company or place: one part of it agrees."""
    FEW = 3
    """The same mailbox, used under two different names: a household, a colleague, or a changed name."""
    CLOSE = 4
    SAME = 5


@dataclass(frozen=True, slots=True)
class Likeness:
    """All that two records say about each other."""

    name: NameLevel
    email: Level
    phone: Level
    company: Level
    domain: Level
    street: Level
    place: Level
    people: int
    """How many of the two name a person: with none, firms are compared; with one, a person and his firm."""


NAME = {
    NameLevel.DIFFERENT: -9.0, NameLevel.FAMILY: -6.0, NameLevel.FIRST_ONLY: -4.0, NameLevel.NONE: 0.0,
    NameLevel.SURNAME: 1.0, NameLevel.INITIAL: 2.2, NameLevel.CLOSE: 4.2, NameLevel.SAME: 5.4,
}  # fmt: skip
EMAIL = {Level.DIFFERENT: -0.5, Level.NONE: 0.0, Level.SHARED: 1.5, Level.FEW: 2.5, Level.CLOSE: 3.2,
         Level.SAME: 5.5}  # fmt: skip
PHONE = {Level.DIFFERENT: 0.0, Level.NONE: 0.0, Level.SHARED: 1.0, Level.CLOSE: 3.0, Level.SAME: 4.5}
COMPANY = {Level.DIFFERENT: -2.0, Level.NONE: 0.0, Level.SHARED: 1.0, Level.CLOSE: 2.5, Level.SAME: 3.2}
STREET = {Level.DIFFERENT: -0.7, Level.NONE: 0.0, Level.SHARED: 1.0, Level.CLOSE: 2.5, Level.SAME: 3.0}
PLACE = {Level.DIFFERENT: -0.8, Level.NONE: 0.0, Level.SHARED: 0.7, Level.CLOSE: 1.0, Level.SAME: 1.6}
FIRM = 3.0
"""Where nobody is named, the same company is what the same name is for people."""
START = -5.0
"""The odds before anything is compared, as a logarithm: most candidate pairs are strangers."""


def compare(one: Prepared, other: Prepared, shared: Mapping[str, Level]) -> Likeness | None:
    """How alike the two are; None where names and mailboxes alone rule them out: most pairs, and the cheapest to see.

    `shared` holds mailboxes and numbers known to belong to several people.
    """
    name = name_level(one.names, other.names)
    if name <= NameLevel.FIRST_ONLY and one.email != other.email:
        return None
    return Likeness(
        name=name,
        email=_email(one.email, other.email, shared),
        phone=_phone(one.phones, other.phones, shared),
        company=_company(one.company, other.company),
        domain=_exact(one.domain, other.domain),
        street=_street(one, other),
        place=_place(one, other),
        people=bool(one.names) + bool(other.names),
    )


def _exact(one: str, other: str) -> Level:
    if not one or not other:
        return Level.NONE
    return Level.SAME if one == other else Level.DIFFERENT


def _email(one: str, other: str, shared: Mapping[str, Level]) -> Level:
    if not one or not other:
        return Level.NONE
    if one == other:
        return shared.get(one, Level.SAME)
    local, _, host = one.rpartition("@")
    other_local, _, other_host = other.rpartition("@")
    if local == other_local or host == other_host:
        is_typo = word_likeness(local, other_local) >= 0.86 and word_likeness(host, other_host) >= 0.86
        return Level.CLOSE if is_typo and min(len(local), len(other_local)) > 4 else Level.NONE
    return Level.NONE


def same_number(one: str, other: str) -> bool:
    """Whether two numbers are one, with or without country code."""
    return one[-9:] == other[-9:] or (len(one) != len(other) and (one.endswith(other) or other.endswith(one)))


def _phone(one: tuple[str, ...], other: tuple[str, ...], shared: Mapping[str, Level]) -> Level:
    if not one or not other:
        return Level.NONE
    hits = [number for number in one if any(same_number(number, number_) for number_ in other)]
    if not hits:
        return Level.DIFFERENT
    return Level.SHARED if all(number[-9:] in shared for number in hits) else Level.SAME


def _company(one: str, other: str) -> Level:
    if not one or not other:
        return Level.NONE
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return Level.SAME
    alike = JaroWinkler.normalized_similarity(one, other)
    if alike >= 0.93:
        return Level.CLOSE
    if alike >= 0.8 or one[:3] == other[:3]:
        return _words_level(one.split(), other.split())
    return Level.CLOSE if set(one.split()) == set(other.split()) else Level.DIFFERENT


def _words_level(one: list[str], other: list[str]) -> Level:
    if len(one) == len(other):
        alike = all(word_likeness(word, word_) >= 0.86 for word, word_ in zip(one, other, strict=True))
        return Level.CLOSE if alike else Level.DIFFERENT
    short, long = sorted((one, other), key=len)
    if not set(short) <= set(long):
        return Level.DIFFERENT
    # "Media" may be short for "Media North Denise", or for any other.
    return Level.CLOSE if len(short) > 1 else Level.SHARED


def _street(one: Prepared, other: Prepared) -> Level:
    if not one.street or not other.street:
        return Level.NONE
    alike = one.street == other.street or JaroWinkler.normalized_similarity(one.street, other.street) >= 0.92
    if not alike:
        return Level.DIFFERENT
    if one.house != other.house:
        return Level.SHARED
    return Level.SAME if one.street == other.street else Level.CLOSE


def _place(one: Prepared, other: Prepared) -> Level:
    if one.postcode and other.postcode:
        if one.postcode == other.postcode:
            return Level.SAME
        if word_likeness(one.postcode, other.postcode) >= 0.86 and one.city == other.city:
            return Level.CLOSE
    if one.city and other.city:
        return Level.SHARED if word_likeness(one.city, other.city) >= 0.86 else Level.DIFFERENT
    return Level.NONE if not (one.postcode and other.postcode) else Level.DIFFERENT


def score(likeness: Likeness) -> float:
    """How likely the two are the same, from 0 to 1."""
    if likeness.name <= NameLevel.FIRST_ONLY:
        # One mailbox under two names is worth a question, whatever else agrees; anything less is two people.
        return 0.8 if likeness.email in {Level.SAME, Level.FEW} else min(_share(_odds(likeness)), 0.3)
    return min(_share(_odds(likeness)), ceiling(likeness))


def _share(odds: float) -> float:
    return 1 / (1 + exp(-odds))


def _odds(likeness: Likeness) -> float:
    contact = (EMAIL[likeness.email], PHONE[likeness.phone])
    firm = max(COMPANY[likeness.company], COMPANY[Level.SAME] if likeness.domain is Level.SAME else -9.0)
    where = STREET[likeness.street] + PLACE[likeness.place]
    if Level.SAME in {likeness.email, likeness.phone} and likeness.name >= NameLevel.CLOSE:
        # People change firms and towns and keep their number.
        firm, where = max(firm, 0.0), max(where, 0.0)
    name = FIRM if likeness.people == 0 and likeness.company is Level.SAME else NAME[likeness.name]
    return START + name + max(contact) + min(contact) / 2 + firm + where


def ceiling(likeness: Likeness) -> float:
    """The most that a pair may score, whatever else agrees: what is plain to a person outvotes arithmetic."""
    own = Level.SAME in {likeness.email, likeness.phone}
    if likeness.people == 1:
        return 0.97 if likeness.email is Level.SAME else 0.9
    if likeness.people == 0:
        return _firms_ceiling(likeness)
    if likeness.name is NameLevel.SURNAME and not own:
        return 0.9
    return 0.999


def _firms_ceiling(likeness: Likeness) -> float:
    if likeness.company not in {Level.SAME, Level.CLOSE} and likeness.email is not Level.SAME:
        return 0.6
    return 0.9 if likeness.place is Level.DIFFERENT or likeness.street is Level.DIFFERENT else 0.999
