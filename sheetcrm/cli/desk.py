"""Everything that a command needs for one workbook, opened in one place: settings, journal, outbox, and the clock."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

import click

from sheetcrm.apply import Outcome, Seen, World, apply, carry_out
from sheetcrm.cli.saved_plans import SavedPlans
from sheetcrm.config import Settings, find_config, load_settings
from sheetcrm.connectors import Workbook, open_workbook
from sheetcrm.connectors.google.address import address_of, is_google_address, key_in
from sheetcrm.errors import WorkbookBusy, WorkbookUnreadable
from sheetcrm.files import templates_folder
from sheetcrm.journal import Journal
from sheetcrm.originals import Originals, Standing
from sheetcrm.outbox import Outbox
from sheetcrm.plan import Plan
from sheetcrm.rules.unknown import unknown_names
from sheetcrm.run import Past, Progress, Templates, guard, make_plan, take_snapshot, without_mail
from sheetcrm.schema.parse import Schema
from sheetcrm.states import fields_of, states_after
from sheetcrm.table import Raw, Snapshot

FIRST_YEAR, LAST_YEAR = 1900, 9990
"""What --as-of may be: the years that Excel knows, with room to count ahead."""


def user_folder() -> Path:
    """The folder for what belongs to the user rather than to a workbook; `SHEETCRM_HOME` moves it."""
    import platformdirs

    return Path(os.environ.get("SHEETCRM_HOME") or platformdirs.user_data_dir("sheetcrm", appauthor=False))


class LastRows(Mapping[str, Mapping[str, Mapping[str, Raw]]]):
    """The rows as the last run left them, read from the journal when somebody asks: few rules do."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._states: dict[str, dict[str, dict[str, Raw]]] | None = None

    def _loaded(self) -> Mapping[str, Mapping[str, Mapping[str, Raw]]]:
        if self._states is None:
            states = self._journal.last_states()
            self._states = {
                name: {key: fields_of(state) for key, state in rows.items()} for name, rows in states.items()
            }
        return self._states

    def __getitem__(self, name: str) -> Mapping[str, Mapping[str, Raw]]:
        return self._loaded()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded())

    def __len__(self) -> int:
        return len(self._loaded())


@dataclass(frozen=True)
class Taken:
    """A snapshot with what it was taken from."""

    snapshot: Snapshot
    seen: Seen
    past: Past
    standing: Standing


