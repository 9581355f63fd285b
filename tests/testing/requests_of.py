"""Requests for tests of batchUpdate."""

from __future__ import annotations

from typing import Any

from gspread.utils import a1_range_to_grid_range

Json = dict[str, Any]


def area(text: str, sheet_id: int = 0) -> Json:
    """`A1:B3` as a GridRange."""
    return a1_range_to_grid_range(text, sheet_id)


def rows(*lines: list[Any]) -> list[Json]:
    """Cells with typed values, as updateCells takes them."""
    kinds = {bool: "boolValue", int: "numberValue", float: "numberValue", str: "stringValue"}
    return [
        {"values": [{"userEnteredValue": {kinds[type(one)]: one}} if one is not None else {} for one in line]}
        for line in lines
    ]


PIE: Json = {
    "title": "Pipeline",
    "pieChart": {
        "domain": {"sourceRange": {"sources": [area("A2:A4")]}},
        "series": {"sourceRange": {"sources": [area("B2:B4")]}},
    },
}
