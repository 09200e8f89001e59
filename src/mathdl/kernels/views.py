"""Views of arrays without the checks that slices make: a driver takes several for every kernel that it calls.

They do not keep the array alive that they look into, so they must not outlive the call that took them. ``room`` is a
small array of a kernel's own, on the stack; its length is a constant, and it begins as anything.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from mathdl.kernels.jit import Integers, twin_of


def _view(context: Any, builder: Any, kind: Any, data: Any, count: Any, itemsize: Any) -> Any:
    """An array of ``count`` numbers at ``data``."""
    view = context.make_array(kind)(context, builder)
    view.data, view.nitems, view.itemsize = data, count, itemsize
    view.shape, view.strides = cgutils.pack_array(builder, [count]), cgutils.pack_array(builder, [itemsize])
    view.meminfo, view.parent = (cgutils.get_null_value(each.type) for each in (view.meminfo, view.parent))
    return view._getvalue()


@intrinsic
def _part_of(typing_context: Any, array: Any, start: Any, count: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind, whole = signature.args[0], context.make_array(signature.args[0])(context, builder, values[0])
        return _view(context, builder, kind, builder.gep(whole.data, [values[1]]), values[2], whole.itemsize)

    return array(array, types.intp, types.intp), generate


def _on_the_stack(context: Any, builder: Any, kind: Any, count: Any) -> Any:
    """An array of a constant number of numbers."""
    numbers = context.get_constant(types.intp, count.literal_value)
    data = cgutils.alloca_once(builder, context.get_data_type(kind.dtype), size=numbers)
    data.align = 64
    return _view(context, builder, kind, data, numbers, context.get_constant(types.intp, kind.dtype.bitwidth // 8))


@intrinsic(prefer_literal=True)
def _room(typing_context: Any, array: Any, count: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _on_the_stack(context, builder, array, count)

    return array(array, count), generate


@intrinsic(prefer_literal=True)
def _room_for_places(typing_context: Any, count: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return _on_the_stack(context, builder, signature.return_type, count)

    return types.int64[::1](count), generate


@twin_of(_part_of)
def part_of(array: Any, start: int, count: int) -> Any:
    """Return ``array[start : start + count]``."""
    return array[start : start + count]


@twin_of(_room)
def room(array: Any, count: int) -> Any:
    """Return an array of ``count`` numbers of this kind, not yet set."""
    return np.full(count, np.nan, array.dtype)


@twin_of(_room_for_places)
def room_for_places(count: int) -> Integers:
    """Return an array of ``count`` whole numbers, not yet set."""
    return np.full(count, -1)
