"""What only the page tells: forecast, speed, cohorts, sources, customers, and the rows behind each figure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from sheetcrm.reports.accounts import page_name
from sheetcrm.reports.chart_data import forecast_month
from sheetcrm.reports.customers import PYRAMID, SEGMENTS, Customer
from sheetcrm.reports.findings import Findings
from sheetcrm.reports.leadlines import by_amount, lead_lines
from sheetcrm.reports.money import Total, show_money, show_short
from sheetcrm.reports.shown import Shown
from sheetcrm.reports.values import MOVES

MOST_ROWS = 2000
"""So many leads the page lists: those behind the figures first, then the largest."""
_MOST_CUSTOMERS = 300


class Depths:
    """The parts of one page, in its reader's language."""

    def __init__(self, found: Findings, shown: Shown) -> None:
        self.found = found
        self.shown = shown
        self.words = shown.words

    def context(self) -> dict[str, Any]:
        """The parts by name; each is empty where the workbook tells nothing of it."""
        rows, left_out = self._rows()
        return {
            "forecast": self._forecast(),
            "stage_depths": self._stages(),
            "velocity": self._velocity(),
            "response": self._response(),
            "cohorts": self._cohorts(),
            "doings": self._doings(),
            "sources": self._sources(),
            **self._customers(),
            "offers": self._offers(),
            "rows": rows,
            "rows_listed": self.words("page.listed", n=len(rows)) if left_out else "",
            "last_year": self._last_year(),
        }

    def money(self, amount: Decimal | None) -> str:
        """An amount of the main currency to the cent, empty for none."""
        return "" if amount is None else show_money(amount, self.found.basis.currency, self.words.locale)

    def _forecast(self) -> list[dict[str, Any]]:
        tally = self.shown.tally
        return [
            {
                "month": forecast_month(one.month, self.words),
                "year": one.month[:4] if one.month[:4].isdigit() else "",
                "rows": f"forecast/{one.month}",
                **{name: tally(getattr(one, name)) for name in ("commit", "best", "pipeline", "won", "lost")},
                "weighted": self.shown.sum(one.weighted),
            }
            for one in self.found.forecast
        ]

    def _stages(self) -> list[dict[str, Any]]:
        return [
            {
                "stage": one.stage,
                "usual_days": "" if one.usual_days is None else f"{one.usual_days:.0f}",
                "stalled": one.stalled,
                "chance": _percent(float(one.chance)),
                "rate": _percent(float(one.rate.rate)) if one.rate else "",
                "between": f"{100 * one.rate.low:.0f}\u2013{_percent(one.rate.high)}" if one.rate else "",
                "closed": one.rate.closed if one.rate else 0,
            }
            for one in self.found.figures.stages
        ]

    def _velocity(self) -> str:
        one = self.found.velocity
        if one.per_day is None or one.average is None or one.win_rate is None or one.cycle_days is None:
            return ""
        return self.words(
            "page.velocity_text",
            leads=one.leads,
            average=self.shown.short(one.average),
            rate=_percent(one.win_rate),
            days=f"{one.cycle_days:.0f}",
            per_day=self.shown.short(one.per_day),
        )

    def _response(self) -> str:
        one = self.found.response
        if one.median_hours is None:
            return ""
        hours = one.median_hours
        took = self.words("page.days", n=round(hours / 24)) if hours >= 48 else self.words("page.hours", n=round(hours))
        return self.words("page.response_text", n=one.leads, answered=one.answered, hours=took, day=one.within_a_day)

    def _cohorts(self) -> list[dict[str, Any]]:
        stages = [one.stage for one in self.found.figures.stages]
        known = [one for one in self.found.cohorts if one.count]
        return [
            {
                "month": one.month or self.words("head.all"),
                "count": one.count,
                "cells": [
                    {"stage": stage, "count": count, "share": _percent(count / one.count)}
                    for stage, count in zip(
                        [*stages[1:], self.words("head.won")], (*one.reached[1:], one.won), strict=True
                    )
                ],
            }
            for one in known
        ]

    def _doings(self) -> list[dict[str, Any]]:
        return [
            {
                "who": one.who or self.words("nobody"),
                "count": one.count,
                "before": one.before,
                "kinds": ", ".join(f"{kind} {count}".strip() for kind, count in one.kinds),
                "leads": one.leads,
            }
            for one in self.found.doings
        ]

    def _sources(self) -> list[dict[str, Any]]:
        return [
            {
                "name": one.name,
                "leads": one.leads,
                "first": one.first,
                "first_amount": self.money(one.first_amount),
                "last": one.last,
                "last_amount": self.money(one.last_amount),
                "cost": self.money(one.cost),
                "cost_per_lead": self.money(one.cost_per_lead),
                "roi": "" if one.roi is None else _percent(one.roi),
            }
            for one in self.found.sources
        ]

    def _customers(self) -> dict[str, Any]:
        portfolio = self.found.portfolio
        some = portfolio.customers
        layers = portfolio.layers()
        segments = portfolio.segments()
        return {
            "customers": [self._customer(one) for one in some[:_MOST_CUSTOMERS]],
            "segments": [
                {"name": self.words(f"segment.{name}"), "count": segments[name]}
                for name in SEGMENTS
                if name in segments
            ],
            "layers": [
                {"name": self.words(f"layer.{name}"), "count": layers[name][0], "revenue": self.money(layers[name][1])}
                for name in PYRAMID
                if name in layers
            ],
            "at_risk": [self._customer(one) for one in some if one.is_at_risk][:50],
            "dormant": [self._customer(one) for one in some if one.is_dormant][:50],
            "has_profit": any(one.profit is not None for one in some),
            "has_satisfaction": any(one.satisfaction is not None for one in some),
        }

    def _customer(self, one: Customer) -> dict[str, Any]:
        return {
            "name": one.name,
            "orders": one.orders,
            "revenue": self.money(one.revenue),
            "revenue_raw": float(one.revenue),
            "total": self.money(one.total),
            "profit": self.money(one.profit),
            "satisfaction": "" if one.satisfaction is None else f"{one.satisfaction:.1f}",
            "last": self.shown.day(one.last),
            "last_raw": one.last.isoformat(),
            "segment": self.words(f"segment.{one.segment}"),
            "layer": self.words(f"layer.{one.layer}") if one.layer else "",
            "scores": f"{one.r}{one.f}{one.m}",
            "page": page_name(one.word),
        }

    def _offers(self) -> list[dict[str, Any]]:
        return [
            {
                "customer": one.customer,
                "product": one.product,
                "because": one.because,
                "share": _percent(one.share),
                "worth": self.money(one.worth),
                "page": page_name(one.word),
            }
            for one in self.found.offers
        ]

    def _last_year(self) -> str:
        year_ago = self.found.figures.year_ago
        total = year_ago.won.totals[0] if year_ago.won.totals else Total(Decimal(0), "")
        if not total.amount:
            return ""
        return f"{self.words('head.last_year')}: {show_short(total.amount, total.currency, self.words.locale)}"

    def _rows(self) -> tuple[list[dict[str, Any]], int]:
        """The leads behind the figures, each with the names of the figures that count it (`in`)."""
        basis = self.found.basis
        leads = self.found.forecast_leads
        frames = {kind: self.found.changes.frame(kind) for kind in MOVES}
        moved = {kind: set() if frame is None else set(frame["row"].tolist()) for kind, frame in frames.items()}
        in_moves = set().union(*moved.values())
        is_open = leads["place"].eq("open").to_numpy()
        # Only what ranks them: most of them are not listed.
        columns = ["row", "has_amount", "cents", "currency", "days_overdue", "is_stalled"]
        wanted = leads.loc[is_open | leads["row"].isin(in_moves).to_numpy(), columns]
        rank = np.where(wanted["row"].isin(in_moves) | (wanted["days_overdue"] > 0) | wanted["is_stalled"], 0, 1)
        first = by_amount(wanted[rank == 0], basis.currency)
        rest = by_amount(wanted[rank == 1], basis.currency)
        chosen = [*first.index[:MOST_ROWS], *rest.index[: max(MOST_ROWS - len(first), 0)]]
        some = by_amount(leads.loc[chosen], basis.currency)
        names = _figures_of(some, moved)
        lines = lead_lines(basis, some)
        found = [{**self.shown.lead(one), "in": tags} for one, tags in zip(lines, names, strict=True)]
        return found, len(wanted) - len(found)


def _figures_of(leads: Any, moved: dict[str, set[int]]) -> list[str]:
    """For each lead the names of the figures that count it, as `|open|stage/New|…|`."""
    columns = ("row", "place", "status", "owner", "category", "month", "days_overdue", "is_stalled", "lacks_step")
    found = []
    for row, place, status, owner, category, month, late, stalled, lacks in zip(
        *(leads[name].tolist() for name in columns), strict=True
    ):
        names = [kind for kind, rows in moved.items() if row in rows]
        if place == "open":
            names += ["open", "weighted", f"stage/{status}", f"owner/{owner or '-'}"]
            names += [f"forecast/{category}", f"forecast/{month}"] if category else []
            names += [name for name, flag in (("overdue", late > 0), ("stalled", stalled), ("no-step", lacks)) if flag]
            names += ["needs-you"] if late > 0 or stalled else []
        found.append(f"|{'|'.join(one.replace('|', ' ') for one in names)}|")
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
