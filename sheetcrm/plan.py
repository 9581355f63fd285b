"""What a run would do, as values: cell changes, new rows, reports and messages, each with its reason.

A Plan that nobody applied is the dry run; a Plan made from the Journal is the undo. `to_json` and `from_json` are the
one form in which plans are saved, printed for scripts, and kept in the Journal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sheetcrm.raw_json import raw_from_json, raw_to_json
from sheetcrm.tab import TabContent, content_from_json, content_to_json
from sheetcrm.table import Issue, Pair, Raw, RowRef, is_same


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell: written only where it still holds `old`, and only once the message `after` was accepted.

    `cell` and `who` tell a person where it stood when planned; the write finds the row by `ref`, the column by
    `header`.
    """

    ref: RowRef
    tab: str
    field: str
    header: str
    old: Raw
    new: Raw
    why: str
    job: str
    rule: str = ""
    after: str = ""
    cell: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class RowAppend:
    """A new row below the last one of a tab; `values` by field."""

    table: str
    tab: str
    key: str
    values: Mapping[str, Raw]
    why: str
    job: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a mail's HTML shows as `cid:NAME`: `png` in base64."""

    name: str
    png: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as the recipient will see it."""

    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A mail to be sent once: `key` names its reason, `reasons` all the reasons that it covers.

    A job fills `template` and `context` (JSON values only); `render` adds the `mail`.
    """

    key: str
    to: str
    template: str
    context: Mapping[str, Any]
    why: str
    job: str
    reasons: tuple[str, ...] = ()
    mail: Mail | None = None
    audience: str = "team"
    """`team`, or `customers`: whoever opted out, or is not to be contacted, gets none of those."""
    zone: str = ""
    """The reader's time zone; empty: the workbook's."""
    is_draft: bool = False
    """Whether a person has to agree first: it becomes a row of the tab Outbox instead of a mail."""


@dataclass(frozen=True, slots=True)
class Report:
    """A page for the reports folder: `name` without extension; `html` is added by `render`."""

    key: str
    name: str
    template: str
    context: Mapping[str, Any]
    why: str
    job: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class TabReplace:
    """A whole tab of the tool's own, put anew in its place or after all others; without content it goes.

    Tabs that a person made are never replaced.
    """

    tab: str
    content: TabContent | None
    why: str
    job: str


@dataclass(frozen=True, slots=True)
class Skip:
    """Something that was not done, and why."""

    what: str
    why: str
    cell: str = ""


@dataclass(frozen=True)
class Plan:
    """All that one run would do to one workbook."""

    changes: tuple[CellChange, ...] = ()
    appends: tuple[RowAppend, ...] = ()
    messages: tuple[Message, ...] = ()
    reports: tuple[Report, ...] = ()
    tabs: tuple[TabReplace, ...] = ()
    review: tuple[Pair, ...] = ()
    issues: tuple[Issue, ...] = ()
    skipped: tuple[Skip, ...] = ()
    remember: Mapping[str, str] = field(default_factory=dict)
    """What the jobs want to find again in the next Snapshot's `memory`."""
    restore: Mapping[str, str] = field(default_factory=dict)
    """What of it the memory holds again once this plan is undone."""
    id: str = ""
    workbook: str = ""
    as_of: str = ""
    base_run: int = 0
    """The Journal's last run when this was planned; a plan that another run has overtaken is refused."""
    layout: Mapping[str, Any] = field(default_factory=dict)
    """How tabs and columns were found, so that a column renamed since can be followed."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """Rows per table when planned."""
    undoes: int = 0
    """The run that this plan takes back; 0 for an ordinary plan."""

    @property
    def is_empty(self) -> bool:
        """Whether applying it would change nothing and send nothing."""
        return not (self.changes or self.appends or self.messages or self.reports or self.tabs)

    def joined(self, other: Plan) -> Plan:
        """Both plans as one: this plan's deeds first, `other`'s after them; the heading stays this plan's."""
        return replace(
            self,
            changes=self.changes + other.changes,
            appends=self.appends + other.appends,
            messages=self.messages + other.messages,
            reports=self.reports + other.reports,
            tabs=self.tabs + other.tabs,
            review=self.review + other.review,
            issues=self.issues + other.issues,
            skipped=self.skipped + other.skipped,
            remember={**self.remember, **other.remember},
            restore={**other.restore, **self.restore},
        )


def folded(changes: Iterable[CellChange]) -> tuple[CellChange, ...]:
    """The changes with each cell once: what several jobs did to it one after the other is one change, the last one's.

    A cell that ends as it was is left out.
    """
    cells: dict[tuple[RowRef, str], CellChange] = {}
    for one in changes:
        place = one.ref, one.field
        cells[place] = replace(one, old=cells[place].old) if place in cells else one
    return tuple(one for one in cells.values() if not is_same(one.old, one.new))


