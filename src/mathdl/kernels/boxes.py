"""Kernels of programs that follow, beside each object, the box of inputs around it by intervals.

There are three images of every activation, ``image`` numbers per sample apart: of the object itself, and the least and
the largest values over the box. An increasing operation takes each image as it would take an object. Before an affine
one, the ends of an interval become its middle c and its reach r; then y = A c + b, and |A| r is the reach of y. The
sizes |A| of the parameters lie behind all parameters, with zeros in the places of biases.

The box and the share of the worst case in the loss grow in the course of training; see ``progress``.
"""

from __future__ import annotations

from mathdl.kernels.differences import add_gradient_of_differences, add_reaches
from mathdl.kernels.jit import Reals, call, kernel_of, part
from mathdl.kernels.runs import copy_run
from mathdl.kernels.simd import (
    add,
    get,
    lanes_of,
    load,
    maximum,
    multiply_add,
    put,
    repeat,
    store_up_to,
    subtract,
    zeros,
)
from mathdl.kernels.table import OPERATION, Record, operation
from mathdl.kernels.views import part_of

IMAGES = 3
# Whether x stays between 0 and 1; where the share of the worst case goes; the updates between which all of it grows.
BOX = operation("width", "limited", "share", "first_update", "last_update", radius=float, most=float)
ROW = operation("width")
# Those of a loss; where the share lies, and whether the target is one class number; the reaches of the inputs of the
# last dense layer, and how many there are.
LOSS = operation("width", "object_weights", "share", "takes_classes", "reaches", "inputs")


@part
def progress(row: Record) -> float:
    """Return how much of the radius and of the worst case counts: from 0 to 1 in training, 1 outside of it."""
    if row.draw_seed < 0 or row.draw_step >= row.last_update:
        return 1.0
    return max(row.draw_step - row.first_update, 0) / (row.last_update - row.first_update)  # type: ignore[no-any-return]


