"""How people name a Google Sheet: the address in the browser, or its key."""

from __future__ import annotations

import re

_URL = re.compile(
    r"https?://(?:docs|drive)\.google\.com/(?:a/[^/]+/)?(?:spreadsheets|file)(?:/u/\d+)?/d/([A-Za-z0-9_-]{20,})\S*"
)
_KEY = re.compile(r"[A-Za-z0-9_-]{40,60}")


def key_in(text: str) -> str:
    """The key of the Google Sheet that a text names, by address or key; empty where it names none."""
    text = text.strip()
    found = _URL.fullmatch(text)
    if found:
        return found[1]
    return text if _KEY.fullmatch(text) else ""


def is_google_address(text: str) -> bool:
    """Whether a text is meant for a Google Sheet, even if its key cannot be found in it."""
    return bool(re.match(r"https?://[^/]*google\.com/", text.strip())) or bool(key_in(text))


def address_of(key: str) -> str:
    """The address of a Google Sheet in the browser."""
    return f"https://docs.google.com/spreadsheets/d/{key}"
