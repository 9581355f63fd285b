"""Which mails may go now: caps, quiet hours in the reader's zone, days off, stopped addresses. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sheetcrm.plan import Message
from sheetcrm.rules.clock import first_moment

FURTHEST_AHEAD = 400
"""Days within which a time for a mail is looked for: longer holidays are a mistake of the settings."""

CUSTOMERS = "customers"

ASKS_AGAIN = timedelta(minutes=15)
"""How long customers' mails wait where the inbox cannot be read."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a mail may go now. If not, it waits until `until`, or is refused where that is None; `why` says so."""

    may_go: bool
    why: str = ""
    until: datetime | None = None


GO = Verdict(may_go=True)


@dataclass(frozen=True)
class Limits:
    """What the settings allow; `zone` is the workbook's, for readers whose own is not known."""

    zone: ZoneInfo
    is_working: Callable[[date], bool] = lambda _day: True
    quiet_hours: tuple[time, time] | None = None
    most_per_person: int = 0
    most_per_day: int = 0


@dataclass
class Counts:
    """How many mails went out lately, by address and all together; `sent` holds (address, moment)."""

    sent: list[tuple[str, datetime]] = field(default_factory=list)

    def add(self, address: str, moment: datetime) -> None:
        """Counts a mail that is about to go."""
        self.sent.append((address.casefold(), moment))

    def on(self, day: date, zone: ZoneInfo) -> Counter[str]:
        """Mails by address on one day of a zone; all together under the empty text."""
        found = Counter(address for address, moment in self.sent if moment.astimezone(zone).date() == day)
        found[""] = found.total()
        return found


@dataclass(frozen=True)
class Judge:
    """Says of each mail whether it may go now. `barred` maps addresses in lower case to why they get nothing more."""

    limits: Limits
    barred: Mapping[str, str] = field(default_factory=dict)
    no_contact: frozenset[str] = frozenset()
    """Addresses of rows marked *Do not contact*, in lower case: no customers' mail for them."""
    inbox_fails: str = ""
    """Since when nobody knows who has answered: until then customers' mails wait."""

    def judge(self, message: Message, now: datetime, counts: Counts) -> Verdict:
        """Whether a mail may go at a moment, given what went before."""
        address = message.to.casefold()
        if why := self.barred.get(address):
            return Verdict(may_go=False, why=why)
        if message.audience == CUSTOMERS and address in self.no_contact:
            return Verdict(may_go=False, why="a row with this address says: do not contact")
        if message.audience == CUSTOMERS and self.inbox_fails:
            why = f"the inbox cannot be read since {self.inbox_fails}"
            return Verdict(may_go=False, why=why, until=now + ASKS_AGAIN)
        limits, zone = self.limits, zone_of(message, self.limits.zone)
        today = now.astimezone(zone).date()
        if limits.most_per_person and counts.on(today, zone)[address] >= limits.most_per_person:
            why = f"{limits.most_per_person} mails a day for one address"
            return self._wait(_midnight(today, zone), zone, why)
        if (
            limits.most_per_day
            and counts.on(now.astimezone(limits.zone).date(), limits.zone)[""] >= limits.most_per_day
        ):
            midnight = _midnight(now.astimezone(limits.zone).date(), limits.zone)
            return self._wait(midnight, zone, f"{limits.most_per_day} mails a day")
        return self._wait(now, zone, "") if self._quiet(now, zone) else GO

    def _wait(self, since: datetime, zone: ZoneInfo, why: str) -> Verdict:
        """The first moment from `since` on at which the reader is mailed."""
        moment = since
        for _ in range(2 * FURTHEST_AHEAD):
            quiet = self._quiet(moment, zone)
            if quiet is None:
                return Verdict(may_go=False, why=why, until=moment)
            why, moment = why or quiet[0], quiet[1]
        return Verdict(may_go=False, why="the settings leave no time for it")

    def _quiet(self, moment: datetime, zone: ZoneInfo) -> tuple[str, datetime] | None:
        """Why nobody is mailed at a moment, and when that ends; None at other times."""
        local = moment.astimezone(zone)
        day, hours = local.date(), self.limits.quiet_hours
        if not self.limits.is_working(day):
            return f"{day} is no working day", _midnight(day, zone)
        if not hours:
            return None
        begin, end, clock = *hours, local.time()
        is_late = clock >= begin > end
        is_quiet = clock < end or is_late if begin > end else begin <= clock < end
        if not is_quiet:
            return None
        ends = datetime.combine(day + timedelta(days=is_late), end)
        # Where the clock shows the end twice, it is the second time that counts.
        left = ends - local.replace(tzinfo=None)
        return "quiet hours", max(first_moment(ends, zone), moment.astimezone(UTC) + min(left, timedelta(hours=1)))


def zone_of(message: Message, default: ZoneInfo) -> ZoneInfo:
    """The zone of a message's reader."""
    return ZoneInfo(message.zone) if message.zone else default


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return first_moment(datetime.combine(day, clock), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The end of a day."""
    return _at(day + timedelta(days=1), time(), zone)
