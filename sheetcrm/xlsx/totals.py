"""A totals row that goes down to make room: its cells moved, and every formula that names them taken along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sheetcrm.errors import EditRefused
from sheetcrm.tab import Rectangle
from sheetcrm.table import cell_name
from sheetcrm.xlsx.extents import Growth
from sheetcrm.xlsx.markup import Splice, Tag, attribute, decoded, encoded, escaped, masked, spliced, tags, unescaped
from sheetcrm.xlsx.outline import Outline
from sheetcrm.xlsx.parts import Parts
from sheetcrm.xlsx.places import place, rectangle
from sheetcrm.xlsx.references import Reference, parts_of, with_areas
from sheetcrm.xlsx.sheet import Cell, SheetText
from sheetcrm.xlsx.splicing import CellEdit
from sheetcrm.xlsx.values import Written

_MOVED_IN = (b"f", b"formula", b"formula1", b"formula2", b"definedName")


def moved_totals(
    sheet: SheetText, tab: str, growth: Growth, styles: Mapping[int, int]
) -> dict[int, dict[int, CellEdit]]:
    """The edits that move the totals cells down; the cells they leave take the data's `styles`, by column.

    EditRefused where a link or a merged cell on the totals row would be left behind.
    """
    totals = growth.totals if growth.totals is not None else -1
    _check_alone(sheet, growth, totals)
    row = sheet.row(totals)
    old: dict[int, CellEdit] = {}
    new: dict[int, CellEdit] = {}
    formulas = sheet.formulas_of(totals)
    for cell in sheet.cells(row) if row else []:
        if not growth.left <= cell.column <= growth.right:
            continue
        style = attribute(cell.attributes, b"s") or "0"
        if cell.column in formulas:
            held = _held(sheet, cell, _with_own(formulas[cell.column](totals), tab, growth))
        elif sheet.holds_formula(cell):
            raise EditRefused(f"The totals in {cell_name(totals, cell.column)} are an array.", "Append in Excel.")
        else:
            held = _held(sheet, cell)
        new[cell.column] = CellEdit(None, int(style) if style.isdecimal() else 0, held=held, is_restyled=True)
        old[cell.column] = CellEdit(None, styles.get(cell.column, 0), over_formula=True, is_restyled=True)
    return {totals: old, totals + growth.moved_by: new}


def _held(sheet: SheetText, cell: Cell, formula: str = "") -> Written:
    """What the cell holds, its formula given anew; the stored result stays until a spreadsheet program calculates."""
    begin, new, prefix = cell.body, "", sheet.prefix.decode()
    if formula:
        tag = next(tags(sheet.blank, cell.body, cell.body_end, [sheet.prefix + b"f"]))
        begin = tag.end if tag.is_empty else sheet.blank.index(b">", sheet.blank.index(b"</", tag.end)) + 1
        new = f"<{prefix}f>{escaped(formula)}</{prefix}f>"
    rest = sheet.text[begin : cell.body_end].decode("utf-8", "surrogateescape")
    return Written(attribute(cell.attributes, b"t") or "", new + rest)


def _with_own(formula: str, tab: str, growth: Growth) -> str:
    """A totals formula, its ranges over the data going on with it."""
    return with_areas(formula, lambda one: growth.reached(one.area) if _is_on(one, tab, home=tab) else one.area)


def _is_on(reference: Reference, tab: str, *, home: str) -> bool:
    """Whether a formula on the tab `home` refers to cells of `tab`."""
    return (reference.sheet or home).lower() == tab.lower()


def _check_alone(sheet: SheetText, growth: Growth, totals: int) -> None:
    for tag in tags(sheet.blank, sheet.end):
        name = tag.name.rpartition(b":")[2]
        if name in (b"mergeCell", b"hyperlink") and (area := rectangle(attribute(tag.attributes, b"ref") or "")):
            overlaps = area.left <= growth.right and area.right >= growth.left
            if area.holds_row(totals) and overlaps:
                what = "link" if name == b"hyperlink" else "merged cell"
                raise EditRefused(f"The {what} {area} on the totals row cannot move down.", "Append in Excel.")


def own_moves(sheet: SheetText, tab: str, growth: Growth) -> Iterator[Splice]:
    """The splices by which the tab's own formulas, those on the totals row left out, follow the totals."""
    for tag in _formulas(sheet.blank):
        if sheet.begin <= tag.start < sheet.end:
            where = _home(sheet, tag)
            if where is not None and where[0] == growth.totals and growth.left <= where[1] <= growth.right:
                continue
        if (one := _moved(sheet.text, sheet.blank, tag, tab, tab, growth)) is not None:
            yield one


def move_elsewhere(parts: Parts, outline: Outline, tab: str, growth: Growth) -> None:
    """Formulas on other tabs, names and charts follow the totals."""
    homes = {sheet.part: sheet.tab for sheet in outline.sheets if sheet.tab != tab}
    charts = [name for name in parts if "chart" in name.lower() and name.lower().endswith(".xml")]
    for part in [*homes, outline.part, *charts]:
        if part not in parts:
            continue
        text, codec = decoded(parts.read(part))
        blank = masked(text)
        found = (_moved(text, blank, tag, tab, homes.get(part, ""), growth) for tag in _formulas(blank))
        if splices := [one for one in found if one is not None]:
            parts.put(part, encoded(spliced(text, splices), codec))


def _formulas(blank: bytes) -> Iterator[Tag]:
    return (
        tag
        for tag in tags(blank)
        if not tag.is_closing and not tag.is_empty and tag.name.rpartition(b":")[2] in _MOVED_IN
    )


def _moved(text: bytes, blank: bytes, tag: Tag, tab: str, home: str, growth: Growth) -> Splice | None:
    end = blank.find(b"<", tag.end)
    formula = unescaped(text[tag.end : end].decode("utf-8", "replace"))
    if attribute(tag.attributes, b"t") == "shared":
        _check_shared(formula, attribute(tag.attributes, b"ref"), tab, home, growth)
        return None
    new = with_areas(formula, lambda one: growth.moved(one.area) if _is_on(one, tab, home=home) else one.area)
    return Splice(tag.end, end, escaped(new).encode()) if new != formula else None


def _check_shared(formula: str, ref: str | None, tab: str, home: str, growth: Growth) -> None:
    """Nothing; EditRefused where one of the cells that share the formula may name the totals."""
    corners = rectangle(ref or "") or Rectangle(0, 0, 0, 0)
    for one in parts_of(formula):
        if isinstance(one, Reference) and _is_on(one, tab, home=home):
            height, width = corners.bottom - corners.top, corners.right - corners.left
            area = one.area._replace(bottom=one.area.bottom + height, right=one.area.right + width)
            if area.holds_row(growth.totals or 0) and area.left <= growth.right and area.right >= growth.left:
                raise EditRefused(f"Formulas in {ref} may name the totals, which would move.", "Append in Excel.")


def _home(sheet: SheetText, tag: Tag) -> tuple[int, int] | None:
    opening = b"<" + sheet.prefix + b"c"
    start = sheet.blank.rfind(opening, sheet.begin, tag.start)
    return place(attribute(sheet.blank[start + len(opening) : sheet.blank.index(b">", start)], b"r") or "")