def change_to_json(change: CellChange) -> dict[str, Any]:
    """One change as {tab, key, column, cell, old, new, why, job, …}; dates are ISO text, told apart by the types."""
    old, old_type = raw_to_json(change.old)
    new, new_type = raw_to_json(change.new)
    return {
        "tab": change.tab,
        "key": change.ref.key,
        "column": change.header,
        "cell": change.cell,
        "old": old,
        "new": new,
        "why": change.why,
        "job": change.job,
        "rule": change.rule,
        "after": change.after,
        "who": change.who,
        "table": change.ref.table,
        "field": change.field,
        "content": change.ref.content,
        "old_type": old_type,
        "new_type": new_type,
    }


def change_from_json(plain: Mapping[str, Any]) -> CellChange:
    """The change that `change_to_json` wrote."""
    return CellChange(
        ref=RowRef(plain["table"], plain["key"], plain["content"]),
        tab=plain["tab"],
        field=plain["field"],
        header=plain["column"],
        old=raw_from_json(plain["old"], plain["old_type"]),
        new=raw_from_json(plain["new"], plain["new_type"]),
        **{name: plain[name] for name in ("why", "job", "rule", "after", "cell", "who")},
    )


def append_to_json(append: RowAppend) -> dict[str, Any]:
    """One new row; `values` maps each field to {value, type}."""
    values = {name: dict(zip(("value", "type"), raw_to_json(raw), strict=True)) for name, raw in append.values.items()}
    plain = {name: getattr(append, name) for name in ("table", "tab", "key", "why", "job", "after")}
    return {**plain, "values": values}


def append_from_json(plain: Mapping[str, Any]) -> RowAppend:
    """The row that `append_to_json` wrote."""
    values = {name: raw_from_json(cell["value"], cell["type"]) for name, cell in plain["values"].items()}
    return RowAppend(**{**plain, "values": values})


def tab_to_json(one: TabReplace) -> dict[str, Any]:
    """One whole tab; without content null stands in its place."""
    content = content_to_json(one.content) if one.content is not None else None
    return {"tab": one.tab, "content": content, "why": one.why, "job": one.job}


def tab_from_json(plain: Mapping[str, Any]) -> TabReplace:
    """The tab that `tab_to_json` wrote."""
    content = plain["content"]
    return TabReplace(**{**plain, "content": content_from_json(content) if content is not None else None})


def _message_from(plain: Mapping[str, Any]) -> Message:
    mail = plain["mail"]
    if mail:
        pictures = tuple(Picture(**one) for one in mail.get("pictures", ()))
        mail = Mail(**{**mail, "pictures": pictures})
    return Message(**{**plain, "reasons": tuple(plain["reasons"]), "mail": mail})


def _fields(one: Any) -> dict[str, Any]:
    # Not dataclasses.asdict, which copies the whole context of every message.
    return {item.name: _plain(getattr(one, item.name)) for item in fields(one)}


def _plain(value: Any) -> Any:
    if isinstance(value, Mail):
        return {**_fields(value), "pictures": [_fields(one) for one in value.pictures]}
    return value


_HEADING = ("id", "workbook", "as_of", "base_run", "layout", "rows", "undoes", "remember")


def to_json(plan: Plan, indent: int | None = None) -> str:
    """The plan as one JSON object, for people to read with an indent; `from_json` gives back an equal plan."""
    plain: dict[str, Any] = {name: getattr(plan, name) for name in (*_HEADING, "restore")}
    plain["changes"] = [change_to_json(change) for change in plan.changes]
    plain["appends"] = [append_to_json(append) for append in plan.appends]
    plain["tabs"] = [tab_to_json(one) for one in plan.tabs]
    for name in ("messages", "reports", "review", "issues", "skipped"):
        plain[name] = [_fields(one) for one in getattr(plan, name)]
    return json.dumps(plain, ensure_ascii=False, indent=indent)


def from_json(text: str) -> Plan:
    """The plan that `to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
    plain = json.loads(text)
    lists: dict[str, Iterable[Any]] = {
        "changes": map(change_from_json, plain["changes"]),
        "appends": map(append_from_json, plain["appends"]),
        "tabs": map(tab_from_json, plain.get("tabs", ())),
        "messages": map(_message_from, plain["messages"]),
        "reports": (Report(**one) for one in plain["reports"]),
        "review": (Pair(**one) for one in plain["review"]),
        "issues": (Issue(**one) for one in plain["issues"]),
        "skipped": (Skip(**one) for one in plain["skipped"]),
    }
    parts: dict[str, Any] = {name: tuple(all_) for name, all_ in lists.items()}
    return Plan(**{name: plain[name] for name in _HEADING}, restore=plain.get("restore", {}), **parts)
