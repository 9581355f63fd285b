"""The floors of docs/architecture.md, held: no module imports one above it, nor a neighbour on its own floor."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "sheetcrm"
FLOORS = {
    9: {"__main__"},
    8: {"cli"},
    7: {"config", "run", "apply", "undo", "unmerge"},
    6: {"jobs", "resolve", "states", "schedule", "post"},
    5: {"rules", "reports", "originals", "inbox", "testing"},
    4: {"schema", "formula", "matching", "connectors", "journal", "outbox"},
    3: {"plan", "history", "mail_states", "addresses", "xlsx"},
    2: {"tab", "history_columns"},
    1: {"raw_json"},
    0: {"errors", "table", "files", "__init__"},
    -1: {"trail"},
}
FLOOR_OF = {room: floor for floor, rooms in FLOORS.items() for room in rooms}


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The rooms of ours that a file imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{one.name}" for one in node.names] if node.module == "sheetcrm" else [node.module]
        found |= {name.split(".")[1] for name in names if name.startswith("sheetcrm.")}
    return found - {"__version__"}


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    room = room_of(path)
    assert room in FLOOR_OF, f"{room} stands on no floor"
    wrong = {other for other in imports(path) - {room} if FLOOR_OF[other] >= FLOOR_OF[room]}
    assert not wrong, f"{room} (floor {FLOOR_OF[room]}) imports {wrong}"


@pytest.mark.parametrize(
    "path",
    [one for one in FILES if room_of(one) in {"jobs", "rules", "reports", "schema", "formula", "matching"}],
    ids=str,
)
def test_jobs_and_what_they_stand_on_never_touch_the_world(path: Path) -> None:
    assert not imports(path) & {"connectors", "journal", "outbox", "xlsx", "originals", "apply"}


@pytest.mark.parametrize(
    "path", [one for one in FILES if room_of(one) != "testing"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_only_the_demo_and_tests_start_test_servers(path: Path) -> None:
    assert "testing" not in imports(path) or path.parts[-2:] == ("cli", "google_demo.py")


@pytest.mark.parametrize("path", [one for one in FILES if room_of(one) == "testing"], ids=str)
def test_test_servers_stand_on_values_and_formulas_alone(path: Path) -> None:
    assert imports(path) <= {"testing", "formula", "table", "errors"}


@pytest.mark.parametrize(
    "path", [one for one in FILES if room_of(one) == "jobs" and one.name != "__init__.py"], ids=str
)
def test_no_job_imports_another_job(path: Path) -> None:
    jobs = {"keys", "dedupe", "merge", "automation", "assignment", "reminders", "rulebook", "review", "summary"}
    jobs |= {"replies", "followups", "issues"}
    text = path.read_text("utf-8")
    assert not [job for job in jobs if f"sheetcrm.jobs.{job} " in text or f"sheetcrm.jobs import {job}" in text]


COMMANDS = {ROOT / "testing/sheets_server/__main__.py"}
"""Commands of their own, outside `sheetcrm`."""


@pytest.mark.parametrize(
    "path",
    [one for one in FILES if room_of(one) != "cli" and one not in COMMANDS],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_only_the_commands_print_and_ask_the_clock(path: Path) -> None:
    called = {
        ast.unparse(node.func) for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    }
    assert not called & {"print", "datetime.now", "date.today", "time.time", "datetime.today", "datetime.utcnow"}
