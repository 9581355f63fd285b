"""Where the program's own files lie: templates, example workbooks; in the wheel and in a checkout alike."""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).parent / "_files"
_CHECKOUT = Path(__file__).parent.parent


def templates_folder() -> Path:
    """The built-in templates."""
    return _INSTALLED / "templates" if (_INSTALLED / "templates").is_dir() else _CHECKOUT / "templates"


def example_workbook(name: str) -> Path:
    """An example workbook by its file name."""
    installed = _INSTALLED / "workbooks" / name
    return installed if installed.is_file() else _CHECKOUT / "examples" / "workbooks" / name
