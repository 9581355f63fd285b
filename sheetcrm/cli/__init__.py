"""The commands. `main` is the one place that turns errors into words and exit codes."""

from __future__ import annotations

import gc
import os
import sys

import click

from sheetcrm import __version__
from sheetcrm.errors import SheetcrmError

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


COMMANDS = {
    "init": ("start", "Write a plain workbook to start from (crm.xlsx), and sheetcrm.toml beside it."),
    "demo": ("start", "Try it all on an example workbook in a fresh FOLDER."),
    "check": ("work", "List what is wrong in BOOK, cell by cell, with a data-quality score."),
    "plan": ("work", "Show what a run would do, cell by cell, and save it for `apply`."),
    "apply": ("work", "Carry out a saved PLAN; what people changed since stays."),
    "run": ("work", "Plan and apply in one go, for schedules."),
    "serve": ("serve", "Work off the schedule of each BOOK until told to end."),
    "schedule": ("schedule", "Install, remove or show the entry in the system's scheduler."),
    "status": ("status", "Show what runs next, ran last, was missed or fails, and mails that need a person."),
    "outbox": ("outbox", "List mails and decide about those that are not out."),
    "inbox": ("inbox", "Read answers and bounces of mails to customers, as each run does first."),
    "undo": ("work", "Take a RUN back: every cell that still stands as the run left it."),
    "rules": (
        "rules",
        "Rules that you write as Excel formulas: list, check, test and explain them; add-tab makes the tab.",
    ),
    "history": ("records", "List the runs of BOOK, the latest first; `import` takes older copies into its history."),
    "show": ("records", "Show one RUN: each cell and mail, and why."),
    "report": ("report", "Write the report of the pipeline as it stands, or explain a figure."),
    "dedupe": ("dedupe", "Find the rows of any table that are the same person, company or thing."),
    "review": ("duplicates", "Ask about rows that may be the same in a tab Duplicates of BOOK."),
    "unmerge": ("duplicates", "Make the merged row KEY of BOOK one of its own again, with its activities."),
    "edit": ("edit", "Write single cells of an Excel workbook; everything else stays, to the byte."),
    "auth": ("auth", "Sign in to Google, or let a service account do it; keys stay with you."),
    "doctor": ("doctor", "Check settings, workbook, lock, tabs, outbox, clock and zone of BOOK."),
}
"""Each command with its module and its line in --help: modules are imported when called, so --help answers at once."""


class Ordered(click.Group):
    """Commands in the order of work."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 -- the face is click's
        """The names in the order of work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """A command by name."""
        from importlib import import_module

        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"sheetcrm.cli.{COMMANDS[cmd_name][0]}"), f"{cmd_name}_command")
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


_HELP = """Does the CRM work around the spreadsheet you have: checks, duplicates, assignment, reminders, summaries.

BOOK is an Excel workbook (.xlsx, .xlsm), a folder of CSV files, or the address of a Google Sheet.

\b
Exit codes: 0 done, 1 went wrong, 2 wrong setting or use, 3 refused on purpose (nothing was written),
4 busy (try later), 5 workbook unreadable, 6 not found, 7 below --fail-under,
8 done, but some mails were not sent.
"""


@click.group(cls=Ordered, context_settings=CONTEXT, help=_HELP)
@click.version_option(__version__, prog_name="sheetcrm")
def sheetcrm() -> None:
    """The program."""


def _prepare() -> None:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A Windows pipe speaks cp1252 and would choke on Ł.
            stream.reconfigure(encoding="utf-8", errors="replace")
    # A run keeps nearly all that it makes: looking for garbage often costs a fifth of a large run and finds none.
    gc.set_threshold(5_000_000, 50, 100)
    # pydantic would read the description of every installed package to see whether one of them is a plugin of its own.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _say(what: str, remedy: str) -> None:
    click.echo(f"sheetcrm: {what}", err=True)
    if remedy:
        click.echo(f"          {remedy}", err=True)


def main(args: list[str] | None = None) -> None:
    """Runs the program; ends the process with an exit code, never with a traceback."""
    _prepare()
    try:
        code = sheetcrm.main(args, prog_name="sheetcrm", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = 2
    except click.exceptions.Abort:
        code = 130
    except SheetcrmError as error:
        _say(error.what, error.remedy)
        code = error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except OSError as error:
        what = f"{error.filename or 'A file'} cannot be used: {error.strerror or error}."
        _say(what, "See that it is what it should be, that you may write there, and that the disk has room.")
        code = 1
    except Exception as error:
        if os.environ.get("SHEETCRM_DEBUG"):
            raise
        _say(
            f"this should not have happened: {type(error).__name__}.",
            "Set SHEETCRM_DEBUG=1, run it again, and report what it prints.",
        )
        code = 1
    # The process ends with all that it holds: one more look for garbage takes most of a second of a large run.
    gc.freeze()
    sys.exit(code if isinstance(code, int) else 0)
