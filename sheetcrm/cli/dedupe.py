"""dedupe: which rows of any table are the same person, company or thing; written beside it, the table stays."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

import click

from sheetcrm.cli.screen import counted
from sheetcrm.errors import ConfigError, NotFound, PlanRefused, WorkbookBusy, WorkbookUnreadable
from sheetcrm.matching import REVIEW, SURE, Found, Match, Verdicts, find, unsure, verdicts
from sheetcrm.matching.coded import Coded, Encoder
from sheetcrm.matching.distributed import DaskScorer
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
@click.option("--scheduler", default="", metavar="ADDRESS", help="A Dask cluster to score on: tcp://HOST:8786.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for scripts.")
def dedupe_command(
    table: str, tab: str, output: str, sure: float, review: float, cores: int, scheduler: str, as_json: bool
) -> None:
    """Find the rows of any table that are the same person, company or thing.

    IN is a CSV file or an Excel workbook; it stays as it is. OUT gets its columns and rows in their order, and
    cluster_id, probability and reason: rows that are surely the same share a cluster_id. Pairs to look at go to
    OUT.review.csv, by their row_id where the table has that column, else by their number from 1.
    """
    target = Path(output)
    if target.resolve() == Path(table).resolve():
        raise PlanRefused(f"{target} is the table itself.", "Give another name after -o.")
    source = open_source(Path(table), tab)
    names, found = _found(source, cores, scheduler)
    groups = found.clusters(sure)
    verdict = verdicts(found, groups, len(names))
    pairs = unsure(found, verdict.group, min(review, sure))
    review_file = target.with_name(f"{target.name}.review.csv")
    _write(target, chain([_header(source)], _judged(source, verdict)))
    _write(review_file, _review(pairs, names))
    told = {
        "rows": len(names), "groups": len(groups), "duplicates": sum(map(len, groups)) - len(groups),
        "review": len(pairs), "out": str(target), "review_out": str(review_file), "columns": dict(found.roles),
    }  # fmt: skip
    click.echo(json.dumps(told, ensure_ascii=False, indent=1) if as_json else _sentence(told, target, review_file))


def _sentence(told: Mapping[str, Any], target: Path, review_file: Path) -> str:
    first = (f"{counted(told['rows'], 'row')}: {counted(told['groups'], 'group')} of the same, "
             f"{counted(told['duplicates'], 'row')} too many; {target.name}")  # fmt: skip
    return f"{first}\n{counted(told['review'], 'pair')} to look at; {review_file.name}"


def _found(source: Source, cores: int, scheduler: str) -> tuple[list[str], Found]:
    """How each row is called, and what was found."""
    names: list[str] = []
    if not scheduler:
        return names, find(_read(source, names), cores=cores)
    try:
        from distributed import Client
    except ImportError as error:
        raise ConfigError("--scheduler needs Dask.", "pip install 'sheetcrm[cluster]'") from error
    try:
        client = Client(scheduler, timeout=10)  # type: ignore[no-untyped-call]
    except OSError as error:
        raise ConfigError(f"no Dask scheduler answers at {scheduler}.", "Start it: dask scheduler") from error
    with client:
        return names, find(_read(source, names), cores=cores, scorer=DaskScorer(client))


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


def _read(source: Source, names: list[str]) -> dict[str, Coded]:
    """The columns, coded, without those that an earlier run added; `names` gets how each row is called."""
    header = _header(source)[: -len(ADDED)]
    called = next((i for i, name in enumerate(header) if name.strip().lower() == "row_id"), None)
    encoders = {i: Encoder() for i, name in enumerate(header) if name not in ADDED and i != called}
    rows = iter(source.rows)
    next(rows)
    while piece := list(islice(rows, PIECE)):
        columns = list(zip(*_even(piece, len(header)), strict=True))
        for i, encoder in encoders.items():
            encoder.add(columns[i])
        names += map(str, range(len(names) + 1, len(names) + 1 + len(piece))) if called is None else columns[called]
    return {
        f"{header[i]}\0{i}" if header[i] in header[:i] else header[i]: encoder.coded()
        for i, encoder in encoders.items()
    }


def _even(rows: list[list[str]], width: int) -> list[list[str]]:
    """The rows as long as the header; what stands beyond it is written again but compared with nothing."""
    if all(map(width.__eq__, map(len, rows))):
        return rows
    return [row[:width] if len(row) >= width else row + [""] * (width - len(row)) for row in rows]


def _judged(source: Source, verdict: Verdicts) -> Iterator[list[str]]:
    width = len(_header(source)) - len(ADDED)
    rows = iter(source.rows)
    next(rows)
    verdicts_ = enumerate(zip(verdict.group.data, verdict.probability.data, strict=True))
    for row, told in zip_longest(rows, verdicts_):
        if row is None or told is None:
            raise WorkbookBusy(f"{source.name} changed while it was read.", "Run again.")
        place, (group, probability) = told
        reason = verdict.reason.get(place, "")
        yield [*row, *[""] * (width - len(row)), str(group), _shown(probability) if reason else "", reason]


def _review(pairs: Iterable[Match], names: list[str]) -> Iterator[list[str]]:
    yield ["row_id_1", "row_id_2", "score", "reason"]
    for pair in pairs:
        yield [names[pair.one], names[pair.other], _shown(pair.score), pair.why]


def _shown(probability: float) -> str:
    """Nothing is certain."""
    return f"{min(probability, 0.9999):.4f}"


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
