"""The third example: plain tabs to start from, each with one friendly row that may be deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sheets import Book, Taste
from story import STATUSES, Row

ROOM = 1000
"""Drop-downs reach down to this row."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """A tab to start from: its headers, those that hold days, its first row, and its drop-downs."""

    name: str
    headers: tuple[str, ...]
    days: tuple[str, ...]
    first: Row
    choices: dict[str, object]


NAMES = "=Team!$A$2:$A$51"
SKETCHES = (
    Sketch(
        "Leads",
        ("Lead ID", "Company", "Contact", "Email", "Phone", "Postcode", "City", "Country", "Source", "Status",
         "Amount", "Probability", "Owner", "Created", "Last Contact", "Next Step", "Next Step Due", "Expected Close",
         "Duplicate Of", "Last Reminder", "Do not contact", "Notes"),
        ("Created", "Last Contact", "Next Step Due", "Expected Close", "Last Reminder"),
        {"Lead ID": "L-0001", "Company": "Example Kitchens Ltd", "Contact": "Erin Example", "Email": "erin@example.com",
         "Phone": "+44 20 7946 0123", "Postcode": "N1 9XY", "City": "London", "Country": "GB", "Source": "Website",
         "Status": "Contacted", "Amount": 1200, "Probability": 0.2, "Owner": "Sam Sample", "Created": date(2026, 2, 23),
         "Last Contact": date(2026, 2, 27), "Next Step": "Send the price list", "Next Step Due": date(2026, 3, 6),
         "Notes": "An example: type over it or delete the row"},
        {"Status": list(STATUSES), "Owner": NAMES, "Do not contact": ["yes", "no"]},
    ),
    Sketch(
        "Accounts",
        ("Account ID", "Company", "Contact", "Email", "Phone", "Postcode", "City", "Country", "Website", "Owner",
         "Customer since", "Renewal date"),
        ("Customer since", "Renewal date"),
        {"Account ID": "A-0001", "Company": "Sample Bakery GmbH", "Contact": "Max Muster", "Email": "max@example.com",
         "Postcode": "10115", "City": "Berlin", "Country": "DE", "Website": "www.example.com", "Owner": "Sam Sample",
         "Customer since": date(2024, 5, 6), "Renewal date": date(2026, 5, 6)},
        {"Owner": NAMES},
    ),
    Sketch(
        "Activities",
        ("Activity ID", "Lead ID", "Date", "Type", "By", "Subject", "Outcome"),
        ("Date",),
        {"Activity ID": "T-0001", "Lead ID": "L-0001", "Date": date(2026, 2, 27), "Type": "Call", "By": "Sam Sample",
         "Subject": "First call", "Outcome": "wants the price list"},
        {"Type": ["Call", "E-mail", "Visit", "Meeting", "Quote", "Note"], "By": NAMES},
    ),
    Sketch(
        "Team",
        ("Name", "Email", "Role", "Manager", "Zone", "Territory", "Capacity", "Per day", "Weight", "Active",
         "Leave from", "Leave to"),
        ("Leave from", "Leave to"),
        {"Name": "Sam Sample", "Email": "sam@example.com", "Role": "Owner", "Zone": "Europe/London",
         "Weight": 1, "Active": "yes"},
        {"Role": ["Sales", "Manager", "Owner"], "Active": ["yes", "no"]},
    ),
)  # fmt: skip


def starter(path: Path) -> None:
    """Writes `starter.xlsx`."""
    taste = Taste("#2F5D50", "#EEF4F1", "#E0A458", "Arial", "yyyy-mm-dd", "#,##0.00")
    book = Book(path, taste, "Leads, accounts and activities", "")
    for sketch in SKETCHES:
        _tab(book, sketch)
    book.close()


def _tab(book: Book, sketch: Sketch) -> None:
    tab = book.file.add_worksheet(sketch.name)
    for column, header in enumerate(sketch.headers):
        style = book.day if header in sketch.days else book.format_for(header, 0)
        tab.set_column(column, column, width(header, sketch.first.get(header)), style)
    book.fill(tab, 0, sketch.headers, [sketch.first])
    tab.set_row(0, 22)
    tab.freeze_panes(1, 2)
    tab.autofilter(0, 0, 1, len(sketch.headers) - 1)
    for header, source in sketch.choices.items():
        book.drop_down(
            tab, sketch.headers.index(header), (1, ROOM), (source, "This is not in the list. Keep it anyway?")
        )


def width(header: str, value: object) -> float:
    """A column wide enough for its header with the filter's arrow, and for its first value."""
    texts: Sequence[str] = (f"{header}   ", str(value or ""))
    return min(max(map(len, texts)) + 2, 30)
