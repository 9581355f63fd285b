"""schedule install, uninstall, show: the entry in the system's own scheduler that calls `run --due`."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import click

from sheetcrm.cli.desk import Desk, desk_for, user_folder
from sheetcrm.cli.options import book_argument, config_option
from sheetcrm.errors import NotFound, SheetcrmError
from sheetcrm.schedule.units import KINDS, Job, crontab_with, crontab_without, job_name

CRONTAB = "crontab"

kind_option = click.option(
    "--for", "kind", type=click.Choice(tuple(KINDS)), default=None, help="Which scheduler; this system's own."
)
every_option = click.option("--every", type=click.IntRange(1, 59), default=5, help="Minutes between two looks.  [5]")
start_option = click.option("--no-start", is_flag=True, help="Write the files only; print how to start it.")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a scheduler's files go, and the commands that start and end the entry."""

    folder: Path
    start: tuple[tuple[str, ...], ...] = ()
    end: tuple[tuple[str, ...], ...] = ()


@click.group("schedule")
def schedule_command() -> None:
    """Install, remove or show the entry in the system's scheduler.

    It calls `run --due` every few minutes. When the jobs of BOOK run is set in sheetcrm.toml under [schedule].
    """


@schedule_command.command("show")
@book_argument
@config_option
@kind_option
@every_option
def show(book: str, config: str, kind: str | None, every: int) -> None:
    """Print the files that `install` would write, and where to."""
    job, kind = _job(desk_for(book, config), config, every, kind)
    for name, content in KINDS[kind](job).items():
        place = "crontab" if kind == "cron" else str(_place(kind, job.name).folder / name)
        click.echo(f"# {place}")
        click.echo(content.decode("utf-16" if kind == "windows" else "utf-8"))


@schedule_command.command("install")
@book_argument
@config_option
@kind_option
@every_option
@start_option
def install(book: str, config: str, kind: str | None, every: int, no_start: bool) -> None:
    """Write the entry into the system's scheduler, and start it."""
    job, kind = _job(desk_for(book, config), config, every, kind)
    if kind == "cron":
        _set_crontab(crontab_with(_crontab(), job))
        click.echo(f"The crontab calls `run --due` every {every} minutes; sheetcrm schedule uninstall takes it out.")
        return
    place = _place(kind, job.name)
    place.folder.mkdir(parents=True, exist_ok=True)
    for name, content in KINDS[kind](job).items():
        (place.folder / name).write_bytes(content)
        click.echo(f"written: {place.folder / name}")
    _run(place.start, only_say=no_start)


@schedule_command.command("uninstall")
@book_argument
@config_option
@kind_option
@start_option
def uninstall(book: str, config: str, kind: str | None, no_start: bool) -> None:
    """Take the entry out of the system's scheduler."""
    job, kind = _job(desk_for(book, config), config, 5, kind)
    if kind == "cron":
        _set_crontab(crontab_without(_crontab(), job.name))
        click.echo("The crontab no longer calls it.")
        return
    place = _place(kind, job.name)
    files = [path for name in KINDS[kind](job) if (path := place.folder / name).exists()]
    if not files:
        raise NotFound(f"No entry {job.name} is installed in {place.folder}.", "sheetcrm schedule install makes one.")
    _run(place.end, only_say=no_start)
    for path in files:
        path.unlink()
        click.echo(f"removed: {path}")


def _job(desk: Desk, config: str, every: int, kind: str | None) -> tuple[Job, str]:
    kind = kind or {"win32": "windows", "darwin": "launchd"}.get(sys.platform, "systemd")
    name = job_name(PurePath(desk.place))
    settings = ("--config", str(Path(config).resolve())) if config else ()
    if kind == "github":
        # A machine of its own each time, with the repository as its folder: there the workbook is the original.
        given = ("--config", config) if config else ()
        book = desk.address or desk.path.name
        return Job(name, ("sheetcrm", "run", "--due", "--adopt", book, *given), ".", every), kind
    words = (_python(), "-m", "sheetcrm", "run", "--due", desk.place, *settings)
    return Job(name, words, str(desk.path.parent), every), kind


def _python() -> str:
    """This Python; on Windows the one that opens no window."""
    silent = Path(sys.executable).with_name("pythonw.exe")
    return str(silent) if sys.platform == "win32" and silent.exists() else sys.executable


def _place(kind: str, name: str) -> Place:
    if kind == "systemd":
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "systemd" / "user"
        control = ("systemctl", "--user")
        begin = ((*control, "daemon-reload"), (*control, "enable", "--now", f"{name}.timer"))
        return Place(folder, begin, ((*control, "disable", "--now", f"{name}.timer"),))
    if kind == "launchd":
        folder = Path.home() / "Library" / "LaunchAgents"
        target = f"gui/{os.getuid() if hasattr(os, 'getuid') else 0}"
        start = ("launchctl", "bootstrap", target, str(folder / f"{name}.plist"))
        return Place(folder, (start,), (("launchctl", "bootout", f"{target}/{name}"),))
    if kind == "windows":
        folder = user_folder() / "schedule"
        create = ("schtasks", "/create", "/tn", name, "/xml", str(folder / f"{name}.xml"), "/f")
        return Place(folder, (create,), (("schtasks", "/delete", "/tn", name, "/f"),))
    return Place(Path.cwd() / ".github" / "workflows")


def _run(commands: Sequence[Sequence[str]], *, only_say: bool) -> None:
    for command in commands:
        if only_say:
            click.echo(f"then run: {shlex.join(command)}")
            continue
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own words
        except FileNotFoundError:
            click.echo(f"There is no {command[0]} here; where there is, run: {shlex.join(command)}", err=True)
            continue
        if done.returncode:
            raise SheetcrmError(f"{shlex.join(command)} failed: {done.stderr.strip()}", "Run it by hand to see why.")


def _crontab() -> str:
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run([CRONTAB, "-l"], capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    except FileNotFoundError as error:
        raise NotFound("There is no crontab here.", "Try --for systemd.") from error
    # Whoever has none yet is told so as a failure; any other would make the user's own lines vanish.
    if done.returncode and "no crontab" not in done.stderr:
        raise SheetcrmError(f"crontab cannot be read: {done.stderr.strip()}", "sheetcrm schedule show prints the line.")
    return done.stdout


def _set_crontab(text: str) -> None:
    done = subprocess.run([CRONTAB, "-"], input=text, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise SheetcrmError(f"crontab refused the line: {done.stderr.strip()}", "sheetcrm schedule show prints it.")
