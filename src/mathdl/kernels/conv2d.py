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

from mathdl.kernels.jit import Integers, Reals, kernel, part
from mathdl.kernels.runs import clear_run, sum_of
from mathdl.kernels.simd import lanes_of, load, total
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
from mathdl.kernels.tiles import (
    LEFT,
    PRODUCTS,
    RIGHT,
    ROWS,
    VECTORS,
    Places,
    Sums,
    add_inner_products,
    add_last_inner_products,
    add_products,
    load_rows,
    moved,
    no_sums,
    places_at,
    rows_from,
    rows_of,
    spread_rows,
    store_last_rows,
    store_rows,
)
from mathdl.kernels.views import room

Range = tuple[int, int, int]

IN_CHANNELS = SIZES
IN_HEIGHT = SIZES + 1
IN_WIDTH = SIZES + 2
CHANNELS = SIZES + 3
HEIGHT = SIZES + 4
COLUMNS = SIZES + 5  # width of the output
PER_POSITION = SIZES + 6  # 1: one bias per channel and position
KERNEL_ROWS = SIZES + 7
KERNEL_COLUMNS = SIZES + 8
DOWN = SIZES + 9  # steps of the kernel
ACROSS = SIZES + 10
BAND_BYTES = 16384  # bytes of a band of rows, so that what one sum of the weights' gradient reads stays in cache
NUMBERS = 30  # numbers of a kernel whose gradient is summed before the next ones; a multiple of RIGHT for every shape
MOST_SUMS = NUMBERS * LEFT * 16  # in numbers; of a vector, at most


