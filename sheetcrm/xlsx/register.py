"""The three lists that know every tab: the workbook's sheets, its relations, and the content types. Spliced."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from xml.sax.saxutils import quoteattr

from sheetcrm.errors import EditRefused
from sheetcrm.xlsx.markup import (
    Splice,
    Tag,
    attribute,
    decoded,
    encoded,
    masked,
    prefix_of,
    spliced,
    tags,
    with_attribute,
)  # fmt: skip
from sheetcrm.xlsx.parts import Parts

TYPES = "[Content_Types].xml"
TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_RELS_TYPE = "application/vnd.openxmlformats-package.relationships+xml"


def relations_of(part: str) -> str:
    """The name of the part that holds a part's relations."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def with_types(parts: Parts, types: Mapping[str, str]) -> None:
    """The content types of new parts declared."""
    if not types:
        return
    text, codec, prefix = _list(parts, TYPES)
    lines = [f"PartName={quoteattr('/' + name)} ContentType={quoteattr(kind)}" for name, kind in types.items()]
    if not re.search(rb"Extension\s*=\s*[\"']rels[\"']", text, re.IGNORECASE):
        lines += [
            f"PartName={quoteattr('/' + relations_of(name))} ContentType={quoteattr(_RELS_TYPE)}" for name in types
        ]
    new = b"".join(b"<" + prefix + b"Override " + line.encode() + b"/>" for line in lines)
    parts.put(TYPES, _appended(text, codec, prefix + b"Types", new))


def declared(parts: Parts) -> set[str]:
    """The names of all parts that have a content type of their own, in lower case; some may not be there."""
    text, _, prefix = _list(parts, TYPES)
    found = tags(masked(text), names=[prefix + b"Override"])
    return {(attribute(tag.attributes, b"PartName") or "").lower().lstrip("/") for tag in found}


def without_types(parts: Parts, names: Iterable[str]) -> None:
    """The content types of parts that are gone, no longer declared."""
    gone = {name.lower().lstrip("/") for name in names}
    gone |= {relations_of(name) for name in gone}
    _dropped(
        parts,
        TYPES,
        b"Override",
        lambda tag: (attribute(tag.attributes, b"PartName") or "").lower().lstrip("/") in gone,
    )


def with_relation(parts: Parts, source: str, kind: str, target: str) -> str:
    """The key of a new relation from a part to another one."""
    name = relations_of(source)
    text, codec, prefix = _list(parts, name)
    keys = {attribute(tag.attributes, b"Id") for tag in tags(masked(text))}
    key = next(f"rId{n}" for n in range(1, len(keys) + 2) if f"rId{n}" not in keys)
    space = STRICT if STRICT.encode() in text else TRANSITIONAL
    relative = posixpath.relpath(target, posixpath.dirname(source) or ".")
    new = f'Relationship Id="{key}" Type="{space}/{kind}" Target={quoteattr(relative)}/>'
    parts.put(name, _appended(text, codec, prefix + b"Relationships", b"<" + prefix + new.encode()))
    return key


def without_relation(parts: Parts, source: str, key: str) -> None:
    """The relation of that key, gone."""
    _dropped(parts, relations_of(source), b"Relationship", lambda tag: attribute(tag.attributes, b"Id") == key)


