"""Convolutional layers in ONNX: Conv; in double precision, for which runtimes have none, Gather and Einsum."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from mathdl.exchange.chain import Blocks, Chain, Made, Unexpressed
from mathdl.exchange.onnx_activations import write_activation
from mathdl.exchange.onnx_graph import GraphWriter
from mathdl.exchange.onnx_node import Array, Node
from mathdl.exchange.onnx_padding import geometry, padding_ends, same_ends, write_padding
from mathdl.layers.convolutional import Convolutional
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import Shape
from mathdl.layers.padding import Padding

SUMS = {1: "ncqj,ocq->noj", 2: "ncrqij,ocrq->noij"}  # by the number of axes


def write(graph: GraphWriter, layer: Convolutional, source: str) -> str:
    """Append the convolution and the activation."""
    assert layer.weights is not None
    image, axes = layer.input_shape, layer.axes
    sides, strides = layer.sides[-axes:], layer.strides[-axes:]
    ends = [(0, 0)] * axes
    if layer.padding == "same":
        ends = [same_ends(*each) for each in zip(image[1:], sides, strides, strict=True)]
    by_channel = layer.bias_kind == "channel" and not graph.is_double
    if graph.is_double:
        if any(end for pair in ends for end in pair):
            source = write_padding(graph, source, ends)
            image = (image[0], *(sum(pair) + length for pair, length in zip(ends, image[1:], strict=True)))
        source = write_blocks(graph, source, image, sides, strides)
        result = graph.add("Einsum", source, graph.constant(layer.weights), equation=SUMS[axes])
    else:
        parameters = [layer.weights, layer.bias] if by_channel else [layer.weights]
        before, after = zip(*ends, strict=True)
        kernel = {"kernel_shape": sides, "strides": strides, "pads": (*before, *after)}
        result = graph.add("Conv", source, *map(graph.constant, parameters), **kernel)
    if layer.bias is not None and not by_channel:
        bias = layer.bias.reshape(-1, *(1,) * axes) if layer.bias.ndim == 1 else layer.bias
        result = graph.add("Add", result, graph.constant(bias))
    return write_activation(graph, layer.activation, result)


def write_blocks(graph: GraphWriter, source: str, image: Shape, sides: Sequence[int], strides: Sequence[int]) -> str:
    """Append what collects the blocks of images: an array (objects, channels, sides, places)."""
    places = graph.constant(_blocks(image, sides, strides), np.int64)
    return graph.add("Gather", graph.add("Flatten", source, axis=1), places, axis=1)


def read(node: Node, chain: Chain) -> None:
    """Read a convolution; padding other than that of ``padding="same"`` becomes a layer before it."""
    chain.require_ready()
    image, weights = chain.image(), node.numbers(1)
    groups = node.attribute("group", 1)
    if groups != 1:
        raise Unexpressed(f"group={groups} connects channels in groups, and layers connect each with each")
    if weights.ndim != len(image) + 1 or weights.shape[1] != image[0]:
        raise Unexpressed(f"its kernels have shape {weights.shape} for inputs of shape {image}")
    found = geometry(node, image, weights.shape[2:])
    same = [same_ends(*each) for each in zip(image[1:], found.sides, found.strides, strict=True)]
    padding = "same" if found.ends == same and any(map(any, same)) else "valid"
    if padding == "valid":
        chain.append_padding(found.ends)
    bias = node.numbers(2) if node.has(2) else None
    _append(chain, weights, bias, found.strides, padding)


def read_blocks(node: Node, chain: Chain) -> None:
    """Read that the blocks of images are collected, by their places in the flat image."""
    indices, last = node.constant(1), chain.drafts[-1] if chain.drafts else None
    image = last.input_shape if isinstance(last, Made) and isinstance(last.made, Flatten) else chain.input_shape
    axes = len(image) - 1
    if node.attribute("axis", 0) != 1 or len(chain.shape) != 1 or axes not in (1, 2) or indices.ndim != 1 + 2 * axes:
        raise Unexpressed("it chooses entries of an array, which no layer does")
    sides, places = indices.shape[1 : 1 + axes], indices.shape[1 + axes :]
    strides = tuple(_step(indices, axis, image) for axis in range(axes))
    if not np.array_equal(indices, _blocks(image, sides, strides)):
        raise Unexpressed("it chooses entries of an array that are no blocks of an image, which no layer does")
    chain.drafts.pop()
    chain.shape, chain.blocks = image, Blocks(sides, strides, places)


def read_summed(node: Node, chain: Chain) -> None:
    """Read products of blocks and kernels, added up, as a convolution."""
    equation = str(node.attribute("equation", "")).replace(" ", "")
    if chain.blocks is None or equation not in SUMS.values():
        raise Unexpressed(f"equation={equation!r} is no sum of products that a layer computes")
    weights, blocks = node.numbers(1), chain.blocks
    if weights.shape[1:] != (chain.shape[0], *blocks.sides):
        raise Unexpressed(f"its kernels have shape {weights.shape} for blocks of {blocks.sides}")
    chain.blocks = None
    _append(chain, weights, None, blocks.strides, "valid")


def _append(chain: Chain, weights: Array, bias: Array | None, strides: tuple[int, ...], padding: str) -> None:
    """Append a convolutional layer."""
    last = chain.drafts[-1] if chain.drafts else None
    if padding == "valid" and isinstance(last, Made) and isinstance(last.made, Padding) and last.made.value == 0:
        image = last.input_shape
        ways = zip(image[1:], weights.shape[2:], strides, strict=True)
        if padding_ends(last.made) == [same_ends(*way) for way in ways]:
            chain.drafts.pop()
            chain.shape, padding = image, "same"
    stride: Any = list(strides) if len(strides) == 2 else strides[0]
    chain.append_affine(weights, bias, {"stride": stride, "padding": padding})


def _blocks(image: Shape, sides: Sequence[int], strides: Sequence[int]) -> Array:
    """Return where in a flat image the entries of its blocks stand, an array (channels, sides, places)."""
    channels, *lengths = image
    axes = len(lengths)
    places = [(length - side) // stride + 1 for length, side, stride in zip(lengths, sides, strides, strict=True)]
    found = np.arange(channels).reshape(-1, *(1,) * (2 * axes))
    for axis in range(axes):
        tap = np.arange(sides[axis]).reshape(-1, *(1,) * (2 * axes - axis - 1))
        place = np.arange(places[axis]).reshape(-1, *(1,) * (axes - axis - 1))
        found = found * lengths[axis] + tap + strides[axis] * place
    return found


def _step(indices: Array, axis: int, image: Shape) -> int:
    """Return how far blocks begin from one another along an axis of the image: of a single one, beyond the image."""
    place = len(image) + axis
    if indices.shape[place] == 1:
        return int(image[1 + axis]) - int(indices.shape[1 + axis]) + 1
    second = np.take(indices, 1, axis=place).flat[0]
    return max(int(second - indices.flat[0]) // prod(image[2 + axis :]), 1)
