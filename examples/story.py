"""A wholesaler's clean books on one Monday morning: who bought, who is asked, who was called. The mess comes later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from words import GIFTS, Land, phone, slug

TODAY = date(2026, 3, 2)
"""The Monday on which all the stories stand still."""

TYPES = ("Call", "Call", "E-mail", "E-mail", "Visit", "Tasting", "Quote", "Meeting")
STATUSES = ("New", "Contacted", "Qualified", "Proposal", "Negotiation", "Won", "Lost")
LIKELY = dict(zip(STATUSES, (0.1, 0.2, 0.4, 0.6, 0.8, 1, 0), strict=True))

Row = dict[str, object]
"""One row of a tab by header: whatever people type, so any cell goes."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows of each kind the books hold."""

    accounts: int
    activities: int
    overdue: int
    idle: int
    uncontacted: int
    fresh: int
    healthy: int
    won: int
    lost: int
    renewals: int


@dataclass
class Books:
    """The three tabs of a business."""

    accounts: list[Row] = field(default_factory=list)
    leads: list[Row] = field(default_factory=list)
    activities: list[Row] = field(default_factory=list)


@dataclass
class Teller:
    """Tells one business' story; `owners` names the salespeople by country code."""

    dice: Random
    lands: Sequence[Land]
    owners: dict[str, tuple[str, ...]]
    sources: Sequence[str]
    seen: set[str] = field(default_factory=set)

    def back(self, least: int, most: int) -> date:
        """A working day so many days ago."""
        day = TODAY - timedelta(days=self.dice.randint(least, most))
        return day - timedelta(days=max(0, day.weekday() - 4))

    def ahead(self, least: int, most: int) -> date:
        """A working day so many days ahead."""
        day = TODAY + timedelta(days=self.dice.randint(least, most))
        return day + timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)

    def company(self, land: Land) -> str:
        """A firm that was not told of before."""
        for _ in range(400):
            name = self.dice.choice(land.firms)
            if name in self.seen:
                continue
            self.seen.add(name)
            return f"{name} {self.dice.choice(land.suffixes)}"
        # A small country runs out of firms: then they open in other towns.
        town = self.dice.choice(land.towns)[1]
        return f"{' & '.join(self.dice.sample(land.last, 2))} {town} {land.suffixes[0]}"

    def address(self) -> Row:
        """A firm with its country, town and contact person."""
        land = self.dice.choice(self.lands)
        company = self.company(land)
        postcode, city = self.dice.choice(land.towns)
        domain = slug(company.rsplit(" ", 1)[0])[:24] + ".example"
        first, last = self.dice.choice(land.first), self.dice.choice(land.last)
        mail = self.dice.choice(("{f}.{l}", "{f}", "{i}{l}", "{l}")).format(
            f=slug(first), l=slug(last), i=slug(first)[0]
        )
        return {
            "Company": company,
            "Contact": f"{first} {last}",
            "E-mail": f"{mail}@{domain}",
            "Phone": phone(self.dice, land),
            "Street": self.dice.choice(land.streets).format(n=self.dice.randint(1, 97)),
            "Postcode": postcode,
            "City": city,
            "Country": self.dice.choice(land.spellings),
            "Owner": self.dice.choice(self.owners[land.code]),
            "Domain": domain,
        }

    def account(self, number: int, renewal: date | None) -> Row:
        """A customer."""
        row = self.address()
        return {
            **row,
            "Account ID": f"A-{number:04}",
            "Website": f"www.{row['Domain']}",
            "Customer since": self.back(200, 3400),
            "Renewal date": renewal,
            "Tier": self.dice.choice("AABBBCCCC"),
        }

    def lead(self, status: str, created: tuple[int, int], last: tuple[int, int] | None) -> Row:
        """A lead of that status; `created` and `last` (contact) as spans of days ago."""
        day = self.back(*created)
        contact = max(day, self.back(*last)) if last else None
        amount = round(self.dice.lognormvariate(8.4, 0.9) / 50) * 50
        return {
            **self.address(),
            "Source": self.dice.choice(self.sources),
            "Status": status,
            "Amount": max(amount, 150),
            "Probability": LIKELY[status],
            "Created": day,
            "Last Contact": contact,
        }

    def open_status(self) -> str:
        """One of the statuses between New and Won."""
        return self.dice.choice(("Contacted", "Contacted", "Qualified", "Qualified", "Proposal", "Negotiation"))

    def step(self) -> str:
        """What to do next with a lead."""
        verb = self.dice.choice(
            ("Call about", "Send quote for", "Follow up on", "Sample tasting:", "Visit, show", "Ask about")
        )
        return f"{verb} {self.dice.choice(GIFTS)}"


