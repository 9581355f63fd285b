"""A person's own day and a manager's team, as context of the mails `mine` and `team`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.reports.basis import Basis
from sheetcrm.reports.findings import Findings
from sheetcrm.reports.leadlines import by_amount, lead_lines
from sheetcrm.reports.money import show_day
from sheetcrm.reports.shown import Shown
from sheetcrm.reports.words import Words
from sheetcrm.table import Person

MOST = 30


def mine_context(findings: Findings, shown: Shown, person: Person) -> dict[str, Any]:
    """The leads of a person that are overdue, due today, just come, stalled, or should close within the week.

    Each lead stands in the first of these sections that it belongs to. `count` counts those of the first three.
    """
    basis, words = findings.basis, shown.words
    own = basis.leads[basis.leads["owner"].eq(person.name).to_numpy() & basis.leads["place"].eq("open").to_numpy()]
    parts = _parts(basis, own, findings)
    count = sum(len(parts[name]) for name in ("overdue", "today", "new"))
    period = show_day(basis.today, words.locale)
    sections = [
        {
            "title": words(f"mine.{name}"),
            "count": len(rows),
            "leads": _leads(basis, shown, rows),
            "is_late": name == "overdue",
        }
        for name, rows in parts.items()
        if len(rows)
    ]
    return {
        **_frame(shown, period, "mine", count),
        "verdict": words("mine.lead", n=count) if count else words("mine.none"),
        "person": {"name": person.name, "email": person.email},
        "count": count,
        "rows": sum(map(len, parts.values())),
        "sections": sections,
        "keys": [],
        "owners": [],
        "notes": [words("foot.why_mine", person=person.name, workbook=basis.snapshot.workbook)],
    }


def _parts(basis: Basis, own: pd.DataFrame, findings: Findings) -> dict[str, pd.DataFrame]:
    today = np.datetime64(basis.today, "D")
    due, entered, expected = (
        own[name].to_numpy().astype("datetime64[D]") for name in ("next_due", "entered", "expected_close")
    )
    week = today + np.timedelta64(7, "D")
    flags = {
        "overdue": own["days_overdue"].to_numpy() > 0,
        "today": due == today,
        "new": entered >= np.datetime64(findings.period.start, "D"),
        "stalled": own["is_stalled"].to_numpy(dtype=bool),
        "closing": (expected >= today) & (expected < week),
    }
    taken = np.zeros(len(own), dtype=bool)
    parts: dict[str, pd.DataFrame] = {}
    for name, flag in flags.items():
        parts[name] = by_amount(own[flag & ~taken], basis.currency)
        taken |= flag
    return parts


def team_context(findings: Findings, shown: Shown, manager: Person, team: Sequence[Person]) -> dict[str, Any]:
    """What is late in a manager's team: each person's figures, and the overdue leads by amount."""
    basis, words = findings.basis, shown.words
    names = {one.name for one in team}
    leads = basis.leads
    late = leads[leads["owner"].isin(names).to_numpy() & (leads["days_overdue"].to_numpy() > 0)]
    late = by_amount(late, basis.currency)
    lines = [shown.line(one) for one in findings.figures.owners if one.who in names]
    period = show_day(basis.today, words.locale)
    section = {"title": words("mine.overdue"), "count": len(late), "leads": _leads(basis, shown, late), "is_late": True}
    return {
        **_frame(shown, period, "team", len(late)),
        "verdict": words("mine.team_lead", n=len(late)) if len(late) else words("mine.team_none"),
        "person": {"name": manager.name, "email": manager.email},
        "count": len(late),
        "rows": len(late),
        "sections": [section] if len(late) else [],
        "keys": [],
        "owners": lines,
        "notes": [words("foot.why_mine", person=manager.name, workbook=basis.snapshot.workbook)],
    }


def team_of(manager: Person, team: Sequence[Person]) -> list[Person]:
    """The people who report to a manager, themselves or through others; all but the manager where nobody does."""
    names, found = {manager.name}, list[Person]()
    while more := [one for one in team if one.manager in names and one not in found and one.name != manager.name]:
        found += more
        names |= {one.name for one in more}
    return found or [one for one in team if one.name != manager.name]


def _leads(basis: Basis, shown: Shown, rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [shown.lead(one) for one in lead_lines(basis, rows.head(MOST))]


def _frame(shown: Shown, period: str, kind: str, count: int) -> dict[str, Any]:
    words: Words = shown.words
    return {
        "locale": words.locale,
        "lang": words("lang"),
        "title": words(f"title.{kind}", period=period),
        "subject": words(f"subject.{kind}", n=count, period=period)
        if count
        else words(f"subject.{kind}_none", period=period),
        "workbook": shown.figures.workbook,
        "w": {name: words.section(name) for name in ("section", "head", "move", "foot")},
    }
