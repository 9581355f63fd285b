"""What the templates `summary` and `summary_page` are told: the figures, and what a person should look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sheetcrm.reports.values import Figures
from sheetcrm.table import Issue, Pair

_MOST_PER_CODE = 50
_MOST_PAIRS = 100
_SEVERITIES = ("error", "warning", "note")


def summary_context(figures: Figures, workbook: str) -> dict[str, Any]:
    """The context of the mail `summary`: the figures, and the name of the workbook."""
    return {**figures.to_context(), "workbook": workbook}


def page_context(figures: Figures, workbook: str, issues: Sequence[Issue], review: Sequence[Pair]) -> dict[str, Any]:
    """The context of the page `summary_page`: the mail's, and the Issues by code and the pairs to review.

    At most 50 Issues of a code and 100 pairs are listed; `more` and `more_pairs` count the rest.
    """
    return {
        **summary_context(figures, workbook),
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
