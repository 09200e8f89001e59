"""The exponential of a vector: e^x = 2^k e^r with a whole k and |r| <= log(2)/2, e^r by its Taylor series.

e^x - 1 is 2^k (e^r - 1) + (2^k - 1), which loses nothing near 0. Both are wrong by about one unit in the last place.
What is too small for a normal number is rounded once more, what is too large becomes infinity, and NaN stays NaN.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

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


class _Parts(NamedTuple):
    """The parts of e^x = 2^k e^r: e^r - 1 divided by r, r, and 2^k in two factors, since it may be no number itself."""

    series: Any
    r: Any
    factors: tuple[Any, Any]


def _parts(builder: Any, x: Any, lanes: Any) -> _Parts:
    """Take x apart."""
    bits = lanes.dtype.bitwidth
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
    series = constant(1 / math.factorial(TERMS[bits] - 1))
    for term in range(TERMS[bits] - 2, 0, -1):
        series = fused(builder, series, r, constant(1 / math.factorial(term)))
    whole = builder.fptosi(k, integers)
    half = builder.ashr(whole, ir.Constant(integers, [1] * lanes.count))
    factors = []
    for part in (half, builder.sub(whole, half)):
        biased = builder.add(part, ir.Constant(integers, [BIAS[bits]] * lanes.count))
        factor = builder.shl(biased, ir.Constant(integers, [SIGNIFICAND[bits]] * lanes.count))
        factors.append(builder.bitcast(factor, vector))
    return _Parts(series, r, (factors[0], factors[1]))


@intrinsic
def _exponential(typing_context: Any, x: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        series, r, factors = _parts(builder, values[0], x)
        power = fused(builder, series, r, ir.Constant(series.type, [1.0] * x.count))
        return builder.fmul(builder.fmul(power, factors[0]), factors[1])

    return x(x), generate


@intrinsic
def _exponential_less_one(typing_context: Any, x: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        series, r, factors = _parts(builder, values[0], x)
        whole = builder.fmul(*factors)
        part = builder.fmul(builder.fmul(series, r), whole)
        return builder.fadd(part, builder.fsub(whole, ir.Constant(series.type, [1.0] * x.count)))

    return x(x), generate


@twin_of(_exponential)
def exponential(x: Any) -> Any:
    """Compute exp lane by lane."""
    return np.exp(x.astype(np.float64)).astype(x.dtype)


@twin_of(_exponential_less_one)
def exponential_less_one(x: Any) -> Any:
    """Compute exp(x) - 1 lane by lane, for x of at most 0."""
    return np.expm1(x.astype(np.float64)).astype(x.dtype)
