"""Dates and times in number formats."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from sheetcrm.formula.dates import LAST_SERIAL, parts_of
from sheetcrm.formula.locale import Locale
from sheetcrm.formula.values import VALUE, Stop

Token = tuple[str, str]


def format_moment(serial: float, tokens: Sequence[Token], locale: Locale) -> str:
    """A serial number in a format of dates and times. Raises Stop beyond the year 9999."""
    parts = _merged(tokens)
    if not any(kind == "fraction" or (kind == "date" and set(text) & set("hs/[")) for kind, text in parts):
        # Days alone are never rounded up by their last second.
        serial = float(int(serial))
    digits = max((len(text) - 1 for kind, text in parts if kind == "fraction"), default=0)
    ticks = int((Decimal(serial) * 86400 * 10**digits).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    seconds, fraction = divmod(ticks, 10**digits)
    days, of_day = divmod(seconds, 86400)
    if days > LAST_SERIAL:
        raise Stop(VALUE)
    has_half = any(kind == "date" and "/" in text for kind, text in parts)
    shown = []
    for i, (kind, text) in enumerate(parts):
        if kind == "fraction":
            shown.append(locale.decimal + str(fraction).zfill(digits)[: len(text) - 1])
        elif kind != "date":
            shown.append(text)
        elif text[0] in "ydD" or (text[0] == "m" and not _is_minute(parts, i)):
            shown.append(_day_part(text, days, locale))
        else:
            shown.append(_clock_part(text, seconds, of_day, has_half=has_half))
    return "".join(shown)


def _merged(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with decimal places of seconds as one."""
    parts: list[Token] = []
    for kind, text in tokens:
        if kind == "point" and any(one == "date" and "s" in told for one, told in parts):
            parts.append(("fraction", "."))
        elif kind == "digit" and parts and parts[-1][0] == "fraction" and text == "0":
            parts[-1] = ("fraction", parts[-1][1] + "0")
        else:
            parts.append((kind, text))
    return [("literal", ".") if part == ("fraction", ".") else part for part in parts]


def _is_minute(parts: Sequence[Token], at: int) -> bool:
    if len(parts[at][1]) > 2:
        return False
    before = next((text for kind, text in reversed(parts[:at]) if kind == "date" and "/" not in text), "")
    after = next((text for kind, text in parts[at + 1 :] if kind == "date"), "")
    return "h" in before or "s" in after


def _day_part(text: str, days: int, locale: Locale) -> str:
    year, month, day = parts_of(days)
    if text[0] == "y":
        return f"{year:04d}" if len(text) > 2 else f"{year % 100:02d}"
    if text[0] == "m":
        names = {3: locale.short_months, 4: locale.months, 5: tuple(name[0] for name in locale.months)}
        if len(text) > 2:
            return names[min(len(text), 5) if len(text) < 6 else 4][month - 1]
        return str(month).zfill(len(text))
    if len(text) > 2:
        return (locale.short_weekdays if len(text) == 3 else locale.weekdays)[(days - 1) % 7]
    return str(day).zfill(len(text))


def _clock_part(text: str, seconds: int, of_day: int, *, has_half: bool) -> str:
    if "/" in text:
        return _half(text, is_morning=of_day < 43200)
    if text[0] == "[":
        worth = {"h": 3600, "m": 60, "s": 1}[text[1]]
        return str(seconds // worth).zfill(len(text) - 2)
    width = min(len(text), 2)
    if text[0] == "h":
        hour = of_day // 3600
        return str((hour % 12 or 12) if has_half else hour).zfill(width)
    return str(of_day // 60 % 60 if text[0] == "m" else of_day % 60).zfill(width)


def _half(text: str, *, is_morning: bool) -> str:
    morning, _, evening = text.partition("/")
    if len(text) > 3:
        return "AM" if is_morning else "PM"
    return morning if is_morning else evening
