"""The page of each account: facts, people, deals, what happened, the next step, its segment, the mails about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from heapq import nsmallest
from typing import Any

from sheetcrm.reports.basis import tallies
from sheetcrm.reports.customers import Customer
from sheetcrm.reports.findings import Findings
from sheetcrm.reports.leadlines import lead_lines
from sheetcrm.reports.money import Tally
from sheetcrm.reports.purchases import Customers
from sheetcrm.reports.shown import Shown
from sheetcrm.reports.values import LeadLine
from sheetcrm.schema.fields import normal
from sheetcrm.schema.kinds import as_day
from sheetcrm.schema.numbers import Money
from sheetcrm.table import Invalid, Row, Table

MOST = 300
_MOST_EVENTS = 40
_SHORT = 160


@dataclass(slots=True)
class _Account:
    """What is gathered for one account."""

    name: str
    leads: list[int] = field(default_factory=list)
    row: int | None = None
    events: list[tuple[date, str, str]] = field(default_factory=list)


def account_pages(found: Findings, shown: Shown) -> list[dict[str, Any]]:
    """The accounts by name: those with an open deal, then those of most revenue, then the rest; at most 300."""
    people = Customers(found.basis.snapshot.table("Accounts"))
    words = _words(found, people)
    customers = {one.word: one for one in found.portfolio.customers}
    chosen = _chosen(found, words, people, customers)
    _add_activities(found, people, words, chosen)
    _add_moves(found, shown, chosen)
    _add_mails(found, shown, words, chosen)
    deals, opens = _deals(found, chosen)
    nothing = found.basis.tally(None)
    pages = [
        _page(found, shown, one, customers.get(word), deals.get(word, []), opens.get(word, nothing))
        | {"page": page_name(word)}
        for word, one in chosen.items()
    ]
    return sorted(pages, key=lambda one: str(one["name"]).casefold())


def page_name(word: str) -> str:
    """The name of a customer's place in the page."""
    return f"c{sha256(word.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _words(found: Findings, people: Customers) -> dict[int, str]:
    """By lead the account that it belongs to; leads that name none are left out."""
    columns = (found.basis.leads[name].tolist() for name in ("i", "account", "company", "name"))
    each = ((i, people.find(account, company or name)) for i, account, company, name in zip(*columns, strict=True))
    return {i: word for i, word in each if word}


def _chosen(
    found: Findings, words: Mapping[int, str], people: Customers, customers: Mapping[str, Customer]
) -> dict[str, _Account]:
    leads = found.basis.leads
    is_open = {words.get(i) for i in leads.loc[leads["place"].eq("open").to_numpy(), "i"].tolist()}
    totals = {word: -one.total for word, one in customers.items()}
    ranks = (
        (word not in is_open, totals.get(word, 0), people.names.get(word, word).casefold(), word)
        for word in dict.fromkeys([*words.values(), *people.accounts])
    )
    names = [word for *_, word in nsmallest(MOST, ranks)]
    chosen = {word: _Account(people.names.get(word, word), row=people.accounts.get(word)) for word in names}
    for i, word in words.items():
        if word in chosen:
            chosen[word].leads.append(i)
    return chosen


def _add_activities(
    found: Findings, people: Customers, words: Mapping[int, str], chosen: Mapping[str, _Account]
) -> None:
    """What was done about the chosen accounts; whom an activity means is told by all of them."""
    log, leads = found.basis.snapshot.table("Activities"), found.basis.snapshot.table("Leads")
    if log is None or "day" not in log.columns:
        return
    accounts_of_leads = _accounts_of_leads(leads, words)
    for row in log:
        day = as_day(row["day"])
        lead, account = normal(row.text("lead")), row.text("account")
        word = accounts_of_leads.get(lead, "") or (people.find(account) if account else "") or lead
        if day is not None and word in chosen:
            said = [row.text(name).strip() for name in ("type", "subject", "outcome", "notes")]
            chosen[word].events.append((day, " · ".join(filter(None, said))[:_SHORT], row.text("by")))


def _accounts_of_leads(leads: Table | None, words: Mapping[int, str]) -> dict[str, str]:
    """Each lead's key to its account."""
    if leads is None:
        return {}
    return {normal(key): word for i, word in words.items() if (key := leads.key(i))}


def _add_moves(found: Findings, shown: Shown, chosen: Mapping[str, _Account]) -> None:
    leads, moves = found.basis.leads, found.basis.past.moves
    places = {i: one for one in chosen.values() for i in one.leads}
    some = leads[leads["i"].isin(list(places)).to_numpy()]
    accounts = {row: places[i] for row, i in zip(some["row"].tolist(), some["i"].tolist(), strict=True)}
    moves = moves[moves["row"].isin(list(accounts)).to_numpy() & moves["seen"].notna().to_numpy()]
    columns = (moves[name].tolist() for name in ("row", "seen", "status", "before_status", "is_first"))
    for row, seen, status, before, is_first in zip(*columns, strict=True):
        if status:
            name = "page.first_seen" if is_first else "page.moved_to"
            accounts[row].events.append((seen.date(), shown.words(name, before=before, after=status), ""))


