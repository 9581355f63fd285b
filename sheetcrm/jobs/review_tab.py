"""The Duplicates tab: two lines a pair, one below the other, what differs in colour, and a place for the decision."""

from __future__ import annotations

from collections.abc import Sequence

from sheetcrm.jobs.decisions import DECISION, DIFFERENT, LATER, PAIR, SAME, SCORE, Decisions, pair_name
from sheetcrm.jobs.own_tabs import is_shown
from sheetcrm.jobs.suspects import Suspect
from sheetcrm.schema.fields import normal
from sheetcrm.tab import CellFormat, DropDown, Rectangle, Styled, TabContent
from sheetcrm.table import Grid, Raw, Row, show_raw

MOST = 200
"""Pairs that the tab asks about at once: nobody judges more in one sitting."""

FIELDS = (
    "company", "name", "email", "phone", "street", "postcode", "city", "country", "status", "owner", "amount",
    "created", "notes",
)  # fmt: skip
_HEADS = {
    "company": "Company", "name": "Contact", "email": "E-mail", "phone": "Phone", "street": "Street",
    "postcode": "Postcode", "city": "City", "country": "Country", "status": "Status", "owner": "Owner",
    "amount": "Amount", "created": "Created", "notes": "Notes",
}  # fmt: skip
_HEADER = CellFormat(is_bold=True, fill="D9E1F2")
_DIFFERS = CellFormat(fill="FFF2CC")
_ASKED = CellFormat(is_bold=True, fill="E2EFDA")
_FAINT = CellFormat(color="7F7F7F")
_SCORE = CellFormat("0%")
_WHY = CellFormat(is_wrapped=True)
_WIDTHS = {0: 18.0, 1: 12.0, 2: 7.0, 3: 48.0, 4: 10.0, 5: 9.0}
HELP = "Choose Same, Different or Later for each pair; the next run carries it out. Yellow cells differ."


def review_tab(asked: Sequence[Suspect], decisions: Decisions, there: Grid | None) -> TabContent | None:
    """The tab's content, the likeliest pairs first and those put off last; None where it is what stands there."""
    later = {pair_name(one.one, one.other): decisions.of(one.one, one.other) == LATER for one in asked}
    ranked = sorted(asked, key=lambda one: (later[pair_name(one.one, one.other)], -one.score))[:MOST]
    fields = [
        name for name in FIELDS if any(name in row.table.columns for one in asked for row in (one.one, one.other))
    ]
    heads = [PAIR, DECISION, SCORE, "Why", "Row", "Tab", *(_HEADS[name] for name in fields)]
    rows: list[list[Raw | Styled]] = [
        [Styled(HELP, CellFormat(is_italic=True, color="595959"))],
        [Styled(head, _HEADER) for head in heads],
    ]
    for one in ranked:
        is_later = later[pair_name(one.one, one.other)]
        rows += _lines(one, fields, LATER if is_later else None)
    if there is not None and is_shown(rows, there):
        return None
    choices = DropDown(Rectangle(2, 1, max(len(rows) - 1, 2), 1), (SAME, DIFFERENT, LATER), "Are these two the same?")
    widths = _WIDTHS | {6 + i: 22.0 for i in range(len(fields))}
    return TabContent(tuple(map(tuple, rows)), widths=widths, frozen_rows=2, dropdowns=(choices,))


def _lines(one: Suspect, fields: Sequence[str], decision: str | None) -> list[list[Raw | Styled]]:
    name = pair_name(one.one, one.other)
    score = Styled(round(one.score, 3), _SCORE) if one.score else None
    first: list[Raw | Styled] = [name, Styled(decision, _ASKED), score, Styled(one.why, _WHY)]
    second: list[Raw | Styled] = [Styled(name, _FAINT), None, None, None]
    lines = []
    for head, row, other in ((first, one.one, one.other), (second, one.other, one.one)):
        cells = [_cell(row, other, field) for field in fields]
        lines.append([*head, row.key or f"row {row.table.numbers[row.i] + 1}", row.table.tab, *cells])
    return lines


def _cell(row: Row, other: Row, field: str) -> Raw | Styled:
    value = _typed(row, field)
    is_other = normal(show_raw(value)) != normal(show_raw(_typed(other, field)))
    return Styled(value, _DIFFERS) if is_other else value


def _typed(row: Row, field: str) -> Raw:
    return row.table.typed(field)[row.i] if field in row.table.columns else None
