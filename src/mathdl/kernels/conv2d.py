"""Kernels of a convolutional layer without padding (Definitions 10.1.3, 10.2.1 and 10.5.1), strides p and o.

y[c, h, v] = sum over i, r, q of K[c, i, r, q] x[i, p h + r, o v + q] + b, in book order (no flip), without
unrolling x into a matrix. With samples innermost, one row of y is one contiguous run of width * n numbers for
o = 1; for larger strides a run is the n samples of one position. All three loops below keep their sums in
registers, and are compiled for each size of a kernel and its strides from the one description, which makes them
twice as fast.

Sizes of a row: input channels, height, width; channels, height and width of the output; whether the bias is per
position.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from mathdl.kernels.fours import add_products, no_sums, rows_from, spread_four, store_four
from mathdl.kernels.jit import Integers, Reals, kernel
from mathdl.kernels.runs import clear_run, sum_of
from mathdl.kernels.simd import lanes_of, load, load_up_to, multiply_add, store_up_to, total
from mathdl.kernels.table import (
    BIAS,
    BLOCK_ACCUMULATES,
    BLOCK_CHUNK,
    BLOCK_FIRST,
    BLOCK_LAST,
    BLOCK_SAMPLES,
    BLOCK_SHIFT,
    BLOCK_STRIDE,
    INPUT,
    INPUT_GRADIENT,
    OUTPUT,
    OUTPUT_GRADIENT,
    SIZES,
    WEIGHTS,
)
from mathdl.kernels.views import room

IN_CHANNELS = SIZES
IN_HEIGHT = SIZES + 1
IN_WIDTH = SIZES + 2
CHANNELS = SIZES + 3
HEIGHT = SIZES + 4
COLUMNS = SIZES + 5  # width of the output
PER_POSITION = SIZES + 6  # 1: one bias per channel and position
BAND_BYTES = 16384  # bytes of a band of rows, so that what one sum of the weights' gradient reads stays in cache


@kernel
def add_position_bias(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Add one number per channel and position: the book's matrix of biases."""
    y = row[OUTPUT] * n
    for p in range(row[CHANNELS] * row[HEIGHT] * row[COLUMNS]):
        b, samples = a[row[BIAS] + p], w[y + p * n : y + (p + 1) * n]
        for s in range(n):
            samples[s] += b


class Convolution(NamedTuple):
    """The kernels for one size of a convolution's kernels and its strides."""

    forward: Any
    backward: Any
    weights_gradient: Any


