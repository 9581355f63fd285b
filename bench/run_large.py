"""A whole run on a large workbook beside openpyxl merely loading and saving the same file.

    python bench/run_large.py [--leads 100000] [--activities 200000]

Builds the workbook in a temporary folder, then measures each command in a process of its own: CPU seconds (user and
system, children included) and peak memory.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

TODAY = date(2026, 3, 2)
STAGES = ("New", "Contacted", "Qualified", "Proposal", "Negotiation", "Won", "Lost")
FIRST = [
    a + b
    for a in "An Ber Car Dav El Fio Gül Han Iv Jas Kar Le Mi No Ol Pet Qui Ro Sve Te".split()
    for b in "na to la id se".split()
]
SYLLABLES = "ba ber dor el fal gor hol ing jan kra lin mar nor ost pel rau ster tal ul vog wen zell".split()
LAST = [(a + b + c).title() for a in SYLLABLES for b in SYLLABLES for c in ("mann", "er", "sen", "ski", "")]
TRADES = "Bakery Dental Garden Print Steel Travel Toys Paint Boats Books Coffee Glass Tiles Wine Yoga Bikes".split()
COUNTRIES = ("Germany", "Austria", "UK", "Hungary", "France", "Netherlands")
OPENPYXL = "import openpyxl, sys; book = openpyxl.load_workbook(sys.argv[1]); book.save(sys.argv[2])"
LEADS = (
    "Lead ID,Company,Contact,E-mail,Phone,Postcode,City,Country,Source,Status,Amount,Probability,Owner,Created,"
    "Last Contact,Next Step,Next Step Due,Duplicate Of,Last Reminder"
).split(",")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--activities", type=int, default=200_000)
    parser.add_argument("--keep", type=Path, help="keep the workbook at this path")
    sizes = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "large.xlsx"
        build(book, sizes.leads, sizes.activities)
        if sizes.keep:
            shutil.copy(book, sizes.keep)
        print(f"{sizes.leads:,} leads, {sizes.activities:,} activities, {book.stat().st_size / 1e6:.0f} MB")
        ours = measure([sys.executable, "-m", "sheetcrm", "run", str(book), "--as-of", str(TODAY), "--allow-large"])
        copy = Path(folder) / "saved.xlsx"
        theirs = measure([sys.executable, "-c", OPENPYXL, str(book), str(copy)])
    print(f"{'':24}{'CPU s':>8}{'MB':>8}")
    print(f"{'sheetcrm run':24}{ours[0]:8.1f}{ours[1]:8.0f}")
    print(f"{'openpyxl load and save':24}{theirs[0]:8.1f}{theirs[1]:8.0f}")
    print(f"{'ratio':24}{ours[0] / theirs[0]:8.2f}{ours[1] / theirs[1]:8.2f}")


def measure(command: list[str]) -> tuple[float, float]:
    """CPU seconds and peak megabytes of a command in a process of its own."""
    pid = os.fork()
    if pid == 0:
        with tempfile.TemporaryDirectory() as home:
            done = subprocess.run(command, env={**os.environ, "SHEETCRM_HOME": home}, capture_output=True, check=False)
        if done.returncode:
            sys.stderr.write(done.stderr.decode())
        os._exit(done.returncode)
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{command} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def build(path: Path, leads: int, activities: int) -> None:
    """Writes the workbook: a twentieth of the leads without owner, a fiftieth twice, a tenth overdue."""
    dice = random.Random(7)
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    team = book.add_worksheet("Team")
    team.write_row(0, 0, ["Name", "Email", "Role", "Manager", "Zone", "Territory", "Capacity"])
    people = [f"{first} {last}" for first, last in zip(FIRST[::5], LAST[::97], strict=False)]
    for i, name in enumerate(people):
        mail = name.lower().replace(" ", ".").replace("ü", "u")
        role = "Manager" if i == 0 else "Sales"
        team.write_row(i + 1, 0, [name, f"{mail}@sales.example", role, people[0], "Europe/Berlin", COUNTRIES[i % 6]])
    sheet = book.add_worksheet("Leads")
    sheet.write_row(0, 0, LEADS)
    earlier: list[list[object]] = []
    for i in range(1, leads + 1):
        row = lead(i, dice, people)
        if earlier and dice.random() < 0.02:
            row[1:5] = dice.choice(earlier)[1:5]
        if len(earlier) < 5000:
            earlier.append(row)
        for j, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(i, j, value, day)
            elif value is not None:
                sheet.write(i, j, value)
    log = book.add_worksheet("Activities")
    log.write_row(0, 0, ["Activity ID", "Lead ID", "Date", "Type", "By", "Subject", "Outcome", "Hours"])
    for i in range(1, activities + 1):
        log.write_row(i, 0, [f"V-{i:06}", f"L-{dice.randint(1, leads):06}"])
        log.write_datetime(i, 2, TODAY - timedelta(days=dice.randint(1, 700)), day)
        kinds = dice.choice(("Call", "Mail", "Visit")), dice.choice(people), "Follow up", "ok", dice.randint(1, 8) / 4
        log.write_row(i, 3, kinds)
    book.close()


def lead(i: int, dice: random.Random, people: list[str]) -> list[object]:
    """One lead; e-mails, phones and names repeat as they do among real ones, without being duplicates."""
    first, last, trade = dice.choice(FIRST), dice.choice(LAST), dice.choice(TRADES)
    company = f"{dice.choice(LAST)} {trade} {dice.randint(1, 9999)} GmbH"
    created = TODAY - timedelta(days=dice.randint(0, 500))
    stage = dice.choice(STAGES)
    due = TODAY + timedelta(days=dice.randint(-3, 27)) if dice.random() < 0.8 else None
    country = dice.choice(COUNTRIES)
    return [
        f"L-{i:06}",
        company,
        f"{first} {last}",
        f"{first}.{last}{i}@{trade.lower()}{i % 7919}.example".lower().replace("ü", "u"),
        f"+49 30 {dice.randint(1_000_000, 9_999_999)}",
        f"{dice.randint(10000, 99999)}",
        dice.choice(LAST) + "stadt",
        country,
        dice.choice(("Web", "Fair", "Phone")),
        stage,
        float(dice.randint(5, 900) * 100),
        dice.choice((0.1, 0.25, 0.5, 0.75)),
        None if dice.random() < 0.05 else dice.choice(people),
        created,
        min(TODAY, created + timedelta(days=dice.randint(0, 100))) if stage != "New" else None,
        "call back",
        due,
        None,
        None,
    ]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
