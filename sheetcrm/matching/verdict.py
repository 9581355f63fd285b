"""What is said of each row: its group, how sure that is, and why; and of the pairs that a person should look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from sheetcrm.matching.coded import Codes, Floats, Places
from sheetcrm.matching.find import Found
from sheetcrm.matching.record import Match


@dataclass(frozen=True)
class Verdicts:
    """For each row its group, numbered by first row; how likely it belongs there, and why: nothing for rows alone."""

    group: Codes
    probability: Floats
    reason: dict[int, str]


def verdicts(found: Found, groups: Sequence[Sequence[int]], rows: int) -> Verdicts:
    """The verdict on each row; the reason is that of the likeliest pair with another row of its group."""
    members = np.fromiter(chain.from_iterable(groups), np.int64)
    group = _numbered(groups, members, rows)
    partner = np.full(rows, -1, np.int64)
    probability = np.zeros(rows, np.float32)
    inside = np.flatnonzero(group[found.one] == group[found.other])
    # The surest pair of a row is written last and so stays; of equal ones that with the first row.
    order = inside[np.lexsort((-found.other[inside], -found.one[inside], found.score[inside]))]
    for mine, theirs in ((found.one[order], found.other[order]), (found.other[order], found.one[order])):
        better = found.score[order] > probability[mine]
        partner[mine[better]] = theirs[better]
        probability[mine[better]] = found.score[order][better]
    lonely = members[partner[members] < 0]
    if len(lonely):
        first = {row: next(other for other in rows_ if other != row) for rows_ in groups for row in rows_}
        partner[lonely] = [first[row] for row in lonely.tolist()]
        probability[lonely] = found.score_of(lonely, partner[lonely])
    paired = np.flatnonzero(partner >= 0)
    reasons = found.why(paired, partner[paired])
    return Verdicts(group, probability, dict(zip(paired.tolist(), reasons, strict=True)))


def _numbered(groups: Sequence[Sequence[int]], members: Places, rows: int) -> Codes:
    lowest = np.arange(rows)
    sizes = np.fromiter(map(len, groups), np.int64)
    lowest[members] = np.repeat(np.fromiter(map(min, groups), np.int64), sizes)
    return np.cumsum(lowest == np.arange(rows), dtype=np.int32)[lowest]


def unsure(found: Found, group: Codes, least: float) -> list[Match]:
    """The pairs that score at least so much and are not in one group: the likeliest first."""
    kept = np.flatnonzero((found.score >= least) & (group[found.one] != group[found.other]))
    kept = kept[np.lexsort((found.other[kept], found.one[kept], -found.score[kept]))]
    why = found.why(found.one[kept], found.other[kept])
    pairs = zip(found.one[kept].tolist(), found.other[kept].tolist(), found.score[kept].tolist(), why, strict=True)
    return [Match(one, other, round(score, 4), reason) for one, other, score, reason in pairs]
