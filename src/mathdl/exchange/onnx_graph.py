"""An ONNX graph as it is written: nodes, constants and names, in opset 19."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mathdl
from mathdl.errors import InputError

Array = NDArray[Any]
OPSET, IR_VERSION = 19, 9  # of 2023: the first in which texts can be compared
BATCH = "N"  # what the number of objects is called
MOST_BYTES = 2**31 - 2**20  # of constants: a file of Protocol Buffers holds 2 GB


def onnx_library() -> ModuleType:
    """Return the library onnx; raise InputError where it is not installed."""
    try:
        import onnx
    except ImportError:
        raise InputError('ONNX needs the library onnx; install it with pip install "mathdl[onnx]".') from None
    return onnx


class GraphWriter:
    """Collects what a graph is made of; ``dtype`` is the type of number that layers compute with."""

    def __init__(self, dtype: str) -> None:
        self.onnx = onnx_library()
        self.dtype = np.dtype(dtype)
        self.place = ""  # of the part that is being written, in names
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: dict[str, Any] = {}
        self._outputs: list[Any] = []
        self._bytes = 0

    @property
    def is_double(self) -> bool:
        """Whether layers compute in double precision, for which runtimes know fewer operators."""
        return self.dtype == np.float64

    def input(self, name: str, kind: type, shape: tuple[int, ...]) -> str:
        """Declare an input: an array with the objects first."""
        self._inputs[name] = self._declared(name, kind, shape)
        return name

    def output(self, name: str, source: str, kind: type, shape: tuple[int, ...]) -> None:
        """Declare a value an output, under this name or, where an input has it, one with an underscore behind."""
        while name in self._inputs:
            name += "_"
        self._nodes.append(self.onnx.helper.make_node("Identity", [source], [name], name=name))
        self._outputs.append(self._declared(name, kind, shape))

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Append a node; return the name of its output."""
        name = f"mathdl/{self.place}{operator}_{len(self._nodes)}"
        self._nodes.append(self.onnx.helper.make_node(operator, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, values: Any, dtype: Any = None) -> str:
        """Keep an array, by default of the layers' type of number; return its name."""
        array = np.asarray(values, self.dtype if dtype is None else dtype)
        self._bytes += array.nbytes
        if self._bytes > MOST_BYTES:
            raise InputError("The model has more than 2 GB of numbers, which no ONNX file holds; export a smaller one.")
        name = f"mathdl/{self.place}constant_{len(self._constants)}"
        self._constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def integers(self, *values: int) -> str:
        """Keep whole numbers, as shapes and axes are given."""
        return self.constant(values, np.int64)

    def cast(self, source: str, dtype: Any) -> str:
        """Append a conversion to another type of number."""
        return self.add("Cast", source, to=self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def model(self, name: str, metadata: Mapping[str, str]) -> Any:
        """Return the model that was written, checked by onnx."""
        helper = self.onnx.helper
        graph = helper.make_graph(self._nodes, name, list(self._inputs.values()), self._outputs, self._constants)
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="mathdl",
            producer_version=mathdl.__version__,
        )
        helper.set_model_props(model, dict(metadata))
        self.onnx.checker.check_model(model, full_check=True)
        return model

    def _declared(self, name: str, kind: type, shape: tuple[int, ...]) -> Any:
        """Return the declaration of an input or output."""
        helper = self.onnx.helper
        element = self.onnx.TensorProto.STRING if kind is str else helper.np_dtype_to_tensor_dtype(np.dtype(kind))
        return helper.make_tensor_value_info(name, element, [BATCH, *shape])
