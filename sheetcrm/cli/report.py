"""report: how the pipeline stands, as a page, a workbook, a PDF or a mail; and the rows behind each figure."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from sheetcrm.cli import screen
from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.cli.options import as_of_option, book_argument, config_option, json_option
from sheetcrm.cli.usual import usual_command
from sheetcrm.errors import ConfigError
from sheetcrm.files import write_whole
from sheetcrm.rules.settings import SummaryRule

_SHAPES = (".html", ".xlsx", ".pdf", ".eml")
_FILES = click.option(
    "--out", "outs", multiple=True, metavar="FILE", help="Write this file: .html, .xlsx, .pdf or .eml (repeatable)."
)
_PERIOD = click.option(
    "--period",
    default="",
    metavar="PERIOD",
    help="week, month, this-month, 30d, 2026-W09, 2026-02, 2026-Q1 or 2026-01-05..2026-02-11.",
)
_LANGUAGE = click.option(
    "--language", default="", metavar="LOCALE", help="As in de or en_GB, instead of the workbook's."
)


@click.group("report", cls=usual_command("write"))
def report_command() -> None:
    """Write the report of the pipeline as it stands, or explain a figure.

    `report BOOK` writes the page into the reports folder; `report explain BOOK FIGURE` lists the rows behind a figure.
    """


@report_command.command("write")
@book_argument
@config_option
@as_of_option
@_PERIOD
@_LANGUAGE
@_FILES
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
def write_command(
    book: str, config: str, as_of: str, period: str, language: str, outs: tuple[str, ...], opens: bool
) -> None:
    """Write the page of the pipeline as it stands; prints where it is.

    Without --out it goes into the reports folder. Nothing is written into BOOK.
    """
    desk = desk_for(book, config, as_of)
    paths = [Path(out) for out in outs] or [desk.reports / f"pipeline-{desk.now.date()}.html"]
    for path in paths:
        _check_shape(path)
    with screen.progress() as progress:
        maker = _Maker(desk, period, language, progress)
        for path in paths:
            progress(path.suffix[1:])
            path.parent.mkdir(parents=True, exist_ok=True)
            maker.write(path)
    for path in paths:
        click.echo(str(path))
    if opens:
        click.launch(paths[0].resolve().as_uri())


def _check_shape(path: Path) -> None:
    if path.suffix.lower() not in _SHAPES:
        raise ConfigError(f"{path.name} tells no kind of file.", f"Let its name end with {', '.join(_SHAPES)}.")


class _Maker:
    """Makes files of one workbook's figures, which are worked out once."""

    def __init__(self, desk: Desk, period: str, language: str, progress: Any) -> None:
        from dataclasses import replace

        from sheetcrm.jobs.summary import findings

        self.desk = desk
        self.rule: SummaryRule = desk.settings.summary
        snapshot = desk.take(progress).snapshot
        self.snapshot = replace(snapshot, locale=language) if language else snapshot
        progress("figures")
        self.findings = findings(self.snapshot, self.rule, period or self.rule.every)

    def write(self, path: Path) -> None:
        """The file, in the shape that its name tells."""
        from sheetcrm.apply import write_page

        kind = path.suffix.lower()
        if kind == ".html":
            write_page(path, self.page())
        elif kind == ".xlsx":
            self._workbook(path)
        elif kind == ".pdf":
            self._pdf(path)
        else:
            write_whole(path, self._mail())

    def page(self) -> str:
        """The page as HTML."""
        from sheetcrm.jobs.summary import page
        from sheetcrm.reports.rendering import render_report

        templates = self.desk.templates
        return render_report(page(self.findings, self.rule, "report"), templates.folder, templates.overrides).html

    def _workbook(self, path: Path) -> None:
        from sheetcrm.reports.book import book_tabs
        from sheetcrm.reports.words import Words
        from sheetcrm.xlsx.making import make_book

        with TemporaryDirectory() as folder:
            made = Path(folder) / "report.xlsx"
            make_book(made, book_tabs(self.findings, Words(self.snapshot.locale, self.rule.words)))
            write_whole(path, made.read_bytes())

    def _pdf(self, path: Path) -> None:
        from sheetcrm.jobs.summary import page
        from sheetcrm.reports.pdf import page_as_pdf

        templates = self.desk.templates
        pdf = page_as_pdf(page(self.findings, self.rule, "report"), templates.folder, templates.overrides)
        write_whole(path, pdf)

    def _mail(self) -> bytes:
        """The mail as its reader would get it, addressed to the sender."""
        from sheetcrm.jobs.summary import link_of
        from sheetcrm.outbox.message_file import build_mail
        from sheetcrm.plan import Message
        from sheetcrm.reports.page import mail_context
        from sheetcrm.reports.rendering import render_message
        from sheetcrm.reports.shown import Shown
        from sheetcrm.reports.words import Words

        link = link_of(self.rule.link)
        shown = Shown(self.findings.figures, Words(self.snapshot.locale, self.rule.words), link)
        context = {**mail_context(self.findings, shown, self.snapshot), "link": link("", "")}
        sender = self.desk.settings.mail.sender
        address = sender.rpartition("<")[2].removesuffix(">")
        message = Message("report", address, "report", context, "report", "summary")
        message = render_message(message, self.desk.templates.folder, self.desk.templates.overrides)
        return build_mail(message, sender, self.desk.now).content


@report_command.command("explain")
@book_argument
@click.argument("figure", default="")
@config_option
@as_of_option
@_PERIOD
@json_option
def explain_command(book: str, figure: str, config: str, as_of: str, period: str, as_json: bool) -> None:
    """List the rows behind a FIGURE: open, weighted, overdue, won, forward, stage/Proposal, forecast/2026-03, ...

    Without a figure, the names of all.
    """
    from sheetcrm.reports.behind import NAMES, rows_behind

    if not figure:
        click.echo("\n".join(NAMES))
        return
    desk = desk_for(book, config, as_of)
    with screen.progress(as_json) as progress:
        maker = _Maker(desk, period, "", progress)
    _show_rows(maker, rows_behind(maker.findings.basis, maker.findings.period, figure), figure, as_json=as_json)


def _show_rows(maker: _Maker, rows: Any, figure: str, *, as_json: bool) -> None:
    from sheetcrm.reports.leadlines import by_amount, lead_lines
    from sheetcrm.reports.shown import Shown
    from sheetcrm.reports.values import MOVES
    from sheetcrm.reports.words import Words

    basis = maker.findings.basis
    lines = lead_lines(basis, by_amount(rows, basis.currency), figure if figure in MOVES else "")
    shown = Shown(maker.findings.figures, Words(maker.snapshot.locale, maker.rule.words))
    leads = [shown.lead(one) for one in lines]
    tally = basis.tally(rows)
    column = "weighted" if figure == "weighted" else "cents"
    total = basis.tally(rows, column)
    if as_json:
        totals = {one.currency: str(one.amount) for one in total.totals}
        click.echo(json.dumps({"figure": figure, "count": tally.count, "total": totals, "rows": leads}, indent=1))
        return
    sums = shown.sum(total.totals)
    click.echo(f"{figure}: {tally.count} leads, {', '.join([sums['shown'], *sums['others']])}")
    for one in leads:
        place = f"{one['tab']}!{one['cell']}" if one["cell"] else ""
        parts = [place, one["key"], one["called"], one["amount"], one["owner"], one["status"], one["before"]]
        click.echo("  " + " · ".join(filter(None, parts)))
