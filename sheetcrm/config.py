"""The settings: `sheetcrm.toml` beside the workbook, `SHEETCRM_…` in the environment, and a default for each.

A workbook with recognisable tabs needs no settings at all.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from sheetcrm.errors import ConfigError
from sheetcrm.post.settings import MailSettings
from sheetcrm.rules.settings import (
    AssignRules,
    CalendarRule,
    CheckRule,
    FormulaRuleSettings,
    MatchRule,
    Patterns,
    RemindRules,
    Rule,
    Rules,
    SequenceRule,
    SummaryRule,
    named_apart,
)
from sheetcrm.schedule.settings import ScheduleRule
from sheetcrm.schema.contacts import country_code
from sheetcrm.schema.fields import KINDS, FieldSpec, StageNames, built_in_stages, built_in_tables, normal, with_columns
from sheetcrm.schema.numbers import currency_code
from sheetcrm.schema.parse import Schema
from sheetcrm.schema.people import is_zone

FILE_NAME = "sheetcrm.toml"

TableName = Literal[
    "Leads", "Accounts", "Activities", "Team", "Rules", "Outbox", "Orders", "Campaigns", "Rates", "Subscriptions"
]


def _zone(name: str) -> str:
    if name and not is_zone(name):
        raise ValueError(f'"{name}" is no time zone; write it as in Europe/London')
    return name


def _locale(name: str) -> str:
    from babel import UnknownLocaleError, parse_locale
    from babel.localedata import exists

    try:
        parts = parse_locale(name.replace("-", "_")) if name else ("en",)
    except (ValueError, UnknownLocaleError) as error:
        raise ValueError(f'"{name}" is no locale; write it as in en_GB') from error
    if not exists(parts[0]):
        raise ValueError(f'"{name}" is no locale; write it as in en_GB')
    return name


def _region(name: str) -> str:
    if name and not country_code(name):
        raise ValueError(f'"{name}" is no country; write its code, as in DE')
    return country_code(name) if name else ""


def _currency(name: str) -> str:
    if name and not currency_code(name):
        raise ValueError(f'"{name}" is no currency; write its code, as in EUR')
    return currency_code(name) if name else ""


def _kind(name: str) -> str:
    if name and name not in KINDS:
        raise ValueError(f'"{name}" is no kind of column; use one of: {", ".join(KINDS)}')
    return name


def _known_jobs(schedule: ScheduleRule) -> ScheduleRule:
    if not any(group.jobs for group in schedule.groups):
        return schedule
    from sheetcrm.jobs.registry import JOBS

    for group in schedule.groups:
        if unknown := [job for job in group.jobs if job not in JOBS]:
            raise ValueError(f'"{unknown[0]}" in the group "{group.name}" is no job; the jobs are {", ".join(JOBS)}')
    return schedule


class ColumnSettings(Rule):
    """A column of a tab: `[columns.Leads.owner]`."""

    aliases: Patterns = Field((), description="What the sheet calls it")
    kind: Annotated[str, AfterValidator(_kind)] = Field("", description="How its cells are read")
    choices: Patterns = Field((), description="The allowed values of a choice")
    required: bool = False
    unique: bool = False


class StageSettings(Rule):
    """The pipeline's stages: `[stages]`. Empty lists keep the built-in ones."""

    open: Patterns = Field((), description="Open stages in the order of the pipeline")
    won: Patterns = ()
    lost: Patterns = ()
    aliases: dict[str, Patterns] = Field(default_factory=dict, description="Other words for a stage")


class GuardSettings(Rule):
    """When a plan is too large to be applied without a person's word: `[guard]`."""

    share: float = Field(0.5, gt=0, le=1, description="The largest share of a tab's rows that a plan may touch")
    rows_free: int = Field(50, ge=0, description="So many rows may always be touched")


