"""Excel asked to calculate afresh on opening: stored results of formulas may be stale after an edit."""

from __future__ import annotations

import re

from sheetcrm.errors import EditRefused
from sheetcrm.xlsx.markup import Splice, attribute, decoded, encoded, masked, prefix_of, spliced, tags, with_attribute
from sheetcrm.xlsx.outline import Outline
from sheetcrm.xlsx.parts import Parts

_SMALL = 16 << 20
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f(?=[\s/>])")


def has_formulas(parts: Parts, outline: Outline) -> bool:
    """Whether any sheet of the workbook holds a formula, or may hold one.

    Other sheets than the edited ones are looked at only while they are small beside them: an edit costs what its own
    tab costs, and to ask for a calculation in vain does no harm.
    """
    if outline.has_chain:
        return True
    sheets = [sheet.part for sheet in outline.sheets if sheet.part in parts]
    edited = [part for part in sheets if part in parts.new]
    if any(_holds_formula(decoded(parts.read(part))[0]) for part in edited):
        return True
    others = [part for part in sheets if part not in parts.new]
    if sum(map(parts.size, others)) > _SMALL + sum(map(parts.size, edited)):
        return True
    return any(_holds_formula(decoded(parts.read(part))[0]) for part in others)


def calculated_on_load(raw: bytes, part: str) -> bytes | None:
    """The workbook part with `fullCalcOnLoad` set; None where it is set already. Nothing else of it changes."""
    text, codec = decoded(raw)
    blank = masked(text)
    prefix = prefix_of(blank, part)
    tag = next(tags(blank, names=[prefix + b"calcPr"]), None)
    if tag is None:
        at = _place_of_new(blank, prefix)
        return encoded(spliced(text, [Splice(at, at, b"<" + prefix + b'calcPr fullCalcOnLoad="1"/>')]), codec)
    if attribute(tag.attributes, b"fullCalcOnLoad") in ("1", "true"):
        return None
    attributes = with_attribute(tag.attributes, b"fullCalcOnLoad", "1")
    return encoded(spliced(text, [Splice(tag.start, tag.end, b"<" + tag.name + attributes + b">")]), codec)


def _holds_formula(text: bytes) -> bool:
    # The plain search is many times faster than the expression, and most large sheets hold no formula.
    is_likely = text.find(b"<f") >= 0 or text.find(b":f") >= 0
    return is_likely and _FORMULA.search(text) is not None


def _place_of_new(blank: bytes, prefix: bytes) -> int:
    before = [prefix + name for name in (b"sheets", b"functionGroups", b"externalReferences", b"definedNames")]
    ends = [tag.end for tag in tags(blank, names=before) if tag.is_closing or tag.is_empty]
    if not ends:
        raise EditRefused("The workbook lists no sheets.", "Open it in Excel and save it again.")
    return max(ends)
