"""Cell formats for whole tabs: found among the workbook's own or appended to them; nothing is renumbered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sheetcrm.errors import EditRefused
from sheetcrm.tab import CellFormat
from sheetcrm.xlsx.markup import (
    Splice,
    attribute,
    decoded,
    encoded,
    escaped,
    masked,
    prefix_of,
    spliced,
    tags,
    with_attribute,
)  # fmt: skip

_LISTS = (b"numFmts", b"fonts", b"fills", b"borders", b"cellStyleXfs", b"cellXfs")
_BUILT_IN = {"": 0, "date": 14, "datetime": 22, "time": 21, "duration": 46}
_FIRST_OWN_NUMBER = 164
NO_STYLES = (
    b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="1"><font>'
    b'<sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill>'
    b'<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    b'<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0"'
    b' borderId="0" xfId="0"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>'
    b"</cellStyles></styleSheet>"
)
"""The formats of a workbook that came without any."""


@dataclass(slots=True)
class _List:
    """One list of the part: its opening tag, where it ends, its entries, and how many of them were there before."""

    start: int
    head: bytes
    end: int
    entries: list[bytes]
    known: int

    def number(self, entry: bytes) -> int:
        """The entry's place; a new one is appended."""
        if entry not in self.entries:
            self.entries.append(entry)
        return self.entries.index(entry)


