"""Where the program's own files lie, in the wheel and in a checkout alike; files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

_INSTALLED = Path(__file__).parent / "_files"
_CHECKOUT = Path(__file__).parent.parent


def templates_folder() -> Path:
    """The built-in templates."""
    return _INSTALLED / "templates" if (_INSTALLED / "templates").is_dir() else _CHECKOUT / "templates"


def example_workbook(name: str) -> Path:
    """An example workbook by its file name."""
    installed = _INSTALLED / "workbooks" / name
    return installed if installed.is_file() else _CHECKOUT / "examples" / "workbooks" / name


def write_whole(path: Path, content: bytes) -> None:
    """Puts a file in its place whole, written to the disk first; what stood there stays until then. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, so that no file of anybody's is overwritten on the way.
    part = path.with_name(f".{path.name[:40]}.{uuid4().hex[:12]}.part")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
