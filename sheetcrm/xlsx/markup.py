"""XML as bytes: find tags, read and set attributes, splice; nothing is parsed into a tree and written back.

All positions are in UTF-8. A part in another encoding is recoded on the way in and, the same bytes elsewhere, out.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from sheetcrm.errors import EditRefused, WorkbookUnreadable

MAIN_NAMESPACES = (
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_SILENT = re.compile(rb"<(?:!--|!\[CDATA\[|\?)")
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_TAG = re.compile(rb"<(/?)([^\s<>/!?]++)((?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)>")
_ATTRIBUTE = re.compile(rb"\s([^\s=<>\"']+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(\w+));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


class Splice(NamedTuple):
    """Bytes from `start` to `end` are to become `new`."""

    start: int
    end: int
    new: bytes


class Tag(NamedTuple):
    """An opening or closing tag: local position, full name, and its attributes as written."""

    start: int
    end: int
    name: bytes
    attributes: bytes
    is_closing: bool

    @property
    def is_empty(self) -> bool:
        """Whether the tag closes itself."""
        return self.attributes.endswith(b"/")


def tree(raw: bytes, part: str) -> Element:
    """A small part as a tree, for reading only. No DTD, so no entities; WorkbookUnreadable where it is no XML."""
    try:
        found: Element = fromstring(raw, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise WorkbookUnreadable(
            f"The part {part} is not valid XML: {error}.", "Open the workbook in Excel and save it again."
        ) from error
    return found


def local(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def decoded(raw: bytes) -> tuple[bytes, str]:
    """The part in UTF-8, and the codec that brings it back; EditRefused where it would not come back the same."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = "utf-16-le" if raw.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    else:
        declared = _DECLARED.match(raw.removeprefix(codecs.BOM_UTF8)[:200])
        codec = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if codec in ("utf-8", "utf8", "us-ascii", "ascii"):
        return raw, "utf-8"
    try:
        text = raw.decode(codec)
        if text.encode(codec) == raw:
            return text.encode(), codec
    except (UnicodeError, LookupError):
        pass
    raise EditRefused(f"The text encoding {codec} cannot be kept.", "Open the workbook in Excel and save it again.")


def encoded(text: bytes, codec: str) -> bytes:
    """UTF-8 in the part's own encoding; letters it does not have become character references."""
    return text if codec == "utf-8" else text.decode().encode(codec, "xmlcharrefreplace")


def masked(text: bytes) -> bytes:
    """The same text, as long as before, with comments, CDATA and instructions blanked out: no tag hides in them."""
    after = text.find(b">") + 1  # behind the XML declaration, which is the one instruction that most parts have
    if not (holds(text, b"!", b"<!", 0) or holds(text, b"?", b"<?", after)):
        return text
    blank, at = bytearray(text), 0
    while found := _SILENT.search(text, at):
        end = text.find(_ENDS[found.group()], found.end())
        if end < 0:
            raise WorkbookUnreadable(
                "A comment in the sheet never ends.", "Open the workbook in Excel and save it again."
            )
        at = end + len(_ENDS[found.group()])
        blank[found.start() : at] = b"x" * (at - found.start())
    return bytes(blank)


def holds(text: bytes, rare: bytes, wanted: bytes, start: int = 0, end: int | None = None) -> bool:
    """Whether the text holds `wanted`, of which `rare` is a letter: looking for one letter is ten times faster."""
    end = len(text) if end is None else end
    return text.find(rare, start, end) >= 0 and text.find(wanted, start, end) >= 0


def check_no_dtd(text: bytes, part: str) -> None:
    """Nothing; WorkbookUnreadable where the part declares a document type, which no spreadsheet needs."""
    start = text[: 1 << 20]  # it stands before the root, or nowhere
    if any("<!DOCTYPE".encode(codec) in start for codec in ("utf-8", "utf-16-le", "utf-16-be")):
        raise WorkbookUnreadable(f"The part {part} declares a DTD, as entity bombs do.", "Do not open this file.")


def prefix_of(text: bytes, part: str) -> bytes:
    """The prefix, colon included, that stands before the root's spreadsheet elements; mostly empty."""
    root = next(tags(text), None)
    prefix, colon, _ = root.name.rpartition(b":") if root else (b"", b"", b"")
    space = attribute(root.attributes, b"xmlns" + colon + prefix) if root else None
    if space is None or space.encode() not in MAIN_NAMESPACES:
        raise EditRefused(f"The part {part} is in an unknown XML namespace.", "Open it in Excel and save it again.")
    return prefix + colon


def tags(text: bytes, start: int = 0, end: int | None = None, names: Iterable[bytes] = ()) -> Iterator[Tag]:
    """The tags from `start` to `end`, all or those of the given names. `text` must be masked."""
    wanted = frozenset(names)
    for found in _TAG.finditer(text, start, len(text) if end is None else end):
        if not wanted or found.group(2) in wanted:
            yield Tag(found.start(), found.end(), found.group(2), found.group(3), bool(found.group(1)))


def attribute(attributes: bytes, name: bytes) -> str | None:
    """An attribute's value, entities resolved; None where it is not there."""
    for found in _ATTRIBUTE.finditer(attributes):
        if found.group(1) == name:
            value = found.group(2) if found.group(2) is not None else found.group(3)
            return unescaped(value.decode("utf-8", "replace"))
    return None


def with_attribute(attributes: bytes, name: bytes, value: str | None) -> bytes:
    """The attributes with one set or, by None, removed; the others stay as written, in their order."""
    new = b"" if value is None else b" " + name + b'="' + escaped(value).replace('"', "&quot;").encode() + b'"'
    for found in _ATTRIBUTE.finditer(attributes):
        if found.group(1) == name:
            return attributes[: found.start()] + new + attributes[found.end() :]
    body = attributes.rstrip(b"/ \t\r\n")
    return body + new + attributes[len(body) :]


def escaped(text: str) -> str:
    """Text as it stands between tags."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """Text with its character references resolved; what is no reference stays."""
    if "&" not in text:
        return text
    return _ENTITY.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name:
        return _NAMED.get(name, found.group())
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if code < 0x110000 else found.group()


def spliced(text: bytes, splices: Iterable[Splice]) -> bytes:
    """The text with all splices made, each in positions of the old text; they must not overlap."""
    view, at = memoryview(text), 0
    pieces: list[bytes | memoryview] = []
    # Stable: what is inserted in one place keeps the order in which it was asked for.
    for splice in sorted(splices, key=lambda splice: splice[:2]):
        if splice.start < at:
            raise EditRefused("Two changes meet in one place of the sheet.", "Make them one after the other.")
        pieces += [view[at : splice.start], splice.new]
        at = splice.end
    return b"".join([*pieces, view[at:]])
