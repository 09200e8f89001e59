"""A network as an ONNX graph, for ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

NAMES = {"Dense": "Gemm", "Conv2D": "Conv", "MaxPool2D": "MaxPool", "Flatten": "Flatten"}


def runner(net: Any, threads: int) -> Any:
    """Load a network of Conv2D, MaxPool2D, Flatten and Dense layers, with ReLU or nothing between them."""
    nodes: list[Any] = []
    parameters: list[Any] = []
    last = "x"
    for place, layer in enumerate(net.layers):
        inputs = [last]
        for part in ("weights", "bias") if getattr(layer, "weights", None) is not None else ():
            inputs.append(f"{part}{place}")
            parameters.append(numpy_helper.from_array(np.array(getattr(layer, part)), inputs[-1]))
        last = f"h{place}"
        options = layer.describe()
        nodes.append(helper.make_node(NAMES[options["layer"]], inputs, [last], **_attributes(options)))
        if options.get("activation") == "relu":
            nodes.append(helper.make_node("Relu", [last], [f"r{place}"]))
            last = f"r{place}"
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, *net.input_shape])
    y = helper.make_tensor_value_info(last, TensorProto.FLOAT, [1, *net.output_shape])
    graph = helper.make_graph(nodes, "network", [x], [y], parameters)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])


def _attributes(options: dict[str, Any]) -> dict[str, Any]:
    """What an ONNX operator has to be told."""
    match options["layer"]:
        case "Dense":
            return {"transB": 1}
        case "Conv2D":
            return {"auto_pad": "SAME_UPPER"} if options["padding"] == "same" else {}
        case "MaxPool2D":
            return {"kernel_shape": [options["size"]] * 2, "strides": [options["size"]] * 2}
    return {}
