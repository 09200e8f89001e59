"""Kernels that bring a chunk of samples from the data into the workspace: samples first, then features first.

A single sample is both at once. Sample j of the chunk is row ``order[j]`` of the source. Images of bytes stay bytes
in memory: they are converted, and scaled by 1/255, here.
"""

from __future__ import annotations

from mathdl.kernels.jit import Bytes, Integers, Reals, kernel
from mathdl.kernels.runs import copy_run
from mathdl.kernels.simd import get, put
from mathdl.kernels.table import PLACE, ROW_WIDTH, ROWS, WIDTH


@kernel
def same(source: Bytes, order: Integers, w: Reals, place: Integers) -> None:
    """Gather numbers that already have the network's dtype."""
    width, n, numbers = place[WIDTH], len(order), source.view(w.dtype)
    if n == 1:
        copy_run(numbers, order[0] * width, w, place[PLACE], width)
        return
    for s in range(n):
        copy_run(numbers, order[s] * width, w, place[ROWS] * n + s * place[ROW_WIDTH], width)
    transpose(w, place[ROWS] * n, place[PLACE] * n, width, place[ROW_WIDTH], n)


@kernel
def image_bytes(source: Bytes, order: Integers, w: Reals, place: Integers) -> None:
    """Gather bytes as numbers from 0 to 1."""
    width, n = place[WIDTH], len(order)
    scale = w.dtype.type(1) / w.dtype.type(255)
    for s in range(n):
        p, q = order[s] * width, place[ROWS] * n + s * place[ROW_WIDTH] if n > 1 else place[PLACE]
        for i in range(width):
            put(w, q + i, w.dtype.type(get(source, p + i)) * scale)
    if n == 1:
        return
    transpose(w, place[ROWS] * n, place[PLACE] * n, width, place[ROW_WIDTH], n)


@kernel
def transpose(w: Reals, source: int, target: int, features: int, width: int, n: int) -> None:
    """Copy (n, width) to (features, n), so many features at a time that both sides stay in cache."""
    for first in range(0, features, 64):
        last = min(first + 64, features)
        for s in range(n):
            for i in range(first, last):
                put(w, target + i * n + s, get(w, source + s * width + i))
