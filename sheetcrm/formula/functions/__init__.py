"""All functions, registered in this order by the import of their files."""

from __future__ import annotations

from sheetcrm.formula.functions import (
    aggregates,
    arrays,
    conditional,
    counts,
    dates,
    distributions,
    engineering,
    finance,
    formats,
    information,
    logical,
    lookup,
    mathematics,
    rounding,
    significance,
    statistics,
    subtotals,
    text,
    text_parts,
    workdays,
)

GROUPS = {
    "logical": logical,
    "conditional": conditional,
    "lookup": lookup,
    "dates": dates,
    "workdays": workdays,
    "text": text,
    "text_parts": text_parts,
    "formats": formats,
    "information": information,
    "aggregates": aggregates,
    "subtotals": subtotals,
    "rounding": rounding,
    "mathematics": mathematics,
    "statistics": statistics,
    "distributions": distributions,
    "counts": counts,
    "significance": significance,
    "finance": finance,
    "engineering": engineering,
    "arrays": arrays,
}
"""The files by name, in the order in which people look for functions."""
