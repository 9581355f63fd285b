"""The report beside pandas: `python bench/reports.py [LEADS]` prints CPU seconds, memory and sizes of each.

The workbook has a year of history, as 52 weekly runs leave it. pandas does the least that a person would want of it:
reads the tab and sums the open amounts by stage and owner.
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

TODAY = date(2026, 3, 2)
STAGES = ("New", "Contacted", "Qualified", "Proposal", "Negotiation", "Won", "Lost")
HEADERS = (
    *("Lead ID", "Company", "Contact", "Status", "Owner", "Amount", "Probability", "Created", "Last Contact"),
    *("Next Step", "Next Step Due", "Expected Close", "Closed", "Source"),
)
PANDAS = """
import sys, pandas as pd
leads = pd.read_excel(sys.argv[1], sheet_name="Leads", engine="calamine")
open_ = leads[~leads["Status"].isin(["Won", "Lost"])]
print(open_.groupby(["Status", "Owner"])["Amount"].agg(["count", "sum"]).shape)
"""


def row(dice: Random, number: int) -> list[object]:
    created = TODAY - timedelta(days=dice.randrange(1, 500))
    status = dice.choice(STAGES)
    is_settled = status in {"Won", "Lost"}
    closed = min(created + timedelta(days=dice.randrange(5, 120)), TODAY) if is_settled else None
    due = None if is_settled or dice.random() < 0.3 else TODAY + timedelta(days=dice.randrange(-10, 30))
    return [
        f"L-{number:06}", f"Firm {number % 70_000} Works", f"Person {number}", status, f"Rep {dice.randrange(25)}",
        dice.randrange(100, 50_000), None, created, created + timedelta(days=3), "call" if due else None, due,
        None if is_settled else TODAY + timedelta(days=dice.randrange(-20, 200)), closed, dice.choice(("Web", "Fair")),
    ]  # fmt: skip


def make_workbook(path: Path, count: int) -> None:
    import xlsxwriter

    dice = Random(7)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        tab = book.add_worksheet("Leads")
        tab.write_row(0, 0, HEADERS)
        for i in range(count):
            for j, value in enumerate(row(dice, i)):
                if value is not None:
                    tab.write(i + 1, j, value)


def make_history(path: Path) -> int:
    """A year of weekly runs: each changes the stage or date of one lead in fifty. Gives the journal's bytes."""
    from sheetcrm.cli.desk import desk_for
    from sheetcrm.schema.parse import understand
    from sheetcrm.states import states_after

    desk = desk_for(str(path), knows_originals=False)
    leads = {
        key: dict(state)
        for key, state in states_after(understand(desk.workbook.read(), desk.schema).tables, ())["Leads"].items()
    }
    start = datetime.combine(TODAY - timedelta(weeks=53), time(9), ZoneInfo("Europe/Berlin"))
    desk.journal.remember({}, {"Leads": leads}, start.isoformat())
    dice = Random(8)
    for week in range(1, 53):
        for key in dice.sample(list(leads), len(leads) // 50):
            leads[key] = {**leads[key], "status": dice.choice(STAGES), "amount": float(dice.randrange(100, 50_000))}
        desk.journal.remember({}, {"Leads": leads}, (start + timedelta(weeks=week)).isoformat())
    return (desk.state / "journal.sqlite").stat().st_size


def measured(*command: str) -> tuple[float, float]:
    """CPU seconds and megabytes of a command."""
    # As installed: modules are compiled once.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    child = os.posix_spawn(command[0], command, {**environment, "PYTHONWARNINGS": "ignore"})
    _, status, usage = os.wait4(child, 0)
    if status:
        sys.exit(f"{command} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "crm.xlsx"
        os.environ["SHEETCRM_HOME"] = folder
        make_workbook(book, count)
        size = make_history(book)
        day = f"--as-of={TODAY}"
        report = [sys.executable, "-m", "sheetcrm", "report", str(book), day]
        html, mail = Path(folder) / "r.html", Path(folder) / "r.eml"
        check, check_mb = measured(sys.executable, "-m", "sheetcrm", "report", "explain", str(book), "unplaced", day)
        ours, ours_mb = measured(*report, "--out", str(html), "--out", str(mail))
        theirs, theirs_mb = measured(sys.executable, "-c", PANDAS, str(book))
        print(f"{count:,} leads, a year of history ({size / 1e6:.0f} MB in the journal)")
        print(f"sheetcrm report, page and mail {ours:6.1f} s CPU {ours_mb:6.0f} MB")
        print(f"  reading and figures alone    {check:6.1f} s CPU {check_mb:6.0f} MB")
        print(f"pandas, open by stage, owner   {theirs:6.1f} s CPU {theirs_mb:6.0f} MB")
        print(f"ratio                          {ours / theirs:6.2f}       {ours_mb / theirs_mb:6.2f}")
        print(f"mail {mail.stat().st_size / 1000:.0f} KB, page {html.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
