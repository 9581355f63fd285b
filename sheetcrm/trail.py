"""What the rows of a table held from reading to reading, as columns: the past of figures. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np


@dataclass(frozen=True)
class Coded:
    """A column of few values for many events: event e holds `values[codes[e]]`."""

    values: Sequence[object]
    codes: np.ndarray[Any, Any]

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[object]:
        return (self.values[code] for code in self.codes.tolist())


@dataclass(frozen=True)
class Trail:
    """Event e: the row `keys[row[e]]` held what `fields[name]` tells for e since the reading `moments[moment[e]]`.

    Events stand by row and, within a row, by moment. A field that did not change holds what it held before; blank is
    None. Where `is_gone[e]` the row was no longer there.
    """

    moments: tuple[datetime, ...] = ()
    """All readings in order, those that found nothing new included; aware."""
    keys: tuple[str, ...] = ()
    row: Sequence[int] | np.ndarray[Any, Any] = ()
    moment: Sequence[int] | np.ndarray[Any, Any] = ()
    is_gone: Sequence[bool] | np.ndarray[Any, Any] = ()
    fields: Mapping[str, Coded] = field(default_factory=dict)


NO_TRAIL = Trail()

Trails = Callable[[str, Sequence[str]], Trail]
"""Gives the trail of a table, for the fields that are asked for."""


def no_trails(_table: str, _fields: Sequence[str]) -> Trail:
    """No past at all, as before the first run."""
    return NO_TRAIL
