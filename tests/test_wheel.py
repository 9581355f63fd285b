"""The wheel holds what a checkout has: templates and example workbooks."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow


def test_the_wheel_holds_templates_and_example_workbooks(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    names = zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist()
    for folder, inside in (("templates", "templates"), ("examples/workbooks", "workbooks")):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert f"sheetcrm/_files/{inside}/{path.relative_to(ROOT / folder).as_posix()}" in names
    assert "sheetcrm/schema/tables.toml" in names
    assert "sheetcrm/py.typed" in names
