"""What of an ONNX graph is known before any object comes: constants, and what is computed from constants alone."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exchange.chain import Unexpressed
from mathdl.exchange.onnx_graph import onnx_library

Array = NDArray[Any]
MOST_NEW_NUMBERS = 2**22  # chosen: more are not made of fewer
# Operators whose outputs are not larger than their inputs, or can be told to be before.
FOLDED = {
    *("Add", "Cast", "Concat", "Constant", "Div", "Flatten", "Gather", "Identity", "Mul", "Neg", "Reciprocal"),
    *("Reshape", "Slice", "Sqrt", "Squeeze", "Sub", "Transpose", "Unsqueeze"),
}


def folded(node: Any, known: Mapping[str, Array], opset: int) -> Array | None:
    """Return what a node computes where all it takes is known, by onnx's reference; None where that is not done."""
    given = [name for name in node.input if name]
    if node.op_type not in FOLDED or any(name not in known for name in given):
        return None
    onnx = onnx_library()
    if node.op_type == "Constant":
        return _constant(onnx, node)
    inputs = {name: known[name] for name in given}
    if _size(onnx, node, known) > max(sum(array.size for array in inputs.values()), MOST_NEW_NUMBERS):
        return None
    from onnx.reference import ReferenceEvaluator

    helper = onnx.helper
    declared = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
        for name, array in inputs.items()
    ]
    result = helper.make_empty_tensor_value_info(node.output[0])
    graph = helper.make_graph([node], "constants", declared, [result])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    try:
        evaluator: Any = ReferenceEvaluator(model)
        return np.asarray(evaluator.run([node.output[0]], inputs)[0])
    except Exception:  # of whatever kind: the node is then read as any other, and refused
        return None


def _size(onnx: Any, node: Any, known: Mapping[str, Array]) -> float:
    """Return how many numbers a node would compute; infinite where its inputs do not fit each other."""
    arrays = [known[name] for name in node.input if name]
    try:
        match node.op_type:
            case "Gather":
                axis = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}.get("axis", 0)
                return float(arrays[0].size / max(arrays[0].shape[axis], 1) * arrays[1].size)
            case "Concat":
                return sum(array.size for array in arrays)
            case "Add" | "Div" | "Mul" | "Sub":
                return prod(np.broadcast_shapes(*(array.shape for array in arrays)))
    except (LookupError, TypeError, ValueError):
        return float("inf")
    return arrays[0].size


def _constant(onnx: Any, node: Any) -> Array | None:
    """Return the value of a Constant node."""
    for attribute in node.attribute:
        value = onnx.helper.get_attribute_value(attribute)
        match attribute.name:
            case "value":
                return array_of(value)
            case "value_float" | "value_floats":
                return np.array(value, np.float32)
            case "value_int" | "value_ints":
                return np.array(value, np.int64)
    return None


def array_of(tensor: Any) -> Array:
    """Return an array that a file keeps."""
    try:
        return np.asarray(onnx_library().numpy_helper.to_array(tensor))
    except Exception as error:  # sizes and types may not fit each other
        raise Unexpressed(f"the array {tensor.name!r} is damaged ({error})") from error
