"""What all tests share: no test touches the user's own folder, and missing programs skip with a reason."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import hypothesis
import pytest

# The small workbook is a module beside the tests, and tests are no package.
sys.path.insert(0, str(Path(__file__).parent))


# The same examples every time, so that a red run is about the change; HYPOTHESIS_PROFILE=explore looks for new ones.
hypothesis.settings.register_profile("repeat", derandomize=True)
hypothesis.settings.register_profile("explore")
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user folder of the test's own."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("SHEETCRM_HOME", str(home))
    return home


@pytest.fixture
def needs() -> Callable[..., None]:
    """Skips a test where a program is missing; in CI, which installs them all, that is a failure."""

    def check(*programs: str) -> None:
        missing = [program for program in programs if shutil.which(program) is None]
        if missing and os.environ.get("SHEETCRM_NO_SKIPS"):
            pytest.fail(f"CI must install {', '.join(missing)}")
        if missing:
            pytest.skip(f"needs {', '.join(missing)}")

    return check


@pytest.fixture
def can_trace(needs: Callable[..., None], tmp_path: Path) -> None:
    """strace is there, and this machine lets it trace."""
    needs("strace")
    # The path is the one that `needs` found.
    tried = subprocess.run(["strace", "-o", tmp_path / "trace", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("this machine does not let strace trace")
