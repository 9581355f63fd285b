"""What tests of reports share: modules beside them, and the built-in templates."""

import sys
from pathlib import Path

import pytest

# The drawn tables, the past and SQL are modules beside the tests, and tests are no package.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "schema")]


@pytest.fixture(scope="session")
def templates() -> Path:
    return Path(__file__).parents[2] / "templates"
