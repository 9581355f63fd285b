"""Scores computed by the workers of a Dask cluster, behind the same face: pairs in, likelihoods out, the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sheetcrm.matching.coded import Floats, Places
from sheetcrm.matching.matcher import Matcher

if TYPE_CHECKING:
    from distributed import Client

PART = 500_000
"""Pairs per task: some seconds of work, and a few megabytes on the wire."""


class DaskScorer:
    """Scores pairs on the workers of a cluster; each gets the prepared table once."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, matcher: Matcher, one: Places, other: Places) -> Floats:
        """How likely the pairs of inner places are the same."""
        table = self._client.scatter(matcher, broadcast=True, hash=False)  # type: ignore[no-untyped-call]
        starts = range(0, len(one), PART)
        tasks = self._client.map(
            _score,
            [one[i : i + PART] for i in starts],
            [other[i : i + PART] for i in starts],
            matcher=table,
            pure=False,
        )
        parts = self._client.gather(tasks)  # type: ignore[no-untyped-call]
        return np.concatenate(parts) if parts else np.empty(0, np.float32)


def _score(one: Places, other: Places, matcher: Matcher) -> Floats:
    return matcher.score(one, other)
