"""An index over one or several columns at once: the rows in which given values stand together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sheetcrm.formula.values import Array, key_of

Codes = tuple[dict[object, int], NDArray[np.int64]]


class Groups:
    """The places of rows by what stands in their cells, kept as few large lists: many small ones cost more time."""

    def __init__(self, blocks: Sequence[Array]) -> None:
        # The blocks are kept, so that none of another evaluation takes the place of one in a cache.
        self.blocks = blocks
        self._codes = [_coded(block) for block in blocks]
        joint = self._codes[0][1]
        for known, codes in self._codes[1:]:
            joint = joint * len(known) + codes
        order = np.argsort(joint, kind="stable")
        found, starts = np.unique(joint[order], return_index=True)
        self._found = found
        self._sizes = np.diff(np.append(starts, len(joint)))
        self._order: list[int] = order.tolist()
        self._starts: list[int] = [*starts.tolist(), len(joint)]
        self._slots = dict(zip(found.tolist(), range(len(found)), strict=True))

    def _slot(self, keys: Sequence[object]) -> int | None:
        joint = 0
        for (known, _), key in zip(self._codes, keys, strict=True):
            code = known.get(key)
            if code is None:
                return None
            joint = joint * len(known) + code
        return self._slots.get(joint)

    def places(self, keys: Sequence[object]) -> Sequence[int]:
        """The places in order where all keys stand."""
        slot = self._slot(keys)
        return () if slot is None else self._order[self._starts[slot] : self._starts[slot + 1]]

    def count(self, keys: Sequence[object]) -> int:
        """How many places there are."""
        slot = self._slot(keys)
        return 0 if slot is None else self._starts[slot + 1] - self._starts[slot]

    def counts(self, keys: Sequence[object], place: int, texts: Sequence[object]) -> NDArray[np.int64]:
        """For each text as the key at a place, the others fixed, how many places there are; a blank finds none."""
        joint = np.zeros(len(texts), dtype=np.int64)
        is_known = np.ones(len(texts), dtype=np.bool_)
        for i, ((known, _), key) in enumerate(zip(self._codes, keys, strict=True)):
            if i == place:
                codes = np.array([-1 if text is None else known.get(text, -1) for text in texts], dtype=np.int64)
                is_known = codes >= 0
                joint = joint * len(known) + codes
                continue
            code = known.get(key)
            if code is None:
                return np.zeros(len(texts), dtype=np.int64)
            joint = joint * len(known) + code
        if not len(self._found):
            return np.zeros(len(texts), dtype=np.int64)
        at = np.searchsorted(self._found, joint)
        at[at == len(self._found)] = 0
        counts: NDArray[np.int64] = np.where(is_known & (self._found[at] == joint), self._sizes[at], 0)
        return counts


def _coded(block: Array) -> Codes:
    """Each different value's number, and these numbers for all cells."""
    if "codes" not in block.cache:
        known: dict[object, int] = {}
        codes = [
            known.setdefault(cell.lower() if type(cell) is str else key_of(cell), len(known)) for cell in block.flat
        ]
        block.cache["codes"] = (known, np.array(codes, dtype=np.int64))
    coded: Codes = block.cache["codes"]
    return coded


def different(block: Array) -> dict[object, int]:
    """Each different value of a block with its number, in order of appearance."""
    return _coded(block)[0]
