"""Update kernels of stochastic gradient descent (8.11), plain, with momentum, and Nesterov's.

Constants: learning rate, momentum, weight decay. Memory: the gradient g of the span, and after SIZE numbers the
velocity v.
"""

from __future__ import annotations

from mathdl.kernels.jit import Integers, Reals, kernel
from mathdl.kernels.table import GRADIENT, SIZE, START, STOP
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
