"""Kernels of a last dense layer on boxes, whose outputs z_j are compared with the one of the right class, z_y.

The reach of z_j - z_y is taken at once: the sum over i of |A_ji - A_yi| r_i, which is at most the reaches of z_j and of
z_y together. The loss computes it, since it depends on the class; to the loss, the reach of z_y is then 0.
"""

from __future__ import annotations

from mathdl.kernels.dense import ROW
from mathdl.kernels.jit import Reals, call, kernel_of, part
from mathdl.kernels.panels import to_panels
from mathdl.kernels.simd import (
    absolute_of,
    get,
    lanes_of,
    load,
    load_up_to,
    multiply_add,
    put,
    repeat,
    store_up_to,
    subtract,
    where_positive,
    zeros,
)
from mathdl.kernels.table import Record
from mathdl.kernels.views import part_of, room

MAX_LANES = 16


@kernel_of(ROW)
def forward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute A x + b and A c + b; of the reaches r, make the copy in panels alone."""
    distance = row.image * n
    call(row.plain, row, a, w, n)
    call(row.plain, row, a, part_of(w, distance, len(w) - distance), n)
    if row.makes_copy == 1 and row.first_unit == 0:
        to_panels(w, 2 * distance + row.input * n, 2 * distance + row.panels * n, row.inputs, n)


@kernel_of(ROW)
def backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute A^T dz for the object and for the middle, and for the reach the sum over j of |A_ji - A_yi| dz_j."""
    distance = row.image * n
    call(row.plain_backward, row, a, w, n)
    call(row.plain_backward, row, a, part_of(w, distance, len(w) - distance), n)
    dr, dz = 2 * distance + row.input_gradient * n, distance + row.output_gradient * n
    right = room(w, MAX_LANES)
    for s in range(0, n, lanes_of(w)):
        for i in range(row.inputs):
            find_right(row.weights + i, row.inputs, a, row.targets * n + s, w, n - s, right)
            summed = zeros(w)
            for j in range(row.units):
                weight = repeat(w, get(a, row.weights + j * row.inputs + i))
                difference = absolute_of(subtract(weight, load(right, 0)))
                summed = multiply_add(difference, load(w, dz + j * n + s), summed)
            store_up_to(w, dr + i * n + s, summed, n - s)


@part
def find_right(place: int, inputs: int, a: Reals, target: int, w: Reals, count: int, right: Reals) -> None:
    """Find for each sample of a vector the weight of the output of its class."""
    for k in range(lanes_of(w)):
        put(right, k, get(a, place + int(get(w, target + k)) * inputs if k < count else place))


@part
def add_reaches(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Add the reaches of z_j - z_y to the middles of z_j; the row is the loss's."""
    z, r, right = (row.image + row.input) * n, (2 * row.image + row.reaches) * n, room(w, MAX_LANES)
    for s in range(0, n, lanes_of(w)):
        for i in range(row.inputs):
            find_right(row.weights + i, row.inputs, a, row.targets * n + s, w, n - s, right)
            reach = load(w, r + i * n + s)
            for j in range(row.width):
                weight, p = repeat(w, get(a, row.weights + j * row.inputs + i)), z + j * n + s
                difference = absolute_of(subtract(weight, load(right, 0)))
                store_up_to(w, p, multiply_add(difference, reach, load(w, p)), n - s)


@part
def add_gradient_of_differences(tile: Record, row: Record, a: Reals, w: Reals, g: Reals, block: Record) -> None:
    """Add to the gradient of A_ji, and take from that of A_yi, the sign of A_ji - A_yi times dz_j r_i.

    The row speaks of the third image, and of all units; dz lies in the second one.
    """
    base, place, lanes, units = 0, tile.start + block.shift, lanes_of(w), tile.last
    inputs = (tile.stop - tile.start) // units
    for first in range(0, block.samples, block.chunk):
        n = min(block.chunk, block.samples - first)
        for s in range(n):
            y = int(get(w, base + row.targets * n + s))
            for i in range(0, inputs, lanes):
                x = base + (row.panels + i) * n + s * lanes if n > 1 else base + row.input + i
                count = inputs - i
                reach, of_right = load(w, x), load_up_to(a, row.weights + y * inputs + i, count)
                taken = zeros(w)
                for j in range(units):
                    if j != y:
                        d = get(w, base + (row.output_gradient - row.image + j) * n + s)
                        difference = subtract(load_up_to(a, row.weights + j * inputs + i, count), of_right)
                        signed = where_positive(difference, repeat(w, d), repeat(w, -d))
                        p = place + j * inputs + i
                        store_up_to(g, p, multiply_add(signed, reach, load_up_to(g, p, count)), count)
                        taken = multiply_add(signed, reach, taken)
                p = place + y * inputs + i
                store_up_to(g, p, subtract(load_up_to(g, p, count), taken), count)
        base += block.stride
