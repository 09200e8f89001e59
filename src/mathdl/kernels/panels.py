"""A second copy of an activation, for sums over samples: its features in panels of one vector's length, samples first.

Number (s, i) of panel p is feature p * lanes + i of sample s: a panel is contiguous, and so is each sample in it.
What a last panel has beyond the features is never read as a number. A single sample is its own copy.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from mathdl.kernels.jit import JIT_OFF, Reals, kernel
from mathdl.kernels.simd import get, lanes_of, put

HALF = 32  # bytes: the square blocks that are transposed in registers have rows of half a vector


@kernel
def to_panels(w: Reals, x: int, copy: int, features: int, n: int) -> None:
    """Copy (features, n) to panels."""
    lanes = lanes_of(w)
    for i in range(0, features, lanes):
        transpose(w, x + i * n, n, copy + i * n, lanes, min(lanes, features - i), n)


@kernel
def from_panels(w: Reals, copy: int, x: int, features: int, n: int) -> None:
    """Copy panels to (features, n)."""
    lanes = lanes_of(w)
    for i in range(0, features, lanes):
        transpose(w, copy + i * n, lanes, x + i * n, n, n, min(lanes, features - i))


@kernel
def transpose(w: Reals, source: int, source_step: int, target: int, target_step: int, rows: int, columns: int) -> None:
    """Copy a matrix to its transpose; ``step`` is the distance from one row to the next."""
    side = HALF // w.itemsize
    whole_rows, whole_columns = rows - rows % side, columns - columns % side
    for r in range(0, whole_rows, side):
        for c in range(0, whole_columns, side):
            transpose_block(w, source + r * source_step + c, source_step, target + c * target_step + r, target_step)
    for r in range(rows):
        for c in range(whole_columns if r < whole_rows else 0, columns):
            put(w, target + c * target_step + r, get(w, source + r * source_step + c))


@intrinsic
def _transpose_block(typing_context: Any, w: Any, source: Any, source_step: Any, target: Any, target_step: Any) -> Any:
    side, align = HALF * 8 // w.dtype.bitwidth, w.dtype.bitwidth // 8

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, source, source_step, target, target_step = values
        data = context.make_array(signature.args[0])(context, builder, array).data
        vector = ir.VectorType(data.type.pointee, side)

        def row(start: Any, step: Any, k: int) -> Any:
            place = builder.add(start, builder.mul(step, ir.Constant(step.type, k)))
            return builder.bitcast(builder.gep(data, [place]), vector.as_pointer())

        rows = [builder.load(row(source, source_step, k), align=align) for k in range(side)]
        half = 1
        while half < side:  # exchange the off-diagonal blocks of this size
            places = ir.VectorType(ir.IntType(32), side)
            upper = ir.Constant(places, [k if k & half == 0 else side + k - half for k in range(side)])
            lower = ir.Constant(places, [k + half if k & half == 0 else side + k for k in range(side)])
            for k in range(side):
                if k & half == 0:
                    first, second = rows[k], rows[k + half]
                    rows[k] = builder.shuffle_vector(first, second, upper)
                    rows[k + half] = builder.shuffle_vector(first, second, lower)
            half *= 2
        for k in range(side):
            builder.store(rows[k], row(target, target_step, k), align=align)
        return context.get_dummy_value()

    return types.void(w, types.intp, types.intp, types.intp, types.intp), generate


def _plain_transpose_block(w: Any, source: int, source_step: int, target: int, target_step: int) -> None:
    side = HALF // w.itemsize
    for r in range(side):
        for c in range(side):
            w[target + c * target_step + r] = w[source + r * source_step + c]


transpose_block = _plain_transpose_block if JIT_OFF else _transpose_block
