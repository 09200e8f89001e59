"""The arithmetic floor: the operations that a training step cannot do without, at the machine's own GEMM rate.

A layer of m multiplications and additions for an object costs 2 m operations forward, 2 m for the gradient of its
weights and 2 m for the gradient of its input, which the first layer with parameters does not need. Activations,
pooling, the loss and the update count as nothing.
"""

from __future__ import annotations

import time
from functools import cache
from math import prod
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.results import FLOOR
from benchmarks.side_by_side import Contestant
from mathdl.engine.threads import available

SIDES = (1024, 1536, 2048)
QUICK_SIDES = (1024,)


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


def product_operations(side: int) -> int:
    """Operations of a product of two square matrices."""
    return 2 * side**3


@cache
def matrices(side: int) -> tuple[Any, Any, Any]:
    """Two matrices and room for their product."""
    generator = np.random.default_rng(0)
    A, B = (generator.random((side, side), dtype=np.float32) for _ in range(2))
    return A, B, np.empty_like(A)


@cache
def rates(sides: tuple[int, ...] = SIDES, turns: int = 7) -> dict[int, dict[int, float]]:
    """Operations a second of NumPy's float32 product, by threads and by side: the best of some turns."""
    found: dict[int, dict[int, float]] = {}
    for threads in sorted({1, available()}):
        with threadpool_limits(threads, user_api="blas"):
            for side in sides:
                A, B, C = matrices(side)
                np.matmul(A, B, out=C)
                found.setdefault(threads, {})[side] = product_operations(side) / min(_seconds(A, B, C, turns))
    return found


def _seconds(A: Any, B: Any, C: Any, turns: int) -> list[float]:
    """Seconds of each of some products."""
    seconds = []
    for _ in range(turns):
        start = time.perf_counter()
        np.matmul(A, B, out=C)
        seconds.append(time.perf_counter() - start)
    return seconds


def contestant(operations: float, sides: tuple[int, ...] = SIDES) -> tuple[Contestant, float]:
    """Somebody who multiplies matrices in every turn, at the side with the highest rate and with all threads.

    Taking turns with the others, it meets the same machine. Returned with it: its operations in a turn over
    ``operations``, those of the work that it is compared with.
    """
    by_side = rates(sides)[available()]
    side = max(by_side, key=lambda each: by_side[each])
    A, B, C = matrices(side)
    repetitions = max(1, round(min(operations, 2e10) / product_operations(side)))

    def work() -> None:
        with threadpool_limits(available(), user_api="blas"):
            for _ in range(repetitions):
                np.matmul(A, B, out=C)

    return Contestant("GEMM", work, peer=FLOOR), repetitions * product_operations(side) / operations
