"""init and demo: a workbook to start from, and one to try everything on."""

from __future__ import annotations

import json
import shutil
from itertools import count
from pathlib import Path

import click

from sheetcrm.errors import EditRefused

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
def demo_command(folder: str) -> int:
    """Try it all on an example workbook in a fresh FOLDER.

    Shows the plan, applies it, and says where the workbook, the mails and the report are.
    """
    from sheetcrm.cli import screen
    from sheetcrm.cli.desk import desk_for
    from sheetcrm.cli.work import run_desk
    from sheetcrm.config import FILE_NAME
    from sheetcrm.files import example_workbook

    home = _fresh(Path(folder))
    home.mkdir(parents=True)
    book = home / "wholesaler.xlsx"
    shutil.copyfile(example_workbook("wholesaler.xlsx"), book)
    shutil.copyfile(example_workbook("wholesaler.toml"), home / FILE_NAME)
    desk = desk_for(str(book), as_of=DEMO_DAY, knows_originals=False)
    code = run_desk(desk, before=lambda plan: screen.show_plan(plan, saved_as=None, most=SHOWN_IN_DEMO))
    click.echo(f"\nNow look at {book}, or take it all back: sheetcrm undo {book}")
    return code


def _fresh(folder: Path) -> Path:
    if not folder.exists():
        return folder
    return next(path for n in count(2) if not (path := folder.with_name(f"{folder.name}-{n}")).exists())
