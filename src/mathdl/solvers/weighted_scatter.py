"""The weighted scatter matrix of objects about their weighted mean, in blocks that stay in the cache."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

BLOCK_NUMBERS = 2.0e5  # numbers of a block


def weighted_scatter(X: Array, weights: Array, centre: Array, rows: Array | None = None) -> tuple[Array, Array]:
    """Return the weighted mean m and the sum of weight (x - m)(x - m)^T, over all objects or the given rows.

    ``centre`` is a point near the mean, so that little cancels.
    """
    p, count = X.shape[1], len(weights)
    size = min(count, max(1, int(BLOCK_NUMBERS / p)))
    roots = np.sqrt(weights)[:, None]
    block, product = np.empty((size, p)), np.empty((p, p))
    total, moved = np.zeros((p, p)), np.zeros(p)
    for first in range(0, count, size):
        span = slice(first, min(first + size, count))
        part = block[: span.stop - first]
        if rows is None:
            np.subtract(X[span], centre, out=part)
        else:
            np.take(X, rows[span], axis=0, out=part, mode="clip")
            part -= centre
        part *= roots[span]
        moved += roots[span, 0] @ part
        total += np.matmul(part.T, part, out=product)
    weight = weights.sum()
    total -= np.outer(moved, moved / weight)
    return centre + moved / weight, total
