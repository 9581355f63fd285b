"""What a schedule tick does for one workbook: works off the slots that are due, and the mails that waited long enough.

`run --due` calls it from cron and its like, `serve` in worker processes. Both share one ledger, so each slot is worked
off once; the schedule lock is held meanwhile, and dies with its holder.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click

from sheetcrm.cli.alarm import LEADERS, alarm, alarm_key
from sheetcrm.cli.desk import Desk, desk_for
from sheetcrm.cli.heartbeat import beat
from sheetcrm.cli.inbox import try_inbox
from sheetcrm.cli.screen import counted
from sheetcrm.cli.work import plan_and_apply
from sheetcrm.errors import SheetcrmError, WorkbookBusy
from sheetcrm.jobs.registry import JOBS
from sheetcrm.jobs.summary import recipients
from sheetcrm.mail_states import MailState, in_utc
from sheetcrm.post.again import lapse
from sheetcrm.schedule.ledger import LONGEST_BACK_OFF, Ledger
from sheetcrm.schedule.missed import CatchUp
from sheetcrm.schedule.settings import Group
from sheetcrm.schedule.slots import Slot, Timetable, timetable

ASKS_AGAIN = timedelta(minutes=15)
"""A workbook is looked at this often even where nothing is due: its settings may have changed."""

BUSY_BACK_OFF = timedelta(minutes=10)
"""The longest wait for somebody to close the workbook."""

BUSY_TOO_LONG = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of one slot: `done` or `failed`, and counts without names."""

    group: str
    slot: str
    state: str
    detail: str
    problem: str = ""
    """What kind of error it was, without names: for logs."""


@dataclass(frozen=True, slots=True)
class Tick:
    """What came of one look at a workbook, and when the next one is worth it."""

    book: str
    worked: tuple[Worked, ...] = ()
    wake: datetime | None = None
    problem: str = ""
    is_taken: bool = False
    """Whether another process is at work on this schedule."""

    @property
    def is_well(self) -> bool:
        """Whether nothing failed."""
        return not self.problem and all(one.state == "done" for one in self.worked)


@contextmanager
def _schedule_lock(desk: Desk) -> Iterator[bool]:
    """Whether this process may work off the schedule; the system gives the lock free when its holder dies."""
    import filelock

    desk.state.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(desk.state / "schedule.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def ledger_of(desk: Desk) -> Ledger:
    """The ledger of a workbook's slots; records of a workbook that was moved come along first."""
    if not (desk.state / "schedule.sqlite").exists():
        desk.find_records()
    return Ledger(desk.state / "schedule.sqlite")


def timetables(desk: Desk) -> list[tuple[Group, Timetable]]:
    """The groups of a workbook, each with its timetable."""
    settings = desk.settings
    return [(one, timetable(one, settings.calendar, desk.schema.zone)) for one in settings.schedule.groups]


def catch_up(desk: Desk, group: Group) -> CatchUp:
    """How a group makes good what it missed."""
    rule = desk.settings.schedule
    window, grace = timedelta(hours=rule.window_hours), timedelta(minutes=rule.grace_minutes)
    return CatchUp(group.missed or rule.missed, window, grace)


def work_off(desk: Desk, *, adopt: bool = False) -> Tick:
    """Works off what is due in one workbook. Errors of a group are recorded, and do not stop the others.

    With `adopt` the workbook is the original here, wherever it was before.
    """
    with _schedule_lock(desk) as is_ours:
        if not is_ours:
            return Tick(desk.path.name, is_taken=True, wake=desk.now + timedelta(minutes=1))
        ledger = ledger_of(desk)
        if adopt:
            desk.settle(desk.take(), adopt=True)
        worked: list[Worked] = []
        for group, table in timetables(desk):
            for slot in ledger.claim(table, desk.now, catch_up(desk, group)):
                worked.append(_work(desk, ledger, group, slot))  # noqa: PERF401 -- each is worked off before the next
        problem = _send_waiting(desk)
        is_well = not problem and not any(ledger.health(group.name).failures for group in desk.settings.schedule.groups)
        if is_well:
            problem = beat(desk.settings.schedule.heartbeat, desk.path.parent, desk.now)
        return Tick(desk.path.name, tuple(worked), _wake(desk, ledger), problem)


def _work(desk: Desk, ledger: Ledger, group: Group, slot: Slot) -> Worked:
    try:
        detail = run_group(desk, tuple(group.jobs) or tuple(JOBS), ledger)
    # Whatever a job or a full disk raises: the other groups and workbooks go on.
    except Exception as error:  # noqa: BLE001
        _failed(desk, ledger, slot, error)
        return Worked(group.name, slot.name, "failed", _told(error), type(error).__name__)
    ledger.done(slot, desk.now, detail)
    # What waits to say that the group fails is no longer true.
    lapse(desk.journal, [one.key for one in _waiting(desk) if one.key.startswith(alarm_key(group.name))], desk.now)
    return Worked(group.name, slot.name, "done", detail)


def _failed(desk: Desk, ledger: Ledger, slot: Slot, error: Exception) -> None:
    """Records the failure, and tells somebody once it is no passing trouble."""
    is_busy = isinstance(error, WorkbookBusy)
    longest = BUSY_BACK_OFF if is_busy else LONGEST_BACK_OFF
    health = ledger.failed(slot, desk.now, _told(error), longest)
    lasts = desk.now - datetime.fromisoformat(health.failing_since)
    is_trouble = lasts >= BUSY_TOO_LONG if is_busy else health.failures >= desk.settings.schedule.notify_after
    if is_trouble and not health.told:
        # An outbox that is down as well changes nothing: the heartbeat stays away, and `status` shows it.
        with suppress(Exception):
            alarm(desk, ledger, slot.group, health)


def _send_waiting(desk: Desk) -> str:
    """Plans the mails anew whose time has come, since what they say may have changed; gives what went wrong."""
    # An alarm waits for the next failure: no job plans it.
    due = [one for one in _waiting(desk, due_only=True) if one.job in JOBS]
    if not due:
        return ""
    asked = {one.job for one in due}
    try:
        run_group(desk, tuple(job for job in JOBS if job in asked))
        lapse(desk.journal, [one.key for one in due], desk.now)
    except Exception as error:  # noqa: BLE001 -- the next look tries again
        return f"mails that waited were not sent: {type(error).__name__}"
    return ""


def _waiting(desk: Desk, *, due_only: bool = False) -> list[MailState]:
    if not desk.has_journal:
        return []
    now = in_utc(desk.now)
    return [one for one in desk.journal.mails("state = 'waiting'") if not due_only or one.due <= now]


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, SheetcrmError | OSError) else f"unexpected: {type(error).__name__}"


