"""A second copy of an activation, for sums over samples: its features in panels of one vector's length, samples first.

Number (s, i) of panel p is feature p * lanes + i of sample s: a panel is contiguous, and so is each sample in it.
What a last panel has beyond the features is never read as a number. A single sample is its own copy.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from mathdl.kernels.jit import Reals, kernel, twin_of
from mathdl.kernels.simd import get, lanes_of, put

HALF_BYTES = 32  # bytes: the square blocks that are transposed in registers have rows of half a vector


@kernel
def to_panels(w: Reals, x: int, copy: int, features: int, n: int) -> None:
    """Copy (features, n) to panels."""
    lanes = lanes_of(w)
    for i in range(0, features, lanes):
        transpose(w, x + i * n, n, copy + i * n, lanes, min(lanes, features - i), n)


@kernel
def transpose(w: Reals, source: int, source_step: int, target: int, target_step: int, rows: int, columns: int) -> None:
    """Copy a matrix to its transpose; ``step`` is the distance from one row to the next."""
    side = HALF_BYTES // w.itemsize
    whole_rows, whole_columns = rows - rows % side, columns - columns % side
    for r in range(0, whole_rows, side):
        for c in range(0, whole_columns, side):
            transpose_block(w, source + r * source_step + c, source_step, target + c * target_step + r, target_step)
    for r in range(rows):
        for c in range(whole_columns if r < whole_rows else 0, columns):
            put(w, target + c * target_step + r, get(w, source + r * source_step + c))


@intrinsic
def _transpose_block(typing_context: Any, w: Any, source: Any, source_step: Any, target: Any, target_step: Any) -> Any:
    side, align = HALF_BYTES * 8 // w.dtype.bitwidth, w.dtype.bitwidth // 8

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, source, source_step, target, target_step = values
        data = context.make_array(signature.args[0])(context, builder, array).data
        vector = ir.VectorType(data.type.pointee, side)

        def places(start: Any, step: Any) -> list[Any]:
            pointers = [builder.gep(data, [start])]
            for _ in range(side - 1):
                pointers.append(builder.gep(pointers[-1], [step]))
            return [builder.bitcast(pointer, vector.as_pointer()) for pointer in pointers]

        rows = [builder.load(place, align=align) for place in places(source, source_step)]
        for row, place in zip(_transposed(builder, rows), places(target, target_step), strict=True):
            builder.store(row, place, align=align)
        return context.get_dummy_value()

    return types.void(w, types.intp, types.intp, types.intp, types.intp), generate


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Transpose a square in registers, by shuffles that are one instruction each: within quarters, then of quarters."""
    side = len(rows)
    half = side // 2  # numbers of 16 bytes

    def of_two(x: Any, y: Any, lanes: list[int]) -> Any:
        return builder.shuffle_vector(x, y, ir.Constant(ir.VectorType(ir.IntType(32), side), lanes))

    group = 1
    while group < half:
        starts = [quarter + k for quarter in (0, half) for k in range(0, half // 2, group)]
        low = [lane + g for start in starts for lane in (start, side + start) for g in range(group)]
        high = [lane + half // 2 for lane in low]
        pairs = [(base + j, base + j + group) for base in range(0, side, 2 * group) for j in range(group)]
        rows = [of_two(rows[i], rows[j], lanes) for i, j in pairs for lanes in (low, high)]
        group *= 2
    left, right = list(range(half)), list(range(half, side))
    ends = [(part + [side + lane for lane in part], c) for part in (left, right) for c in range(half)]
    return [of_two(rows[c], rows[half + c], lanes) for lanes, c in ends]


@twin_of(_transpose_block)
def transpose_block(w: Any, source: int, source_step: int, target: int, target_step: int) -> None:
    """Copy a square to its transpose."""
    side = HALF_BYTES // w.itemsize
    for r in range(side):
        for c in range(side):
            w[target + c * target_step + r] = w[source + r * source_step + c]
