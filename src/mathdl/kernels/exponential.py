"""The exponential of a vector: e^x = 2^k e^r with a whole k and |r| <= log(2)/2, e^r by its Taylor series.

Wrong by about one unit in the last place. What is too small for a normal number is rounded once more, what is too large
becomes infinity, and NaN stays NaN.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from mathdl.kernels.jit import twin_of
from mathdl.kernels.simd import call_llvm, fused, llvm_vector

# By bits of a number: terms of the series, bits of the significand and the exponent's bias, and where x is cut off.
TERMS = {32: 8, 64: 14}
SIGNIFICAND = {32: 23, 64: 52}
BIAS = {32: 127, 64: 1023}
RANGE = {32: (-104.0, 89.0), 64: (-746.0, 710.0)}
# The first bits of log 2, so few that their product with k is exact, and the rest; a float of log 2 lacks BEYOND.
BEYOND = 2.3190468138462996e-17
LOG2_HIGH = {bits: round(math.log(2) * 2**places) / 2**places for bits, places in ((32, 14), (64, 40))}
LOG2_LOW = {bits: math.log(2) - high + BEYOND for bits, high in LOG2_HIGH.items()}


@intrinsic
def _exponential(typing_context: Any, x: Any) -> Any:
    bits = x.dtype.bitwidth

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        (x,), lanes = values, signature.args[0]
        vector, integers = llvm_vector(lanes), ir.VectorType(ir.IntType(bits), lanes.count)

        def constant(value: float) -> Any:
            return ir.Constant(vector, [value] * lanes.count)

        low, high = (constant(bound) for bound in RANGE[bits])
        x = builder.select(builder.fcmp_ordered("<", x, low), low, x)
        x = builder.select(builder.fcmp_ordered(">", x, high), high, x)
        number = builder.select(builder.fcmp_unordered("uno", x, x), constant(0.0), x)
        name = f"llvm.rint.v{lanes.count}f{bits}"
        k = call_llvm(builder, name, vector, [builder.fmul(number, constant(1 / math.log(2)))])
        r = fused(builder, k, constant(-LOG2_HIGH[bits]), x)
        r = fused(builder, k, constant(-LOG2_LOW[bits]), r)
        power = constant(1 / math.factorial(TERMS[bits] - 1))
        for term in range(TERMS[bits] - 2, -1, -1):
            power = fused(builder, power, r, constant(1 / math.factorial(term)))
        # In two factors: 2^k itself may be too large or too small for a number.
        whole = builder.fptosi(k, integers)
        half = builder.ashr(whole, ir.Constant(integers, [1] * lanes.count))
        for part in (half, builder.sub(whole, half)):
            biased = builder.add(part, ir.Constant(integers, [BIAS[bits]] * lanes.count))
            factor = builder.shl(biased, ir.Constant(integers, [SIGNIFICAND[bits]] * lanes.count))
            power = builder.fmul(power, builder.bitcast(factor, vector))
        return power

    return x(x), generate


@twin_of(_exponential)
def exponential(x: Any) -> Any:
    """Compute exp lane by lane."""
    return np.exp(x.astype(np.float64)).astype(x.dtype)
