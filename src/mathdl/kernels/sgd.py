"""Update kernels of stochastic gradient descent (8.11), plain, with momentum, and Nesterov's.

Constants: learning rate, momentum, weight decay. Memory: the gradient g, then the velocity v.
"""

from __future__ import annotations

from mathdl.kernels.jit import Integers, Reals, kernel
from mathdl.kernels.table import SIZE, START, STOP


@kernel
def plain(constants: Reals, memory: Reals, a: Reals, span: Integers) -> None:
    """Compute a = a - rate (g + decay a)."""
    rate, decay = a.dtype.type(constants[0]), a.dtype.type(constants[2])
    g, b = memory[span[START] : span[STOP]], a[span[START] : span[STOP]]
    for i in range(len(b)):
        b[i] -= rate * (g[i] + decay * b[i])


@kernel
def momentum(constants: Reals, memory: Reals, a: Reals, span: Integers) -> None:
    """Compute v = momentum v + g + decay a, then a = a - rate v."""
    rate, keep, decay = a.dtype.type(constants[0]), a.dtype.type(constants[1]), a.dtype.type(constants[2])
    g, b = memory[span[START] : span[STOP]], a[span[START] : span[STOP]]
    v = memory[span[SIZE] + span[START] : span[SIZE] + span[STOP]]
    for i in range(len(b)):
        v[i] = keep * v[i] + (g[i] + decay * b[i])
        b[i] -= rate * v[i]


@kernel
def nesterov(constants: Reals, memory: Reals, a: Reals, span: Integers) -> None:
    """Compute v = momentum v + g + decay a, then a = a - rate (g + decay a + momentum v)."""
    rate, keep, decay = a.dtype.type(constants[0]), a.dtype.type(constants[1]), a.dtype.type(constants[2])
    g, b = memory[span[START] : span[STOP]], a[span[START] : span[STOP]]
    v = memory[span[SIZE] + span[START] : span[SIZE] + span[STOP]]
    for i in range(len(b)):
        d = g[i] + decay * b[i]
        v[i] = keep * v[i] + d
        b[i] -= rate * (d + keep * v[i])
