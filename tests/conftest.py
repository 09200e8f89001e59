"""What every test needs before Numba is imported, and Hypothesis's settings."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

# A cache of the tests' own.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parent.parent / "build" / "numba"))

settings.register_profile("mathdl", deadline=None, derandomize=True)
settings.load_profile("mathdl")
