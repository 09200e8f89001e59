"""Kernel of the convolution of two arrays in book order (Definition 10.1.3), of rank 3; lower ranks have sides of 1.

out[p, i, j] = sum over d, r, q of k[d, r, q] a[p + d, i + r, j + q]. Some vectors of a row are summed at a time, in
registers.
"""

from __future__ import annotations

from mathdl.kernels.jit import Integers, Reals, kernel, part
from mathdl.kernels.simd import lanes_of, load_up_to, multiply_add, spread, store_up_to, zeros
from mathdl.kernels.tiles import add_products, no_sums, rows_from, store_rows

TOGETHER = 4  # vectors of a row that are summed at a time, so that a number of the kernel is loaded once for them


@part
def sum_vector(k: Reals, a: Reals, out: Reals, sizes: Integers, corner: int, target: int, count: int) -> None:
    """Sum up to a vector of neighbouring entries whose first one meets ``a`` from ``corner`` on."""
    height, width, depth, rows, columns = sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]
    summed = zeros(a)
    for d in range(depth):
        for r in range(rows):
            for q in range(columns):
                v = load_up_to(a, corner + (d * height + r) * width + q, count)
                summed = multiply_add(spread(k, (d * rows + r) * columns + q), v, summed)
    store_up_to(out, target, summed, count)


@kernel
def correlate(k: Reals, a: Reals, out: Reals, sizes: Integers) -> None:
    """Sum the products of a kernel and every part of an array; ``sizes`` are the sides of ``a``, then of ``k``."""
    planes, height, width, depth, rows, columns = sizes[0], sizes[1], sizes[2], sizes[3], sizes[4], sizes[5]
    lanes, down, across = lanes_of(a), height - rows + 1, width - columns + 1
    only = rows_from(1, 0, 1, 0, 1)
    for p in range(planes - depth + 1):
        for i in range(down):
            row, target = (p * height + i) * width, (p * down + i) * across
            whole = across - across % (TOGETHER * lanes)
            for j in range(0, whole, TOGETHER * lanes):
                sums = no_sums(a, only, TOGETHER)
                for d in range(depth):
                    for r in range(rows):
                        x = row + j + (d * height + r) * width
                        for q in range(columns):
                            sums = add_products(k, only, (d * rows + r) * columns + q, a, x + q, lanes, sums)
                store_rows(out, only, target + j, sums, TOGETHER * lanes)
            for j in range(whole, across, lanes):
                sum_vector(k, a, out, sizes, row + j, target + j, min(lanes, across - j))
