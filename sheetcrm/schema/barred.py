"""Rows that a person marked as not to be contacted, however unclearly."""

from __future__ import annotations

from collections.abc import Iterable

from sheetcrm.table import Invalid, Table


def is_not_to_contact(table: Table, i: int) -> bool:
    """Whether a row says *Do not contact*; what cannot be read counts as yes."""
    marks = table.values.get("do_not_contact")
    return marks is not None and (marks[i] is True or isinstance(marks[i], Invalid))


def barred_addresses(tables: Iterable[Table]) -> frozenset[str]:
    """The e-mail addresses, in lower case, of all rows that say so."""
    return frozenset(
        str(address).casefold()
        for table in tables
        for i, address in enumerate(table.values.get("email", ()))
        if isinstance(address, str) and is_not_to_contact(table, i)
    )
