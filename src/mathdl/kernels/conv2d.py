"""Kernels of a convolutional layer without padding (Definitions 10.1.3, 10.2.1 and 10.5.1), strides p and o.

y[c, h, v] = sum over i, r, q of K[c, i, r, q] x[i, p h + r, o v + q] + b, in book order (no flip), without
unrolling x into a matrix. With samples innermost, one row of y is one contiguous run of width * n numbers for
o = 1; for larger strides a run is the n samples of one position. Rows of the image come first in every loop: what they
read of all channels then stays in cache until the next row. ``per_position`` is 1 where each position has a bias of its
own, and ``in_height`` and ``in_width`` are those of the input.
"""

from __future__ import annotations

from mathdl.kernels.jit import Integers, Reals, kernel_of, part
from mathdl.kernels.runs import clear_run, sum_of
from mathdl.kernels.simd import lanes_of, load, total
from mathdl.kernels.table import Record, operation
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
    no_sums,
    places_at,
    rows_from,
    rows_of,
    spread_rows,
    store_rows,
)
from mathdl.kernels.views import room, room_for_places

IMAGES = ("in_channels", "in_height", "in_width", "channels", "height", "width")
ROW = operation(*IMAGES, "kernel_rows", "kernel_columns", "down", "across", "per_position")
Range = tuple[int, int, int]

BAND_BYTES = 24576  # bytes of a band of rows, so that what one sum of the weights' gradient reads stays in cache
# Bytes of dy that a sum of two vectors of the input's gradient reads: so many channels at a time stay in cache.
WINDOW_BYTES = 36864
NUMBERS = 30  # numbers of a kernel whose gradient is summed before the next ones; a multiple of RIGHT for every shape
MOST_SUMS = NUMBERS * LEFT * 16  # in numbers; of a vector, at most


