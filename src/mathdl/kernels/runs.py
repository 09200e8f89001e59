"""Runs of contiguous numbers, one vector at a time: their sum, a copy, zeros, multiples."""

from __future__ import annotations

from mathdl.kernels.jit import Reals, part
from mathdl.kernels.simd import (
    add,
    lanes_of,
    load,
    load_up_to,
    multiply_add,
    repeat,
    store_up_to,
    total,
    zeros,
)


@part
def sum_of(w: Reals, start: int, count: int) -> float:
    """Sum ``count`` numbers of ``w`` from ``start`` on."""
    lanes, even, odd = lanes_of(w), zeros(w), zeros(w)
    pairs = count - count % (2 * lanes)
    for t in range(start, start + pairs, 2 * lanes):
        even, odd = add(even, load(w, t)), add(odd, load(w, t + lanes))
    for t in range(start + pairs, start + count, lanes):
        even = add(even, load_up_to(w, t, start + count - t))
    return total(add(even, odd))  # type: ignore[no-any-return]


@part
def copy_run(source: Reals, first: int, target: Reals, place: int, count: int) -> None:
    """Copy ``count`` numbers from ``first`` on to ``place`` on; the two do not overlap."""
    for t in range(0, count, lanes_of(target)):
        store_up_to(target, place + t, load_up_to(source, first + t, count - t), count - t)


@part
def clear_run(w: Reals, start: int, count: int) -> None:
    """Set ``count`` numbers of ``w`` from ``start`` on to zero."""
    for t in range(0, count, lanes_of(w)):
        store_up_to(w, start + t, zeros(w), count - t)


@part
def fill_run(w: Reals, start: int, count: int, value: float) -> None:
    """Set ``count`` numbers of ``w`` from ``start`` on to a value."""
    filled = repeat(w, value)
    for t in range(0, count, lanes_of(w)):
        store_up_to(w, start + t, filled, count - t)


@part
def scale_run(a: Reals, start: int, count: int, factor: float) -> None:
    """Multiply ``count`` numbers of ``a`` by ``factor``."""
    scale = repeat(a, factor)
    for t in range(0, count, lanes_of(a)):
        scaled = multiply_add(scale, load_up_to(a, start + t, count - t), zeros(a))
        store_up_to(a, start + t, scaled, count - t)


@part
def add_multiple(a: Reals, start: int, count: int, factor: float, w: Reals, x: int) -> None:
    """Add to ``count`` numbers of ``a`` ``factor`` times those of ``w`` from ``x`` on."""
    scale, lanes = repeat(a, factor), lanes_of(a)
    whole = count - count % lanes
    for t in range(0, whole, lanes):
        store_up_to(a, start + t, multiply_add(scale, load(w, x + t), load(a, start + t)), lanes)
    if whole < count:
        rest, t = count - whole, start + whole
        store_up_to(a, t, multiply_add(scale, load_up_to(w, x + whole, rest), load_up_to(a, t, rest)), rest)
