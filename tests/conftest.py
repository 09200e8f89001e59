"""What every test needs before Numba is imported, Hypothesis's settings, a Ctrl-C that interrupts, closed figures."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# A cache of the tests' own.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parent.parent / "build" / "numba"))

settings.register_profile("mathdl", deadline=None, derandomize=True)
settings.load_profile("mathdl")

# What a shell starts in the background ignores Ctrl-C, and the tests that press it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _figures_closed() -> Iterator[None]:
    """Close what a test drew: matplotlib warns of many figures that are open."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
