"""Affine functions in floating-point numbers, with bounds of what rounding does to them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.kernels.polygons import TINY
from mathdl.layers.pieces import Affine

Array = NDArray[Any]
UNIT = 2.0**-52
SMALLEST_PRODUCT = 2.0**-960


def affine(step: Affine, values: Array, errors: Array) -> tuple[Array, Array]:
    """Return (M x + b) / d of functions, with the bounds of their errors.

    Each is a row of numbers, slopes and last the constant, or the constant alone: (inputs, functions, numbers).
    """
    (n, count, width), size = values.shape, abs(step.matrix)
    flat, off = values.reshape(n, -1), errors.reshape(n, -1)
    with one_thread(), np.errstate(over="ignore", invalid="ignore"):
        found, scale, bound = step.matrix @ flat, size @ np.abs(flat), size @ off
        bound = bound + (n + 8) * UNIT * (scale + bound)
        if _least(size) * min(_least(flat), _least(off)) < SMALLEST_PRODUCT:
            bound += (n + 8) * TINY
        found, bound = found.reshape(-1, count, width), bound.reshape(-1, count, width)
        rounded = (step.offset[:, None] != 0) & ((found[:, :, -1] != 0) | (bound[:, :, -1] != 0))
        found[:, :, -1] += step.offset[:, None]
        bound[:, :, -1] += rounded * (UNIT * np.abs(found[:, :, -1]) + TINY)
        if step.divisor != 1:
            found = found / step.divisor
            bound = bound / step.divisor + ((found != 0) | (bound != 0)) * (UNIT * (np.abs(found) + bound) + TINY)
    return found, bound


def _least(numbers: Any) -> float:
    """Return the least size of the numbers that are not 0; 1 where there are none."""
    data = np.abs(numbers.data if hasattr(numbers, "indptr") else numbers)
    return float(data[data > 0].min(initial=1.0))