class Settings(BaseSettings):
    """All settings of one workbook."""

    model_config = SettingsConfigDict(
        env_prefix="SHEETCRM_", env_nested_delimiter="__", extra="forbid", frozen=True, title="sheetcrm.toml"
    )

    locale: Annotated[str, AfterValidator(_locale)] = Field(
        "", description="As in en_GB or de_DE; empty: told from the workbook's words"
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field("", description="As in Europe/Berlin; empty: the computer's")
    region: Annotated[str, AfterValidator(_region)] = Field(
        "", description="Country of phone numbers without +, as in DE; empty: the locale's"
    )
    currency: Annotated[str, AfterValidator(_currency)] = Field(
        "", description="Currency of amounts that name none, as in EUR"
    )
    tabs: dict[TableName, str] = Field(default_factory=dict, description="Titles of tabs that are called otherwise")
    columns: dict[TableName, dict[str, ColumnSettings]] = Field(default_factory=dict)
    stages: StageSettings = StageSettings()
    check: CheckRule = CheckRule()
    dedupe: MatchRule = MatchRule()
    assignment: AssignRules = AssignRules()
    reminders: RemindRules = RemindRules()
    calendar: CalendarRule = CalendarRule()
    summary: SummaryRule = SummaryRule()
    rules: Annotated[tuple[FormulaRuleSettings, ...], AfterValidator(named_apart)] = Field(
        (), description="Rules in the language of spreadsheets, where the workbook has no Rules tab"
    )
    sequences: Annotated[tuple[SequenceRule, ...], AfterValidator(named_apart)] = Field(
        (), description="Mails to customers, one after another"
    )
    mail: MailSettings = MailSettings()
    guard: GuardSettings = GuardSettings()
    schedule: Annotated[ScheduleRule, AfterValidator(_known_jobs)] = ScheduleRule()
    reports: str = Field("reports", description="The folder for pages, relative to the workbook")
    templates: str = Field("templates", description="The folder for your own templates, relative to the workbook")
    backups: int = Field(10, ge=1, description="How many earlier states of the workbook are kept")
    journal: str = Field("", description="The folder for the journal; empty: .sheetcrm beside the workbook")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 -- the face is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, whose content comes in as arguments."""
        return env_settings, init_settings

    @property
    def job_rules(self) -> Rules:
        """What the jobs go by."""
        return Rules(**{name: getattr(self, name) for name in Rules.model_fields})

    def schema_at(self, local_zone: str) -> Schema:
        """How the workbook is to be understood, in the settings' zone or else the computer's."""
        return Schema(
            tables=with_columns(
                built_in_tables(), {str(table): title for table, title in self.tabs.items()}, _columns(self)
            ),
            stages=_stages(self.stages),
            locale=self.locale,
            region=self.region,
            currency=self.currency,
            zone=ZoneInfo(self.zone or local_zone),
        )


def _columns(settings: Settings) -> dict[str, list[FieldSpec]]:
    return {
        table: [
            FieldSpec(
                field, one.kind, tuple(map(normal, one.aliases or (field,))), one.required, one.unique, "", one.choices
            )
            for field, one in columns.items()
        ]
        for table, columns in settings.columns.items()
    }


def _stages(own: StageSettings) -> StageNames:
    built_in = built_in_stages()
    aliases = {**built_in.aliases}
    for stage, words in own.aliases.items():
        aliases[stage] = (*words, *aliases.get(stage, ()))
    return StageNames(own.open or built_in.open, own.won or built_in.won, own.lost or built_in.lost, aliases)


def find_config(workbook: Path) -> Path | None:
    """The settings file of a workbook: beside it, or in its folder where it is one; None where there is none."""
    folders = (workbook, workbook.parent) if workbook.is_dir() else (workbook.parent,)
    return next((path for folder in folders if (path := folder / FILE_NAME).is_file()), None)


def load_settings(path: Path | None) -> Settings:
    """The settings of a file, or the defaults. Raises ConfigError with file, setting and what is wrong."""
    try:
        plain: dict[str, Any] = tomllib.loads(path.read_text("utf-8-sig")) if path else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "Correct the file; see docs/reference.md.") from error
    try:
        return Settings(**plain)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
        what = f"{path or 'The environment'}: {where}: {first['msg'].removeprefix('Value error, ')}{more}."
        raise ConfigError(what, "docs/reference.md lists all settings.") from error
    except SettingsError as error:
        what = f"The environment cannot be read: {error}."
        raise ConfigError(what, "Lists and tables are written as JSON there; see docs/reference.md.") from error


def json_schema() -> dict[str, Any]:
    """The JSON schema of `sheetcrm.toml`, for editors that complete and check it."""
    return {"$schema": "http://json-schema.org/draft-07/schema#", **Settings.model_json_schema()}
