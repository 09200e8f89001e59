"""Memory that there is, looked at before much of it is taken."""

from __future__ import annotations

import os
import re
from pathlib import Path

from mathdl.errors import InputError

MEMORY_INFO = Path("/proc/meminfo")  # of Linux


def available_memory() -> int | None:
    """Return the bytes that can still be taken, or all that there are; None where the system does not say."""
    try:
        found = re.search(r"MemAvailable:\s+(\d+) kB", MEMORY_INFO.read_text(encoding="ascii"))
        return int(found[1]) * 1024 if found else os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        return None


def require_memory(size: int, what: str, advice: str) -> None:
    """Refuse to take more bytes than there are."""
    available = available_memory()
    if available is not None and size > available:
        raise InputError(f"{what} need {size / 1e9:.3g} GB of memory, and {available / 1e9:.3g} GB are free; {advice}.")