def run_group(desk: Desk, jobs: tuple[str, ...], ledger: Ledger | None = None) -> str:
    """Runs jobs together, after a look into the inbox. Gives what was done, in counts."""
    with desk.locked():
        problem = try_inbox(desk)
        desk.finish_unfinished()
        detail = _run_jobs(desk, jobs, ledger)
    if problem:
        # The work is done, but for mails to customers: whoever looks after it is told as of any other failure.
        raise SheetcrmError(problem, "Until then nothing goes to customers.")
    return detail


def _run_jobs(desk: Desk, jobs: tuple[str, ...], ledger: Ledger | None) -> str:
    """Runs jobs together or, where one of them spoils the plan, each by itself."""
    try:
        return _run(desk, jobs, ledger)
    except (WorkbookBusy, OSError):
        raise
    except Exception:
        if len(jobs) == 1:
            raise
    errors: list[Exception] = []
    for job in jobs:
        try:
            _run(desk, (job,), ledger)
        # One job's error never stops another: they are told together at the end.
        except Exception as error:  # noqa: BLE001
            errors.append(error)
    if errors:
        raise errors[0]
    return "each job by itself"


def _run(desk: Desk, jobs: tuple[str, ...], ledger: Ledger | None) -> str:
    done = plan_and_apply(desk, jobs)
    outcome, leaders = done.outcome, " ".join(recipients(done.taken.snapshot, desk.settings.summary))
    if ledger and not done.taken.standing.copy_of and leaders != ledger.fact(LEADERS):
        ledger.keep(LEADERS, leaders)
    if outcome is None:
        return "nothing to do"
    parts = [f"run {outcome.run}: {counted(outcome.written, 'cell')}, {counted(len(outcome.sent), 'mail')}"]
    if outcome.skipped:
        parts.append(f"{len(outcome.skipped)} left alone")
    if outcome.failed:
        parts.append(f"{len(outcome.failed)} not sent")
    return ", ".join(parts)


def _wake(desk: Desk, ledger: Ledger) -> datetime:
    """When the workbook is worth another look."""
    moments = [desk.now + ASKS_AGAIN]
    for _, table in timetables(desk):
        if slot := table.next(desk.now):
            moments.append(slot.due)
        if not_before := ledger.health(table.group).not_before:
            moments.append(datetime.fromisoformat(not_before))
    moments += [datetime.fromisoformat(one.due) for one in _waiting(desk)]
    return min(one for one in moments if one > desk.now)


def run_due(desk: Desk, *, adopt: bool, as_json: bool) -> int:
    """`run --due`: works off what is due, says so, and gives the exit code."""
    done = work_off(desk, adopt=adopt)
    if as_json:
        wake = done.wake.isoformat() if done.wake else None
        worked = [asdict(one) for one in done.worked]
        plain = {"worked": worked, "next_look": wake, "problem": done.problem, "another_is_at_work": done.is_taken}
        click.echo(json.dumps(plain, ensure_ascii=False, indent=1))
    elif done.is_taken:
        click.echo("Another process is at work on this schedule.")
    elif not done.worked:
        click.echo("Nothing is due.")
    for one in () if as_json else done.worked:
        click.echo(f"{one.group} {one.slot}: {one.state}: {one.detail}")
    if done.problem:
        click.echo(done.problem, err=True)
    return 0 if done.is_well else 1


def tick(book: str, config: str = "") -> Tick:
    """One look at a workbook, in a worker process: whatever goes wrong comes back as a Tick, nothing is printed."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        try:
            return work_off(desk_for(book, config))
        except Exception as error:  # noqa: BLE001 -- one workbook's trouble never stops the others
            return Tick(Path(book).name, problem=_told(error))
