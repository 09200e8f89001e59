"""Kernels that bring a chunk of samples from the data into the workspace, in panels; a single sample to its place.

Sample j of the chunk is row ``order[j]`` of the source. Images of bytes stay bytes in memory: they are converted, and
scaled by 1/255, here.
"""

from __future__ import annotations

from mathdl.kernels.jit import Bytes, Integers, Reals, kernel, part
from mathdl.kernels.runs import copy_run
from mathdl.kernels.simd import get, lanes_of, load_bytes, load_up_to, prefetch, put, store_up_to
from mathdl.kernels.table import COPY, PLACE, WIDTH


@kernel
def same(numbers: Reals, order: Integers, w: Reals, place: Integers) -> None:
    """Gather numbers that already have the network's dtype."""
    width, n, lanes = place[WIDTH], len(order), lanes_of(w)
    if n == 1:
        copy_run(numbers, order[0] * width, w, place[PLACE], width)
        return
    for s in range(n):
        for i in range(0, width, lanes):
            v = load_up_to(numbers, order[s] * width + i, width - i)
            store_up_to(w, (place[COPY] + i) * n + s * lanes, v, width - i)


@part
def fetch_ahead(source: Reals, order: Integers, first: int, last: int, width: int) -> None:
    """Ask memory for the rows of objects that come later; what the source does not hold is passed over."""
    for j in range(first, min(last, len(order))):
        start = order[j] * width
        for i in range(start, min(start + width, len(source)), lanes_of(source)):
            prefetch(source, i)


@kernel
def image_bytes(source: Bytes, order: Integers, w: Reals, place: Integers) -> None:
    """Gather bytes as numbers from 0 to 1."""
    width, n, lanes = place[WIDTH], len(order), lanes_of(w)
    scale, whole = w.dtype.type(1) / w.dtype.type(255), place[WIDTH] - place[WIDTH] % lanes
    copy = place[COPY] * n if n > 1 else place[PLACE]
    for s in range(n):
        p = order[s] * width
        for i in range(0, whole, lanes):
            store_up_to(w, copy + i * n + s * lanes, load_bytes(source, p + i, w), lanes)
        for i in range(whole, width):
            put(w, copy + whole * n + s * lanes + i - whole, w.dtype.type(get(source, p + i)) * scale)
