"""What the figures of a pipeline are: values only, and how they read in a template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sheetcrm.reports.money import NO_LEADS, Tally, Total, show_day, show_month, show_short, show_totals
from sheetcrm.reports.words import say_nobody, say_verdict, say_why

_LOWEST, _HIGHEST = Decimal("0.1"), Decimal("0.8")


@dataclass(frozen=True, slots=True)
class Stages:
    """Which statuses are open (in the order of the pipeline), which are won, which are lost."""

    open: tuple[str, ...]
    won: tuple[str, ...]
    lost: tuple[str, ...]

    def probability(self, status: str) -> Decimal:
        """The chance that an open lead of this status has where its row names none.

        Evenly from 0.1 in the first open stage to 0.8 in the last, to four places; a single stage has 0.45.
        """
        if len(self.open) == 1:
            return (_LOWEST + _HIGHEST) / 2
        step = (_HIGHEST - _LOWEST) / (len(self.open) - 1)
        return (_LOWEST + step * self.open.index(status)).quantize(Decimal("0.0001"))


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one owner (`who`, empty for nobody), or of all."""

    who: str = ""
    open: Tally = NO_LEADS
    weighted: tuple[Total, ...] = ()
    new: int = 0
    won: Tally = NO_LEADS
    lost: Tally = NO_LEADS
    overdue: int = 0
    stalled: int = 0

    @property
    def is_zero(self) -> bool:
        """Whether nothing counts here."""
        return not (self.open.count or self.new or self.won.count or self.lost.count)

    def to_context(self, locale: str) -> dict[str, Any]:
        """The line's figures for a template."""
        return {
            "open": self.open.to_context(locale),
            "weighted": show_totals(self.weighted, locale),
            "new": self.new,
            "won": self.won.to_context(locale),
            "lost": self.lost.to_context(locale),
            "overdue": self.overdue,
            "stalled": self.stalled,
        }


@dataclass(frozen=True, slots=True)
class StageLine:
    """An open stage: its leads, their amount, and the amount weighted by probability."""

    stage: str
    open: Tally = NO_LEADS
    weighted: tuple[Total, ...] = ()

    def to_context(self, locale: str, largest: Decimal) -> dict[str, Any]:
        """The stage for a template; `share` is its bar's length, 0 to 100, of the largest stage's amount."""
        amount = self.open.totals[0].amount if self.open.totals else Decimal(0)
        share = round(100 * amount / largest) if largest > 0 and amount > 0 else 0
        return {
            "stage": self.stage,
            "open": self.open.to_context(locale),
            "weighted": show_totals(self.weighted, locale),
            "share": max(share, 1) if amount > 0 else 0,
        }


@dataclass(frozen=True, slots=True)
class NeedsYou:
    """An open lead that is overdue (`days_overdue` above 0) or stalled, and the cell that says so."""

    key: str
    company: str
    name: str
    owner: str
    amount: Total | None
    days_overdue: int
    days_idle: int
    next_step: str
    tab: str
    cell: str

    @property
    def called(self) -> str:
        """What people call the lead: its company, or lacking one its person, or its key."""
        return self.company or self.name or self.key

    def to_context(self, locale: str) -> dict[str, Any]:
        """The lead for a template; `amount` and `amount_whole` are empty text where it has none."""
        shown = show_totals([self.amount], locale) if self.amount else {"shown": "", "whole": "", "raw": {}}
        plain = {field: getattr(self, field) for field in ("key", "company", "name", "tab", "cell", "called")}
        return {
            **plain,
            "owner": self.owner or say_nobody(locale),
            "amount": shown["shown"],
            "amount_whole": shown["whole"],
            "amount_raw": shown["raw"],
            "why": say_why(self.days_overdue, self.days_idle, self.next_step, locale),
            "is_overdue": self.days_overdue > 0,
            "days_overdue": self.days_overdue,
            "days_idle": self.days_idle,
        }


@dataclass(frozen=True, slots=True)
class Figures:
    """How the pipeline stands on `day`; `currency` is the main one, the one that most leads have."""

    day: date
    locale: str
    currency: str
    total: Line
    owners: tuple[Line, ...]
    stages: tuple[StageLine, ...]
    needs_you: tuple[NeedsYou, ...]
    quality: int
    stalled_days: int
    unplaced: int = 0
    """Leads whose status is blank, unreadable or in no list of the stages: they count as new at most."""
    largest_late: str = ""
    """The overdue lead of the largest amount; empty where amounts are missing or of several currencies."""

    def to_context(self) -> dict[str, Any]:
        """The figures for the templates `summary` and `summary_page`: JSON values, as numbers and as shown text."""
        amounts = [one.open.totals[0].amount for one in self.stages if one.open.totals]
        largest = max(amounts, default=Decimal(0))
        return {
            "locale": self.locale,
            "day": self.day.isoformat(),
            "day_shown": show_day(self.day, self.locale),
            "month_shown": show_month(self.day, self.locale),
            "currency": self.currency,
            "verdict": verdict(self, self.locale),
            "total": self.total.to_context(self.locale),
            "owners": [_owner_context(one, self.locale) for one in self.owners],
            "stages": [one.to_context(self.locale, largest) for one in self.stages],
            "needs_you": [one.to_context(self.locale) for one in self.needs_you],
            "quality": self.quality,
            "stalled_days": self.stalled_days,
            "unplaced": self.unplaced,
        }


def _owner_context(line: Line, locale: str) -> dict[str, Any]:
    return {"who": line.who or say_nobody(locale), "is_nobody": not line.who, **line.to_context(locale)}


def verdict(figures: Figures, locale: str) -> str:
    """What the owner should know in two short sentences.

    `You won €6.3k this month. Six follow-ups are late; Fjord Fish is the largest.`
    """
    won = figures.total.won
    amounts = [show_short(one.amount, one.currency, locale) for one in won.totals if one.amount]
    return say_verdict(won.count, amounts, figures.total.overdue, figures.largest_late, locale)
