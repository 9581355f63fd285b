"""What reaches as far as the data and goes on with it: tables, validations, conditional formats, references."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sheetcrm.tab import Rectangle
from sheetcrm.xlsx.markup import Splice, attribute, decoded, encoded, masked, spliced, tags, with_attribute
from sheetcrm.xlsx.places import rectangle
from sheetcrm.xlsx.sheet import SheetText


@dataclass(frozen=True, slots=True)
class Growth:
    """Columns of a tab whose data ended in the row `last` and ends in `bottom` now.

    Their totals row, where they have one, went down by `moved_by`.
    """

    left: int
    right: int
    last: int
    bottom: int
    totals: int | None = None
    moved_by: int = 0

    def moved(self, area: Rectangle) -> Rectangle:
        """The cells of a formula after the totals row went down, as after Excel's insertion of rows above it."""
        if self.totals is None or not self.moved_by or not self._holds(area):
            return area
        down = self.totals + self.moved_by
        if area.top == area.bottom == self.totals:
            return area._replace(top=down, bottom=down)
        return area._replace(bottom=down) if area.top < self.totals <= area.bottom < down else area

    def reached(self, area: Rectangle) -> Rectangle:
        """The cells of a name, a chart or a total: what ended with the data ends with it again."""
        moved = self.moved(area)
        if moved != area or area.top == area.bottom or not self._holds(area):
            return moved
        return self._with_data(area)

    def ruled(self, area: Rectangle) -> Rectangle:
        """The cells of a validation or a conditional format."""
        moved = self.moved(area)
        overlaps = area.left <= self.right and area.right >= self.left
        return moved if moved != area or not overlaps else self._with_data(area)

    def _with_data(self, area: Rectangle) -> Rectangle:
        if not area.top <= self.last <= area.bottom:
            return area
        if self.totals is not None and area.bottom < self.totals:
            return area._replace(bottom=max(self.bottom, area.bottom + self.moved_by))
        return area._replace(bottom=max(self.bottom, area.bottom))

    def _holds(self, area: Rectangle) -> bool:
        return self.left <= area.left and area.right <= self.right


def grown_table(raw: bytes, bottom: int, filtered: int) -> bytes:
    """The table's part with the table reaching down to `bottom` and its filter to `filtered`."""
    text, codec = decoded(raw)
    ends = {b"table": bottom, b"autoFilter": filtered}
    splices = []
    for tag in tags(masked(text)):
        corners = rectangle(attribute(tag.attributes, b"ref") or "")
        name = tag.name.rpartition(b":")[2]
        if corners and not tag.is_closing and name in ends:
            ref = str(corners._replace(bottom=ends[name]))
            new = b"<" + tag.name + with_attribute(tag.attributes, b"ref", ref) + b">"
            splices.append(Splice(tag.start, tag.end, new))
    return encoded(spliced(text, splices), codec)


def grown_rules(sheet: SheetText, ruled: Callable[[Rectangle], Rectangle]) -> Iterator[Splice]:
    """Splices by which the validations and conditional formats of a sheet have the areas that `ruled` gives."""
    rule = False
    for tag in tags(sheet.blank, sheet.end):
        prefix, _, name = tag.name.rpartition(b":")
        if name in (b"dataValidation", b"conditionalFormatting", b"sparkline"):
            rule = name != b"sparkline"
            old = attribute(tag.attributes, b"sqref")
            if rule and old and (new := _areas(old, ruled)) != old:
                xml = b"<" + tag.name + with_attribute(tag.attributes, b"sqref", new) + b">"
                yield Splice(tag.start, tag.end, xml)
        elif name == b"sqref" and prefix and rule and not tag.is_closing:
            end = sheet.blank.find(b"<", tag.end)
            old = sheet.text[tag.end : end].decode("utf-8", "replace")
            if (new := _areas(old, ruled)) != old:
                yield Splice(tag.end, end, new.encode())


def _areas(areas: str, ruled: Callable[[Rectangle], Rectangle]) -> str:
    """`C2:C50 E2:E50` with each range as `ruled` gives it."""
    new = []
    for area in areas.split():
        corners = rectangle(area)
        moved = ruled(corners) if corners else None
        new.append(area if moved is None or moved == corners else str(moved))
    return " ".join(new)
