"""Which boxes have one class, proved by intervals alone, many boxes at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.layers.pieces import Affine, Step
from mathdl.networks.intervals import Box, after
from mathdl.networks.rounded import UNIT
from mathdl.robustness.class_differences import class_differences

Array = NDArray[Any]


def of_one_class(steps: Sequence[Step], box: Box, codes: Array) -> Array:
    """Tell of each box, a column, whether every input of it has the class of this number.

    Behind a last affine function the differences of the outputs are bounded at once.
    """
    last = steps[-1] if steps and isinstance(steps[-1], Affine) else None
    for step in steps if last is None else steps[:-1]:
        box = after(step, box)
    matrix, offset = (np.eye(len(box.low)), np.zeros(len(box.low))) if last is None else last[:2]
    matrix = matrix.toarray() if hasattr(matrix, "toarray") else matrix
    proved = np.zeros(len(codes), bool)
    for code in np.unique(codes).tolist():
        of_class = Box(*(end[:, codes == code] for end in box))
        rows = class_differences(code, len(offset))
        difference = Affine(rows @ matrix, rows @ offset)
        rounding = 2 * UNIT * (np.abs(difference.matrix) @ of_class.sizes + np.abs(difference.offset)[:, None])
        proved[codes == code] = (after(difference, of_class).low > rounding).all(axis=0)
    return proved
