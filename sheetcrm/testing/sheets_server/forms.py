"""The small print of Google's JSON: colours in 8 bits and told twice, zeros left out where the API leaves them out."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import cache
from typing import Any

from sheetcrm.testing.sheets_server.model import Json
from sheetcrm.testing.sheets_server.schema import parts, shapes

LEFT_OUT: Mapping[str, frozenset[str]] = {
    "Color": frozenset({"red", "green", "blue"}),
    "GridRange": frozenset({"sheetId"}),
    "DimensionRange": frozenset({"sheetId"}),
    "GridCoordinate": frozenset({"sheetId", "rowIndex", "columnIndex"}),
    "SheetProperties": frozenset({"hidden", "rightToLeft"}),
    "GridProperties": frozenset(
        {"frozenRowCount", "frozenColumnCount", "hideGridlines", "rowGroupControlAfter", "columnGroupControlAfter"}
    ),
    "GridData": frozenset({"startRow", "startColumn"}),
    "DimensionProperties": frozenset({"hiddenByUser", "hiddenByFilter"}),
    "DimensionGroup": frozenset({"collapsed"}),
    "OverlayPosition": frozenset({"offsetXPixels", "offsetYPixels"}),
    "ProtectedRange": frozenset({"warningOnly"}),
    "TableColumnProperties": frozenset({"columnIndex"}),
    "FilterSpec": frozenset({"columnIndex"}),
    "DataValidationRule": frozenset({"strict", "showCustomUi"}),
}
"""Fields whose zero, false or empty value is not sent."""


@cache
def _as_google_writes(part: float) -> float:
    """A colour's part from 0 to 1, in 8 bits, with the digits of a single-precision number."""
    single = struct.unpack("f", struct.pack("f", int(part * 255 + 1e-4) / 255))[0]
    for digits in range(6, 10):
        short = float(f"{single:.{digits}g}")
        if struct.pack("f", short) == struct.pack("f", single):
            return short
    return float(single)


def color(plain: Mapping[str, Any]) -> Json:
    """A Color as Google gives it back."""
    parts_ = {name: plain.get(name) or 0 for name in ("red", "green", "blue")}
    rounded = {name: _as_google_writes(min(1.0, max(0.0, float(part)))) for name, part in parts_.items()}
    return {name: int(part) if part == 1 else part for name, part in rounded.items() if part}


def with_colors(message: str, plain: Json, theme: Mapping[str, Any]) -> Json:
    """The message itself, each of its colours told both ways. Changes it."""
    for kind, part in parts(message, plain):
        shape = shapes()[kind]
        for name in [one for one in shape if shape[one] == "Color" and f"{one}Style" in shape]:
            style = part.get(f"{name}Style")
            if style == {}:
                # A style that says nothing takes the colour away.
                part.pop(name, None)
                del part[f"{name}Style"]
            elif style is not None:
                rgb = style.get("rgbColor")
                named = theme.get(style.get("themeColor", ""), {})
                part[name] = color(rgb if rgb is not None else named)
                if rgb is not None:
                    part[f"{name}Style"] = {"rgbColor": dict(part[name])}
            elif name in part:
                part[name] = color(part[name])
                part[f"{name}Style"] = {"rgbColor": dict(part[name])}
    return plain


def theme_of(properties: Mapping[str, Any]) -> dict[str, Json]:
    """The colours of a spreadsheet's theme by their type."""
    listed = properties.get("spreadsheetTheme", {}).get("themeColors", ())
    return {one["colorType"]: one["color"].get("rgbColor", {}) for one in listed}


def tidied(message: str, plain: Json) -> Json:
    """The message itself with what Google leaves out left out. Changes it."""
    for kind, part in parts(message, plain):
        for name in LEFT_OUT.get(kind, ()):
            if name in part and not part[name]:
                del part[name]
    return plain


def plain_number(value: float) -> int | float:
    """A number as JSON shows it: whole ones without a point."""
    return int(value) if value == value and abs(value) < 2**63 and float(value).is_integer() else value  # noqa: PLR0124 -- NaN
