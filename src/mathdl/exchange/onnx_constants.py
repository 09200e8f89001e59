"""What of an ONNX graph is known before any object comes: constants, and what is computed from constants alone."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exchange.onnx_chain import Unexpressed
from mathdl.exchange.onnx_graph import onnx_library
from mathdl.layers.layer import MAX_NUMBERS

Array = NDArray[Any]
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
    try:
        inputs = {name: known[name] for name in given}
        if prod(np.broadcast_shapes(*(array.shape for array in inputs.values()))) > MAX_NUMBERS:
            return None
    except ValueError:  # shapes that do not combine, as of Reshape and Gather
        if sum(array.size for array in inputs.values()) > MAX_NUMBERS:
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
