"""history, show, report: what runs did, and how the pipeline stands."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from sheetcrm.cli import screen
from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.cli.outcome import run_json, show_history, show_run
from sheetcrm.cli.work import all_option, as_of_option, book_argument, config_option, json_option
from sheetcrm.errors import NotFound


def _with_journal(book: str, config: str) -> Desk:
    desk = desk_for(book, config)
    if not desk.find_records():
        raise NotFound(f"{desk.path.name} was never run.", "`sheetcrm plan` shows what a run would do.")
    return desk


@click.command("history")
@book_argument
@config_option
@json_option
def history_command(book: str, config: str, as_json: bool) -> None:
    """List the runs of BOOK, the latest first."""
    runs = _with_journal(book, config).journal.runs()
    if as_json:
        click.echo(json.dumps([asdict(run) for run in runs], indent=1))
    else:
        show_history(runs)


@click.command("show")
@book_argument
@click.argument("run", type=int)
@config_option
@all_option
@json_option
def show_command(book: str, run: int, config: str, everything: bool, as_json: bool) -> None:
    """Show one RUN: each cell and mail, and why."""
    journal = _with_journal(book, config).journal
    found = journal.run(run)
    if as_json:
        click.echo(json.dumps(run_json(journal, found), ensure_ascii=False, indent=1))
    else:
        show_run(journal, found, everything=everything)


@click.command("report")
@book_argument
@config_option
@as_of_option
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
def report_command(book: str, config: str, as_of: str, opens: bool) -> None:
    """Write the page of the pipeline as it stands.

    It goes into the reports folder; prints where it is.
    """
    from sheetcrm.apply import write_page
    from sheetcrm.jobs.summary import report
    from sheetcrm.reports.rendering import render_report

    desk = desk_for(book, config, as_of)
    with screen.progress() as progress:
        snapshot = desk.take(progress).snapshot
        progress("figures")
        page = report(snapshot, "report", desk.settings.summary.stalled_days)
        page = render_report(page, desk.templates.folder, desk.templates.overrides)
    path = desk.reports / f"{page.name}.html"
    write_page(path, page.html)
    click.echo(str(path))
    if opens:
        click.launch(path.as_uri())
