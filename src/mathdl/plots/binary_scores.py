"""Checks of what the curves of a binary classifier are drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.errors import InputError
from mathdl.plots.arguments import numbers, vector


def binary_scores(truth: ArrayLike, scores: ArrayLike) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return the truth as booleans and finite scores; raise InputError where they do not go together."""
    labels, values = vector("truth", truth), numbers("scores", scores)
    if values.shape != labels.shape:
        raise InputError(
            f"Labels of shape {labels.shape} do not go with scores of shape {values.shape}; give one score an object."
        )
    if labels.dtype.kind not in "biuf" or not np.isin(labels, (0, 1)).all():
        raise InputError("truth holds something besides 0 and 1; give 1 for the objects of the class asked about.")
    if not np.isfinite(values).all():
        raise InputError("scores holds a number that is not finite; leave such objects out.")
    positive: NDArray[Any] = labels.astype(bool)
    if not 0 < positive.sum() < len(positive):
        raise InputError("All objects of truth are alike; give objects of the class asked about, and others.")
    return positive, values