class FormatBook:
    """The formats of a workbook, asked for by how a cell is to look."""

    def __init__(self, raw: bytes, part: str) -> None:
        self._text, self._codec = decoded(raw)
        self._blank = masked(self._text)
        self._prefix = prefix_of(self._blank, part)
        found = {name: self._read(name) for name in _LISTS}
        if not any(found.values()):
            self._begin()
            found = {name: self._read(name) for name in _LISTS}
        if found[b"cellXfs"] is None or not found[b"cellXfs"].entries:
            raise EditRefused("The workbook has no list of cell formats.", "Open it in Excel and save it again.")
        after = found[b"cellXfs"].start
        self._lists: dict[bytes, _List] = {}
        for name in reversed(_LISTS):
            self._lists[name] = found[name] or _List(after, b"", after, [], 0)
            after = self._lists[name].start
        self._numbers: dict[tuple[CellFormat, str], int] = {}

    def _begin(self) -> None:
        """Give a part without any list the lists that every workbook has."""
        root = next(tags(self._blank))
        lists = self._prefixed(NO_STYLES.decode().partition(">")[2].removesuffix("</styleSheet>")).encode()
        closed = b"</" + root.name + b">" if root.is_empty else b""
        opened = b"<" + root.name + root.attributes.rstrip(b"/") + b">"
        self._text = spliced(self._text, [Splice(root.start, root.end, opened + lists + closed)])
        self._blank = masked(self._text)

    def _prefixed(self, xml: str) -> str:
        return re.sub(r"<(/?)(?=\w)", rf"<\1{self._prefix.decode()}", xml)

    def style(self, look: CellFormat, kind: str) -> int:
        """The number of the format for a cell of that look whose value is of that date kind."""
        if look == CellFormat() and not kind:
            return 0
        if (look, kind) not in self._numbers:
            self._numbers[look, kind] = self._made(look, kind)
        return self._numbers[look, kind]

    def part(self) -> bytes | None:
        """The part with the appended formats; None where none was appended."""
        changed = [(name, one) for name, one in self._lists.items() if len(one.entries) > one.known]
        if not changed:
            return None
        splices: list[Splice] = []
        for name, one in reversed(changed):
            new = b"".join(one.entries[one.known :])
            count, full = str(len(one.entries)), self._prefix + name
            if one.head.endswith(b"/"):
                head = b"<" + with_attribute(one.head, b"count", count).rstrip(b"/ ") + b">"
                splices.append(Splice(one.start, one.end, head + new + b"</" + full + b">"))
            elif one.head:
                head = b"<" + with_attribute(one.head, b"count", count) + b">"
                opening = one.start + len(one.head) + 2
                splices += [Splice(one.start, opening, head), Splice(one.end, one.end, new)]
            else:
                whole = b"<" + full + b' count="' + count.encode() + b'">' + new + b"</" + full + b">"
                splices.append(Splice(one.start, one.start, whole))
        return encoded(spliced(self._text, splices), self._codec)

    def _made(self, look: CellFormat, kind: str) -> int:
        number = self._number_format(look.number) if look.number else _BUILT_IN[kind]
        font, fill = self._font(look), self._fill(look.fill)
        alignment = (f' horizontal="{look.align}"' if look.align else "") + (' wrapText="1"' if look.is_wrapped else "")
        applied = "".join(
            f' {name}="1"'
            for name, is_used in (
                ("applyNumberFormat", number),
                ("applyFont", font),
                ("applyFill", fill),
                ("applyAlignment", alignment),
            )
            if is_used
        )
        tag = f'xf numFmtId="{number}" fontId="{font}" fillId="{fill}" borderId="0" xfId="0"{applied}'
        body = f"<alignment{alignment}/>" if alignment else ""
        return self._entry(b"cellXfs", f"<{tag}>{body}</xf>" if body else f"<{tag}/>")

    def _entry(self, name: bytes, xml: str) -> int:
        return self._lists[name].number(self._prefixed(xml).encode())

    def _number_format(self, code: str) -> int:
        used = {_FIRST_OWN_NUMBER - 1}
        for entry in self._lists[b"numFmts"].entries:
            head = next(tags(entry)).attributes
            number = attribute(head, b"numFmtId") or ""
            if attribute(head, b"formatCode") == code and number.isdecimal():
                return int(number)
            used.add(int(number) if number.isdecimal() else 0)
        quoted = escaped(code).replace('"', "&quot;")
        self._entry(b"numFmts", f'<numFmt numFmtId="{max(used) + 1}" formatCode="{quoted}"/>')
        return max(used) + 1

    def _font(self, look: CellFormat) -> int:
        marks = ((look.is_bold, "b"), (look.is_italic, "i"), (look.is_underlined, "u"))
        new = "".join(f"<{name}/>" for is_on, name in marks if is_on)
        new += f'<sz val="{look.points:g}"/>' if look.points else ""
        new += f'<color rgb="FF{look.color.upper()}"/>' if look.color else ""
        if not new:
            return 0
        fonts = self._lists[b"fonts"]
        if not fonts.entries:
            self._entry(b"fonts", "<font/>")
        replaced = [b"sz"] * bool(look.points) + [b"color"] * bool(look.color) + [b"b", b"i", b"u"]
        rest = b""
        for tag in tags(fonts.entries[0]):
            name = tag.name.removeprefix(self._prefix)
            if tag.is_empty and name not in (*replaced, b"font"):
                rest += b"<" + name + tag.attributes + b">"
        return self._entry(b"fonts", f"<font>{new}{rest.decode('utf-8', 'replace')}</font>")

    def _fill(self, color: str) -> int:
        if not color:
            return 0
        if not self._lists[b"fills"].entries:
            for kind in ("none", "gray125"):
                self._entry(b"fills", f'<fill><patternFill patternType="{kind}"/></fill>')
        solid = (
            f'<patternFill patternType="solid"><fgColor rgb="FF{color.upper()}"/><bgColor indexed="64"/></patternFill>'
        )
        return self._entry(b"fills", f"<fill>{solid}</fill>")

    def _read(self, name: bytes) -> _List | None:
        both = list(tags(self._blank, names=[self._prefix + name]))
        if not both:
            return None
        opening = both[0]
        head = opening.name + opening.attributes
        if opening.is_empty:
            return _List(opening.start, head, opening.end, [], 0)
        if len(both) != 2 or not both[1].is_closing:
            raise EditRefused(f"The workbook lists its {name.decode()} twice.", "Save it in Excel again.")
        entries, depth, begin = [], 0, 0
        for tag in tags(self._blank, opening.end, both[1].start):
            begin = tag.start if depth == 0 else begin
            depth += -1 if tag.is_closing else not tag.is_empty
            if depth == 0:
                entries.append(self._text[begin : tag.end])
        return _List(opening.start, head, both[1].start, entries, len(entries))
