"""How a cell shows its value: number formats as the Sheets API documents them, by the locale's customs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from math import floor, log10
from typing import Any

from sheetcrm.testing.sheets_server.entering import moment_of
from sheetcrm.testing.sheets_server.locales import Customs, customs_of
from sheetcrm.testing.sheets_server.model import ErrorValue, Value

MOMENTS = frozenset({"DATE", "TIME", "DATE_TIME"})
_PIECE = re.compile(
    r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|am/pm|a/p|[Ee][+-]|0+|y+|m+|d+|h+|s+|[#?0]+|.', re.IGNORECASE | re.DOTALL
)


def default_pattern(kind: str, locale: str) -> str:
    """The pattern of a type where a format gives none."""
    customs = customs_of(locale)
    return {
        "NUMBER": "#,##0.00",
        "PERCENT": "0.00%",
        "CURRENCY": f'"{customs.currency}"#,##0.00',
        "SCIENTIFIC": "0.00E+00",
        "DATE": customs.date,
        "TIME": customs.time,
        "DATE_TIME": f"{customs.date} {customs.time}",
        "TEXT": "@",
    }.get(kind, "")


def shown(value: Value, number_format: Mapping[str, Any] | None, locale: str) -> str:
    """The text that the cell shows."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, ErrorValue):
        return value.shown
    kind = (number_format or {}).get("type", "")
    pattern = (number_format or {}).get("pattern") or default_pattern(kind, locale)
    customs = customs_of(locale)
    if isinstance(value, str):
        sections = _sections(pattern)
        is_for_text = len(sections) == 4 or (len(sections) == 1 and "@" in pattern and pattern != "@")
        return _literal(sections[-1]).replace("@", value) if is_for_text else value
    if not pattern or pattern == "@" or pattern.lower() == "general":
        return general(value, customs)
    try:
        return _formatted(value, pattern, kind, customs)
    except (OverflowError, InvalidOperation, ValueError):
        return general(value, customs)


