"""review, unmerge: what a person decides about rows that may be the same, and the way back."""

from __future__ import annotations

from dataclasses import replace

import click

from sheetcrm.cli import screen
from sheetcrm.cli.desk import desk_for
from sheetcrm.cli.options import all_option, book_argument, config_option, json_option, large_option
from sheetcrm.cli.work import run_desk, tell
from sheetcrm.errors import PlanRefused


@click.command("review")
@book_argument
@config_option
@json_option
@large_option
def review_command(book: str, config: str, as_json: bool, allow_large: bool) -> int:
    """Ask about rows that may be the same in a tab Duplicates of BOOK.

    Pairs stand one below the other, with what differs, and a Decision to choose. From then on every run keeps the tab
    up to date and carries out what was decided in it.
    """
    desk = desk_for(book, config)
    asking = desk.settings.dedupe.model_copy(update={"tab": True})
    desk = replace(desk, settings=desk.settings.model_copy(update={"dedupe": asking}))
    return run_desk(desk, ("keys", "dedupe", "review"), allow_large=allow_large, as_json=as_json)


@click.command("unmerge")
@book_argument
@click.argument("key", metavar="KEY")
@click.option("-t", "--tab", default="", help="The tab of the row, where two have such a key.")
@config_option
@click.option("--dry-run", is_flag=True, help="Only show what would be put back.")
@all_option
@json_option
def unmerge_command(book: str, key: str, tab: str, config: str, dry_run: bool, everything: bool, as_json: bool) -> int:
    """Make the merged row KEY of BOOK one of its own again, with its activities.

    What people changed since the merge stays and is listed. `undo` takes this back like any run.
    """
    from sheetcrm.jobs.merged_cells import RULE
    from sheetcrm.run import with_heading
    from sheetcrm.unmerge import unmerge_plan

    desk = desk_for(book, config)
    if not desk.find_records():
        raise PlanRefused(f"{desk.path.name} was never run.", "There is nothing to take back.")
    with desk.locked():
        taken = desk.take()
        deeds = desk.journal.changes_of_rules(RULE)
        part = unmerge_plan(taken.snapshot, deeds, key, desk.settings.dedupe.fields, tab)
        plan = with_heading(part, taken.snapshot, taken.past)
        if dry_run:
            screen.show_plan(plan, saved_as=None, most=screen.ALL if everything else screen.SHOWN)
            return 0
        outcome = desk.apply(plan, seen=taken.seen)
    for one in plan.skipped:
        click.secho(f"{one.what}: {one.why}.", fg="yellow", err=True)
    return tell(desk, outcome, as_json=as_json)
