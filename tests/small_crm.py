"""A small workbook for tests of whole runs: twenty leads, two salespeople and a manager; as Excel or as CSV files."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import openpyxl

from sheetcrm.cli.desk import Desk, desk_for

DAY = "2026-03-02"
HEADERS = [
    *("Lead ID", "Company", "Contact", "E-mail", "Status", "Owner", "Created", "Last Contact"),
    *("Next Step", "Next Step Due", "Duplicate Of", "Last Reminder", "Notes"),
]
TEAM = [
    ["Name", "Email", "Role"],
    ["Ann Abel", "ann@x.example", "Sales"],
    ["Ben Berg", "ben@x.example", "Sales"],
    ["Mia Meyer", "mia@x.example", "Manager"],
]
JOBS = ("keys", "dedupe", "assignment", "reminders", "summary")


def lead(i: int, *, has_keys: bool = True, kind: str = "Works") -> list[object]:
    """Lead i: every third without owner, every fourth overdue, 7 and 8 the same person, 5 and 12 without a key."""
    twin = 7 if i == 8 else i
    return [
        f"L-{i:04}" if has_keys and i not in {5, 12} else None,
        f"Firm {twin} {kind}",
        f"Person{chr(64 + twin)} Surname{chr(64 + twin)}",
        f"p{twin}@firm{twin}.example",
        "Contacted",
        None if i % 3 == 0 else "Ann Abel" if i % 2 else "Ben Berg",
        date(2026, 1, i),
        date(2026, 2, 20),
        "call back",
        date(2026, 2, 25) if i % 4 == 0 else date(2026, 3, 20),
        None,
        None,
        f"met in hall {i}",
    ]


def build(
    path: Path, *, count: int = 20, has_keys: bool = True, has_key_column: bool = True, kind: str = "Works"
) -> Path:
    """The workbook at that path: an .xlsx file, or else a folder of CSV files; `kind` ends the companies' names."""
    leads = [HEADERS, *(lead(i, has_keys=has_keys, kind=kind) for i in range(1, count + 1))]
    tabs = {"Leads": leads if has_key_column else [row[1:] for row in leads], "Team": TEAM}
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix != ".xlsx":
        path.mkdir()
        for tab, rows in tabs.items():
            with (path / f"{tab}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows(rows)
        return path
    book = openpyxl.Workbook()
    book.remove(book.active)
    for tab, rows in tabs.items():
        sheet = book.create_sheet(tab)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def desk(path: Path, day: str = DAY, *, knows_originals: bool = False) -> Desk:
    """The workbook's desk on a day."""
    return desk_for(str(path), as_of=day, knows_originals=knows_originals)


def cells(path: Path) -> dict[str, dict[str, object]]:
    """The leads as they stand: by company and number (`met in hall 3`), each a dict by header."""
    if path.is_dir():
        with (path / "Leads.csv").open(encoding="utf-8", newline="") as file:
            headers, *rows = [[value or None for value in row] for row in csv.reader(file)]
    else:
        headers, *rows = openpyxl.load_workbook(path)["Leads"].iter_rows(values_only=True)
    return {
        str(row[-1]): {
            str(header): value.date() if hasattr(value, "date") else value
            for header, value in zip(headers, row, strict=True)
        }
        for row in rows
    }


def type_in(path: Path, notes: str, header: str, value: object) -> None:
    """A person types a value into the lead with these notes, and saves."""
    book = openpyxl.load_workbook(path)
    sheet = book["Leads"]
    column = next(cell.column for cell in sheet[1] if cell.value == header)
    row = next(row for row in sheet.iter_rows(min_row=2) if row[-1].value == notes)
    row[column - 1].value = value
    book.save(path)


def plan_of(at: Desk, jobs: tuple[str, ...] = JOBS):
    """The plan of the workbook as it stands now."""
    return at.plan(at.take(), jobs, lambda _step: None)


def mails(path: Path) -> list[Path]:
    """The mails in the outbox beside the workbook."""
    return sorted((path.parent / "outbox").glob("*.eml"))
