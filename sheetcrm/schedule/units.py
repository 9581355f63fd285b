"""What each system's own scheduler is given, so that `run --due` is called every few minutes. Pure: texts only.

The ledger decides what is due; the system's scheduler only has to call often enough.
"""

from __future__ import annotations

import plistlib
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePath
from xml.etree.ElementTree import Element, SubElement, indent, tostring

TASK_NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be called: `command` in words, in a folder, every so many minutes."""

    name: str
    command: tuple[str, ...]
    folder: str
    every_minutes: int = 5


def job_name(book: PurePath) -> str:
    """A name for the entry: the workbook's, and a digest of its path that tells two of the same name apart."""
    stem = re.sub(r"[^A-Za-z0-9]+", "-", book.stem).strip("-").lower() or "book"
    return f"sheetcrm-{stem[:40]}-{blake2b(str(book).encode(), digest_size=3).hexdigest()}"


def systemd_units(job: Job) -> dict[str, bytes]:
    """A user's service and timer for systemd."""
    service = f"""[Unit]
Description=sheetcrm: what the schedule has due ({job.name})

[Service]
Type=oneshot
WorkingDirectory={_systemd_path(job.folder)}
ExecStart={" ".join(_systemd_word(word) for word in job.command)}
EnvironmentFile=-%h/.config/sheetcrm/environment
KillMode=mixed
TimeoutStopSec=10
"""
    timer = f"""[Unit]
Description=sheetcrm: asks every {job.every_minutes} minutes what is due ({job.name})

[Timer]
OnCalendar=*:0/{job.every_minutes}
AccuracySec=1s
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {f"{job.name}.service": service.encode(), f"{job.name}.timer": timer.encode()}


def _systemd_word(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{escaped}"' if re.search(r"[\s\"'\\;]", word) else escaped


def _systemd_path(path: str) -> str:
    return path.replace("%", "%%")


def launchd_plist(job: Job) -> dict[str, bytes]:
    """A user's agent for macOS."""
    plain = {
        "Label": job.name,
        "ProgramArguments": list(job.command),
        "WorkingDirectory": job.folder,
        "StartInterval": job.every_minutes * 60,
        "RunAtLoad": True,
        "ProcessType": "Background",
        "ExitTimeOut": 10,
    }
    return {f"{job.name}.plist": plistlib.dumps(plain)}


def windows_task(job: Job) -> dict[str, bytes]:
    """A task for the Task Scheduler of Windows."""
    task = Element("Task", {"version": "1.2", "xmlns": TASK_NAMESPACE})
    _add(task, {"RegistrationInfo": {"Description": f"sheetcrm: what the schedule has due ({job.name})"}})
    trigger = SubElement(SubElement(task, "Triggers"), "TimeTrigger")
    repeats = {"Interval": f"PT{job.every_minutes}M", "StopAtDurationEnd": "false"}
    _add(trigger, {"Enabled": "true", "StartBoundary": "2026-01-01T00:00:00", "Repetition": repeats})
    principal = SubElement(SubElement(task, "Principals"), "Principal", {"id": "Author"})
    _add(principal, {"LogonType": "InteractiveToken", "RunLevel": "LeastPrivilege"})
    settings = {
        "MultipleInstancesPolicy": "IgnoreNew",
        "DisallowStartIfOnBatteries": "false",
        "StopIfGoingOnBatteries": "false",
        "StartWhenAvailable": "true",
        "ExecutionTimeLimit": "PT1H",
        "Enabled": "true",
    }
    _add(task, {"Settings": settings})
    actions = SubElement(task, "Actions", {"Context": "Author"})
    program, *words = job.command
    arguments = " ".join(_windows_word(word) for word in words)
    _add(actions, {"Exec": {"Command": program, "Arguments": arguments, "WorkingDirectory": job.folder}})
    indent(task)
    text = f'<?xml version="1.0" encoding="UTF-16"?>\n{tostring(task, encoding="unicode")}\n'
    return {f"{job.name}.xml": text.encode("utf-16")}


def _add(parent: Element, children: Mapping[str, str | Mapping[str, str]]) -> None:
    for name, content in children.items():
        child = SubElement(parent, name)
        if isinstance(content, str):
            child.text = content
        else:
            _add(child, content)


def _windows_word(word: str) -> str:
    """The word as Windows programs split their command line: backslashes count only before a quote."""
    if word and not re.search(r'[\s"]', word):
        return word
    inner = re.sub(r'(\\*)"', r'\1\1\\"', word)
    slashes = len(inner) - len(inner.rstrip("\\"))
    return f'"{inner}{inner[len(inner) - slashes :]}"'


def cron_line(job: Job) -> dict[str, bytes]:
    """A line for `crontab -e`."""
    # cron makes % a line end, also within quotes.
    command = f"cd {shlex.quote(job.folder)} && {shlex.join(job.command)}".replace("%", "\\%")
    line = f"*/{job.every_minutes} * * * * {command}  # {job.name}\n"
    return {f"{job.name}.cron": line.encode()}


_WORKFLOW = """name: {name}

on:
  schedule:
    - cron: "*/{minutes} * * * *"
  workflow_dispatch:

permissions:
  contents: write

concurrency:
  group: {name}
  cancel-in-progress: false

jobs:
  due:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install sheetcrm
      - name: What the schedule has due
        run: {command}
        env:
          SHEETCRM_SMTP_PASSWORD: ${{{{ secrets.SHEETCRM_SMTP_PASSWORD }}}}
      - name: Keep the workbook and its records
        if: always()
        run: |
          git config user.name sheetcrm
          git config user.email sheetcrm@users.noreply.github.com
          git add -A -f .
          git diff --cached --quiet || git commit -m "sheetcrm: scheduled run"
          git push
"""


def github_workflow(job: Job) -> dict[str, bytes]:
    """A workflow for GitHub Actions: the workbook and its records lie in the repository, and are committed."""
    command = " ".join(shlex.quote(word) for word in job.command)
    quoted = "'" + command.replace("'", "''") + "'"
    # GitHub runs schedules every five minutes at the most, and never on the dot.
    text = _WORKFLOW.format(name=job.name, minutes=max(job.every_minutes, 5), command=quoted)
    return {f"{job.name}.yml": text.encode()}


KINDS: Mapping[str, Callable[[Job], dict[str, bytes]]] = {
    "systemd": systemd_units,
    "launchd": launchd_plist,
    "windows": windows_task,
    "cron": cron_line,
    "github": github_workflow,
}
"""Each kind of scheduler with the files that it needs, by name."""


def crontab_with(crontab: str, job: Job) -> str:
    """A crontab with the job's line, an older one replaced."""
    return crontab_without(crontab, job.name) + cron_line(job)[f"{job.name}.cron"].decode()


def crontab_without(crontab: str, name: str) -> str:
    """A crontab without the line of that name; every other line stays as it is."""
    lines: Sequence[str] = crontab.splitlines(keepends=True)
    return "".join(line for line in lines if not line.rstrip().endswith(f"  # {name}"))
