"""What the benchmarks measure of a piece of work: its own seconds of CPU, and the peak of memory."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator


def print_spent(steps: Iterator[None]) -> None:
    """Prints the seconds and megabytes of the second of two steps; the first prepares."""
    next(steps)
    before = time.process_time()
    next(steps, None)
    seconds = time.process_time() - before
    try:
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform != "darwin" else 1024)
    except ImportError:
        peak = 0.0
    print(seconds, peak / 1024)
