"""From a workbook to a Plan: take the snapshot, ask the jobs in order, render, guard. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sheetcrm.errors import GuardRefused, TemplateMissing
from sheetcrm.plan import CellChange, Message, Plan, Skip, folded, to_json
from sheetcrm.post.deliver import Held
from sheetcrm.post.drafts import with_drafts
from sheetcrm.resolve import resolve
from sheetcrm.rules.settings import Rules
from sheetcrm.schema.checks import check
from sheetcrm.schema.layout import layout_of
from sheetcrm.schema.overlay import overlay
from sheetcrm.schema.parse import Schema, Understood, past_tables, understand
from sheetcrm.schema.quality import data_quality
from sheetcrm.schema.wanted import missing_columns
from sheetcrm.table import Grid, Issue, Raw, Snapshot
from sheetcrm.trail import Trails, no_trails

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Past:
    """What the Journal knows: memory, reasons already mailed, the last run, and how the tabs were found then."""

    memory: Mapping[str, str] = field(default_factory=dict)
    mailed: Mapping[str, str] = field(default_factory=dict)
    last_run: int = 0
    layout: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Mapping[str, Mapping[str, Raw]]] = field(default_factory=dict)
    """The rows as the last run left them, where a rule asks for what changed."""
    held: Held = field(default_factory=Held)
    """Messages that are not to be planned now: they wait, or a person must decide."""
    trails: Trails = no_trails
    """The rows from reading to reading, as they were typed."""


@dataclass(frozen=True)
class Templates:
    """Where templates lie: the built-in ones, and the workbook's own, which win."""

    folder: Path
    overrides: Path | None = None


REMINDERS = "reminders"
FOLLOW_UPS = "followups"


@dataclass(frozen=True)
class Present:
    """The workbook as it stands now, for a plan that was made before."""

    snapshot: Snapshot
    grids: Sequence[Grid]


def take_snapshot(
    grids: Sequence[Grid], schema: Schema, now: datetime, past: Past | None = None, *, name: str = ""
) -> tuple[Snapshot, Understood]:
    """The workbook understood at one moment, with all Issues, and the tables that a later write can start from."""
    past = past or Past()
    now = now.astimezone(schema.zone)
    understood = understand(grids, schema, past.layout)
    stages = understood.stages
    found = check(understood.tables, schema.tables, understood.people, stages, now.date())
    issues = (*understood.issues, *found, *missing_columns(understood.tables), *_protected(understood))
    snapshot = Snapshot(
        now=now,
        tables=understood.tables,
        issues=issues,
        team=understood.people.team,
        memory=past.memory,
        mailed=past.mailed,
        open_stages=stages.open,
        won_stages=stages.won,
        lost_stages=stages.lost,
        workbook=name,
        locale=understood.locale,
        currency=schema.currency,
        quality=data_quality(understood.tables, issues),
        grids=tuple(grids),
        before=past.before,
        trails=past_tables(past.trails, understood, schema),
    )
    return snapshot, understood


def _protected(understood: Understood) -> tuple[Issue, ...]:
    message, remedy = "The tab is protected, so nothing is written into it", "Review > Unprotect Sheet, in Excel"
    return tuple(
        Issue("tab_protected", table.tab, "", "", message, remedy, "note")
        for table in understood.tables.values()
        if table.is_protected
    )


def make_plan(
    snapshot: Snapshot,
    rules: Rules,
    *,
    past: Past,
    templates: Templates,
    jobs: Sequence[str] | None = None,
    hold_mail: str = "",
    progress: Progress = lambda _step: None,
) -> Plan:
    """All that the jobs would do to the workbook, mails rendered; each job sees what the earlier ones planned.

    `jobs` are those of these names, None for all.
    `hold_mail` is the reason for which nobody may be mailed now: messages and the cells that wait for them become
    skips.
    """
    # The jobs and the formulas take half a second to import: a check and a report do without.
    from sheetcrm.jobs.registry import JOBS

    plan, seen = Plan(issues=snapshot.issues), snapshot
    for name in (one for one in JOBS if jobs is None or one in jobs):
        progress(name)
        part = JOBS[name](seen, rules)
        seen = overlay(seen, part)
        plan = plan.joined(part)
    plan = replace(plan, changes=folded(plan.changes))
    if hold_mail:
        plan = without_mail(plan, hold_mail)
    plan = held_back(plan, past.held)
    progress("mails")
    plan = with_drafts(rendered(plan, templates), snapshot.table("Outbox"), snapshot.today)
    return with_heading(plan, snapshot, past)


def with_heading(plan: Plan, snapshot: Snapshot, past: Past) -> Plan:
    """The plan with what tells from which workbook and moment it was made, and its id."""
    return with_id(
        replace(
            plan,
            workbook=snapshot.workbook,
            as_of=snapshot.now.isoformat(),
            base_run=past.last_run,
            layout=layout_of(snapshot.tables),
            rows={name: len(table) for name, table in snapshot.tables.items()},
        )
    )


def with_id(plan: Plan) -> Plan:
    """The plan under an id that tells it from every other plan: a digest of all that it holds."""
    text = to_json(replace(plan, id=""))
    return replace(plan, id=blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest())


def without_mail(plan: Plan, why: str) -> Plan:
    """The plan with nobody mailed: messages and the cells that wait for them are skipped."""
    skips = tuple(Skip(f"mail to {one.to}: {one.why}", why) for one in plan.messages)
    changes = tuple(one for one in plan.changes if not one.after)
    return replace(plan, messages=(), changes=changes, skipped=plan.skipped + skips)


