import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sheetcrm.testing.sheets_server import SheetsServer

# The checked client is a module beside the tests, and tests are no package.
sys.path.insert(0, str(Path(__file__).parent))

from checked_client import client_of


@pytest.fixture
def server() -> Iterator[SheetsServer]:
    with SheetsServer() as running:
        yield running


@pytest.fixture
def gc(server: SheetsServer):
    """gspread on the server; each request and answer is held against the public discovery document."""
    return client_of(server.url)


@pytest.fixture
def book(gc):
    return gc.create("Book")


@pytest.fixture
def sheet(book):
    return book.sheet1
