"""One rule as an owner wrote it, in a row of the Rules tab or an entry of the settings: when, which rows, what then."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sheetcrm.rules.settings import AssignRule
from sheetcrm.schema.fields import normal

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "assign": ("assign", "zuweisen"),
    "reassign": ("reassign", "neu zuweisen"),
    "remind": ("remind", "erinnern"),
    "notify": ("notify", "benachrichtigen"),
    "set": ("set", "setzen"),
    "add activity": ("add activity", "aktivitat", "aktivitat anlegen"),
    "flag": ("flag", "markieren"),
    "escalate": ("escalate", "eskalieren"),
    "decide": ("decide", "entscheiden"),
}
"""What a rule may do, with the words for it, compared as headers are."""

STRATEGIES: Mapping[str, str] = {
    "least loaded": "least_loaded", "round robin": "round_robin", "weighted": "weighted", "territory": "territory",
    "account owner": "account_owner", "am wenigsten": "least_loaded", "reihum": "round_robin",
    "nach gewicht": "weighted", "gebiet": "territory", "kundenbetreuer": "account_owner",
}  # fmt: skip
"""How a rule may choose among people, by the words for it."""

_CHANGES = re.compile(
    r"(?:\[?(?P<column>[^\[\]]+?)\]?\s+)?(?:is\s+)?(?:changes|changed|wechselt)"
    r"(?:\s+(?:from|von)\s+(?P<old>.+?))?(?:\s+(?:to|auf|zu)\s+(?P<new>.+?))?",
    re.IGNORECASE,
)
_EVERY = re.compile(r"(?:every|alle)\s+(\d{1,4})\s+(?:days?|tage?n?)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class When:
    """Which rows a run looks at: `run` all, `daily` all but once a day, `new` ones, `changed` ones.

    With a column, rows in which it changed since the last run: from `old` and to `new`, where these are given.
    """

    kind: str = "run"
    column: str = ""
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        if self.kind != "changed":
            return {"run": "every run", "new": "the row is new", "daily": "once a day"}[self.kind]
        words = [self.column or "anything", "changes"]
        words += [f"from {self.old}"] if self.old else []
        words += [f"to {self.new}"] if self.new else []
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Again:
    """How often one row may meet the rule: `once`, each `start` of matching, or every so many `days` of it.

    Empty: as the action has it. Who is mailed hears each time it starts; a value is kept as long as it holds.
    """

    kind: str = ""
    days: int = 0


@dataclass(frozen=True, slots=True)
class FormulaRule:
    """A rule in the language of spreadsheets. `condition` is its formula as written; it and `tests` must hold."""

    key: str
    """What names it for good: the Rule ID, or its name in the settings."""
    name: str
    table: str = "Leads"
    condition: str = ""
    tests: tuple[str, ...] = ()
    """More that must hold, as formulas in English: what was written as column, relation and value."""
    then: str = ""
    to: str = ""
    value: str = ""
    """A constant, or a formula that begins with `=`."""
    group: str = ""
    when: When = When()
    template: str = ""
    again: Again = Again()
    is_first_only: bool = False
    """Whether rows that an earlier rule of the group met are none of its."""
    limit: int | None = None
    usual: AssignRule | None = None
    """For one of the usual rules, those of `[assignment]` or built in: the setting that it comes from."""
    where: str = ""
    """Where it is written, for people: `Rules!B4` or `[[rules]] name`."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """Where each part of it is written, by the part's name."""

    def cell(self, part: str) -> str:
        """Where a part of it is written."""
        return self.cells.get(part, self.where)


@dataclass(frozen=True, slots=True)
class Words:
    """The parts of a rule that are words of ours, understood; `wrong` names those that were not."""

    when: When
    again: Again
    is_first_only: bool
    then: str
    wrong: tuple[str, ...]


def words_of(when: str, again: str, stop: str, then: str) -> Words:
    """The words of a rule: When, Again, Stop, Then."""
    found = {
        "when": when_of(when),
        "again": again_of(again),
        "stop": first_only_of(stop),
        "then": action_of(then) or None,
    }
    wrong = tuple(name for name, one in found.items() if one is None)
    return Words(
        when_of(when) or When(), again_of(again) or Again(), first_only_of(stop) or False, action_of(then), wrong
    )


def when_of(text: str) -> When | None:
    """`new`, `changed`, `Status changes from New to Won`, `daily`, `every run`, or empty; None for other words."""
    word = normal(text)
    if word in {"", "every run", "always", "immer", "jeder lauf"}:
        return When()
    if word in {"new", "neu", "is new"}:
        return When("new")
    if word in {"daily", "every day", "taglich"}:
        return When("daily")
    found = _CHANGES.fullmatch(" ".join(text.split()).strip('"'))
    if word in {"changed", "changes", "geandert"}:
        return When("changed")
    if found is None or not found["column"]:
        return None
    old, new = ((found[part] or "").strip("\"'") for part in ("old", "new"))
    return When("changed", found["column"].strip(), old, new)


def again_of(text: str) -> Again | None:
    """`once per row`, `each time it starts matching`, `every 14 days`, or empty; None for other words."""
    word = normal(text)
    if not word:
        return Again()
    if word in {"once", "once per row", "never", "einmal", "nie"}:
        return Again("once")
    if word.startswith(("each time", "every time", "jedes mal")):
        return Again("start")
    found = _EVERY.fullmatch(" ".join(text.split()))
    if word in {"every day", "daily", "taglich"}:
        return Again("days", 1)
    return Again("days", max(int(found[1]), 1)) if found else None


def action_of(text: str) -> str:
    """The action that a word names; empty where it names none."""
    word = normal(text)
    return next((name for name, words in ACTIONS.items() if word in words), "")


def first_only_of(text: str) -> bool | None:
    """Whether the word says that the first match of a group wins; None for other words."""
    word = normal(text)
    if word in {"", "all", "no", "alle", "nein"}:
        return False
    return True if word.startswith(("first", "yes", "stop", "erste", "ja")) else None
