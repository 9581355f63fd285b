"""A table of any columns made comparable: which columns are compared together, how, and by what rows may meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial, reduce

import numpy as np

from sheetcrm.matching import judges
from sheetcrm.matching import kinds as k
from sheetcrm.matching.block import Feature
from sheetcrm.matching.coded import BLANK, Coded, Codes, Places, combine, derived, paired, spread
from sheetcrm.matching.comparisons import Comparison, Mask, Paired, People, Several, Single
from sheetcrm.matching.dates import date_key, is_month_first
from sheetcrm.matching.levels import Level
from sheetcrm.matching.normalise import (
    compact,
    company_core,
    domain_key,
    email_form,
    fold,
    name_form,
    name_parts,
    name_sound,
    phone_keys,
    sound,
    street_parts,
)  # fmt: skip
from sheetcrm.matching.roles import Role
from sheetcrm.matching.words import FREE_MAIL, ROLES


@dataclass(frozen=True)
class Column(Coded):
    """A column with its header."""

    name: str = ""


Columns = Sequence[Column]

RARE_WORDS = 3
FEW = 3
"""Rows that hold one mailbox and are worth a question whatever else differs."""


@dataclass
class Fields:
    """What a table gives to compare and to meet by."""

    rows: int
    comparisons: list[Comparison] = field(default_factory=list)
    features: list[Feature] = field(default_factory=list)
    people: People | None = None
    has_firms: bool = False
    mailboxes: Codes | None = None
    """Where people stand in the table: the mailboxes that few rows hold, role mailboxes left out."""

    def add(self, comparison: Comparison, *features: Feature) -> None:
        """One more comparison, with what rows meet by."""
        self.comparisons.append(comparison)
        self.features.extend(features)

    def unnamed(self, one: Places, other: Places) -> Mask | None:
        """The pairs in which neither row names a person, so that nobody can be related; None without people."""
        if self.people is None:
            return None
        blank = (self.people.given.codes < 0) & (self.people.family.codes < 0)
        return np.asarray(blank[one] & blank[other])

    def same_mailbox(self, one: Places, other: Places) -> Mask | None:
        """The pairs that share a mailbox which few rows hold; None without people."""
        if self.mailboxes is None:
            return None
        return np.asarray((self.mailboxes[one] >= 0) & (self.mailboxes[one] == self.mailboxes[other]))

    def one_sided(self, one: Places, other: Places) -> Mask | None:
        """The pairs in which one row names a person and the other does not: perhaps a person and his firm."""
        if self.people is None:
            return None
        blank = (self.people.given.codes < 0) & (self.people.family.codes < 0)
        return np.asarray(blank[one] != blank[other])


def read_fields(table: Mapping[str, Coded], roles: Mapping[str, Role], rows: int) -> Fields:
    """The table's comparisons and features, by the roles of its columns."""
    by_role: dict[Role, list[Column]] = {role: [] for role in Role}
    for name, role in roles.items():
        by_role[role].append(Column(table[name].codes, table[name].texts, name=name))
    fields = Fields(rows)
    _add_people(fields, by_role)
    _add_contacts(fields, by_role)
    _add_things(fields, by_role)
    _add_places(fields, by_role)
    _add_others(fields, by_role)
    # What tells people apart goes first: then most pairs need not be compared to the end.
    fields.comparisons.sort(key=_rank)
    return fields


def _rank(comparison: Comparison) -> tuple[bool, bool]:
    kind = comparison.kinds[0]
    return kind.group is k.Group.CONTEXT, kind.group is k.Group.OWN and not kind.is_contact


