"""What every test needs before Numba is imported, and Hypothesis's settings."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

# A cache of the tests' own, and one for each xdist worker: Numba's cache can mix up two signatures of one
# function when two processes add them at the same moment.
_cache = Path(os.environ.get("NUMBA_CACHE_DIR") or Path(__file__).parent.parent / "build" / "numba")
os.environ["NUMBA_CACHE_DIR"] = str(_cache / os.environ.get("PYTEST_XDIST_WORKER", ""))

settings.register_profile("mathdl", deadline=None, derandomize=True)
settings.load_profile("mathdl")
