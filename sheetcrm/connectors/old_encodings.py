"""Which encoding a text from before Unicode is in, told by the letters that it would have: Łódź, never £ódŸ."""

from __future__ import annotations

from functools import cache

_SHARED = "§°€«»„“”‚‘’–—…·×±µ®©™•£¥\xa0\xad"  # noqa: RUF001 -- they are meant
_AFTER = "²³¹ªº½¼¾´"  # noqa: RUF001
"""Marks that stand behind a letter or number, never before a letter."""
_WESTERN = {
    "German": "äöüßÄÖÜ",
    "French": "àâæçéèêëîïôœùûüÀÂÇÉÈÊËÎÏÔŒÙÛ",
    "Spanish": "áéíñóúü¿¡ÁÉÍÑÓÚ",
    "Portuguese": "áâãàçéêíóôõúÁÂÃÇÉÊÍÓÔÕÚ",
    "Italian": "àèéìíòóùÀÈÉÌÒÙ",
    "Danish and Norwegian": "æøåéÆØÅ",
    "Swedish and Finnish": "åäöéÅÄÖ",
    "Icelandic": "áðéíóúýþæöÁÐÉÍÓÚÝÞÆÖ",
}
_CENTRAL = {
    "Polish": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "Czech": "áčďéěíňóřšťúůýžÁČĎÉĚÍŇÓŘŠŤÚŮÝŽ",
    "Slovak": "áäčďéíĺľňóôŕšťúýžÁÄČĎÉÍĹĽŇÓÔŔŠŤÚÝŽ",
    "Hungarian": "áéíóöőúüűÁÉÍÓÖŐÚÜŰ",
    "Croatian and Slovene": "čćđšžČĆĐŠŽ",
    "Romanian": "ăâîşţĂÂÎŞŢ",
}


def old_encoding(data: bytes) -> str:
    """`cp1252`, `cp1250`, `cp850` or `mac_roman`; the first of them where the letters tell nothing."""
    letters = b"\n".join(line for line in data.splitlines() if not line.isascii())
    same = bytes(one for one in range(128, 256) if _letter(one, "cp1252") == _letter(one, "cp1250"))
    telling = letters.translate(None, same)
    windows = min(("cp1252", "cp1250"), key=lambda encoding: _strange(telling, encoding))
    return min((windows, "cp850", "mac_roman"), key=lambda encoding: _strange(letters, encoding))


def _strange(text: bytes, encoding: str) -> int:
    """How many letters of the text are strange to the one language that explains most of them."""
    languages = _CENTRAL if encoding == "cp1250" else _WESTERN
    return min(_odd(text, encoding, letters) for letters in languages.values())


def _odd(text: bytes, encoding: str, letters: str) -> int:
    """How many letters of the text, read in an encoding, are not of these; very many where it cannot be read."""
    try:
        read = text.decode(encoding)
    except UnicodeDecodeError:
        return len(text) + 1
    known = {*letters, *_SHARED}
    pairs = zip(read, read[1:] + " ", strict=False)
    return sum(
        not one.isascii() and one not in known and (one not in _AFTER or after.isalpha()) for one, after in pairs
    )


@cache
def _letter(byte: int, encoding: str) -> str:
    return bytes([byte]).decode(encoding, "replace")
