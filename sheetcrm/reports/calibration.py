"""How often leads of a stage are won in the end, told by the workbook's own history, with how sure that is."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt

import numpy as np
import pandas as pd

from sheetcrm.reports.calibrated import PRIOR, WinRate
from sheetcrm.reports.values import Stages

_Z = 1.6448536269514722
"""Nine of ten times the true rate lies between `low` and `high`."""


def win_rates(moves: pd.DataFrame, leads: pd.DataFrame, stages: Stages) -> tuple[WinRate, ...]:
    """The win rate of each open stage."""
    settled = leads[leads["place"].isin(["won", "lost"])]
    is_won = settled.set_index("row")["place"].eq("won")
    seen = moves.loc[moves["place"].eq("open").to_numpy(), ["row", "status"]].drop_duplicates()
    seen = seen[seen["row"].isin(is_won.index)]
    found = seen.assign(won=seen["row"].map(is_won).to_numpy(dtype=bool)).groupby("status")["won"].agg(["size", "sum"])
    counts = {str(stage): (int(size), int(won)) for stage, size, won in found.itertuples()}
    return tuple(_rate(stage, *counts.get(stage, (0, 0)), stages.probability(stage)) for stage in stages.open)


def _rate(stage: str, closed: int, won: int, prior: Decimal) -> WinRate:
    rate = ((won + PRIOR * prior) / (closed + PRIOR)).quantize(Decimal("0.0001"))
    low, high = wilson((won + PRIOR * float(prior)) / (closed + PRIOR), closed + PRIOR)
    return WinRate(stage, closed, won, rate, low, high)


def wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's interval of a share seen in so many cases (E. B. Wilson 1927)."""
    if not count:
        return 0.0, 1.0
    square = _Z * _Z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = _Z * sqrt(share * (1 - share) / count + square / (4 * count * count)) / (1 + square / count)
    return float(np.clip(middle - half, 0, 1)), float(np.clip(middle + half, 0, 1))
