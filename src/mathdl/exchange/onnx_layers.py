"""The layers in ONNX: a row each, with the function that writes it and those that read operators as it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any, NamedTuple

from mathdl.exchange import onnx_convolutions as convolutions
from mathdl.exchange import onnx_dense as dense
from mathdl.exchange import onnx_padding as padding
from mathdl.exchange import onnx_pooling as pooling
from mathdl.exchange.chain import Branches, Chain, Unexpressed
from mathdl.exchange.onnx_graph import GraphWriter
from mathdl.exchange.onnx_node import Node
from mathdl.layers.composite import Composite
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import Layer

Read = Callable[[Node, Chain], None]


class Row(NamedTuple):
    """How a layer is written, what reads which operators as it, and which operators join its branches."""

    write: Callable[[GraphWriter, Any, str], str]
    read: Mapping[str, Read] = {}
    join: Mapping[str, Callable[[Node, Chain, list[Chain]], None]] = {}


def write_layer(graph: GraphWriter, layer: Layer, source: str) -> str:
    """Append a layer of a network; return its output."""
    return LAYERS[type(layer).__name__].write(graph, layer, source)


def write_chain(graph: GraphWriter, layers: list[Layer], source: str) -> str:
    """Append layers one after the other; names of nodes say which layer they belong to."""
    place = graph.place
    for number, layer in enumerate(layers):
        graph.place = f"{place}{number}/"
        source = write_layer(graph, layer, source)
    graph.place = place
    return source


def write_flatten(graph: GraphWriter, layer: Flatten, source: str) -> str:
    """Append Flatten, where the input is not flat already."""
    return source if len(layer.input_shape) == 1 else graph.add("Flatten", source, axis=1)


def _write_residual(graph: GraphWriter, layer: Composite, source: str) -> str:
    return graph.add("Add", source, write_chain(graph, layer.chains[0], source))


def _write_parallel(graph: GraphWriter, layer: Composite, source: str) -> str:
    """Append the branches, flattened, and what joins them."""
    place, ends = graph.place, []
    for number, branch in enumerate(layer.chains):
        graph.place = f"{place}{number}/"
        end = write_chain(graph, branch, source)
        ends.append(end if len(branch[-1].output_shape) == 1 else graph.add("Flatten", end, axis=1))
    graph.place = place
    return graph.add("Concat", *ends, axis=1)


def _read_flatten(node: Node, chain: Chain) -> None:
    """Read Flatten, which keeps the objects apart."""
    axis = node.attribute("axis", 1)
    if axis not in (1, -len(chain.shape)):
        raise Unexpressed(f"axis={axis} joins objects or keeps axes, and Flatten makes one vector of each object")
    chain.reshape((prod(chain.shape),))


def _read_dropout(node: Node, chain: Chain) -> None:
    """Read nothing, as where nobody trains."""
    if node.has(2) and node.constant(2).any():
        raise Unexpressed("training_mode=True drops numbers at random; export the model for inference")


def _join_residual(node: Node, chain: Chain, branches: list[Chain]) -> None:
    """Read the sum of a chain's input and output as a residual block."""
    chains = [branch for branch in branches if branch.drafts]
    if len(branches) == 2 and not chains:
        chain.scale(2.0, 0.0)
        return
    if len(branches) != 2 or len(chains) != 1:
        raise Unexpressed("it adds several branches, and a Residual adds the output of its layers to their input")
    if chains[0].shape != chain.shape:
        raise Unexpressed(f"it adds arrays of shape {chains[0].shape} and {chain.shape}, and a Residual two of one")
    chain.drafts.append(Branches(chains, adds=True))


def _join_parallel(node: Node, chain: Chain, branches: list[Chain]) -> None:
    """Read vectors put one behind the other; channels of images, too, where they are flattened next."""
    axes = {len(branch.shape) for branch in branches}
    axis = node.attribute("axis", 1)
    if len(axes) != 1 or axis not in (1, -next(iter(axes))):
        raise Unexpressed(f"axis={axis} joins other axes than the first of each object, which a Parallel does")
    shapes = [branch.shape for branch in branches]
    if len({shape[1:] for shape in shapes}) != 1:
        raise Unexpressed(f"it joins arrays of the shapes {shapes}")
    for branch in branches:
        if not branch.drafts:
            branch.append(Flatten())
    chain.drafts.append(Branches(branches, adds=False))
    chain.joined = len(shapes[0]) > 1
    chain.shape = (sum(shape[0] for shape in shapes), *shapes[0][1:])


_CONVOLUTION = Row(convolutions.write, {"Conv": convolutions.read, "Einsum": convolutions.read_summed})
_PADDING = Row(padding.write, {"Pad": padding.read})
_MAX_POOLING = Row(pooling.write_max, {"MaxPool": pooling.read_max})
_AVERAGE_POOLING = Row(pooling.write_average, {"AveragePool": pooling.read_average, "Gather": convolutions.read_blocks})
_GLOBAL_MAX = Row(
    pooling.write_global_max, {"GlobalMaxPool": pooling.read_global_max, "ReduceMax": pooling.read_largest}
)
_GLOBAL_AVERAGE = Row(
    pooling.write_global_average,
    {"GlobalAveragePool": pooling.read_global_average, "ReduceMean": pooling.read_mean},
)

LAYERS: dict[str, Row] = {
    "AveragePool1D": _AVERAGE_POOLING,
    "AveragePool2D": _AVERAGE_POOLING,
    "Conv1D": _CONVOLUTION,
    "Conv2D": _CONVOLUTION,
    "Dense": Row(dense.write, {"Gemm": dense.read_gemm, "MatMul": dense.read_product}),
    "Dropout": Row(lambda graph, layer, source: source, {"Dropout": _read_dropout}),
    "Flatten": Row(write_flatten, {"Flatten": _read_flatten}),
    "GlobalAveragePool1D": _GLOBAL_AVERAGE,
    "GlobalAveragePool2D": _GLOBAL_AVERAGE,
    "GlobalMaxPool1D": _GLOBAL_MAX,
    "GlobalMaxPool2D": _GLOBAL_MAX,
    "MaxPool1D": _MAX_POOLING,
    "MaxPool2D": _MAX_POOLING,
    "Parallel": Row(_write_parallel, join={"Concat": _join_parallel}),
    "Residual": Row(_write_residual, join={"Add": _join_residual, "Sum": _join_residual}),
    "ZeroPad1D": _PADDING,
    "ZeroPad2D": _PADDING,
}
