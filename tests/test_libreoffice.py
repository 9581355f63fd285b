"""What a person sees when the workbook is opened after a run: the Dashboard and its chart as they were."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.cli.desk import desk_for
from sheetcrm.files import example_workbook

pytestmark = pytest.mark.slow
TODAY = "2026-03-02"


def picture(book: Path, folder: Path) -> bytes:
    """The workbook's first page, the Dashboard, as LibreOffice draws it."""
    folder.mkdir()
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(book)]
    subprocess.run(convert, check=True, capture_output=True, timeout=240)
    subprocess.run(
        ["pdftoppm", "-r", "60", "-f", "1", "-l", "1", "-png", folder / f"{book.stem}.pdf", folder / "page"], check=True
    )
    return next(folder.glob("page*.png")).read_bytes()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "wholesaler.xlsx"
    shutil.copy(example_workbook("wholesaler.xlsx"), path)
    return path


def test_the_dashboard_looks_the_same_after_a_run_that_changes_none_of_its_figures(
    book: Path, tmp_path: Path, needs
) -> None:
    needs("soffice", "pdftoppm")
    before = picture(book, tmp_path / "before")
    desk = desk_for(str(book), as_of=TODAY, knows_originals=False)
    plan = desk.plan(desk.take(), ("keys", "reminders"), lambda _step: None)
    assert len(plan.changes) > 50
    desk.apply(plan)
    assert picture(book, tmp_path / "after") == before


def test_after_a_run_libreoffice_reads_the_planned_cells_and_every_other_cell_as_before(
    book: Path, tmp_path: Path, needs
) -> None:
    needs("soffice")
    before = values(book, tmp_path / "before")
    desk = desk_for(str(book), as_of=TODAY, knows_originals=False)
    plan = desk.plan(desk.take(), ("keys", "dedupe", "assignment", "reminders"), lambda _step: None)
    desk.apply(plan)
    after = values(book, tmp_path / "after")
    planned = {change.cell for change in plan.changes}
    calculated = {"Dashboard"}
    changed = {cell for cell in before.keys() | after.keys() if before.get(cell) != after.get(cell)}
    assert planned <= changed
    assert not {cell for cell in changed - planned if cell.split("!")[0] not in calculated}


def values(book: Path, folder: Path) -> dict[str, object]:
    """All values of a workbook as LibreOffice calculates and saves them."""
    folder.mkdir()
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    convert = ["soffice", profile, "--headless", "--convert-to", "ods", "--outdir", str(folder), str(book)]
    subprocess.run(convert, check=True, capture_output=True, timeout=240)
    from python_calamine import CalamineWorkbook

    calculated = CalamineWorkbook.from_path(str(folder / f"{book.stem}.ods"))
    found: dict[str, object] = {}
    for tab in calculated.sheet_names:
        for i, row in enumerate(calculated.get_sheet_by_name(tab).to_python(skip_empty_area=False), 1):
            for j, value in enumerate(row, 1):
                if value != "":
                    found[f"{tab}!{openpyxl.utils.get_column_letter(j)}{i}"] = value
    return found
