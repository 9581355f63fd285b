"""The rule types and their defaults, as `sheetcrm.toml` may set them."""

from __future__ import annotations

from collections import Counter
from datetime import date, time
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator


def _listed(value: object) -> object:
    return [value] if isinstance(value, str | int) else value


Patterns = Annotated[tuple[str, ...], BeforeValidator(_listed)]
"""One text or a list of them."""


class Rule(BaseModel):
    """What all settings have in common: unknown words are errors, and nothing changes once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


FieldRule = Literal["first", "master", "furthest", "newest", "oldest", "longest", "union", "any"]
"""Which of several values a merged row keeps."""

UNCHOSEN = frozenset({"key", "duplicate_of", "last_reminder", "notes"})
"""Fields whose value in a merged row no setting chooses: all notes are kept, the others belong to one row."""


class MatchRule(Rule):
    """When two leads count as the same: `[dedupe]`."""

    on: bool = True
    sure: float = Field(0.97, ge=0, le=1, description="Likeness from which a duplicate is marked without asking")
    review: float = Field(0.75, ge=0, le=1, description="Likeness from which a pair is listed for review")
    tab: bool = Field(default=False, description="Whether unsure pairs are asked about in a tab Duplicates")
    merge: Literal["never", "asked", "sure"] = Field(
        "asked", description="Which rows are merged: none, those that a person called the same, or sure ones as well"
    )
    archive: bool = Field(default=False, description="Whether a merged row leaves only its key, and goes to Archive")
    fields: dict[str, FieldRule] = Field(default_factory=dict, description="Which value a field keeps in a merge")

    @field_validator("fields")
    @classmethod
    def _chooses_what_can_be_chosen(cls, fields: dict[str, FieldRule]) -> dict[str, FieldRule]:
        for name in fields:
            if name in UNCHOSEN:
                raise ValueError(f"which {name} a merged row keeps cannot be chosen")
        return fields


class AssignRule(Rule):
    """Who gets a lead: the first rule whose `when` holds and that finds somebody decides."""

    name: str
    when: dict[str, Patterns] = Field(default_factory=dict, description="Column to patterns; empty: every lead")
    strategy: Literal["account_owner", "territory", "round_robin", "weighted", "least_loaded"] = "least_loaded"
    to: Patterns = Field((), description="Names from the Team tab; empty: all sales people")
    takes: Literal["unowned", "left", "any"] = Field(
        "unowned", description="Whose leads: nobody's; also those of people who left; or anybody's"
    )


DEFAULT_ASSIGN_RULES = (
    AssignRule(name="same owner as the account", strategy="account_owner"),
    AssignRule(name="territory", strategy="territory"),
    AssignRule(name="everyone else", strategy="least_loaded"),
)


Named = TypeVar("Named", AssignRule, "RemindRule", "FormulaRuleSettings", "SequenceRule")


def named_apart(rules: tuple[Named, ...]) -> tuple[Named, ...]:
    """The rules; turns, shares and reasons are kept by a rule's name, so no two may have the same."""
    twice = sorted(name for name, count in Counter(one.name for one in rules).items() if count > 1)
    if twice:
        raise ValueError(f'two rules are called "{twice[0]}"; give each a name of its own')
    return rules


class AssignRules(Rule):
    """How new leads are handed out: `[assignment]`."""

    on: bool = True
    rules: Annotated[tuple[AssignRule, ...], AfterValidator(named_apart)] = DEFAULT_ASSIGN_RULES


class RemindRule(Rule):
    """When somebody is reminded: `[[reminders.rules]]`."""

    name: str
    kind: Literal["overdue", "idle", "new", "date"]
    table: Literal["Leads", "Accounts"] = "Leads"
    field: str = Field("", description="The date column of a rule of the kind date")
    when: dict[str, Patterns] = Field(default_factory=dict)
    working_days: int = Field(10, ge=0, description="idle: working days without contact")
    by_stage: dict[str, int] = Field(default_factory=dict, description="idle: working days for single stages")
    working_hours: float = Field(8, ge=0, description="new: working hours without contact")
    days_ahead: int = Field(30, ge=0, description="date: days before the date")
    yearly: bool = Field(default=False, description="date: comes back each year, as a birthday does")
    mode: Literal["digest", "each"] = Field("digest", description="One mail per person and day, or one per lead")
    escalate_after: int = Field(0, ge=0, description="overdue: tell the manager after so many working days; 0: never")
    invite: bool = Field(default=False, description="each: the mail carries a calendar entry for the day")

    @model_validator(mode="after")
    def _invites_in_mails_of_its_own(self) -> Self:
        if self.invite and self.mode != "each":
            raise ValueError('invite needs a mail for each row: mode = "each"')
        return self

    @model_validator(mode="after")
    def _names_its_date(self) -> Self:
        if self.kind == "date" and not self.field:
            raise ValueError('a rule of the kind date needs its column: field = "renewal"')
        return self


DEFAULT_REMIND_RULES = (
    RemindRule(name="next step overdue", kind="overdue", escalate_after=10),
    RemindRule(name="new lead not contacted", kind="new", working_hours=8),
    RemindRule(name="nothing happened", kind="idle", working_days=15, by_stage={"Proposal": 10, "Negotiation": 7}),
    RemindRule(name="renewal ahead", kind="date", table="Accounts", field="renewal", days_ahead=30),
    RemindRule(name="birthday ahead", kind="date", field="birthday", days_ahead=3, yearly=True),
)


