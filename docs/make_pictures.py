"""Draws docs/pictures/plan.svg: the first lines of each job of the example workbook's plan, as a terminal shows them.

python docs/make_pictures.py
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import MONOKAI

from sheetcrm.cli.desk import desk_for
from sheetcrm.cli.screen import show_plan
from sheetcrm.cli.start import DEMO_DAY
from sheetcrm.files import example_workbook

JOBS = ("keys", "dedupe", "assignment", "reminders")


def main() -> None:
    """Draws the picture."""
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "wholesaler.xlsx"
        shutil.copy(example_workbook(book.name), book)
        desk = desk_for(str(book), as_of=DEMO_DAY, knows_originals=False)
        plan = desk.plan(desk.take(), JOBS, lambda _step: None)
    screen = Console(record=True, width=150, file=io.StringIO(), highlight=False, markup=False)
    show_plan(plan, saved_as=None, most=3, on=screen)
    # Without rich's web font: the picture loads nothing from anywhere.
    form = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    path = Path(__file__).parent / "pictures" / "plan.svg"
    screen.save_svg(str(path), title="sheetcrm plan", theme=MONOKAI, code_format=form, unique_id="plan")


if __name__ == "__main__":
    main()
