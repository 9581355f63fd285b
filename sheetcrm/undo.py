"""undo: the Plan that takes a run back, made from the Journal; apply carries it out like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sheetcrm.errors import PlanRefused
from sheetcrm.journal import Deed, Journal, Run
from sheetcrm.plan import CellChange, Plan, RowAppend, TabReplace
from sheetcrm.table import RowRef, show_raw


def undone_by(runs: Sequence[Run]) -> dict[int, int]:
    """For each run that is undone now, the run that undid it; an undo that was itself undone does not count."""
    undone: dict[int, int] = {}
    for run in sorted(runs, key=lambda run: -run.id):
        if run.undoes and run.id not in undone:
            undone[run.undoes] = run.id
    return undone


def latest_to_undo(journal: Journal) -> int:
    """The latest run that wrote something, is no undo, and is not undone. Raises PlanRefused where there is none."""
    runs = journal.runs()
    undone = undone_by(runs)
    for run in runs:
        if not run.undoes and run.id not in undone and run.written:
            return run.id
    raise PlanRefused("No run is left to undo.", "`sheetcrm history` lists the runs.")


def undo_plan(journal: Journal, number: int) -> Plan:
    """The plan that takes a run back: every cell that still holds what the run wrote gets its old value again.

    New rows are blanked, not deleted. Mails cannot be taken back. Raises PlanRefused where there is nothing to undo.
    """
    run = journal.run(number)
    if run.state != "finished":
        raise PlanRefused(f"Run {number} was cut short.", "`sheetcrm run` finishes it first.")
    if by := undone_by(journal.runs()).get(number):
        raise PlanRefused(f"Run {number} was undone already, by run {by}.", f"`sheetcrm undo BOOK {by}` redoes it.")
    deeds = [one for one in journal.deeds(number) if one.state == "done"]
    if not deeds:
        raise PlanRefused(f"Run {number} wrote no cell.", "There is nothing to undo.")
    whole = [one.deed for one in deeds if isinstance(one.deed, TabReplace) and _stands(one.deed, journal)]
    tabs = tuple(_tab_back(one, number, journal) for one in whole)
    refs = dict(pair for one in deeds for pair in _ref_now(one))
    changes = [back for one in deeds for back in _back(one, number, refs)]
    plan = journal.plan(number)
    last = journal.last_run()
    name = f"undo-{number}-after-{last}"
    return Plan(
        changes=tuple(changes),
        tabs=tabs,
        remember=plan.restore,
        restore={name: plan.remember[name] for name in plan.restore if name in plan.remember},
        id=name,
        workbook=plan.workbook,
        base_run=last,
        layout=plan.layout,
        undoes=number,
    )


def _stands(one: TabReplace, journal: Journal) -> bool:
    """Whether no later run put that tab anew: what it put stays."""
    latest = journal.tab_before(journal.last_run() + 1, one.tab)
    return latest is not None and latest.content == one.content


def _tab_back(one: TabReplace, run: int, journal: Journal) -> TabReplace:
    """The tab as the run before had put it; gone where none had."""
    before = journal.tab_before(run, one.tab)
    content = before.content if before is not None else None
    return TabReplace(one.tab, content, f"undoes run {run}: {one.why}", "undo")


def _ref_now(one: Deed) -> list[tuple[RowRef, RowRef]]:
    """How a row is found since the run gave it a key, or took it away."""
    change = one.deed
    if not isinstance(change, CellChange) or change.field != "key":
        return []
    if change.new is not None:
        return [(change.ref, RowRef(change.ref.table, key=show_raw(change.new)))]
    return [(change.ref, RowRef(change.ref.table, content=one.content_after))]


def _back(one: Deed, run: int, refs: Mapping[RowRef, RowRef]) -> list[CellChange]:
    if isinstance(one.deed, TabReplace):
        return []
    if not isinstance(one.deed, CellChange):
        return _blanked(one.deed, run)
    change = one.deed
    ref = refs.get(change.ref) or (RowRef(change.ref.table, content=one.content_after) if change.ref.content else None)
    why = f"undoes run {run}: {change.why}"
    return [replace(change, ref=ref or change.ref, old=change.new, new=change.old, why=why, job="undo", after="")]


def _blanked(append: RowAppend, run: int) -> list[CellChange]:
    ref, why = RowRef(append.table, key=append.key), f"undoes run {run}: {append.why}"
    return [
        CellChange(ref, append.tab, field, field, raw, None, why, "undo", who=append.key)
        for field, raw in append.values.items()
    ]
