"""What every connector can do: read a workbook into Grids, and write cells and rows into the very one it read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sheetcrm.tab import TabContent
from sheetcrm.table import Grid, Raw


@dataclass(frozen=True, slots=True)
class CellWrite:
    """One cell to write, at its place in the Grids of the last `read`.

    Where people can move rows and columns at any moment, the header above the cell and the key in its row tell whether
    the place is still the one that was meant; without a key the whole row does.
    """

    tab: str
    row: int
    column: int
    value: Raw
    header_row: int | None = None
    key_column: int | None = None


@dataclass(frozen=True, slots=True)
class RowWrite:
    """One row to write below the last one of a tab; values by column, whose headers stand in `header_row`."""

    tab: str
    values: Mapping[int, Raw]
    header_row: int | None = None


@dataclass(frozen=True, slots=True)
class TabWrite:
    """A whole tab to be put anew, or to go where it has no content."""

    tab: str
    content: TabContent | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A cell that the workbook could not take unharmed, and why; row and column are -1 for a whole tab."""

    tab: str
    row: int
    column: int
    why: str


class Workbook(Protocol):
    """A workbook of any kind. All connectors pass one contract test."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def zone(self) -> str:
        """The time zone that the workbook itself has; empty where it has none, as files do."""

    def read(self) -> tuple[Grid, ...]:
        """All its tabs as they stand now. Raises WorkbookUnreadable."""

    def fingerprint(self) -> str:
        """A digest of what the last `read` saw: the same for the same content."""

    def who_has_it_open(self) -> str | None:
        """The person who has it open in another program, where that can be told."""

    def check_writable(self) -> None:
        """Nothing; WorkbookBusy or EditRefused where every write would be refused: open elsewhere, read-only."""

    def spent(self) -> str:
        """What a service was asked so far, in one phrase for people; empty for files."""

    def as_read(self, tab: str, value: Raw) -> Raw:
        """What a cell reads as once the value stands in it: in a CSV file a date is text."""

    def write(
        self, cells: Sequence[CellWrite], rows: Sequence[RowWrite], backup: Path, tabs: Sequence[TabWrite] = ()
    ) -> tuple[Refusal, ...]:
        """Writes all that can be written, at once, and gives back the cells and whole tabs that it refused.

        A whole tab replaces one that was put so before; a tab of that name that a person made is a refusal.

        `backup` is a file (or folder) that receives the state before. Raises WorkbookBusy, with nothing written, where
        the workbook is open, locked or no longer the one that was read; EditRefused, with nothing written, where it
        cannot take the edit as a whole; NotFound for a tab that it lacks. Then `read` must come before another write.
        """
