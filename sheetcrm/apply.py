"""apply: the one function that changes the world. It records, sends, records, writes all cells at once, and records.

Cut short anywhere, the same plan carried out again finishes the work: a message whose key was accepted is not sent
again, and a cell that holds the new value already counts as written.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path

from sheetcrm.connectors import TabWrite, Workbook
from sheetcrm.errors import EditRefused, PlanRefused, WorkbookBusy
from sheetcrm.files import write_whole
from sheetcrm.journal import Deed, Journal
from sheetcrm.outbox import Outbox
from sheetcrm.plan import Plan, Report
from sheetcrm.post.deliver import UNLIMITED, Postage, deliver
from sheetcrm.post.judge import CUSTOMERS
from sheetcrm.resolve import WHOLE_TAB, resolve
from sheetcrm.schema.barred import barred_addresses
from sheetcrm.schema.parse import Schema, Understood, understand
from sheetcrm.states import states_after
from sheetcrm.table import Grid, Table

WRITE_TRIES = 3
"""How often a write starts over because somebody saved the workbook in between."""


@dataclass(frozen=True)
class World:
    """All that apply may touch."""

    workbook: Workbook
    journal: Journal
    outbox: Outbox
    reports: Path
    backups: Path
    backups_kept: int = 10
    postage: Postage = UNLIMITED


@dataclass(frozen=True)
class Seen:
    """A workbook as read and understood just now, to spare reading it twice while it stays the same."""

    grids: tuple[Grid, ...]
    understood: Understood
    fingerprint: str


@dataclass(frozen=True)
class Outcome:
    """What a run did."""

    run: int
    deeds: tuple[Deed, ...] = ()
    sent: tuple[str, ...] = ()
    """Where each mail went."""
    reports: tuple[Path, ...] = ()
    failed: Mapping[str, str] | None = None
    """Keys of messages that were not sent, with the reason."""
    waiting: Mapping[str, str] = field(default_factory=dict)
    """Keys of messages that go later, with the reason."""

    @property
    def written(self) -> int:
        """How many cells and rows hold what the plan wanted."""
        return sum(one.state == "done" for one in self.deeds)

    @property
    def skipped(self) -> tuple[Deed, ...]:
        """The changes not made, each with the reason."""
        return tuple(one for one in self.deeds if one.state == "skipped")


def apply(plan: Plan, world: World, schema: Schema, now: datetime, seen: Seen | None = None) -> Outcome:
    """Carries a plan out, once. Raises PlanRefused for a plan applied already or overtaken by another run.

    Nobody is mailed and nothing recorded where the workbook cannot be written: WorkbookBusy or EditRefused.
    """
    journal = world.journal
    unfinished = journal.unfinished()
    if unfinished and unfinished[1].id == plan.id:
        return carry_out(unfinished[0].id, plan, world, schema, now, seen)
    if unfinished:
        raise PlanRefused(f"Run {unfinished[0].id} was cut short.", "`sheetcrm run` finishes it first.")
    if earlier := journal.was_applied(plan.id):
        raise PlanRefused(f"This plan was applied already, by run {earlier}.", "Make a new one: sheetcrm plan.")
    if journal.last_run() != plan.base_run:
        overtaken = f"Run {journal.last_run()} has overtaken this plan."
        raise PlanRefused(overtaken, "Make a new one: sheetcrm plan.")
    _check_writable(plan, world)
    run = journal.start(plan, now.isoformat())
    return carry_out(run, plan, world, schema, now, seen)


def _check_writable(plan: Plan, world: World) -> None:
    if plan.changes or plan.appends or plan.tabs:
        world.workbook.check_writable()


def carry_out(run: int, plan: Plan, world: World, schema: Schema, now: datetime, seen: Seen | None = None) -> Outcome:
    """Does what is left of a recorded run: mails, then cells, then pages, then the record."""
    _check_writable(plan, world)
    no_contact = _not_to_contact(plan, world, schema, seen)
    mails_out = deliver(run, plan.messages, world.journal, world.outbox, world.postage, no_contact, now)
    deeds, tables = _write(run, plan, world, schema, mails_out.missing, seen)
    pages, unwritten = _write_reports(run, plan.reports, world, now)
    mails = sum(one.state == "accepted" for one in world.journal.mails("run = ?", run))
    world.journal.finish(run, deeds, mails, plan.remember, now.isoformat(), states_after(tables, deeds))
    failed = {**mails_out.failed, **unwritten}
    return Outcome(run, tuple(deeds), tuple(mails_out.sent), tuple(pages), failed, mails_out.waiting)


def _not_to_contact(plan: Plan, world: World, schema: Schema, seen: Seen | None) -> frozenset[str]:
    """The addresses that a person marked as not to be contacted, as the workbook stands at the moment of sending."""
    if not any(one.audience == CUSTOMERS for one in plan.messages):
        return frozenset()
    return barred_addresses(look(world.workbook, schema, plan, seen).understood.tables.values())


def _write(
    run: int, plan: Plan, world: World, schema: Schema, failed: Mapping[str, str], seen: Seen | None
) -> tuple[tuple[Deed, ...], Mapping[str, Table]]:
    """Writes all changes at once into the workbook as it stands now; starts over where somebody saved in between.

    Gives what became of each, and the tables as they stood before.
    """
    if not plan.changes and not plan.appends and not plan.tabs:
        return (), look(world.workbook, schema, plan, seen).understood.tables
    backup = _backup(run, world)
    for tries_left in reversed(range(WRITE_TRIES)):
        now = look(world.workbook, schema, plan, seen)
        grids = {grid.tab: grid for grid in now.grids}
        tables = now.understood.tables
        found = resolve(plan, tables, grids, failed, world.workbook.as_read)
        if not found.cells and not found.rows and not plan.tabs:
            break
        tabs = [TabWrite(one.tab, one.content) for one in plan.tabs]
        try:
            refused = world.workbook.write(found.cells, found.rows, backup, tabs)
        except WorkbookBusy:
            if not tries_left or world.workbook.who_has_it_open():
                raise
            seen = None
            continue
        except EditRefused as refusal:
            # Trying again would be refused again: the run ends here, with every reason told.
            why = f"the workbook cannot take it: {refusal.what}"
            places = [
                *((one.tab, one.row, one.column) for one in found.cells),
                *((one.tab, *WHOLE_TAB) for one in tabs),
            ]
            return found.settled(dict.fromkeys(places, why), why), tables
        _keep(world.backups, world.backups_kept)
        return found.settled({(one.tab, one.row, one.column): one.why for one in refused}), tables
    return found.settled({}), tables


def _backup(run: int, world: World) -> Path:
    """Where the state before goes; a run that was cut short keeps its first backup."""
    names = (f"{run:04}{f'.{n}' if n else ''}-{world.workbook.name}" for n in count())
    return next(path for name in names if not (path := world.backups / name).exists())


def look(workbook: Workbook, schema: Schema, plan: Plan, seen: Seen | None = None) -> Seen:
    """The workbook understood, its columns followed from the plan's layout: `seen` where it is the last read's.

    A write refuses what changed since, and starts over with a new look.
    """
    if seen is not None and seen.fingerprint == workbook.fingerprint():
        return seen
    grids = workbook.read()
    return Seen(grids, understand(grids, schema, plan.layout), workbook.fingerprint())


def _keep(folder: Path, kept: int) -> None:
    """Removes all but the latest backups."""
    for old in sorted(folder.iterdir(), key=_number)[: -kept or None]:
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()


def _number(backup: Path) -> tuple[float, str]:
    number = backup.name.partition("-")[0]
    return (float(number) if number.replace(".", "", 1).isdecimal() else 0.0), backup.name


def _write_reports(
    run: int, reports: Sequence[Report], world: World, now: datetime
) -> tuple[list[Path], dict[str, str]]:
    """The pages written, and why others were not: a full disk takes nothing back of what the run did."""
    pages: list[Path] = []
    failed: dict[str, str] = {}
    for one in reports:
        path = world.reports / f"{one.name}.html"
        try:
            write_page(path, one.html)
        except OSError as error:
            failed[one.key] = f"the page {path} was not written: {error.strerror or error}"
        else:
            pages.append(path)
            world.journal.record_page(run, one.key, now.isoformat(), str(path))
    return pages, failed


def write_page(path: Path, html: str) -> None:
    """Writes a page whole, in place of an older one of that name."""
    write_whole(path, html.encode())
