"""Rows shorter than a vector, as many at a time as a vector has lanes: small matrices and one object.

So many rows of ``inputs`` numbers each are ``inputs`` vectors of contiguous numbers. How their lanes must be shuffled
is known when a kernel is compiled, so ``inputs`` is a constant of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from mathdl.kernels.jit import twin_of
from mathdl.kernels.simd import Lanes, fused, llvm_vector, pointer_to, splat

MIN_VECTOR_INPUTS = 16  # inputs from which on a row is long enough for vectors along it


def _shuffled(builder: Any, vector: Any, places: list[int]) -> Any:
    """The lanes at some places."""
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(places)), places)
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), mask)


@intrinsic(prefer_literal=True)
def _add_row_products(context_: Any, a: Any, rows: Any, w: Any, x: Any, sums: Any, inputs: Any) -> Any:
    width, lanes = inputs.literal_value, Lanes(a.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, place, w_array, x_place, result, _ = values
        whole = ir.VectorType(llvm_vector(lanes).element, lanes.count * width)
        matrix = builder.load(
            pointer_to(context, builder, signature.args[0], array, place, whole), align=a.dtype.bitwidth // 8
        )
        first = pointer_to(context, builder, signature.args[2], w_array, x_place, llvm_vector(lanes).element)
        for i in range(width):
            number = builder.load(builder.gep(first, [ir.Constant(ir.IntType(64), i)]))
            column = _shuffled(builder, matrix, list(range(i, lanes.count * width, width)))
            result = fused(builder, column, splat(builder, number, lanes), result)
        return result

    return sums(a, types.intp, w, types.intp, sums, inputs), generate


@intrinsic(prefer_literal=True)
def _add_outer_product(context_: Any, a: Any, rows: Any, factor: Any, w: Any, d: Any, x: Any, inputs: Any) -> Any:
    width, lanes = inputs.literal_value, Lanes(a.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, place, scale, w_array, d_place, x_place, _ = values
        vector, align = llvm_vector(lanes), a.dtype.bitwidth // 8
        d_lanes = builder.load(pointer_to(context, builder, signature.args[3], w_array, d_place, vector), align=align)
        x_lanes = builder.load(pointer_to(context, builder, signature.args[3], w_array, x_place, vector), align=align)
        d_lanes = builder.fmul(d_lanes, splat(builder, scale, lanes))
        first = pointer_to(context, builder, signature.args[0], array, place, vector)
        for m in range(width):
            numbers = range(m * lanes.count, (m + 1) * lanes.count)
            left = _shuffled(builder, d_lanes, [number // width for number in numbers])
            right = _shuffled(builder, x_lanes, [number % width for number in numbers])
            target = builder.gep(first, [ir.Constant(ir.IntType(64), m)])
            old = builder.load(target, align=align)
            builder.store(fused(builder, left, right, old), target, align=align)
        return context.get_dummy_value()

    signature = types.void(a, types.intp, a.dtype, w, types.intp, types.intp, inputs)
    return signature, generate


@twin_of(_add_row_products)
def add_row_products(a: Any, rows: int, w: Any, x: int, sums: Any, inputs: int) -> Any:
    """Return the sums plus A x, for the rows of A that begin at ``rows`` in ``a``."""
    return sums + a[rows : rows + len(sums) * inputs].reshape(-1, inputs) @ w[x : x + inputs]


@twin_of(_add_outer_product)
def add_outer_product(a: Any, rows: int, factor: Any, w: Any, d: int, x: int, inputs: int) -> None:
    """Compute A = A + factor d x^T, for the rows of A that begin at ``rows`` in ``a``."""
    lanes = 64 // a.itemsize
    matrix = a[rows : rows + lanes * inputs].reshape(-1, inputs)
    matrix += factor * np.outer(w[d : d + lanes], w[x : x + inputs])
