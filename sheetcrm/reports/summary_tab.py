"""The Summary tab: the figures as cells, with native charts over them, each figure linked to its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sheetcrm.reports.chart_data import BLUE, GREEN, PALE, RED, SKY, forecast_month, month_name
from sheetcrm.reports.findings import Findings
from sheetcrm.reports.money import Tally, Total
from sheetcrm.reports.shown import Shown
from sheetcrm.reports.values import LeadLine
from sheetcrm.reports.words import Words
from sheetcrm.tab import CellFormat, ChartSeries, Rectangle, Styled, TabChart, TabContent
from sheetcrm.table import Raw

Cell = Raw | Styled
_TITLE = CellFormat(is_bold=True, points=18, color="0F172A")
_HEADING = CellFormat(is_bold=True, points=13, color="0F172A")
_HEAD = CellFormat(is_bold=True, color="64748B", align="right")
_FIRST_HEAD = CellFormat(is_bold=True, color="64748B")
_QUIET = CellFormat(color="64748B")
_BIG = CellFormat(is_bold=True, points=16, color="0F172A", align="left")
_LABEL = CellFormat(color="64748B")
_NOTE = CellFormat(color="64748B", is_italic=True)
_LATE = CellFormat(color="B91C1C")
_LINK = CellFormat(color="1D4ED8")
_TEXTS = ("stage", "month", "lead", "owner", "why", "before", "cell")
_WIDTHS = {0: 36.0, 1: 21.0, 2: 18.0, 3: 24.0, 4: 18.0, 5: 16.0, 6: 14.0}
_MOST = 15
_CHART_ROWS = 15


def summary_content(found: Findings, words: Words) -> TabContent:
    """The tab as values; amounts are numbers with the currency's format, so that they may be reckoned with."""
    return _Sheet(found, words).content()


