"""Tiles of sums that stay in registers: rows x vectors of them, the shape that a processor's registers hold.

A multiplier takes some cycles for a sum but begins another one in each, so that many independent sums keep it busy; and
what is loaded once is used for a whole row or column of the tile, so that the loads keep up. Two loops need nothing
else: *numbers times vectors*, where a number of each row is multiplied by some vectors (layers forward and backward),
and *inner products*, where each of some runs is multiplied by each of others, lane by lane (gradients of kernels).

The rows of a tile are a tuple of places; where fewer are left than the tile has, the last one is repeated. The order of
a sum's terms is the loop's alone, so that no shape changes a bit.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from mathdl.kernels.jit import Integers, Reals, twin_of
from mathdl.kernels.simd import (
    Lanes,
    fused,
    lanes_of,
    llvm_vector,
    load,
    load_first_lanes,
    load_up_to,
    pointer_to,
    put,
    splat,
    spread,
    store_first_lanes,
    store_up_to,
    total,
    total_of,
    zeros,
)
from mathdl.kernels.tile_shape import SHAPE

ROWS, VECTORS = SHAPE.rows, SHAPE.vectors  # of numbers times vectors
LEFT, RIGHT = SHAPE.left, SHAPE.right  # of inner products
PRODUCTS = LEFT * RIGHT

Places = tuple[int, ...]
Sums = tuple[Any, ...]


def _tuple_of(context: Any, builder: Any, kind: Any, values: list[Any]) -> Any:
    """A Numba tuple."""
    return context.make_tuple(builder, kind, values)


def _vectors_at(builder: Any, pointer: Any, count: int, align: int) -> list[Any]:
    """Neighbouring vectors from a pointer on."""
    places = (builder.gep(pointer, [ir.Constant(ir.IntType(64), c)]) for c in range(count))
    return [builder.load(place, align=align) for place in places]


def _hidden(builder: Any, number: Any) -> Any:
    """The same number, of which the compiler knows nothing.

    Else it would move a pointer for each row instead of one index, or do several turns of a loop at once, and run out
    of registers.
    """
    same = ir.InlineAsm(ir.FunctionType(number.type, [number.type]), "", "=r,0")
    return builder.call(same, [number])


def _bytes(kind: Any) -> int:
    """Bytes of one number of an array."""
    return int(kind.dtype.bitwidth // 8)


@intrinsic(prefer_literal=True)
def _rows_from(typing_context: Any, number: Any, first: Any, count: Any, start: Any, step: Any) -> Any:
    index, rows = types.intp, number.literal_value

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, first, count, start, step = values
        last, places = builder.sub(count, ir.Constant(count.type, 1)), []
        for r in range(rows):
            row = builder.add(first, ir.Constant(first.type, r))
            row = builder.select(builder.icmp_signed("<", row, last), row, last)
            places.append(builder.add(start, builder.mul(row, step)))
        return _tuple_of(context, builder, signature.return_type, places)

    return types.UniTuple(index, rows)(number, index, index, index, index), generate


@intrinsic
def _rows_of(typing_context: Any, numbers: Any, start: Any, step: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        numbers, start, step = values
        places = [builder.add(start, builder.mul(one, step)) for one in cgutils.unpack_tuple(builder, numbers)]
        return _tuple_of(context, builder, signature.return_type, places)

    return numbers(numbers, types.intp, types.intp), generate


@intrinsic(prefer_literal=True)
def _places_at(typing_context: Any, number: Any, table: Any, first: Any, count: Any) -> Any:
    index = types.intp

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        _, array, first, count = values
        last, places = builder.sub(count, ir.Constant(count.type, 1)), []
        for r in range(number.literal_value):
            place = builder.add(first, ir.Constant(first.type, r))
            place = builder.select(builder.icmp_signed("<", place, last), place, last)
            places.append(builder.load(pointer_to(context, builder, signature.args[1], array, place, ir.IntType(64))))
        return _tuple_of(context, builder, signature.return_type, places)

    return types.UniTuple(index, number.literal_value)(number, table, index, index), generate


@intrinsic(prefer_literal=True)
def _no_sums(typing_context: Any, w: Any, rows: Any, vectors: Any) -> Any:
    lanes, number = Lanes(w.dtype), rows.count * vectors.literal_value

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        zero = ir.Constant(llvm_vector(lanes), [0.0] * lanes.count)
        return _tuple_of(context, builder, signature.return_type, [zero] * number)

    return types.UniTuple(lanes, number)(w, rows, vectors), generate


@intrinsic(prefer_literal=True)
def _spread_rows(typing_context: Any, a: Any, rows: Any, vectors: Any) -> Any:
    lanes = Lanes(a.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, rows, _ = values
        number, sums = llvm_vector(lanes).element, []
        for place in cgutils.unpack_tuple(builder, rows):
            first = builder.load(pointer_to(context, builder, signature.args[0], array, place, number))
            sums += [splat(builder, first, lanes)] * vectors.literal_value
        return _tuple_of(context, builder, signature.return_type, sums)

    return types.UniTuple(lanes, rows.count * vectors.literal_value)(a, rows, vectors), generate


@intrinsic(prefer_literal=True)
def _load_rows(typing_context: Any, w: Any, rows: Any, at: Any, vectors: Any) -> Any:
    lanes = Lanes(w.dtype)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, rows, at, _ = values
        kind, sums = llvm_vector(lanes), []
        for place in cgutils.unpack_tuple(builder, rows):
            pointer = pointer_to(context, builder, signature.args[0], array, builder.add(place, at), kind)
            sums += _vectors_at(builder, pointer, vectors.literal_value, _bytes(w))
        return _tuple_of(context, builder, signature.return_type, sums)

    return types.UniTuple(lanes, rows.count * vectors.literal_value)(w, rows, types.intp, vectors), generate


@intrinsic
def _add_products(typing_context: Any, a: Any, rows: Any, at: Any, w: Any, x: Any, apart: Any, sums: Any) -> Any:
    lanes, vectors = sums.dtype, sums.count // rows.count

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, rows, at, w_array, x, apart, sums = values
        at = _hidden(builder, at)
        kind, number, right, new = llvm_vector(lanes), llvm_vector(lanes).element, [], []
        for _ in range(vectors):
            place = pointer_to(context, builder, signature.args[3], w_array, x, kind)
            right.append(builder.load(place, align=_bytes(w)))
            x = builder.add(x, apart)
        old = iter(cgutils.unpack_tuple(builder, sums))
        for place in cgutils.unpack_tuple(builder, rows):
            place = pointer_to(context, builder, signature.args[0], array, builder.add(place, at), number)
            left = splat(builder, builder.load(place), lanes)
            new += [fused(builder, left, vector, next(old)) for vector in right]
        return _tuple_of(context, builder, signature.return_type, new)

    return sums(a, rows, types.intp, w, types.intp, types.intp, sums), generate


@intrinsic
def _add_inner_products(typing_context: Any, a: Any, left: Any, at: Any, w: Any, right: Any, to: Any, sums: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        vectors = _runs(context, builder, signature, values, None)
        return _tuple_of(context, builder, signature.return_type, vectors)

    return sums(a, left, types.intp, w, right, types.intp, sums), generate


@intrinsic
def _add_last_inner_products(
    typing_context: Any, a: Any, left: Any, at: Any, w: Any, right: Any, to: Any, sums: Any, count: Any
) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        vectors = _runs(context, builder, signature, values[:-1], values[-1])
        return _tuple_of(context, builder, signature.return_type, vectors)

    return sums(a, left, types.intp, w, right, types.intp, sums, types.intp), generate


def _runs(context: Any, builder: Any, signature: Any, values: Any, count: Any) -> list[Any]:
    """The sums with the products of the left and the right vectors, or of their first ``count`` lanes."""
    a, left, at, w, right, to, sums = values
    at, to = _hidden(builder, at), _hidden(builder, to)
    lanes = signature.return_type.dtype

    def vectors(kind: Any, array: Any, places: Any, at: Any) -> list[Any]:
        found = []
        for place in cgutils.unpack_tuple(builder, places):
            pointer = pointer_to(context, builder, kind, array, builder.add(place, at), llvm_vector(lanes))
            whole = count is None
            found.append(
                builder.load(pointer, align=_bytes(kind)) if whole else load_first_lanes(builder, pointer, count, lanes)
            )
        return found

    old, others = iter(cgutils.unpack_tuple(builder, sums)), vectors(signature.args[3], w, right, to)
    return [fused(builder, u, v, next(old)) for u in vectors(signature.args[0], a, left, at) for v in others]


@intrinsic
def _store_rows(typing_context: Any, w: Any, rows: Any, at: Any, sums: Any, count: Any) -> Any:
    lanes, vectors = sums.dtype, sums.count // rows.count

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, rows, at, sums, count = values
        whole, last, stored = [], [], iter(cgutils.unpack_tuple(builder, sums))
        for place in cgutils.unpack_tuple(builder, rows):
            first = builder.add(place, at)
            pointer = pointer_to(context, builder, signature.args[0], array, first, llvm_vector(lanes))
            places = [builder.gep(pointer, [ir.Constant(ir.IntType(64), c)]) for c in range(vectors)]
            pairs = [(place, next(stored)) for place in places]
            whole += pairs[:-1]
            last.append(pairs[-1])
        for place, vector in whole:
            builder.store(vector, place, align=_bytes(w))
        left = builder.sub(count, ir.Constant(count.type, (vectors - 1) * lanes.count))
        fills = builder.icmp_signed(">=", left, ir.Constant(count.type, lanes.count))
        with builder.if_else(fills, likely=True) as (then, otherwise):
            with then:
                for place, vector in last:
                    builder.store(vector, place, align=_bytes(w))
            with otherwise:
                for place, vector in last:
                    store_first_lanes(builder, place, vector, left, lanes)
        return context.get_dummy_value()

    return types.void(w, rows, types.intp, sums, types.intp), generate


@intrinsic
def _put_totals(typing_context: Any, w: Any, places: Any, sums: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array, places, sums = values
        number = llvm_vector(sums_kind.dtype).element
        stored = zip(cgutils.unpack_tuple(builder, places), cgutils.unpack_tuple(builder, sums), strict=True)
        for place, vector in stored:
            pointer = pointer_to(context, builder, signature.args[0], array, place, number)
            builder.store(total_of(builder, vector), pointer)
        return context.get_dummy_value()

    sums_kind = sums
    return types.void(w, places, sums), generate


@twin_of(_rows_from)
def rows_from(number: int, first: int, count: int, start: int, step: int) -> Places:
    """Return where row ``first`` and those after it begin, ``number`` in all, of ``count`` rows ``step`` apart."""
    return tuple(start + min(first + r, count - 1) * step for r in range(number))


@twin_of(_rows_of)
def rows_of(numbers: Places, start: int, step: int) -> Places:
    """Return where rows of these numbers begin, ``step`` apart."""
    return tuple(start + number * step for number in numbers)


@twin_of(_places_at)
def places_at(number: int, table: Integers, first: int, count: int) -> Places:
    """Return ``number`` places of a table of ``count`` from its entry ``first`` on."""
    return tuple(int(table[min(first + r, count - 1)]) for r in range(number))


@twin_of(_no_sums)
def no_sums(w: Reals, rows: Places, vectors: int) -> Sums:
    """Return sums that begin as zeros."""
    return (zeros(w),) * (len(rows) * vectors)


@twin_of(_spread_rows)
def spread_rows(a: Reals, rows: Places, vectors: int) -> Sums:
    """Return sums that begin as each row's first number."""
    return tuple(spread(a, row) for row in rows for _ in range(vectors))


