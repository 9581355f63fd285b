"""Who should be reminded of what today: one Reason for each row that a rule concerns, whether mailed before or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sheetcrm.jobs.phrases import phrases
from sheetcrm.jobs.shown import shown_day
from sheetcrm.rules.calendar import Calendar
from sheetcrm.rules.conditions import meets
from sheetcrm.rules.settings import RemindRule
from sheetcrm.schema.barred import is_not_to_contact
from sheetcrm.schema.fields import normal
from sheetcrm.schema.kinds import as_day
from sheetcrm.table import Person, Row, Snapshot


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one person is reminded of one row. `key` names the reason, so that it is mailed once."""

    key: str
    kind: str
    """overdue, new, idle, date, or rule for one in the language of spreadsheets."""
    rule: str
    row: Row
    person: Person
    what: str
    due: date
    is_escalation: bool = False
    is_single: bool = False
    """Whether it gets a mail of its own instead of a place in the day's digest."""
    patience: int = 0
    """Working days after which the manager hears of it; 0: never."""
    template: str = ""
    """The template of a mail of its own; empty: the usual one."""
    is_invitation: bool = False
    """Whether its mail carries a calendar entry."""
    why: str = ""
    """How the row meets the rule, where that says more than `what`."""


class Touches:
    """When each lead was last touched: by its own Last Contact, or by the latest of its Activities.

    An activity names its lead as a person would: by key or company, in whatever case.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._latest: dict[str, date] = {}
        activities = snapshot.table("Activities")
        if activities is None or not {"lead", "day"} <= activities.values.keys():
            return
        as_typed: dict[str, date] = {}
        for lead, day in zip(activities.values["lead"], activities.values["day"], strict=True):
            if isinstance(lead, str) and isinstance(day, date) and as_typed.get(lead, date.min) <= day:
                as_typed[lead] = day
        for lead, day in as_typed.items():
            self._latest[normal(lead)] = max(day, self._latest.get(normal(lead), date.min))

    def of(self, row: Row) -> date | None:
        """The day of the last contact, None where there was none."""
        days = [as_day(row["last_contact"])]
        if self._latest:
            days += [self._latest.get(normal(word)) for word in (row.key, row.text("company")) if word]
        return max((day for day in days if day), default=None)


class DueToday:
    """Finds the reasons of the day; counts of working days are kept, since many rows share their dates."""

    def __init__(self, snapshot: Snapshot, calendar: Calendar) -> None:
        self._snapshot = snapshot
        self._calendar = calendar
        self._touches = Touches(snapshot)
        self._words = phrases(snapshot.locale)
        self._asked: dict[tuple[str, bool], list[tuple[Row, Person]]] = {}
        self._counted: dict[tuple[date, date], int] = {}
        self._waited: dict[tuple[datetime, ZoneInfo], float] = {}
        self._kinds: dict[str, Callable[[Row, RemindRule, Person], Reason | None]] = {
            "overdue": self._overdue,
            "idle": self._idle,
            "new": self._new,
            "date": self._date,
        }

    def reasons(self, rule: RemindRule) -> Iterator[Reason]:
        """The reasons of one rule, in the order of the tab. Rows of people who are not in Team are left out."""
        find = self._kinds[rule.kind]
        for row, person in self._rows(rule.table, is_open=rule.table == "Leads" and rule.kind != "date"):
            reason = find(row, rule, person) if not rule.when or meets(row, rule.when) else None
            if reason is not None:
                yield reason

    def _rows(self, name: str, *, is_open: bool) -> list[tuple[Row, Person]]:
        """The rows that somebody can be mailed about, and who; kept, since most rules ask for the same ones."""
        if (name, is_open) not in self._asked:
            persons = {one.name: one for one in self._snapshot.team if one.is_active and one.email}
            owned = [(row, persons.get(row.text("owner"))) for row in self._snapshot.table(name) or ()]
            self._asked[name, is_open] = [
                (row, person)
                for row, person in owned
                if person and not is_barred(row) and (not is_open or self._snapshot.is_open(row))
            ]
        return self._asked[name, is_open]

    def escalations(self, reason: Reason, manager: Person | None) -> Iterator[Reason]:
        """The manager's reason, where a rule's patience with an overdue step has ended."""
        days = reason.patience
        if manager and days and self._days(reason.due, self.today(manager)) >= days:
            key = f"escalate/{reason.row.identity}/due {reason.due}"
            yield Reason(
                key, reason.kind, reason.rule, reason.row, manager, reason.what, reason.due, is_escalation=True
            )

    def today(self, person: Person) -> date:
        """The date where the person is."""
        return self._snapshot.now.astimezone(person.zone).date()

    def _days(self, start: date, end: date) -> int:
        if (start, end) not in self._counted:
            self._counted[start, end] = self._calendar.working_days(start, end)
        return self._counted[start, end]

    def _overdue(self, row: Row, rule: RemindRule, person: Person) -> Reason | None:
        due, today = as_day(row["next_due"]), self.today(person)
        if due is None or due >= today:
            return None
        days = self._days(due, today)
        step = row.text("next_step") or self._words["no_step"]
        phrase = self._words["overdue_what" if days > 1 else "overdue_today"]
        what = phrase.format(step=step, due=shown_day(due, self._snapshot.locale), days=days)
        key = f"overdue/{row.identity}/due {due}"
        return _reason(key, rule, row, person, what, due, patience=rule.escalate_after)

    def _idle(self, row: Row, rule: RemindRule, person: Person) -> Reason | None:
        due, today = as_day(row["next_due"]), self.today(person)
        last = self._touches.of(row) or self._since(row)
        if (due and due >= today) or last is None:
            return None
        days = self._days(last, today)
        if days < rule.by_stage.get(row.text("status"), rule.working_days):
            return None
        what = self._words["idle_what"].format(days=days, due=shown_day(last, self._snapshot.locale))
        return _reason(f"idle/{row.identity}/since {last}", rule, row, person, what, last)

    def _is_first(self, row: Row) -> bool:
        """Whether a lead stands in the first stage, or in none yet."""
        return row["status"] is None or row["status"] in self._snapshot.open_stages[:1]

    def _since(self, row: Row) -> date | None:
        """The day from which a lead without any recorded contact was idle; new leads have their own rule."""
        return None if self._is_first(row) else as_day(row["created"])

    def _new(self, row: Row, rule: RemindRule, person: Person) -> Reason | None:
        created = as_day(row["created"])
        if created is None or self._touches.of(row) or not self._is_first(row):
            return None
        if self._hours(self._moment(row, created, person), person) < rule.working_hours:
            return None
        what = self._words["new_what"].format(due=shown_day(created, self._snapshot.locale))
        return _reason(f"new/{row.identity}/created {created}", rule, row, person, what, created)

    def _moment(self, row: Row, created: date, person: Person) -> datetime:
        """When a lead came in: to the minute of the workbook's zone where the cell says so, else that day."""
        raw = row.table.raws["created"][row.i]
        if isinstance(raw, datetime) and raw.time() != time():
            return raw.replace(tzinfo=self._snapshot.now.tzinfo).astimezone(person.zone)
        return datetime.combine(created, time(), person.zone)

    def _hours(self, start: datetime, person: Person) -> float:
        now = self._snapshot.now.astimezone(person.zone)
        if (start, person.zone) not in self._waited:
            self._waited[start, person.zone] = self._calendar.working_hours(start, now)
        return self._waited[start, person.zone]

    def _date(self, row: Row, rule: RemindRule, person: Person) -> Reason | None:
        day, today = as_day(row[rule.field]), self.today(person)
        if day is None:
            return None
        if rule.yearly:
            day = next(one for year in (today.year, today.year + 1) if (one := in_year(day, year)) >= today)
        days = (day - today).days
        if not 0 <= days <= rule.days_ahead:
            return None
        words = self._words["date_what" if days else "date_today"]
        header = row.table.columns[rule.field].header
        what = words.format(field=header, due=shown_day(day, self._snapshot.locale), days=days)
        return _reason(f"{rule.field}/{row.identity}/{day}", rule, row, person, what, day)


def _reason(key: str, rule: RemindRule, row: Row, person: Person, what: str, due: date, *, patience: int = 0) -> Reason:
    is_single = rule.mode == "each"
    return Reason(
        key,
        rule.kind,
        rule.name,
        row,
        person,
        what,
        due,
        is_single=is_single,
        patience=patience,
        is_invitation=rule.invite,
    )


def is_barred(row: Row) -> bool:
    """Whether a row is a duplicate, or a person said, however unclearly, that it is not to be contacted."""
    return is_not_to_contact(row.table, row.i) or row["duplicate_of"] is not None


def in_year(day: date, year: int) -> date:
    """The same day of another year; 29 February becomes 1 March where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 2, 28) + timedelta(days=1)
