"""Rows alike to the last cell: each is written, each is taken back, and each can be done again."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from small_crm import build, desk, plan_of

from sheetcrm.apply import apply
from sheetcrm.undo import undo_plan


def twins(folder: Path) -> Path:
    """Lead 3 four times, with its key and all."""
    path = build(folder / "crm.xlsx", count=3)
    book = openpyxl.load_workbook(path)
    row = [cell.value for cell in book["Leads"][4]]
    for _ in range(3):
        book["Leads"].append(row)
    book.save(path)
    return path


def values(path: Path) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(path)["Leads"].iter_rows(values_only=True))


def undo(path: Path, run: int) -> None:
    at = desk(path)
    apply(undo_plan(at.journal, run), at.world, at.schema, at.now)


def test_all_twins_are_undone_and_redone(tmp_path):
    path = twins(tmp_path)
    before = values(path)
    at = desk(path)
    apply(plan_of(at), at.world, at.schema, at.now)
    after = values(path)
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 4
    undo(path, 1)
    assert values(path) == before
    undo(path, 2)
    assert values(path) == after