@twin_of(_load_rows)
def load_rows(w: Reals, rows: Places, at: int, vectors: int) -> Sums:
    """Return sums that begin as the vectors of each row from its number ``at`` on."""
    return tuple(load(w, row + at + c * lanes_of(w)) for row in rows for c in range(vectors))


@twin_of(_add_products)
def add_products(a: Reals, rows: Places, at: int, w: Reals, x: int, apart: int, sums: Sums) -> Sums:
    """Add number ``at`` of each row times the vectors at ``x``, ``apart`` numbers from one to the next."""
    vectors = len(sums) // len(rows)
    products = (a[row + at] * load(w, x + c * apart) for row in rows for c in range(vectors))
    return tuple(total + product for total, product in zip(sums, products, strict=True))


@twin_of(_add_inner_products)
def add_inner_products(a: Reals, left: Places, at: int, w: Reals, right: Places, to: int, sums: Sums) -> Sums:
    """Add the products, lane by lane, of the vectors ``at`` in each run on the left and ``to`` in each on the right."""
    return add_last_inner_products(a, left, at, w, right, to, sums, lanes_of(w))  # type: ignore[no-any-return]


@twin_of(_add_last_inner_products)
def add_last_inner_products(
    a: Reals, left: Places, at: int, w: Reals, right: Places, to: int, sums: Sums, count: int
) -> Sums:
    """Add the same of the first ``count`` lanes."""
    products = (load_up_to(a, u + at, count) * load_up_to(w, v + to, count) for u in left for v in right)
    return tuple(total + product for total, product in zip(sums, products, strict=True))


@twin_of(_store_rows)
def store_rows(w: Reals, rows: Places, at: int, sums: Sums, count: int) -> None:
    """Store up to ``count`` numbers of each row's sums from its number ``at`` on, at least one of the last vector."""
    vectors, lanes = len(sums) // len(rows), lanes_of(w)
    for number, vector in enumerate(sums):
        c = number % vectors
        store_up_to(w, rows[number // vectors] + at + c * lanes, vector, count - c * lanes)


@twin_of(_put_totals)
def put_totals(w: Reals, places: Places, sums: Sums) -> None:
    """Store the total of each sum's lanes."""
    for place, vector in zip(places, sums, strict=True):
        put(w, place, total(vector))
