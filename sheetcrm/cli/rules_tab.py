"""The Rules tab as it is put into a workbook: headers with help above them, drop-downs, examples in its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from sheetcrm.connectors import TabWrite, Workbook
from sheetcrm.errors import EditRefused
from sheetcrm.rules.triplets import column_text
from sheetcrm.tab import CellFormat, DropDown, Rectangle, Styled, TabContent, TabTable
from sheetcrm.table import Raw, Snapshot

_ROWS = 300
_TITLE = CellFormat(is_bold=True, points=14)
_HELP = CellFormat(is_italic=True, color="595959", is_wrapped=True, points=9)
_HINT = CellFormat(is_italic=True, color="595959", points=9)
_HEADER = CellFormat(is_bold=True, is_wrapped=True)
_TEXT = CellFormat("@", is_wrapped=True)
_RELATIONS = (
    "is,is not,at least,at most,more than,less than,before,after,contains,does not contain,starts with,is blank,"
    "is not blank,days ago or more,in the last days,in the next days"
)


class _Column(NamedTuple):
    """A column of the tab: its header, width and line of help, and the choices of its cells."""

    header: str
    width: float
    help: str = ""
    choices: str = ""
    is_strict: bool = False


_OURS = "Written by sheetcrm"
COLUMNS: Mapping[str, _Column] = {
    "on": _Column("On", 6, "yes switches the rule on", "yes,no", is_strict=True),
    "rule": _Column("Rule", 26, "A name of its own"),
    "group": _Column("Group", 10, "Rules that belong together"),
    "table": _Column("Table", 11, "Whose rows: Leads without a word", "Leads,Accounts,Activities"),
    "when": _Column(
        "When", 18, "new, changed, Status changes to Won, daily; blank: every run", "new,changed,daily,every run"
    ),
    "column_1": _Column("Column", 14, "Instead of a formula: a column ..."),
    "is_1": _Column("Is", 12, "... a relation ...", _RELATIONS, is_strict=True),
    "value_1": _Column("Value", 12, "... and a value; DE, AT means any of them"),
    "column_2": _Column("Column 2", 14, "And a second one"),
    "is_2": _Column("Is 2", 12, "", _RELATIONS, is_strict=True),
    "value_2": _Column("Value 2", 12),
    "condition": _Column(
        "Condition", 52, 'An Excel formula with names of columns in brackets: AND([Amount]>=1000, [Owner]="")'
    ),
    "then": _Column(
        "Then", 13, "What to do", "assign,reassign,remind,notify,set,add activity,flag,escalate,decide", is_strict=True
    ),
    "to": _Column(
        "To",
        20,
        "Whom (owner, manager, a name, least loaded, round robin: Ann, Ben), or the column to set",
        "owner,manager,least loaded,round robin,territory,account owner",
    ),
    "new_value": _Column("New value", 24, "What to write or to say: a text, or a formula after ="),
    "template": _Column("Template", 12, "A template of your own for its mail"),
    "again": _Column(
        "Again",
        20,
        "How often for one row; blank: as suits the action",
        "once,each time it starts matching,every 14 days",
    ),
    "stop": _Column("Stop", 8, "first: in a group the first rule that matches wins", "first,all", is_strict=True),
    "limit": _Column("Limit per run", 9, "So many rows a run at most"),
    "status": _Column("Status", 26, _OURS),
    "matches_now": _Column("Matches now", 10, _OURS),
    "last_run": _Column("Last run", 12, _OURS),
    "why": _Column("Why", 40, _OURS),
    "key": _Column("Rule ID", 9, f"{_OURS}; never changes"),
}
_AS_TEXT = ("value_1", "value_2", "condition", "new_value")


def put_rules_tab(workbook: Workbook, snapshot: Snapshot, backup: Path) -> str:
    """The name of the tab that was put into the workbook as read: Rules, or a CSV file of that name in a folder."""
    content = rules_tab(snapshot)
    if workbook.path.is_dir():
        _write_csv(workbook.path / "Rules.csv", content)
        return "Rules"
    if refused := workbook.write((), (), backup, [TabWrite("Rules", content)]):
        raise EditRefused(refused[0].why, "Give that tab another name first.")
    return "Rules"


def rules_tab(snapshot: Snapshot) -> TabContent:
    """The tab's content, its examples in the words of this workbook."""
    fields = list(COLUMNS)
    examples = [[one.get(name) for name in fields] for one in _examples(snapshot)]
    hint = Styled("Write yours below the examples. A rule acts once it was shown in a plan.", _HINT)
    head: list[Sequence[Raw | Styled]] = [
        [Styled("Rules", _TITLE), hint],
        [Styled(one.help, _HELP) for one in COLUMNS.values()],
        [Styled(one.header, _HEADER) for one in COLUMNS.values()],
    ]
    lines = [
        [Styled(one, _TEXT) if name in _AS_TEXT else one for name, one in zip(fields, line, strict=True)]
        for line in examples
    ]
    lists = tuple(
        DropDown(Rectangle(3, at, _ROWS, at), tuple(one.choices.split(",")), is_strict=one.is_strict)
        for at, one in enumerate(COLUMNS.values())
        if one.choices
    )
    return TabContent(
        tuple(tuple(row) for row in (*head, *lines)),
        widths={at: one.width for at, one in enumerate(COLUMNS.values())},
        heights={0: 22, 1: 62, 2: 30},
        frozen_rows=3,
        tables=(TabTable("tblRules", Rectangle(2, 0, 2 + len(lines), len(fields) - 1)),),
        dropdowns=lists,
        column_formats={fields.index(name): _TEXT for name in _AS_TEXT},
    )


