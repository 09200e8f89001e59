"""Square blocks of bytes that become numbers from 0 to 1: 16 bytes of 16 samples, in panels and transposed.

The bytes are transposed before they are converted, while one register holds a whole row of them.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from mathdl.kernels.jit import Bytes, Integers, Reals, twin_of
from mathdl.kernels.simd import Lanes, llvm_vector, one_byte, pointer_to, splat

BLOCK_SIDE = 16


@intrinsic
def _convert_block(
    typing_context: Any,
    source: Any,
    order: Any,
    first: Any,
    width: Any,
    column: Any,
    w: Any,
    panel: Any,
    place: Any,
    step: Any,
) -> Any:
    lanes = Lanes(w.dtype)
    scale = one_byte(w)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        source, order, first, width, column, w, panel, place, step = values
        row_type, kinds = ir.VectorType(ir.IntType(8), BLOCK_SIDE), signature.args
        samples = context.make_array(kinds[1])(context, builder, order).data

        def plus(start: Any, count: int, distance: Any) -> Any:
            return builder.add(start, builder.mul(distance, ir.Constant(distance.type, count)))

        def store(row: Any, part: int, target: Any) -> None:
            lanes_of_part = list(range(part * lanes.count, (part + 1) * lanes.count))
            small = builder.shuffle_vector(row, row, _mask(lanes_of_part))
            numbers = builder.uitofp(small, llvm_vector(lanes))
            scaled = builder.fmul(numbers, splat(builder, ir.Constant(numbers.type.element, scale), lanes))
            pointer = pointer_to(context, builder, kinds[5], w, target, llvm_vector(lanes))
            builder.store(scaled, pointer, align=lanes.dtype.bitwidth // 8)

        one, lane_count = ir.Constant(step.type, 1), ir.Constant(step.type, lanes.count)
        rows = []
        for r in range(BLOCK_SIDE):
            sample = builder.load(builder.gep(samples, [plus(first, r, one)]))
            start = builder.add(builder.mul(sample, width), column)
            rows.append(builder.load(pointer_to(context, builder, kinds[0], source, start, row_type), align=1))
        for part in range(BLOCK_SIDE // lanes.count):
            for r, row in enumerate(rows):
                store(row, part, plus(plus(panel, part, builder.mul(step, lane_count)), r, lane_count))
            for c, column_of_bytes in enumerate(_transposed(builder, rows)):
                store(column_of_bytes, part, plus(plus(place, c, step), part, lane_count))
        return context.get_dummy_value()

    whole = types.intp
    return types.void(source, order, whole, whole, whole, w, whole, whole, whole), generate


def _transposed(builder: Any, rows: list[Any]) -> list[Any]:
    """Transpose by four rounds of interleaving the first half of the rows with the second."""
    half = BLOCK_SIDE // 2
    low = [lane for k in range(half) for lane in (k, BLOCK_SIDE + k)]
    high = [lane + half for lane in low]
    for _ in range(4):
        rows = [builder.shuffle_vector(rows[j], rows[half + j], _mask(m)) for j in range(half) for m in (low, high)]
    return rows


def _mask(lanes: list[int]) -> Any:
    """The lanes that a shuffle takes."""
    return ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)


@twin_of(_convert_block)
def convert_block(
    source: Bytes, order: Integers, first: int, width: int, column: int, w: Reals, panel: int, place: int, step: int
) -> None:
    """Convert 16 bytes from ``column`` on of the samples ``order[first]`` to ``order[first + 15]``.

    They go to panels of ``step`` samples from ``panel`` on, and to rows of ``step`` samples from ``place`` on.
    """
    lanes = 64 // w.itemsize
    for r in range(BLOCK_SIDE):
        start = order[first + r] * width + column
        for c in range(BLOCK_SIDE):
            number = w.dtype.type(source[start + c]) * w.dtype.type(one_byte(w))
            w[panel + c // lanes * lanes * step + r * lanes + c % lanes] = w[place + c * step + r] = number