def _add_mails(found: Findings, shown: Shown, words: Mapping[int, str], chosen: Mapping[str, _Account]) -> None:
    """The reasons mailed about the account's leads: a reason names its row between slashes."""
    leads = found.basis.snapshot.table("Leads")
    if leads is None or not found.basis.snapshot.mailed:
        return
    accounts = {leads.row(i).identity: word for i, word in words.items()}
    for reason, at in found.basis.snapshot.mailed.items():
        kind, _, rest = reason.partition("/")
        identity = rest.partition("/")[0]
        if accounts.get(identity) in chosen:
            day = date.fromisoformat(at[:10])
            chosen[accounts[identity]].events.append((day, shown.words("page.was_mailed", what=kind), ""))


def _deals(found: Findings, accounts: Mapping[str, _Account]) -> tuple[dict[str, list[LeadLine]], dict[str, Tally]]:
    """The leads of each account, open ones first, and the tally of its open ones; of all accounts at once."""
    basis = found.basis
    words = {i: word for word, one in accounts.items() for i in one.leads}
    some = basis.leads[basis.leads["i"].isin(list(words)).to_numpy()]
    some = some.assign(word=[words[i] for i in some["i"].tolist()])
    deals: dict[str, list[LeadLine]] = {}
    for word, line in zip(some["word"].tolist(), lead_lines(basis, some), strict=True):
        deals.setdefault(word, []).append(line)
    for lines in deals.values():
        lines.sort(key=lambda lead: (lead.place != "open", lead.key))
    return deals, tallies(some[some["place"].eq("open").to_numpy()], "word", basis.currency)


def _page(
    found: Findings, shown: Shown, one: _Account, customer: Customer | None, lines: list[LeadLine], opens: Tally
) -> dict[str, Any]:
    basis = found.basis
    table = basis.snapshot.table("Accounts")
    row = table.row(one.row) if table is not None and one.row is not None else None
    words = shown.words
    return {
        "name": one.name,
        "facts": _facts(row, shown),
        "segment": words(f"segment.{customer.segment}") if customer else "",
        "revenue": _money(customer.revenue if customer else None, basis.currency, shown),
        "total": _money(customer.total if customer else None, basis.currency, shown),
        "open": shown.tally(opens),
        "people": _people(basis.snapshot.table("Leads"), one.leads),
        "deals": [shown.lead(lead) for lead in lines],
        "next_step": _next_step(basis.snapshot.table("Leads"), one.leads, found, shown),
        "events": [
            {"day": shown.day(day), "what": what, "who": who}
            for day, what, who in sorted(one.events, key=lambda event: event[0], reverse=True)[:_MOST_EVENTS]
        ],
    }


def _money(amount: Decimal | None, currency: str, shown: Shown) -> str:
    from sheetcrm.reports.money import show_money

    return "" if amount is None else show_money(amount, currency, shown.locale)


def _facts(row: Row | None, shown: Shown) -> list[dict[str, str]]:
    """The filled cells of the account's row under the sheet's own headers."""
    if row is None:
        return []
    columns = sorted(row.table.columns.values(), key=lambda column: column.index)
    found = ((column.header, row.table.values[column.field][row.i]) for column in columns)
    return [{"name": header, "value": _fact(value, shown)} for header, value in found if value is not None]


def _fact(value: object, shown: Shown) -> str:
    if isinstance(value, Money):
        return _money(value.amount, value.currency, shown)
    if isinstance(value, date):
        return shown.day(as_day(value))
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return str(value if not isinstance(value, float) or not value.is_integer() else int(value))[:500]


def _people(leads: Table | None, places: Iterable[int]) -> list[dict[str, str]]:
    """The people of the account's leads, each once."""
    if leads is None:
        return []
    found: dict[tuple[str, str], dict[str, str]] = {}
    for i in places:
        row = leads.row(i)
        name = row.text("name") or f"{row.text('first_name')} {row.text('last_name')}".strip()
        one = {"name": name, "role": row.text("role"), "email": row.text("email"), "phone": row.text("phone")}
        if any(one.values()):
            found.setdefault((normal(name), one["email"].casefold()), one)
    return list(found.values())


def _next_step(leads: Table | None, places: Iterable[int], found: Findings, shown: Shown) -> str:
    """The earliest step of an open lead: `call back, 20 Mar 2026`."""
    if leads is None:
        return ""
    rows = [leads.row(i) for i in places]
    dated = [(day, row.text("next_step")) for row in rows if found.basis.snapshot.is_open(row) and (day := _due(row))]
    if not dated:
        return ""
    day, step = min(dated)
    return ", ".join(filter(None, [step, shown.day(day)]))


def _due(row: Row) -> date | None:
    value = row["next_due"]
    return None if isinstance(value, Invalid) else as_day(value)
