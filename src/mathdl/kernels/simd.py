"""Vectors of 64 bytes for kernels: a run of contiguous numbers held in registers.

LLVM turns one such vector into whatever the machine has (one AVX-512 register, two of AVX2, four of SSE or NEON),
so a kernel written with them states its register blocking itself and does not depend on the loop vectoriser.
With the JIT off the same names work on NumPy slices.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

from mathdl.kernels.jit import of_vectors, twin_of

VECTOR_BYTES = 64  # bytes


class Lanes(types.Type):  # type: ignore[misc]
    """Numba's type of such a vector."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype
        self.count = VECTOR_BYTES * 8 // dtype.bitwidth
        super().__init__(name=f"Lanes({dtype})")


def _number(lanes: Lanes) -> Any:
    """The LLVM type of one lane."""
    return ir.FloatType() if lanes.dtype.bitwidth == 32 else ir.DoubleType()


def llvm_vector(lanes: Lanes) -> Any:
    """The LLVM vector type."""
    return ir.VectorType(_number(lanes), lanes.count)


@register_model(Lanes)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    """Held as one LLVM vector."""

    def __init__(self, manager: Any, lanes: Lanes) -> None:
        super().__init__(manager, lanes, llvm_vector(lanes))


def pointer_to(context: Any, builder: Any, kind: Any, array: Any, index: Any, target: Any) -> Any:
    """A pointer to ``array[index]`` seen as ``target``; no check, no negative indices."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), target.as_pointer())


def call_llvm(builder: Any, name: str, result: Any, values: list[Any]) -> Any:
    """Call an LLVM intrinsic function."""
    kind = ir.FunctionType(result, [value.type for value in values])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), values)


def fused(builder: Any, x: Any, y: Any, z: Any) -> Any:
    """Compute x y + z, rounded once where the machine can."""
    bits = 32 if z.type.element == ir.FloatType() else 64
    return call_llvm(builder, f"llvm.fmuladd.v{z.type.count}f{bits}", z.type, [x, y, z])


def splat(builder: Any, value: Any, lanes: Lanes) -> Any:
    """One number in every lane."""
    undefined = ir.Constant(llvm_vector(lanes), ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), lanes.count), [0] * lanes.count)
    return builder.shuffle_vector(first, undefined, zeros)


def _mask(builder: Any, count: Any, lanes: Lanes) -> Any:
    """True in the first ``count`` lanes."""
    integers = ir.VectorType(ir.IntType(32), lanes.count)
    undefined = ir.Constant(integers, ir.Undefined)
    zeros = ir.Constant(integers, [0] * lanes.count)
    narrow = builder.trunc(count, ir.IntType(32))
    first = builder.insert_element(undefined, narrow, ir.Constant(ir.IntType(32), 0))
    spread_count = builder.shuffle_vector(first, undefined, zeros)
    return builder.icmp_signed("<", ir.Constant(integers, list(range(lanes.count))), spread_count)


def _partial_store(module: Any, lanes: Lanes) -> Any:
    """A function (pointer, vector, count) that stores the first lanes: by halves, since a masked store can be slow."""
    name = f"mathdl.store_up_to.v{lanes.count}f{lanes.dtype.bitwidth}"
    if name in module.globals:
        return module.globals[name]
    number, index = _number(lanes), ir.IntType(64)
    kind = ir.FunctionType(ir.VoidType(), [number.as_pointer(), llvm_vector(lanes), index])
    function = ir.Function(module, kind, name)
    function.linkage = "linkonce_odr"
    function.attributes.add("noinline")
    builder = ir.IRBuilder(function.append_basic_block())
    pointer, vector, count = function.args
    half = lanes.count // 2
    while half >= 1:
        undefined = ir.Constant(vector.type, ir.Undefined)
        places = ir.VectorType(ir.IntType(32), half)
        low = builder.shuffle_vector(vector, undefined, ir.Constant(places, list(range(half))))
        high = builder.shuffle_vector(vector, undefined, ir.Constant(places, list(range(half, 2 * half))))
        wanted = builder.icmp_unsigned("!=", builder.and_(count, index(half)), index(0))
        with builder.if_then(wanted):
            builder.store(low, builder.bitcast(pointer, low.type.as_pointer()), align=lanes.dtype.bitwidth // 8)
        pointer = builder.select(wanted, builder.gep(pointer, [index(half)]), pointer)
        vector = builder.select(wanted, high, low)
        half //= 2
    builder.ret_void()
    return function


def load_first_lanes(builder: Any, pointer: Any, count: Any, lanes: Lanes) -> Any:
    """Load the first ``count`` lanes, and zeros after them."""
    vector, bits = llvm_vector(lanes), lanes.dtype.bitwidth
    align, zero = ir.Constant(ir.IntType(32), bits // 8), ir.Constant(vector, [0.0] * lanes.count)
    name = f"llvm.masked.load.v{lanes.count}f{bits}.p0"
    return call_llvm(builder, name, vector, [pointer, align, _mask(builder, count, lanes), zero])


def store_first_lanes(builder: Any, pointer: Any, vector: Any, count: Any, lanes: Lanes) -> None:
    """Store the first ``count`` lanes, fewer than there are."""
    first = builder.bitcast(pointer, _number(lanes).as_pointer())
    builder.call(_partial_store(builder.module, lanes), [first, vector, count])


@intrinsic
def _lanes_of(typing_context: Any, array: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return context.get_constant(types.intp, Lanes(array.dtype).count)

    return types.intp(array), generate


@intrinsic
def _load(typing_context: Any, array: Any, index: Any) -> Any:
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = pointer_to(context, builder, signature.args[0], values[0], values[1], llvm_vector(lanes))
        return builder.load(pointer, align=array.dtype.bitwidth // 8)

    return lanes(array, types.intp), generate


@intrinsic
def _load_up_to(typing_context: Any, array: Any, index: Any, count: Any) -> Any:
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = pointer_to(context, builder, signature.args[0], values[0], values[1], llvm_vector(lanes))
        return load_first_lanes(builder, pointer, values[2], lanes)

    return lanes(array, types.intp, types.intp), generate


@intrinsic
def _load_bytes(typing_context: Any, source: Any, index: Any, like: Any) -> Any:
    lanes = Lanes(like.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        small = ir.VectorType(ir.IntType(8), lanes.count)
        pointer = pointer_to(context, builder, signature.args[0], values[0], values[1], small)
        numbers = builder.uitofp(builder.load(pointer, align=1), llvm_vector(lanes))
        return builder.fmul(numbers, ir.Constant(llvm_vector(lanes), [one_byte(like)] * lanes.count))

    return lanes(source, types.intp, like), generate


@intrinsic
def _store_up_to(typing_context: Any, array: Any, index: Any, lanes: Any, count: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = pointer_to(context, builder, signature.args[0], values[0], values[1], llvm_vector(lanes))
        whole = builder.icmp_signed(">=", values[3], ir.Constant(values[3].type, lanes.count))
        with builder.if_else(whole, likely=True) as (then, otherwise):
            with then:
                builder.store(values[2], pointer, align=array.dtype.bitwidth // 8)
            with otherwise:
                store_first_lanes(builder, pointer, values[2], values[3], lanes)
        return context.get_dummy_value()

    return types.void(array, types.intp, lanes, types.intp), generate


@intrinsic
def _get(typing_context: Any, array: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        return builder.load(builder.gep(data, [values[1]]))

    return array.dtype(array, types.intp), generate


@intrinsic
def _put(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        builder.store(values[2], builder.gep(data, [values[1]]))
        return context.get_dummy_value()

    return types.void(array, types.intp, array.dtype), generate


@intrinsic
def _prefetch(typing_context: Any, array: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = pointer_to(context, builder, signature.args[0], values[0], values[1], ir.IntType(8))
        reads, keeps, data = (ir.Constant(ir.IntType(32), number) for number in (0, 3, 1))
        call_llvm(builder, "llvm.prefetch.p0", ir.VoidType(), [pointer, reads, keeps, data])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@intrinsic
def _spread(typing_context: Any, array: Any, index: Any) -> Any:
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, values[0]).data
        return splat(builder, builder.load(builder.gep(data, [values[1]])), lanes)

    return lanes(array, types.intp), generate


@intrinsic
def _repeat(typing_context: Any, array: Any, value: Any) -> Any:
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return splat(builder, values[1], lanes)

    return lanes(array, array.dtype), generate


@intrinsic
def _zeros(typing_context: Any, array: Any) -> Any:
    lanes = Lanes(array.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return ir.Constant(llvm_vector(lanes), [0.0] * lanes.count)

    return lanes(array), generate


def _absolute(builder: Any, x: Any) -> Any:
    bits = 32 if x.type.element == ir.FloatType() else 64
    return call_llvm(builder, f"llvm.fabs.v{x.type.count}f{bits}", x.type, [x])


def _select_maximum(builder: Any, x: Any, y: Any) -> Any:
    """The larger of two, the first where one of them is NaN."""
    return builder.select(builder.fcmp_ordered(">", y, x), y, x)


def _select_equal(builder: Any, x: Any, y: Any, then: Any, otherwise: Any) -> Any:
    return builder.select(builder.fcmp_ordered("==", x, y), then, otherwise)


def _select_positive(builder: Any, x: Any, then: Any, otherwise: Any) -> Any:
    positive = builder.fcmp_ordered(">", x, ir.Constant(x.type, [0.0] * x.type.count))
    return builder.select(positive, then, otherwise)


multiply_add = of_vectors(lambda x, y, z: x * y + z, fused)
add = of_vectors(lambda x, y: x + y, ir.IRBuilder.fadd)
subtract = of_vectors(lambda x, y: x - y, ir.IRBuilder.fsub)
divide = of_vectors(lambda x, y: x / y, ir.IRBuilder.fdiv)
absolute_of = of_vectors(lambda x: np.abs(x), _absolute)
maximum = of_vectors(lambda x, y: np.where(y > x, y, x), _select_maximum)
where_equal = of_vectors(lambda x, y, then, otherwise: np.where(x == y, then, otherwise), _select_equal)
where_positive = of_vectors(lambda x, then, otherwise: np.where(x > 0, then, otherwise), _select_positive)


def total_of(builder: Any, vector: Any) -> Any:
    """Add the lanes of a vector up, by halves."""
    count = vector.type.count
    while count > 1:
        count //= 2
        undefined = ir.Constant(vector.type, ir.Undefined)
        index = ir.VectorType(ir.IntType(32), count)
        low = builder.shuffle_vector(vector, undefined, ir.Constant(index, list(range(count))))
        high = builder.shuffle_vector(vector, undefined, ir.Constant(index, list(range(count, 2 * count))))
        vector = builder.fadd(low, high)
    return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))


@intrinsic
def _total(typing_context: Any, lanes: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return total_of(builder, values[0])

    return lanes.dtype(lanes), generate


def one_byte(like: Any) -> float:
    """1/255, rounded to the dtype of ``like``."""
    return float(np.dtype(str(like.dtype)).type(1) / np.dtype(str(like.dtype)).type(255))


@twin_of(_lanes_of)
def lanes_of(array: Any) -> int:
    """Return how many of this array's numbers a vector holds."""
    return VECTOR_BYTES // int(array.itemsize)


