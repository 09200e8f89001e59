"""The dense layer in ONNX: Gemm, or MatMul and a sum."""

from __future__ import annotations

import numpy as np

from mathdl.exchange.chain import Chain, Unexpressed
from mathdl.exchange.onnx_activations import write_activation
from mathdl.exchange.onnx_graph import GraphWriter
from mathdl.exchange.onnx_node import Array, Node
from mathdl.layers.dense import Dense


def write(graph: GraphWriter, layer: Dense, source: str) -> str:
    """Append A x + b, then the activation."""
    parameters = [graph.constant(array) for array in (layer.weights, layer.bias) if array is not None]
    return write_activation(graph, layer.activation, graph.add("Gemm", source, *parameters, transB=1))


def read_gemm(node: Node, chain: Chain) -> None:
    """Read alpha A' B' + beta C, where A are the objects."""
    if node.attribute("transA", 0):
        raise Unexpressed("transA=1 takes the objects for features, unless a Transpose comes before it")
    weights = node.numbers(1)
    if weights.ndim != 2:
        raise Unexpressed(f"its weights have shape {weights.shape}, and a matrix has two axes")
    matrix = weights if node.attribute("transB", 0) else weights.T
    bias = None
    if node.has(2):
        bias = node.attribute("beta", 1.0) * node.numbers(2).astype(np.float64)
        if bias.size not in (1, len(matrix)) or bias.shape[:-1] not in ((), (1,)):
            raise Unexpressed(f"its C has shape {bias.shape} for {len(matrix)} outputs, and a bias has one for each")
        bias = np.broadcast_to(bias.reshape(-1), (len(matrix),)).astype(weights.dtype)
    alpha = node.attribute("alpha", 1.0)
    _append(chain, (alpha * matrix.astype(np.float64)).astype(weights.dtype), bias)


def read_product(node: Node, chain: Chain) -> None:
    """Read a product with a matrix; a sum that follows becomes the bias."""
    weights = node.numbers(1)
    if node.inputs[0] in node.constants or weights.ndim != 2:
        raise Unexpressed("it is no product of objects, one in each row, and a matrix")
    _append(chain, weights.T, None)


def _append(chain: Chain, matrix: Array, bias: Array | None) -> None:
    """Append a dense layer for flat inputs of the right length."""
    chain.require_ready()
    if chain.shape != matrix.shape[1:]:
        raise Unexpressed(f"its matrix takes vectors of {matrix.shape[1]} numbers, and its input has {chain.shape}")
    chain.append_affine(np.ascontiguousarray(matrix), bias)
