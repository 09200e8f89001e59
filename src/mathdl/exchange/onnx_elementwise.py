"""Operators of ONNX that are no layer of their own: factors and terms that go into weights, and shapes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np

from mathdl.exchange.chain import Chain, Unexpressed
from mathdl.exchange.onnx_node import Array, Node
from mathdl.layers.layer import Shape

FLOATS = {1: np.float32, 11: np.float64}  # by ONNX's numbers of types


def _number_beside(node: Node) -> tuple[Array, bool]:
    """Return the constant of a sum or product, and whether it stands behind."""
    place = 1 if node.inputs[0] not in node.constants else 0
    return node.numbers(place).astype(np.float64), place == 1


def _read_sum(node: Node, chain: Chain) -> None:
    chain.scale(1.0, _number_beside(node)[0])


def _read_difference(node: Node, chain: Chain) -> None:
    value, behind = _number_beside(node)
    chain.scale(1.0 if behind else -1.0, -value if behind else value)


def _read_product(node: Node, chain: Chain) -> None:
    chain.scale(_number_beside(node)[0], 0.0)


def _read_quotient(node: Node, chain: Chain) -> None:
    value, behind = _number_beside(node)
    if not behind or not value.all():
        raise Unexpressed("it divides a constant by what a layer returns, or by zero")
    chain.scale(1 / value, 0.0)


def _read_negative(node: Node, chain: Chain) -> None:
    chain.scale(-1.0, 0.0)


def _read_batch_normalization(node: Node, chain: Chain) -> None:
    """Read the normalisation that training left: a factor and a term for each channel."""
    if node.attribute("training_mode", 0):
        raise Unexpressed("training_mode=1 normalises by the batch; export the model for inference")
    scale, shift, mean, variance = (node.numbers(place).astype(np.float64) for place in range(1, 5))
    factors = scale / np.sqrt(variance + node.attribute("epsilon", 1e-5))
    if factors.ndim != 1 or not np.isfinite(factors).all():
        raise Unexpressed("its variances are not positive, one for each channel")
    shape = (-1, *(1,) * (len(chain.shape) - 1))
    chain.scale(factors.reshape(shape), (shift - mean * factors).reshape(shape))


def _read_cast(node: Node, chain: Chain) -> None:
    """Read a conversion of numbers; that of bytes is expressed together with the division by 255 behind it."""
    kind = node.attribute("to")
    if kind not in FLOATS:
        raise Unexpressed("it converts to a type that networks do not compute with; they have float32 and float64")
    if not chain.drafts:
        chain.dtype = FLOATS[kind]


def _read_reshape(node: Node, chain: Chain) -> None:
    """Read a new shape, which must keep the objects apart."""
    batch, *wanted = node.constant(1).reshape(-1).tolist() or [0]
    known = (0, *chain.shape)
    if node.attribute("allowzero", 0) and 0 in (batch, *wanted):
        raise Unexpressed("allowzero=1 makes empty arrays")
    shape = [known[place] if size == 0 and place < len(known) else size for place, size in enumerate(wanted, 1)]
    free = shape.count(-1)
    rest = prod(size for size in shape if size != -1)
    if free == 1 and rest and prod(chain.shape) % rest == 0:
        shape[shape.index(-1)] = prod(chain.shape) // rest
    whole = batch in (0, -1, node.objects) and free <= 1 and (batch != -1 or not free)
    if not whole or prod(shape) != prod(chain.shape):
        raise Unexpressed(f"it makes {[batch, *wanted]} of {['objects', *chain.shape]}, and layers keep objects apart")
    chain.reshape(tuple(shape))


def _read_squeeze(node: Node, chain: Chain) -> None:
    count = len(chain.shape) + 1
    axes = node.integers("axes", 1)
    if axes is None:
        raise Unexpressed("it takes away all axes of length 1, of the objects too where there is one")
    places = {axis % count for axis in axes}
    if 0 in places or any(chain.shape[place - 1] != 1 for place in places):
        raise Unexpressed(f"it takes away the axes {axes} of {['objects', *chain.shape]}")
    chain.reshape(tuple(size for place, size in enumerate(chain.shape, 1) if place not in places))


def _read_unsqueeze(node: Node, chain: Chain) -> None:
    axes = node.integers("axes", 1) or []
    count = len(chain.shape) + 1 + len(axes)
    places = {axis % count for axis in axes}
    rest = iter(chain.shape)
    if 0 in places:
        raise Unexpressed("it puts an axis before the objects")
    shape: Shape = tuple(1 if place in places else next(rest) for place in range(1, count))
    chain.reshape(shape)


OPERATORS: dict[str, Callable[[Node, Chain], None]] = {
    "Add": _read_sum,
    "BatchNormalization": _read_batch_normalization,
    "Cast": _read_cast,
    "Div": _read_quotient,
    "Mul": _read_product,
    "Neg": _read_negative,
    "Reshape": _read_reshape,
    "Squeeze": _read_squeeze,
    "Sub": _read_difference,
    "Unsqueeze": _read_unsqueeze,
}
