"""Update kernels of stochastic gradient descent (8.11), plain, with momentum, and Nesterov's.

Constants: learning rate, momentum, weight decay. Memory: the gradient g of the span, and after as many numbers as
there are parameters the velocity v.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from mathdl.kernels.jit import Reals, kernel, part
from mathdl.kernels.narrow import add_outer_product
from mathdl.kernels.runs import add_multiple, scale_run
from mathdl.kernels.simd import get, lanes_of, put
from mathdl.kernels.table import Record
from mathdl.kernels.views import part_of


@kernel
def plain(constants: Reals, memory: Reals, a: Reals, span: Record) -> None:
    """Compute a = a - rate (g + decay a)."""
    rate, decay = a.dtype.type(constants[0]), a.dtype.type(constants[2])
    n, start = span.stop - span.start, span.start
    g, b = part_of(memory, span.gradient, n), part_of(a, start, n)
    for i in range(n):
        b[i] -= rate * (g[i] + decay * b[i])


@kernel
def plain_outer(constants: Reals, w: Reals, a: Reals, span: Record) -> None:
    """Compute a = a - rate (d x^T + decay a) for the gradient d x^T of one object, which is nowhere written down."""
    start, stop, unit, width = span.start, span.stop, span.left, span.right_width
    rate = decayed(constants, a, start, stop)
    if width == 0:
        add_multiple(a, start, stop - start, -rate, w, unit)
        return
    for row in range(start, stop, width):
        factor = -rate * get(w, unit)
        unit += 1
        if factor != 0:  # a neuron that ReLU switched off learns nothing
            add_multiple(a, row, width, factor, w, span.right)


@cache
def plain_narrow(inputs: int) -> Any:
    """Make ``plain_outer`` for an x of few numbers: as many rows at a time as a vector has lanes."""

    @kernel
    def narrow(constants: Reals, w: Reals, a: Reals, span: Record) -> None:
        """Compute a = a - rate (d x^T + decay a)."""
        row, stop, unit, rows = span.start, span.stop, span.left, lanes_of(a)
        rate = decayed(constants, a, row, stop)
        while row + rows * inputs <= stop:
            add_outer_product(a, row, -rate, w, unit, span.right, inputs)
            row, unit = row + rows * inputs, unit + rows
        while row < stop:
            factor = -rate * get(w, unit)
            for i in range(inputs):
                put(a, row + i, get(a, row + i) + factor * get(w, span.right + i))
            row, unit = row + inputs, unit + 1

    return narrow


@part
def decayed(constants: Reals, a: Reals, start: int, stop: int) -> float:
    """Compute a = a - rate decay a, where there is a decay; return the rate."""
    if constants[2] != 0:
        scale_run(a, start, stop - start, a.dtype.type(1 - constants[0] * constants[2]))
    return a.dtype.type(constants[0])  # type: ignore[no-any-return]


@kernel
def momentum(constants: Reals, memory: Reals, a: Reals, span: Record) -> None:
    """Compute v = momentum v + g + decay a, then a = a - rate v."""
    rate, keep, decay = a.dtype.type(constants[0]), a.dtype.type(constants[1]), a.dtype.type(constants[2])
    n, start = span.stop - span.start, span.start
    g, b = part_of(memory, span.gradient, n), part_of(a, start, n)
    v = part_of(memory, span.parameters + start, n)
    for i in range(n):
        v[i] = keep * v[i] + (g[i] + decay * b[i])
        b[i] -= rate * v[i]


@kernel
def nesterov(constants: Reals, memory: Reals, a: Reals, span: Record) -> None:
    """Compute v = momentum v + g + decay a, then a = a - rate (g + decay a + momentum v)."""
    rate, keep, decay = a.dtype.type(constants[0]), a.dtype.type(constants[1]), a.dtype.type(constants[2])
    n, start = span.stop - span.start, span.start
    g, b = part_of(memory, span.gradient, n), part_of(a, start, n)
    v = part_of(memory, span.parameters + start, n)
    for i in range(n):
        d = g[i] + decay * b[i]
        v[i] = keep * v[i] + d
        b[i] -= rate * (d + keep * v[i])
