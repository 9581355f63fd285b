"""`python -m sheetcrm.testing.sheets_server`: the server in the foreground."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from sheetcrm.testing.sheets_server import FixedClock, SheetsServer


def _real_clock() -> datetime:
    return datetime.now(UTC)


@click.command()
@click.option("--port", default=8765, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="Keeps the spreadsheets as files here."
)
@click.option("--quota", type=click.IntRange(1), help="Reads, and writes, per minute and user; no limit without.")
@click.option("--clock", metavar="MOMENT", help="A clock that stands still, such as 2026-03-02T09:00+00:00.")
@click.option("--seed", type=int, help="The same seed gives the same ids.")
def main(port: int, host: str, folder: Path | None, quota: int | None, clock: str | None, seed: int | None) -> None:
    """Answer as Google Sheets does (API v4, and the part of Drive that belongs to it), for tests.

    All paths lie under one base address. Any bearer token is taken; POST /token gives one. Spreadsheets named in the
    environment variable SHEETS_EMULATOR_PRIVATE_IDS (separated by commas) answer 403. POST /control/... holds the
    levers for tests.
    """
    moment = FixedClock(datetime.fromisoformat(clock)) if clock else _real_clock
    server = SheetsServer(port, host=host, clock=moment, folder=folder, quota=quota, seed=seed)
    click.echo(f"Listening on {server.url}; Ctrl+C ends it.")
    try:
        server.serve()
    except KeyboardInterrupt:
        click.echo("Ended.")


main()
