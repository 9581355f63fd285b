"""How long reading and editing a large workbook takes, beside calamine and openpyxl.

    python bench/xlsx_edit.py [rows] [columns]

Each measurement is a process of its own: CPU seconds of user and system, imports left out, and its peak memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from measured import print_spent

ROOT = Path(__file__).resolve().parent.parent
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
STAGES = ("Open", "Contacted", "Won", "Lost")


def build(path: Path, rows: int, columns: int) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        tab = book.add_worksheet("Leads")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        tab.write_row(0, 0, [f"Column {column}" for column in range(columns)])
        for row in range(1, rows):
            for column in range(columns):
                if column == 3:
                    tab.write_datetime(row, column, datetime(2026, 1 + row % 12, 1 + row % 28), day)  # noqa: DTZ001
                elif column == 4:
                    tab.write_string(row, column, STAGES[row % 4])
                elif column % 3:
                    tab.write_string(row, column, f"some text {row} {column}")
                else:
                    tab.write_number(row, column, row * column / 7)


def multiply(path: Path, copies: int) -> None:
    """Beside the workbook one with so many tabs like its own, of some fifty megabytes."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(path.with_name("many.xlsx"), "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "xl/workbook.xml":
                tabs = "".join(f'<sheet name="Tab{i}" sheetId="{i}" r:id="more{i}"/>' for i in range(2, copies + 1))
                data = data.replace(b"</sheets>", tabs.encode() + b"</sheets>")
            elif name == "xl/_rels/workbook.xml.rels":
                links = "".join(
                    f'<Relationship Id="more{i}" Type="{RELATION}" Target="worksheets/sheet{i}.xml"/>'
                    for i in range(2, copies + 1)
                )
                data = data.replace(b"</Relationships>", links.encode() + b"</Relationships>")
            elif name == "[Content_Types].xml":
                kinds = "".join(
                    f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{SHEET}"/>'
                    for i in range(2, copies + 1)
                )
                data = data.replace(b"</Types>", kinds.encode() + b"</Types>")
            new.writestr(name, data)
            if name == "xl/worksheets/sheet1.xml":
                for i in range(2, copies + 1):
                    new.writestr(f"xl/worksheets/sheet{i}.xml", data)


def calamine_read(path: Path, _: int) -> Iterator[None]:
    from python_calamine import CalamineWorkbook

    yield
    CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def our_grid(path: Path, _: int) -> Iterator[None]:
    from sheetcrm.xlsx import open_book

    yield
    open_book(path).grid("Leads")


def our_edit(path: Path, cells: int) -> Iterator[None]:
    from sheetcrm.xlsx import open_book

    rows = int(os.environ["BENCH_ROWS"])
    yield
    book = open_book(path)
    for i in range(cells):
        book.set("Leads", (1 + i * (rows - 2) // cells, 5), f"edited {i}")
    book.save(path.with_name("ours.xlsx"))


def our_append(path: Path, rows: int) -> Iterator[None]:
    from sheetcrm.xlsx import open_book

    yield
    book = open_book(path)
    book.append("Leads", [{0: i, 1: f"new {i}", 2: "text", 4: "Open", 5: "text"} for i in range(rows)])
    book.save(path.with_name("ours.xlsx"))


def openpyxl_edit(path: Path, _: int) -> Iterator[None]:
    import openpyxl

    yield
    book = openpyxl.load_workbook(path)
    book["Leads"]["F2"] = "edited"
    book.save(path.with_name("theirs.xlsx"))


def unzip_and_zip(path: Path, _: int) -> Iterator[None]:
    """The least that an edit of the large sheet can cost: unpacked, and packed again as our edit packs it."""
    yield
    with zipfile.ZipFile(path) as archive:
        data = archive.read("xl/worksheets/sheet1.xml")
    packer = zlib.compressobj(3, zlib.DEFLATED, -15)
    path.with_name("limit.bin").write_bytes(packer.compress(data) + packer.flush())


def our_edit_of_many(path: Path, cells: int) -> Iterator[None]:
    yield from our_edit(path.with_name("many.xlsx"), cells)


WORKS = (calamine_read, our_grid, our_edit, our_edit_of_many, our_append, openpyxl_edit, unzip_and_zip)
WORK = {work.__name__: work for work in WORKS}
RUNS = [
    ("calamine read", "calamine_read", 0),
    ("our grid", "our_grid", 0),
    ("our edit of 1 cell, save", "our_edit", 1),
    ("our edit of 1,000 cells, save", "our_edit", 1_000),
    ("our edit of 20,000 cells, save", "our_edit", 20_000),
    ("our edit of 1 cell in 8 such tabs", "our_edit_of_many", 1),
    ("limit: unzip the sheet and zip it", "unzip_and_zip", 0),
    ("our append of 20,000 rows, save", "our_append", 20_000),
    ("openpyxl load, 1 cell, save", "openpyxl_edit", 0),
]


def child(name: str, path: Path, count: int) -> None:
    print_spent(WORK[name](path, count))


def main() -> None:
    if len(sys.argv) == 5 and sys.argv[1] == "--child":
        child(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
        return
    rows, columns = (int(one) for one in [*sys.argv[1:], *("100000", "15")[len(sys.argv) - 1 :]])
    environment = os.environ | {"PYTHONPATH": str(ROOT), "BENCH_ROWS": str(rows)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leads.xlsx"
        build(path, rows, columns)
        multiply(path, 8)
        print(f"{rows:,} rows x {columns} columns, {path.stat().st_size / 1e6:.1f} MB")
        print(f"{'':34}{'CPU s':>8}{'of calamine':>13}{'of openpyxl':>13}{'peak MB':>9}")
        results = []
        for label, name, count in RUNS:
            command = [sys.executable, __file__, "--child", name, str(path), str(count)]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
            seconds, peak = (float(number) for number in done.stdout.split())
            results.append((label, seconds, peak))
        base, whole = results[0][1], results[-1][1]
        for label, seconds, peak in results:
            print(f"{label:34}{seconds:8.2f}{seconds / base:12.1f}x{seconds / whole:12.2f}x{peak:9.0f}")


if __name__ == "__main__":
    main()