class RemindRules(Rule):
    """Who is reminded of what: `[reminders]`."""

    on: bool = True
    rules: Annotated[tuple[RemindRule, ...], AfterValidator(named_apart)] = DEFAULT_REMIND_RULES


def _known_country(name: str) -> str:
    if not name:
        return name
    import holidays

    country, _, region = name.partition("-")
    try:
        holidays.country_holidays(country, subdiv=region or None)
    except NotImplementedError as error:
        raise ValueError(f'"{name}" is unknown to the package holidays; write a country as in DE, or DE-BY') from error
    return name


class CalendarRule(Rule):
    """Which hours people work: `[calendar]`. On other days nobody is mailed."""

    weekdays: tuple[Annotated[int, Field(ge=1, le=7)], ...] = Field((1, 2, 3, 4, 5), description="1 is Monday")
    start: time = time(9)
    end: time = time(17)
    holidays: Annotated[str, AfterValidator(_known_country)] = Field(
        "", description="Country or country-region, as in DE or DE-BY, of the package holidays"
    )
    quiet_days: tuple[date, ...] = Field((), description="Days without mails besides")

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.end <= self.start:
            raise ValueError("end must be later than start")
        return self


class FormulaRuleSettings(Rule):
    """One rule in the language of spreadsheets, instead of the Rules tab: `[[rules]]`."""

    name: str
    then: str = Field(description="assign, reassign, remind, notify, set, add activity, flag, escalate or decide")
    condition: str = Field("", description="An Excel formula over the columns' names; empty: every row")
    to: str = Field("", description="Whom (a name, owner, manager, least loaded, ...), or the column to set")
    value: str = Field("", description="What to write: a constant, or a formula after =")
    table: str = "Leads"
    group: str = ""
    when: str = Field("", description="new, changed, Status changes to Won, daily; empty: every run")
    again: str = Field("", description="once, each time it starts matching, every 14 days; empty: once per row")
    stop: str = Field("", description="first: rows that an earlier rule of the group met are left out")
    limit: int | None = Field(None, ge=1, description="So many rows a run at most")
    template: str = ""
    id: str = Field("", description="What names the rule for good; empty: its name")
    on: bool = True


class SequenceStep(Rule):
    """One mail of a sequence."""

    after: int = Field(ge=0, le=400, description="Working days after the beginning, or after the mail before")
    template: str = Field("follow_up", min_length=1, description="The template of the mail")


class SequenceRule(Rule):
    """Mails to customers, one after another until something ends it: `[[sequences]]`."""

    name: str = Field(min_length=1, max_length=80)
    condition: str = Field(min_length=1, description="An Excel formula: whose rows begin; it must hold at each mail")
    steps: tuple[SequenceStep, ...] = Field(min_length=1, max_length=20)
    table: Literal["Leads", "Accounts"] = "Leads"
    approval: bool = Field(
        default=False, description="Mails are drafts in the tab Outbox until somebody writes yes beside them"
    )
    buyers: bool = Field(default=False, description="Leads: also write to those who bought already")
    limit: int = Field(50, ge=1, description="So many rows begin in one run at most")
    on: bool = True


class SummaryRule(Rule):
    """Who gets the pipeline summary, and how often: `[summary]`."""

    on: bool = True
    every: Literal["day", "week", "month"] = "week"
    to: Patterns = Field((), description="Addresses; empty: the Team's owners and managers")
    stalled_days: int = Field(21, ge=1, description="Days without contact after which a lead counts as stalled")
    stalled_factor: float = Field(1.5, gt=0, description="So many times the usual days in a stage count as stalled")
    commit: float = Field(0.7, ge=0, le=1, description="Probability from which a lead counts as commit")
    best_case: float = Field(0.4, ge=0, le=1, description="Probability from which a lead counts as best case")
    fiscal_year_start: int = Field(1, ge=1, le=12, description="The month in which the year of reports begins")
    currency: str = Field("", description="Currency of all sums, by the Rates tab; empty: that of most leads")
    link: str = Field("", description="Web address of a cell, with {tab} and {cell}; empty: cells are named only")
    tab: bool = Field(default=False, description="Keep a Summary tab with charts in the workbook")
    words: dict[str, dict[str, Any]] = Field(default_factory=dict, description="Words of reports in other languages")


class CheckRule(Rule):
    """What `check` finds, in the workbook itself: `[check]`."""

    tab: bool = Field(default=False, description="Keep a tab Issues with every cell that a person should look at")


class Rules(Rule):
    """All that the jobs go by."""

    check: CheckRule = CheckRule()
    dedupe: MatchRule = MatchRule()
    assignment: AssignRules = AssignRules()
    reminders: RemindRules = RemindRules()
    calendar: CalendarRule = CalendarRule()
    summary: SummaryRule = SummaryRule()
    rules: Annotated[tuple[FormulaRuleSettings, ...], AfterValidator(named_apart)] = ()
    sequences: Annotated[tuple[SequenceRule, ...], AfterValidator(named_apart)] = ()
