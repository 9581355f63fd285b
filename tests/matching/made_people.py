"""People, firms and their duplicates, made by rules of their own: what the engine believes plays no part in it."""

from __future__ import annotations

from random import Random

FIRST = (
    "Anna Ben Carla David Emma Felix Greta Hugo Ida Jonas Kate Luis Mia Nora Oscar Paul Rosa Sam Tess Viktor Maria "
    "Peter Susan James Julia Martin Laura Robert Thomas William Claire Pierre Ilona Zsofia Marek Agnieszka Luca Giulia"
).split()
SYLLABLES = "ba ber den fol gra hen ka lor man nes os pel ri sta ton vik wal zim cho dru".split()
NOTES = ("called, wants a quote", "met at the fair", "asked for the catalogue", "")


def word(dice: Random, least: int = 2) -> str:
    return "".join(dice.choice(SYLLABLES) for _ in range(dice.choice((least, least + 1)))).capitalize()


def mistyped(dice: Random, text: str) -> str:
    if len(text) < 4:
        return text
    at = dice.randrange(1, len(text) - 1)
    return dice.choice((text[:at] + text[at + 1 :], text[:at] + text[at + 1] + text[at] + text[at + 2 :]))


def person(dice: Random, home: dict[str, str]) -> dict[str, str]:
    first, last = dice.choice(FIRST), word(dice)
    own = dice.random() < 0.6
    return {
        **home, "First name": first, "Last name": last,
        "E-mail": f"{first}.{last}@{home['Website']}".lower() if own else f"info@{home['Website']}",
        "Phone": home["Phone"] if dice.random() < 0.4 else f"+44 7{dice.randrange(10**8, 10**9)}",
        "Notes": dice.choice(NOTES),
    }  # fmt: skip


def firm(dice: Random) -> dict[str, str]:
    name = word(dice)
    site = f"{name.lower()}{dice.randrange(99)}.example"
    return {
        "Company": f"{name} {dice.choice(('Bakery', 'Bau GmbH', 'Foods Ltd', 'Hotel'))}",
        "First name": "", "Last name": "", "E-mail": "", "Notes": "", "Status": "New", "Website": site,
        "Phone": f"+44 20 {dice.randrange(10**7, 10**8)}", "City": word(dice),
        "Street": f"{dice.randint(1, 90)} {word(dice)} Street", "Postcode": str(dice.randrange(10000, 99999)),
    }  # fmt: skip


def relatives(dice: Random, one: dict[str, str]) -> list[dict[str, str]]:
    """A colleague of the same surname, and now and then a namesake elsewhere: other people both."""
    others = [
        one | {"First name": dice.choice([name for name in FIRST if name[0] != one["First name"][0]]), "E-mail": ""}
    ]
    if dice.random() < 0.3:
        others.append(person(dice, firm(dice)) | {key: one[key] for key in ("First name", "Last name")})
    return others


def again(dice: Random, one: dict[str, str]) -> dict[str, str]:
    """The same person typed once more."""
    row = {key: value if dice.random() > 0.2 else "" for key, value in one.items()}
    row |= {key: one[key] for key in ("First name", "Last name")}
    if dice.random() < 0.2:
        row["First name"] = f"{one['First name'][0]}."
    elif dice.random() < 0.2:
        row["Last name"] = mistyped(dice, one["Last name"])
    if dice.random() < 0.2:
        row["Company"] = row["Company"].upper()
    return row | {"Notes": dice.choice(NOTES)}


def made_people(rows: int, *, duplicates: bool, seed: int = 1) -> tuple[dict[str, list[str]], list[int]]:
    """A table as columns, and for each row who it is."""
    dice = Random(seed)  # noqa: S311 -- seeded on purpose
    people: list[dict[str, str]] = []
    who: list[int] = []
    while len(people) < rows:
        home = firm(dice)
        for _ in range(dice.choice((1, 1, 2, 4))):
            one = person(dice, home)
            entities = [[one, *([again(dice, one)] if duplicates and dice.random() < 0.4 else [])]]
            entities += [[other] for other in (relatives(dice, one) if dice.random() < 0.1 else [])]
            for entity in entities:
                people += entity
                who += [who[-1] + 1 if who else 0] * len(entity)
    order = list(range(rows))
    dice.shuffle(order)
    table = {key: [people[i][key] for i in order] for key in people[0]}
    table["Number"] = [f"L-{i:05}" for i in range(rows)]
    return table, [who[i] for i in order]
