"""Prints how `sheetcrm.matching` does on generated leads, beside pandas' exact e-mail: `python bench/matching.py`.

Each line comes from a process of its own, so that memory is its own; `--one ROWS ENGINE` runs a single one.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from random import Random

from sheetcrm.matching import Record, clusters, find_matches


def words(text: str) -> list[str]:
    """The words of a line."""
    return text.split()


SYLLABLES = words("ba ber den fol gra hen ka lor man nes os pel ri sta ton vik wal zim")
FIRST = words(
    "Anna Ben Carla David Emma Felix Greta Hugo Ida Jonas Kate Luis Mia Nora Oscar Paul Rosa Sam Tess Viktor William "
    "Robert Thomas Maria Peter Susan James Julia Martin Laura"
)
TRADES = ("Bakery", "Bistro", "Catering", "Hotel", "Kitchens", "Foods", "Events", "Brewing")
FORMS = ("Ltd", "Limited", "GmbH", "Inc", "B.V.", "")
Pairs = set[tuple[int, int]]


def word(dice: Random, least: int = 2) -> str:
    """A made-up name."""
    return "".join(dice.choice(SYLLABLES) for _ in range(dice.choice((least, least + 1)))).capitalize()


def firm(dice: Random) -> Record:
    """A company with mailbox, switchboard and address."""
    name = word(dice)
    host = f"{name.lower()}{dice.randrange(100)}.example"
    return Record(
        company=f"{name} {dice.choice(TRADES)} {dice.choice(FORMS)}",
        phone=f"+4420{dice.randrange(10**7, 10**8)}",
        street=f"{dice.randint(1, 90)} {word(dice)} Street",
        postcode=str(dice.randrange(10000, 99999)),
        city=word(dice),
        domain=host,
    )


def person(dice: Random, home: Record) -> Record:
    """Somebody of that firm: own mailbox or the office's, often the switchboard's number."""
    first, last = dice.choice(FIRST), word(dice)
    mail = f"{first}.{last}@{home.domain}".lower() if dice.random() < 0.8 else f"info@{home.domain}"
    own = home.phone if dice.random() < 0.5 else f"+447{dice.randrange(10**8, 10**9)}"
    return replace(home, name=f"{first} {last}", email=mail, phone=own)


def retyped(dice: Random, record: Record) -> Record:
    """The same person typed once more: gaps, typos, other spellings."""
    first, last = record.name.split(" ", 1)
    at = dice.randrange(1, len(last) - 1)
    names = (
        record.name,
        record.name.upper(),
        f"{last}, {first}",
        f"{first[0]}. {last}",
        f"{first} {last[:at]}{last[at + 1 :]}",
    )
    kept = {
        "email": dice.choice((record.email, record.email.upper(), "", "")),
        "phone": dice.choice((record.phone, record.phone.replace("+44", "0"), "")),
        "street": dice.choice((record.street, record.street.replace("Street", "St."), "", "")),
        "postcode": dice.choice((record.postcode, "")),
        "city": dice.choice((record.city, record.city, "")),
        "domain": dice.choice((record.domain, "", "")),
    }
    company = dice.choice((record.company, record.company.rsplit(" ", 1)[0], record.company.upper()))
    return replace(record, name=dice.choice(names), company=company, **kept)


def generate(rows: int) -> tuple[list[Record], Pairs]:
    """So many leads, about a fifth of them typed again, and the true pairs."""
    dice = Random(rows)
    records: list[tuple[Record, int]] = []
    who = 0
    while len(records) < rows:
        home = firm(dice)
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            one = person(dice, home)
            copies = [retyped(dice, one) for _ in range(dice.choice((0, 0, 0, 0, 1, 1, 2)))]
            records += [(record, who) for record in (one, *copies)]
            who += 1
    dice.shuffle(records)
    groups: defaultdict[int, list[int]] = defaultdict(list)
    for place, (_, number) in enumerate(records[:rows]):
        groups[number].append(place)
    return [record for record, _ in records[:rows]], within(groups.values())


def within(groups: Iterable[Sequence[int]]) -> Pairs:
    """All the pairs inside the groups."""
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def matching(records: list[Record]) -> Pairs:
    """The pairs that nobody would be asked about."""
    return within(clusters(find_matches(records), 0.97, records))


def exact_email(records: list[Record]) -> Pairs:
    """What pandas finds by equal e-mail in small letters."""
    import pandas as pd

    mails = pd.Series([record.email.lower() for record in records])
    filled = mails[mails != ""]
    return within(filled.groupby(filled).groups.values())


ENGINES: dict[str, Callable[[list[Record]], Pairs]] = {"matching": matching, "exact e-mail": exact_email}


def measure(rows: int, engine: str) -> dict[str, float]:
    """One engine's figures in this process; memory is what it adds to the records themselves."""
    records, true = generate(rows)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    found = ENGINES[engine](records)
    seconds = time.process_time() - start
    right = len(found & true)
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return {"pairs": len(found), "seconds": seconds, "mb": memory, "precision": right / max(len(found), 1),
            "recall": right / max(len(true), 1), "f1": 2 * right / max(len(found) + len(true), 1)}  # fmt: skip


def main() -> None:
    """Both engines on 10,000 and 100,000 rows, and their ratios."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(int(sys.argv[2]), sys.argv[3])))
        return
    print(f"{'rows':>8} {'engine':<13} {'pairs':>7} {'CPU s':>7} {'MB':>6} {'prec.':>6} {'recall':>6} {'F1':>6}")
    for rows in (10_000, 100_000):
        told = {}
        for engine in ENGINES:
            answer = subprocess.run(
                [sys.executable, __file__, "--one", str(rows), engine], check=True, capture_output=True
            )
            told[engine] = one = json.loads(answer.stdout)
            print(f"{rows:>8,} {engine:<13} {one['pairs']:>7,} {one['seconds']:>7.2f} {one['mb']:>6.0f} "
                  f"{one['precision']:>6.3f} {one['recall']:>6.3f} {one['f1']:>6.3f}")  # fmt: skip
        ours, theirs = told["matching"], told["exact e-mail"]
        print(f"{'':>8} ratio: CPU {ours['seconds'] / theirs['seconds']:.1f} x, F1 {ours['f1'] / theirs['f1']:.1f} x")


if __name__ == "__main__":
    main()
