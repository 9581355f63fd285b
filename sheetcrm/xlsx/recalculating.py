"""A workbook calculated by LibreOffice, in a copy: it never saves the workbook itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from sheetcrm.errors import NotFound, SheetcrmError

_PLACES = {
    "darwin": ("/Applications/LibreOffice.app/Contents/MacOS/soffice",),
    "win32": (
        r"C:\Program Files\LibreOffice\program\soffice.exe",
        r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
    ),
}
# Calculate all formulas of Excel files on loading; update no links to elsewhere; run no macros.
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>1</value></prop>
</item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution"
 oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


def program() -> Path | None:
    """Where LibreOffice is installed; None where it is not."""
    for name in ("soffice", "libreoffice"):
        if found := shutil.which(name):
            return Path(found)
    return next((Path(one) for one in _PLACES.get(sys.platform, ()) if Path(one).is_file()), None)


def check_can_calculate() -> None:
    """Nothing; NotFound where LibreOffice is not installed."""
    if program() is None:
        raise NotFound("LibreOffice is not installed.", "Install it, or open the workbook in Excel and save it.")


def calculated_copy(book: Path, folder: Path, *, seconds: float = 120) -> Path:
    """A copy of the workbook in that folder, with all formulas calculated as LibreOffice understands them.

    NotFound where LibreOffice is not installed, SheetcrmError where it does not finish in time or makes no copy.
    """
    check_can_calculate()
    soffice = program()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        profile = Path(home)
        (profile / "user").mkdir()
        (profile / "user" / "registrymodifications.xcu").write_text(_SETTINGS, "utf-8")
        source = folder / f"source{book.suffix}"
        shutil.copyfile(book, source)
        command = [
            str(soffice), "--headless", "--norestore", "--nologo", f"-env:UserInstallation={profile.as_uri()}",
            "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), str(source),
        ]  # fmt: skip
        _run(command, book.name, seconds)
    made = folder / "out" / "source.xlsx"
    if not made.is_file():
        raise SheetcrmError(f"LibreOffice could not calculate {book.name}.", "Open it in Excel and save it.")
    return made


def _run(command: list[str], name: str, seconds: float) -> None:
    try:
        # The program is the installed LibreOffice, and the file name is our own.
        subprocess.run(command, timeout=seconds, capture_output=True, check=False, env={**os.environ})  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise SheetcrmError(f"LibreOffice took longer than {seconds:g} s to calculate {name}.", "Try again.") from error
    except OSError as error:
        raise SheetcrmError(f"LibreOffice cannot be started: {error}.", "Repair its installation.") from error
