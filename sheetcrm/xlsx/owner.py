"""Who has a workbook open: Excel's and LibreOffice's owner files, and files that may not be written."""

from __future__ import annotations

import stat
from pathlib import Path

from sheetcrm.errors import EditRefused, WorkbookBusy


def who_has_it_open(path: Path) -> str | None:
    """The name in the owner file that Excel or LibreOffice lays beside an open workbook; None where there is none.

    "somebody" where the owner file tells no name. A crashed Excel may leave such a file behind.
    """
    found = _owner_file(path)
    if found is None:
        return None
    start = _start(path.with_name(found))
    name = _excel_name(start) if found.startswith("~$") else start.decode("utf-8", "replace").split(",")[0].strip()
    return name or "somebody"


def check_not_open(path: Path) -> None:
    """Nothing; WorkbookBusy where somebody has the workbook open, EditRefused where it may only be read."""
    owner = who_has_it_open(path)
    if owner is not None:
        raise WorkbookBusy(
            f"{path.name} is open: {owner} has it.",
            f"Close it and try again. If nobody has it open, delete the file {_owner_file(path)} beside it.",
        )
    if path.exists() and not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise EditRefused(f"{path.name} is read-only.", "Allow writing to the file, or save under another name.")


def _owner_file(path: Path) -> str | None:
    names = (f"~${path.name}", f".~lock.{path.name}#")
    return next((name for name in names if path.with_name(name).exists()), None)


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(512)
    except OSError:  # Windows keeps the owner file locked for others: that it exists is the answer.
        return b""


def _excel_name(owner: bytes) -> str:
    """The user's name: at 55 in UTF-16 with its length before it, in old files only in one byte a letter."""
    if len(owner) > 57:
        length = min(int.from_bytes(owner[55:57], "little"), 54)
        name = owner[57 : 57 + 2 * length].decode("utf-16-le", "replace").strip("\0 ")
        if name:
            return name
    return owner[1 : 1 + min(owner[0], 54)].decode("cp1252", "replace").strip("\0 ") if owner else ""
