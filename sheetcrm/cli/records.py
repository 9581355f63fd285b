"""history, show: what runs did."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import date, datetime, time
from pathlib import Path

import click

from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.cli.options import all_option, book_argument, config_option, json_option
from sheetcrm.cli.outcome import run_json, show_history, show_run
from sheetcrm.cli.usual import usual_command
from sheetcrm.errors import ConfigError, NotFound, PlanRefused
from sheetcrm.history import States

_DAY_IN_NAME = re.compile(r"(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})")


def _with_journal(book: str, config: str) -> Desk:
    desk = desk_for(book, config)
    if not desk.find_records():
        raise NotFound(f"{desk.path.name} was never run.", "`sheetcrm plan` shows what a run would do.")
    return desk


@click.group("history", cls=usual_command("list"))
def history_command() -> None:
    """List the runs of BOOK, the latest first; `import` takes older copies into its history.

    `history BOOK` lists the runs, `history import BOOK COPY...` lets reports compare with what older copies held.
    """


@history_command.command("list")
@book_argument
@config_option
@json_option
def list_command(book: str, config: str, as_json: bool) -> None:
    """List the runs of BOOK, the latest first."""
    runs = _with_journal(book, config).journal.runs()
    if as_json:
        click.echo(json.dumps([asdict(run) for run in runs], indent=1))
    else:
        show_history(runs)


@history_command.command("import")
@book_argument
@click.argument("copies", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="COPY...")
@config_option
@click.option("--on", "day", default="", metavar="DAY", help="The day that the copy is of, where its name tells none.")
def import_command(book: str, copies: tuple[Path, ...], config: str, day: str) -> None:
    """Take older copies of BOOK into its history, so that reports can tell what changed since.

    The day of a copy is that of --on, or the one in its name (crm-2026-01-31.xlsx), or the day it was last saved.
    """
    desk = desk_for(book, config, day)
    if day and len(copies) > 1:
        raise ConfigError("--on names the day of one copy.", "Give them one by one, or put days into their names.")
    last = (
        next((run.finished for run in desk.journal.runs() if run.state == "finished"), "") if desk.has_journal else ""
    )
    if not last:
        raise PlanRefused(
            f"{desk.path.name} was never run.", "Run it first: older copies are told from what it is now."
        )
    readings = [(moment.isoformat(), states) for moment, states in (_reading(desk, copy, day) for copy in copies)]
    for copy, (moment, _) in zip(copies, readings, strict=True):
        # Rules for what changed compare with the last run: nothing may come after it.
        if datetime.fromisoformat(moment) >= datetime.fromisoformat(last):
            what = f"{copy.name} is of {moment[:10]}, which is not before the last run."
            raise PlanRefused(what, "Name its day with --on, or leave it: the history knows of that time.")
    with desk.locked():
        count = desk.journal.take_in(readings)
    known = len(readings) - count
    click.echo(f"{count} of {len(readings)} copies taken in" + (f", {known} known already." if known else "."))


def _reading(desk: Desk, copy: Path, day: str) -> tuple[datetime, States]:
    """A copy's rows and its moment: noon of its day."""
    from sheetcrm.connectors import open_workbook
    from sheetcrm.schema.parse import understand
    from sheetcrm.states import states_after

    if not copy.exists():
        raise NotFound(f"There is no copy {copy}.", "Check the path.")
    moment = _moment_of(desk, copy, day)
    tables = understand(open_workbook(copy.resolve()).read(), desk.schema).tables
    if "Leads" not in tables:
        raise NotFound(f"{copy.name} has no tab that looks like Leads.", "Give copies of the same workbook.")
    return moment, states_after(tables, ())


def _moment_of(desk: Desk, copy: Path, day: str) -> datetime:
    if day:
        return desk.now
    found = _DAY_IN_NAME.search(copy.stem)
    try:
        named = date.fromisoformat("-".join(found.groups())) if found else None
    except ValueError:
        named = None
    if named is not None:
        return datetime.combine(named, time(12), desk.schema.zone)
    return datetime.fromtimestamp(copy.stat().st_mtime, desk.schema.zone).replace(microsecond=0)


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
