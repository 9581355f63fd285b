import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sheetcrm.testing.sheets_server import SheetsServer

# The sheet's scenes are a module beside the tests, and tests are no package.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SheetsServer]:
    """The Sheets server, to which this process is pointed, without waiting."""
    with SheetsServer() as running:
        monkeypatch.setenv("SHEETCRM_GOOGLE_URL", running.url)
        monkeypatch.setenv("SHEETCRM_GOOGLE_TOKEN", "user:robot@x.example")
        monkeypatch.setenv("SHEETCRM_GOOGLE_PATIENCE", "0")
        yield running
