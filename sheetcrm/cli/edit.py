"""edit: single cells of an Excel workbook, written losslessly by hand or by a script."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import click

from sheetcrm import xlsx
from sheetcrm.cli.options import book_argument, recalculate_option
from sheetcrm.errors import EditRefused
from sheetcrm.table import Raw, cell_name, show_raw
from sheetcrm.xlsx.places import place

_EDIT = re.compile(r"(?:'(?P<quoted>(?:[^']|'')+)'|(?P<plain>[^'=!][^=!]*))!(?P<cell>[^=!]+)=(?P<value>.*)", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?")
Place = tuple[str, int, int]


@click.command("edit")
@book_argument
@click.argument("edits", metavar="TAB!CELL=VALUE...", nargs=-1, required=True)
@click.option("-o", "--output", default="", metavar="OUT", help="Write a new workbook and leave BOOK as it is.")
@click.option("--over-formulas", is_flag=True, help="Overwrite formulas too; without it such an edit is refused.")
@recalculate_option
def edit_command(book: str, edits: Sequence[str], output: str, over_formulas: bool, recalculate: bool) -> None:
    """Write single cells of an Excel workbook; everything else stays, to the byte.

    VALUE is a number, an ISO date or date and time, TRUE or FALSE, else text; nothing clears the cell, and a leading '
    makes text of anything. A tab whose name holds ! or = goes in single quotes. Exit code 3: the workbook cannot take
    an edit unharmed, and nothing was written.
    """
    cells = _cells(edits)
    source, target = Path(book), Path(output or book)
    if target.exists() and target.resolve() != source.resolve():
        raise EditRefused(f"{target} is there already.", "Give another name after -o.")
    if recalculate:
        xlsx.check_can_calculate()
    opened = xlsx.open_book(source)
    olds = {one: opened.grid(one[0]).raw(*one[1:]) for one in cells}
    for (tab, row, column), value in cells.items():
        opened.set(tab, (row, column), value, over_formula=over_formulas)
    receipt = opened.save(target)
    for (tab, row, column), value in cells.items():
        click.echo(f"{tab}!{cell_name(row, column)}  {_shown(olds[tab, row, column])} → {_shown(value)}")
    click.echo(f"{receipt.path.name}: {len(cells)} {'cell' if len(cells) == 1 else 'cells'} written.")
    if recalculate:
        click.echo(f"Results calculated by LibreOffice: {len(opened.recalculate().cells)}.")
    if stale := sum(map(len, opened.stale.values())):
        click.echo(f"Formulas whose results are out of date until a spreadsheet program saves the workbook: {stale}.")


def _cells(edits: Sequence[str]) -> Mapping[Place, Raw]:
    cells: dict[Place, Raw] = {}
    for one in edits:
        found = _EDIT.fullmatch(one)
        where = place(found["cell"]) if found else None
        if found is None or where is None:
            raise click.UsageError(f"{one!r} is not of the form TAB!CELL=VALUE, such as Leads!B2=Won.")
        tab = found["plain"] or found["quoted"].replace("''", "'")
        if (tab, *where) in cells:
            raise click.UsageError(f"{tab}!{cell_name(*where)} is given twice.")
        cells[tab, where[0], where[1]] = value_of(found["value"])
    return cells


def value_of(text: str) -> Raw:
    """A value as typed on the command line: what is not clearly a number, date or yes/no stays text, as 007 does."""
    if text.startswith("'"):
        return text[1:]
    if text in ("TRUE", "FALSE"):
        return text == "TRUE"
    if _NUMBER.fullmatch(text):
        return float(text) if {".", "e", "E"} & set(text) else int(text)
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if _MOMENT.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(
            f"{text!r} looks like a date and is none: {error}. Put a ' before it for text."
        ) from error
    return text or None


def _shown(value: Raw) -> str:
    return "(blank)" if value in (None, "") else show_raw(value)
