"""Kernels that bring a chunk of samples from the data into the workspace, in panels and to its place, features first.

Sample j of the chunk is row ``order[j]`` of the source. A panel is transposed while it is in cache. A single sample
goes to its place alone. Images of bytes stay bytes in memory: they are converted, and scaled by 1/255, here.
"""

from __future__ import annotations

from mathdl.kernels.byte_blocks import BLOCK_SIDE, convert_block
from mathdl.kernels.jit import Bytes, Integers, Reals, kernel, part
from mathdl.kernels.panels import transpose
from mathdl.kernels.runs import copy_run
from mathdl.kernels.simd import get, lanes_of, load_bytes, load_up_to, prefetch, put, store_up_to
from mathdl.kernels.table import Record


@kernel
def same(numbers: Reals, order: Integers, w: Reals, gather: Record) -> None:
    """Gather numbers that already have the network's dtype."""
    width, n, lanes = gather.width, len(order), lanes_of(w)
    if n == 1:
        copy_run(numbers, order[0] * width, w, gather.place, width)
        return
    for i in range(0, width, lanes):
        panel = (gather.panels + i) * n
        for s in range(n):
            v = load_up_to(numbers, order[s] * width + i, width - i)
            store_up_to(w, panel + s * lanes, v, width - i)
            prefetch(w, panel + (n + s) * lanes)  # where the next panel goes,
            prefetch(w, (gather.place + i + lanes) * n + s * lanes)  # and its transpose
        transpose(w, panel, lanes, (gather.place + i) * n, n, n, min(lanes, width - i))


@part
def fetch_ahead(source: Reals, order: Integers, first: int, last: int, width: int) -> None:
    """Ask memory for the rows of objects that come later; what the source does not hold is passed over."""
    for j in range(first, min(last, len(order))):
        start = order[j] * width
        for i in range(start, min(start + width, len(source)), lanes_of(source)):
            prefetch(source, i)


@kernel
def image_bytes(source: Bytes, order: Integers, w: Reals, gather: Record) -> None:
    """Gather bytes as numbers from 0 to 1; a few samples at a time, so that their rows stay in cache."""
    width, n = gather.width, len(order)
    if n == 1:
        for i in range(0, width, lanes_of(w)):
            bytes_as_numbers(source, order[0] * width + i, w, gather.place + i, width - i)
        return
    for first in range(0, n, BLOCK_SIDE):
        for i in range(0, width, BLOCK_SIDE):
            panel, target = (gather.panels + i) * n + first * lanes_of(w), (gather.place + i) * n + first
            if n - first >= BLOCK_SIDE and width - i >= BLOCK_SIDE:
                convert_block(source, order, first, width, i, w, panel, target, n)
            else:
                convert_part(source, order, first, width, i, w, panel, target, n)


@part
def convert_part(
    source: Bytes, order: Integers, first: int, width: int, column: int, w: Reals, panel: int, place: int, n: int
) -> None:
    """Convert what is less than a block."""
    rows, lanes = min(BLOCK_SIDE, n - first), lanes_of(w)
    for i in range(0, min(BLOCK_SIDE, width - column), lanes):
        for s in range(rows):
            start, left = order[first + s] * width + column + i, width - column - i
            bytes_as_numbers(source, start, w, panel + i * n + s * lanes, left)
        transpose(w, panel + i * n, lanes, place + i * n, n, rows, min(lanes, width - column - i))


@part
def bytes_as_numbers(source: Bytes, first: int, w: Reals, place: int, count: int) -> None:
    """Convert up to a vector of bytes."""
    if count >= lanes_of(w):
        store_up_to(w, place, load_bytes(source, first, w), lanes_of(w))
        return
    scale = w.dtype.type(1) / w.dtype.type(255)
    for i in range(count):
        put(w, place + i, w.dtype.type(get(source, first + i)) * scale)
