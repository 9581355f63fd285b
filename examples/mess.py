"""What years of people do to a clean tab. Each function makes one kind of mess and takes as many rows as it is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

from story import TODAY, Row
from words import Land, slug

NBSP = "\u00a0"
SUFFIXES = {
    "Ltd": "Limited",
    "Limited": "Ltd.",
    "GmbH": "Gesellschaft mbH",
    "Kft.": "Kft",
    "B.V.": "BV",
    "SARL": "S.A.R.L.",
}


def typo(dice: Random, text: str) -> str:
    """The text with two neighbours inside a word swapped: `Butterworthy` gives `Buttreworthy`."""
    places = [i for i in range(1, len(text) - 2) if text[i - 1 : i + 2].isalpha() and text[i] != text[i + 1]]
    i = dice.choice(places or [0])
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def swapped(name: str) -> str:
    """Last name first, as in a telephone book."""
    first, last = name.split(" ", 1)
    return f"{last}, {first}"


def other_suffix(company: str) -> str:
    """The company with its legal form written the other way, or left out."""
    head, last = company.rsplit(" ", 1)
    return f"{head} {SUFFIXES[last]}" if last in SUFFIXES else head


def _same_mail(dice: Random, row: Row) -> Row:
    first, last = str(row["Contact"]).split(" ", 1)
    return {"E-mail": str(row["E-mail"]).upper() if dice.random() < 0.5 else str(row["E-mail"]).capitalize(),
            "Contact": dice.choice((f"{first[0]}. {last}", row["Contact"])), "Phone": None}  # fmt: skip


def _same_phone(dice: Random, row: Row) -> Row:
    digits = str(row["Phone"]).replace(" ", "")
    return {"E-mail": None, "Phone": dice.choice((digits.replace("+", "00"), digits, digits.replace("+", "+ ")))}


def _typos(dice: Random, row: Row) -> Row:
    names = {"Contact": typo(dice, str(row["Contact"])), "Company": typo(dice, str(row["Company"]))}
    return {**names, "E-mail": None, "Phone": None}


def _name_order(dice: Random, row: Row) -> Row:
    return {"Contact": swapped(str(row["Contact"])), "Phone": dice.choice((None, row["Phone"])), "E-mail": None}


def _legal_form(dice: Random, row: Row) -> Row:
    return {"Company": other_suffix(str(row["Company"])), "E-mail": None, "Phone": None, "Street": None,
            "Contact": dice.choice((row["Contact"], str(row["Contact"]).upper()))}  # fmt: skip


def _hasty(_: Random, row: Row) -> Row:
    first, last = str(row["Contact"]).split(" ", 1)
    return {
        "Contact": f"{first[0]}. {last}",
        "E-mail": None,
        "Phone": None,
        "Street": None,
        "Notes": "met at the stand??",
    }


COPIES: tuple[tuple[Callable[[Random, Row], Row], int], ...] = (
    (_same_mail, 6), (_same_phone, 5), (_typos, 4), (_name_order, 4), (_legal_form, 4), (_hasty, 2),
)  # fmt: skip


def duplicates(dice: Random, leads: Sequence[Row], share: float = 1.0) -> list[Row]:
    """Second entries of the same people: somebody typed them again after the fair, and left out what was long."""
    sources = dice.sample([row for row in leads if row["Status"] not in {"Won", "Lost", "New"}], 30)
    kinds = [change for change, count in COPIES for _ in range(max(1, round(count * share)))]
    return [{**_typed_again(dice, row), **change(dice, row)} for change, row in zip(kinds, sources, strict=False)]


def _typed_again(dice: Random, row: Row) -> Row:
    left_out = {
        name: None for name, often in (("Street", 0.6), ("Postcode", 0.4), ("City", 0.15)) if dice.random() < often
    }
    return {
        **row,
        **left_out,
        "Status": "Contacted",
        "Probability": 0.2,
        "Source": "Trade fair",
        "Created": TODAY - timedelta(days=dice.randint(6, 12)),
        "Last Contact": TODAY - timedelta(days=dice.choice((3, 4, 5))),
        "Next Step": "Send catalogue",
        "Next Step Due": TODAY + timedelta(days=9),
        "Expected Close": None,
    }


def colleagues(dice: Random, leads: Sequence[Row], count: int, land: Land) -> list[Row]:
    """Other people of firms already listed, behind the same switchboard: alike, and not the same."""
    rows = dice.sample([row for row in leads if row["Status"] in {"Qualified", "Proposal"}], count)
    found = []
    for row in rows:
        first, last = dice.choice(land.first), dice.choice(land.last)
        mail = f"{slug(first)}.{slug(last)}@{row['Domain']}"
        found.append({**row, "Contact": f"{first} {last}", "E-mail": mail, "Next Step": "Ask who decides"})
    return found


def son(row: Row, first: str) -> Row:
    """The son of a lead: same surname, same house, same phone, and a person of his own."""
    last = str(row["Contact"]).split(" ", 1)[1]
    return {**row, "Contact": f"{first} {last}", "E-mail": None, "Notes": "the son, takes over the kitchen in summer"}


def day_text(dice: Random, day: date) -> str:
    """The day as people type it where it can be read one way only."""
    unmistakable = [day.strftime("%Y-%m-%d"), day.strftime("%b %d, %Y")]
    if day.day > 12:
        unmistakable.append(day.strftime("%d.%m.%Y"))
    return dice.choice(unmistakable)


def text_dates(dice: Random, rows: Sequence[Row], headers: Sequence[str], share: float) -> None:
    """So many of the true dates become text."""
    for row in rows:
        for header in headers:
            day = row.get(header)
            if isinstance(day, date) and dice.random() < share:
                row[header] = day_text(dice, day)


def loose_texts(dice: Random, rows: Sequence[Row], share: float) -> None:
    """Blanks behind, blanks that do not break, and `n/a`."""
    for row in rows:
        for header in ("Company", "Contact", "City", "E-mail", "Status"):
            value = row.get(header)
            if isinstance(value, str) and dice.random() < share:
                row[header] = dice.choice((f"{value} ", f"{value}  ", f"{value}{NBSP}", value.replace(" ", NBSP, 1)))
        for header in ("Phone", "Next Step", "Trade fair"):
            if not row.get(header) and dice.random() < share * 3:
                row[header] = dice.choice(("n/a", "-", "N/A", "?"))


def float_phones(dice: Random, rows: Sequence[Row], share: float) -> None:
    """Phone numbers that Excel took for numbers: `+36 20 000 0123` becomes 36200000123."""
    for row in rows:
        value = row.get("Phone")
        if isinstance(value, str) and value.startswith("+") and dice.random() < share:
            row["Phone"] = float("".join(sign for sign in value if sign.isdigit()))
