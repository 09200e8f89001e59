"""The arithmetic that a training step cannot do without, at the rate of the multipliers.

A layer of m multiplications and additions for an object costs 2 m operations forward, 2 m for the gradient of its
weights and 2 m for the gradient of its input, which the first layer with parameters does not need. Activations,
pooling, the loss and the update count as nothing.
"""

from __future__ import annotations

from math import prod
from typing import Any

from benchmarks import multipliers
from benchmarks.results import FLOOR
from benchmarks.side_by_side import Contestant
from mathdl.engine.threads import available

MOST = 2e10  # operations of a turn: enough to know the rate


def products(layer: Any) -> int:
    """Multiplications that one object's way through a Dense or Conv2D takes; 0 for any other layer."""
    weights = getattr(layer, "weights", None)
    if weights is None:
        return 0
    positions = prod(layer.output_shape[1:])  # of a convolution's kernel; 1 for a dense layer
    return positions * int(weights.size)


def step_operations(net: Any, batch: int) -> int:
    """Floating-point operations of one step of training."""
    counts = [count for layer in net.layers if (count := products(layer))]
    return batch * (6 * sum(counts) - 2 * counts[0])


def contestant(operations: float, dtype: str = "float32", threads: int | None = None) -> tuple[Contestant, float]:
    """The multipliers, which compute in registers in every turn, with all threads or so many.

    Taking turns with the others, they meet the same machine. Returned with them: their operations in a turn over
    ``operations``, those of the work that they are compared with.
    """
    threads = available() if threads is None else threads
    done = min(operations, MOST)
    work = multipliers.worker(*multipliers.best_shape(dtype), dtype, done / threads)
    return Contestant("multipliers", lambda: multipliers.on_threads(work, threads), peer=FLOOR), done / operations
