"""The order in which descent meets the objects (sections 8.3 to 8.5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import checked_weights

SAMPLINGS = ("without_replacement", "with_replacement")


def chances_of(sampling_weight: Any, objects: int) -> NDArray[np.float64] | None:
    """Return the chances of the objects in a draw by their weights; None without any."""
    if sampling_weight is None:
        return None
    weights = checked_weights(sampling_weight, objects, "float64", "sampling_weight")
    return weights / weights.sum()  # type: ignore[no-any-return]


def order_of_epoch(
    objects: int, sampling: str, seed: int, epoch: int, chances: NDArray[Any] | None = None
) -> NDArray[np.int64]:
    """Return the objects of one epoch in order; it depends on nothing but the arguments.

    Without replacement every object comes exactly once; with replacement each place is drawn independently, by the
    objects' ``chances`` where these are given.
    """
    generator = np.random.default_rng([seed, epoch])
    if sampling == "with_replacement":
        if chances is not None:
            return generator.choice(objects, size=objects, p=chances)
        return generator.integers(objects, size=objects)
    return generator.permutation(objects)
