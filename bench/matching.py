"""Prints how `sheetcrm dedupe` does on generated leads, beside splink on DuckDB: `python bench/matching.py [ROWS...]`.

Each line is a process of its own that reads a CSV file and writes the groups. splink is asked as its guide says, with
comparisons for each column; SPLINK_PYTHON names a Python that has it (pip install splink), where this one has not.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from sheetcrm.matching import Record

SPLINK = Path(__file__).with_name("matching_splink.py")
FIELDS = ("name", "company", "email", "phone", "street", "postcode", "city", "domain")
COLUMNS = ("row_id", *FIELDS[:-1], "website")


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


def write(path: Path, records: Sequence[Record]) -> None:
    """The leads as a CSV file, as both engines read it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        rows.writerows([i + 1, *(getattr(one, name) for name in FIELDS)] for i, one in enumerate(records))


def measure(rows: int, engine: str, table: Path, out: Path) -> dict[str, float]:
    """One engine's figures: a process of its own reads the table and writes the groups."""
    command = {
        "sheetcrm": [sys.executable, "-m", "sheetcrm", "dedupe", str(table), "-o", str(out)],
        "splink": [os.environ.get("SPLINK_PYTHON", sys.executable), str(SPLINK), str(table), str(out)],
    }[engine]
    done = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(done.pid, 0)
    if status:
        return {}
    found, true = within(read_groups(out, rows)), generate(rows)[1]
    right = len(found & true)
    return {"seconds": usage.ru_utime + usage.ru_stime, "mb": usage.ru_maxrss / 1024,
            "precision": right / max(len(found), 1), "recall": right / max(len(true), 1),
            "f1": 2 * right / max(len(found) + len(true), 1)}  # fmt: skip


def read_groups(out: Path, rows: int) -> Iterable[Sequence[int]]:
    """The groups of row numbers that an engine wrote."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    with out.open(encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file):
            groups[record["cluster_id"]].append(int(record["row_id"]) - 1)
    assert sum(map(len, groups.values())) == rows  # noqa: S101 -- nothing is dropped
    return groups.values()


def main() -> None:
    """Both engines on 10,000, 100,000 and 1,000,000 rows, or on the numbers given, and their ratios."""
    sizes = [int(word) for word in sys.argv[1:]] or [10_000, 100_000, 1_000_000]
    print(f"{'rows':>9} {'engine':<9} {'CPU s':>7} {'MB':>6} {'prec.':>6} {'recall':>6} {'F1':>6}")
    with TemporaryDirectory() as folder:
        table, out = Path(folder) / "leads.csv", Path(folder) / "out.csv"
        for rows in sizes:
            write(table, generate(rows)[0])
            told = {engine: measure(rows, engine, table, out) for engine in ("sheetcrm", "splink")}
            for engine, one in told.items():
                if not one:
                    print(f"{rows:>9,} {engine:<9} did not run: give a Python that has splink in SPLINK_PYTHON")
                    continue
                print(f"{rows:>9,} {engine:<9} {one['seconds']:>7.1f} {one['mb']:>6.0f} "
                      f"{one['precision']:>6.3f} {one['recall']:>6.3f} {one['f1']:>6.3f}")  # fmt: skip
            ours, theirs = told["sheetcrm"], told["splink"]
            if ours and theirs:
                print(f"{'':>9} ratio: CPU {ours['seconds'] / theirs['seconds']:.2f}, "
                      f"memory {ours['mb'] / theirs['mb']:.2f}, F1 {ours['f1'] - theirs['f1']:+.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
