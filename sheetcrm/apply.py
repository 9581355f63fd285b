"""apply: the one function that changes the world. It records, sends, records, writes all cells at once, and records.

Cut short anywhere, the same plan carried out again finishes the work: a message whose key was accepted is not sent
again, and a cell that holds the new value already counts as written.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from sheetcrm.connectors import TabWrite, Workbook
from sheetcrm.errors import EditRefused, PlanRefused, SheetcrmError, WorkbookBusy
from sheetcrm.journal import Deed, Journal
from sheetcrm.outbox import Outbox, Receipt
from sheetcrm.plan import Message, Plan, Report
from sheetcrm.resolve import WHOLE_TAB, resolve
from sheetcrm.schema.parse import Schema, Understood, understand
from sheetcrm.states import states_after
from sheetcrm.table import Grid, Table

WRITE_TRIES = 3
"""How often a write starts over because somebody saved the workbook in between."""

RECORDED_AS = {"accepted": "accepted", "refused": "failed", "unknown": "unconfirmed"}
"""What the Journal calls the states of a Receipt."""


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
    sent, failed = _deliver(run, plan.messages, world, now)
    deeds, tables = _write(run, plan, world, schema, failed, seen)
    pages, unwritten = _write_reports(run, plan.reports, world, now)
    mails = sum(state == "accepted" and bool(to) for _, to, state, _ in world.journal.messages(run))
    world.journal.finish(run, deeds, mails, plan.remember, now.isoformat(), states_after(tables, deeds))
    return Outcome(run, tuple(deeds), tuple(sent), tuple(pages), {**failed, **unwritten})


def _deliver(run: int, messages: Sequence[Message], world: World, now: datetime) -> tuple[list[str], dict[str, str]]:
    """Sends what was not sent yet; gives where each mail went, and why others did not or may not have gone."""
    sent: list[str] = []
    failed: dict[str, str] = {}
    for one in messages:
        state = world.journal.message_state(one.key)
        if state == "accepted":
            continue
        receipt = _earlier(state, one, world) or _send(run, one, world, now)
        _record(run, one, world, RECORDED_AS[receipt.state], now, receipt.detail)
        if receipt.state == "refused":
            failed[one.key] = f"the mail was not sent: {receipt.detail}"
        elif receipt.state == "unknown":
            failed[one.key] = f"unconfirmed, nobody knows whether the mail was sent: {receipt.detail}"
        elif receipt.detail:
            sent.append(receipt.detail)
    return sent, failed


def _earlier(state: str, message: Message, world: World) -> Receipt | None:
    """What became of a message that an earlier try began to send; None where it is surely not out."""
    if state == "unconfirmed":
        return Receipt("unknown", "an earlier try got no answer")
    if state != "claimed":
        return None
    was_sent = world.outbox.was_sent(message)
    if was_sent is None:
        return Receipt("unknown", "the run was cut short while sending it")
    return Receipt("accepted") if was_sent else None


def _send(run: int, message: Message, world: World, now: datetime) -> Receipt:
    _record(run, message, world, "claimed", now, "")
    try:
        return world.outbox.send(message, now)
    except (SheetcrmError, OSError) as error:
        return Receipt("refused", str(error))


def _record(run: int, message: Message, world: World, state: str, now: datetime, detail: str) -> None:
    world.journal.record_message(run, message.key, message.to, state, now.isoformat(), detail, message.reasons)


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
            world.journal.record_message(run, one.key, "", "accepted", now.isoformat(), str(path), ())
    return pages, failed


def write_page(path: Path, html: str) -> None:
    """Writes a page whole, in place of an older one of that name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(html, encoding="utf-8")
    part.replace(path)
