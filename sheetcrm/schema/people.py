"""The Team tab as Persons, and the person that an Owner cell means: by name, e-mail, or a first name of one person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from zoneinfo import ZoneInfo

from sheetcrm.schema.fields import normal
from sheetcrm.table import Person, Row, Table


@dataclass(frozen=True)
class People:
    """Whom the workbook's Owner cells can mean."""

    team: tuple[Person, ...] = ()
    by_word: Mapping[str, str] = field(default_factory=dict)

    def find(self, text: str) -> str | None:
        """The Team name that a cell's text means, None where it means nobody or several."""
        return self.by_word.get(normal(text))


def read_people(team: Table | None, zone: ZoneInfo) -> People:
    """The Persons of a Team table, in its order; one of several rows (two leaves, say) is united with the first."""
    persons: dict[str, Person] = {}
    for row in team or ():
        name = row.text("name")
        word = normal(name)
        if not word:
            continue
        if word in persons:
            earlier = persons[word]
            persons[word] = replace(earlier, leave=earlier.leave + _leave(row))
        else:
            persons[word] = _person(row, name, zone)
    words = _words(persons.values())
    managed = [replace(one, manager=words.get(normal(one.manager), one.manager)) for one in persons.values()]
    return People(tuple(managed), words)


def _person(row: Row, name: str, zone: ZoneInfo) -> Person:
    return Person(
        name=name,
        email=row.text("email"),
        zone=_zone(row.text("zone"), zone),
        role=row.text("role"),
        manager=row.text("manager"),
        territory=tuple(part.strip() for part in row.text("territory").replace(";", ",").split(",") if part.strip()),
        capacity_total=_whole(row["capacity_total"]),
        capacity_per_day=_whole(row["capacity_per_day"]),
        weight=weight if isinstance(weight := row["weight"], float) and weight >= 0 else 1.0,
        is_active=row["active"] is not False,
        leave=_leave(row),
        language=row.text("language"),
    )


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, float) and value >= 0 else None


def _leave(row: Row) -> tuple[tuple[date, date], ...]:
    start, end = row["leave_from"], row["leave_to"]
    if not isinstance(start, date) and not isinstance(end, date):
        return ()
    return ((start if isinstance(start, date) else date.min, end if isinstance(end, date) else date.max),)


def _zone(name: str, default: ZoneInfo) -> ZoneInfo:
    return ZoneInfo(name) if name and is_zone(name) else default


def is_zone(name: str) -> bool:
    """Whether a name is an IANA time zone such as Europe/Vienna."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # not there; no name at all; a folder of zones
        return False
    return True


def _words(persons: Collection[Person]) -> dict[str, str]:
    words: dict[str, str] = {}
    shared: Counter[str] = Counter()
    for person in persons:
        parts = normal(person.name).split()
        mailbox = normal(person.email.split("@")[0])
        for word in {*parts[:1], *parts[1:][-1:], mailbox, " ".join(reversed(parts))} - {""}:
            shared[word] += 1
            words[word] = person.name
    unique = {word: name for word, name in words.items() if shared[word] == 1}
    full = {normal(word): one.name for one in persons for word in (one.name, one.email) if word}
    return {**unique, **full}