@kernel
def add_position_bias(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Add one number per channel and position: the book's matrix of biases."""
    y = row[OUTPUT] * n
    for p in range(row[CHANNELS] * row[HEIGHT] * row[COLUMNS]):
        b, samples = a[row[BIAS] + p], w[y + p * n : y + (p + 1) * n]
        for s in range(n):
            samples[s] += b


@kernel
def forward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute y[c, h, v] = sum over i, r, q of K[c, i, r, q] x[i, p h + r, o v + q] + b."""
    numbers, width = row[IN_CHANNELS] * row[KERNEL_ROWS] * row[KERNEL_COLUMNS], row[COLUMNS]
    lanes, tile = lanes_of(w), VECTORS * lanes_of(w)
    runs, length = (1, width * n) if row[ACROSS] == 1 else (width, n)
    channel_bias = row[BIAS] >= 0 and row[PER_POSITION] == 0
    for h in range(row[HEIGHT]):
        for c in range(0, row[CHANNELS], ROWS):
            kernels = rows_from(ROWS, c, row[CHANNELS], row[WEIGHTS], numbers)
            images = rows_from(ROWS, c, row[CHANNELS], row[OUTPUT] * n, row[HEIGHT] * width * n)
            biases = rows_from(ROWS, c, row[CHANNELS], row[BIAS], 1)
            for run in range(runs):
                x = (row[INPUT] + h * row[DOWN] * row[IN_WIDTH] + run * row[ACROSS]) * n
                y, t = (h * width + run) * n, 0
                while t + tile <= length:
                    sums = spread_rows(a, biases, VECTORS) if channel_bias else no_sums(w, kernels, VECTORS)
                    store_rows(w, images, y + t, add_window(row, a, kernels, w, x + t, n, sums))
                    t += tile
                while t < length:
                    last = spread_rows(a, biases, 1) if channel_bias else no_sums(w, kernels, 1)
                    last = add_window(row, a, kernels, w, x + t, n, last)
                    store_last_rows(w, images, y + t, last, length - t)
                    t += lanes
    if row[PER_POSITION] == 1:
        add_position_bias(row, a, w, n)


@part
def add_window(row: Integers, a: Reals, kernels: Places, w: Reals, x: int, n: int, sums: Sums) -> Sums:
    """Add the sum over i, r, q of K[c, i, r, q] x[i, r, q], for some c and for vectors from ``x`` on."""
    k, lanes = 0, lanes_of(w)
    for i in range(row[IN_CHANNELS]):
        for r in range(row[KERNEL_ROWS]):
            p = x + (i * row[IN_HEIGHT] + r) * row[IN_WIDTH] * n
            for q in range(row[KERNEL_COLUMNS]):
                sums = add_products(a, kernels, k, w, p + q * n, lanes, sums)
                k += 1
    return sums


@kernel
def backward(row: Integers, a: Reals, w: Reals, n: int) -> None:
    """Compute dx[i, H, V] = sum of K[c, i, r, q] dy[c, h, v] over p h + r = H, o v + q = V."""
    taps, in_width, side = row[KERNEL_ROWS] * row[KERNEL_COLUMNS], row[IN_WIDTH], row[KERNEL_COLUMNS]
    lanes, tile = lanes_of(w), VECTORS * lanes_of(w)
    for hh in range(row[IN_HEIGHT]):
        rows = meeting(hh, row[KERNEL_ROWS], row[DOWN], row[HEIGHT])
        for i in range(0, row[IN_CHANNELS], ROWS):
            kernels = rows_from(ROWS, i, row[IN_CHANNELS], row[WEIGHTS], taps)
            images = rows_from(ROWS, i, row[IN_CHANNELS], row[INPUT_GRADIENT] * n, row[IN_HEIGHT] * in_width * n)
            vv = 0
            while vv < in_width:
                columns = meeting(vv, side, row[ACROSS], row[COLUMNS])
                # Neighbouring positions that all columns of the kernel meet are one run.
                alike = max(1, row[COLUMNS] - vv) if row[ACROSS] == 1 and vv == side - 1 else 1
                dx, t, length = (hh * in_width + vv) * n, 0, alike * n
                while t + tile <= length:
                    sums = add_meetings(row, a, kernels, w, t, n, rows, columns, no_sums(w, kernels, VECTORS))
                    store_rows(w, images, dx + t, sums)
                    t += tile
                while t < length:
                    last = add_meetings(row, a, kernels, w, t, n, rows, columns, no_sums(w, kernels, 1))
                    store_last_rows(w, images, dx + t, last, length - t)
                    t += lanes
                vv += alike


@part
def meeting(place: int, side: int, step: int, count: int) -> tuple[int, int, int]:
    """Return which rows of a kernel meet a row of the input, the first and the end, and what the first one computes.

    The next one, ``step`` further on in the kernel, computes the row before it.
    """
    first = max(0, place - (count - 1) * step)
    first += (place - first) % step
    return first, min(side, place + 1), (place - first) // step


@part
def add_meetings(
    row: Integers, a: Reals, kernels: Places, w: Reals, t: int, n: int, rows: Range, columns: Range, sums: Sums
) -> Sums:
    """Add the sum over c and some r, q of K[c, i, r, q] dy[c, h, v], for some i and vectors from the run's ``t`` on."""
    taps, dy, lanes = row[KERNEL_ROWS] * row[KERNEL_COLUMNS], row[OUTPUT_GRADIENT] * n + t, lanes_of(w)
    for c in range(row[CHANNELS]):
        h, r = rows[2], rows[0]
        while r < rows[1]:
            k = c * row[IN_CHANNELS] * taps + r * row[KERNEL_COLUMNS]
            p, q = dy + ((c * row[HEIGHT] + h) * row[COLUMNS] + columns[2]) * n, columns[0]
            while q < columns[1]:
                sums = add_products(a, kernels, k + q, w, p, lanes, sums)
                p, q = p - n, q + row[ACROSS]
            h, r = h - 1, r + row[DOWN]
    return sums


@kernel
def weights_gradient(row: Integers, w: Reals, g: Reals, block: Integers) -> None:
    """Sum dK[c, i, r, q] = dy[c, h, v] x[i, p h + r, o v + q] over positions and samples, for a range of c.

    Some channels c and some numbers (i, r, q) of their kernels at a time: ``sums`` keeps a vector for each until all
    chunks are through.
    """
    numbers, place, lanes = row[IN_CHANNELS] * row[KERNEL_ROWS] * row[KERNEL_COLUMNS], row[WEIGHTS], lanes_of(w)
    sums, places, chunk = room(w, MOST_SUMS), room(row, NUMBERS), block[BLOCK_CHUNK]
    for c in range(block[BLOCK_FIRST], block[BLOCK_LAST], LEFT):
        channels = rows_from(LEFT, c, block[BLOCK_LAST], 0, 1)
        for k in range(0, numbers, NUMBERS):
            count = min(NUMBERS, numbers - k)
            clear_run(sums, 0, NUMBERS * LEFT * lanes)
            for first in range(0, block[BLOCK_SAMPLES], chunk):
                n, base = min(chunk, block[BLOCK_SAMPLES] - first), first // chunk * block[BLOCK_STRIDE]
                find_places(row, k, count, base, n, places)
                dy = rows_of(channels, base + row[OUTPUT_GRADIENT] * n, row[HEIGHT] * row[COLUMNS] * n)
                add_chunk(row, w, dy, places, count, n, sums)
            for channel in range(min(LEFT, block[BLOCK_LAST] - c)):
                start = place + block[BLOCK_SHIFT] + (c + channel) * numbers + k
                for j in range(count):
                    old = g[start + j] if block[BLOCK_ACCUMULATES] == 1 else w.dtype.type(0)
                    vector = (j // RIGHT * LEFT + channel) * RIGHT + j % RIGHT
                    g[start + j] = old + total(load(sums, vector * lanes))


@part
def find_places(row: Integers, k: int, count: int, base: int, n: int, places: Integers) -> None:
    """Find where the input's numbers begin that meet each of ``count`` numbers (i, r, q) of a kernel, from ``k`` on."""
    taps = row[KERNEL_ROWS] * row[KERNEL_COLUMNS]
    for j in range(count):
        i, tap = (k + j) // taps, (k + j) % taps
        r, q = tap // row[KERNEL_COLUMNS], tap % row[KERNEL_COLUMNS]
        places[j] = base + (row[INPUT] + (i * row[IN_HEIGHT] + r) * row[IN_WIDTH] + q) * n


@part
def add_chunk(row: Integers, w: Reals, dy: Places, places: Integers, count: int, n: int, sums: Reals) -> None:
    """Add the products of a chunk of samples, a band of rows at a time, which stays in cache."""
    height, lanes = row[HEIGHT], lanes_of(w)
    runs, length = (1, row[COLUMNS] * n) if row[ACROSS] == 1 else (row[COLUMNS], n)
    whole, band = length - length % lanes, max(1, BAND_BYTES // ((LEFT + 1) * row[COLUMNS] * n * w.itemsize))
    for top in range(0, height, band):
        for j in range(0, count, RIGHT):
            group, x = (j * LEFT * lanes,), places_at(RIGHT, places, j, count)
            products = load_rows(sums, group, 0, PRODUCTS)
            for h in range(top, min(top + band, height)):
                for run in range(runs):
                    outputs = moved(dy, (h * row[COLUMNS] + run) * n)
                    inputs = moved(x, (h * row[DOWN] * row[IN_WIDTH] + run * row[ACROSS]) * n)
                    for t in range(0, whole, lanes):
                        products = add_inner_products(w, outputs, w, inputs, t, products)
                    if whole < length:
                        rest = length - whole
                        products = add_last_inner_products(w, outputs, w, inputs, whole, products, rest)
            store_rows(sums, group, 0, products)


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