@twin_of(_load)
def load(array: Any, index: int) -> Any:
    """Return ``array[index : index + lanes]``."""
    return load_up_to(array, index, lanes_of(array))


@twin_of(_load_up_to)
def load_up_to(array: Any, index: int, count: int) -> Any:
    """Return the first ``count`` of these numbers, and zeros after them."""
    lanes = np.zeros(lanes_of(array), array.dtype)
    part = array[index : index + min(count, len(lanes))]
    lanes[: len(part)] = part
    return lanes


@twin_of(_load_bytes)
def load_bytes(source: Any, index: int, like: Any) -> Any:
    """Return bytes as numbers from 0 to 1 of the kind of ``like``."""
    return source[index : index + lanes_of(like)].astype(like.dtype) * like.dtype.type(one_byte(like))


@twin_of(_store_up_to)
def store_up_to(array: Any, index: int, lanes: Any, count: int) -> None:
    """Store the first ``count`` lanes."""
    array[index : index + min(count, len(lanes))] = lanes[:count]


@twin_of(_get)
def get(array: Any, index: int) -> Any:
    """Return one number; no index counts from the end."""
    return array[index]


@twin_of(_put)
def put(array: Any, index: int, value: Any) -> None:
    """Store one number; no index counts from the end."""
    array[index] = value


@twin_of(_prefetch)
def prefetch(array: Any, index: int) -> None:
    """Ask for a line of the cache before it is needed; NumPy has nothing of the kind."""


@twin_of(_spread)
def spread(array: Any, index: int) -> Any:
    """Return one number of an array in every lane."""
    return np.full(lanes_of(array), array[index])


@twin_of(_repeat)
def repeat(array: Any, value: Any) -> Any:
    """Return a number in every lane, of the array's kind."""
    return np.full(lanes_of(array), value, array.dtype)


@twin_of(_zeros)
def zeros(array: Any) -> Any:
    """Return zeros of the array's kind."""
    return np.zeros(lanes_of(array), array.dtype)


@twin_of(_total)
def total(lanes: Any) -> Any:
    """Add the lanes up, by halves."""
    while len(lanes) > 1:
        lanes = lanes[: len(lanes) // 2] + lanes[len(lanes) // 2 :]
    return lanes[0]
