"""Kernels of dropout: y = m x, where m is 0 with probability ``rate`` and 1 / (1 - rate) otherwise.

Whether a unit is dropped is a hash of the seed, the step, the number of the Dropout layer, the unit and the object's
place in the batch, so it depends neither on threads nor on what was drawn before. The factors stay in the workspace
for the way back. Outside of steps with an update nothing is drawn, and every factor is 1.

Of its own a row has the numbers per sample, the offset of the factors, the layer's number, rate * 2^32 and
1 / (1 - rate).
"""

from __future__ import annotations

from mathdl.kernels.jit import Reals, kernel_of, part
from mathdl.kernels.simd import get, lanes_of, load_up_to, multiply_add, put, store_up_to, zeros
from mathdl.kernels.table import Record, operation

ROW = operation("width", "factors", "number", "threshold", scale=float)
WORD = 0xFFFFFFFF  # the lowest 32 bits: products may overflow above them, whole numbers have no bits of their own there
UNIT_STEP = 0x9E3779B9  # odd numbers without pattern, so that units and places begin far apart
PLACE_STEP = 0x85EBCA6B


@part
def mixed(word: int) -> int:
    """Scramble 32 bits, one to one: Wellons' hash of low bias."""
    word = ((word ^ (word >> 16)) * 0x7FEB352D) & WORD
    word = ((word ^ (word >> 15)) * 0x846CA68B) & WORD
    return word ^ (word >> 16)


@part
def key_of_step(row: Record) -> int:
    """Hash the seed, the step and the layer's number."""
    seed, step = int(row.draw_seed), int(row.draw_step)
    key = mixed(UNIT_STEP ^ (seed & WORD))
    key = mixed(key ^ (seed >> 32))
    key = mixed(key ^ (step & WORD))
    key = mixed(key ^ (step >> 32))
    return mixed(key ^ int(row.number))


@kernel_of(ROW)
def forward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Draw the factors and multiply."""
    draws, key, threshold = row.draw_seed >= 0, key_of_step(row), int(row.threshold)
    one, zero = w.dtype.type(1), w.dtype.type(0)
    kept, place = w.dtype.type(row.scale), int(row.draw_place)
    for unit in range(row.width):
        x, y, m = (row.input + unit) * n, (row.output + unit) * n, (row.factors + unit) * n
        base = mixed((key + unit * UNIT_STEP) & WORD) + place * PLACE_STEP
        for s in range(n):
            hashed = mixed((base + s * PLACE_STEP) & WORD)
            factor = (kept if hashed >= threshold else zero) if draws else one
            put(w, m + s, factor)
            put(w, y + s, factor * get(w, x + s))


@kernel_of(ROW)
def backward(row: Record, a: Reals, w: Reals, n: int) -> None:
    """Compute dx = m dy."""
    m, dx, dy, size = row.factors * n, row.input_gradient * n, row.output_gradient * n, row.width * n
    for t in range(0, size, lanes_of(w)):
        product = multiply_add(load_up_to(w, m + t, size - t), load_up_to(w, dy + t, size - t), zeros(w))
        store_up_to(w, dx + t, product, size - t)
