import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

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


@pytest.fixture
def send(book) -> Callable[..., list[dict[str, Any]]]:
    """Sends requests as one batch and gives the replies."""

    def batch(*requests: dict[str, Any]) -> list[dict[str, Any]]:
        return book.batch_update({"requests": list(requests)})["replies"]

    return batch


@pytest.fixture
def whole(book) -> Callable[..., dict[str, Any]]:
    """The first sheet as it stands, or a field of it."""

    def get(fields: str = "", sheet: int = 0) -> dict[str, Any]:
        mask = f"sheets({fields})" if fields else "sheets"
        return book.fetch_sheet_metadata({"fields": mask})["sheets"][sheet]

    return get


@pytest.fixture
def values(sheet) -> Callable[[], list[list[Any]]]:
    def get() -> list[list[Any]]:
        return sheet.get(value_render_option="FORMULA")

    return get
