"""The ledger: each slot once, missed ones by policy, whatever the clock does and whoever dies in between."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wall_clock import all_changes, changes, watched

from sheetcrm.errors import SheetcrmError
from sheetcrm.rules.settings import CalendarRule
from sheetcrm.schedule.ledger import Ledger
from sheetcrm.schedule.missed import CatchUp, decide
from sheetcrm.schedule.settings import Group
from sheetcrm.schedule.slots import Slot, Timetable, timetable

HOUR = timedelta(hours=1)
LATEST = CatchUp("latest", 24 * HOUR, timedelta(minutes=15))
START = datetime(2026, 3, 2, 6, tzinfo=UTC)  # a Monday


def table(zone: str = "UTC", **group: object) -> Timetable:
    given = {"name": "g", "at": "08:00", "weekdays": (1, 2, 3, 4, 5, 6, 7), **group}
    if "every_minutes" in group:
        del given["at"]
    return timetable(Group(**given), CalendarRule(), ZoneInfo(zone))


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "schedule.sqlite")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def claim(ledger: Ledger, now: datetime, found: Timetable | None = None, how: CatchUp = LATEST, *, end: bool = True):
    """What is claimed at a moment, by name; worked off at once unless told otherwise."""
    slots = ledger.claim(found or table(), now, how)
    for slot in slots if end else ():
        ledger.done(slot, now)
    return [slot.name for slot in slots]


# Each slot once


def test_a_slot_is_claimed_once(ledger):
    assert claim(ledger, at(2, 7)) == []
    assert claim(ledger, at(2, 8)) == ["2026-03-02T08:00"]
    assert claim(ledger, at(2, 8)) == []
    assert claim(ledger, at(2, 9)) == []
    assert claim(ledger, at(3, 8, 1)) == ["2026-03-03T08:00"]


def test_a_group_seen_for_the_first_time_starts_with_what_is_on_time(ledger):
    assert claim(ledger, at(2, 9)) == []
    assert claim(ledger, at(2, 8, 5), table(name="h")) == ["2026-03-02T08:00"]


def test_a_changed_timetable_starts_anew_and_does_not_catch_up_what_it_never_was(ledger):
    claim(ledger, at(2, 8))
    assert claim(ledger, at(2, 12), table(at="07:00")) == []
    assert claim(ledger, at(3, 7), table(at="07:00")) == ["2026-03-03T07:00"]


def test_what_was_begun_by_a_process_that_died_is_begun_again(ledger):
    claim(ledger, at(2, 7))
    assert claim(ledger, at(2, 8), end=False) == ["2026-03-02T08:00"]
    assert claim(ledger, at(2, 8, 1)) == ["2026-03-02T08:00"]
    assert [one.tries for one in ledger.entries("g")] == [2]


def test_slots_are_known_by_zone_as_well(ledger):
    claim(ledger, at(2, 7, 59))
    claim(ledger, at(2, 8))
    moved = table("Europe/London")
    assert claim(ledger, at(2, 8), moved) == ["2026-03-02T08:00"]
    assert Counter(one.slot.zone for one in ledger.entries("g")) == {"UTC": 1, "Europe/London": 1}


# Missed ones


@pytest.mark.parametrize(
    ("missed", "runs"),
    [
        ("latest", ["2026-03-05T08:00"]),
        ("all", ["2026-03-04T08:00", "2026-03-05T08:00"]),
        ("skip", []),
    ],
)
def test_after_three_days_off_the_policy_decides_and_each_missed_slot_is_logged(ledger, missed, runs):
    how = CatchUp(missed, 48 * HOUR, timedelta(minutes=15))
    claim(ledger, at(2, 8), how=how)
    assert claim(ledger, at(5, 20), how=how) == runs
    logged = {one.slot.name: one.state for one in ledger.entries("g")}
    assert set(logged) == {f"2026-03-0{day}T08:00" for day in (2, 3, 4, 5)}
    assert {name for name, state in logged.items() if state == "missed"} == set(logged) - {*runs, "2026-03-02T08:00"}


@pytest.mark.parametrize(("late", "runs"), [(15, 1), (16, 0)])
def test_skip_runs_a_slot_that_is_on_time_and_one_that_was_when_it_was_begun(ledger, late, runs):
    how = CatchUp("skip", 24 * HOUR, timedelta(minutes=15))
    claim(ledger, at(2, 7), how=how)
    assert len(claim(ledger, at(2, 8, late), how=how, end=False)) == runs
    assert len(claim(ledger, at(2, 12), how=how)) == runs


def test_the_reasons_say_what_overtook_a_slot_and_how_wide_the_window_is():
    slots = [Slot(at(day, 8), at(day, 8).replace(tzinfo=None), "g", "UTC") for day in (2, 4, 5)]
    decision = decide(slots, at(5, 9), CatchUp("latest", 48 * HOUR, HOUR))
    assert [why for _, why in decision.missed] == [
        "older than the window of 48 hours",
        "overtaken by 2026-03-05T08:00",
    ]


# The oracle: a person with a watch, a list of what was done, and the policy on a slip of paper


def by_hand(slots: list[datetime], ticks: list[datetime], how: CatchUp) -> list[tuple[datetime, datetime]]:
    """(tick, due) of each run that a person would make who looks at the list of slots at each tick."""
    open_, runs = [one for one in slots if one > ticks[0] - how.grace], []
    for now in ticks:
        due = [one for one in open_ if one <= now]
        open_ = [one for one in open_ if one > now]
        fresh = [one for one in due if one >= now - how.window]
        if how.missed == "all":
            runs += [(now, one) for one in fresh]
        elif fresh and (how.missed == "latest" or fresh[-1] >= now - how.grace):
            runs.append((now, fresh[-1]))
    return runs


def check_by_hand(path: Path, zone: str, times: tuple[time, ...], ticks: list[datetime], how: CatchUp) -> None:
    slots = watched(ZoneInfo(zone), ticks[0] - 2 * HOUR, ticks[-1], times, lambda _day: True)
    ledger, found = Ledger(path), table(zone, at=times)
    runs = []
    for now in ticks:
        for slot in ledger.claim(found, now, how):
            ledger.done(slot, now)
            runs.append((now, slot.due))
    assert runs == by_hand([due for due, _ in slots], ticks, how)
    states = Counter(one.state for one in ledger.entries("g", 10_000))
    assert states["done"] == len(runs)


DOWNTIMES = [timedelta(minutes=1), timedelta(minutes=20), 3 * HOUR, 26 * HOUR, 72 * HOUR]
TIMES = (time(0), time(2, 30), time(3), time(12, 5))


@pytest.mark.parametrize("missed", ["latest", "all", "skip"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago"])
def test_over_a_change_of_clocks_with_downtime_the_runs_are_those_made_by_hand(tmp_path, zone, missed):
    how = CatchUp(missed, 36 * HOUR, timedelta(minutes=15))
    for n, change in enumerate(changes(ZoneInfo(zone), 2026)):
        for m, off in enumerate(DOWNTIMES):
            ticks = [change - 5 * HOUR + timedelta(minutes=100 * i) for i in range(4)]
            ticks += [ticks[-1] + off + timedelta(minutes=100 * i) for i in range(1, 5)]
            check_by_hand(tmp_path / f"{n}-{m}.sqlite", zone, TIMES, ticks, how)


@pytest.mark.slow
@pytest.mark.parametrize("missed", ["latest", "all", "skip"])
@pytest.mark.parametrize("part", range(2))
def test_over_every_change_of_a_year_with_any_downtime_the_runs_are_those_made_by_hand(tmp_path, missed, part):
    how = CatchUp(missed, 36 * HOUR, timedelta(minutes=15))
    for n, (zone, change) in enumerate(all_changes(2026)[part::2]):
        off = DOWNTIMES[n % len(DOWNTIMES)]
        ticks = [change - 20 * HOUR, change - 2 * HOUR, change - HOUR / 2, change + off]
        ticks += [ticks[-1] + timedelta(minutes=20 * i) for i in range(1, 12)]
        check_by_hand(tmp_path / f"{n}.sqlite", zone, TIMES, ticks, how)


@settings(max_examples=40, deadline=None)
@given(
    gaps=st.lists(st.integers(1, 72 * 60), min_size=1, max_size=15),
    missed=st.sampled_from(["latest", "all", "skip"]),
    window=st.integers(1, 80),
    times=st.lists(st.integers(0, 1439), min_size=1, max_size=4, unique=True),
)
def test_whatever_the_pauses_between_looks_the_runs_are_those_made_by_hand(
    tmp_path_factory, gaps, missed, window, times
):
    ticks = [START]
    for gap in gaps:
        ticks.append(ticks[-1] + timedelta(minutes=gap))
    clocks = tuple(sorted(time(*divmod(minute, 60)) for minute in times))
    path = tmp_path_factory.mktemp("ledger") / "schedule.sqlite"
    check_by_hand(path, "Europe/Berlin", clocks, ticks, CatchUp(missed, window * HOUR, timedelta(minutes=15)))


# A clock that jumps


@pytest.mark.parametrize(
    ("jump", "missed"),
    [(timedelta(minutes=1), "latest"), (HOUR, "all"), (5 * HOUR, "latest"), (24 * HOUR, "skip"), (72 * HOUR, "all")],
)
def test_a_clock_that_stood_ahead_costs_no_slot_that_did_not_run_and_runs_none_twice(ledger, jump, missed):
    how, found = CatchUp(missed, 24 * HOUR, timedelta(minutes=15)), table(every_minutes=60)
    ran: list[str] = []
    minutes = range(0, 60 * 60, 15)
    for n in minutes:
        # For two hours the clock stands ahead.
        ahead = jump if 5 * 60 <= n < 7 * 60 else timedelta()
        ran += claim(ledger, START + timedelta(minutes=n) + ahead, found, how)
    assert max(Counter(ran).values()) == 1
    due = {one.name for one in found.slots(START, START + timedelta(minutes=minutes[-1]))}
    lost = due - set(ran)
    # Lost is only what came due while the clock lied, or what it overtook on its way there and back.
    wrong = {one.name for one in found.slots(START + 4.9 * HOUR, START + 7.9 * HOUR)}
    assert lost <= wrong


@settings(max_examples=30, deadline=None)
@given(jumps=st.lists(st.integers(-72 * 60, 72 * 60), min_size=1, max_size=25))
def test_however_the_clock_jumps_no_slot_runs_twice(tmp_path_factory, jumps):
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "schedule.sqlite")
    found, now, ran = table(every_minutes=240), START, Counter()
    for jump in jumps:
        now += timedelta(minutes=jump)
        ran.update(claim(ledger, now, found, CatchUp("all", 72 * HOUR, HOUR)))
    assert all(count == 1 for count in ran.values())


# Failure


def test_a_failing_group_waits_twice_as_long_each_time_up_to_an_hour_and_is_well_again_after_a_success(ledger):
    found, now, waits = table(every_minutes=1), START, []
    claim(ledger, now, found)
    while len(waits) < 9:
        now += timedelta(minutes=1)
        for slot in ledger.claim(found, now, LATEST):
            ledger.failed(slot, now, "the disk is full")
            waits.append(now)
    minutes = [round((later - one) / timedelta(minutes=1)) for one, later in pairwise(waits)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60]
    health = ledger.health("g")
    assert (health.failures, health.error) == (9, "the disk is full")
    assert claim(ledger, now + HOUR, found) != []
    assert ledger.health("g").failures == 0


def test_a_slot_that_failed_is_tried_again_until_another_overtakes_it(ledger):
    claim(ledger, at(2, 7))
    (slot,) = ledger.claim(table(), at(2, 8), LATEST)
    ledger.failed(slot, at(2, 8), "no")
    assert claim(ledger, at(2, 8)) == [], "it waits first"
    assert claim(ledger, at(2, 8, 1), end=False) == ["2026-03-02T08:00"]
    assert claim(ledger, at(3, 8)) == ["2026-03-03T08:00"]


def test_a_slot_is_tried_until_the_window_ends(ledger):
    claim(ledger, at(2, 7))
    now, monday = at(2, 8), table(weekdays=(1,))
    for _ in range(25):
        (slot,) = ledger.claim(monday, now, LATEST)
        ledger.failed(slot, now, "no")
        now += HOUR
    assert ledger.claim(monday, now, LATEST) == ()
    assert [(one.state, one.detail) for one in ledger.entries("g")] == [("missed", "older than the window of 24 hours")]


def test_a_ledger_that_is_no_database_says_what_to_do(tmp_path):
    path = tmp_path / "schedule.sqlite"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(SheetcrmError, match="moved away, the schedule starts anew"):
        Ledger(path)


# Many at once

CLAIMING = """
import sys
from datetime import datetime, UTC
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from test_ledger import LATEST, table
from sheetcrm.schedule.ledger import Ledger
print(len(Ledger(Path(sys.argv[2])).claim(table(), datetime(2026, 3, 2, 8, tzinfo=UTC), LATEST)))
"""


@pytest.mark.parametrize("count", [4])
def test_processes_that_open_the_same_ledger_at_once_all_get_an_answer(tmp_path, count):
    path = tmp_path / "schedule.sqlite"
    command = [sys.executable, "-c", CLAIMING, str(Path(__file__).parent), str(path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ}) for _ in range(count)]
    answers = [one.communicate()[0].decode().strip() for one in running]
    # Without the schedule lock each takes the slot for one that another left behind.
    assert set(answers) <= {"1"}
    assert len(Ledger(path).entries("g")) == 1
