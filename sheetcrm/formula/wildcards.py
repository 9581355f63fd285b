"""Excel's wildcards in time linear in the text: `*` any text, `?` any sign, `~` before them takes the sign itself."""

from __future__ import annotations

from functools import lru_cache

_ANY = None


@lru_cache(maxsize=2_000)
def compiled(pattern: str) -> tuple[tuple[str | None, ...], ...]:
    """The pattern's pieces between the stars, in small letters; None in a piece stands for any one sign."""
    pieces: list[list[str | None]] = [[]]
    at = 0
    lowered = pattern.lower()
    while at < len(lowered):
        sign = lowered[at]
        if sign == "~" and at + 1 < len(lowered) and lowered[at + 1] in "*?~":
            at += 1
            pieces[-1].append(lowered[at])
        elif sign == "*":
            pieces.append([])
        elif sign == "?":
            pieces[-1].append(_ANY)
        else:
            pieces[-1].append(sign)
        at += 1
    return tuple(tuple(piece) for piece in pieces)


def has_wildcards(text: str) -> bool:
    """Whether a text means more than itself as a pattern."""
    return "*" in text or "?" in text or "~" in text


def is_like(text: str, pattern: str) -> bool:
    """Whether the whole text meets the pattern, without case."""
    pieces = compiled(pattern)
    lowered = text.lower()
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return len(lowered) == len(first) and _fits(lowered, 0, first)
    end = len(lowered) - len(last)
    if end < len(first) or not _fits(lowered, 0, first) or not _fits(lowered, end, last):
        return False
    at = len(first)
    for piece in pieces[1:-1]:
        found = find(lowered[:end], piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _fits(text: str, at: int, piece: tuple[str | None, ...]) -> bool:
    return all(sign is _ANY or text[at + i] == sign for i, sign in enumerate(piece))


def find(text: str, piece: tuple[str | None, ...], start: int) -> int:
    """The first place from `start` on where a piece fits, -1 where none; the text in small letters."""
    if _ANY not in piece:
        return text.find("".join(sign for sign in piece if sign), start)
    plain = _longest_plain(piece)
    if not plain[1]:
        return start if start + len(piece) <= len(text) else -1
    offset, word = plain
    at = text.find(word, start + offset)
    while at >= 0:
        begin = at - offset
        if begin + len(piece) <= len(text) and _fits(text, begin, piece):
            return begin
        at = text.find(word, at + 1)
    return -1


@lru_cache(maxsize=2_000)
def _longest_plain(piece: tuple[str | None, ...]) -> tuple[int, str]:
    best = (0, "")
    at = 0
    while at < len(piece):
        end = at
        while end < len(piece) and piece[end] is not _ANY:
            end += 1
        if end - at > len(best[1]):
            best = (at, "".join(sign for sign in piece[at:end] if sign))
        at = end + 1
    return best


def search(text: str, pattern: str, start: int) -> int:
    """The first place from `start` on where a text meets the pattern, -1 where none; without case."""
    pieces = compiled(pattern)
    lowered = text.lower()
    if not any(pieces):
        return start if start <= len(text) else -1
    first = find(lowered, pieces[0], start)
    if first < 0:
        return -1
    at = first + len(pieces[0])
    for piece in pieces[1:]:
        found = find(lowered, piece, at)
        if found < 0:
            return -1
        at = found + len(piece)
    return first
