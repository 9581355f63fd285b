"""init and demo: a workbook to start from, and one to try everything on."""

from __future__ import annotations

import json
import shutil
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sheetcrm.errors import EditRefused

if TYPE_CHECKING:
    from sheetcrm.cli.desk import Desk

DEMO_DAY = "2026-03-02"
"""The Monday on which the example workbook's story plays."""

SHOWN_IN_DEMO = 12
"""Lines shown per job, so that the end of the demo is seen with its beginning."""

_SETTINGS = """\
#:schema ./{schema}
# Settings of sheetcrm for the workbooks in this folder. Everything has a default; docs/reference.md lists all settings.

# locale = "en_GB"          # how dates and numbers are written; told from the workbook where it is missing
# zone = "Europe/London"    # the computer's where it is missing
# currency = "GBP"          # of amounts that name none

# [mail]
# sender = "crm@example.com"
# outbox = "outbox"         # mails are files in this folder: nothing leaves the computer

# [calendar]
# holidays = "GB-ENG"       # on holidays and weekends nobody is mailed

# [[assignment.rules]]      # first match wins; this list replaces the built-in one
# name = "DACH"
# when = {{ country = ["DE", "AT", "CH"] }}
# strategy = "round_robin"
# to = ["Ann Example", "Ben Example"]
#
# [[assignment.rules]]
# name = "everyone else"
# strategy = "least_loaded"
"""


@click.command("init")
@click.argument("book", metavar="BOOK", default="crm.xlsx")
def init_command(book: str) -> None:
    """Write a plain workbook to start from (crm.xlsx), and sheetcrm.toml beside it.

    Overwrites nothing.
    """
    from sheetcrm.files import example_workbook

    path = Path(book)
    if path.suffix.lower() != ".xlsx":
        raise click.BadParameter(f"{book} must end in .xlsx", param_hint="BOOK")
    if path.exists():
        raise EditRefused(f"{path} is there already.", "Give another name; `sheetcrm check` looks at what is there.")
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(example_workbook("starter.xlsx"), path)
    click.echo(f"{path}: fill in Leads, Accounts, Activities and Team.")
    for name, text in _settings_files().items():
        beside = path.parent / name
        if not beside.exists():
            beside.write_text(text, encoding="utf-8")
            click.echo(f"{beside}")
    click.echo(f"Then: sheetcrm check {path}")


def _settings_files() -> dict[str, str]:
    from sheetcrm.config import FILE_NAME, json_schema

    schema = "sheetcrm.schema.json"
    return {
        FILE_NAME: _SETTINGS.format(schema=schema),
        schema: json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n",
    }


@click.command("demo")
@click.argument("folder", default="sheetcrm-demo")
@click.option(
    "--google", is_flag=True, help="On a Google Sheet of the server that comes with sheetcrm; no account needed."
)
def demo_command(folder: str, google: bool) -> int:
    """Try it all on an example workbook in a fresh FOLDER.

    Shows the plan, applies it, and says where the workbook, the mails and the report are.
    """
    from sheetcrm.cli.desk import desk_for
    from sheetcrm.config import FILE_NAME
    from sheetcrm.files import example_workbook

    home = _fresh(Path(folder))
    home.mkdir(parents=True)
    settings = example_workbook("wholesaler.toml").read_text("utf-8")
    if google:
        return _google_demo(home.resolve(), settings)
    book = home / "wholesaler.xlsx"
    shutil.copyfile(example_workbook("wholesaler.xlsx"), book)
    (home / FILE_NAME).write_text(settings, encoding="utf-8")
    code = _show(desk_for(str(book), as_of=DEMO_DAY, knows_originals=False))
    click.echo(f"\nNow look at {book}, or take it all back: sheetcrm undo {book}")
    return code


def _show(desk: Desk) -> int:
    from sheetcrm.cli import screen
    from sheetcrm.cli.work import run_desk

    return run_desk(desk, before=lambda plan: screen.show_plan(plan, saved_as=None, most=SHOWN_IN_DEMO))


def _google_demo(home: Path, settings: str) -> int:
    from sheetcrm.cli.desk import Desk
    from sheetcrm.cli.google_demo import on_server
    from sheetcrm.config import FILE_NAME, load_settings
    from sheetcrm.connectors import open_workbook
    from sheetcrm.connectors.google.address import address_of
    from sheetcrm.files import example_workbook

    # The records lie in the demo's folder, as everything else of it.
    (home / FILE_NAME).write_text(f'journal = ".sheetcrm"\n\n{settings}', encoding="utf-8")
    grids = open_workbook(example_workbook("wholesaler.xlsx")).read()
    with on_server(grids, "wholesaler", home / "google") as key:
        desk = Desk(
            home / key, load_settings(home / FILE_NAME), DEMO_DAY, knows_originals=False, address=address_of(key)
        )
        code = _show(desk)
        click.echo(f"\nGoogle: {desk.workbook.spent()}.")
    click.echo(f"The sheet is kept in {home / 'google'}. To look at it, or to take it all back, go to {home} and run")
    click.echo("  python -m sheetcrm.testing.sheets_server --folder google")
    click.echo("and in another window, with SHEETCRM_GOOGLE_URL=http://127.0.0.1:8765 and SHEETCRM_GOOGLE_TOKEN=demo:")
    click.echo(f"  sheetcrm undo {address_of(key)}")
    return code


def _fresh(folder: Path) -> Path:
    if not folder.exists():
        return folder
    return next(path for n in count(2) if not (path := folder.with_name(f"{folder.name}-{n}")).exists())
