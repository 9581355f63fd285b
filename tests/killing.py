"""Runs that are killed at a system call, under strace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from small_crm import DAY

KILLED = {-9, 137}


def run_killed(book: Path, call: str, number: int) -> bool:
    """Runs the workbook and kills the process when it makes a system call for the nth time; whether it came so far."""
    strace = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}"]
    inject = ["-e", f"inject={call}:signal=SIGKILL:when={number}"]
    program = [sys.executable, "-m", "sheetcrm", "run", str(book), "--as-of", DAY]
    # Without .pyc files all renames are the program's own.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "SHEETCRM_HOME": str(book.parent / "user")}
    done = subprocess.run([*strace, *inject, *program], env=environment, capture_output=True, check=False)
    # 8: done, but some mails were not sent.
    assert done.returncode in {0, 8, *KILLED}, done.stderr.decode()
    return done.returncode in KILLED
