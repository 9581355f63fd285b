"""The schedule as `sheetcrm.toml` holds it: groups of jobs, and when each of them is due."""

from __future__ import annotations

from collections import Counter
from datetime import time
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sheetcrm.rules.settings import Patterns, Rule
from sheetcrm.schema.people import is_zone

Missed = Literal["latest", "all", "skip"]

FIRST_WORKING, LAST_WORKING = "first working day", "last working day"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _weekday(value: object) -> object:
    """The number of a weekday that is written as a word: Mon, monday."""
    if isinstance(value, str) and len(value) >= 2:
        word = value.strip().lower()
        return next((i for i, name in enumerate(_WEEKDAYS, 1) if name.startswith(word)), value)
    return value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | int | time) else value


def _zone(name: str) -> str:
    if name and not is_zone(name):
        raise ValueError(f'"{name}" is no time zone; write it as in Europe/London')
    return name


def _whole_minute(clock: time) -> time:
    if clock.second or clock.microsecond or clock.tzinfo:
        raise ValueError(f"{clock} is not a plain time of day; write hours and minutes, as in 08:30")
    return clock


Clock = Annotated[time, AfterValidator(_whole_minute)]
Weekday = Annotated[int, Field(ge=1, le=7), BeforeValidator(_weekday)]
MonthDay = Annotated[int, Field(ge=-31, le=31)] | Literal["first working day", "last working day"]


class Group(Rule):
    """Jobs that run together, and when: `[[schedule.groups]]`. All that is given must hold."""

    name: str = Field(min_length=1, max_length=80)
    jobs: Patterns = Field((), description="Which jobs; empty: all")
    at: Annotated[tuple[Clock, ...], BeforeValidator(_listed)] = Field((), description='Times of day, as in ["08:00"]')
    every_minutes: int = Field(0, ge=0, le=1440, description="Or every so many minutes, counted from `start`")
    start: Clock = Field(time(0), description="every_minutes: from this time of day")
    end: Clock = Field(time(23, 59), description="every_minutes: until this time of day")
    weekdays: Annotated[tuple[Weekday, ...], BeforeValidator(_listed)] = Field(
        (), description="1 or Monday; empty: the working days of [calendar]"
    )
    month_days: Annotated[tuple[MonthDay, ...], BeforeValidator(_listed)] = Field(
        (), description="As in [1, 15], -1 for the last day, or `first working day`; empty: every day"
    )
    holidays: Literal["skip", "run"] = Field("skip", description="What happens on holidays and quiet days")
    zone: Annotated[str, AfterValidator(_zone)] = Field("", description="As in Europe/Berlin; empty: the workbook's")
    missed: Missed | Literal[""] = Field("", description="As [schedule] missed, for this group")

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if bool(self.at) == bool(self.every_minutes):
            raise ValueError(f'say when "{self.name}" runs: either at = ["08:00"] or every_minutes = 15')
        if self.every_minutes and self.end < self.start:
            raise ValueError("end must not be earlier than start")
        if 0 in self.month_days:
            raise ValueError("there is no day 0; -1 is the last day of a month")
        return self


DEFAULT_GROUPS = (Group(name="daily", at=(time(8),)),)


def _named_apart(groups: tuple[Group, ...]) -> tuple[Group, ...]:
    """The groups; the ledger knows them by name, so no two may have the same."""
    twice = sorted(name for name, count in Counter(one.name for one in groups).items() if count > 1)
    if twice:
        raise ValueError(f'two groups are called "{twice[0]}"; give each a name of its own')
    return groups


class ScheduleRule(Rule):
    """When `serve` and `run --due` work, and who hears of trouble: `[schedule]`."""

    groups: Annotated[tuple[Group, ...], AfterValidator(_named_apart)] = DEFAULT_GROUPS
    missed: Missed = Field("latest", description="Of slots missed while nothing ran: the latest runs, all, or none")
    window_hours: int = Field(24, ge=1, le=744, description="How far back missed slots are caught up")
    grace_minutes: int = Field(15, ge=1, le=720, description="How late a slot still counts as on time")
    heartbeat: str = Field("", description="A web address that is called, or a file that is touched, while all is well")
    notify: Patterns = Field(
        (), description="Addresses told of repeated failure; empty: the Team's owners and managers"
    )
    notify_after: int = Field(3, ge=1, description="Failures in a row after which they are told")