class SheetList:
    """The workbook part: its sheets, chart sheets too, in their order."""

    def __init__(self, parts: Parts, part: str) -> None:
        self._parts = parts
        self._part = part
        self._text, self._codec = decoded(parts.read(part))
        self._blank = masked(self._text)
        self._prefix = prefix_of(self._blank, part)
        self.tags = [tag for tag in self._tags(b"sheet") if not tag.is_closing]
        self.names = [attribute(tag.attributes, b"name") or "" for tag in self.tags]
        protection = next(self._tags(b"workbookProtection"), None)
        if protection and attribute(protection.attributes, b"lockStructure") in ("1", "true", "on"):
            raise EditRefused("The workbook's structure is protected.", "Lift it in Excel's Review tab.")

    def key(self, place: int) -> str:
        """The key of a sheet's relation."""
        return self._key_attribute(self.tags[place])[1]

    def number(self, place: int) -> int:
        """A sheet's own number."""
        number = attribute(self.tags[place].attributes, b"sheetId") or ""
        return int(number) if number.isdecimal() else 0

    @property
    def next_number(self) -> int:
        """A sheet number that no sheet has."""
        return max((self.number(place) for place in range(len(self.tags))), default=0) + 1

    def add(self, name: str, key: str) -> None:
        """A new sheet, the last one."""
        closing = [tag for tag in self._tags(b"sheets") if tag.is_closing]
        if len(closing) != 1 or not self.tags:
            raise EditRefused("The workbook lists no sheets.", "Open it in Excel and save it again.")
        attributes = self.tags[-1].attributes
        full = self._key_attribute(self.tags[-1])[0]
        declared = re.search(rb"\sxmlns:" + full.partition(":")[0].encode() + rb"\s*=\s*\"[^\"]*\"", attributes)
        space = declared.group().decode() if declared else ""
        number = self.next_number
        new = f'sheet name={quoteattr(name)} sheetId="{number}"{space} {full}="{key}"/>'.encode()
        at = closing[0].start
        self._put([Splice(at, at, b"<" + self._prefix + new)])

    def remove(self, place: int) -> None:
        """The sheet at that place gone, with its own names; what counts sheets by their place is counted anew."""
        shown = [tag for tag in self.tags if attribute(tag.attributes, b"state") in (None, "visible")]
        if shown == [self.tags[place]]:
            raise EditRefused(f"{self.names[place]} is the only tab that is shown.", "Show another one first.")
        splices = [_whole(self._blank, self.tags[place])]
        for tag in self._tags(b"definedName"):
            own = attribute(tag.attributes, b"localSheetId") or ""
            if tag.is_closing or not own.isdecimal():
                continue
            if int(own) == place:
                splices.append(_whole(self._blank, tag))
            elif int(own) > place:
                splices.append(_set(tag, {b"localSheetId": str(int(own) - 1)}))
        for tag in self._tags(b"workbookView"):
            ends = {name: attribute(tag.attributes, name) or "" for name in (b"firstSheet", b"activeTab")}
            last = len(self.tags) - 2
            moved = {name: min(int(n) - (int(n) > place), last) for name, n in ends.items() if n.isdecimal()}
            changed = {name: str(n) for name, n in moved.items() if str(n) != ends[name]}
            if changed and not tag.is_closing:
                splices.append(_set(tag, changed))
        self._put(splices)

    def _tags(self, name: bytes) -> Iterator[Tag]:
        return tags(self._blank, names=[self._prefix + name])

    def _key_attribute(self, tag: Tag) -> tuple[str, str]:
        found = re.search(rb"\s([^\s=:]+:id)\s*=\s*[\"']([^\"']*)[\"']", tag.attributes)
        if found is None:
            raise EditRefused("A sheet of the workbook has no part.", "Open it in Excel and save it again.")
        return found.group(1).decode(), found.group(2).decode()

    def _put(self, splices: list[Splice]) -> None:
        self._parts.put(self._part, encoded(spliced(self._text, splices), self._codec))


def _set(tag: Tag, values: Mapping[bytes, str]) -> Splice:
    attributes = tag.attributes
    for name, value in values.items():
        attributes = with_attribute(attributes, name, value)
    return Splice(tag.start, tag.end, b"<" + tag.name + attributes + b">")


def _whole(blank: bytes, tag: Tag) -> Splice:
    if tag.is_empty:
        return Splice(tag.start, tag.end, b"")
    closing = next(one for one in tags(blank, tag.end, names=[tag.name]) if one.is_closing)
    return Splice(tag.start, closing.end, b"")


def _list(parts: Parts, name: str) -> tuple[bytes, str, bytes]:
    """A list part: its text, codec, and the prefix of its elements."""
    if name not in parts:
        raise EditRefused(f"The workbook lacks its part {name}.", "Open it in Excel and save it again.")
    text, codec = decoded(parts.read(name))
    root = next(tags(masked(text)), None)
    before, colon, _ = root.name.rpartition(b":") if root else (b"", b"", b"")
    return text, codec, before + colon


def _appended(text: bytes, codec: str, root: bytes, new: bytes) -> bytes:
    closing = [tag for tag in tags(masked(text), names=[root]) if tag.is_closing]
    if len(closing) != 1:
        raise EditRefused("A list of the workbook's parts is empty.", "Open it in Excel and save it again.")
    return encoded(spliced(text, [Splice(closing[0].start, closing[0].start, new)]), codec)


def _dropped(parts: Parts, name: str, element: bytes, is_gone: Callable[[Tag], bool]) -> None:
    text, codec, prefix = _list(parts, name)
    blank = masked(text)
    found = [tag for tag in tags(blank, names=[prefix + element]) if not tag.is_closing and is_gone(tag)]
    if found:
        parts.put(name, encoded(spliced(text, [_whole(blank, tag) for tag in found]), codec))