@cache
def convolution(rows: int, columns: int, down: int, across: int) -> Convolution:
    """Make the kernels for kernels of rows x columns numbers that move by ``down`` and ``across``."""
    taps = rows * columns
    triples = (taps + 2) // 3
    most_sums = 6 * triples * 16  # numbers of a vector at most

    @kernel
    def forward(row: Integers, a: Reals, w: Reals, n: int) -> None:
        """Convolve: four output channels and one vector of a run at a time."""
        inputs, in_height, in_width = row[IN_CHANNELS], row[IN_HEIGHT], row[IN_WIDTH]
        channels, height, width = row[CHANNELS], row[HEIGHT], row[COLUMNS]
        x, y, weights = row[INPUT] * n, row[OUTPUT] * n, row[WEIGHTS]
        runs, length = (1, width * n) if across == 1 else (width, n)
        channel_bias, image = row[BIAS] >= 0 and row[PER_POSITION] == 0, height * width * n
        for c in range(0, channels, 4):
            kernels, images = rows_from(c, channels, weights, inputs * taps), rows_from(c, channels, y, image)
            for h in range(height):
                for run in range(runs):
                    for t in range(0, length, lanes_of(w)):
                        sums = spread_four(a, rows_from(c, channels, row[BIAS], 1)) if channel_bias else no_sums(w)
                        for i in range(inputs):
                            for r in range(rows):
                                p = x + ((i * in_height + h * down + r) * in_width + run * across) * n + t
                                k = i * taps + r * columns
                                for q in range(columns):
                                    sums = add_products(a, kernels, k + q, load(w, p + q * n), sums)
                        store_four(w, images, (h * width + run) * n + t, sums, length - t)
        if row[PER_POSITION] == 1:
            add_position_bias(row, a, w, n)

    @kernel
    def backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
        """Compute dx[i, H, V] = sum of K[c, i, r, q] dy[c, h, v] over p h + r = H, o v + q = V; four i at a time."""
        inputs, in_height, in_width = row[IN_CHANNELS], row[IN_HEIGHT], row[IN_WIDTH]
        channels, height, width = row[CHANNELS], row[HEIGHT], row[COLUMNS]
        dx, dy, image = row[INPUT_GRADIENT] * n, row[OUTPUT_GRADIENT] * n, in_height * in_width * n
        for i in range(0, inputs, 4):
            kernels, images = rows_from(i, inputs, row[WEIGHTS], taps), rows_from(i, inputs, dx, image)
            for hh in range(in_height):
                r_first, r_last = max(0, hh - (height - 1) * down), min(rows, hh + 1)
                r_first += (hh - r_first) % down
                for vv in range(in_width):
                    q_first, q_last = max(0, vv - (width - 1) * across), min(columns, vv + 1)
                    q_first += (vv - q_first) % across
                    for s in range(0, n, lanes_of(w)):
                        sums = no_sums(w)
                        for c in range(channels):
                            for r in range(r_first, r_last, down):
                                k = c * inputs * taps + r * columns
                                p = (c * height + (hh - r) // down) * width + (vv - q_first) // across
                                for q in range(q_first, q_last, across):
                                    sums = add_products(a, kernels, k + q, load(w, dy + p * n + s), sums)
                                    p -= 1
                        store_four(w, images, (hh * in_width + vv) * n + s, sums, n - s)

    @kernel
    def weights_gradient(row: Integers, w: Reals, g: Reals, block: Integers) -> None:
        """Sum dK[c, i, r, q] = dy[c, h, v] x[i, p h + r, o v + q] over positions and samples, for a range of c.

        Two channels and three taps at a time, over a band of rows; ``sums`` keeps a vector for each tap between bands.
        """
        inputs, in_height, in_width = row[IN_CHANNELS], row[IN_HEIGHT], row[IN_WIDTH]
        height, width, lanes = row[HEIGHT], row[COLUMNS], lanes_of(w)
        last, place = block[BLOCK_LAST] - 1, row[WEIGHTS] + block[BLOCK_SHIFT]
        sums = room(w, most_sums)
        for first in range(0, block[BLOCK_SAMPLES], block[BLOCK_CHUNK]):
            n = min(block[BLOCK_CHUNK], block[BLOCK_SAMPLES] - first)
            base = first // block[BLOCK_CHUNK] * block[BLOCK_STRIDE]
            x, dy = base + row[INPUT] * n, base + row[OUTPUT_GRADIENT] * n
            runs, length = (1, width * n) if across == 1 else (width, n)
            band = max(1, BAND_BYTES // (3 * width * n * w.itemsize))
            for c in range(block[BLOCK_FIRST], block[BLOCK_LAST], 2):
                c1 = min(c + 1, last)
                for i in range(inputs):
                    clear_run(sums, 0, 6 * triples * lanes)
                    for top in range(0, height, band):
                        for triple in range(triples):
                            tap0 = 3 * triple
                            tap1, tap2 = min(tap0 + 1, taps - 1), min(tap0 + 2, taps - 1)
                            p0 = (tap0 // columns * in_width + tap0 % columns) * n
                            p1 = (tap1 // columns * in_width + tap1 % columns) * n
                            p2 = (tap2 // columns * in_width + tap2 % columns) * n
                            o = 6 * triple * lanes
                            a0, a1, a2 = load(sums, o), load(sums, o + lanes), load(sums, o + 2 * lanes)
                            b0, b1, b2 = (
                                load(sums, o + 3 * lanes),
                                load(sums, o + 4 * lanes),
                                load(sums, o + 5 * lanes),
                            )
                            for h in range(top, min(top + band, height)):
                                for run in range(runs):
                                    y0 = dy + ((c * height + h) * width + run) * n
                                    y1 = dy + ((c1 * height + h) * width + run) * n
                                    z = x + ((i * in_height + h * down) * in_width + run * across) * n
                                    whole = length - length % lanes
                                    for t in range(0, whole, lanes):
                                        u, v = load(w, y0 + t), load(w, y1 + t)
                                        x0, x1, x2 = (
                                            load(w, z + p0 + t),
                                            load(w, z + p1 + t),
                                            load(w, z + p2 + t),
                                        )
                                        a0, b0 = multiply_add(u, x0, a0), multiply_add(v, x0, b0)
                                        a1, b1 = multiply_add(u, x1, a1), multiply_add(v, x1, b1)
                                        a2, b2 = multiply_add(u, x2, a2), multiply_add(v, x2, b2)
                                    if whole < length:
                                        rest, t = length - whole, whole
                                        u, v = load_up_to(w, y0 + t, rest), load_up_to(w, y1 + t, rest)
                                        x0, x1 = (
                                            load_up_to(w, z + p0 + t, rest),
                                            load_up_to(w, z + p1 + t, rest),
                                        )
                                        x2 = load_up_to(w, z + p2 + t, rest)
                                        a0, b0 = multiply_add(u, x0, a0), multiply_add(v, x0, b0)
                                        a1, b1 = multiply_add(u, x1, a1), multiply_add(v, x1, b1)
                                        a2, b2 = multiply_add(u, x2, a2), multiply_add(v, x2, b2)
                            store_up_to(sums, o, a0, lanes)
                            store_up_to(sums, o + lanes, a1, lanes)
                            store_up_to(sums, o + 2 * lanes, a2, lanes)
                            store_up_to(sums, o + 3 * lanes, b0, lanes)
                            store_up_to(sums, o + 4 * lanes, b1, lanes)
                            store_up_to(sums, o + 5 * lanes, b2, lanes)
                    fresh = first == 0 and block[BLOCK_ACCUMULATES] == 0
                    g0, g1 = place + (c * inputs + i) * taps, place + (c1 * inputs + i) * taps
                    for tap in range(taps):
                        o = (tap // 3 * 6 + tap % 3) * lanes
                        old0 = w.dtype.type(0) if fresh else g[g0 + tap]
                        old1 = w.dtype.type(0) if fresh else g[g1 + tap]
                        g[g0 + tap] = old0 + total(load(sums, o))
                        if c1 > c:
                            g[g1 + tap] = old1 + total(load(sums, o + 3 * lanes))

    return Convolution(forward, backward, weights_gradient)


@kernel
def channel_bias_gradient(row: Integers, w: Reals, g: Reals, block: Integers) -> None:
    """Sum dy over positions and samples, for channels BLOCK_FIRST to BLOCK_LAST."""
    image, place = row[HEIGHT] * row[COLUMNS], row[BIAS] + block[BLOCK_SHIFT]
    for c in range(block[BLOCK_FIRST], block[BLOCK_LAST]):
        b = g[place + c] if block[BLOCK_ACCUMULATES] == 1 else w.dtype.type(0)
        for first in range(0, block[BLOCK_SAMPLES], block[BLOCK_CHUNK]):
            n = min(block[BLOCK_CHUNK], block[BLOCK_SAMPLES] - first)
            dy = first // block[BLOCK_CHUNK] * block[BLOCK_STRIDE] + (row[OUTPUT_GRADIENT] + c * image) * n
            b += sum_of(w, dy, image * n)
        g[place + c] = b


@kernel
def position_bias_gradient(row: Integers, w: Reals, g: Reals, block: Integers) -> None:
    """Sum dy over samples, for the channel-and-position indices BLOCK_FIRST to BLOCK_LAST."""
    place = row[BIAS] + block[BLOCK_SHIFT]
    for p in range(block[BLOCK_FIRST], block[BLOCK_LAST]):
        b = g[place + p] if block[BLOCK_ACCUMULATES] == 1 else w.dtype.type(0)
        for first in range(0, block[BLOCK_SAMPLES], block[BLOCK_CHUNK]):
            n = min(block[BLOCK_CHUNK], block[BLOCK_SAMPLES] - first)
            dy = first // block[BLOCK_CHUNK] * block[BLOCK_STRIDE] + (row[OUTPUT_GRADIENT] + p) * n
            b += sum_of(w, dy, n)
        g[place + p] = b
