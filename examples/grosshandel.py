"""The second example: Kelle & Kessel Großhandel, the same trade in German habits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

import mess
from sheets import Book, Taste
from story import LIKELY, TODAY, Row, Size, Teller, tell
from words import AUSTRIA, GERMANY, slug

SIZE = Size(
    accounts=40, activities=300, overdue=15, idle=9, uncontacted=4, fresh=8, healthy=38, won=20, lost=16, renewals=4
)
STATUS = dict(
    zip(LIKELY, ("Neu", "Kontaktiert", "Qualifiziert", "Angebot", "Verhandlung", "Gewonnen", "Verloren"), strict=True)
)
LEADS = {
    "Lead-Nr.": "Lead ID", "Firma": "Company", "Ansprechpartner": "Contact", "E-Mail": "E-mail", "Telefon": "Phone",
    "Straße": "Street", "PLZ": "Postcode", "Ort": "City", "Land": "Country", "Quelle": "Source", "Status": "Status",
    "Betrag": "Amount", "Wahrscheinlichkeit": "Probability", "Zuständig": "Owner", "Angelegt am": "Created",
    "Letzter Kontakt": "Last Contact", "Nächster Schritt": "Next Step", "Fällig am": "Next Step Due",
    "Abschluss geplant": "Expected Close", "Dublette von": "Duplicate Of", "Letzte Erinnerung": "Last Reminder",
    "Nicht kontaktieren": "Do not contact", "Geburtstag": "Birthday", "Kunden-Nr.": "Account", "Schlagworte": "Tags",
    "Liefertag": "Delivery day", "Bemerkung": "Notes",
}  # fmt: skip
ACCOUNTS = {
    "Kunden-Nr.": "Account ID", "Firma": "Company", "Ansprechpartner": "Contact", "PLZ": "Postcode", "Ort": "City",
    "Land": "Country", "Webseite": "Website", "Telefon": "Phone", "E-Mail": "E-mail", "Betreuer": "Owner",
    "Kunde seit": "Customer since", "Vertragsverlängerung": "Renewal date", "Klasse": "Tier",
}  # fmt: skip
ACTIVITIES = {"Vorgangs-Nr.": "Activity ID", "Lead-Nr.": "Lead ID", "Datum": "Date", "Art": "Type", "Mitarbeiter": "By",
              "Betreff": "Subject", "Ergebnis": "Outcome", "Stunden": "Hours"}  # fmt: skip
TEAM_HEADERS = (
    "Name",
    "E-Mail",
    "Rolle",
    "Vorgesetzter",
    "Zeitzone",
    "Gebiet",
    "Kapazität",
    "Pro Tag",
    "Gewicht",
    "Aktiv",
    "Abwesend von",
    "Abwesend bis",
)
AWAY = (date(2026, 2, 26), date(2026, 3, 6))
TEAM = (
    ("Gerda Kelle", "Inhaberin", None, "Europe/Berlin", None, None, None, 1, "ja", None, None),
    ("Holger Sülzbach", "Leiter", "Gerda Kelle", "Europe/Berlin", None, 10, 2, 1, "ja", None, None),
    ("Anke Möhrenthal", "Vertrieb", "Holger Sülzbach", "Europe/Berlin", "01000-59999", 40, 6, 1, "ja", None, None),
    ("Rüdiger Quark", "Vertrieb", "Holger Sülzbach", "Europe/Berlin", "60000-99999", 40, 6, 2, "ja", None, None),
    ("Vroni Kipferl", "Vertrieb", "Holger Sülzbach", "Europe/Vienna", "AT", 30, 5, 1, "ja", *AWAY),
    ("Lothar Brandblase", "Vertrieb", "Holger Sülzbach", "Europe/Berlin", "DE", 30, 5, 1, "nein", None, None),
)  # fmt: skip
OWNERS = {
    "DE": ("Anke Möhrenthal", "Anke Möhrenthal", "Rüdiger Quark", "Rüdiger Quark", "Lothar Brandblase"),
    "AT": ("Vroni Kipferl",),
}
SOURCES = ("Webseite", "Messe", "Empfehlung", "Kaltakquise", "Telefon")
TAGS = ("Küche", "Bio", "Großkunde", "Messe 2025", "Leasing", "vegan", "A-Kunde", "Skonto")
STEPS = (
    "Angebot nachfassen",
    "Muster schicken",
    "Termin vereinbaren",
    "Preisliste senden",
    "Rückruf Küchenchef",
    "Vorführung Kombidämpfer",
)
GOODS = (
    "Kombidämpfer",
    "Olivenöl, 12 Paletten",
    "Teigkneter",
    "Kühlzelle",
    "Geschirr, 200-tlg.",
    "Messersatz",
    "Spülmaschine (Leasing)",
)
KINDS = {
    "Call": "Anruf",
    "E-mail": "E-Mail",
    "Visit": "Besuch",
    "Tasting": "Verkostung",
    "Quote": "Angebot",
    "Meeting": "Termin",
}
OUTCOMES = ("erreicht", "erreicht", "Mailbox", "ruft zurück", "gesendet", "k. A.", None, "will Rabatt")
REMARKS = (
    "zahlt mit Skonto 2 %",
    "nur vormittags anrufen!",
    "Bekannter vom Chef",
    "🥨 liebt Brezeln",
    "Rechnung an Zentrale",
    "=SUMME(A1)",
    "s. Mail v. 12.2.",
)


def grosshandel(path: Path) -> None:
    """Writes `grosshandel.xlsx`."""
    dice = Random(2026)
    books = tell(Teller(dice, (GERMANY, GERMANY, GERMANY, AUSTRIA), OWNERS, SOURCES), SIZE)
    leads = books.leads
    extra = [*mess.duplicates(dice, leads, 0.32), *mess.colleagues(dice, leads, 2, GERMANY)]
    for number, row in enumerate(extra, start=len(leads) + 1):
        leads.insert(dice.randrange(len(leads)), {**row, "Lead ID": f"L-{number:04}", "Source": "Messe"})
    _speak_german(dice, [*leads, *books.activities])
    _habits(dice, leads)
    mess.float_phones(dice, [*leads, *books.accounts], 0.1)
    taste = Taste("#1F4E5F", "#E8F1F2", "#F2A541", "Arial", "dd.mm.yyyy", '#,##0.00 "€"')
    book = Book(path, taste, "Interessenten", "Kelle & Kessel Großhandel GmbH")
    _leads_tab(book, leads)
    _plain_tab(
        book,
        "Kunden",
        ACCOUNTS,
        books.accounts,
        {"Firma": 34, "Ansprechpartner": 24, "Webseite": 32, "E-Mail": 38, "Telefon": 18, "Betreuer": 20},
    )
    _plain_tab(book, "Aktivitäten", ACTIVITIES, books.activities, {"Betreff": 26, "Mitarbeiter": 20, "Ergebnis": 14})
    _team_tab(book)
    book.close()


def _speak_german(dice: Random, rows: Sequence[Row]) -> None:
    for row in rows:
        if "Status" in row:
            row["Status"] = STATUS[str(row["Status"])]
            row["Country"] = (
                dice.choice(("D", "DE", "Deutschland"))
                if row["Country"] in GERMANY.spellings
                else dice.choice(("A", "AT", "Österreich"))
            )
            row["Next Step"] = dice.choice(STEPS) if row.get("Next Step") else None
        else:
            row.update(
                {"Type": KINDS[str(row["Type"])], "Outcome": dice.choice(OUTCOMES), "Subject": dice.choice(GOODS)}
            )


def _habits(dice: Random, leads: list[Row]) -> None:
    for row in leads:
        row["Tags"] = (
            dice.choice(("; ", ";")).join(dice.sample(TAGS, dice.choice((1, 2, 2, 3)))) if dice.random() < 0.5 else None
        )
        row["Delivery day"] = dice.choice(("Mo", "Di", "Do", "Fr")) if row["Status"] == "Gewonnen" else None
        row["Do not contact"] = (
            "ja" if row["Status"] == "Verloren" and dice.random() < 0.25 else dice.choice((None, None, "nein"))
        )
        row["Notes"] = dice.choice(REMARKS) if dice.random() < 0.14 else None
        row["Owner"] = None if row["Status"] == "Neu" and row["Created"] >= TODAY - timedelta(days=8) else row["Owner"]
        if dice.random() < 0.35:
            row["Amount"] = german_money(float(row["Amount"]) + dice.choice((0, 0.5, 0.9)))
        if dice.random() < 0.3:
            row["Probability"] = f"{row['Probability']:.0%}".replace("%", " %")
        for header in ("Created", "Last Contact", "Next Step Due", "Expected Close"):
            day = row.get(header)
            if isinstance(day, date) and dice.random() < 0.3:
                row[header] = f"{day:%d.%m.%Y}"
    _accidents(leads)
    mess.loose_texts(dice, leads, 0.03)


def german_money(amount: float) -> str:
    """The amount as a German types it: `1.234,50 €`."""
    return f"{amount:,.2f} €".translate(str.maketrans(",.", ".,"))


def _accidents(leads: list[Row]) -> None:
    calm = [row for row in leads if row["Status"] in {"Qualifiziert", "Angebot"} and row["Owner"]][::2]
    calm[0]["Status"] = "Kontaktirt"
    calm[1]["E-mail"] = "kueche(at)wurstmann.example"
    calm[2]["Expected Close"] = "31.02.2026"
    calm[3]["Amount"] = "ca. 2-3 Tsd."
    fresh = [row for row in leads if row["Status"] == "Neu" and row.get("Last Contact") is None]
    fresh[0]["Lead ID"] = fresh[1]["Lead ID"] = None
    calm[6]["Account"] = "A-9999"
    calm[7]["Next Step Due"] = "KW 12"
    calm[8]["Phone"] = "s. Zentrale"


def german_rows(headers: Mapping[str, str], rows: Sequence[Row]) -> list[Row]:
    """The rows under their German headers."""
    return [{german: row.get(english) for german, english in headers.items()} for row in rows]


def _leads_tab(book: Book, leads: Sequence[Row]) -> None:
    tab = book.file.add_worksheet("Interessenten")
    headers, last, at = tuple(LEADS), 1 + len(leads), list(LEADS).index
    tab.set_tab_color(book.taste.dark)
    tab.set_row(0, 24)
    tab.set_row(1, 30)
    tab.write_string(0, 0, "Interessenten - Kelle & Kessel", book.title)
    book.fill(tab, 1, headers, german_rows(LEADS, leads))
    wide = {"Firma": 34, "Ansprechpartner": 24, "E-Mail": 38, "Telefon": 18, "Straße": 22, "Betrag": 13,
            "Zuständig": 20, "Nächster Schritt": 26, "Schlagworte": 22, "Bemerkung": 26,
            "Wahrscheinlichkeit": 17}  # fmt: skip
    book.widths(tab, headers, wide)
    tab.freeze_panes(2, 2)
    tab.autofilter(1, 0, last, len(headers) - 1)
    book.drop_down(tab, at("Status"), (2, last + 100), (list(STATUS.values()), "Bitte aus der Liste wählen"))
    book.drop_down(tab, at("Nicht kontaktieren"), (2, last + 100), (["ja", "nein"], "ja oder nein"))
    due = '=AND(ISNUMBER($R3),$R3<DATE(2026,3,2),$K3<>"Gewonnen",$K3<>"Verloren")'
    tab.conditional_format(
        2, at("Fällig am"), last, at("Fällig am"), {"type": "formula", "criteria": due, "format": book.red}
    )
    tab.set_landscape()
    tab.fit_to_pages(1, 0)


def _plain_tab(
    book: Book, name: str, headers: Mapping[str, str], rows: Sequence[Row], widths: Mapping[str, float]
) -> None:
    tab = book.file.add_worksheet(name)
    told = [{**row, "Website": f"www.{row['Domain']}"} if "Domain" in row else row for row in rows]
    book.fill(tab, 0, tuple(headers), german_rows(headers, told))
    book.widths(tab, tuple(headers), widths)
    tab.autofilter(0, 0, len(rows), len(headers) - 1)
    tab.freeze_panes(1, 0)


def _team_tab(book: Book) -> None:
    tab = book.file.add_worksheet("Mitarbeiter")
    rows = [
        dict(zip(TEAM_HEADERS, (name, f"{slug(name.split()[0])}@kelle-kessel.example", *rest), strict=True))
        for name, *rest in TEAM
    ]
    book.fill(tab, 0, TEAM_HEADERS, rows)
    book.widths(tab, TEAM_HEADERS, {"Name": 24, "E-Mail": 30, "Vorgesetzter": 20, "Zeitzone": 16, "Gebiet": 14})
