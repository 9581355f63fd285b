"""The pipeline summary: a page for the reports folder and a mail to the owners, once a day, week or month."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sheetcrm.jobs.roles import is_leader
from sheetcrm.plan import Message, Plan, Report
from sheetcrm.reports.values import Figures
from sheetcrm.rules.settings import Rules, SummaryRule
from sheetcrm.table import Snapshot

JOB = "summary"


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """The report of the period and its mails, where they were not sent yet."""
    if not rules.summary.on or "Leads" not in snapshot.tables:
        return Plan()
    period = period_of(snapshot.today, rules.summary.every)
    page = f"report/{period}"
    keys = {f"summary/{address}/{period}": address for address in recipients(snapshot, rules.summary)}
    unsent = {key: address for key, address in keys.items() if key not in snapshot.mailed}
    return _summary(snapshot, rules.summary, page, unsent) if unsent or page not in snapshot.mailed else Plan()


def _summary(snapshot: Snapshot, rule: SummaryRule, page: str, unsent: Mapping[str, str]) -> Plan:
    from sheetcrm.reports.page import summary_context

    context = summary_context(figures_of(snapshot, rule.stalled_days), snapshot.workbook)
    messages = [
        Message(key, address, "summary", context, f"pipeline summary, once a {rule.every}", JOB, (key,))
        for key, address in unsent.items()
    ]
    reports = () if page in snapshot.mailed else (report(snapshot, page, rule.stalled_days),)
    return Plan(messages=tuple(messages), reports=reports)


def report(snapshot: Snapshot, key: str, stalled_days: int) -> Report:
    """The page of the pipeline as it stands, for the reports folder."""
    from sheetcrm.reports.page import page_context

    figures = figures_of(snapshot, stalled_days)
    context = page_context(figures, snapshot.workbook, snapshot.issues, snapshot.review)
    return Report(key, f"pipeline-{snapshot.today}", "summary_page", context, "pipeline report", JOB)


def figures_of(snapshot: Snapshot, stalled_days: int) -> Figures:
    """The figures of the pipeline, all stages of the workbook included."""
    from sheetcrm.reports.figures import pipeline_figures
    from sheetcrm.reports.values import Stages

    stages = Stages(snapshot.open_stages, snapshot.won_stages, snapshot.lost_stages)
    return pipeline_figures(snapshot, stages, stalled_days, quality=snapshot.quality)


def recipients(snapshot: Snapshot, rule: SummaryRule) -> list[str]:
    """Who gets the summary: the rule's addresses, else the Team's owners and managers."""
    if rule.to:
        return list(rule.to)
    return [one.email for one in snapshot.team if one.is_active and one.email and is_leader(one)]


def period_of(day: date, every: str) -> str:
    """The period that a day belongs to: `2026-03-02`, `2026-W10`, `2026-03`."""
    year, week, _ = day.isocalendar()
    return {"day": day.isoformat(), "week": f"{year}-W{week:02}", "month": f"{day:%Y-%m}"}[every]
