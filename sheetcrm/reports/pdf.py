"""The page as a PDF, by WeasyPrint, which the extra `pdf` installs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sheetcrm.errors import ConfigError
from sheetcrm.plan import Report
from sheetcrm.reports.rendering import render_report


def page_as_pdf(page: Report, folder: Path, overrides: Path | None = None) -> bytes:
    """The overview, the customers and the data quality as a PDF; nothing is loaded from anywhere.

    Raises ConfigError where WeasyPrint is not installed, or the libraries that it needs.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as error:
        remedy = "Install it with: pip install sheetcrm[pdf]; on Windows and macOS it needs Pango besides."
        raise ConfigError(f"A PDF needs WeasyPrint, which cannot be used here: {error}.", remedy) from error
    short = replace(page, context=_for_paper(page.context))
    html = render_report(short, folder, overrides).html
    return bytes(HTML(string=html, url_fetcher=_refuse).write_pdf() or b"")


def _for_paper(context: Mapping[str, Any]) -> dict[str, Any]:
    """The context without what is for the screen: all rows, the accounts' pages, and the ends of long lists."""
    groups = [{**one, "issues": one["issues"][:10], "more": one["count"] - 10} for one in context["issue_groups"]]
    groups = [{**one, "more": max(one["more"], 0)} for one in groups]
    lists = {name: context[name][:20] for name in ("customers", "at_risk", "dormant", "offers", "pairs")}
    return {**context, **lists, "issue_groups": groups, "accounts": [], "rows": []}


def _refuse(url: str) -> dict[str, object]:
    raise ValueError(f"{url} is not loaded")
