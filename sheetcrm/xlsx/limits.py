"""How large a workbook may be before it is taken for hostile."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps on what one workbook may ask of this machine; more than a cap is an error, never a silent cut.

    A megabyte of zip can unfold to a gigabyte, and a single cell at XFD1048576 to 17 billion empty ones. Within the
    defaults no workbook takes more than half a gigabyte of memory.
    """

    file_bytes: int = 256 << 20
    part_bytes: int = 200 << 20
    """One part, unpacked."""
    small_part_bytes: int = 16 << 20
    """A part that is read into a tree: workbook, relations, tables."""
    members: int = 20_000
    cells: int = 4_000_000
    """The rectangle of one tab from its first to its last filled cell, blank cells included; so many texts as well."""
    formulas: int = 600_000
    """Formulas of one tab."""
    merges: int = 100_000
    """Merged ranges of one tab."""
    text_bytes: int = 128 << 20
    """All text of one tab, each use of a shared string counted."""
