"""Which boxes have one class, proved by intervals alone, many boxes at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.layers.pieces import Affine, Step
from mathdl.networks.intervals import Box, after
from mathdl.networks.rounded import UNIT

Array = NDArray[Any]


def of_one_class(steps: Sequence[Step], box: Box, codes: Array) -> Array:
    """Tell of each box, a column, whether every input of it has the class of this number."""
    last = steps[-1] if steps and isinstance(steps[-1], Affine) and len(steps[-1].offset) > 1 else None
    for step in steps if last is None else steps[:-1]:
        box = after(step, box)
    proved = np.zeros(len(codes), bool)
    for code in np.unique(codes).tolist():
        columns = codes == code
        of_class = Box(box.low[:, columns], box.high[:, columns])
        proved[columns] = _largest(of_class, code) if last is None else _larger(last, of_class, code)
    return proved


def _largest(box: Box, code: int) -> Array:
    """Tell whether an output is the largest one; a single one belongs to class 1 where it is positive."""
    if len(box.low) == 1:
        return np.asarray(box.low[0] > 0 if code else box.high[0] < 0)
    return np.asarray((box.low[code] > np.delete(box.high, code, axis=0)).all(axis=0))


def _larger(step: Affine, box: Box, code: int) -> Array:
    """Tell whether an output of an affine function is larger than the others: their differences are bounded at once."""
    matrix = step.matrix.toarray() if hasattr(step.matrix, "toarray") else step.matrix
    rows, offsets = (np.delete(x[code] - x, code, axis=0) for x in (matrix, step.offset))
    rounding = 2 * UNIT * (np.abs(rows) @ box.sizes + np.abs(offsets)[:, None])  # of the differences themselves
    return np.asarray((after(Affine(rows, offsets), box).low > rounding).all(axis=0))
