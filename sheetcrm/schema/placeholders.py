"""What people type where they know nothing: neither a value nor blank."""

from __future__ import annotations

_PLACEHOLDERS = frozenset({"n/a", "n.a.", "na", "?", "??", "???", "tbd", "tba", "tbc", "none", "null", "x", "xxx"}) | {
    *("-", "--", "---", "\u2013", "\u2014", ".", "unknown", "unbekannt", "k.a.", "k. a."),
}


def is_placeholder(text: str) -> bool:
    """Whether a text says that nothing is known, such as `n/a` or `-`."""
    return text.strip().casefold() in _PLACEHOLDERS
