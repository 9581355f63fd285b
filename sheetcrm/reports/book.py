"""The report as a workbook of its own: the summary with charts, then each list as a table that filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sheetcrm.reports.findings import Findings
from sheetcrm.reports.leadlines import by_amount, lead_lines
from sheetcrm.reports.money import Total
from sheetcrm.reports.summary_tab import number_format, summary_content
from sheetcrm.reports.words import Words
from sheetcrm.tab import CellFormat, Rectangle, Styled, TabContent, TabTable
from sheetcrm.table import Raw

Cell = Raw | Styled
_DATE = CellFormat(number="dd.mm.yyyy")
_WIDTHS: Mapping[str, float] = {"lead": 34, "customer": 34, "source": 26, "next_step": 30, "person": 26, "segment": 22}
_MOST = 20_000


def book_tabs(found: Findings, words: Words) -> dict[str, TabContent]:
    """The tabs by title; lists that would be empty are left out."""
    tabs = {words("tab.title"): summary_content(found, words)}
    lists = (
        ("page.leads", _leads),
        ("page.customers", _customers),
        ("head.source", _sources),
        ("page.activity", _doings),
    )
    for name, make in lists:
        heads, rows = make(found, words)
        if rows:
            tabs[words(name)[:31]] = _listed(name.partition(".")[2], heads, rows, words)
    return tabs


def _listed(name: str, heads: Sequence[str], rows: Sequence[tuple[Cell, ...]], words: Words) -> TabContent:
    titles = [words(f"head.{head}") for head in heads]
    area = Rectangle(0, 0, len(rows), len(heads) - 1)
    widths = {i: _WIDTHS.get(head, 16.0) for i, head in enumerate(heads)}
    table = TabTable(f"report_{name}", area)
    return TabContent(rows=(tuple(titles), *rows), widths=widths, frozen_rows=1, tables=(table,))


def _amount(total: Total | None, words: Words) -> Cell:
    """An amount to the cent in its currency's format."""
    if total is None:
        return None
    number = number_format(total.currency, words.locale, has_cents=True) if total.currency else "#,##0.00"
    return Styled(float(total.amount), CellFormat(number=number))


Listed = tuple[list[str], list[tuple[Cell, ...]]]


def _leads(found: Findings, words: Words) -> Listed:
    """Every open lead, the largest first."""
    basis = found.basis
    leads = found.forecast_leads
    open_ = by_amount(leads[leads["place"].eq("open").to_numpy()], basis.currency).head(_MOST)
    heads = ["lead", "contact", "owner", "stage", "amount", "expected", "late", "next_step", "cell"]
    rows: list[tuple[Cell, ...]] = [
        (
            one.called,
            one.name if one.company else "",
            one.owner,
            one.status,
            _amount(one.amount, words),
            Styled(one.day, _DATE) if one.day else None,
            one.days_overdue or None,
            one.next_step,
            f"{one.tab}!{one.cell}",
        )
        for one in lead_lines(basis, open_)
    ]
    return heads, rows


def _money(amount: Decimal | None, found: Findings, words: Words) -> Cell:
    return None if amount is None else _amount(Total(amount, found.basis.currency), words)


def _customers(found: Findings, words: Words) -> Listed:
    heads = ["customer", "segment", "orders", "revenue", "total", "profit", "satisfaction", "last"]
    rows: list[tuple[Cell, ...]] = [
        (
            one.name,
            words(f"segment.{one.segment}"),
            one.orders,
            *(_money(amount, found, words) for amount in (one.revenue, one.total, one.profit)),
            one.satisfaction,
            Styled(one.last, _DATE),
        )
        for one in found.portfolio.customers[:_MOST]
    ]
    return heads, rows


def _sources(found: Findings, words: Words) -> Listed:
    heads = ["source", "leads", "first_touch", "last_touch", "cost", "cost_per_lead", "roi"]
    rows: list[tuple[Cell, ...]] = [
        (
            one.name or "-",
            one.leads,
            *(
                _money(amount, found, words)
                for amount in (one.first_amount, one.last_amount, one.cost, one.cost_per_lead)
            ),
            None if one.roi is None else Styled(one.roi, CellFormat(number="0%")),
        )
        for one in found.sources
    ]
    return heads, rows


def _doings(found: Findings, words: Words) -> Listed:
    heads = ["person", "activities", "before", "leads", "kinds"]
    rows: list[tuple[Cell, ...]] = [
        (
            one.who or words("nobody"),
            one.count,
            one.before,
            one.leads,
            ", ".join(f"{kind} {n}".strip() for kind, n in one.kinds),
        )
        for one in found.doings
    ]
    return heads, rows
