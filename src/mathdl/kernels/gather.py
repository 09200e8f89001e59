"""Kernels that bring a chunk of samples from the data, samples first, into the workspace, features first.

Sample j of the chunk is row ``order[j]`` of the source. Images of bytes stay bytes in memory: they are converted,
and scaled by 1/255, here.
"""

from __future__ import annotations

from mathdl.kernels.jit import Bytes, Integers, Reals, kernel
from mathdl.kernels.runs import copy_run
from mathdl.kernels.table import PLACE, ROW_WIDTH, ROWS, SOURCE, WIDTH


@kernel
def same(source: Bytes, order: Integers, w: Reals, place: Integers) -> None:
    """Gather numbers that already have the network's dtype."""
    width, n = place[WIDTH], len(order)
    target, rows = place[PLACE] * n, place[ROWS] * n
    numbers = source.view(w.dtype)[place[SOURCE] :]
    for first in range(0, width, 16):
        for s in range(n):
            p = order[s] * width
            for i in range(first, min(first + 16, width)):
                w[target + i * n + s] = numbers[p + i]
    if place[ROWS] >= 0:
        for s in range(n):
            p, q = order[s] * width, rows + s * place[ROW_WIDTH]
            copy_run(numbers, p, w, q, width)


@kernel
def image_bytes(source: Bytes, order: Integers, w: Reals, place: Integers) -> None:
    """Gather bytes as numbers from 0 to 1."""
    width, n = place[WIDTH], len(order)
    target, rows = place[PLACE] * n, place[ROWS] * n
    scale = w.dtype.type(1) / w.dtype.type(255)
    for first in range(0, width, 16):
        for s in range(n):
            p = place[SOURCE] + order[s] * width
            for i in range(first, min(first + 16, width)):
                w[target + i * n + s] = w.dtype.type(source[p + i]) * scale
    if place[ROWS] >= 0:
        for s in range(n):
            p, q = place[SOURCE] + order[s] * width, rows + s * place[ROW_WIDTH]
            for i in range(width):
                w[q + i] = w.dtype.type(source[p + i]) * scale