@kernel_of(BOX)
def surround(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Copy x, and compute the least and the largest values of the box around it; write the share of the worst case."""
    x, y, size, distance = row.input * n, row.output * n, row.width * n, row.image * n
    grown = progress(row)
    radius, nothing, minus_one = repeat(w, w.dtype.type(grown * row.radius)), zeros(w), repeat(w, w.dtype.type(-1))
    for t in range(0, size, lanes_of(w)):
        middle = load(w, x + t)
        low, high = subtract(middle, radius), add(middle, radius)
        if row.limited == 1:
            low, high = maximum(low, nothing), subtract(nothing, maximum(subtract(nothing, high), minus_one))
        store_up_to(w, y + t, middle, size - t)
        store_up_to(w, y + distance + t, low, size - t)
        store_up_to(w, y + 2 * distance + t, high, size - t)
    for s in range(n):
        put(w, row.share * n + s, w.dtype.type(grown * row.most))


@kernel_of(ROW)
def no_gradient(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Do nothing: nobody needs the gradient with respect to the input."""


@part
def call_on_each(kernel: int, row: Record, a: Reals, sizes: Reals, w: Reals, n: int) -> None:
    """Call a kernel for the object and for the second image, and with other parameters for the third one."""
    distance, count = row.image * n, len(w)
    call(kernel, row, a, w, n)
    call(kernel, row, a, part_of(w, distance, count - distance), n)
    call(kernel, row, sizes, part_of(w, 2 * distance, count - 2 * distance), n)


@kernel_of(OPERATION)
def increasing(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Go forward through an operation that keeps the order of numbers."""
    call_on_each(row.plain, row, a, a, w, n)


@kernel_of(OPERATION)
def increasing_backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Go back through it."""
    call_on_each(row.plain_backward, row, a, a, w, n)


@kernel_of(OPERATION)
def affine(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute A x + b, A c + b and |A| r."""
    call_on_each(row.plain, row, a, part_of(a, len(a) // 2, len(a) // 2), w, n)


@kernel_of(OPERATION)
def affine_backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute A^T dy for the object and for the middle, and |A|^T dy for the reach."""
    call_on_each(row.plain_backward, row, a, part_of(a, len(a) // 2, len(a) // 2), w, n)


@kernel_of(ROW)
def to_middle(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Copy x, and make middles and reaches, (high + low) / 2 and (high - low) / 2, of the ends."""
    x, y, size, distance = row.input * n, row.output * n, row.width * n, row.image * n
    half, nothing = repeat(w, w.dtype.type(0.5)), zeros(w)
    copy_run(w, x, w, y, size)
    for t in range(0, size, lanes_of(w)):
        low, high = load(w, x + distance + t), load(w, x + 2 * distance + t)
        store_up_to(w, y + distance + t, multiply_add(half, add(high, low), nothing), size - t)
        store_up_to(w, y + 2 * distance + t, multiply_add(half, subtract(high, low), nothing), size - t)


@kernel_of(ROW)
def to_middle_backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute dlow = (dc - dr) / 2 and dhigh = (dc + dr) / 2."""
    dx, dy, size, distance = row.input_gradient * n, row.output_gradient * n, row.width * n, row.image * n
    half, nothing = repeat(w, w.dtype.type(0.5)), zeros(w)
    copy_run(w, dy, w, dx, size)
    for t in range(0, size, lanes_of(w)):
        middle, reach = load(w, dy + distance + t), load(w, dy + 2 * distance + t)
        store_up_to(w, dx + distance + t, multiply_add(half, subtract(middle, reach), nothing), size - t)
        store_up_to(w, dx + 2 * distance + t, multiply_add(half, add(middle, reach), nothing), size - t)


@kernel_of(ROW)
def to_ends(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Put the ends c - r and c + r in the place of middles and reaches."""
    c, r, size = (row.image + row.output) * n, (2 * row.image + row.output) * n, row.width * n
    for t in range(0, size, lanes_of(w)):
        middle, reach = load(w, c + t), load(w, r + t)
        store_up_to(w, c + t, subtract(middle, reach), size - t)
        store_up_to(w, r + t, add(middle, reach), size - t)


@kernel_of(ROW)
def to_ends_backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Put dc = dhigh + dlow and dr = dhigh - dlow in the place of dlow and dhigh."""
    first, second = (row.image + row.output_gradient) * n, (2 * row.image + row.output_gradient) * n
    size = row.width * n
    for t in range(0, size, lanes_of(w)):
        low, high = load(w, first + t), load(w, second + t)
        store_up_to(w, first + t, add(high, low), size - t)
        store_up_to(w, second + t, subtract(high, low), size - t)


@part
def add_gradient_of_box(tile: Record, row: Record, a: Reals, w: Reals, g: Reals, block: Record) -> None:
    """Add to a tile's gradient for the objects what comes through the middles, and through |A| from the reaches.

    The slope of |A| is A's sign; g changes its sign before and after, and so keeps what it holds.
    """
    accumulates, start = block.accumulates, tile.start + block.shift
    block.accumulates = 1
    move(row, row.image)
    call(tile.gradient, row, w, g, block)
    move(row, row.image)
    if row.bias < 0 or tile.start < row.bias:
        if row.targets >= 0:
            add_gradient_of_differences(tile, row, a, w, g, block)
        else:
            put_signs(a, tile.start, g, start, tile.stop - tile.start)
            call(tile.gradient, row, w, g, block)
            put_signs(a, tile.start, g, start, tile.stop - tile.start)
    move(row, -2 * row.image)
    block.accumulates = accumulates


@part
def move(row: Record, distance: int) -> None:
    """Let a row speak of another image."""
    row.input, row.panels, row.output_gradient = (
        row.input + distance,
        row.panels + distance,
        row.output_gradient + distance,
    )


@part
def put_signs(a: Reals, first: int, g: Reals, place: int, count: int) -> None:
    """Multiply numbers by the signs of parameters."""
    for k in range(count):
        v = get(g, place + k)
        put(g, place + k, -v if get(a, first + k) < 0 else v)


@part
def keep_sizes(tile: Record, row: Record, a: Reals) -> None:
    """Compute the sizes of a tile's parameters anew."""
    if row.bias >= 0 and tile.start >= row.bias:
        return
    for k in range(tile.start, tile.stop):
        v = get(a, k)
        put(a, len(a) // 2 + k, -v if v < 0 else v)


@part
def mix_losses(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute (1 - share) times the loss of the object and share times that of the outputs in the second image."""
    weight, target, loss, distance = row.object_weights * n, row.targets * n, row.output * n, row.image * n
    copy_run(w, target, w, target + distance, (1 if row.takes_classes == 1 else row.width) * n)
    for s in range(n):
        v, share = get(w, weight + s), get(w, row.share * n + s)
        put(w, weight + distance + s, share * v)
        put(w, weight + s, (w.dtype.type(1) - share) * v)
    call(row.plain, row, a, w, n)
    call(row.plain, row, a, part_of(w, distance, len(w) - distance), n)
    for s in range(n):
        put(w, loss + s, get(w, loss + s) + get(w, loss + distance + s))


@kernel_of(LOSS)
def worst_outputs(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute the loss, whose worst outputs are the least one of the right class and the largest ones of the others."""
    swap_ends(row, w, row.input * n, n)
    mix_losses(row, a, w, n)
    second, zero = (2 * row.image + row.input_gradient) * n, w.dtype.type(0)
    for t in range(second, second + row.width * n):
        put(w, t, zero)
    swap_ends(row, w, row.input * n, n)
    swap_ends(row, w, row.input_gradient * n, n)


@kernel_of(LOSS)
def worst_differences(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute the loss, whose worst outputs are the middles with the reaches of what they are compared with."""
    add_reaches(row, a, w, n)
    mix_losses(row, a, w, n)


@part
def swap_ends(row: Record, w: Reals, place: int, n: int) -> None:
    """Swap the two ends of the outputs of the wrong classes."""
    low, high, target = place + row.image * n, place + 2 * row.image * n, row.targets * n
    for i in range(row.width):
        for s in range(n):
            t = i * n + s
            right = int(get(w, target + s)) == i if row.takes_classes == 1 else get(w, target + t) > 0
            if not right:
                v = get(w, low + t)
                put(w, low + t, get(w, high + t))
                put(w, high + t, v)