def _add_people(fields: Fields, by_role: Mapping[Role, Columns]) -> None:
    given, family = by_role[Role.GIVEN], by_role[Role.FAMILY]
    middles: list[Coded] = []
    if given and family:
        people, middles = _people_of_two(given[0], family[0]), [*given[1:2], *by_role[Role.MIDDLE]]
    elif given or family or by_role[Role.NAME]:
        first, last, middle = _three(spread([(by_role[Role.NAME] or given or family)[0]], name_parts, 3))
        people = People(first, last, (k.GIVEN, k.FAMILY))
        middles = [middle] if (middle.codes >= 0).any() else []
    else:
        return
    fields.people = people
    first_sound, last_sound = (one.derive("sound", name_sound) for one in (people.given, people.family))
    fields.add(
        people,
        Feature("full name", (_paired(first_sound, last_sound),)),
        Feature("word of the name", (first_sound, last_sound)),
    )
    if middles:
        fields.add(Single(k.MIDDLE, combine(middles, lambda *texts: compact("".join(texts))), judges.WORDS))


def _three(parts: tuple[Coded, ...]) -> tuple[Coded, Coded, Coded]:
    blank = Coded(np.full(len(parts[0].codes), BLANK, np.int32), parts[0].texts)
    first, last, middle = (*parts, blank, blank)[:3]
    return first, last, middle


def _people_of_two(given: Coded, family: Coded) -> People:
    """First and last names; where one cell holds both and the other is blank, they are parted."""
    whole = spread([given, family], name_parts, 2)
    first, last = derived([given, family], name_form)
    texts = [*first.texts, *whole[0].texts]
    codes, codes_ = first.codes, last.codes
    for place, (column, blank) in enumerate(((given, codes_), (family, codes))):
        both = np.fromiter((" " in text.strip() for text in column.texts), bool, len(column.texts))
        at = np.append(both, False)[column.codes] & (blank < 0)
        if at.any():
            parts = _three(whole[2 * place : 2 * place + 2])
            moved = [np.where(part.codes >= 0, part.codes + len(first.texts), BLANK) for part in parts]
            codes = np.where(at, moved[0], codes).astype(np.int32)
            codes_ = np.where(at, moved[1], codes_).astype(np.int32)
    return _one_vocabulary(codes, codes_, texts)


def _one_vocabulary(given: Codes, family: Codes, texts: list[str]) -> People:
    """People whose equal texts have equal codes."""
    both = Coded(np.concatenate([given, family]), texts).derived(str)
    cut = len(given)
    return People(Coded(both.codes[:cut], both.texts), Coded(both.codes[cut:], both.texts), (k.GIVEN, k.FAMILY))


def _paired(one: Codes, other: Codes) -> Codes:
    """A code for each unordered pair of codes, -1 where one is missing: first and last name may be swapped."""
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other).astype(np.int64)
    keys = np.where(low >= 0, low << 32 | high, -1)
    distinct, back = np.unique(keys, return_inverse=True)
    return (back - (distinct[0] == -1 if len(distinct) else 0)).astype(np.int32)


def _add_contacts(fields: Fields, by_role: Mapping[Role, Columns]) -> None:
    shared: list[Coded] = []
    if by_role[Role.EMAIL]:
        emails = derived(by_role[Role.EMAIL], email_form)
        offices = np.fromiter(map(_is_office, emails[0].texts), bool, len(emails[0].texts))
        own, office = _own_and_shared(fields, emails, offices)
        if fields.people is not None:
            fields.mailboxes = _only(emails[0], (emails[0].counts() <= FEW) & ~offices)
        local = own[0].derive("local", _local)
        fields.add(Several(k.EMAIL, own, judges.EMAILS), Feature("e-mail", tuple(one.codes for one in own)),
                   Feature("mailbox", (local,), alone=False))  # fmt: skip
        shared += office
    if by_role[Role.PHONE]:
        phones = spread(by_role[Role.PHONE], phone_keys)
        own, office = _own_and_shared(fields, phones, np.zeros(len(phones[0].texts), bool))
        fields.add(Several(k.PHONE, own, judges.CODES), Feature("phone", tuple(one.codes for one in own)))
        shared += office
    if shared:
        merged = _one_list(shared)
        fields.add(Several(k.SHARED, merged, judges.SILENT), Feature("shared contact", tuple(m.codes for m in merged)))
    sites = _sites(by_role)
    if sites is not None:
        fields.add(Single(k.DOMAIN, sites, judges.CODES), Feature("website", (sites.codes,)))


