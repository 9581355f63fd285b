"""Taking texts apart at delimiters."""

from __future__ import annotations

from sheetcrm.formula.context import Context
from sheetcrm.formula.registry import Anything, Block, Logical, Text, Values, Whole, function
from sheetcrm.formula.values import NA, VALUE, Array, Stop, Value, cells


def _places(text: str, delimiters: list[str], *, without_case: bool) -> list[tuple[int, int]]:
    """Where delimiters stand, begin and end, none overlapping another."""
    searched = text.lower() if without_case else text
    wanted = sorted({one.lower() if without_case else one for one in delimiters}, key=len, reverse=True)
    places, at = [], 0
    while at < len(searched):
        found = [(place, -len(one)) for one in wanted if one and (place := searched.find(one, at)) >= 0]
        if not found:
            break
        place, minus = min(found)
        places.append((place, place - minus))
        at = place - minus
    return places


def _delimiters(context: Context, value: Value) -> list[str]:
    return [context.text(cell) for cell in cells(value).flat]


def _nth(
    context: Context, text: str, delimiter: Value, nth: int, mode: int, *, to_end: bool, is_before: bool
) -> int | None:
    """Where the text is cut at the nth delimiter; None where there is none."""
    if nth == 0 or abs(nth) > max(len(text), 1) or mode not in {0, 1}:
        raise Stop(VALUE)
    delimiters = _delimiters(context, delimiter)
    if "" in delimiters:
        # An empty delimiter is found at the very start, counted from the end at the very end.
        return 0 if nth > 0 else len(text)
    places = _places(text, delimiters, without_case=mode == 1)
    if abs(nth) <= len(places):
        start, end = places[nth - 1 if nth > 0 else nth]
        return start if is_before else end
    if to_end and abs(nth) == len(places) + 1:
        return len(text) if nth > 0 else 0
    return None


@function("TEXTBEFORE")
def textbefore(context: Context, text: Text, delimiter: Values, which: Whole = 1, match_mode: Whole = 0, match_end: Whole = 0, if_missing: Anything = NA) -> Anything:  # noqa: E501  # fmt: skip
    """The text before a delimiter: its first place, its nth, or from the end where negative."""
    at = _nth(context, text, delimiter, which, match_mode, to_end=match_end != 0, is_before=True)
    return if_missing if at is None else text[:at]


@function("TEXTAFTER")
def textafter(context: Context, text: Text, delimiter: Values, which: Whole = 1, match_mode: Whole = 0, match_end: Whole = 0, if_missing: Anything = NA) -> Anything:  # noqa: E501  # fmt: skip
    """The text behind a delimiter: its first place, its nth, or from the end where negative."""
    at = _nth(context, text, delimiter, which, match_mode, to_end=match_end != 0, is_before=False)
    return if_missing if at is None else text[at:]


@function("TEXTSPLIT", gives="block")
def textsplit(
    context: Context,
    text: Text,
    columns: Values,
    rows: Values = None,
    skip_empty: Logical = False,
    match_mode: Whole = 0,
    fill: Anything = NA,
) -> Block:
    """The parts of a text as a block, split into columns and rows at delimiters."""
    lines = _split(context, text, rows, match_mode, skip_empty=skip_empty)
    parts = [_split(context, line, columns, match_mode, skip_empty=skip_empty) for line in lines]
    width = max(map(len, parts), default=0)
    if not width:
        raise Stop(NA)
    return Array.of_rows([[*line, *[fill] * (width - len(line))] for line in parts])


def _split(context: Context, text: str, delimiter: Value, mode: int, *, skip_empty: bool) -> list[str]:
    if delimiter is None:
        return [text]
    delimiters = _delimiters(context, delimiter)
    if "" in delimiters:
        raise Stop(VALUE)
    parts, at = [], 0
    for start, end in _places(text, delimiters, without_case=mode == 1):
        parts.append(text[at:start])
        at = end
    parts.append(text[at:])
    return [part for part in parts if part or not skip_empty]
