"""What people see after a run and of past runs: what was written, sent and skipped, and where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sheetcrm.apply import Outcome
from sheetcrm.cli.screen import SHOWN, console, counted
from sheetcrm.journal import Deed, Journal, Run, deed_to_json
from sheetcrm.plan import CellChange, RowAppend, TabReplace
from sheetcrm.table import show_raw
from sheetcrm.undo import undone_by


def show_outcome(outcome: Outcome, workbook: str) -> None:
    """What a run did, and where the workbook, the mails and the page are."""
    screen = console()
    screen.print(f"\nRun {outcome.run}: {done_words(outcome)}.", style="bold")
    for one in outcome.skipped[:SHOWN]:
        screen.print(f" - {_place(one)} left alone: {one.why}", style="yellow")
    if len(outcome.skipped) > SHOWN:
        screen.print(f" … and {len(outcome.skipped) - SHOWN} more: sheetcrm show {outcome.run}", style="dim")
    for key, why in (outcome.failed or {}).items():
        screen.print(f" - {key}: {why}", style="red")
    screen.print(f"  workbook  {workbook}")
    for folder, count in Counter(str(Path(place).parent) for place in outcome.sent).items():
        screen.print(f"  mails     {folder} ({count} new .eml)")
    for page in outcome.reports:
        screen.print(f"  report    {page}")


def done_words(outcome: Outcome) -> str:
    """A run's counts in one phrase."""
    parts = [f"{counted(outcome.written, 'cell')} written", f"{counted(len(outcome.sent), 'mail')} sent"]
    if outcome.skipped:
        parts.append(f"{len(outcome.skipped)} left alone")
    return ", ".join(parts)


def _place(one: Deed) -> str:
    if isinstance(one.deed, CellChange):
        return f"{one.deed.cell} ({one.deed.who}, {one.deed.header})"
    if isinstance(one.deed, TabReplace):
        return f"the tab {one.deed.tab}"
    return f"new row {one.deed.key} of {one.deed.tab}"


def show_history(runs: Sequence[Run]) -> None:
    """All runs, the latest first."""
    from rich.table import Table

    screen = console()
    if not runs:
        screen.print("No run yet.")
        return
    table = Table(
        "Run", "Started", "State", "Written", "Mails", "Left alone", "", box=None, pad_edge=False, header_style="dim"
    )
    undone = undone_by(runs)
    for run in runs:
        notes = [f"undoes run {run.undoes}"] if run.undoes else []
        notes += [f"undone by run {undone[run.id]}"] if run.id in undone else []
        state = "cut short" if run.state == "started" else run.state
        counts = (str(count) for count in (run.written, run.sent, run.skipped))
        table.add_row(str(run.id), run.started[:16].replace("T", " "), state, *counts, ", ".join(notes))
    screen.print(table)


def show_run(journal: Journal, run: Run, *, everything: bool) -> None:
    """One run: each cell with what it was, became, and why; each mail with its state."""
    from rich.table import Table
    from rich.text import Text

    screen = console()
    deeds = journal.deeds(run.id)
    screen.print(f"Run {run.id} of {run.started[:16].replace('T', ' ')}, {run.state}", style="bold")
    table = Table("", "Cell", "Who", "Field", "Was", "Became", "Why", box=None, pad_edge=False, header_style="dim")
    for one in deeds if everything else deeds[:SHOWN]:
        if isinstance(one.deed, CellChange):
            change = one.deed
            why = change.why if one.state == "done" else f"left alone: {one.why}"
            mark = "✓" if one.state == "done" else "-"
            texts = (Text(show_raw(change.old)), Text(show_raw(change.new)), Text(why, style="dim"))
            table.add_row(mark, change.cell, Text(change.who), change.header, *texts)
        else:
            key = one.deed.key if isinstance(one.deed, RowAppend) else "whole tab"
            table.add_row("+", one.deed.tab, key, "", "", "", Text(one.deed.why))
    screen.print(table)
    if not everything and len(deeds) > SHOWN:
        screen.print(f" … and {len(deeds) - SHOWN} more: --all shows them", style="dim")
    for key, to, state, detail in journal.messages(run.id):
        screen.print(f" @ {state}  {to or 'page'}  {key}  {detail}")


def run_json(journal: Journal, run: Run) -> dict[str, Any]:
    """One run for scripts: its counts, deeds and messages."""
    return {
        "run": run.id,
        "plan": run.plan_id,
        "started": run.started,
        "finished": run.finished,
        "state": run.state,
        "undoes": run.undoes,
        "deeds": [
            {
                **deed_to_json(one.deed)[1],
                "state": one.state,
                "skipped_because": one.why,
            }
            for one in journal.deeds(run.id)
        ],
        "messages": [dict(zip(("key", "to", "state", "detail"), row, strict=True)) for row in journal.messages(run.id)],
    }
