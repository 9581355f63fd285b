"""A file's bytes as a workbook, and every way in which they are none, each by its name."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from python_calamine import CalamineError

from sheetcrm.errors import EditRefused, SheetcrmError, WorkbookBusy, WorkbookUnreadable
from sheetcrm.xlsx.limits import Limits
from sheetcrm.xlsx.package import DAMAGED

_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS = "Open it in Excel and save it as .xlsx."
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    CalamineError,
    ArithmeticError,
    LookupError,
    ValueError,
    EOFError,
    NotImplementedError,
    RecursionError,
    MemoryError,
    OSError,
)


def fingerprint(path: Path) -> str:
    """A digest of the file as it is now, to see whether it changed."""
    return digest(file_bytes(path, Limits()))


def digest(data: bytes) -> str:
    """The blake2b digest of a workbook's bytes, in hexadecimal."""
    return blake2b(data, digest_size=32).hexdigest()


def file_bytes(path: Path, limits: Limits) -> bytes:
    """The whole file; WorkbookUnreadable where it is missing, forbidden or too large, WorkbookBusy where locked."""
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            raise WorkbookUnreadable(
                f"{path.name} has {size:,} bytes; the limit is {limits.file_bytes:,}.", "Split it."
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise WorkbookUnreadable(f"{path} does not exist.", "Check the path.") from error
    except (IsADirectoryError, NotADirectoryError) as error:
        raise WorkbookUnreadable(f"{path} is a folder.", "Name the workbook in it.") from error
    except PermissionError as error:
        if path.is_dir():
            raise WorkbookUnreadable(f"{path} is a folder.", "Name the workbook in it.") from error
        # Windows says the same for "open elsewhere" and for "not yours".
        if getattr(error, "winerror", None) in (32, 33):
            raise WorkbookBusy(f"{path.name} is open in another program.", "Close it and try again.") from error
        raise WorkbookUnreadable(f"You may not read {path}.", "Ask its owner for permission.") from error
    except (OSError, ValueError) as error:
        raise WorkbookUnreadable(f"{path} cannot be read: {error}.", "Check the path.") from error


def check_is_zip(data: bytes, name: str) -> None:
    """Nothing; WorkbookUnreadable, naming what the file is instead, where it cannot be an .xlsx."""
    if data.startswith(b"PK"):
        return
    if not data:
        raise WorkbookUnreadable(f"{name} is empty: it has no bytes.", "Take the last good copy.")
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(_CFB):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise WorkbookUnreadable(f"{name} is encrypted with a password.", "Save it in Excel without a password.")
        raise WorkbookUnreadable(f"{name} is an old workbook (.xls) in spite of its name.", _SAVE_AS)
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")):
        raise WorkbookUnreadable(f"{name} is a web page (HTML) in spite of its name.", _SAVE_AS)
    if start.startswith(b"<"):
        raise WorkbookUnreadable(f"{name} is an XML file in spite of its name.", _SAVE_AS)
    if b"\0" not in data[:4096] and start:
        raise WorkbookUnreadable(f"{name} is a text file, such as CSV, in spite of its name.", _SAVE_AS)
    raise WorkbookUnreadable(f"{name} is no Excel workbook.", "Choose an .xlsx or .xlsm file.")


@contextmanager
def named_errors(name: str, *, refusals_pass: bool = False) -> Iterator[None]:
    """Whatever damaged or hostile bytes raise inside comes out as WorkbookUnreadable; EditRefused only on request."""
    try:
        yield
    except EditRefused as error:
        if refusals_pass:
            raise
        raise WorkbookUnreadable(f"{name}: {error.what}", error.remedy) from error
    except SheetcrmError:
        raise
    except _BROKEN as error:
        raise WorkbookUnreadable(f"{name} is damaged: {_reason(error)}.", DAMAGED) from error
    except BaseException as error:
        # A panic in calamine's Rust code is no Exception to Python.
        if type(error).__name__ != "PanicException":
            raise
        raise WorkbookUnreadable(f"{name} is damaged in a way that stops the reader.", DAMAGED) from error


def _reason(error: BaseException) -> str:
    if isinstance(error, zipfile.BadZipFile | EOFError):
        return "the file is cut off or not a zip file"
    return str(error).rstrip(".") or type(error).__name__
