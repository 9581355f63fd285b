"""undo: the Plan that takes a run back, made from the Journal; apply carries it out like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sheetcrm.errors import PlanRefused
from sheetcrm.journal import Deed, Journal
from sheetcrm.plan import CellChange, Plan, RowAppend
from sheetcrm.table import RowRef, show_raw


def latest_to_undo(journal: Journal) -> int:
    """The latest run that wrote something, is no undo, and was not undone. Raises PlanRefused where there is none."""
    runs = journal.runs()
    undone = {run.undoes for run in runs}
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
    if any(one.undoes == number for one in journal.runs()):
        raise PlanRefused(f"Run {number} was undone already.", "`sheetcrm history` shows by which run.")
    deeds = [one for one in journal.deeds(number) if one.state == "done"]
    if not deeds:
        raise PlanRefused(f"Run {number} wrote no cell.", "There is nothing to undo.")
    keys = {ref: key for one in deeds for ref, key in _given_key(one)}
    changes = [back for one in deeds for back in _back(one, number, keys)]
    plan = journal.plan(number)
    last = journal.last_run()
    name = f"undo-{number}-after-{last}"
    return Plan(tuple(changes), id=name, workbook=plan.workbook, base_run=last, layout=plan.layout, undoes=number)


def _given_key(one: Deed) -> list[tuple[RowRef, str]]:
    change = one.deed
    is_key = isinstance(change, CellChange) and change.field == "key" and change.new is not None
    return [(change.ref, show_raw(change.new))] if isinstance(change, CellChange) and is_key else []


def _back(one: Deed, run: int, keys: Mapping[RowRef, str]) -> list[CellChange]:
    if not isinstance(one.deed, CellChange):
        return _blanked(one.deed, run)
    change = one.deed
    ref = change.ref
    if ref.content:
        # The row had no key when the run began: it has one now, or is known by what it holds since.
        ref = RowRef(ref.table, key=keys[ref]) if ref in keys else RowRef(ref.table, content=one.content_after)
    why = f"undoes run {run}: {change.why}"
    return [replace(change, ref=ref, old=change.new, new=change.old, why=why, job="undo", after="")]


def _blanked(append: RowAppend, run: int) -> list[CellChange]:
    ref, why = RowRef(append.table, key=append.key), f"undoes run {run}: {append.why}"
    return [
        CellChange(ref, append.tab, field, field, raw, None, why, "undo", who=append.key)
        for field, raw in append.values.items()
    ]
