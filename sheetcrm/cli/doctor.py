"""doctor: looks at everything that a run needs, and names the remedy per line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from sheetcrm import __version__
from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.cli.options import book_argument, config_option
from sheetcrm.errors import SheetcrmError


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `ok`, `note` or `wrong`; what was found; and the remedy."""

    state: str
    what: str
    remedy: str = ""


@click.command("doctor")
@book_argument
@config_option
@click.option("--scratch", is_flag=True, help="Also write into a tab of its own in a Google Sheet, and take it away.")
def doctor_command(book: str, config: str, scratch: bool) -> int:
    """Check settings, workbook, lock, tabs, outbox, clock and zone of BOOK.

    Each line that is not right names its remedy.
    """
    findings = list(_examine(book, config, scratch=scratch))
    colours = {"ok": "green", "note": "yellow", "wrong": "red"}
    for one in findings:
        click.echo(f"{click.style(f'{one.state:5}', fg=colours[one.state])}  {one.what}")
        if one.remedy:
            click.echo(f"       {one.remedy}")
    return 1 if any(one.state == "wrong" for one in findings) else 0


def _examine(book: str, config: str, *, scratch: bool = False) -> Iterator[Finding]:
    yield Finding("ok", f"sheetcrm {__version__} on Python {sys.version.split()[0]}, {sys.platform}")
    try:
        desk = desk_for(book, config)
    except SheetcrmError as error:
        yield Finding("wrong", error.what, error.remedy)
        return
    looks: tuple[Callable[[Desk], Iterator[Finding]], ...] = (_open, _rights)
    if desk.address:
        looks = (_sign_in, _sheet, *((_scratch,) if scratch else ()))
    for look in (_settings, *looks, _clock, _lock, _tabs, _journal, _outbox):
        try:
            yield from look(desk)
        except SheetcrmError as error:
            yield Finding("wrong", error.what, error.remedy)


def _settings(desk: Desk) -> Iterator[Finding]:
    from sheetcrm.config import find_config
    from sheetcrm.rules.calendar import calendar_of

    found = find_config(desk.path)
    yield Finding("ok", f"settings: {found or 'none, all defaults'}")
    try:
        calendar_of(desk.settings.calendar, desk.now.year)
    except ValueError as error:
        yield Finding("wrong", str(error), "Write a country code as in DE, or DE-BY with the region.")


def _clock(desk: Desk) -> Iterator[Finding]:
    yield Finding("ok", f"clock: {desk.now:%Y-%m-%d %H:%M}, zone {desk.schema.zone.key}")
    if desk.schema.zone.key == "UTC" and not desk.settings.zone:
        yield Finding(
            "note", "the zone is UTC", 'Set zone = "Europe/London" (yours) in sheetcrm.toml if that is not meant.'
        )


def _open(desk: Desk) -> Iterator[Finding]:
    if user := desk.workbook.who_has_it_open():
        yield Finding("wrong", f"{desk.workbook.name} is open in Excel ({user})", "Close it there before a run.")
    else:
        yield Finding("ok", f"{desk.workbook.name} is not open in Excel")


def _rights(desk: Desk) -> Iterator[Finding]:
    if os.access(desk.path, os.W_OK) and os.access(desk.path.parent, os.W_OK):
        yield Finding("ok", "the workbook and its folder can be written")
    else:
        yield Finding("wrong", f"{desk.path} or its folder is read-only", "Give this user the right to write there.")


def _sign_in(_desk: Desk) -> Iterator[Finding]:
    from sheetcrm.connectors.google.access import find_access

    access = find_access()
    who = f"as {access.email}" if access.email else "as the owner"
    yield Finding("ok", f"Google: signed in {who} ({access.found_in}), for spreadsheets only")


def _sheet(desk: Desk) -> Iterator[Finding]:
    yield Finding("ok", f"the sheet {desk.workbook.name} can be read, its zone is {desk.workbook.zone}")


def _scratch(desk: Desk) -> Iterator[Finding]:
    from sheetcrm.connectors.google.trial import try_out

    for line in try_out(desk.path.name):
        yield Finding("ok", line)


def _lock(desk: Desk) -> Iterator[Finding]:
    if not desk.state.exists():
        yield Finding("ok", "no run is at work")
        return
    with desk.locked():
        yield Finding("ok", "no run is at work")


def _tabs(desk: Desk) -> Iterator[Finding]:
    taken = desk.take()
    tables = taken.snapshot.tables
    for name in ("Leads", "Accounts", "Activities", "Team"):
        if name not in tables:
            remedy = f'Name it in sheetcrm.toml: [tabs] {name} = "…" (if there is one).'
            yield Finding("wrong" if name == "Leads" else "note", f"no tab looks like {name}", remedy)
            continue
        table = tables[name]
        words = ", ".join(column.header for column in table.columns.values() if not column.is_custom)
        yield Finding("ok", f"{name}: tab {table.tab}, {len(table):,} rows, columns {words}")
    for issue in taken.snapshot.issues:
        if issue.code == "column_missing":
            yield Finding("note", f"{issue.tab}!{issue.cell}: {issue.message}", issue.remedy)
    yield Finding("ok", f"locale {taken.snapshot.locale}, data quality {taken.snapshot.quality} of 100")
    if taken.standing.copy_of:
        what = f"this seems to be a copy of {taken.standing.copy_of}: it mails nobody"
        yield Finding("note", what, f"sheetcrm run {desk.path.name} --adopt makes it the original.")


def _journal(desk: Desk) -> Iterator[Finding]:
    if not desk.has_journal:
        yield Finding("ok", f"journal: none yet, will be {desk.state}")
        return
    yield Finding("ok", f"journal: {desk.journal.path}, last run {desk.journal.last_run()}")
    if unfinished := desk.journal.unfinished():
        yield Finding("note", f"run {unfinished[0].id} was cut short", "`sheetcrm run` finishes it.")


def _outbox(desk: Desk) -> Iterator[Finding]:
    if desk.has_journal:
        yield Finding("ok", f"outbox: {desk.outbox.describe()}")
    else:
        yield Finding("ok", f"outbox: the folder {desk.path.parent / desk.settings.mail.outbox}")
