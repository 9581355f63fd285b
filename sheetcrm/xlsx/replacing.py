"""A file replaced as a whole: temporary file beside it, checked, flushed to disk, moved over; or nothing at all."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sheetcrm.errors import EditRefused, SheetcrmError, WorkbookBusy

_PREFIX, _HOUR = ".sheetcrm-", 3_600


def replace_file(target: Path, pieces: Iterable[bytes | memoryview], check: Callable[[Path], None]) -> None:
    """The target holds the pieces, or is as it was; `check` gets the new file just before it is moved over."""
    with _named_errors(target):
        handle, name = tempfile.mkstemp(prefix=_PREFIX, suffix=target.suffix, dir=target.parent)
        new = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            _take_mode(target, new)
            _clear_leftovers(new)
            check(new)
            new.replace(target)
        except BaseException:
            with suppress(OSError):
                new.unlink()
            raise
        _flush_folder(target.parent)


def _clear_leftovers(new: Path) -> None:
    """Remove what saves that were killed left behind; a save takes no hour."""
    with suppress(OSError):
        latest = new.stat().st_mtime - _HOUR
        for left in new.parent.glob(f"{_PREFIX}*{new.suffix}"):
            if left.stat().st_mtime < latest:
                left.unlink()


def _take_mode(target: Path, new: Path) -> None:
    if target.exists():
        old = target.stat()
        with suppress(OSError, AttributeError):  # only root may give a file away, and Windows has no such owners
            os.chown(new, old.st_uid, old.st_gid)
        new.chmod(old.st_mode & 0o777)
        _take_marks(target, new)
        return
    mask = os.umask(0)
    os.umask(mask)
    new.chmod(0o666 & ~mask)


def _take_marks(target: Path, new: Path) -> None:
    """Extended attributes, such as a file manager's colours and comments, where the system has them."""
    with suppress(OSError, AttributeError):
        for name in os.listxattr(target):
            os.setxattr(new, name, os.getxattr(target, name))


def _flush_folder(folder: Path) -> None:
    """Make the move itself last through a power cut, where the system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _named_errors(target: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise EditRefused(f"The folder {target.parent} does not exist.", "Create it first.") from error
    except PermissionError as error:
        raise WorkbookBusy(
            f"{target.name} cannot be written: {error.strerror}.",
            "Close it in every program, and check that you may write to its folder.",
        ) from error
    except OSError as error:
        remedy = "Free some space and try again." if error.errno in (errno.ENOSPC, errno.EDQUOT) else "Try again."
        raise SheetcrmError(f"{target.name} cannot be written: {error.strerror or error}.", remedy) from error
