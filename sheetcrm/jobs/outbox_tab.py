"""Drafts in the tab Outbox: what a person said of each. People may edit subject and text; the state is ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sheetcrm.jobs.changes import change
from sheetcrm.plan import CellChange
from sheetcrm.table import Row, Snapshot, show_raw

NEEDED = ("approve", "subject", "mail_text", "key")
SENT = "sent"


class Drafts:
    """The drafts of a workbook by the keys of their mails."""

    def __init__(self, snapshot: Snapshot, job: str) -> None:
        table = snapshot.table("Outbox")
        self._is_ours = table is not None and all(name in table.columns for name in NEEDED)
        self._rows = {row.key: row for row in table or ()} if self._is_ours else {}
        self._before = snapshot.before
        self._job = job
        self.is_foreign = table is not None and not self._is_ours

    def find(self, key: str) -> Row | None:
        """The draft of a mail, None where there is none."""
        return self._rows.get(key)

    def was_deleted(self, key: str) -> bool:
        """Whether a person took the row of a draft out of the tab."""
        return key not in self._rows and key in self._before.get("Outbox", {})

    def told(self, key: str, state: str, *, after: str = "") -> Iterator[CellChange]:
        """The change that tells beside a draft what became of it, where it does not say so already."""
        row = self._rows.get(key)
        if row is not None and row.table.is_writable(row.i, "state") and row.text("state") != state:
            yield change(row.table, row.i, "state", state, why=f"the mail {key}", job=self._job, after=after)


def said_in(row: Row) -> Mapping[str, object]:
    """Subject and lines of a draft as they stand in the tab, for the template `approved`."""
    typed = {name: show_raw(row.table.typed(name)[row.i]) for name in ("subject", "mail_text")}
    return {"subject": typed["subject"], "lines": typed["mail_text"].splitlines()}
