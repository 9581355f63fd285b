"""What the templates `report` and `report_page` are told: figures, lists, charts, and what a person should correct."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from sheetcrm.reports.accounts import account_pages
from sheetcrm.reports.bars import bars
from sheetcrm.reports.chart_data import forecast_chart, months_chart
from sheetcrm.reports.findings import Findings
from sheetcrm.reports.page_depths import Depths
from sheetcrm.reports.shown import Link, Shown, no_link
from sheetcrm.reports.text_lines import one_line
from sheetcrm.reports.words import OwnWords, Words
from sheetcrm.table import Issue, Pair, Snapshot

_MOST_PER_CODE = 50
_MOST_PAIRS = 100
_MAIL_ISSUES = 3
_SEVERITIES = ("error", "warning", "note")


def mail_context(found: Findings, shown: Shown, snapshot: Snapshot) -> dict[str, Any]:
    """The context of the mail `report`."""
    words = shown.words
    charts = [months_chart(found.figures.months, words), forecast_chart(found.forecast, words)]
    issues = [one for one in snapshot.issues if one.severity != "note"]
    worst = sorted(issues, key=lambda one: _rank(one.severity))
    return {
        **shown.mail(),
        "charts": [one for one in charts if not one["is_empty"]],
        "issues": [_mail_issue(one, shown) for one in worst[:_MAIL_ISSUES]],
        "issues_more": words("quality.rows", n=len(issues)) if len(issues) > _MAIL_ISSUES else "",
    }


def _mail_issue(issue: Issue, shown: Shown) -> dict[str, Any]:
    where = f"{issue.tab}!{issue.cell}" if issue.cell else issue.tab
    link = shown.link(issue.tab, issue.cell) if issue.cell else ""
    return {"where": where, "raw": issue.raw[:60], "message": issue.message, "remedy": issue.remedy, "link": link}


@cache
def page_script() -> tuple[str, str]:
    """The page's script on one line, as templates get every text, and its hash for the page's security policy."""
    text = one_line((files("sheetcrm.reports") / "page.js").read_text("utf-8"))
    return text, "sha256-" + b64encode(sha256(text.encode()).digest()).decode()


def page_context(found: Findings, own: OwnWords | None = None, link: Link = no_link) -> dict[str, Any]:
    """The context of the page `report_page`; all lists are cut to what a browser shows at once, and say so."""
    snapshot = found.basis.snapshot
    words = Words(snapshot.locale, own)
    shown = Shown(found.figures, words, link)
    script, script_hash = page_script()
    charts = [months_chart(found.figures.months, words), forecast_chart(found.forecast, words)]
    return {
        **shown.mail(most=200),
        **Depths(found, shown).context(),
        **_issues_context(snapshot.issues, snapshot.review),
        "charts": [],
        "drawings": [{**one, **bars(one)} for one in charts if not one["is_empty"]],
        "accounts": account_pages(found, shown),
        "script": script,
        "script_hash": script_hash,
        "w": _all_words(words),
    }


def _all_words(words: Words) -> dict[str, dict[str, Any]]:
    names = ("key", "section", "head", "move", "foot", "quality", "page", "segment", "layer", "mine")
    return {name: words.section(name) for name in names}


def _issues_context(issues: Sequence[Issue], review: Sequence[Pair]) -> dict[str, Any]:
    return {
        "issue_count": len(issues),
        "issue_groups": _issue_groups(issues),
        "pairs": [_pair(pair) for pair in sorted(review, key=lambda one: -one.score)[:_MOST_PAIRS]],
        "more_pairs": max(len(review) - _MOST_PAIRS, 0),
    }


def _issue_groups(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """The Issues by code: errors before warnings before notes, the commonest code first."""
    groups: dict[tuple[str, str], list[Issue]] = {}
    for issue in issues:
        groups.setdefault((issue.severity, issue.code), []).append(issue)
    return [
        {
            "code": code,
            "severity": severity,
            "count": len(group),
            "more": max(len(group) - _MOST_PER_CODE, 0),
            "issues": [_issue(one) for one in group[:_MOST_PER_CODE]],
        }
        for (severity, code), group in sorted(groups.items(), key=lambda one: (_rank(one[0][0]), -len(one[1]), one[0]))
    ]


def _rank(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else len(_SEVERITIES)


def _issue(issue: Issue) -> dict[str, Any]:
    return {name: getattr(issue, name) for name in ("tab", "cell", "raw", "message", "remedy", "key")}


def _pair(pair: Pair) -> dict[str, Any]:
    plain = {name: getattr(pair, name) for name in ("table", "one", "other", "why", "who")}
    return {**plain, "percent": round(100 * pair.score)}