@kernel_of(ROW)
def add_position_bias(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Add one number per channel and position: the book's matrix of biases."""
    y = row.output * n
    for p in range(row.channels * row.height * row.width):
        b, samples = a[row.bias + p], w[y + p * n : y + (p + 1) * n]
        for s in range(n):
            samples[s] += b


@kernel_of(ROW)
def forward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute y[c, h, v] = sum over i, r, q of K[c, i, r, q] x[i, p h + r, o v + q] + b."""
    numbers, width = row.in_channels * row.kernel_rows * row.kernel_columns, row.width
    lanes, most = lanes_of(w), (VECTORS - 1) * lanes_of(w)
    runs, length = (1, width * n) if row.across == 1 else (width, n)
    channel_bias = row.bias >= 0 and row.per_position == 0
    for h in range(row.height):
        for c in range(0, row.channels, ROWS):
            kernels = rows_from(ROWS, c, row.channels, row.weights, numbers)
            images = rows_from(ROWS, c, row.channels, row.output * n, row.height * width * n)
            biases = rows_from(ROWS, c, row.channels, row.bias, 1)
            for run in range(runs):
                x = (row.input + h * row.down * row.in_width + run * row.across) * n
                y, t = (h * width + run) * n, 0
                while length - t > most:
                    sums = spread_rows(a, biases, VECTORS) if channel_bias else no_sums(w, kernels, VECTORS)
                    store_rows(w, images, y + t, add_window(row, a, kernels, w, x + t, n, sums), length - t)
                    t += VECTORS * lanes
                while t < length:
                    last = spread_rows(a, biases, 1) if channel_bias else no_sums(w, kernels, 1)
                    store_rows(w, images, y + t, add_window(row, a, kernels, w, x + t, n, last), length - t)
                    t += lanes
    if row.per_position == 1:
        add_position_bias(row, a, w, n)


@part
def add_window(row: Record, a: Reals, kernels: Places, w: Reals, x: int, n: int, sums: Sums) -> Sums:
    """Add the sum over i, r, q of K[c, i, r, q] x[i, r, q], for some c and for vectors from ``x`` on."""
    k, lanes = 0, lanes_of(w)
    for i in range(row.in_channels):
        for r in range(row.kernel_rows):
            p = x + (i * row.in_height + r) * row.in_width * n
            for q in range(row.kernel_columns):
                sums = add_products(a, kernels, k, w, p + q * n, lanes, sums)
                k += 1
    return sums


@kernel_of(ROW)
def backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute dx[i, H, V] = sum of K[c, i, r, q] dy[c, h, v] over p h + r = H, o v + q = V."""
    taps, image = row.kernel_rows * row.kernel_columns, row.in_height * row.in_width
    some = min(row.channels, max(1, WINDOW_BYTES // (2 * taps * lanes_of(w) * w.itemsize)))
    some = -(-row.channels // -(-row.channels // some))  # channels, in parts of about one size
    for hh in range(row.in_height):
        rows = meeting(hh, row.kernel_rows, row.down, row.height)
        for c in range(0, row.channels, some):
            channels = c, min(c + some, row.channels)
            for i in range(0, row.in_channels, ROWS):
                kernels = rows_from(ROWS, i, row.in_channels, row.weights, taps)
                images = rows_from(ROWS, i, row.in_channels, (row.input_gradient + hh * row.in_width) * n, image * n)
                vv = 0
                while vv < row.in_width:
                    together, stretches = positions_together(row, vv, n <= lanes_of(w))
                    for k in range(stretches):
                        positions, columns = stretch(row, vv, together, k)
                        run = positions[0] * n, positions[1] * n
                        add_channels(row, a, kernels, w, n, images, run, channels, rows, columns, c + k == 0)
                    vv += together


@part
def positions_together(row: Record, vv: int, pairs: bool) -> tuple[int, int]:
    """Return how many positions from ``vv`` on go through together, and in how many stretches.

    Those that all columns of the kernel meet are one. Of two others, where each is one vector, the columns that
    meet both come first, then those that meet the left one alone, then the right one's.
    """
    if row.across == 1 and row.kernel_columns - 1 <= vv < row.width:
        return row.width - vv, 1
    return (2, 3) if row.across == 1 and pairs and vv + 1 < row.in_width else (1, 1)


@part
def stretch(row: Record, vv: int, together: int, k: int) -> tuple[tuple[int, int], Range]:
    """Return the positions of stretch ``k`` from ``vv`` on, the first and the end, and the columns that meet them."""
    columns = meeting(vv, row.kernel_columns, row.across, row.width)
    if together != 2 or row.kernel_columns - 1 <= vv < row.width:
        return (vv, vv + together), columns
    others = meeting(vv + 1, row.kernel_columns, 1, row.width)
    first, last, second = columns[0], columns[0] + columns[1], others[0]
    if k == 0:
        return (vv, vv + 2), (second, last - second, vv - second)
    if k == 1:
        return (vv, vv + 1), (first, second - first, vv - first)
    return (vv + 1, vv + 2), (last, second + others[1] - last, vv + 1 - last)


@part
def meeting(place: int, side: int, step: int, count: int) -> Range:
    """Return which rows of a kernel meet a row of the input: the first, how many, and what the first one computes.

    The next one, ``step`` further on in the kernel, computes the row before it.
    """
    first, last = max(0, place - (count - 1) * step), min(side, place + 1)
    if step == 1:
        return first, last - first, place - first
    first += (place - first) % step
    return first, max(0, last - first + step - 1) // step, (place - first) // step


@part
def add_channels(
    row: Record,
    a: Reals,
    kernels: Places,
    w: Reals,
    n: int,
    images: Places,
    run: tuple[int, int],
    channels: tuple[int, int],
    rows: Range,
    columns: Range,
    begins: bool,
) -> None:
    """Add the sum over some c, r, q of K[c, i, r, q] dy[c, h, v] to a run of dx, for some i."""
    t, stop, lanes = run[0], run[1], lanes_of(w)
    while stop - t > (VECTORS - 1) * lanes:
        sums = no_sums(w, kernels, VECTORS) if begins else load_rows(w, images, t, VECTORS)
        sums = add_meetings(row, a, kernels, w, t - run[0], n, channels, rows, columns, sums)
        store_rows(w, images, t, sums, stop - t)
        t += VECTORS * lanes
    while t < stop:
        end = no_sums(w, kernels, 1) if begins else load_rows(w, images, t, 1)
        end = add_meetings(row, a, kernels, w, t - run[0], n, channels, rows, columns, end)
        store_rows(w, images, t, end, stop - t)
        t += lanes


@part
def add_meetings(
    row: Record,
    a: Reals,
    kernels: Places,
    w: Reals,
    t: int,
    n: int,
    channels: tuple[int, int],
    rows: Range,
    columns: Range,
    sums: Sums,
) -> Sums:
    """Add the sum over some c, r, q of K[c, i, r, q] dy[c, h, v], for some i and vectors from the run's ``t`` on."""
    across, lanes = row.across, lanes_of(w)
    of_channel, image = row.in_channels * row.kernel_rows * row.kernel_columns, row.height * row.width * n
    for r in range(rows[1]):
        for q in range(columns[1]):
            k = (rows[0] + r * row.down) * row.kernel_columns + columns[0] + q * across
            p = row.output_gradient * n + t + ((rows[2] - r) * row.width + columns[2] - q) * n
            for c in range(channels[0], channels[1]):
                sums = add_products(a, kernels, k + c * of_channel, w, p + c * image, lanes, sums)
    return sums


@kernel_of(ROW)
def weights_gradient(row: Record, w: Reals, g: Reals, block: Record) -> None:
    """Sum dK[c, i, r, q] = dy[c, h, v] x[i, p h + r, o v + q] over positions and samples, for a range of c.

    Some channels c and some numbers (i, r, q) of their kernels at a time: ``sums`` keeps a vector for each until all
    chunks are through.
    """
    numbers, place, lanes = row.in_channels * row.kernel_rows * row.kernel_columns, row.weights, lanes_of(w)
    sums, places, chunk = room(w, MOST_SUMS), room_for_places(NUMBERS), block.chunk
    for c in range(block.first, block.last, LEFT):
        channels = rows_from(LEFT, c, block.last, 0, 1)
        for k in range(0, numbers, NUMBERS):
            count = min(NUMBERS, numbers - k)
            clear_run(sums, 0, NUMBERS * LEFT * lanes)
            for first in range(0, block.samples, chunk):
                n, base = min(chunk, block.samples - first), first // chunk * block.stride
                find_places(row, k, count, base, n, places)
                dy = rows_of(channels, base + row.output_gradient * n, row.height * row.width * n)
                add_chunk(row, w, dy, places, count, n, sums)
            for channel in range(min(LEFT, block.last - c)):
                start = place + block.shift + (c + channel) * numbers + k
                for j in range(count):
                    old = g[start + j] if block.accumulates == 1 else w.dtype.type(0)
                    vector = (j // RIGHT * LEFT + channel) * RIGHT + j % RIGHT
                    g[start + j] = old + total(load(sums, vector * lanes))


@part
def find_places(row: Record, k: int, count: int, base: int, n: int, places: Integers) -> None:
    """Find where the input's numbers begin that meet each of ``count`` numbers (i, r, q) of a kernel, from ``k`` on."""
    taps = row.kernel_rows * row.kernel_columns
    for j in range(count):
        i, tap = (k + j) // taps, (k + j) % taps
        r, q = tap // row.kernel_columns, tap % row.kernel_columns
        places[j] = base + (row.input + (i * row.in_height + r) * row.in_width + q) * n


@part
def add_chunk(row: Record, w: Reals, dy: Places, places: Integers, count: int, n: int, sums: Reals) -> None:
    """Add the products of a chunk of samples, a band of rows at a time, which stays in cache."""
    height, lanes = row.height, lanes_of(w)
    runs, length = (1, row.width * n) if row.across == 1 else (row.width, n)
    whole, band = length - length % lanes, max(1, BAND_BYTES // ((LEFT + 1) * row.width * n * w.itemsize))
    for top in range(0, height, band):
        for j in range(0, count, RIGHT):
            group, x = (j * LEFT * lanes,), places_at(RIGHT, places, j, count)
            products = load_rows(sums, group, 0, PRODUCTS)
            for h in range(top, min(top + band, height)):
                for run in range(runs):
                    at, to = (h * row.width + run) * n, (h * row.down * row.in_width + run * row.across) * n
                    for t in range(0, whole, lanes):
                        products = add_inner_products(w, dy, at + t, w, x, to + t, products)
                    if whole < length:
                        at, to, rest = at + whole, to + whole, length - whole
                        products = add_last_inner_products(w, dy, at, w, x, to, products, rest)
            store_rows(sums, group, 0, products, PRODUCTS * lanes)


@kernel_of(ROW)
def channel_bias_gradient(row: Record, w: Reals, g: Reals, block: Record) -> None:
    """Sum dy over positions and samples, for the channels of a block."""
    image, place = row.height * row.width, row.bias + block.shift
    for c in range(block.first, block.last):
        b = g[place + c] if block.accumulates == 1 else w.dtype.type(0)
        for first in range(0, block.samples, block.chunk):
            n = min(block.chunk, block.samples - first)
            dy = first // block.chunk * block.stride + (row.output_gradient + c * image) * n
            b += sum_of(w, dy, image * n)
        g[place + c] = b


@kernel_of(ROW)
def position_bias_gradient(row: Record, w: Reals, g: Reals, block: Record) -> None:
    """Sum dy over samples, for a block of channels' positions."""
    place = row.bias + block.shift
    for p in range(block.first, block.last):
        b = g[place + p] if block.accumulates == 1 else w.dtype.type(0)
        for first in range(0, block.samples, block.chunk):
            n = min(block.chunk, block.samples - first)
            dy = first // block.chunk * block.stride + (row.output_gradient + p) * n
            b += sum_of(w, dy, n)
        g[place + p] = b
