"""serve: stays and works off the schedule of one workbook or a thousand until it is told to end."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import click

from sheetcrm.cli.desk import desk_for
from sheetcrm.cli.due import Tick
from sheetcrm.cli.options import config_option
from sheetcrm.cli.pools import Cluster, Pool, Processes, Work
from sheetcrm.errors import SheetcrmError

BEAT_SECONDS = 5
AFTER_TROUBLE = timedelta(minutes=1)
"""When a workbook is looked at again that could not be, such as one on a drive that is not there."""


@dataclass
class Rounds:
    """The workbooks of one `serve`: when each is due for a look, and which are being worked off."""

    books: tuple[str, ...]
    config: str
    pool: Pool
    say: Callable[[str], None]
    wake: dict[str, datetime] = field(default_factory=dict)
    running: dict[str, Work] = field(default_factory=dict)
    last: datetime | None = None

    def beat(self, now: datetime) -> None:
        """One beat of the metronome: takes in what has ended, and begins what is due. Never waits."""
        for book, work in list(self.running.items()):
            if work.done():
                del self.running[book]
                self._take_in(book, work, now)
        if self.last and now < self.last:
            # The clock was set back: what it said before about the time of the next look is worth nothing.
            self.wake.clear()
        self.last = now
        for book in self.books:
            if book not in self.running and now >= self.wake.get(book, now):
                self.running[book] = self.pool.submit(book, self.config)

    def _take_in(self, book: str, work: Work, now: datetime) -> None:
        try:
            done = work.result()
        except Exception as error:  # noqa: BLE001 -- a worker that died, in the words of its pool
            self.say(f"{book}: the worker died ({type(error).__name__}); the next look finishes its work")
            done = Tick(book)
        self.wake[book] = done.wake or now + AFTER_TROUBLE
        if done.problem:
            self.say(f"{done.book}: {done.problem}")
        for one in done.worked:
            end = one.detail if one.state == "done" else f"{one.problem}; sheetcrm status {done.book} tells more"
            self.say(f"{done.book}: {one.group} {one.slot}: {one.state}: {end}")


def keep_time(beat: Callable[[datetime], None], stop: threading.Event) -> None:
    """Beats every five seconds until told to stop, also across a clock that is set back."""
    import schedule

    metronome = schedule.Scheduler()

    def wind() -> None:
        metronome.clear()
        metronome.every(BEAT_SECONDS).seconds.do(lambda: beat(datetime.now(UTC)))

    wind()
    beat(datetime.now(UTC))
    while not stop.is_set():
        # `schedule` goes by local time: in autumn its next beat would be an hour away.
        if (metronome.idle_seconds or 0) > BEAT_SECONDS:
            wind()
        metronome.run_pending()
        stop.wait(0.5)


@click.command("serve")
@click.argument("books", metavar="BOOK...", nargs=-1, required=True)
@config_option
@click.option("--workers", type=click.IntRange(1), default=None, help="Processes at work at once; as many as cores.")
@click.option("--cluster", default="", metavar="ADDRESS", help="A Dask scheduler to work on, as in tcp://host:8786.")
def serve_command(books: tuple[str, ...], config: str, workers: int | None, cluster: str) -> int:
    """Work off the schedule of each BOOK until told to end.

    Ctrl-C or SIGTERM end it within ten seconds; work that is cut short is finished by the next run.
    """
    for book in books:
        try:
            _say(f"{desk_for(book, config).path.name}: {_groups(book, config)}")
        except SheetcrmError as error:
            _say(f"{book}: {error}")
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    pool: Pool = Cluster(cluster) if cluster else Processes(workers or min(len(books), os.cpu_count() or 1))
    rounds = Rounds(tuple(dict.fromkeys(books)), config, pool, _say)
    try:
        keep_time(rounds.beat, stop)
    finally:
        _say("ending")
        pool.close(list(rounds.running.values()))
    return 0


def _groups(book: str, config: str) -> str:
    groups = desk_for(book, config).settings.schedule.groups
    return f"{len(groups)} {'group' if len(groups) == 1 else 'groups'}: {', '.join(one.name for one in groups)}"


def _say(line: str) -> None:
    click.echo(f"{datetime.now(UTC).astimezone():%Y-%m-%d %H:%M:%S} {line}")
