"""What every test needs before Numba is imported, Hypothesis's settings, and a Ctrl-C that interrupts."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from hypothesis import settings

# A cache of the tests' own.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parent.parent / "build" / "numba"))

settings.register_profile("mathdl", deadline=None, derandomize=True)
settings.load_profile("mathdl")

# What a shell starts in the background ignores Ctrl-C, and the tests that press it would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)