def _only(coded: Coded, kept: Mask) -> Codes:
    """The codes of the texts that are kept."""
    return coded.rows(np.where(kept, np.arange(len(kept)), BLANK).astype(np.int32))


def _is_office(text: str) -> bool:
    return text.partition("@")[0] in ROLES


def _local(text: str) -> str:
    local = text.partition("@")[0]
    return local if len(local) > 4 and local not in ROLES else ""


def _own_and_shared(
    fields: Fields, coded: tuple[Coded, ...], shared: Mask
) -> tuple[tuple[Coded, ...], tuple[Coded, ...]]:
    """The contacts that are one person's, and the shared ones, to which those are added whose users' names differ."""
    if fields.people is None:
        return coded, ()
    for one in coded:
        shared = shared | _used_by_several(one, fields.people)
    if not shared.any():
        return coded, ()
    texts = coded[0].texts
    own = tuple(Coded(_only(one, ~shared), texts) for one in coded)
    return own, tuple(Coded(_only(one, shared), texts) for one in coded)


def _used_by_several(coded: Coded, people: People) -> Mask:
    """Of each text, whether two rows with plainly different first names hold it: neighbours by name tell."""
    rows = np.flatnonzero((coded.codes >= 0) & (people.given.codes >= 0))
    # In an order that the letters tell, so that the rows' own order changes no neighbour.
    bits = people.given.letters.bits
    rows = rows[np.lexsort((bits[people.given.codes[rows]], bits[people.family.codes[rows]], coded.codes[rows]))]
    together = coded.codes[rows[1:]] == coded.codes[rows[:-1]]
    one, other = rows[:-1][together], rows[1:][together]
    flags = np.zeros(len(coded.texts), bool)
    if len(one):
        first = people.compare(one, other, 1)[0].levels
        flags[coded.codes[one[first == Level.DIFFERENT]]] = True
    return flags


def _one_list(parts: Sequence[Coded]) -> tuple[Coded, ...]:
    texts: list[str] = []
    known: dict[int, int] = {}
    for part in parts:
        if id(part.texts) not in known:
            known[id(part.texts)] = len(texts)
            texts.extend(part.texts)
    return tuple(
        Coded(np.where(part.codes >= 0, part.codes + known[id(part.texts)], BLANK).astype(np.int32), texts)
        for part in parts
    )


def _sites(by_role: Mapping[Role, Columns]) -> Coded | None:
    """The firm's own domain, from the website or else the mail; none where it is a mail provider's."""
    columns = [*by_role[Role.WEBSITE][:1], *by_role[Role.EMAIL][:1]]
    if not columns:
        return None
    hosts = derived(columns, _domain)
    codes = hosts[0].codes if len(hosts) == 1 else np.where(hosts[0].codes >= 0, hosts[0].codes, hosts[1].codes)
    return Coded(codes.astype(np.int32), hosts[0].texts) if len(hosts[0].texts) > 1 else None


def _domain(text: str) -> str:
    if "@" in text:
        host = text.rpartition("@")[2].strip(" >.;,").lower()
        return "" if host in FREE_MAIL else host
    return domain_key(text)


def _add_things(fields: Fields, by_role: Mapping[Role, Columns]) -> None:
    for place, column in enumerate(by_role[Role.COMPANY]):
        fields.has_firms = True
        kind = k.COMPANY if fields.people is not None or place else k.THING
        coded = column.derived(company_core)
        solid = coded.derive("solid", lambda text: text.replace(" ", ""))
        fields.add(Single(kind, coded, judges.THINGS, column.name), Feature("company", (solid,)),
                   Feature("word of the company", rare_words(coded)))  # fmt: skip


def rare_words(coded: Coded) -> tuple[Codes, ...]:
    """The rarest words of each text that another text has too, as sounds: what a mistyped name still shares."""
    sounds = {word: sound(word) for text in coded.texts for word in text.split()}
    split = [[sounds[word] for word in text.split() if len(word) > 2] for text in coded.texts]
    counts = Counter(word for words in split for word in set(words))
    rarest = {
        text: sorted({word for word in words if counts[word] > 1}, key=lambda word: (counts[word], word))[:RARE_WORDS]
        for text, words in zip(coded.texts, split, strict=True)
    }
    return tuple(slot.codes for slot in spread([coded], rarest.__getitem__, RARE_WORDS))


