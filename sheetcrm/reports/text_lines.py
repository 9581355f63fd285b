"""Texts of cells on one line, without anything that could forge a line of its own."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = {"Cc", "Zl", "Zp", "Cs"}
_TURNS_TEXT_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def one_line(text: str) -> str:
    """The text on one line: runs of line ends, control characters and plain spaces become one space.

    Marks that turn the direction of text around are dropped; no-break spaces stay.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    spaced = "".join(
        " " if unicodedata.category(one) in _LINE_ENDS else one for one in text if one not in _TURNS_TEXT_AROUND
    )
    return re.sub(r" {2,}", " ", spaced).strip()
