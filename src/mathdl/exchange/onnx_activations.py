"""Activation functions as operators of ONNX, and back: a table of two functions each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from mathdl.exchange.chain import Chain, Unexpressed
from mathdl.exchange.onnx_graph import GraphWriter
from mathdl.exchange.onnx_node import Node
from mathdl.layers.activation import Activation


class ActivationRow(NamedTuple):
    """How an activation is written, and what reads which operators as it."""

    write: Callable[[GraphWriter, Activation, str], str]
    read: Mapping[str, Callable[[Node, Chain], None]]


def write_activation(graph: GraphWriter, activation: Activation, source: str) -> str:
    """Append an activation of the library."""
    return ACTIVATIONS[activation.name].write(graph, activation, source)


def _written_as(operator: str, **attributes: Any) -> Callable[[GraphWriter, Activation, str], str]:
    """Return what appends one operator."""
    return lambda graph, _, source: graph.add(operator, source, **attributes)


def _write_leaky_relu(graph: GraphWriter, activation: Activation, source: str) -> str:
    """Append LeakyRelu, or in double precision the larger (of a slope above 1 the smaller) of x and slope x."""
    if not graph.is_double:
        return graph.add("LeakyRelu", source, alpha=activation.slope)
    scaled = graph.add("Mul", source, graph.constant(activation.slope))
    return graph.add("Max" if activation.slope <= 1 else "Min", source, scaled)


def _read_as(name: str) -> Callable[[Node, Chain], None]:
    """Return what takes a node as an activation of this name."""
    return lambda _, chain: chain.activate(Activation(name))


def _read_leaky_relu(node: Node, chain: Chain) -> None:
    chain.activate(_leaky(node.attribute("alpha", 0.01), chain))


def _read_prelu(node: Node, chain: Chain) -> None:
    slopes = np.unique(node.constant(1))
    if len(slopes) != 1:
        raise Unexpressed("its slopes differ, and the negative slope of an activation is one number")
    chain.activate(_leaky(slopes[0], chain))


def read_scaled(node: Node, chain: Chain, slope: float) -> None:
    """Take the larger or smaller one of x and slope x as leaky ReLU."""
    if (slope <= 1) != (node.operator == "Max"):
        raise Unexpressed(f"with a slope of {slope:g} it is no leaky ReLU")
    chain.activate(_leaky(slope, chain))


def _leaky(slope: Any, chain: Chain) -> Activation:
    """Return leaky ReLU; its slope may not be negative, and has the fewest digits that tell it in single precision."""
    if not 0 <= slope < np.inf:
        raise Unexpressed(f"its slope {slope:g} is negative or not finite")
    return Activation("leaky_relu", slope=float(str(np.dtype(chain.dtype).type(slope))))


def _read_clip(node: Node, chain: Chain) -> None:
    """Take a clipping from 0 on, without an end, as ReLU."""
    least, most = (node.number(name, place) for place, name in ((1, "min"), (2, "max")))
    if least != 0 or (most is not None and most < np.finfo(np.float32).max):
        raise Unexpressed(f"it keeps numbers between {least} and {most}, which no activation does; ReLU has no end")
    chain.activate(Activation("relu"))


def _read_softmax(node: Node, chain: Chain) -> None:
    axis = node.attribute("axis", -1 if node.opset >= 13 else 1)
    if len(chain.shape) != 1 or axis not in (1, -1):
        raise Unexpressed("it acts along an axis of a larger array, and softmax acts on a vector")
    chain.activate(Activation("softmax"))


ACTIVATIONS: dict[str, ActivationRow] = {
    "identity": ActivationRow(lambda graph, activation, source: source, {"Identity": lambda node, chain: None}),
    "relu": ActivationRow(_written_as("Relu"), {"Relu": _read_as("relu"), "Clip": _read_clip}),
    "leaky_relu": ActivationRow(_write_leaky_relu, {"LeakyRelu": _read_leaky_relu, "PRelu": _read_prelu}),
    "sigmoid": ActivationRow(_written_as("Sigmoid"), {"Sigmoid": _read_as("sigmoid")}),
    "tanh": ActivationRow(_written_as("Tanh"), {"Tanh": _read_as("tanh")}),
    "abs": ActivationRow(_written_as("Abs"), {"Abs": _read_as("abs")}),
    "softmax": ActivationRow(_written_as("Softmax", axis=1), {"Softmax": _read_softmax}),
}