def _add_places(fields: Fields, by_role: Mapping[Role, Columns]) -> None:
    if by_role[Role.STREET]:
        _add_street(fields, by_role)
    elif by_role[Role.HOUSE]:
        fields.add(Single(k.NUMBER, by_role[Role.HOUSE][0].derived(fold), judges.NUMBERS))
    for column in by_role[Role.BUILDING]:
        fields.add(Single(k.TEXT, column.derived(compact), judges.WORDS, column.name))
    postcodes, cities = by_role[Role.POSTCODE][:1], by_role[Role.CITY][:1]
    if postcodes or cities:
        blank = Column(np.full(fields.rows, BLANK, np.int32), [])
        code, city = (postcodes or [blank])[0].derived(_postcode), (cities or [blank])[0].derived(compact)
        both = Coded(paired(code.codes, city.codes), [])
        fields.add(Paired(k.PLACE, code, city, judges.places, both), Feature("postcode", (code.codes,), alone=False),
                   Feature("city", (city.derive("sound", sound),)))  # fmt: skip
    elif by_role[Role.REGION] or by_role[Role.COUNTRY]:
        column = (by_role[Role.REGION] or by_role[Role.COUNTRY])[0]
        fields.add(Single(k.CATEGORY, column.derived(fold), judges.EXACT, column.name))
    for column in by_role[Role.CITY][1:]:
        fields.add(Single(k.CATEGORY, column.derived(fold), judges.WORDS, column.name))


def _postcode(text: str) -> str:
    return fold(text.removesuffix(".0")).replace(" ", "")


def _add_street(fields: Fields, by_role: Mapping[Role, Columns]) -> None:
    both = combine([*by_role[Role.HOUSE][:1], by_role[Role.STREET][0]], _street_form)
    house = both.derived(lambda text: text.partition(judges.PART)[0])
    street = both.derived(lambda text: text.partition(judges.PART)[2])
    fields.add(Paired(k.STREET, house, street, judges.streets, both), Feature("street", (both.codes,)),
               Feature("street name", (street.derive("sound", sound),)))  # fmt: skip


def _street_form(*texts: str) -> str:
    street, house = street_parts(" ".join(filter(None, texts)))
    return f"{house}{judges.PART}{street.replace(' ', '')}" if street else ""


def _add_others(fields: Fields, by_role: Mapping[Role, Columns]) -> None:
    for column in by_role[Role.BIRTH]:
        coded = column.derived(partial(date_key, month_first=is_month_first(column.texts)))
        fields.add(Single(k.BIRTH, coded, judges.DAYS), Feature("birth date", (coded.codes,)))
    parts = by_role[Role.BIRTH_PART]
    for column in parts:
        fields.add(Single(k.BIRTH_PART, column.derived(fold), judges.NUMBERS, column.name))
    if parts:
        together = reduce(paired, [column.codes for column in parts])
        fields.features.append(Feature("birth date", (together,)))
        fields.features += [Feature("part of the birth date", (column.codes,), alone=False) for column in parts]
    for column in by_role[Role.CODE]:
        coded = column.derived(_postcode)
        fields.add(Single(k.CODE, coded, judges.CODES, column.name), Feature("code", (coded.codes,)))
    for column in by_role[Role.NUMBER]:
        coded = column.derived(fold)
        fields.add(Single(k.NUMBER, coded, judges.NUMBERS, column.name), Feature("number", (coded.codes,), alone=False))
    for column in by_role[Role.CATEGORY]:
        fields.add(Single(k.CATEGORY, column.derived(fold), judges.EXACT, column.name))
    for column in by_role[Role.TEXT]:
        coded = column.derived(fold)
        fields.add(Single(k.TEXT, coded, judges.TEXTS, column.name), Feature("text", rare_words(coded)))
