"""Update kernels of stochastic gradient descent (8.11), plain, with momentum, and Nesterov's.

Constants: learning rate, momentum, weight decay. Memory: the gradient g of the span, and after SIZE numbers the
velocity v.
"""

from __future__ import annotations

from mathdl.kernels.jit import Integers, Reals, kernel
from mathdl.kernels.simd import get, put
from mathdl.kernels.table import GRADIENT, LEFT, RIGHT, SIZE, START, STOP, WIDTH_OF_RIGHT
from mathdl.kernels.views import part_of


@kernel
def plain(constants: Reals, memory: Reals, a: Reals, span: Integers) -> None:
    """Compute a = a - rate (g + decay a)."""
    rate, decay = a.dtype.type(constants[0]), a.dtype.type(constants[2])
    n, start = span[STOP] - span[START], span[START]
    g, b = part_of(memory, span[GRADIENT], n), part_of(a, start, n)
    for i in range(n):
        b[i] -= rate * (g[i] + decay * b[i])


@kernel
def plain_outer(constants: Reals, w: Reals, a: Reals, span: Integers) -> None:
    """Compute a = a - rate (d x^T + decay a) for the gradient d x^T of one object, which is nowhere written down."""
    rate, decay, width = a.dtype.type(constants[0]), a.dtype.type(constants[2]), span[WIDTH_OF_RIGHT]
    if width == 0:
        n = span[STOP] - span[START]
        b, d = part_of(a, span[START], n), part_of(w, span[LEFT], n)
        for i in range(n):
            b[i] -= rate * (d[i] + decay * b[i])
        return
    x, unit = part_of(w, span[RIGHT], width), span[LEFT]
    for start in range(span[START], span[STOP], width):
        factor = get(w, unit)
        unit += 1
        if factor == 0 and decay == 0:  # a neuron that ReLU switched off learns nothing
            continue
        for i in range(width):
            b = get(a, start + i)
            put(a, start + i, b - rate * (factor * get(x, i) + decay * b))


@kernel
def momentum(constants: Reals, memory: Reals, a: Reals, span: Integers) -> None:
    """Compute v = momentum v + g + decay a, then a = a - rate v."""
    rate, keep, decay = a.dtype.type(constants[0]), a.dtype.type(constants[1]), a.dtype.type(constants[2])
    n, start = span[STOP] - span[START], span[START]
    g, b = part_of(memory, span[GRADIENT], n), part_of(a, start, n)
    v = part_of(memory, span[SIZE] + start, n)
    for i in range(n):
        v[i] = keep * v[i] + (g[i] + decay * b[i])
        b[i] -= rate * v[i]


@kernel
def nesterov(constants: Reals, memory: Reals, a: Reals, span: Integers) -> None:
    """Compute v = momentum v + g + decay a, then a = a - rate (g + decay a + momentum v)."""
    rate, keep, decay = a.dtype.type(constants[0]), a.dtype.type(constants[1]), a.dtype.type(constants[2])
    n, start = span[STOP] - span[START], span[START]
    g, b = part_of(memory, span[GRADIENT], n), part_of(a, start, n)
    v = part_of(memory, span[SIZE] + start, n)
    for i in range(n):
        d = g[i] + decay * b[i]
        v[i] = keep * v[i] + d
        b[i] -= rate * (d + keep * v[i])
