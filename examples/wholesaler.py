"""The first example: Ladle & Larder Wholesale, 400 leads in seven countries, and ten years of habits."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random

import mess
from dashboard import add_dashboard
from sheets import Book, Taste
from story import TODAY, Books, Row, Size, Teller, tell
from wholesaler_tabs import accounts_tab, activities_tab, leads_tab, lists_tab, notes_tab, team_tab
from words import AUSTRIA, BRITAIN, FRANCE, GERMANY, HUNGARY, NETHERLANDS

SIZE = Size(
    accounts=120,
    activities=1500,
    overdue=50,
    idle=30,
    uncontacted=12,
    fresh=26,
    healthy=115,
    won=78,
    lost=60,
    renewals=8,
)
SOURCES = ("Website", "Website", "Trade fair", "Referral", "Cold call", "Newsletter", "Phone-in", "Instagram")
LEFT = "Gustav Gabelmann"
AWAY = (date(2026, 2, 23), date(2026, 3, 8))
TEAM = (
    ("Petra Pfefferkorn", "Owner", None, "Europe/Vienna", None, None, None, 1, "yes", None, None),
    ("Mortimer Muddlecombe", "Manager", "Petra Pfefferkorn", "Europe/London", None, 20, 3, 1, "yes", None, None),
    ("Olive Oxtailor", "Sales", "Mortimer Muddlecombe", "Europe/London", "GB, IE", 80, 10, 2, "yes", None, None),
    ("Basil Butterworthy", "Sales", "Mortimer Muddlecombe", "Europe/London", "GB", 60, 10, 1, "yes", None, None),
    ("Klara Kümmelmann", "Sales", "Mortimer Muddlecombe", "Europe/Berlin", "DE, AT", 80, 10, 1, "yes", None, None),
    ("Bruno Brösel", "Sales", "Klara Kümmelmann", "Europe/Berlin", "80000-89999", 60, 8, 1, "yes", None, None),
    ("Ilona Paprikásy", "Sales", "Mortimer Muddlecombe", "Europe/Budapest", "HU", 60, 10, 1, "yes", None, None),
    ("Fleur Fourchetteau", "Sales", "Mortimer Muddlecombe", "Europe/Paris", "FR", 60, 10, 1, "yes", *AWAY),
    ("Wim Waterzooi", "Sales", "Mortimer Muddlecombe", "Europe/Amsterdam", "NL", 40, 5, 1, "yes", None, None),
    (LEFT, "Sales", "Mortimer Muddlecombe", "Europe/Berlin", "DE", 60, 10, 1, "no", None, None),
)  # fmt: skip
OWNERS = {
    "GB": ("Olive Oxtailor", "Olive Oxtailor", "Basil Butterworthy"),
    "DE": ("Klara Kümmelmann", "Klara Kümmelmann", "Bruno Brösel", LEFT),
    "AT": ("Klara Kümmelmann",), "HU": ("Ilona Paprikásy",), "FR": ("Fleur Fourchetteau",), "NL": ("Wim Waterzooi",),
}  # fmt: skip
LANDS = (BRITAIN, BRITAIN, BRITAIN, BRITAIN, GERMANY, GERMANY, GERMANY, AUSTRIA, HUNGARY, FRANCE, NETHERLANDS)
FAIRS = ("Internorga 25", "Gastro Vienna", "Hotelympia", "Sirha", "Spoonfest Leeds")
NOTES = (
    "wants the blue catalogue 📘", "call after 2 pm, kitchen closes then", "paid late twice!!", "friend of Petra",
    '=HYPERLINK("http://crookedturnip.example","menu")', "🔥🔥 hot", "speaks only French", "see mail of 12.2.",
    "has 3 branches - ask which one", "+10% if before Easter", "None", "boss is on sick leave till April", "NA",
)  # fmt: skip


def wholesaler(path: Path) -> None:
    """Writes `wholesaler.xlsx`."""
    dice = Random(20260302)
    books = tell(Teller(dice, LANDS, OWNERS, SOURCES), SIZE)
    _live_in(dice, books)
    taste = Taste("#5B2333", "#F7EFE5", "#D98E04", "Arial", "dd/mm/yyyy", '#,##0.00 "€"')
    book = Book(path, taste, "Leads 2026", "Ladle & Larder Wholesale")
    dashboard = book.file.add_worksheet("Dashboard")
    leads_tab(book, books.leads)
    accounts_tab(book, books.accounts)
    activities_tab(book, books.activities)
    team_tab(book, TEAM)
    lists_tab(book, SOURCES, TEAM)
    notes_tab(book)
    add_dashboard(book, dashboard, books.leads, [person[0] for person in TEAM])
    book.close()


def _live_in(dice: Random, books: Books) -> None:
    """Ten years of habits: second entries, gaps, odd dates, and one of each accident."""
    leads = books.leads
    extra = [*mess.duplicates(dice, leads), *mess.colleagues(dice, leads, 3, BRITAIN)]
    father = next(row for row in leads if row["Country"] in BRITAIN.spellings and row["Status"] == "Lost")
    extra.append(mess.son(father, "Barnaby" if "Barnaby" not in str(father["Contact"]) else "Hugo"))
    for number, row in enumerate(extra, start=len(leads) + 1):
        row["Lead ID"] = f"L-{number:04}"
        leads.insert(dice.randrange(len(leads)), row)
    _habits(dice, leads)
    mess.loose_texts(dice, leads, 0.025)
    _accidents(dice, leads)
    mess.text_dates(dice, leads, ("Created", "Last Contact", "Next Step Due", "Expected Close"), 0.06)
    mess.text_dates(dice, books.activities, ("Date",), 0.02)
    mess.text_dates(dice, books.accounts, ("Customer since",), 0.08)
    mess.float_phones(dice, [*leads, *books.accounts], 0.12)
    leads.insert(211, {})
    _accounts_habits(dice, books.accounts)


def _habits(dice: Random, leads: list[Row]) -> None:
    unowned = [row for row in leads if row["Status"] == "New"]
    fresh = [row for row in unowned if row["Created"] >= TODAY - timedelta(days=3)]
    spare = [row for row in leads if row["Status"] == "Contacted" and row.get("Next Step Due", TODAY) > TODAY]
    for row in [*fresh, *[row for row in unowned if row not in fresh][:4], *dice.sample(spare, 15)]:
        row["Owner"] = None
    for row in leads:
        row["Trade fair"] = dice.choice(FAIRS) if row["Source"] == "Trade fair" else None
        row["Old system no."] = f"{dice.randrange(99999):07}" if dice.random() < 0.3 else None
        row["Notes"] = row.get("Notes") or (dice.choice(NOTES) if dice.random() < 0.16 else None)
        row["Do not contact"] = "x" if row["Status"] == "Lost" and dice.random() < 0.2 else None
        if dice.random() < 0.07:
            row["Birthday"] = date(dice.randint(1958, 1999), dice.choice((1, 5, 6, 7, 9, 11)), dice.randint(1, 28))
    for row in dice.sample([row for row in leads if row["Status"] == "Negotiation"], 2):
        row["Birthday"] = date(1971, 3, dice.randint(4, 9))
    for row in dice.sample(leads, 12):
        row["Amount"] = f"{int(row['Amount']):,} EUR".replace(",", ".") if dice.random() < 0.7 else f"€ {row['Amount']}"
    # Pasted from the web form: nobody has called yet, so no activity points at them.
    for row in dice.sample(unowned, 6):
        row["Lead ID"] = None


def _accidents(dice: Random, leads: list[Row]) -> None:
    """One of each: what nobody remembers doing."""
    calm = [row for row in leads if row["Status"] in {"Qualified", "Proposal"} and row["Lead ID"] and row["Owner"]]
    won = [row for row in leads if row["Status"] == "Won" and row["Lead ID"]]
    dice.shuffle(calm)
    calm[0]["Status"] = "Contcated"
    calm[1]["Status"] = "on hold??"
    calm[2]["E-mail"] = "hattie.gravyside(at)merryladle.example"
    calm[3]["E-mail"] = "kitchen@@burntcrumpet"
    calm[4]["Amount"] = "5-6k"
    calm[5]["Expected Close"] = "03/04/2026"
    calm[6]["Expected Close"] = "31.02.2026"
    calm[7]["Lead ID"] = calm[8]["Lead ID"]
    calm[9]["Account"] = "A-0999"
    calm[10]["Probability"] = "#DIV/0!"
    calm[13]["Phone"] = calm[14]["Phone"] = "n/a"
    calm[11]["Expected Close"] = date(2019, 1, 1)
    calm[12]["Next Step Due"] = "asap"
    won[0].update({"Next Step": "Send invoice", "Next Step Due": TODAY + timedelta(days=3)})
    won[1]["Company"] = f"{won[1]['Company']} 🎉"


def _accounts_habits(dice: Random, accounts: list[Row]) -> None:
    for row in accounts:
        row["Email"] = row["E-mail"]
        row["Owner"] = row["Owner"] if row["Owner"] != LEFT or dice.random() < 0.3 else "Klara Kümmelmann"
    twin = {
        **accounts[17],
        "Account ID": "A-0121",
        "Company": mess.other_suffix(str(accounts[17]["Company"])),
        "Renewal date": None,
        "Tier": "C",
    }
    accounts.append(twin)
    accounts[40]["Renewal date"] = "every year in May"
    accounts[55]["Email"] = "n/a"
