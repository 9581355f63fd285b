"""A formula cut into its words and signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sheetcrm.errors import FormulaError
from sheetcrm.formula.limits import LONGEST_FORMULA
from sheetcrm.formula.locale import Locale

_QUOTES = {"“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"', "\u2018": "'", "\u2019": "'"}
_BLANKS = dict.fromkeys("\u00a0\u202f\u2007\u2009\u3000\ufeff\t\r\n\u200b", " ")
_ERRORS = r"\#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A|SPILL!|CALC!)"


@dataclass(frozen=True, slots=True)
class Token:
    """A word or sign. `kind`: number, text, error, name, quoted, bracket, sign, end."""

    kind: str
    text: str
    position: int


@lru_cache(maxsize=4)
def _pattern(decimal: str) -> re.Pattern[str]:
    point = re.escape(decimal)
    # A decimal comma needs a digit behind it, so that a comma between arguments is told from it.
    after = r"\d*" if decimal == "." else r"\d+"
    number = rf"(?:\d+(?:{point}{after})?|{point}\d+)(?:[eE][+-]?\d+)?"
    return re.compile(
        rf"(?P<blank> +)|(?P<error>{_ERRORS})|(?P<name>[^\W\d][\w.?\\]*)|(?P<number>{number})"
        r"|(?P<sign><=|>=|<>|[-+*/^&=<>%(){},;:@!.\\#$])",
        re.IGNORECASE,
    )


def tokens(text: str, locale: Locale) -> Iterator[Token]:
    """The words and signs of a formula, an `end` last. Raises FormulaError for what cannot be one."""
    if len(text) > LONGEST_FORMULA:
        raise FormulaError(
            f"The formula has {len(text):,} characters; {LONGEST_FORMULA:,} are the most.", "Part it into several."
        )
    pattern = _pattern(locale.decimal)
    at = 0
    while at < len(text):
        sign = text[at]
        if _QUOTES.get(sign, sign) == '"':
            end = _end_of_quotes(text, at, '"')
            yield Token("text", _unquoted(text[at + 1 : end - 1], '"'), at)
        elif _QUOTES.get(sign, sign) == "'":
            end = _end_of_quotes(text, at, "'")
            yield Token("quoted", _unquoted(text[at + 1 : end - 1], "'"), at)
        elif sign == "[":
            end = _end_of_bracket(text, at)
            yield Token("bracket", text[at + 1 : end - 1], at)
        elif sign in _BLANKS:
            end = at + 1
        else:
            found = pattern.match(text, at)
            if not found:
                raise FormulaError(
                    f"{_shown(sign)} at character {at + 1} means nothing in a formula.", "Take it out.", at
                )
            end = found.end()
            if found.lastgroup != "blank":
                yield Token(str(found.lastgroup), found[0], at)
        at = end
    yield Token("end", "", len(text))


def _shown(sign: str) -> str:
    return sign if sign.isprintable() else f"The unprintable character {ord(sign):#06x}"


def _end_of_quotes(text: str, start: int, quote: str) -> int:
    at = start + 1
    while at < len(text):
        if _QUOTES.get(text[at], text[at]) == quote:
            # Only the same straight quote twice is a quote within the text.
            if text[at] == quote and text[at + 1 : at + 2] == quote:
                at += 2
                continue
            return at + 1
        at += 1
    raise FormulaError(f"The quote at character {start + 1} is never closed.", f"Add a {quote}.", start)


def _unquoted(text: str, quote: str) -> str:
    return text.replace(quote * 2, quote)


def _end_of_bracket(text: str, start: int) -> int:
    depth, at = 0, start
    while at < len(text):
        sign = text[at]
        if _QUOTES.get(sign, sign) == "'":
            at += 2
            continue
        depth += (sign == "[") - (sign == "]")
        at += 1
        if depth == 0:
            return at
    raise FormulaError(f"The [ at character {start + 1} is never closed.", "Add a ] behind the column's name.", start)
