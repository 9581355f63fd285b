"""dedupe: which rows of any table are the same person, company or thing; written beside it, the table stays."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import click

from sheetcrm.cli.screen import counted
from sheetcrm.cli.work import json_option
from sheetcrm.errors import NotFound, PlanRefused, WorkbookBusy, WorkbookUnreadable
from sheetcrm.matching import REVIEW, SURE, Match, Verdicts
from sheetcrm.table import Grid, show_raw

ADDED = ("cluster_id", "probability", "reason")
PIECE = 20_000
"""Rows read at a time."""


@dataclass(frozen=True)
class Source:
    """A table that can be read again and again, row by row as text."""

    name: str
    rows: Iterable[list[str]]
    """The header first."""


@click.command("dedupe")
@click.argument("table", metavar="IN")
@click.option("-t", "--tab", default="", metavar="TAB", help="The tab of a workbook; the first one without it.")
@click.option("-o", "--output", required=True, metavar="OUT", help="The CSV file to write.")
@click.option("--sure", type=click.FloatRange(0, 1), default=SURE, show_default=True, help="Likeness to share a group.")
@click.option("--review", type=click.FloatRange(0, 1), default=REVIEW, show_default=True, help="Likeness to be listed.")
@click.option("--cores", type=click.IntRange(1), default=1, show_default=True, help="Less time, the same result.")
@json_option
def dedupe_command(  # noqa: PLR0913 -- each is an option that a person may give
    table: str, tab: str, output: str, sure: float, review: float, cores: int, as_json: bool
) -> None:
    """Find the rows of any table that are the same person, company or thing.

    IN is a CSV file or an Excel workbook; it stays as it is. OUT gets its columns and rows in their order, and
    cluster_id, probability and reason: rows that are surely the same share a cluster_id. Pairs to look at go to
    OUT.review.csv, by their row_id where the table has that column, else by their number from 1.
    """
    from sheetcrm.matching import find, unsure, verdicts

    source, target = open_source(Path(table), tab), Path(output)
    if target.resolve() == Path(table).resolve():
        raise PlanRefused(f"{target} is the table itself.", "Give another name after -o.")
    columns, names = _read(source)
    found = find(columns, cores=cores)
    rows = len(names)
    del columns
    groups = found.clusters(sure)
    verdict = verdicts(found, groups, rows)
    pairs = unsure(found, verdict.group, min(review, sure))
    review_file = target.with_name(f"{target.name}.review.csv")
    _write(target, chain([_header(source)], _judged(source, verdict)))
    _write(review_file, _review(pairs, names))
    told = {
        "rows": rows, "groups": len(groups), "duplicates": sum(map(len, groups)) - len(groups), "review": len(pairs),
        "out": str(target), "review_out": str(review_file), "columns": dict(found.roles),
    }  # fmt: skip
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"{counted(rows, 'row')}: {counted(len(groups), 'group')} of the same, "
               f"{counted(sum(map(len, groups)) - len(groups), 'row')} too many; {target.name}")  # fmt: skip
    click.echo(f"{counted(len(pairs), 'pair')} to look at; {review_file.name}")


def open_source(path: Path, tab: str) -> Source:
    """The table of a CSV file or of a workbook's tab; NotFound, WorkbookUnreadable."""
    if not path.is_file():
        raise NotFound(f"{path} is no file.", "Give a CSV file or an Excel workbook.")
    if path.suffix.lower() not in {".xlsx", ".xlsm"}:
        from sheetcrm.connectors.csv_rows import csv_rows

        if tab:
            raise NotFound(f"{path.name} has no tabs.", "Leave -t out.")
        return Source(path.name, csv_rows(path))
    from sheetcrm import xlsx

    book = xlsx.open_book(path)
    if tab and tab not in book.tabs:
        raise NotFound(f"{path.name} has no tab {tab!r}.", f"It has: {', '.join(book.tabs)}.")
    return Source(path.name, _grid_rows(book.grid(tab or next(iter(book.tabs)))))


def _grid_rows(grid: Grid) -> list[list[str]]:
    """The rows from the header on: the first row of which at least half as many cells are filled as of the fullest."""
    rows = [[show_raw(cell) for cell in row] for row in grid.rows]
    filled = [sum(map(bool, row)) for row in rows]
    top = next((i for i, count in enumerate(filled) if count and count * 2 >= max(filled)), len(rows))
    return rows[top:]


def _header(source: Source) -> list[str]:
    header = next(iter(source.rows), None)
    if header is None:
        raise WorkbookUnreadable(f"{source.name} holds no table.", "Its first row must name the columns.")
    return [*header, *ADDED]


def _read(source: Source) -> tuple[dict[str, object], list[str]]:
    """The columns, coded, without those that an earlier run added; and how each row is called in the review."""
    from sheetcrm.matching.coded import Encoder

    header = _header(source)[: -len(ADDED)]
    encoders = [Encoder() for _ in header]
    names: list[str] = []
    called = next((i for i, name in enumerate(header) if name.strip().lower() == "row_id"), None)
    rows = iter(source.rows)
    next(rows)
    while piece := list(islice(rows, PIECE)):
        even = [_fitted(row, len(header)) for row in piece]
        for encoder, values in zip(encoders, zip(*even, strict=True), strict=True):
            encoder.add(values)
        names += [str(len(names) + i + 1) if called is None else row[called] for i, row in enumerate(even)]
    columns = {
        f"{name}\0{i}" if name in header[:i] else name: encoder.coded()
        for i, (name, encoder) in enumerate(zip(header, encoders, strict=True))
        if name not in ADDED and i != called
    }
    return dict(columns), names


def _fitted(row: list[str], width: int) -> list[str]:
    """The row as long as the header; what stands beyond it is written again but compared with nothing."""
    return row[:width] if len(row) >= width else row + [""] * (width - len(row))


def _judged(source: Source, verdict: Verdicts) -> Iterator[list[str]]:
    width = len(_header(source)) - len(ADDED)
    rows = iter(source.rows)
    next(rows)
    last = -1
    for last, row in enumerate(rows):
        if last >= len(verdict.group):
            break
        reason = verdict.reason.get(last, "")
        probability = f"{min(verdict.probability[last], 0.9999):.4f}" if reason else ""
        yield [*row, *[""] * (width - len(row)), str(verdict.group[last]), probability, reason]
    if last + 1 != len(verdict.group):
        raise WorkbookBusy(f"{source.name} changed while it was read.", "Run again.")


def _review(pairs: Iterable[Match], names: list[str]) -> Iterator[list[str]]:
    yield ["row_id_1", "row_id_2", "score", "reason"]
    for pair in pairs:
        yield [names[pair.one], names[pair.other], f"{min(pair.score, 0.9999):.4f}", pair.why]


def _write(target: Path, rows: Iterable[list[str]]) -> None:
    """The file appears whole, as UTF-8."""
    handle, name = tempfile.mkstemp(prefix=".sheetcrm-", suffix=".csv", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(0o644)
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
