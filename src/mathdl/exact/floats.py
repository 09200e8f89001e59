"""Whole numbers of any size in floating point."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def relative(rows: list[list[int]]) -> NDArray[Any]:
    """Return points relative to the first one, at most 1 in size, each number rounded to float64.

    Examples
    --------
    >>> relative([[10**400, 5], [10**400, 8], [10**400 + 1, 5]])
    array([[0.  , 0.  ],
           [0.  , 0.75],
           [0.25, 0.  ]])
    """
    shifted = np.array(rows, dtype=object) - np.array(rows[0], dtype=object)
    bits = max((value.bit_length() for row in shifted for value in row), default=0)
    return np.asarray((shifted / (1 << bits)).astype(np.float64))
