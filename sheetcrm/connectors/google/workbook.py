"""A Google Sheet as the system of record, in at most four calls a run.

1. read: the whole spreadsheet in one call;
2. check: a batch that changes nothing shows that we may write, before anybody is mailed, and what changed since;
3. write: one atomic batch, whose answer also shows what stood there right before (see `sending`);
4. tidy: what that took is taken away, and whatever people moved in the same moment is put right.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sheetcrm.connectors.google.access import config_folder, find_access
from sheetcrm.connectors.google.address import address_of
from sheetcrm.connectors.google.batches import batches_of, free_ids, number_of
from sheetcrm.connectors.google.client import SheetsClient, client_for
from sheetcrm.connectors.google.reading import value_of
from sheetcrm.connectors.google.sending import Sender
from sheetcrm.connectors.google.state import Formula, State
from sheetcrm.connectors.google.tabs import Put, put_for
from sheetcrm.connectors.google.targets import Target, count_keys, kind_of_value, obstacle, target_for, unfit
from sheetcrm.connectors.google.writing import extended
from sheetcrm.connectors.protocol import CellWrite, Refusal, RowWrite, TabWrite
from sheetcrm.errors import EditRefused, NotFound, WorkbookBusy
from sheetcrm.files import write_whole
from sheetcrm.table import Grid, Raw

_NO_FILE_NAME = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


class GoogleWorkbook:
    """A Google Sheet. Credentials are looked for at the first call."""

    def __init__(self, key: str, records: Path | None = None, client: SheetsClient | None = None) -> None:
        """`records` is the folder in which a write that is under way is written down."""
        self.key = key
        self.path = Path.cwd() / key
        self._records = (records or config_folder() / "google" / key) / "pending.json"
        self._client = client
        self._sender: Sender | None = None
        self._state: State | None = None
        self._ahead: State | None = None
        self._may_write = False

    @property
    def address(self) -> str:
        """Its address in the browser."""
        return address_of(self.key)

    @property
    def name(self) -> str:
        """The title, as a file may be called."""
        return _NO_FILE_NAME.sub("-", self._known().title).strip()[:80] or self.key

    @property
    def zone(self) -> str:
        """The sheet's own time zone."""
        return self._known().zone

    @property
    def sender(self) -> Sender:
        """Who makes the calls, signed in. Raises ConfigError."""
        if self._sender is None:
            email = ""
            if self._client is None:
                access = find_access()
                email, self._client = access.email, client_for(access.credentials)
            self._sender = Sender(self.key, self._client, email, self._records)
        return self._sender

    def spent(self) -> str:
        """How many calls were made, and how large they were."""
        return self._client.spent() if self._client else ""

    def _known(self) -> State:
        """The sheet as seen last; what is read for this is what the next `read` gives."""
        if self._state is None and self._ahead is None:
            self._ahead = self.sender.fetch()
        return self._ahead or self._opened()

    def _opened(self) -> State:
        if self._state is None:
            self._state = self._ahead or self.sender.fetch()
            self._ahead = None
        return self._state

    def read(self) -> tuple[Grid, ...]:
        """All its tabs as Grids. Raises WorkbookUnreadable, WorkbookBusy or ConfigError."""
        self._state = None
        return tuple(tab.grid for tab in self._opened().tabs)

    def fingerprint(self) -> str:
        """A digest of what was typed when it was read last."""
        return self._opened().fingerprint

    def who_has_it_open(self) -> str | None:
        """Nobody: any number of people may have it open, and none is in the way."""

    def as_read(self, tab: str, value: Raw) -> Raw:  # noqa: ARG002 -- the face is the protocol's
        """The value as the sheet gives it back: whole numbers as such, moments to the millisecond, empty text blank."""
        if value is None or unfit(value):
            return value
        return value_of(extended(value), kind_of_value(value))

    def check_writable(self) -> None:
        """Nothing; EditRefused or WorkbookBusy where the sheet cannot be written. Looks after a write cut short."""
        if self._may_write:
            return
        left_over = () if self._records.exists() else self._known().scratch
        state = self.sender.check(left_over)
        if self.sender.look_after(state):
            state = self.sender.check(())
        self._ahead = state
        self._may_write = True

    def write(
        self, cells: Sequence[CellWrite], rows: Sequence[RowWrite], backup: Path, tabs: Sequence[TabWrite] = ()
    ) -> tuple[Refusal, ...]:
        """Writes all cells that the sheet can take unharmed, each where it belongs now, and the rows below their tabs.

        A whole tab is put where none of that name is a person's, and what people type into it meanwhile is kept in a
        copy. Raises WorkbookBusy, with nothing written, where people changed something since it was read.
        """
        state = self._opened()
        for title in dict.fromkeys([*(one.tab for one in cells), *(one.tab for one in rows)]):
            if state.tab(title) is None:
                raise NotFound(f"{state.title} has no tab {title}.", "See whether it was renamed.")
        self.check_writable()
        if self._ahead is not None and self._ahead.fingerprint != state.fingerprint:
            raise WorkbookBusy(f"{state.title} changed since it was read.", "Run again.")
        now = self._ahead or state
        self._state = self._ahead = None
        self._may_write = False
        refused, targets = _sorted_out(now, cells)
        _check_rows(now, rows)
        tabs_refused, puts = _puts(now, tabs)
        if targets or rows or puts:
            _save_backup(now, self.key, backup)
            batches = batches_of(targets, rows, puts)
            overtaken = self.sender.deliver(now, batches, backup.name)
            refused += [Refusal(one.tab, one.row, one.column, why) for one, why in overtaken]
        return (*refused, *tabs_refused)