def general(value: float, customs: Customs) -> str:
    """A number as an unformatted cell shows it: ten significant digits, whole numbers as they are below 1E+15."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e15 or size < 1e-9:
        mantissa, _, exponent = f"{value:.5E}".partition("E")
        digits = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return f"{digits}E{exponent}".replace(".", customs.decimal)
    if float(value).is_integer():
        return str(int(value))
    places = max(0, min(15, 9 - floor(log10(size))))
    text = f"{_rounded(value, places):f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", customs.decimal)


def _rounded(value: float, places: int) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _sections(pattern: str) -> list[str]:
    parts, quote = [""], False
    for letter in pattern:
        if letter == '"':
            quote = not quote
        if letter == ";" and not quote:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _literal(section: str) -> str:
    return "".join(_plain(piece) for piece in _PIECE.findall(section))


def _plain(piece: str) -> str:
    if piece.startswith('"'):
        return piece[1:-1]
    if piece.startswith(("\\",)):
        return piece[1:]
    if piece.startswith("_"):
        return " "
    if piece.startswith("*"):
        return ""
    if piece.startswith("[$"):
        return piece[2:-1].partition("-")[0]
    return "" if piece.startswith("[") else piece


def _formatted(value: float, pattern: str, kind: str, customs: Customs) -> str:
    sections = _sections(pattern)
    if kind in MOMENTS or (kind == "" and _is_of_time(sections[0])):
        return _moment(value, sections[0], customs)
    section, sign = sections[0], "-" if value < 0 else ""
    if value < 0 and len(sections) > 1:
        section, sign = sections[1], ""
    elif value == 0 and len(sections) > 2:
        section = sections[2]
    return _with_sign(sign, _number(abs(value), section, customs))


def _with_sign(sign: str, text: str) -> str:
    return sign + text if re.search(r"[1-9]", text) or not sign else text


def _is_of_time(section: str) -> bool:
    return any(piece[:1].lower() in "ymdhs" for piece in _PIECE.findall(section) if piece[:1] not in '"\\[')


def _number(value: float, section: str, customs: Customs) -> str:
    pieces = _PIECE.findall(section)
    digits = "".join(piece for piece in pieces if piece[0] in "0#?.,")
    if not re.search(r"[0#?]", digits):
        return _literal(section)
    value *= 100 ** pieces.count("%")
    exponent = next((piece for piece in pieces if piece.lower() in ("e+", "e-")), None)
    if exponent:
        return _scientific(value, section, exponent, customs)
    if "/" in pieces:
        return _fraction(value, section, customs)
    trailing = len(digits) - len(digits.rstrip(","))
    value /= 1000**trailing
    whole, _, decimals = digits.rstrip(",").partition(".")
    return _in_place(pieces, _digits(value, whole, decimals.replace(",", ""), customs))


def _fraction(value: float, section: str, customs: Customs) -> str:
    left, _, below = section.partition("/")
    most = 10 ** max(1, len(re.sub(r"[^#?0]", "", below))) - 1
    has_whole = " " in left.strip()
    whole, rest = divmod(value, 1) if has_whole else (0.0, value)
    part = Fraction(rest).limit_denominator(most)
    if part.denominator == 1 and has_whole:
        return general(whole + part, customs)
    return (f"{int(whole)} " if whole else "") + f"{part.numerator}/{part.denominator}"


def _in_place(pieces: list[str], body: str) -> str:
    """The literal pieces of a pattern around the digits, which stand where its first placeholder is."""
    text, is_placed = "", False
    for piece in pieces:
        if piece[0] in "0#?.,":
            text += "" if is_placed else body
            is_placed = True
        else:
            text += _plain(piece)
    return text


def _digits(value: float, whole: str, decimals: str, customs: Customs) -> str:
    text = f"{_rounded(value, len(decimals)):f}"
    left, _, right = text.partition(".")
    least = len(re.sub(r"[^0]", "", whole))
    left = left.lstrip("0").rjust(least, "0")
    if "," in whole:
        left = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", customs.group, left)
    optional = len(decimals) - len(decimals.rstrip("#?"))
    for _ in range(optional):
        right = right.removesuffix("0")
    return left + (customs.decimal + right if right else "")


def _scientific(value: float, section: str, exponent: str, customs: Customs) -> str:
    mantissa, _, tail = section.partition(exponent)
    decimals = mantissa.partition(".")[2]
    power = floor(log10(value)) if value else 0
    scaled = _rounded(value / 10**power, len(decimals))
    if scaled >= 10:
        power, scaled = power + 1, _rounded(value / 10 ** (power + 1), len(decimals))
    sign = "-" if power < 0 else "+" if exponent.endswith("+") else ""
    width = len(re.sub(r"[^0]", "", tail))
    return f"{scaled:f}".replace(".", customs.decimal) + f"E{sign}{str(abs(power)).rjust(width, '0')}"


def _moment(serial: float, section: str, customs: Customs) -> str:
    pieces = _PIECE.findall(section)
    has_half = any(piece.lower() in ("am/pm", "a/p") for piece in pieces)
    moment = moment_of(serial)
    text, previous = "", ""
    for i, piece in enumerate(pieces):
        kind = piece.lower()
        if kind[0] == "m" and _is_minute(previous, pieces[i + 1 :]):
            text += f"{moment.minute:0{len(kind)}}"
        elif kind.startswith("[") and kind[1:2] in "hms" and not kind.startswith("[$"):
            text += _elapsed(serial, kind)
        elif kind[0] in "ymdhs" or kind in ("am/pm", "a/p"):
            text += _part(kind, moment, customs, has_half=has_half)
        elif kind[0] == "0" and previous == "s":
            text += f"{moment.microsecond // 1000:03}"[: len(kind)]
        else:
            text += _plain(piece)
        if kind[0] in "ymdhs[":
            previous = kind.strip("[]")[:1]
    return text


def _is_minute(previous: str, rest: list[str]) -> bool:
    following = next((piece.lower()[0] for piece in rest if piece[0].lower() in "ymdhs"), "")
    return previous == "h" or following == "s"


def _elapsed(serial: float, kind: str) -> str:
    unit = {"h": 24, "m": 1440, "s": 86400}[kind[1]]
    return str(floor(serial * unit + 1e-9)).rjust(len(kind) - 2, "0")


def _part(kind: str, moment: Any, customs: Customs, *, has_half: bool) -> str:
    letter, width = kind[0], len(kind)
    if kind in ("am/pm", "a/p"):
        return ("AM" if moment.hour < 12 else "PM") if kind == "am/pm" else ("A" if moment.hour < 12 else "P")
    if letter == "y":
        return f"{moment.year:04}" if width > 2 else f"{moment.year % 100:02}"
    if letter == "m":
        names = {3: customs.short_months, 4: customs.month_names}
        name = names.get(width, customs.month_names)[moment.month - 1]
        return name[0] if width == 5 else name if width > 2 else f"{moment.month:0{width}}"
    if letter == "d":
        weekday = moment.weekday()
        return (
            f"{moment.day:0{width}}"
            if width < 3
            else (customs.short_days if width == 3 else customs.day_names)[weekday]
        )
    if letter == "h":
        return f"{(moment.hour % 12 or 12) if has_half else moment.hour:0{width}}"
    return f"{moment.second:0{min(width, 2)}}"