def tell_leads(teller: Teller, size: Size) -> list[Row]:
    """All leads, shuffled: each of a situation that a follow-up rule knows or leaves alone."""
    rows: list[Row] = []
    for _ in range(size.overdue):
        row = teller.lead(teller.open_status(), (30, 160), (8, 16))
        due = min(max(row["Last Contact"], teller.back(1, 12)), TODAY - timedelta(days=3))
        rows.append({**row, "Next Step": teller.step(), "Next Step Due": due, "Expected Close": teller.ahead(10, 90)})
    idle = (teller.lead(teller.open_status(), (90, 200), (32, 85)) for _ in range(size.idle))
    rows += [{**row, "Expected Close": teller.ahead(5, 80)} for row in idle]
    rows += [teller.lead("New", (4, 12), None) for _ in range(size.uncontacted)]
    for _ in range(size.fresh):
        rows.append(
            {**teller.lead("New", (0, 0), None), "Created": TODAY - timedelta(days=teller.dice.choice((0, 0, 1, 2)))}
        )
    for _ in range(size.healthy):
        row = teller.lead(teller.open_status(), (8, 120), (0, 5))
        plan = {
            "Next Step": teller.step(),
            "Next Step Due": teller.ahead(1, 25),
            "Expected Close": teller.ahead(14, 120),
        }
        rows.append({**row, **plan})
    for status, count in (("Won", size.won), ("Lost", size.lost)):
        for _ in range(count):
            row = teller.lead(status, (40, 420), (4, 200))
            rows.append({**row, "Expected Close": row["Last Contact"]})
    teller.dice.shuffle(rows)
    return rows


def tell_activities(teller: Teller, leads: Sequence[Row], count: int) -> list[Row]:
    """So many activities in order of date; each lead's last one is on its Last Contact."""
    busy = [row for row in leads if isinstance(row.get("Last Contact"), date) and row.get("Lead ID")]
    picked = [(row, row["Last Contact"]) for row in busy]
    while len(picked) < count:
        row = teller.dice.choice(busy)
        days = (row["Last Contact"] - row["Created"]).days if isinstance(row["Created"], date) else 0
        picked.append((row, row["Last Contact"] - timedelta(days=teller.dice.randint(0, max(days, 0)))))
    picked.sort(key=lambda pick: (pick[1], str(pick[0]["Lead ID"])))
    return [_activity(teller, row, day, number) for number, (row, day) in enumerate(picked[:count], start=1)]


def _activity(teller: Teller, lead: Row, day: date, number: int) -> Row:
    dice = teller.dice
    return {
        "Activity ID": f"T-{number:05}",
        "Lead ID": lead["Lead ID"],
        "Date": day,
        "Type": dice.choice(TYPES),
        "By": lead.get("Owner") or None,
        "Subject": dice.choice(GIFTS),
        "Outcome": dice.choice(
            ("reached", "reached", "voicemail", "will call back", "sent", "n/a", None, "wants discount")
        ),
        "Hours": dice.choice((0.1, 0.25, 0.25, 0.5, 0.5, 1, 2)),
    }


def tell(teller: Teller, size: Size) -> Books:
    """The whole clean books, keys given in order of creation; leads stand shuffled, as after many sorts."""
    ahead = [teller.ahead(4, 27) for _ in range(size.renewals)]
    later = [
        teller.ahead(60, 340) if teller.dice.random() < 0.8 else None for _ in range(size.accounts - size.renewals)
    ]
    renewals = [*ahead, *later]
    teller.dice.shuffle(renewals)
    accounts = [teller.account(number, renewal) for number, renewal in enumerate(renewals, start=1)]
    leads = tell_leads(teller, size)
    for number, row in enumerate(sorted(leads, key=lambda row: row["Created"]), start=1):
        row["Lead ID"] = f"L-{number:04}"
    _customers_ask_again(teller, accounts, leads)
    return Books(accounts, leads, tell_activities(teller, leads, size.activities))


def _customers_ask_again(teller: Teller, accounts: Sequence[Row], leads: Sequence[Row]) -> None:
    """Every won lead belongs to an account and carries its address."""
    won = [row for row in leads if row["Status"] == "Won"]
    for row, account in zip(won, teller.dice.sample(list(accounts), min(len(won), len(accounts))), strict=False):
        same = ("Company", "Contact", "E-mail", "Phone", "Street", "Postcode", "City", "Country", "Owner")
        row.update({name: account[name] for name in same})
        row["Account"] = account["Account ID"]
