"""How cells of whole tabs look, as Google's formats: an Excel number format with its kind, colours, links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sheetcrm.connectors.google.state import Json
from sheetcrm.connectors.google.targets import NUMBER_FORMATS, kind_of_value
from sheetcrm.tab import CellFormat, Styled
from sheetcrm.table import Raw

_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|[_*].')
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_LOCALE = re.compile(r"\[\$([^\]\-]*)(?:-[^\]]*)?\]")
_CURRENCY = re.compile(r"\[\$[^\]\-]|[$€£¥₹]")
_HALF_DAY = re.compile(r"am/pm|a/p", re.IGNORECASE)


def rgb(color: str) -> Json:
    """The ColorStyle of six hexadecimal digits."""
    names = ("red", "green", "blue")
    parts = {name: int(color[i : i + 2], 16) / 255 for name, i in zip(names, (0, 2, 4), strict=True)}
    return {"rgbColor": {name: round(part, 4) for name, part in parts.items() if part}}


def number_format(code: str) -> Json:
    """The NumberFormat of an Excel number format; empty for the general one.

    Google has the same letters, sections and quotes, knows no locales in brackets, and wants to be told the kind.
    """
    code = code.removesuffix(";@") if code != "@" else code
    if not code or code.lower() == "general":
        return {}
    pattern = _LOCALE.sub(lambda found: f"[${found[1]}]" if found[1] else "", code)
    kind = _kind(code)
    if kind in {"DATE", "TIME", "DATE_TIME"}:
        pattern = _HALF_DAY.sub(lambda found: found[0].lower(), pattern)
    return {"type": kind, "pattern": pattern}


def _kind(code: str) -> str:
    first = code.split(";", maxsplit=1)[0]
    letters = _QUOTED.sub("", _HALF_DAY.sub("h", first)).lower()
    has_time = bool(_ELAPSED.search(first)) or "h" in letters or "s" in letters
    has_day = "d" in letters or "y" in letters or ("m" in letters and not has_time)
    if has_day or has_time:
        return "DATE_TIME" if has_day and has_time else "DATE" if has_day else "TIME"
    if "%" in letters:
        return "PERCENT"
    if "e+" in letters or "e-" in letters:
        return "SCIENTIFIC"
    if "@" in letters:
        return "TEXT"
    return "CURRENCY" if _CURRENCY.search(first) else "NUMBER"


def cell_format(look: CellFormat, value: Raw = None, uri: str = "") -> Json:
    """The CellFormat of a look, of a value that may need a number format, and of a link; empty where none is needed."""
    text: dict[str, Any] = {
        name: True
        for name, is_on in (("bold", look.is_bold), ("italic", look.is_italic), ("underline", look.is_underlined))
        if is_on
    }
    if look.color:
        text["foregroundColorStyle"] = rgb(look.color)
    if look.points:
        text["fontSize"] = round(look.points)
    if uri:
        text["link"] = {"uri": uri}
    found: Json = {"textFormat": text} if text else {}
    if look.fill:
        found["backgroundColorStyle"] = rgb(look.fill)
    if look.align:
        found["horizontalAlignment"] = look.align.upper()
    if look.is_wrapped:
        found["wrapStrategy"] = "WRAP"
    number = number_format(look.number) or NUMBER_FORMATS.get(kind_of_value(value), {})
    return found | ({"numberFormat": dict(number)} if number else {})


def uri_of(cell: Styled, numbers: Mapping[str, int]) -> str:
    """A cell's link as Google writes it: a place of the same workbook by the number of its tab."""
    if not cell.link.startswith("internal:"):
        return cell.link
    title, _, place = cell.link.removeprefix("internal:").rpartition("!")
    title = title.removeprefix("'").removesuffix("'").replace("''", "'")
    number = numbers.get(title.lower())
    return "" if number is None else f"#gid={number}&range={place.replace('$', '')}"
