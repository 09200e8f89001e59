"""Arrays that begin where a line of the cache begins: vectors that straddle two lines cost twice."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 64  # bytes


def aligned(count: int, dtype: str) -> NDArray[Any]:
    """Return ``count`` zeros."""
    size = count * np.dtype(dtype).itemsize
    raw = np.zeros(size + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size].view(dtype)
