"""The figures as a reader sees them: JSON values in the reader's language, for the templates of mails and pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sheetcrm.reports.money import (
    Tally,
    Total,
    show_day,
    show_money,
    show_month,
    show_short,
    show_short_day,
    show_span,
    show_totals,
    show_whole,
)
from sheetcrm.reports.periods import Period
from sheetcrm.reports.values import MOVES, Figures, LeadLine, Line, Moved, StageLine
from sheetcrm.reports.verdict import main_total, verdict
from sheetcrm.reports.words import Words

Link = Callable[[str, str], str]
"""The web address of a cell, given its tab and address; empty where there is none."""


def no_link(_tab: str, _cell: str) -> str:
    """No address: the workbook is a file on somebody's disk."""
    return ""


class Shown:
    """Figures in one reader's language. `link` gives the address of a cell of the workbook."""

    def __init__(self, figures: Figures, words: Words, link: Link = no_link) -> None:
        self.figures = figures
        self.words = words
        self.link = link

    @property
    def locale(self) -> str:
        """The reader's locale."""
        return self.words.locale

    @property
    def title(self) -> str:
        """What the report is: `Weekly pipeline, 16-22 Nov 2026`."""
        return self.words(f"title.{self.figures.period.kind}", period=self.period(self.figures.period))

    def period(self, period: Period) -> str:
        """The days of a period: a month by its name, else first and last day."""
        if period.kind == "month" and period.whole is None:
            return show_month(period.start, self.locale)
        return show_span(period.start, period.last, self.locale)

    def mail(self, most: int = 8) -> dict[str, Any]:
        """The context of the mail `report`: at most `most` leads in a list."""
        figures, words = self.figures, self.words
        total = self.line(figures.total)
        needs = [self.lead(one) for one in figures.needs_you[:most]]
        return {
            "locale": self.locale,
            "lang": words("lang"),
            "title": self.title,
            "subject": words("subject.report", title=self.title, open=total["open"]["short"], late=total["overdue"]),
            "verdict": verdict(figures, words),
            "workbook": figures.workbook,
            "day": figures.day.isoformat(),
            "keys": self.keys(),
            "total": total,
            "currencies": self._currencies(),
            "stages": self.stages(),
            "needs_you": needs,
            "needs_count": figures.needs_you_tally.count,
            "needs_more": self._more(figures.needs_you, figures.needs_you_tally, most),
            "moved": self.moved(min(most, 5) if most < 50 else most),
            "moves_unknown": self._unknown(),
            "owners": [self.line(one) for one in figures.owners],
            "quality": figures.quality,
            "quality_shown": words("quality.score", score=figures.quality),
            "notes": self.notes(),
            "w": {name: words.section(name) for name in ("key", "section", "head", "move", "foot", "quality")},
        }

    def keys(self) -> list[dict[str, Any]]:
        """The four key figures, each with its change: `tone` is good, bad or empty; `rows` names the rows behind."""
        figures, words, total = self.figures, self.words, self.figures.total
        start = total.start
        won, before = main_total(total.won.totals), main_total(figures.before.won.totals)
        kind = words.pick("verdict.kind", figures.period.kind)
        then = words("key.before", amount=self.short(before), kind=kind)
        late = words("key.stalled", n=total.stalled) if total.stalled else ""
        return [
            self._key(
                "open",
                self.short(main_total(total.open.totals)),
                None if start is None else _change(total.open, start.open),
            )
            | {"note": words("key.leads", n=total.open.count), "rows": "open"},
            self._key(
                "weighted",
                self.short(main_total(total.weighted)),
                None if start is None else main_total(total.weighted).amount - main_total(start.weighted).amount,
            )
            | {"rows": "weighted"},
            self._key("won", self.short(won), won.amount - before.amount)
            | {"note": f"{words('key.deals', n=total.won.count)}, {then}", "rows": "won"},
            self._count("overdue", total.overdue, None if start is None else total.overdue - start.overdue)
            | {"note": late, "rows": "overdue", "is_late": total.overdue > 0},
        ]

    def _key(self, name: str, value: str, change: Decimal | None) -> dict[str, Any]:
        tone = self._tone(change) if change is not None else {"tone": "", "arrow": ""}
        label, shown = self.words(f"key.{name}"), self.change(change)
        return {"name": name, "label": label, "value": value, "change": shown, "note": "", "is_late": False, **tone}

    def _count(self, name: str, value: int, change: int | None) -> dict[str, Any]:
        shown = "" if change is None else f"{abs(change)}" if change else ""
        tone = self._tone(Decimal(-change)) if change else {"tone": "", "arrow": ""}
        if change:
            tone["arrow"] = "▲" if change > 0 else "▼"
        key = self._key(name, self.words.count(value), None)
        return key | {"change": shown or ("" if change is None else "±0")} | tone

    def _tone(self, change: Decimal) -> dict[str, Any]:
        if not change:
            return {"tone": "", "arrow": ""}
        return {"tone": "good", "arrow": "▲"} if change > 0 else {"tone": "bad", "arrow": "▼"}

    def change(self, change: Decimal | None) -> str:
        """A change of the main currency without its sign, which the arrow shows; empty where it is not known."""
        if change is None:
            return ""
        return self.short(Total(abs(change), self.figures.currency)) if change else "±0"

    def short(self, total: Total) -> str:
        """A sum as short as the language allows."""
        return show_short(total.amount, total.currency, self.locale)

    def sum(self, totals: Sequence[Total]) -> dict[str, Any]:
        """Sums for a template."""
        return show_totals(totals, self.locale)

    def tally(self, tally: Tally) -> dict[str, Any]:
        """A tally for a template: its count, and its sums."""
        return {"count": tally.count, **self.sum(tally.totals)}

    def line(self, line: Line) -> dict[str, Any]:
        """The figures of an owner or of all."""
        start = line.start
        change = None if start is None else _change(line.open, start.open)
        return {
            "who": line.who or self.words("nobody"),
            "is_nobody": not line.who,
            "open": self.tally(line.open),
            "weighted": self.sum(line.weighted),
            "new": line.new.count,
            "won": self.tally(line.won),
            "lost": self.tally(line.lost),
            "overdue": line.overdue,
            "stalled": line.stalled,
            "lacks_step": line.lacks_step,
            "change": self.change(change),
            "arrow": self._tone(change)["arrow"] if change is not None else "",
            "tone": self._tone(change)["tone"] if change is not None else "",
        }

    def stages(self) -> list[dict[str, Any]]:
        """The open stages; `share` is a bar's length, 0 to 100, of the largest stage's amount (or count)."""
        stages = self.figures.stages
        by_count = not any(main_total(one.open.totals).amount > 0 for one in stages)
        sizes = [Decimal(one.open.count) if by_count else main_total(one.open.totals).amount for one in stages]
        largest = max(sizes, default=Decimal(0))
        return [self._stage(one, _share(size, largest)) for one, size in zip(stages, sizes, strict=True)]

    def _stage(self, one: StageLine, share: int) -> dict[str, Any]:
        change = None if one.start is None else _change(one.open, one.start)
        return {
            "stage": one.stage,
            "open": self.tally(one.open),
            "weighted": self.sum(one.weighted),
            "share": share,
            "stalled": one.stalled,
            "usual_days": "" if one.usual_days is None else f"{one.usual_days:.0f}",
            "change": self.change(change) if change else "",
            "arrow": self._tone(change)["arrow"] if change else "",
            "tone": self._tone(change)["tone"] if change else "",
            "rows": f"stage/{one.stage}",
        }

    def lead(self, one: LeadLine) -> dict[str, Any]:
        """A lead of a list; amounts are empty text where it has none."""
        amount = one.amount
        return {
            "key": one.key,
            "called": one.called,
            "company": one.company,
            "name": one.name,
            "owner": one.owner or self.words("nobody"),
            "status": one.status,
            "amount": show_money(amount.amount, amount.currency, self.locale) if amount else "",
            "whole": show_whole(amount.amount, amount.currency, self.locale) if amount else "",
            "raw": float(amount.amount) if amount else 0,
            "day": self.day(one.day),
            "before": self._before(one.before),
            "why": self.why(one),
            "next_step": one.next_step,
            "is_late": one.days_overdue > 0,
            "days_overdue": one.days_overdue,
            "days_in_stage": one.days_in_stage,
            "tab": one.tab,
            "cell": one.cell,
            "link": self.link(one.tab, one.cell) if one.cell else "",
            "place": one.place,
        }

    def _before(self, before: str) -> str:
        try:
            return self.day(date.fromisoformat(before)) if before else ""
        except ValueError:
            return before

    def day(self, day: date | None) -> str:
        """The day in short, empty where there is none."""
        return show_short_day(day, self.locale) if day else ""

    def why(self, one: LeadLine) -> str:
        """Why a lead needs somebody: `6 days overdue`, `34 days in Proposal`."""
        if one.days_overdue > 0:
            return self.words("why.overdue", n=one.days_overdue)
        if one.days_in_stage > one.days_idle or not one.days_idle:
            return self.words("why.stage", n=one.days_in_stage, stage=one.status)
        return self.words("why.idle", n=one.days_idle)

    def moved(self, most: int, kinds: Sequence[str] = MOVES) -> list[dict[str, Any]]:
        """The kinds of change that are known and not empty, each with its largest leads."""
        found = ((kind, self.figures.moved[kind]) for kind in kinds)
        return [self._moved(kind, one, most) for kind, one in found if one is not None and one.tally.count]

    def _moved(self, kind: str, one: Moved, most: int) -> dict[str, Any]:
        return {
            "kind": kind,
            "title": self.words(f"move.{kind}"),
            "tally": self.tally(one.tally),
            "leads": [self.lead(lead) for lead in one.lines[:most]],
            "more": self._more(one.lines, one.tally, most),
            "rows": kind,
        }

    def _more(self, lines: Sequence[LeadLine], tally: Tally, most: int) -> str:
        left = tally.count - min(len(lines), most)
        if left <= 0:
            return ""
        listed = sum(
            (one.amount.amount for one in lines[:most] if one.amount and one.amount.currency == self.figures.currency),
            Decimal(0),
        )
        rest = Total(main_total(tally.totals).amount - listed, self.figures.currency)
        name = "section.more" if rest.amount else "section.more_bare"
        return self.words(name, n=left, amount=self.short(rest))

    def _unknown(self) -> str:
        if self.figures.moved["forward"] is not None:
            return ""
        return self.words("move.unknown", day=self.day(self.figures.since or self.figures.day))

    def _currencies(self) -> str:
        others = [one for one in self.figures.total.open.totals if one.currency != self.figures.currency and one.amount]
        amounts = self.words.joined([show_money(one.amount, one.currency, self.locale) for one in others])
        return self.words("section.currencies", amounts=amounts) if others else ""

    def notes(self) -> list[str]:
        """What the figures mean, and what a reader should know of them, one sentence each."""
        figures, words = self.figures, self.words
        notes = [words("foot.about", workbook=figures.workbook, day=show_day(figures.day, self.locale))]
        if figures.total.start is not None:
            notes.append(words("foot.compared", day=self.day(figures.period.start)))
        notes += [words("foot.weighted"), words("foot.stalled", n=figures.stalled_days)]
        if figures.unplaced:
            notes.append(words("foot.unplaced", n=figures.unplaced))
        return [*notes, *(words("foot.renamed", old=old, new=new) for old, new in figures.renamed)]


def _change(now: Tally, before: Tally) -> Decimal:
    return main_total(now.totals).amount - main_total(before.totals).amount


def _share(size: Decimal, largest: Decimal) -> int:
    return max(round(100 * size / largest), 1) if largest > 0 and size > 0 else 0
