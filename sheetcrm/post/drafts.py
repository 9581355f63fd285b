"""Mails that a person has to agree to first: rows of the tab Outbox, which is made where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from sheetcrm.plan import Message, Plan, RowAppend, Skip, TabReplace
from sheetcrm.tab import CellFormat, DropDown, Rectangle, Styled, TabContent
from sheetcrm.table import Raw, Table

TAB = "Outbox"
WAITS = "waits for your yes"
LONGEST_TEXT = 32_000
"""Characters that a cell takes, with some to spare."""

HEADERS: Mapping[str, str] = {
    "approve": "Send",
    "to": "To",
    "who": "Who",
    "subject": "Subject",
    "mail_text": "Text",
    "sequence": "Follow-up",
    "drafted": "Drafted",
    "state": "State",
    "key": "Mail ID",
}
_WIDTHS = {
    "approve": 8,
    "to": 28,
    "who": 24,
    "subject": 36,
    "mail_text": 70,
    "sequence": 22,
    "drafted": 12,
    "state": 30,
    "key": 30,
}
_HEADER = CellFormat(is_bold=True, fill="E8EEF7")
_WRAPPED = CellFormat(is_wrapped=True)
_DAY = CellFormat(number="yyyy-mm-dd")
_LIST_ROWS = 1000
"""Rows below the header that offer yes and no."""


def with_drafts(plan: Plan, table: Table | None, today: date) -> Plan:
    """The plan with its drafts as new rows of the tab Outbox, or as the tab where there is none, instead of mails."""
    drafts = [one for one in plan.messages if one.is_draft]
    if not drafts:
        return plan
    messages = tuple(one for one in plan.messages if not one.is_draft)
    long = [one for one in drafts if one.mail and len(one.mail.text) > LONGEST_TEXT]
    rows = [(one, _values(one, today)) for one in drafts if one not in long]
    skips = tuple(Skip(f"draft to {one.to}", f"a cell takes no more than {LONGEST_TEXT:,} characters") for one in long)
    plan = replace(plan, messages=messages, skipped=plan.skipped + skips)
    if table is None and rows:
        why = f"{len(rows)} drafts wait for a yes"
        return replace(
            plan, tabs=(*plan.tabs, TabReplace(TAB, _content([line for _, line in rows]), why, rows[0][0].job))
        )
    appends = tuple(
        RowAppend(TAB, table.tab, one.key, line, one.why, one.job) for one, line in rows if table is not None
    )
    return replace(plan, appends=plan.appends + appends)


def _values(one: Message, today: date) -> dict[str, Raw]:
    mail = one.mail
    if mail is None:
        raise ValueError(f"the draft {one.key!r} was not rendered")
    who = one.context.get("lead", {}).get("company") or one.context.get("lead", {}).get("name") or one.to
    name = f"{one.context.get('sequence', '')}, {one.context.get('step', '')} of {one.context.get('steps', '')}"
    return {
        "to": one.to,
        "who": who,
        "subject": mail.subject,
        "mail_text": mail.text.rstrip("\n"),
        "sequence": name,
        "drafted": today,
        "state": WAITS,
        "key": one.key,
    }


def _content(lines: Sequence[Mapping[str, Raw]]) -> TabContent:
    """The tab with its header and first drafts."""
    looks = {"mail_text": _WRAPPED, "drafted": _DAY}
    head = tuple(Styled(title, _HEADER) for title in HEADERS.values())
    rows = [
        tuple(Styled(line.get(name), looks[name]) if name in looks else line.get(name) for name in HEADERS)
        for line in lines
    ]
    at = list(HEADERS).index("approve")
    choice = DropDown(
        Rectangle(1, at, _LIST_ROWS, at),
        ("yes", "no"),
        "yes sends the mail as it stands here, no never",
        is_strict=False,
    )
    return TabContent(
        rows=(head, *rows),
        widths={i: float(_WIDTHS[name]) for i, name in enumerate(HEADERS)},
        frozen_rows=1,
        dropdowns=(choice,),
        column_formats={i: looks[name] for i, name in enumerate(HEADERS) if name in looks},
    )
