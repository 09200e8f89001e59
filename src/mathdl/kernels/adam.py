"""Update kernel of Adam.

Constants: learning rate, beta1, beta2, epsilon, weight decay. Memory: the gradient g of the span, and after
as many numbers as there are parameters its mean m and the mean v of its squares.
"""

from __future__ import annotations

import numpy as np

from mathdl.kernels.jit import Reals, kernel
from mathdl.kernels.table import Record
from mathdl.kernels.views import part_of


@kernel
def adam(constants: Reals, memory: Reals, a: Reals, span: Record) -> None:
    """Compute a = a - rate m^ / (sqrt(v^) + epsilon), with m^ and v^ freed from their start at zero."""
    beta1, beta2, t = constants[1], constants[2], span.step + 1
    keep1, new1 = a.dtype.type(beta1), a.dtype.type(1 - beta1)
    keep2, new2 = a.dtype.type(beta2), a.dtype.type(1 - beta2)
    rate = a.dtype.type(constants[0] / (1 - beta1**t))
    scale = a.dtype.type(1 / np.sqrt(1 - beta2**t))
    epsilon, decay = a.dtype.type(constants[3]), a.dtype.type(constants[4])
    n, start = span.stop - span.start, span.start
    g, b = part_of(memory, span.gradient, n), part_of(a, start, n)
    m = part_of(memory, span.parameters + start, n)
    v = part_of(memory, 2 * span.parameters + start, n)
    for i in range(n):
        d = g[i] + decay * b[i]
        m[i] = keep1 * m[i] + new1 * d
        v[i] = keep2 * v[i] + new2 * d * d
        b[i] -= rate * m[i] / (np.sqrt(v[i]) * scale + epsilon)
