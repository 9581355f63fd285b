"""What the figures of a pipeline are: values only. `figures.py` says how each is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sheetcrm.reports.calibrated import WinRate
from sheetcrm.reports.money import NO_LEADS, Tally, Total
from sheetcrm.reports.periods import Period

_LOWEST, _HIGHEST = Decimal("0.1"), Decimal("0.8")

MOVES = ("new", "won", "lost", "forward", "back", "reopened", "pushed", "gone")
"""The kinds of change in a period, see `changes.Changes`."""


WON_ORDER, UNKNOWN_ORDER = 10_000, -2
"""How far a won lead is, beyond every stage, and one whose status says nothing."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Which statuses are open (in the order of the pipeline), which are won, which are lost."""

    open: tuple[str, ...]
    won: tuple[str, ...]
    lost: tuple[str, ...]
    calibrated: Mapping[str, Decimal] = field(default_factory=dict)
    """Win rates of stages told by the workbook's own history, which come before the even steps."""

    def probability(self, status: str) -> Decimal:
        """The chance that an open lead of this status has where its row names none.

        What the history told or, lacking that, evenly from 0.1 in the first open stage to 0.8 in the last, to four
        places; a single stage has 0.45.
        """
        if status in self.calibrated:
            return self.calibrated[status]
        if len(self.open) == 1:
            return (_LOWEST + _HIGHEST) / 2
        step = (_HIGHEST - _LOWEST) / (len(self.open) - 1)
        return (_LOWEST + step * self.open.index(status)).quantize(Decimal("0.0001"))

    def place(self, status: str) -> str:
        """open, won or lost; empty for a status in none of the lists."""
        places = (("open", self.open), ("won", self.won), ("lost", self.lost))
        return next((place for place, statuses in places if status in statuses), "")

    def order(self, status: str) -> int:
        """How far a status is: its place among the open ones; won is beyond all, lost -1, an unknown one -2."""
        place = self.place(status)
        return self.open.index(status) if place == "open" else {"won": WON_ORDER, "lost": -1}.get(place, UNKNOWN_ORDER)


@dataclass(frozen=True, slots=True)
class ReportRule:
    """What figures go by, from the settings."""

    stalled_days: int = 21
    stalled_factor: float = 1.5
    fiscal_year_start: int = 1
    currency: str = ""
    """The currency of all sums; empty: that of most leads."""
    commit: float = 0.7
    best_case: float = 0.4


@dataclass(frozen=True, slots=True)
class Start:
    """How things stood on the first day of the period."""

    open: Tally = NO_LEADS
    weighted: tuple[Total, ...] = ()
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one owner (`who`, empty for nobody), or of all. `start` is None beyond the known past."""

    who: str = ""
    open: Tally = NO_LEADS
    weighted: tuple[Total, ...] = ()
    new: Tally = NO_LEADS
    won: Tally = NO_LEADS
    lost: Tally = NO_LEADS
    overdue: int = 0
    stalled: int = 0
    lacks_step: int = 0
    start: Start | None = None

    @property
    def is_zero(self) -> bool:
        """Whether nothing counts here."""
        return not (self.open.count or self.new.count or self.won.count or self.lost.count)


@dataclass(frozen=True, slots=True)
class StageLine:
    """An open stage: its leads, their amount, the weighted amount, and how its deals move through it.

    `usual_days` is the median stay, None where too few have ended; `chance` is what a lead without a Probability has.
    """

    stage: str
    open: Tally = NO_LEADS
    weighted: tuple[Total, ...] = ()
    start: Tally | None = None
    stalled: int = 0
    usual_days: float | None = None
    chance: Decimal = Decimal(0)
    rate: WinRate | None = None


@dataclass(frozen=True, slots=True)
class LeadLine:
    """A lead in a list; `cell` is where a person should look, empty where the lead is in the sheet no more."""

    key: str
    company: str
    name: str
    owner: str
    status: str
    amount: Total | None
    day: date | None = None
    """When it was settled, came, or is expected to close; whichever the list is about."""
    before: str = ""
    """The stage, or the ISO day, that it had before."""
    days_overdue: int = 0
    days_idle: int = 0
    days_in_stage: int = 0
    next_step: str = ""
    tab: str = ""
    cell: str = ""
    place: str = ""

    @property
    def called(self) -> str:
        """What people call the lead: its company, or lacking one its person, or its key."""
        return self.company or self.name or self.key


@dataclass(frozen=True, slots=True)
class Moved:
    """The leads of one kind of change: how many, their amount, and the largest of them."""

    tally: Tally
    lines: tuple[LeadLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Happened:
    """What came, was won and was lost in a period."""

    period: Period
    new: Tally = NO_LEADS
    won: Tally = NO_LEADS
    lost: Tally = NO_LEADS


@dataclass(frozen=True, slots=True)
class Figures:
    """How the pipeline stands on `day`, and what happened in `period`; `currency` is the main one."""

    day: date
    locale: str
    currency: str
    workbook: str
    period: Period
    total: Line
    owners: tuple[Line, ...]
    stages: tuple[StageLine, ...]
    needs_you: tuple[LeadLine, ...]
    """The open leads that are overdue or stalled, the largest first; at most `figures.MOST_LINES`."""
    needs_you_tally: Tally
    moved: Mapping[str, Moved | None]
    """By the kinds of MOVES; None beyond the known past."""
    before: Happened
    year_ago: Happened
    months: tuple[Happened, ...]
    """The last six calendar months, the oldest first, that of `day` included."""
    quality: int
    stalled_days: int
    since: date | None = None
    """The first day of the past that is known."""
    unplaced: int = 0
    """Leads whose status is blank, unreadable or in no list of the stages: they count as new at most."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Stages that were called otherwise before, old name and new."""
    largest_late: str = ""
    """The overdue lead of the largest amount; empty where amounts are missing or of several currencies."""
