"""check, plan, apply, run, undo: the work on one workbook."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import nullcontext, redirect_stdout
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import click

from sheetcrm.apply import Outcome
from sheetcrm.cli import screen
from sheetcrm.cli.desk import Desk, Taken, desk_for
from sheetcrm.cli.options import (
    VERBOSE,
    adopt_option,
    all_option,
    as_of_option,
    book_argument,
    config_option,
    json_option,
    large_option,
    recalculate_option,
    verbose_option,
)
from sheetcrm.cli.outcome import show_outcome
from sheetcrm.errors import GuardRefused, PlanRefused
from sheetcrm.jobs.registry import JOBS
from sheetcrm.jobs.rule_reasons import HELD
from sheetcrm.plan import Plan, to_json
from sheetcrm.rules.settings import CheckRule
from sheetcrm.run import Present, guard, rechecked

JOB_NAMES = tuple(JOBS)
jobs_option = click.option(
    "--job", "jobs", multiple=True, type=click.Choice(JOB_NAMES), help="Only this job (repeatable)."
)


@click.command("check")
@book_argument
@config_option
@as_of_option
@json_option
@all_option
@click.option("--fail-under", type=click.IntRange(0, 100), default=0, help="Exit 7 where the data quality is lower.")
@click.option("--tab", "to_tab", is_flag=True, help="Keep the list in a tab Issues of BOOK from now on.")
def check_command(
    book: str, config: str, as_of: str, as_json: bool, everything: bool, fail_under: int, to_tab: bool
) -> int:
    """List what is wrong in BOOK, cell by cell, with a data-quality score.

    Writes nothing but, with --tab, the tab Issues, which every run then keeps up to date. Exit code 7 where the score
    is below --fail-under.
    """
    desk = desk_for(book, config, as_of)
    if to_tab:
        settings = desk.settings.model_copy(update={"check": CheckRule(tab=True)})
        # As JSON the list alone goes to the standard output.
        with redirect_stdout(sys.stderr) if as_json else nullcontext():
            code = run_desk(replace(desk, settings=settings), ("issues",))
        if code:
            return code
    with screen.progress(as_json) as progress:
        snapshot = desk.take(progress).snapshot
    if as_json:
        issues = [asdict(one) for one in snapshot.issues]
        click.echo(json.dumps({"quality": snapshot.quality, "issues": issues}, ensure_ascii=False, indent=1))
    else:
        screen.show_issues(snapshot.issues, snapshot.quality, everything=everything)
    return 7 if snapshot.quality < fail_under else 0


@click.command("plan")
@book_argument
@config_option
@as_of_option
@jobs_option
@json_option
@all_option
@verbose_option
def plan_command(book: str, config: str, as_of: str, jobs: tuple[str, ...], as_json: bool, everything: bool) -> None:
    """Show what a run would do, cell by cell, and save it for `apply`.

    Writes nothing into BOOK.
    """
    desk = desk_for(book, config, as_of)
    if desk.has_journal and (unfinished := desk.journal.unfinished()):
        raise PlanRefused(f"Run {unfinished[0].id} was cut short.", f"`sheetcrm run {book}` finishes it first.")
    with screen.progress(as_json) as progress:
        plan = desk.plan(desk.take(progress), jobs or JOB_NAMES, progress)
    saved_as = None if plan.is_empty else desk.plans.save(plan)
    _say_spent(desk)
    if as_json:
        click.echo(to_json(plan, indent=1))
        return
    screen.show_plan(plan, saved_as=_short(saved_as), most=screen.ALL if everything else screen.SHOWN)
    _warn_of_guard(plan, desk)


def _short(path: Path | None) -> Path | None:
    try:
        return path.relative_to(Path.cwd()) if path else None
    except ValueError:
        return path


def _warn_of_guard(plan: Plan, desk: Desk) -> None:
    try:
        guard(plan, share=desk.settings.guard.share, rows_free=desk.settings.guard.rows_free)
    except GuardRefused as refusal:
        click.secho(f"{refusal.what} {refusal.remedy}", fg="yellow")


@click.command("apply")
@book_argument
@click.argument("plan", required=False, default="")
@config_option
@as_of_option
@large_option
@adopt_option
@recalculate_option
@json_option
@verbose_option
def apply_command(
    book: str,
    plan: str,
    config: str,
    as_of: str,
    allow_large: bool,
    adopt: bool,
    recalculate: bool,
    as_json: bool,
) -> int:
    """Carry out a saved PLAN; what people changed since stays.

    PLAN is a number or a file; the latest saved one without it.
    """
    desk = desk_for(book, config, as_of)
    from sheetcrm.cli.inbox import try_inbox

    desk.check_can_calculate(recalculate)
    with desk.locked():
        _say_problem(try_inbox(desk))
        if (finished := desk.finish_unfinished()) is not None:
            click.echo(f"Run {finished.run}, which was cut short, is finished now.", err=True)
        chosen = desk.plans.find(plan)
        if chosen.as_of[:10] != desk.now.date().isoformat():
            click.echo(f"The plan was made as of {chosen.as_of[:10]}.", err=True)
        with screen.progress(as_json) as progress:
            # At the plan's own moment: what was due then, and still is.
            taken = replace(desk, as_of=chosen.as_of).take(progress)
            check_standing(taken, chosen, adopt=adopt)
            present = Present(taken.snapshot, taken.seen.grids)
            checked = rechecked(chosen, present, desk.settings.job_rules, desk.templates)
            # Settled first: a run that is cut short must know whether it is the original's.
            desk.settle(taken, adopt=adopt)
            progress("writing")
            outcome = desk.apply(checked, allow_large=allow_large, seen=taken.seen)
            desk.settle(taken, adopt=adopt)
            desk.calculate(recalculate, progress)
    for skip in checked.skipped[len(chosen.skipped) :]:
        click.echo(f"Left out: {skip.what}: {skip.why}.", err=True)
    _say_spent(desk)
    return tell(desk, outcome, as_json=as_json)


def check_standing(taken: Taken, plan: Plan, *, adopt: bool) -> None:
    """Nothing; PlanRefused where the workbook is a copy and the plan mails people."""
    if taken.standing.copy_of and plan.messages and not adopt:
        what = f"This seems to be a copy of {taken.standing.copy_of}, and the plan mails people."
        raise PlanRefused(what, "Plan it again, or let this be the original now with --adopt.")


@click.command("run")
@book_argument
@config_option
@as_of_option
@jobs_option
@large_option
@adopt_option
@recalculate_option
@click.option("--new-rules", is_flag=True, help="Let rules that are new act at once, without having been shown.")
@json_option
@click.option("--due", is_flag=True, help="Only what the schedule has due now, and the mails that waited.")
@verbose_option
def run_command(  # noqa: PLR0913, PLR0917 -- each option of the command is one
    book: str,
    config: str,
    as_of: str,
    jobs: tuple[str, ...],
    allow_large: bool,
    adopt: bool,
    recalculate: bool,
    new_rules: bool,
    as_json: bool,
    due: bool,
) -> int:
    """Plan and apply in one go, for schedules.

    Finishes a run that was cut short first.
    """
    desk = desk_for(book, config, as_of)
    if due:
        if jobs or allow_large or recalculate or new_rules:
            raise click.UsageError(
                "--due runs what the schedule says: no --job, --allow-large, --recalculate, --new-rules"
            )
        from sheetcrm.cli.due import run_due

        return run_due(desk, adopt=adopt, as_json=as_json)
    code = run_desk(
        desk,
        jobs or JOB_NAMES,
        allow_large=allow_large,
        adopt=adopt,
        recalculate=recalculate,
        new_rules=new_rules,
        as_json=as_json,
    )
    _say_spent(desk)
    return code


def _say_spent(desk: Desk) -> None:
    """Says how many calls were made, and how large they were, where a person asks and there were any."""
    spent = desk.workbook.spent() if click.get_current_context().meta.get(VERBOSE) else ""
    if spent:
        click.echo(f"Google: {spent}.", err=True)


def run_desk(
    desk: Desk,
    jobs: tuple[str, ...] = JOB_NAMES,
    *,
    allow_large: bool = False,
    adopt: bool = False,
    recalculate: bool = False,
    new_rules: bool = False,
    as_json: bool = False,
    before: Callable[[Plan], None] = lambda _plan: None,
) -> int:
    """One run of a workbook under its lock; `before` sees the plan first. Gives the exit code."""
    from sheetcrm.cli.inbox import try_inbox

    desk.check_can_calculate(recalculate)
    with desk.locked():
        _say_problem(try_inbox(desk))
        if (finished := desk.finish_unfinished()) is not None:
            click.echo(f"Run {finished.run}, which was cut short, is finished now.", err=True)
        done = plan_and_apply(
            desk, jobs, allow_large=allow_large, adopt=adopt, new_rules=new_rules, before=before, quiet=as_json
        )
        if done.outcome is not None:
            with screen.progress(as_json) as progress:
                desk.calculate(recalculate, progress)
    _say_held(done.plan)
    if done.outcome is None:
        click.echo('{"run": null}' if as_json else screen.totals(done.plan))
    _say_copy(done.taken)
    return tell(desk, done.outcome, as_json=as_json) if done.outcome is not None else 0


@dataclass(frozen=True)
class Done:
    """What came of one run: its plan, the workbook it was made for, and the outcome; None where nothing was to do."""

    plan: Plan
    taken: Taken
    outcome: Outcome | None


def plan_and_apply(
    desk: Desk,
    jobs: tuple[str, ...] = JOB_NAMES,
    *,
    allow_large: bool = False,
    adopt: bool = False,
    new_rules: bool = False,
    before: Callable[[Plan], None] = lambda _plan: None,
    quiet: bool = True,
) -> Done:
    """One plan made and carried out, under the run lock that the caller holds; `before` sees the plan first."""
    with screen.progress(quiet) as progress:
        taken = desk.take(progress)
        if adopt:
            taken = Taken(taken.snapshot, taken.seen, taken.past, desk.settle(taken, adopt=True))
        plan = desk.plan(taken, jobs, progress, is_watched=new_rules)
    before(plan)
    desk.settle(taken)
    if plan.is_empty:
        desk.remember(plan, taken)
        return Done(plan, taken, None)
    with screen.progress(quiet) as progress:
        progress("writing")
        outcome = desk.apply(plan, allow_large=allow_large, seen=taken.seen)
        desk.settle(taken)
    return Done(plan, taken, outcome)


def _say_problem(problem: str) -> None:
    if problem:
        click.secho(f"{problem} Until then nothing goes to customers.", fg="yellow", err=True)


def _say_held(plan: Plan) -> None:
    for one in plan.skipped:
        if one.why.startswith(HELD):
            click.secho(f"{one.what}: {one.why}.", fg="yellow", err=True)


def _say_copy(taken: Taken) -> None:
    if taken.standing.copy_of:
        what = f"This seems to be a copy of {taken.standing.copy_of}: nobody is mailed. --adopt makes it the original."
        click.secho(what, fg="yellow", err=True)


def tell(desk: Desk, outcome: Any, *, as_json: bool) -> int:
    """Shows what a run did; gives the exit code."""
    from sheetcrm.cli.outcome import run_json

    if as_json:
        click.echo(json.dumps(run_json(desk.journal, desk.journal.run(outcome.run)), ensure_ascii=False, indent=1))
    else:
        show_outcome(outcome, desk.place)
    return 8 if outcome.failed else 0


@click.command("undo")
@book_argument
@click.argument("run", required=False, type=int, default=0)
@config_option
@click.option("--dry-run", is_flag=True, help="Only show what would be put back.")
@all_option
@json_option
def undo_command(book: str, run: int, config: str, dry_run: bool, everything: bool, as_json: bool) -> int:
    """Take a RUN back: every cell that still stands as the run left it.

    Without a number it is the latest run not undone yet. What people changed since stays; mails stay sent.
    """
    from sheetcrm.undo import latest_to_undo, undo_plan

    desk = desk_for(book, config)
    if not desk.find_records():
        raise PlanRefused(f"{desk.path.name} was never run.", "There is nothing to undo.")
    with desk.locked():
        plan = undo_plan(desk.journal, run or latest_to_undo(desk.journal))
        if dry_run:
            screen.show_plan(plan, saved_as=None, most=screen.ALL if everything else screen.SHOWN)
            return 0
        outcome = desk.apply(plan)
    return tell(desk, outcome, as_json=as_json)