class _Sheet:
    """The tab in the making: rows from above, and the charts over them."""

    def __init__(self, found: Findings, words: Words) -> None:
        self.found = found
        self.words = words
        self.shown = Shown(found.figures, words)
        self.rows: list[tuple[Cell, ...]] = []
        self.charts: list[TabChart] = []

    def content(self) -> TabContent:
        """Heading, key figures, stages, months and forecast with charts, what needs somebody, what happened, owners."""
        figures, words = self.found.figures, self.words
        self.rows += [(Styled(self.shown.title, _TITLE),), (Styled(self.shown.mail()["verdict"], CellFormat()),)]
        self.rows += [(Styled(words("tab.note"), _NOTE),), ()]
        self._keys()
        self._stages()
        self._months()
        self._forecast()
        self._leads(words("section.needs"), figures.needs_you[:_MOST], figures.needs_you_tally)
        self._moved()
        self._owners()
        self.rows += [(), *((Styled(note, _QUIET),) for note in self.shown.notes())]
        return TabContent(tuple(self.rows), widths=_WIDTHS, charts=tuple(self.charts))

    def money(self, total: Total, *, is_big: bool = False) -> Styled:
        """An amount as a number in its currency's format."""
        has_cents = total.amount != total.amount.to_integral_value()
        number = number_format(total.currency, self.words.locale, has_cents=has_cents) if total.currency else "#,##0.00"
        look = CellFormat(number=number)
        return Styled(float(total.amount), replace(_BIG, number=number) if is_big else look)

    def _main(self, totals: Sequence[Total]) -> Styled:
        return self.money(totals[0]) if totals else Styled(0)

    def _keys(self) -> None:
        total = self.found.figures.total
        keys = self.shown.keys()
        self.rows.append(tuple(Styled(one["label"], _LABEL) for one in keys))
        amounts = [self.money(one[0], is_big=True) for one in (total.open.totals, total.weighted, total.won.totals)]
        late = Styled(total.overdue, CellFormat(is_bold=True, points=16, align="left", color="B91C1C"))
        self.rows.append((*amounts, late if total.overdue else Styled(0, _BIG)))
        self.rows.append(tuple(Styled(self._note(one), _tone(one["tone"])) for one in keys))

    def _note(self, key: dict[str, Any]) -> str:
        return " · ".join(filter(None, [f"{key['arrow']} {key['change']}".strip(), key["note"]]))

    def _heading(self, text: str, heads: Sequence[str]) -> int:
        """A heading and the head of a table; gives the number of the table's first row."""
        self.rows += [(), (Styled(text, _HEADING),)]
        self.rows.append(
            tuple(Styled(self.words(f"head.{one}"), _FIRST_HEAD if one in _TEXTS else _HEAD) for one in heads)
        )
        return len(self.rows)

    def _stages(self) -> None:
        words, stages = self.words, self.found.figures.stages
        heads = ("stage", "open", "leads", "weighted", "stalled")
        top = self._heading(words("section.funnel"), heads)
        for one in stages:
            cells = self._main(one.open.totals), one.open.count, self._main(one.weighted), one.stalled
            self.rows.append((one.stage, *cells))
        if any(one.open.totals and one.open.totals[0].amount > 0 for one in stages):
            parts = [("head.open", 1, BLUE)]
            self._chart(words("section.funnel"), "column", top, len(stages), parts)

    def _months(self) -> None:
        words, months = self.words, self.found.figures.months
        top = self._heading(words("section.months"), ("month", "won", "lost", "new"))
        for one in months:
            label = f"{month_name(one.period.start, words.locale)} {one.period.start.year}"
            self.rows.append((label, self._main(one.won.totals), self._main(one.lost.totals), one.new.count))
        if any(one.won.count or one.lost.count for one in months):
            parts = [("head.won", 1, GREEN), ("head.lost", 2, RED)]
            self._chart(words("section.months"), "column", top, len(months), parts)

    def _forecast(self) -> None:
        words, lines = self.words, self.found.forecast
        if not lines:
            return
        names = ("month", "commit", "best", "pipeline", "weighted")
        top = self._heading(words("section.forecast"), names)
        for one in lines:
            year = f" {one.month[:4]}" if one.month[:4].isdigit() else ""
            parts = (one.commit.totals, one.best.totals, one.pipeline.totals, one.weighted)
            self.rows.append((forecast_month(one.month, words) + year, *map(self._main, parts)))
        parts_ = [("head.commit", 1, BLUE), ("head.best", 2, SKY), ("head.pipeline", 3, PALE)]
        self._chart(words("section.forecast"), "column", top, len(lines), parts_, is_stacked=True)

    def _chart(
        self,
        title: str,
        kind: str,
        top: int,
        count: int,
        parts: Sequence[tuple[str, int, str]],
        *,
        is_stacked: bool = False,
    ) -> None:
        """A chart to the right of the tables; charts stand one below the other."""
        series = tuple(
            ChartSeries(
                self.words(name),
                Rectangle(top, 0, top + count - 1, 0),
                Rectangle(top, column, top + count - 1, column),
                color.removeprefix("#").upper(),
            )
            for name, column, color in parts
        )
        row = 4 + _CHART_ROWS * len(self.charts)
        self.charts.append(TabChart(kind, title, series, row, 8, 520, 280, is_stacked=is_stacked))

    def _leads(self, title: str, leads: Sequence[LeadLine], tally: Tally) -> None:
        words = self.words
        names = ("lead", "owner", "stage", "why", "amount", "cell")
        self._heading(f"{title} ({tally.count})", names)
        if not leads:
            self.rows.append((Styled(words("section.needs_none"), _QUIET),))
        for one in leads:
            amount: Cell = self.money(one.amount) if one.amount else None
            why = Styled(self.shown.why(one), _LATE if one.days_overdue else CellFormat())
            self.rows.append((one.called, one.owner or words("nobody"), one.status, why, amount, self._cell(one)))

    def _cell(self, one: LeadLine) -> Cell:
        if not one.cell:
            return None
        tab = one.tab.replace("'", "''")
        return Styled(one.cell, _LINK, f"internal:'{tab}'!{one.cell}")

    def _moved(self) -> None:
        words = self.words
        for kind, moved in self.found.figures.moved.items():
            if moved is None or not moved.tally.count or kind == "new":
                continue
            names = ("lead", "owner", "stage", "before", "amount", "cell")
            title = f"{words(f'move.{kind}')} ({moved.tally.count})"
            self._heading(title, names)
            for one in moved.lines[:_MOST]:
                amount: Cell = self.money(one.amount) if one.amount else None
                before = self.shown.lead(one)["before"]
                self.rows.append((one.called, one.owner, one.status, before, amount, self._cell(one)))

    def _owners(self) -> None:
        words = self.words
        names = ("owner", "open", "weighted", "won", "lost", "late", "stalled")
        self._heading(words("section.owners"), names)
        for one in self.found.figures.owners:
            amounts = map(self._main, (one.open.totals, one.weighted, one.won.totals, one.lost.totals))
            self.rows.append((one.who or words("nobody"), *amounts, one.overdue, one.stalled))


def number_format(currency: str, locale: str, *, has_cents: bool) -> str:
    """Excel's format for amounts of a currency, its sign where the locale puts it: `[$€]#,##0` or `#,##0 [$€]`."""
    from babel.numbers import get_currency_symbol

    from sheetcrm.reports.money import parse_locale

    parsed = parse_locale(locale)
    symbol = str(get_currency_symbol(currency, locale=parsed))
    digits = "#,##0.00" if has_cents else "#,##0"
    is_before = str(parsed.currency_formats["standard"].pattern).startswith("¤")
    return f"[${symbol}]{digits}" if is_before else f"{digits} [${symbol}]"


def _tone(tone: str) -> CellFormat:
    return CellFormat(color={"good": "15803D", "bad": "B91C1C"}.get(tone, "64748B"))
