"""apply: the one function that changes the world. It records, sends, records, writes all cells at once, and records.

Cut short anywhere, the same plan carried out again finishes the work: a message whose key was accepted is not sent
again, and a cell that holds the new value already counts as written.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sheetcrm.connectors import Workbook
from sheetcrm.errors import PlanRefused, SheetcrmError, WorkbookBusy
from sheetcrm.journal import Deed, Journal
from sheetcrm.outbox import Outbox
from sheetcrm.plan import CellChange, Message, Plan, Report
from sheetcrm.resolve import resolve
from sheetcrm.schema.parse import Schema, Understood, understand
from sheetcrm.table import Grid, cell_name

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

    @property
    def written(self) -> int:
        """How many cells and rows hold what the plan wanted."""
        return sum(one.state == "done" for one in self.deeds)

    @property
    def skipped(self) -> tuple[Deed, ...]:
        """The changes not made, each with the reason."""
        return tuple(one for one in self.deeds if one.state == "skipped")


def apply(plan: Plan, world: World, schema: Schema, now: datetime, seen: Seen | None = None) -> Outcome:
    """Carries a plan out, once. Raises PlanRefused for a plan applied already or overtaken by another run."""
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
    if user := world.workbook.who_has_it_open():
        raise WorkbookBusy(f"{world.workbook.name} is open in Excel ({user}).", "Close it there, then run again.")
    run = journal.start(plan, now.isoformat())
    return carry_out(run, plan, world, schema, now, seen)


def carry_out(run: int, plan: Plan, world: World, schema: Schema, now: datetime, seen: Seen | None = None) -> Outcome:
    """Does what is left of a recorded run: mails, then cells, then pages, then the record."""
    sent, failed = _deliver(run, plan.messages, world, now)
    deeds = _write(run, plan, world, schema, failed, seen)
    pages = [_write_report(run, one, world, now) for one in plan.reports]
    remember = {} if plan.undoes else plan.remember
    world.journal.finish(run, deeds, len(sent), remember, now.isoformat())
    return Outcome(run, tuple(deeds), tuple(sent), tuple(pages), failed)


def _deliver(run: int, messages: Sequence[Message], world: World, now: datetime) -> tuple[list[str], dict[str, str]]:
    """Sends what was not sent yet; each message is recorded before and after."""
    sent: list[str] = []
    failed: dict[str, str] = {}
    for one in messages:
        state = world.journal.message_state(one.key)
        if state == "accepted" or (state == "claimed" and world.outbox.was_sent(one)):
            _record(run, one, world, "accepted", now, "")
            continue

        _record(run, one, world, "claimed", now, "")
        try:
            receipt = world.outbox.send(one, now)
        except (SheetcrmError, OSError) as error:
            failed[one.key] = f"the mail was not sent: {error}"
            _record(run, one, world, "failed", now, str(error))
        else:
            sent.append(receipt.detail)
            _record(run, one, world, receipt.state, now, receipt.detail)
    return sent, failed


def _record(run: int, message: Message, world: World, state: str, now: datetime, detail: str) -> None:
    world.journal.record_message(run, message.key, message.to, state, now.isoformat(), detail, message.reasons)


def _write(
    run: int, plan: Plan, world: World, schema: Schema, failed: Mapping[str, str], seen: Seen | None
) -> list[Deed]:
    """Writes all changes at once into the workbook as it stands now; starts over where somebody saved in between."""
    if not plan.changes and not plan.appends:
        return []
    for attempt in range(1, WRITE_TRIES + 1):
        now = look(world.workbook, schema, plan, seen if attempt == 1 else None)
        found = resolve(plan, now.understood.tables, {grid.tab: grid for grid in now.grids}, failed)
        if not found.cells and not found.rows:
            break
        backup = world.backups / f"{run:04}-{world.workbook.name}"
        try:
            refused = world.workbook.write(found.cells, found.rows, backup)
        except WorkbookBusy:
            if attempt == WRITE_TRIES or world.workbook.who_has_it_open():
                raise
            continue
        _keep(world.backups, world.backups_kept)
        reasons = {f"{one.tab}!{cell_name(one.row, one.column)}": one.why for one in refused}
        return [_unless_refused(one, reasons) for one in found.deeds]
    return list(found.deeds)


def _unless_refused(one: Deed, reasons: Mapping[str, str]) -> Deed:
    why = reasons.get(one.deed.cell) if isinstance(one.deed, CellChange) else None
    return replace(one, state="skipped", why=why) if why else one


def look(workbook: Workbook, schema: Schema, plan: Plan, seen: Seen | None = None) -> Seen:
    """The workbook as it stands now, its columns followed from the plan's layout; `seen` again if nothing changed."""
    grids = workbook.read()
    if seen is not None and seen.fingerprint == workbook.fingerprint():
        return seen
    return Seen(grids, understand(grids, schema, plan.layout), workbook.fingerprint())


def _keep(folder: Path, kept: int) -> None:
    """Removes all but the latest backups."""
    for old in sorted(folder.iterdir())[: -kept or None]:
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink()


def _write_report(run: int, report: Report, world: World, now: datetime) -> Path:
    path = world.reports / f"{report.name}.html"
    write_page(path, report.html)
    world.journal.record_message(run, report.key, "", "accepted", now.isoformat(), str(path), ())
    return path


def write_page(path: Path, html: str) -> None:
    """Writes a page whole, in place of an older one of that name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(html, encoding="utf-8")
    part.replace(path)
