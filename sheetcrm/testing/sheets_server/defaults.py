"""What a new spreadsheet has: the properties, default format and theme that Google gives it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

ROWS, COLUMNS = 1000, 26
ROW_PIXELS, COLUMN_PIXELS = 21, 100

MOST_CELLS = 10_000_000
MOST_CHARACTERS = 50_000
MOST_COLUMNS = 18_278
MOST_BYTES = 10 * 2**20


def _rgb(red: float = 0, green: float = 0, blue: float = 0) -> dict[str, float]:
    parts = {"red": red, "green": green, "blue": blue}
    return {name: part for name, part in parts.items() if part}


WHITE = _rgb(1, 1, 1)

DEFAULT_FORMAT: dict[str, Any] = {
    "backgroundColor": WHITE,
    "padding": {"top": 2, "right": 3, "bottom": 2, "left": 3},
    "verticalAlignment": "BOTTOM",
    "wrapStrategy": "OVERFLOW_CELL",
    "textFormat": {
        "foregroundColor": {},
        "fontFamily": "arial,sans,sans-serif",
        "fontSize": 10,
        "bold": False,
        "italic": False,
        "strikethrough": False,
        "underline": False,
        "foregroundColorStyle": {"rgbColor": {}},
    },
    "backgroundColorStyle": {"rgbColor": WHITE},
}

_THEME = {
    "TEXT": {},
    "BACKGROUND": WHITE,
    "ACCENT1": _rgb(0.25882354, 0.52156866, 0.95686275),
    "ACCENT2": _rgb(0.91764706, 0.2627451, 0.20784314),
    "ACCENT3": _rgb(0.9843137, 0.7372549, 0.015686275),
    "ACCENT4": _rgb(0.20392157, 0.65882355, 0.3254902),
    "ACCENT5": _rgb(1, 0.42745098, 0.003921569),
    "ACCENT6": _rgb(0.27450982, 0.7411765, 0.7764706),
    "LINK": _rgb(0.06666667, 0.33333334, 0.8),
}


def spreadsheet_properties(title: str) -> dict[str, Any]:
    """The SpreadsheetProperties of a new spreadsheet."""
    colors = [{"colorType": name, "color": {"rgbColor": color}} for name, color in _THEME.items()]
    return deepcopy(
        {
            "title": title,
            "locale": "en_US",
            "autoRecalc": "ON_CHANGE",
            "timeZone": "Etc/GMT",
            "defaultFormat": DEFAULT_FORMAT,
            "spreadsheetTheme": {"primaryFontFamily": "Arial", "themeColors": colors},
        }
    )
