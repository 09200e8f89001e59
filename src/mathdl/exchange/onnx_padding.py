"""Padding in ONNX: layers that pad, and the padding of other operators as layers of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from mathdl.exchange.chain import Chain, Ends, Unexpressed
from mathdl.exchange.onnx_graph import GraphWriter
from mathdl.exchange.onnx_node import Node
from mathdl.layers.layer import Shape
from mathdl.layers.padding import Padding


class Geometry(NamedTuple):
    """The sides and steps of what an operator sees, and what it pads on each axis."""

    sides: tuple[int, ...]
    strides: tuple[int, ...]
    ends: Ends


def write(graph: GraphWriter, layer: Padding, source: str) -> str:
    """Append the padding."""
    return write_padding(graph, source, padding_ends(layer), layer.value)


def padding_ends(layer: Padding) -> Ends:
    """Return what a layer adds on each axis."""
    return [(layer.above, layer.below), (layer.left, layer.right)][-layer.axes :]


def write_padding(graph: GraphWriter, source: str, ends: Ends, value: float = 0.0) -> str:
    """Append the padding of images or signals by a number."""
    before, after = zip(*ends, strict=True)
    pads = graph.integers(0, 0, *before, 0, 0, *after)
    return graph.add("Pad", source, pads, graph.constant(value))


def read(node: Node, chain: Chain) -> None:
    """Read a padding by a constant."""
    chain.require_ready()
    if (mode := node.attribute("mode", "constant")) != "constant":
        raise Unexpressed(f"mode={mode!r} pads by what an image holds, and layers pad by one number")
    pads = node.integers("pads", 1)
    if pads is None or node.has(3):
        raise Unexpressed("its pads are given for chosen axes, and a layer pads all axes of an image")
    image = chain.image()
    count = len(image) + 1
    if len(pads) != 2 * count:
        raise Unexpressed(f"its pads are {pads} for {count} axes")
    ends = list(zip(pads[:count], pads[count:], strict=True))
    if ends[0] != (0, 0) or ends[1] != (0, 0):
        raise Unexpressed(f"pads={pads} pads objects or channels, and layers pad images and signals")
    chain.append_padding(ends[2:], node.number("value", 2) or 0.0)


def geometry(node: Node, image: Shape, sides: Sequence[int]) -> Geometry:
    """Return the steps and the padding of an operator with a kernel or block of these sides."""
    axes = len(image) - 1
    if len(sides) != axes:
        raise Unexpressed(f"its kernel has {len(sides)} axes for images or signals with {axes}")
    strides = [int(step) for step in node.attribute("strides", [1] * axes)]
    dilations = [int(step) for step in node.attribute("dilations", [1] * axes)]
    if set(dilations) != {1}:
        raise Unexpressed(f"dilations={dilations} leaves gaps in the kernel, and layers have kernels without gaps")
    if len(strides) != axes or min(strides) < 1:
        raise Unexpressed(f"its strides are {strides}")
    return Geometry(tuple(sides), tuple(strides), _ends(node, image, sides, strides))


def same_ends(length: int, side: int, stride: int, *, later: bool = True) -> tuple[int, int]:
    """Return the padding for ceil(length / stride) places, the odd one after the input or before it."""
    total = max((-(-length // stride) - 1) * stride + side - length, 0)
    return (total // 2, total - total // 2) if later else (total - total // 2, total // 2)


def _ends(node: Node, image: Shape, sides: Sequence[int], strides: Sequence[int]) -> Ends:
    """Return what is padded on each axis."""
    axes, automatic = len(sides), node.attribute("auto_pad", "NOTSET")
    if automatic == "VALID":
        return [(0, 0)] * axes
    if automatic in ("SAME_UPPER", "SAME_LOWER"):
        later = automatic == "SAME_UPPER"
        return [same_ends(*each, later=later) for each in zip(image[1:], sides, strides, strict=True)]
    pads = [int(pad) for pad in node.attribute("pads", [0] * (2 * axes))]
    if automatic != "NOTSET" or len(pads) != 2 * axes:
        raise Unexpressed(f"auto_pad={automatic!r} with pads={pads} is unknown")
    return list(zip(pads[:axes], pads[axes:], strict=True))
