"""Arrays as compiled code reads them: beginning where a line of the cache begins, or of memory that is not to change.

Vectors that straddle two lines cost twice.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError

CACHE_LINE_BYTES = 64


def aligned(count: int, dtype: str) -> NDArray[Any]:
    """Return ``count`` zeros; raise InputError where there is no memory for them."""
    size = count * np.dtype(dtype).itemsize
    try:
        raw = np.zeros(size + CACHE_LINE_BYTES, np.uint8)
    except MemoryError:
        raise InputError(
            f"The network needs {size / 2**30:,.1f} GB in one piece, which there are not; make it smaller."
        ) from None
    start = -raw.ctypes.data % CACHE_LINE_BYTES
    return raw[start : start + size].view(dtype)


def writable(array: NDArray[Any]) -> NDArray[Any]:
    """View a contiguous array as one that may be written, though it is only read: compiled code knows no other type."""
    if array.flags.writeable:
        return array
    memory = (ctypes.c_uint8 * array.nbytes).from_address(array.ctypes.data)
    memory.owner = array  # type: ignore[attr-defined]
    return np.ctypeslib.as_array(memory).view(array.dtype).reshape(array.shape)
