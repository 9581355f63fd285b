"""What a column is: told by its header in several languages, confirmed or found by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from sheetcrm.matching.coded import Coded
from sheetcrm.matching.dates import is_dated
from sheetcrm.matching.normalise import email_key, fold, name_words
from sheetcrm.matching.words import GIVEN_NAMES, HEADERS, LEGAL_FORMS


class Role(StrEnum):
    """What the values of a column are."""

    GIVEN = "given name"
    FAMILY = "surname"
    MIDDLE = "middle name"
    NAME = "name"
    COMPANY = "company"
    EMAIL = "e-mail"
    PHONE = "phone"
    WEBSITE = "website"
    STREET = "street"
    HOUSE = "house number"
    BUILDING = "address line 2"
    POSTCODE = "postcode"
    CITY = "city"
    REGION = "region"
    COUNTRY = "country"
    BIRTH = "birth date"
    BIRTH_PART = "part of the birth date"
    CODE = "code"
    CATEGORY = "category"
    NUMBER = "number"
    TEXT = "text"
    IGNORED = "ignored"


SAMPLE = 2000
CONSTANT = 20
"""From so many cells that are all alike a column says nothing."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PHONE = re.compile(r"[+(]?[0-9][0-9 ()/.\-\u2013]{5,18}[0-9](?: ?(?:x|ext\.?) ?[0-9]{1,5})?")
_SITE = re.compile(r"(?:https?://)?(?:www\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,12}(?:/\S*)?")
_WHOLE = re.compile(r"[0-9]{1,9}(?:\.0)?")
_REAL = re.compile(r"[-+]?[0-9][0-9.,' ]*[€$£%]?")


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in a column, as shares of its filled cells."""

    filled: int
    distinct: int
    sample: tuple[str, ...]
    """Some distinct values, the same ones in whatever order the rows stand."""

    def share(self, pattern: re.Pattern[str]) -> float:
        """Of the sample that a pattern fits whole, letters small."""
        return self._of(bool(pattern.fullmatch(value.strip().lower())) for value in self.sample)

    @property
    def emails(self) -> float:
        """Of the sample that are mail addresses."""
        return self._of(bool(email_key(value)) for value in self.sample)

    @property
    def dates(self) -> float:
        """Of the sample that are dates."""
        return self._of(is_dated(value) for value in self.sample)

    @property
    def words(self) -> float:
        """Words per value."""
        return sum(len(value.split()) for value in self.sample) / max(len(self.sample), 1)

    @property
    def people(self) -> float:
        """Of the sample that look like people: two to four words, one of them a first name, no legal form."""
        return self._of(_is_person(value) for value in self.sample)

    def _of(self, hits: Iterable[bool]) -> float:
        return sum(hits) / max(len(self.sample), 1)


def _is_person(value: str) -> bool:
    words = name_words(value)
    return 1 < len(words) < 5 and bool(GIVEN_NAMES & set(words)) and not LEGAL_FORMS & set(fold(value).split()[1:])


def read_content(column: Coded) -> Content:
    """What stands in a column whose rows are in their canonical order."""
    filled = column.codes[column.codes >= 0]
    # The first distinct values of the order, so that the same rows in any order give the same roles.
    _, first = np.unique(filled[: 20 * SAMPLE], return_index=True)
    chosen = filled[np.sort(first)[:SAMPLE]]
    return Content(len(filled), len(column.texts), tuple(column.texts[i] for i in chosen.tolist()))


def find_roles(table: Mapping[str, Coded], given: Mapping[str, Role] | None = None) -> dict[str, Role]:
    """The role of each column; `given` ones are taken as they are."""
    known = dict(given or {})
    contents = {name: read_content(values) for name, values in table.items()}
    roles = {name: known.get(name) or _role(name, contents[name]) for name in table}
    return _told_apart(roles, contents, known)


def header_role(header: str) -> Role | None:
    """The role that a header names: all its words first, then its last, then its first; None where it names none."""
    words = fold(_CAMEL.sub(" ", header).replace("_", " ")).split()
    words = [word.rstrip("0123456789") or word for word in words]
    for part in (" ".join(words), "".join(words), *(" ".join(words[i:]) for i in range(1, len(words)))):
        if part in HEADERS:
            return Role(HEADERS[part])
    for end in range(len(words) - 1, 0, -1):
        if " ".join(words[:end]) in HEADERS:
            return Role(HEADERS[" ".join(words[:end])])
    return None


def _role(header: str, content: Content) -> Role:
    if not content.distinct or (content.distinct == 1 and content.filled >= CONSTANT):
        return Role.IGNORED
    told = header_role(header)
    if told is Role.CODE and content.distinct == content.filled:
        return Role.IGNORED  # numbered through: no two rows can share it
    if told is not None and _may_be(told, content):
        return told
    return _by_content(content)


def _may_be(role: Role, content: Content) -> bool:
    """Whether the values do not belie the header."""
    if role is Role.EMAIL:
        return content.emails > 0.3
    if role is Role.PHONE:
        return content.share(_REAL) < 1 or content.share(_PHONE) > 0.3
    if role is Role.BIRTH:
        return content.dates > 0.5
    if role in {Role.GIVEN, Role.FAMILY, Role.NAME, Role.COMPANY, Role.CITY, Role.STREET}:
        return content.share(_REAL) < 0.5
    return True


def _by_content(content: Content) -> Role:
    unique = content.distinct / max(content.filled, 1)
    if content.emails > 0.6:
        return Role.EMAIL
    if content.share(_SITE) > 0.7:
        return Role.WEBSITE
    if content.dates > 0.8:
        return Role.IGNORED
    if content.share(_PHONE) > 0.8 and content.share(_WHOLE) < 0.8:
        return Role.PHONE
    if content.share(_REAL) > 0.9:
        return _numeric(content, unique)
    if content.distinct <= 50 or unique < 0.02:
        return Role.CATEGORY
    if content.people > 0.4:
        return Role.NAME
    return Role.TEXT


def _numeric(content: Content, unique: float) -> Role:
    if unique == 1:
        return Role.IGNORED  # numbered through: no two rows can share it
    if content.share(_WHOLE) > 0.95:
        long = sum(len(value.strip()) for value in content.sample) / len(content.sample) >= 5
        return Role.CODE if long else Role.NUMBER
    return Role.NUMBER


def _told_apart(roles: dict[str, Role], contents: Mapping[str, Content], known: Mapping[str, Role]) -> dict[str, Role]:
    """The roles again, with a bare `name` told to be a person's or a thing's by its neighbours and its words."""
    found = set(roles.values())
    people = {Role.GIVEN, Role.FAMILY} <= found
    for name, role in roles.items():
        if people and role is Role.COMPANY and fold(name) in {"title", "titel", "titre"}:
            roles[name] = Role.CATEGORY
        if role is not Role.NAME or name in known:
            continue
        says_person = header_role(name) is Role.NAME and fold(name) not in {"name", "nom", "nev", "naam", "nome"}
        is_person = says_person or contents[name].people > 0.3 or Role.COMPANY in found
        if people:
            roles[name] = Role.IGNORED if contents[name].people > 0.3 or says_person else Role.COMPANY
        elif not is_person:
            roles[name] = Role.COMPANY
    return _about_something(roles)


def _about_something(roles: dict[str, Role]) -> dict[str, Role]:
    """The roles; where nothing names what the rows are about, the first column of text does."""
    names = {Role.NAME, Role.GIVEN, Role.FAMILY, Role.COMPANY, Role.EMAIL, Role.PHONE}
    if not names & set(roles.values()):
        first = next((name for name, role in roles.items() if role is Role.TEXT), None)
        if first is not None:
            roles[first] = Role.COMPANY
    return roles