def held_back(plan: Plan, held: Held) -> Plan:
    """The plan without the messages that are held, and without the cells that wait for them; each one is skipped."""
    return left_out(plan, {one.key: reason for one in plan.messages if (reason := held.why(one))})


def left_out(plan: Plan, why: Mapping[str, str]) -> Plan:
    """The plan without the messages of these keys and all that waits for them; each is skipped with its reason."""
    if not why:
        return plan
    skips = tuple(Skip(f"mail to {one.to}: {one.why}", why[one.key]) for one in plan.messages if one.key in why)
    messages = tuple(one for one in plan.messages if one.key not in why)
    changes = tuple(one for one in plan.changes if one.after not in why)
    appends = tuple(one for one in plan.appends if one.after not in why)
    return replace(plan, messages=messages, changes=changes, appends=appends, skipped=plan.skipped + skips)


def rechecked(plan: Plan, now: Present, rules: Rules, templates: Templates) -> Plan:
    """The plan with its reminders as far as they are still due in the workbook as it stands now.

    `now` is taken at the plan's own moment. Reminders of rows that a person took care of, or took over, since the plan
    was made are left out of the mails, with the cells that wait for them; nobody is told of anything not planned.
    """
    from sheetcrm.jobs.registry import JOBS

    plan = _followups_rechecked(plan, now, rules)
    planned = {(one.to, reason) for one in plan.messages if one.job == REMINDERS for reason in one.reasons}
    if not planned:
        return plan
    seen = overlay(now.snapshot, _still_possible(plan, now))
    found = _reasons(JOBS[REMINDERS](seen, rules))
    others = {reason: "" for _, reason in found - planned}
    fresh = JOBS[REMINDERS](replace(seen, mailed={**seen.mailed, **others}), rules)
    left_out = len(planned - _reasons(fresh))
    if not left_out:
        return plan
    rows = {one.ref for one in fresh.changes}
    changes = tuple(one for one in plan.changes if one.job != REMINDERS or one.ref in rows)
    kept = tuple(one for one in plan.messages if one.job != REMINDERS)
    mails = rendered(Plan(messages=fresh.messages), templates).messages
    skip = Skip(
        f"{left_out} {'reminder' if left_out == 1 else 'reminders'}", "the rows changed since the plan was made"
    )
    return replace(plan, changes=changes, messages=mails + kept, skipped=(*plan.skipped, skip))


def _followups_rechecked(plan: Plan, now: Present, rules: Rules) -> Plan:
    """The plan without the follow-ups of customers who have answered since, or bought, or are to be left alone."""
    from sheetcrm.jobs.registry import JOBS

    planned = {one.key for one in plan.messages if one.job == FOLLOW_UPS}
    if not planned:
        return plan
    # As it was when they were planned: whoever begins with this plan is not known yet.
    seen = replace(overlay(now.snapshot, _still_possible(plan, now)), is_watched=True)
    due = {one.key for one in JOBS[FOLLOW_UPS](seen, rules).messages if not one.is_draft}
    return left_out(plan, dict.fromkeys(planned - due, "it is no longer due as the workbook stands now"))


def _still_possible(plan: Plan, now: Present) -> Plan:
    """The plan's cell changes that no person has overtaken and that wait for no mail."""
    free = replace(plan, changes=tuple(one for one in plan.changes if not one.after), appends=())
    deeds = resolve(free, now.snapshot.tables, {grid.tab: grid for grid in now.grids}, {}).deeds
    done = (one.deed for one in deeds if one.state == "done" and isinstance(one.deed, CellChange))
    there = {ref for table in now.snapshot.tables.values() for ref in table.refs}
    return Plan(changes=tuple(one for one in done if one.ref in there))


def _reasons(plan: Plan) -> set[tuple[str, str]]:
    return {(one.to, reason) for one in plan.messages for reason in one.reasons}


def rendered(plan: Plan, templates: Templates) -> Plan:
    """The plan with every mail and page as its reader will see it. Raises ConfigError for a broken template.

    A mail whose template is not there is left out, with the cells that wait for it, and says so.
    """
    if not plan.messages and not plan.reports:
        return plan
    from sheetcrm.reports.rendering import render_message, render_report

    folder, overrides = templates.folder, templates.overrides
    messages, missing = list[Message](), dict[str, str]()
    for one in plan.messages:
        try:
            messages.append(render_message(one, folder, overrides))
        except TemplateMissing as error:
            missing[one.key] = str(error)
    reports = tuple(render_report(one, folder, overrides) for one in plan.reports)
    return replace(left_out(plan, missing), messages=tuple(messages), reports=reports)


def guard(plan: Plan, *, share: float, rows_free: int) -> None:
    """Raises GuardRefused where the plan touches more than `share` of a tab's rows.

    New keys do not count. Up to `rows_free` rows of a tab may always be touched.
    """
    touched: dict[str, set[object]] = {}
    for change in plan.changes:
        if change.field != "key":
            touched.setdefault(change.ref.table, set()).add(change.ref)
    for table, refs in touched.items():
        rows = plan.rows.get(table, 0)
        if len(refs) > rows_free and len(refs) > share * rows:
            raise GuardRefused(
                f"The plan touches {len(refs)} of {rows} rows of {table}, more than the allowed {share:.0%}.",
                "Read it (`sheetcrm plan`), then allow it once with --allow-large, or raise [guard] share.",
            )