@dataclass(frozen=True)
class Desk:
    """One workbook with its settings and records. Nothing is written before a plan is saved or applied."""

    path: Path
    settings: Settings
    as_of: str = ""
    knows_originals: bool = True
    address: str = ""
    """Where a Google Sheet is; its `path` stands for it in the folder of its settings, mails and pages."""

    @cached_property
    def schema(self) -> Schema:
        """How the workbook is understood, in its zone."""
        from tzlocal import get_localzone_name

        return self.settings.schema_at(self._own_zone() or get_localzone_name() or "UTC")

    def _own_zone(self) -> str:
        """The zone that the workbook itself has, as a Google Sheet does, unless the settings have another."""
        from sheetcrm.schema.people import is_zone

        zone = "" if self.settings.zone else self.workbook.zone
        return zone if is_zone(zone) else ""

    @property
    def place(self) -> str:
        """Where the workbook is, as people give it: its path or its address."""
        return self.address or str(self.path)

    @cached_property
    def now(self) -> datetime:
        """The moment of the run in the workbook's zone: the clock's, or that of `--as-of` (9:00 where it is a day)."""
        if not self.as_of:
            return datetime.now(self.schema.zone)
        try:
            moment = datetime.fromisoformat(self.as_of)
        except ValueError as error:
            raise click.BadParameter(f"{self.as_of} is no day; write it as 2026-03-31", param_hint="--as-of") from error
        if "T" not in self.as_of and " " not in self.as_of:
            moment = datetime.combine(moment.date(), time(9))
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise click.BadParameter(f"{self.as_of} is too far away", param_hint="--as-of")
        return moment.replace(tzinfo=moment.tzinfo or self.schema.zone)

    @cached_property
    def workbook(self) -> Workbook:
        """The workbook's connector."""
        return open_workbook(self.address or self.path, self.state)

    @cached_property
    def state(self) -> Path:
        """The folder of the journal, plans and backups: beside the workbook, else in the user's folder."""
        return self._state_of(self.path)

    def _state_of(self, path: Path) -> Path:
        if self.settings.journal:
            return path.parent / self.settings.journal / path.name
        if self.address:
            # From whatever folder it is run: what was mailed once is known.
            return user_folder() / "google" / path.name
        beside = path.parent / ".sheetcrm"
        if beside.is_dir() or os.access(path.parent, os.W_OK):
            return beside / path.name
        return user_folder() / "state" / blake2b(str(path).encode(), digest_size=8).hexdigest()

    def find_records(self) -> bool:
        """Whether the workbook was ever run, here or, if it was moved or renamed alone, where it was before."""
        if not self.has_journal:
            self.take()
        return self.has_journal

    @property
    def has_journal(self) -> bool:
        """Whether the workbook was ever run."""
        return (self.state / "journal.sqlite").exists()

    @cached_property
    def journal(self) -> Journal:
        """The workbook's journal, made where there is none."""
        return Journal(self.state / "journal.sqlite")

    @cached_property
    def outbox(self) -> Outbox:
        """Where mails go."""
        from sheetcrm.outbox.folder import FolderOutbox

        mail = self.settings.mail
        return FolderOutbox(self.path.parent / mail.outbox, mail.sender, self.journal.fact("id"))

    @property
    def reports(self) -> Path:
        """The folder for pages."""
        return self.path.parent / self.settings.reports

    @property
    def world(self) -> World:
        """All that apply may touch."""
        kept = self.settings.backups
        return World(self.workbook, self.journal, self.outbox, self.reports, self.state / "backups", kept)

    @property
    def templates(self) -> Templates:
        """The built-in templates and the workbook's own."""
        own = self.path.parent / self.settings.templates
        return Templates(templates_folder(), own if own.is_dir() else None)

    @property
    def originals(self) -> Originals:
        """The list of workbooks that this user ever ran."""
        return Originals(user_folder() if self.knows_originals else None)

    def past(self) -> Past:
        """What the journal knows; nothing, and no journal made, before the first run."""
        if not self.has_journal:
            return Past()
        import json

        memory = self.journal.memory()
        layout = json.loads(memory.pop("layout", "{}"))
        return Past(memory, self.journal.mailed(), self.journal.last_run(), layout, LastRows(self.journal))

    def take(self, progress: Progress = lambda _step: None) -> Taken:
        """The workbook read and understood now. Of one that was moved or renamed alone, the records are fetched."""
        taken = self._take(progress)
        old = taken.standing.moved_from
        if not old or (self.has_journal and self.journal.fact("path")):
            return taken
        if not self.has_journal and self._fetch_records(self._state_of(Path(old))):
            return self._take(progress)
        # Without its records nobody knows who was mailed: like a copy, it waits for a person's word.
        return replace(taken, standing=Standing(copy_of=old))

    def _fetch_records(self, old: Path) -> bool:
        if not (old / "journal.sqlite").is_file():
            return False
        self.state.mkdir(parents=True, exist_ok=True)
        # The journal goes last: it is what makes the records complete.
        for one in sorted(old.iterdir(), key=lambda one: one.name == "journal.sqlite"):
            if one.name != "lock":
                shutil.move(one, self.state / one.name)
        return True

    def _take(self, progress: Progress) -> Taken:
        progress("reading")
        grids = self.workbook.read()
        progress("understanding")
        past = self.past()
        snapshot, understood = take_snapshot(grids, self.schema, self.now, past, name=self.workbook.name)
        if not understood.tables:
            what = f"{self.workbook.name} has no tab that looks like Leads, Accounts, Activities or Team."
            raise WorkbookUnreadable(what, "Name the tabs in sheetcrm.toml under [tabs], or start with: sheetcrm init.")
        unknown = tuple(unknown_names(self.settings.job_rules, self.settings.tabs.items(), snapshot))
        snapshot = replace(snapshot, issues=(*unknown, *snapshot.issues))
        seen = Seen(grids, understood, self.workbook.fingerprint())
        journal = self.journal if self.has_journal else None
        standing = self.originals.standing(self.place, journal, understood.tables)
        return Taken(snapshot, seen, past, standing)

    def plan(self, taken: Taken, jobs: tuple[str, ...], progress: Progress, *, is_watched: bool = True) -> Plan:
        """The plan for what was taken; a copy of a workbook mails nobody.

        Unless a person reads it before it is carried out, rules that are new are only shown in it.
        """
        copy = taken.standing.copy_of
        hold = f"this seems to be a copy of {copy}; --adopt makes it the original" if copy else ""
        return make_plan(
            replace(taken.snapshot, is_watched=is_watched),
            self.settings.job_rules,
            past=taken.past,
            templates=self.templates,
            jobs=jobs,
            hold_mail=hold,
            progress=progress,
        )

    def apply(self, plan: Plan, *, allow_large: bool = False, seen: Seen | None = None) -> Outcome:
        """Carries the plan out, remembers the layout, and settles the workbook as the original that it is."""
        if not allow_large and not plan.undoes:
            guard(plan, share=self.settings.guard.share, rows_free=self.settings.guard.rows_free)
        # An undone run does not know how the tabs were found since.
        plan = plan if plan.undoes else _with_layout(plan)
        return apply(plan, self.world, self.schema, self.now, seen)

    def remember(self, plan: Plan, taken: Taken) -> None:
        """Keeps what an empty plan has to remember: keys and rows seen, and how the tabs were found."""
        rows = states_after(taken.seen.understood.tables, ())
        self.journal.remember(_with_layout(plan).remember, rows, self.now.isoformat())

    def finish_unfinished(self) -> Outcome | None:
        """Finishes the run that was cut short, None where there is none; a copy of the workbook mails nobody."""
        if not self.has_journal or (unfinished := self.journal.unfinished()) is None:
            return None
        run, plan = unfinished
        if copy := self.originals.standing(self.place, self.journal, {}).copy_of:
            plan = without_mail(plan, f"this seems to be a copy of {copy}")
        return carry_out(run.id, plan, self.world, self.schema, self.now)

    def settle(self, taken: Taken, *, adopt: bool = False) -> Standing:
        """Records the workbook as an original, unless it is a copy that nobody adopted. Gives the standing."""
        if taken.standing.copy_of and not adopt:
            return taken.standing
        self.originals.settle(self.place, self.journal, taken.seen.understood.tables)
        return Standing()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """The workbook's run lock, which dies with its holder. Raises WorkbookBusy where another run has it."""
        import filelock

        self.state.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(self.state / "lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout as error:
            raise WorkbookBusy(f"Another run is at work on {self.path.name}.", "Wait until it has ended.") from error
        try:
            yield
        finally:
            lock.release()

    def check_can_calculate(self, wanted: bool) -> None:
        """Nothing; ConfigError or NotFound where results are to be calculated and cannot be."""
        if not wanted:
            return
        from sheetcrm.errors import ConfigError
        from sheetcrm.xlsx import check_can_calculate

        if self.address:
            raise ConfigError("Google Sheets calculates by itself.", "Leave --recalculate out.")
        if self.path.is_dir():
            raise ConfigError(f"{self.path.name} holds no formulas to calculate.", "Leave --recalculate out.")
        check_can_calculate()

    def calculate(self, wanted: bool, progress: Progress = lambda _step: None) -> None:
        """Stores the results that are out of date, as LibreOffice calculates them, where that is wanted."""
        if wanted:
            from sheetcrm.xlsx import open_book

            progress("calculating")
            open_book(self.path).recalculate()

    @property
    def plans(self) -> SavedPlans:
        """The plans saved for `apply`."""
        return SavedPlans(self.state / "plans", self.workbook.name)


def _with_layout(plan: Plan) -> Plan:
    import json

    if plan.undoes:
        return plan
    layout = json.dumps(plan.layout, ensure_ascii=False, separators=(",", ":"))
    return replace(plan, remember={**plan.remember, "layout": layout})


def _resolved(book: str) -> Path | None:
    """The full path of a workbook that exists, None where none does. Raises WorkbookUnreadable."""
    try:
        path = Path(book).expanduser().resolve()
        str(path).encode()
        return path if path.exists() else None
    except UnicodeEncodeError as error:
        raise WorkbookUnreadable(f"The path {book} is no text in UTF-8.", "Rename the file or folder.") from error
    except (OSError, RuntimeError):
        # A ring of links, the home of nobody, a name too long, a folder that is closed to this user.
        return None


def desk_for(book: str, config: str = "", as_of: str = "", *, knows_originals: bool = True) -> Desk:
    """The desk of a workbook, by path or address.

    Raises WorkbookUnreadable where there is no such file, ConfigError for bad settings.
    """
    key = key_in(book)
    path = Path.cwd() / key if key else _resolved(book)
    if path is None and is_google_address(book):
        what = "This address of a Google Sheet is not complete."
        raise WorkbookUnreadable(what, "Copy it from the browser: https://docs.google.com/spreadsheets/d/...")
    if path is None:
        raise WorkbookUnreadable(f"There is no workbook {book}.", "Check the path; `sheetcrm init` makes a new one.")
    if config and not Path(config).is_file():
        from sheetcrm.errors import ConfigError

        raise ConfigError(f"There is no settings file {config}.", "Check the path given with --config.")
    found = Path(config).resolve() if config else find_config(path)
    return Desk(path, load_settings(found), as_of, knows_originals, address_of(key) if key else "")
