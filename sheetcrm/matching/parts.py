"""Rows that hang together by pairs, a whole table at once: the parts of a graph, and the pairs within them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sheetcrm.matching.coded import Places

Mask = npt.NDArray[np.bool_]


def parts(one: Places, other: Places, rows: int) -> Places:
    """Of each row the lowest one that it hangs together with by the pairs, over however many others."""
    lowest = np.arange(rows)
    while True:
        low = np.minimum(lowest[one], lowest[other])
        moves = (lowest[one] != low) | (lowest[other] != low)
        if not moves.any():
            return lowest
        for ends in (one[moves], other[moves]):
            np.minimum.at(lowest, ends, low[moves])
        lowest = lowest[lowest]


def pairs_within(part: Places, rows: Places) -> tuple[Places, Places]:
    """All the pairs of those rows that are of one part, the lower row first, part by part."""
    rows = rows[np.argsort(part[rows], kind="stable")]
    firsts, seconds = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    left, step = np.arange(len(rows)), 1
    while len(left := left[: np.searchsorted(left, len(rows) - step)]):
        left = left[part[rows[left]] == part[rows[left + step]]]
        firsts.append(left)
        seconds.append(left + step)
        step += 1
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    order = np.lexsort((second, first))
    return rows[first[order]], rows[second[order]]


def grouped(part: Places, rows: Places) -> list[list[int]]:
    """The rows part by part, each in order."""
    rows = rows[np.argsort(part[rows], kind="stable")]
    cuts = [0, *(np.flatnonzero(np.diff(part[rows])) + 1).tolist(), len(rows)]
    members = rows.tolist()
    return [members[start:end] for start, end in pairwise(cuts) if end > start]