def _sorted_out(state: State, cells: Sequence[CellWrite]) -> tuple[list[Refusal], list[Target]]:
    """The cells that cannot be written, with the reason, and Targets for the others."""
    refused: list[Refusal] = []
    targets: list[Target] = []
    by_tab: dict[str, list[CellWrite]] = defaultdict(list)
    for one in cells:
        by_tab[one.tab].append(one)
    for title, ours in by_tab.items():
        tab = state.tab(title)
        if tab is None:
            continue
        columns = {one.key_column for one in ours if one.key_column is not None}
        keys = {column: count_keys(tab, column) for column in columns}
        for one in ours:
            if why := obstacle(tab, one):
                refused.append(Refusal(one.tab, one.row, one.column, why))
            else:
                targets.append(target_for(tab, one, keys))
    return refused, targets


def _check_rows(state: State, rows: Sequence[RowWrite]) -> None:
    for one in rows:
        tab = state.tab(one.tab)
        for j, value in one.values.items():
            why = unfit(value)
            if tab and tab.is_protected(tab.end, j):
                why = "the column is protected"
            elif tab and (tab.end, j) in tab.locked:
                why = "a formula fills the column"
            if why:
                raise EditRefused(f"A new row of {one.tab} cannot be written: {why}.", "Correct it and run again.")


def _puts(state: State, tabs: Sequence[TabWrite]) -> tuple[list[Refusal], list[Put]]:
    """The whole tabs that cannot be written, with the reason, and Puts for the others."""
    refused: list[Refusal] = []
    puts: list[Put] = []
    numbers = free_ids(number_of(state.title, *(one.tab for one in tabs)), state.taken_ids, len(tabs))
    for one, number in zip(tabs, numbers, strict=True):
        try:
            put = put_for(state, one.tab, one.content, number)
        except EditRefused as refusal:
            refused.append(Refusal(one.tab, -1, -1, refusal.what))
        else:
            puts += [put] if put is not None else []
    return refused, puts


def _save_backup(state: State, key: str, backup: Path) -> None:
    """Writes down what stood in the sheet before: each tab's cells as typed, formulas as texts of their own."""
    tabs = {
        tab.title: [[{"f": one.text} if isinstance(one, Formula) else _plain(one) for one in row] for row in tab.typed]
        for tab in state.tabs
    }
    text = json.dumps({"key": key, "title": state.title, "tabs": tabs}, ensure_ascii=False)
    write_whole(backup, text.encode("utf-8", "surrogatepass"))


def _plain(value: Raw) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
