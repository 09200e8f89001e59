"""Tiles of sums: each of their operations against NumPy, and the shapes that a processor can have."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from kernels.one_row import DTYPES, Array, integers
from mathdl.errors import InputError
from mathdl.kernels.jit import JIT_OFF, Integers, Reals, kernel
from mathdl.kernels.simd import lanes_of
from mathdl.kernels.tile_shape import SHAPES, tile_shape
from mathdl.kernels.tiles import (
    LEFT,
    PRODUCTS,
    RIGHT,
    ROWS,
    VECTORS,
    add_inner_products,
    add_last_inner_products,
    add_products,
    load_rows,
    no_sums,
    places_at,
    put_totals,
    rows_from,
    rows_of,
    spread_rows,
    store_rows,
)

COUNTS = (1, ROWS - 1, ROWS, ROWS + 3) if ROWS > 1 else (1, 2)  # rows: fewer than a tile has, as many, more
LENGTH = 5  # numbers of each row


@kernel
def products(a: Reals, w: Reals, count: int, apart: int, begins: int) -> None:
    """Multiply each row of ``a`` by vectors ``apart`` numbers from one another; what comes out lies behind them."""
    lanes, out = lanes_of(w), LENGTH * VECTORS * apart
    for u in range(0, count, ROWS):
        rows = rows_from(ROWS, u, count, 0, LENGTH)
        targets = rows_of(rows_from(ROWS, u, count, 0, 1), out, VECTORS * lanes)
        sums = no_sums(w, rows, VECTORS)
        if begins == 1:
            sums = spread_rows(a, rows, VECTORS)
        elif begins == 2:
            sums = load_rows(w, targets, 0, VECTORS)
        for k in range(LENGTH):
            sums = add_products(a, rows, k, w, k * VECTORS * apart, apart, sums)
        store_rows(w, targets, 0, sums, VECTORS * lanes)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("gap", [0, 3])
@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("begins", [0, 1, 2])
def test_numbers_times_vectors(dtype: str, gap: int, count: int, begins: int) -> None:
    lanes = 64 // np.dtype(dtype).itemsize
    apart = lanes + gap
    a, x = integers(count, LENGTH).astype(dtype), integers(LENGTH, VECTORS, apart, seed=1)
    old = integers(count, VECTORS * lanes, seed=2)
    w = np.concatenate([x.ravel(), old.ravel()]).astype(dtype)
    products(a.ravel(), w, count, apart, begins)
    start = [np.zeros_like(old), np.broadcast_to(a[:, :1], old.shape), old][begins]
    expected = start + np.einsum("uk,kvl->uvl", a, x[:, :, :lanes]).reshape(count, -1)
    assert np.array_equal(w[x.size :].reshape(old.shape), expected)
    assert np.array_equal(w[: x.size], x.ravel())


@kernel
def last(a: Reals, w: Reals, count: int, left: int) -> None:
    lanes, tile = lanes_of(w), VECTORS * lanes_of(w)
    rows = rows_from(ROWS, 0, count, 0, LENGTH)
    sums = add_products(a, rows, 1, w, 0, lanes, no_sums(w, rows, VECTORS))
    store_rows(w, rows_from(ROWS, 0, count, tile, tile), 0, sums, left)


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_last_vector_is_stored_in_part(dtype: str) -> None:
    lanes = 64 // np.dtype(dtype).itemsize
    tile = VECTORS * lanes
    for left in (tile - lanes + 1, tile - lanes + 3, tile - 1, tile, tile + 2):
        a, w = integers(2, LENGTH).astype(dtype), np.full(3 * tile, 7, dtype)
        w[:tile] = np.arange(tile)
        last(a.ravel(), w, 2, left)
        expected = np.full((2, tile), 7.0)
        expected[:, :left] = np.outer(a[:, 1], np.arange(tile))[:, :left]
        assert np.array_equal(w[tile:].reshape(2, tile), expected)


@kernel
def inner(x: Reals, w: Reals, places: Integers, length: int, out: Reals) -> None:
    """Multiply the runs of ``x`` by those of ``w`` that begin at some places, 2 numbers further on."""
    left, right, lanes = rows_from(LEFT, 0, LEFT, 0, length), places_at(RIGHT, places, 0, len(places)), lanes_of(w)
    whole, sums = length - length % lanes, no_sums(w, left, RIGHT)
    for t in range(0, whole, lanes):
        sums = add_inner_products(x, left, t, w, right, t + 2, sums)
    sums = add_last_inner_products(x, left, whole, w, right, whole + 2, sums, length - whole)
    put_totals(out, rows_from(PRODUCTS, 0, PRODUCTS, 0, 1), sums)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("length", [1, 16, 37])
@pytest.mark.parametrize("runs", [1, RIGHT])
def test_inner_products_of_runs(dtype: str, length: int, runs: int) -> None:
    x, w = integers(LEFT, length).astype(dtype), integers(runs * length + 2 + 16, seed=1).astype(dtype)
    out = np.zeros(LEFT * RIGHT, dtype)
    inner(x.ravel(), w, np.arange(runs) * length, length, out)
    others = np.stack([w[2 + min(r, runs - 1) * length :][:length] for r in range(RIGHT)])
    assert np.array_equal(out.reshape(LEFT, RIGHT), x @ others.T)


# Train a small network on numbers whose sums are rounded, and print what comes out.
TRAIN = """
import hashlib
import numpy as np
import mathdl
generator = np.random.default_rng(0)
X, y = generator.normal(size=(70, 2, 9, 8)).astype(np.float32), np.arange(70) % 3
layers = [mathdl.Conv2D(9, (3, 2), activation="relu"), mathdl.Flatten(), mathdl.Dense(11), mathdl.Dense(3)]
net = mathdl.Network(layers, input_shape=(2, 9, 8), seed=0)
net.fit(X, y, loss="cross_entropy", batch_size=35, epochs=2, seed=0)
print(hashlib.sha256(net.parameters.tobytes()).hexdigest())
"""


def trained(shape: str | None) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "MATHDL_TILE"}
    environment |= {"MATHDL_TILE": shape} if shape else {}
    command = [sys.executable, "-c", TRAIN]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=300)
    return done.stdout


@pytest.mark.slow  # it compiles everything for each shape
@pytest.mark.skipif(JIT_OFF, reason="without compiled code there are no registers")
def test_no_shape_changes_a_bit() -> None:
    assert len({trained(None), *(trained(f"{shape.rows}x{shape.vectors}") for shape in possible())}) == 1


def possible() -> list[Any]:
    """The shapes that this processor has registers for, but the one that it takes by itself."""
    shapes = list(SHAPES.values())
    return shapes[[(shape.rows, shape.vectors) for shape in shapes].index((ROWS, VECTORS)) + 1 :]


@pytest.mark.parametrize(
    ("registers", "wanted", "shape"),
    [
        ("vaddps zmm0, zmm0, zmm0", None, "zmm"),
        ("vaddps %ymm0, %ymm0, %ymm0", None, "ymm"),
        ("addps xmm0, xmm0", None, ""),
        ("fadd v0.4s, v0.4s, v0.4s", None, ""),
        ("vaddps zmm0, zmm0, zmm0", "6x1", "ymm"),
        ("vaddps zmm0, zmm0, zmm0", "2x1", ""),
    ],
)
def test_the_widest_registers_decide(registers: str, wanted: str | None, shape: str) -> None:
    assert tile_shape(wanted, registers) == SHAPES[shape]


@pytest.mark.parametrize("wanted", ["8x2", "3x3", "", "x"])
def test_a_shape_that_cannot_be_had_is_refused(wanted: str) -> None:
    with pytest.raises(InputError, match=r"this processor has registers for tiles of 6x1 or 2x1; unset it"):
        tile_shape(wanted, "vaddps ymm0, ymm0, ymm0")


def test_shapes_share_what_kernels_count_on() -> None:
    """A convolution sums as many numbers of a kernel at a time as any shape's groups divide."""
    from mathdl.kernels.conv2d import NUMBERS

    rows: Array = np.array(list(SHAPES.values()))
    assert (NUMBERS % rows[:, 3] == 0).all()
