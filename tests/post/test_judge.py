"""Caps, quiet hours, days off and stopped addresses: nobody gets a mail that the settings forbid."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sheetcrm.addresses import stop
from sheetcrm.journal import Journal
from sheetcrm.outbox import Receipt
from sheetcrm.plan import Mail, Message
from sheetcrm.post.deliver import Postage, deliver
from sheetcrm.post.judge import CUSTOMERS, GO, Counts, Judge, Limits

BERLIN = ZoneInfo("Europe/Berlin")


def message(to: str = "ann@x.example", zone: str = "", audience: str = "team", key: str = "k") -> Message:
    return Message(key, to, "digest", {}, "why", "reminders", (key,), Mail("S", "T", "<p>"), audience, zone)


def local(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def is_weekday(day: date) -> bool:
    return day.isoweekday() <= 5


def verdict(now: datetime, to_send: Message | None = None, counts: Counts | None = None, **limits: object):
    return Judge(Limits(BERLIN, **limits)).judge(to_send or message(), now, counts or Counts())


# Quiet hours and days off


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (("19:00", "07:00"), "2026-03-02T18:59", None),
        (("19:00", "07:00"), "2026-03-02T19:00", "2026-03-03T07:00"),
        (("19:00", "07:00"), "2026-03-03T06:59", "2026-03-03T07:00"),
        (("19:00", "07:00"), "2026-03-03T07:00", None),
        (("12:00", "13:00"), "2026-03-03T12:30", "2026-03-03T13:00"),
        (("12:00", "13:00"), "2026-03-03T13:00", None),
        (("19:00", "02:30"), "2026-03-29T01:00", "2026-03-29T03:00"),  # the clock skips half past two
        (("19:00", "02:30"), "2026-10-25T01:00", "2026-10-25T02:30"),
    ],
)
def test_quiet_hours_hold_a_mail_until_they_end(hours, now, until):
    quiet = tuple(time.fromisoformat(clock) for clock in hours)
    found = verdict(local(now), quiet_hours=quiet)
    assert found.may_go is (until is None)
    assert found.until == (local(until).astimezone(UTC) if until else None)


def test_quiet_hours_are_those_of_the_readers_own_zone():
    now, quiet = local("2026-03-02T10:00"), (time(19), time(7))
    assert verdict(now, message(zone="America/New_York"), quiet_hours=quiet).until == local("2026-03-02T13:00")
    assert verdict(now, message(zone="Asia/Tokyo"), quiet_hours=quiet) == GO
    assert verdict(now, message(), quiet_hours=quiet) == GO


def test_where_the_clock_shows_the_end_of_quiet_hours_twice_the_second_time_counts():
    now = local("2026-10-25T02:10").replace(fold=1)
    found = verdict(now, quiet_hours=(time(19), time(2, 30)))
    assert found.until == now.astimezone(UTC) + timedelta(minutes=20)


def test_a_mail_of_a_weekend_waits_for_monday_and_for_the_end_of_its_quiet_hours():
    found = verdict(local("2026-03-07T10:00"), is_working=is_weekday, quiet_hours=(time(19), time(7)))
    assert (found.may_go, found.until) == (False, local("2026-03-09T07:00"))
    assert found.why == "2026-03-07 is no working day"


def test_settings_that_leave_no_day_at_all_refuse():
    found = verdict(local("2026-03-07T10:00"), is_working=lambda _day: False)
    assert (found.may_go, found.until) == (False, None)


# Caps


def test_at_the_cap_of_one_address_its_next_mail_waits_for_the_next_day_in_its_zone():
    now = local("2026-03-02T10:00")
    counts = Counts([("ann@x.example", local("2026-03-02T00:30")), ("ben@x.example", now)])
    assert verdict(now, counts=counts, most_per_person=2) == GO
    found = verdict(now, counts=counts, most_per_person=1)
    assert (found.may_go, found.until) == (False, local("2026-03-03T00:00"))
    # Half past midnight in Berlin was the day before in New York.
    assert verdict(now, message(zone="America/New_York"), counts, most_per_person=1) == GO


def test_the_cap_of_an_address_counts_it_in_any_case():
    counts = Counts()
    counts.add("Ann@X.example", local("2026-03-02T08:00"))
    assert not verdict(local("2026-03-02T10:00"), counts=counts, most_per_person=1).may_go


def test_at_the_cap_of_the_day_every_mail_waits_for_the_next_one():
    now = local("2026-03-02T10:00")
    counts = Counts([("a@x.example", now), ("b@x.example", now)])
    assert verdict(now, counts=counts, most_per_day=3) == GO
    assert verdict(now, counts=counts, most_per_day=2).until == local("2026-03-03T00:00")


# Addresses


def test_a_stopped_address_gets_nothing_and_one_not_to_be_contacted_no_customers_mail():
    judge = Judge(Limits(BERLIN), {"ann@x.example": "bounced"}, frozenset({"ben@x.example"}))
    now = local("2026-03-02T10:00")
    assert not judge.judge(message("Ann@x.example"), now, Counts()).may_go
    assert not judge.judge(message("ben@X.example", audience=CUSTOMERS), now, Counts()).may_go
    assert judge.judge(message("ben@x.example"), now, Counts()).may_go


# Any plan, any settings


class Post:
    """An outbox that takes everything, and notes who got what when."""

    def __init__(self) -> None:
        self.sent: list[tuple[Message, datetime]] = []

    def send(self, message: Message, now: datetime, on_start: Callable[[], None]) -> Receipt:
        on_start()
        self.sent.append((message, now))
        return Receipt("accepted", "out")

    def was_sent(self, _message: Message) -> bool | None:
        return None

    def expect(self, messages: object, now: object) -> None:
        pass

    def close(self) -> None:
        pass

    def describe(self) -> str:
        return "a post"


ADDRESSES = [f"p{n}@x.example" for n in range(5)]
ZONES = ["", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"]
PEOPLE = dict(zip(ADDRESSES, [*ZONES, ""], strict=True))
CLOCKS = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
PLANS = st.fixed_dictionaries(
    {
        "mails": st.lists(st.tuples(st.sampled_from(ADDRESSES), st.booleans()), min_size=1, max_size=8),
        "hours": st.none() | st.tuples(CLOCKS, CLOCKS).filter(lambda pair: pair[0] != pair[1]),
        "per_person": st.integers(0, 3),
        "per_day": st.integers(0, 6),
        "opted_out": st.sets(st.sampled_from(ADDRESSES), max_size=2),
        "no_contact": st.sets(st.sampled_from(ADDRESSES), max_size=2),
        "start": st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)),
        "hours_between": st.lists(st.integers(0, 30), min_size=1, max_size=3),
    }
)


def check_plan(path: Path, plan: dict) -> None:
    """Sends a plan again and again as hours pass; holds what went out against the settings, counted anew."""
    journal, post = Journal(path), Post()
    for address in plan["opted_out"]:
        journal.remember(stop(address, "opted out", "2026-01-01"))
    limits = Limits(BERLIN, is_weekday, plan["hours"], plan["per_person"], plan["per_day"])
    mails = [
        message(to, PEOPLE[to], CUSTOMERS if customer else "team", f"m{n}")
        for n, (to, customer) in enumerate(plan["mails"])
    ]
    now = plan["start"].replace(tzinfo=UTC)
    for hours in plan["hours_between"]:
        deliver(1, mails, journal, post, Postage(limits), frozenset(plan["no_contact"]), now)
        now += timedelta(hours=hours)
    per_person, per_day = Counter(), Counter()
    for one, at in post.sent:
        there = at.astimezone(ZoneInfo(one.zone) if one.zone else BERLIN)
        assert one.to not in plan["opted_out"]
        assert not (one.audience == CUSTOMERS and one.to in plan["no_contact"])
        assert is_weekday(there.date())
        if plan["hours"]:
            begin, end = plan["hours"]
            is_quiet = begin <= there.time() < end if begin < end else not end <= there.time() < begin
            assert not is_quiet
        per_person[one.to, there.date()] += 1
        per_day[at.astimezone(BERLIN).date()] += 1
    assert not plan["per_person"] or max(per_person.values(), default=0) <= plan["per_person"]
    assert not plan["per_day"] or max(per_day.values(), default=0) <= plan["per_day"]
    assert len({one.key for one, _ in post.sent}) == len(post.sent), "each once"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder in memory where there is one: a journal writes to the disk thrice a mail, and waits for it."""
    if not Path("/dev/shm").is_dir():  # noqa: S108 -- memory
        yield tmp_path_factory.mktemp("post")
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        yield Path(name)


NUMBER = count()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLANS)
def test_no_mail_goes_above_a_cap_in_quiet_hours_or_to_somebody_who_opted_out(folder, plan):
    check_plan(folder / f"{next(NUMBER)}.sqlite", plan)


@pytest.mark.slow
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PLANS)
def test_of_ten_thousand_plans_no_mail_goes_where_the_settings_forbid_it(folder, plan):
    path = folder / f"{next(NUMBER)}.sqlite"
    check_plan(path, plan)
    path.unlink()
