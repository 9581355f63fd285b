"""What a run costs on a Google Sheet, beside scripts with gspread, against the same server.

    python bench/google_sheets.py [leads] [changed cells] [new rows]

The server is `sheetcrm.testing.sheets_server` in a process of its own; so is each script. Calls are those that the
server saw; CPU seconds and peak memory are the script's, imports left out of the seconds.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from json import loads
from pathlib import Path
from typing import Any

from measured import print_spent

ROOT = Path(__file__).resolve().parent.parent
HEADERS = ["Lead ID", "Company", "Contact", "Email", "Phone", "Country", "Status", "Owner", "Next step", "Notes"]
PER_MINUTE = 60
"""Reads, and writes, that Google allows a user."""


def lead(i: int) -> list[Any]:
    mail = f"person{i}@firm{i}.example"
    return [f"L-{i}", f"Firm {i}", f"Person {i}", mail, f"+49 30 {i:06}", "DE", "Open", "", "2026-03-02", f"note {i}"]


def changes(leads: int, count: int) -> dict[str, str]:
    """The new owner of leads all over the sheet, by their key."""
    return {f"L-{1 + n * leads // count}": f"owner{n % 7}@x.example" for n in range(count)}


def report() -> list[list[Any]]:
    return [["Owner", "Open", "Won"], *([f"Owner {i}", i, 2 * i] for i in range(40))]


def gspread_client() -> Any:
    import gspread
    from google.oauth2.credentials import Credentials

    base = os.environ["SHEETCRM_GOOGLE_URL"]

    class Client(gspread.HTTPClient):
        def request(self, method: str, endpoint: str, *rest: Any, **more: Any) -> Any:
            here = re.sub("https://(sheets|www)[.]googleapis[.]com", base, endpoint)
            return super().request(method, here, *rest, **more)

    return gspread.Client(Credentials("script"), http_client=Client)


def ours(key: str, leads: int, cells: int, rows: int) -> Iterator[None]:
    from sheetcrm.connectors import CellWrite, RowWrite, TabWrite
    from sheetcrm.connectors.google.workbook import GoogleWorkbook
    from sheetcrm.tab import TabContent

    yield
    with tempfile.TemporaryDirectory() as folder:
        book = GoogleWorkbook(key, Path(folder))
        grid = book.read()[0]
        row_of = {row[0]: i for i, row in enumerate(grid.rows)}
        writes = [CellWrite("Leads", row_of[key], 7, owner, 0, 0) for key, owner in changes(leads, cells).items()]
        new = [RowWrite("Leads", dict(enumerate(lead(leads + 1 + n))), 0) for n in range(rows)]
        tabs = [TabWrite("Report", TabContent(tuple(map(tuple, report())), frozen_rows=1))]
        if refused := book.write(writes, new, Path(folder) / "backup", tabs):
            sys.exit(str(refused))


def put_report(book: Any) -> None:
    tab = book.add_worksheet("Report", 60, 10)
    tab.update(report(), "A1")
    tab.freeze(rows=1)


def cell_by_cell(key: str, leads: int, cells: int, rows: int) -> Iterator[None]:
    client = gspread_client()
    yield
    book = client.open_by_key(key)
    tab = book.worksheet("Leads")
    row_of = {row["Lead ID"]: i for i, row in enumerate(tab.get_all_records(), 2)}
    for lead_id, owner in changes(leads, cells).items():
        tab.update_cell(row_of[lead_id], 8, owner)
    for n in range(rows):
        tab.append_row(lead(leads + 1 + n))
    put_report(book)


def find_then_write(key: str, leads: int, cells: int, rows: int) -> Iterator[None]:
    client = gspread_client()
    yield
    book = client.open_by_key(key)
    tab = book.worksheet("Leads")
    tab.get_all_records()
    for lead_id, owner in changes(leads, cells).items():
        tab.update_cell(tab.find(lead_id, in_column=1).row, 8, owner)
    for n in range(rows):
        tab.append_row(lead(leads + 1 + n))
    put_report(book)


def all_at_once(key: str, leads: int, cells: int, rows: int) -> Iterator[None]:
    """As few calls as gspread needs; nothing sees what people do in between."""
    client = gspread_client()
    yield
    book = client.open_by_key(key)
    tab = book.worksheet("Leads")
    row_of = {row["Lead ID"]: i for i, row in enumerate(tab.get_all_records(), 2)}
    new = changes(leads, cells).items()
    tab.batch_update([{"range": f"H{row_of[key]}", "values": [[owner]]} for key, owner in new])
    tab.append_rows([lead(leads + 1 + n) for n in range(rows)])
    put_report(book)


WORK = {work.__name__: work for work in (ours, all_at_once, cell_by_cell, find_then_write)}
LABELS = {
    "ours": "sheetcrm: checked, people win",
    "all_at_once": "gspread, all at once, unchecked",
    "cell_by_cell": "gspread, cell by cell",
    "find_then_write": "gspread, find the row, then write",
}


def child(name: str, key: str, sizes: list[int]) -> None:
    print_spent(WORK[name](key, *sizes))


def order(url: str, name: str, body: bytes = b"{}") -> Any:
    request = urllib.request.Request(f"{url}/control/{name}", body)  # noqa: S310 -- our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310 -- our own server
        return loads(answer.read())


def made(leads: int) -> str:
    client = gspread_client()
    book = client.create("Customers")
    tab = book.sheet1
    tab.update_title("Leads")
    tab.resize(leads + 100, len(HEADERS))
    tab.update([HEADERS, *(lead(i) for i in range(1, leads + 1))], "A1")
    return str(book.id)


def measured(url: str, name: str, sizes: list[int]) -> tuple[int, int, float, float]:
    """Reads, writes, CPU seconds, and megabytes of one script on a sheet of its own."""
    key = made(sizes[0])
    order(url, "reset")
    command = [sys.executable, __file__, "--child", name, key, *map(str, sizes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    calls = order(url, "log")["calls"]
    reads = sum(one["method"] == "GET" for one in calls)
    seconds, peak = (float(number) for number in done.stdout.split())
    return reads, len(calls) - reads, seconds, peak


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3], [int(one) for one in sys.argv[4:]])
        return
    sizes = [int(one) for one in [*sys.argv[1:], *("5000", "300", "50")[len(sys.argv) - 1 :]]]
    os.environ |= {"PYTHONPATH": str(ROOT), "SHEETCRM_GOOGLE_TOKEN": "script"}
    command = [sys.executable, "-m", "sheetcrm.testing.sheets_server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        line = server.stdout.readline() if server.stdout else ""
        url = os.environ["SHEETCRM_GOOGLE_URL"] = line.split()[2].rstrip(";")
        print(f"{sizes[0]:,} leads, {sizes[1]:,} changed cells, {sizes[2]:,} new rows, one report tab")
        print(f"{'':36}{'calls':>7}{'of ours':>9}{'min at quota':>14}{'CPU s':>8}{'of ours':>9}{'peak MB':>9}")
        try:
            base = None
            for name, label in LABELS.items():
                reads, writes, seconds, peak = measured(url, name, sizes)
                calls, minutes = reads + writes, max(reads, writes) / PER_MINUTE
                base = base or (calls, seconds)
                times = f"{calls / base[0]:8.1f}x{minutes:14.1f}{seconds:8.2f}{seconds / base[1]:8.1f}x"
                print(f"{label:36}{calls:7,}{times}{peak:9.0f}")
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
