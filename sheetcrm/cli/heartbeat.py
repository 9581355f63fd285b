"""A sign of life: a web address that is called, or a file that is touched, after each look while all is well.

Whoever watches for it hears of what can tell nobody itself: a computer that is off, a schedule that was removed.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sheetcrm.files import write_whole

LONGEST_CALL = 10
"""Seconds that the address may take to answer."""


def beat(target: str, folder: Path, now: datetime) -> str:
    """Calls the address or touches the file, relative to `folder`; gives what went wrong, empty where nothing did."""
    if not target:
        return ""
    try:
        if target.startswith(("https://", "http://")):
            _call(target)
        else:
            _touch(folder / target, now)
    except (OSError, ValueError) as error:
        return f"the heartbeat {target} failed: {error}"
    return ""


def _call(address: str) -> None:
    from urllib.request import urlopen

    with urlopen(address, timeout=LONGEST_CALL) as answer:  # noqa: S310 -- http or https, as checked
        answer.read(1)


def _touch(path: Path, now: datetime) -> None:
    write_whole(path, f"{now.isoformat(timespec='seconds')}\n".encode())
