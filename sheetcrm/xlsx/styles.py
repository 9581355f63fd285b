"""Cell formats: which of them show dates, and date formats appended for cells that lack one. Nothing is renumbered."""

from __future__ import annotations

import re
from functools import cached_property

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
    unescaped,
    with_attribute,
)

_BUILT_IN = {"date": 14, "datetime": 22, "time": 21, "duration": 46}
_DATE_IDS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
# ECMA-376, 18.8.30: the formats that files name by number only.
_CODES = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "mm-dd-yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "m/d/yy h:mm", 37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)", 39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;[Red](#,##0.00)", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)


def is_date_format(code: str) -> bool:
    """Whether a number format shows dates or times: y, m, d, h or s outside quotes and brackets."""
    plain = _LITERAL.sub("", code.split(";", maxsplit=1)[0])
    return "general" not in plain.lower() and re.search("[ymdhs]", plain, re.IGNORECASE) is not None


def _kind_of(code: str) -> str:
    plain = _LITERAL.sub("", code.split(";", maxsplit=1)[0]).lower()
    if "[" in plain:
        return "duration"
    has_day, has_hour = bool(re.search("[yd]", plain)), "h" in plain
    return {(True, True): "datetime", (True, False): "date", (False, True): "time"}.get((has_day, has_hour), "")


class StyleBook:
    """The cell formats of a workbook. Asked for a date format, it reuses one or appends one."""

    def __init__(self, raw: bytes, part: str) -> None:
        self._text, self._codec = decoded(raw)
        blank = masked(self._text)
        self._prefix = prefix_of(blank, part)
        self._formats = self._read_formats(blank)
        self._list, self._end, self._xfs = self._read_xfs(blank)
        self._known = len(self._xfs)
        self._dates: dict[tuple[int, str], int] = {}

    @property
    def is_changed(self) -> bool:
        """Whether formats were appended."""
        return len(self._xfs) > self._known

    def for_value(self, style: int, kind: str) -> int:
        """The format for a cell of format `style` that gets a value of that date kind; itself if it shows dates."""
        if not kind or self.is_date(style):
            return style
        if (style, kind) not in self._dates:
            self._dates[style, kind] = self._with_date(style, kind)
        return self._dates[style, kind]

    def is_date(self, style: int) -> bool:
        """Whether a cell of that format shows its number as date or time."""
        if not 0 <= style < len(self._xfs):
            return False
        number = self._format_id(style)
        return is_date_format(self._formats[number]) if number in self._formats else number in _DATE_IDS

    def number_format(self, style: int) -> str:
        """The number format of that style, the built-in ones in Excel's English form; empty for General."""
        if not 0 <= style < len(self._xfs):
            return ""
        number = self._format_id(style)
        return self._formats.get(number, _CODES.get(number, ""))

    def is_locked(self, style: int) -> bool:
        """Whether the format locks its cells; the sheet's protection makes it count."""
        return not (0 <= style < len(self._xfs)) or style not in self._unlocked

    @property
    def unlocks_any(self) -> bool:
        """Whether any format leaves its cells open."""
        return bool(self._unlocked)

    @cached_property
    def _unlocked(self) -> frozenset[int]:
        name = self._prefix + b"protection"
        marks = [[attribute(tag.attributes, b"locked") for tag in tags(xf, names=[name])] for xf in self._xfs]
        return frozenset(i for i, found in enumerate(marks) if "0" in found or "false" in found)

    def part(self) -> bytes:
        """The part with the appended formats; all that stood in it is as it was."""
        new = b"".join(self._xfs[self._known :])
        count = Splice(
            self._list.start,
            self._list.end,
            b"<" + self._list.name + with_attribute(self._list.attributes, b"count", str(len(self._xfs))) + b">",
        )
        return encoded(spliced(self._text, [count, Splice(self._end, self._end, new)]), self._codec)

    def _with_date(self, style: int, kind: str) -> int:
        base = self._xfs[style] if style < len(self._xfs) else self._xfs[0]
        tag = next(tags(base))
        attributes = with_attribute(tag.attributes, b"numFmtId", str(self._date_id(kind)))
        attributes = with_attribute(attributes, b"applyNumberFormat", "1")
        new = b"<" + tag.name + attributes + b">" + base[tag.end :]
        if new not in self._xfs:
            self._xfs.append(new)
        return self._xfs.index(new)

    def _date_id(self, kind: str) -> int:
        """The number format the workbook's own cells use for that kind; else Excel's built-in one."""
        for style in range(self._known):
            number = self._format_id(style)
            if number in self._formats and is_date_format(self._formats[number]):
                if _kind_of(self._formats[number]) == kind:
                    return number
            elif number == _BUILT_IN[kind]:
                return number
        return _BUILT_IN[kind]

    def _format_id(self, style: int) -> int:
        tag = next(tags(self._xfs[style]))
        number = attribute(tag.attributes, b"numFmtId") or "0"
        return int(number) if number.isdecimal() else 0

    def _read_formats(self, blank: bytes) -> dict[int, str]:
        formats: dict[int, str] = {}
        for tag in tags(blank, names=[self._prefix + b"numFmt"]):
            number = attribute(tag.attributes, b"numFmtId") or ""
            if number.isdecimal():
                formats.setdefault(int(number), unescaped(attribute(tag.attributes, b"formatCode") or ""))
        return formats

    def _read_xfs(self, blank: bytes) -> tuple[Tag, int, list[bytes]]:
        lists = list(tags(blank, names=[self._prefix + b"cellXfs"]))
        if len(lists) != 2 or lists[0].is_closing or not lists[1].is_closing:
            raise EditRefused("The workbook has no list of cell formats.", "Open it in Excel and save it again.")
        found, begin = [], 0
        for tag in tags(blank, lists[0].end, lists[1].start, [self._prefix + b"xf"]):
            if not tag.is_closing:
                begin = tag.start
            if tag.is_closing or tag.is_empty:
                found.append(self._text[begin : tag.end])
        if not found:
            raise EditRefused("The workbook has no cell format.", "Open it in Excel and save it again.")
        return lists[0], lists[1].start, found
