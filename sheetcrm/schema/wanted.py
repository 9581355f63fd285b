"""Columns that jobs would like to find: what goes without where a tab lacks one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sheetcrm.table import Issue, Table, cell_name

WANTED = {
    "Leads": {
        "key": ("Lead ID", "its rows are found again by their whole content only"),
        "owner": ("Owner", "leads are not assigned, and nobody is reminded"),
        "status": ("Status", "every lead counts as open"),
        "next_due": ("Next Step Due", "overdue steps cannot be seen"),
        "duplicate_of": ("Duplicate Of", "sure duplicates are listed, not marked"),
        "last_reminder": ("Last Reminder", "reminders leave no trace in the sheet"),
    },
    "Team": {"email": ("E-mail", "nobody can be mailed")},
}


def missing_columns(tables: Mapping[str, Table]) -> Iterator[Issue]:
    """A note for each wanted column that a tab lacks, at its header row. Nobody's tab gets a column unasked."""
    for name, wanted in WANTED.items():
        table = tables.get(name)
        if table is None:
            continue
        for field, (header, harm) in wanted.items():
            if field not in table.columns:
                cell = cell_name(table.header_row, max((one.index for one in table.columns.values()), default=-1) + 1)
                message = f"There is no column {header}: {harm}"
                remedy = f"Type {header} as a header, here say, if you want it"
                yield Issue("column_missing", table.tab, cell, "", message, remedy, "note", "", field)
