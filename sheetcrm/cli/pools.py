"""Where the workbooks of `serve` are worked off: in processes of this computer, or on a Dask cluster."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, Protocol

from sheetcrm.cli.due import Tick, tick
from sheetcrm.connectors.google.address import is_google_address
from sheetcrm.errors import ConfigError

LAST_CHANCE = 7.0
"""Seconds that work may still take once `serve` is told to end; what is cut short then, the next run finishes."""


class Work(Protocol):
    """A tick under way, as concurrent.futures and Dask both know it."""

    def done(self) -> bool:
        """Whether it has ended, one way or another."""

    def result(self) -> Tick:
        """What came of it. Raises whatever ended it."""


class Pool(Protocol):
    """A place that works off workbooks."""

    def submit(self, book: str, config: str) -> Work:
        """The tick of one workbook, begun."""

    def close(self, running: Collection[Work]) -> None:
        """Ends within ten seconds, whatever is still running."""


class Processes:
    """So many processes of this computer. One that dies takes its tick with it, and no other workbook's later ones."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        # Spawned on every system: a forked copy of a program with threads may hang.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._workers, mp_context=context, initializer=_begin_worker)

    def submit(self, book: str, config: str) -> Work:
        """The tick of one workbook, begun; a pool that broke is replaced."""
        try:
            return self._pool.submit(tick, book, config)
        except BrokenProcessPool:
            self._pool.shutdown(wait=False)
            self._pool = self._new()
            return self._pool.submit(tick, book, config)

    def close(self, running: Collection[Work]) -> None:
        """Waits a little for what is running, then ends the processes."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait([one for one in running if isinstance(one, Future)], timeout=LAST_CHANCE)
        for process in multiprocessing.active_children():
            process.kill()


def _begin_worker() -> None:
    # Ctrl-C goes to the whole group: the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.join,), daemon=True).start()


def _end_with(parent_ended: Callable[[], None]) -> None:
    """Ends this process when its parent has ended: nobody would ever give it work again."""
    parent_ended()
    os._exit(1)


class Cluster:
    """A Dask cluster: several machines that see the workbooks under the same paths.

    The ticks of a worker that died are done again by another one. Workers have a working folder of their own: they are
    given whole paths.
    """

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client as Connected
        except ImportError as error:
            raise ConfigError("--cluster needs Dask.", 'Install it: pip install "sheetcrm[cluster]"') from error
        try:
            connect: Any = Connected
            self._client: Any = connect(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigError(f"No Dask scheduler answers at {address}.", "Start one: dask scheduler.") from error

    def submit(self, book: str, config: str) -> Work:
        """The tick of one workbook, begun on some machine."""
        place = book if is_google_address(book) else str(Path(book).absolute())
        settings = config and str(Path(config).absolute())
        work: Work = self._client.submit(tick, place, settings, pure=False)
        return work

    def close(self, running: Collection[Work]) -> None:  # noqa: ARG002 -- the machines finish what they began
        """Leaves the cluster to itself."""
        self._client.close(timeout=5)