def _examples(snapshot: Snapshot) -> Sequence[Mapping[str, str]]:
    """Seven rules, switched off, whose conditions name the columns of this workbook's Leads."""
    name = _Names(snapshot)
    status, due, amount, last = (name.column(field) for field in ("status", "next_due", "amount", "last_contact"))
    stages = [*snapshot.open_stages, "Contacted"]
    contacted = stages[min(1, len(stages) - 1)]
    won, lost = (*snapshot.won_stages, "Won")[0], (*snapshot.lost_stages, "Lost")[0]
    off = {"on": "no"}
    return (
        {**off, "rule": "Large leads to whom has time", "condition": f'AND({name.column("owner")}="",{amount}>=5000)',
         "then": "assign", "to": "least loaded"},
        {**off, "rule": "Germany and Austria", "column_1": name.header("country"), "is_1": "is", "value_1": "DE, AT",
         "then": "assign", "to": "territory"},
        {**off, "rule": "Gone quiet",
         "condition": f'AND({status}="{contacted}",{last}<>"",{last}<TODAY()-14,{amount}>=1000)',
         "then": "remind", "to": "owner", "new_value": "Nobody spoke to them for two weeks"},
        {**off, "rule": "Won!", "when": f"{name.header('status')} changes to {won}", "then": "notify", "to": "manager"},
        {**off, "rule": "First call within two days", "when": "new", "condition": f'{due}=""',
         "then": "set", "to": name.header("next_due"), "new_value": "=WORKDAY(TODAY(),2)"},
        {**off, "rule": "Note what was lost", "when": f"{name.header('status')} changes to {lost}",
         "then": "add activity", "to": "Note", "new_value": "Lost: ask why"},
        {**off, "rule": "Overdue for two weeks", "condition": f'AND({due}<>"",{due}<TODAY()-14)',
         "then": "escalate", "to": "manager", "limit": "20"},
    )  # fmt: skip


class _Names:
    """The headers of this workbook's Leads, and usual ones for columns that it lacks."""

    _USUAL: ClassVar = {
        "status": "Status", "next_due": "Next Step Due", "amount": "Amount", "last_contact": "Last Contact",
        "owner": "Owner", "country": "Country",
    }  # fmt: skip

    def __init__(self, snapshot: Snapshot) -> None:
        leads = snapshot.tables.get("Leads")
        self._columns = leads.columns if leads is not None else {}

    def header(self, field: str) -> str:
        """The column's header."""
        return self._columns[field].header if field in self._columns else self._USUAL[field]

    def column(self, field: str) -> str:
        """The column as formulas name it."""
        return column_text(self.header(field))


def _write_csv(path: Path, content: TabContent) -> None:
    """The header and the examples as a CSV file: there are no formats, help or lists to carry."""
    import csv

    rows = [[one.value if isinstance(one, Styled) else one for one in row] for row in content.rows[2:]]
    with path.open("x", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
