"""The tab Issues kept up: every cell that a person should look at, in the workbook itself, with the way out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sheetcrm.jobs.own_tabs import is_shown, tab_named, texts
from sheetcrm.plan import Plan, Skip, TabReplace
from sheetcrm.rules.settings import Rules
from sheetcrm.tab import CellFormat, Styled, TabContent
from sheetcrm.table import Issue, Raw, Snapshot

JOB = "issues"
TAB = "Issues"
MOST = 500
"""Issues that the tab lists: who has more begins with these."""

_HEADS = ("Kind", "Cell", "It says", "What is wrong", "What to do")
_KINDS = {
    "error": CellFormat(color="B91C1C"),
    "warning": CellFormat(color="B45309"),
    "note": CellFormat(color="64748B"),
}
_HEADER = CellFormat(is_bold=True, fill="D9E1F2")
_WRAPPED = CellFormat(is_wrapped=True)
_WIDTHS = {0: 10.0, 1: 18.0, 2: 24.0, 3: 52.0, 4: 60.0}
_LONGEST = 100

Line = list[Raw | Styled]


def plan(snapshot: Snapshot, rules: Rules) -> Plan:
    """The tab, where it is wanted or there, and has something else to say than it says."""
    grid = tab_named(snapshot, TAB)
    is_own = grid is not None and texts(grid, 1, len(_HEADS)) == list(_HEADS)
    if not is_own and not (rules.check.tab and snapshot.issues):
        return Plan()
    what = _counted(snapshot.issues)
    if grid is not None and not is_own:
        return Plan(skipped=(Skip(f"the tab {TAB} with {what}", "the workbook has another tab of that name"),))
    lines = _lines(snapshot.issues, snapshot.quality)
    if grid is not None and is_shown(lines, grid):
        return Plan()
    content = TabContent(tuple(map(tuple, lines)), widths=_WIDTHS, frozen_rows=2)
    return Plan(tabs=(TabReplace(grid.tab if grid is not None else TAB, content, what, JOB),))


def _counted(issues: Sequence[Issue]) -> str:
    counts = Counter(one.severity for one in issues)
    words = [f"{counts[kind]} {kind}{'' if counts[kind] == 1 else 's'}" for kind in _KINDS if counts[kind]]
    return ", ".join(words) or "no issues"


def _lines(issues: Sequence[Issue], quality: int) -> list[Line]:
    """The worst first, each tab's from above, with the data quality over them."""
    kinds = list(_KINDS)
    ranked = sorted(issues, key=lambda one: (kinds.index(one.severity), one.tab))[:MOST]
    more = f" The {len(ranked)} worst are listed." if len(ranked) < len(issues) else ""
    title = f"Data quality {quality} of 100: {_counted(issues)}.{more} Each run brings this tab up to date."
    return [
        [Styled(title, CellFormat(is_italic=True, color="595959"))],
        [Styled(head, _HEADER) for head in _HEADS],
        *(_line(one) for one in ranked),
    ]


def _line(one: Issue) -> Line:
    place: Raw | Styled = one.tab
    if one.cell:
        # Text, so that the link stands in a cell that can be clicked in any program.
        tab = one.tab.replace("'", "''")
        place = Styled(f"{one.tab}!{one.cell}", link=f"internal:'{tab}'!{one.cell}")
    return [
        Styled(one.severity, _KINDS[one.severity]),
        place,
        one.raw[:_LONGEST] or None,
        Styled(one.message, _WRAPPED),
        Styled(one.remedy, _WRAPPED),
    ]
