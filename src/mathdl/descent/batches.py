"""The order in which descent meets the objects (sections 8.3 and 8.4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLINGS = ("without_replacement", "with_replacement")


def order_of_epoch(objects: int, sampling: str, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return the objects of one epoch in order; it depends on nothing but the arguments.

    Without replacement every object comes exactly once; with replacement each place is drawn independently.
    """
    generator = np.random.default_rng([seed, epoch])
    if sampling == "with_replacement":
        return generator.integers(objects, size=objects)
    return generator.permutation(objects)
