"""Pooling layers in ONNX; in double precision means are taken of blocks that Gather collects."""

from __future__ import annotations

from math import prod

from mathdl.exchange.chain import Chain, Ends, Unexpressed
from mathdl.exchange.onnx_convolutions import write_blocks
from mathdl.exchange.onnx_graph import GraphWriter
from mathdl.exchange.onnx_node import Node
from mathdl.exchange.onnx_padding import Geometry, geometry
from mathdl.layers.averagepool1d import AveragePool1D
from mathdl.layers.averagepool2d import AveragePool2D
from mathdl.layers.globalaveragepool1d import GlobalAveragePool1D
from mathdl.layers.globalaveragepool2d import GlobalAveragePool2D
from mathdl.layers.globalmaxpool1d import GlobalMaxPool1D
from mathdl.layers.globalmaxpool2d import GlobalMaxPool2D
from mathdl.layers.layer import Shape
from mathdl.layers.maxpool1d import MaxPool1D
from mathdl.layers.maxpool2d import MaxPool2D
from mathdl.layers.pooling import GlobalPooling, Pooling


def write_max(graph: GraphWriter, layer: Pooling, source: str) -> str:
    """Append max pooling."""
    return graph.add("MaxPool", source, kernel_shape=layer.sides[-layer.axes :], strides=layer.strides[-layer.axes :])


def write_average(graph: GraphWriter, layer: Pooling, source: str) -> str:
    """Append average pooling."""
    sides, strides = layer.sides[-layer.axes :], layer.strides[-layer.axes :]
    if not graph.is_double:
        return graph.add("AveragePool", source, kernel_shape=sides, strides=strides)
    blocks = write_blocks(graph, source, layer.input_shape, sides, strides)
    return graph.add("ReduceMean", blocks, graph.integers(*range(2, 2 + layer.axes)), keepdims=0)


def write_global_max(graph: GraphWriter, layer: GlobalPooling, source: str) -> str:
    """Append the largest entry of each channel."""
    return _write_global(graph, layer, source, "GlobalMaxPool", "ReduceMax")


def write_global_average(graph: GraphWriter, layer: GlobalPooling, source: str) -> str:
    """Append the mean of each channel."""
    return _write_global(graph, layer, source, "GlobalAveragePool", "ReduceMean")


def _write_global(graph: GraphWriter, layer: GlobalPooling, source: str, pool: str, reduce: str) -> str:
    """Append a pooling of all of each channel."""
    if graph.is_double:
        return graph.add(reduce, source, graph.integers(*range(2, 2 + layer.axes)), keepdims=0)
    return graph.add("Flatten", graph.add(pool, source), axis=1)


def read_max(node: Node, chain: Chain) -> None:
    """Read max pooling; its padding, which no maximum sees, becomes a layer of numbers that are never the largest."""
    found = _pooling(node, chain)
    ends = _with_ceiling(node, found, chain.shape)
    chain.append_padding_of_maxima(ends)
    _append(chain, found, average=False)


def read_average(node: Node, chain: Chain) -> None:
    """Read average pooling, whose padding must count where there is any."""
    found = _pooling(node, chain)
    if _with_ceiling(node, found, chain.shape) != found.ends:
        raise Unexpressed("ceil_mode=1 makes blocks at the edge whose means are of fewer numbers, which no layer does")
    if any(map(any, found.ends)) and not node.attribute("count_include_pad", 0):
        raise Unexpressed("its padding does not count in the means (count_include_pad=0), and that of a layer does")
    chain.append_padding(found.ends)
    _append(chain, found, average=True)


def read_global_max(node: Node, chain: Chain) -> None:
    """Read the largest entry of each channel."""
    _whole(chain, average=False)


def read_global_average(node: Node, chain: Chain) -> None:
    """Read the mean of each channel."""
    _whole(chain, average=True)


def read_largest(node: Node, chain: Chain) -> None:
    """Read a maximum over all of each channel."""
    _reduced(node, chain, average=False)


def read_mean(node: Node, chain: Chain) -> None:
    """Read a mean over blocks that were collected, or over all of each channel."""
    if chain.blocks is None:
        _reduced(node, chain, average=True)
        return
    blocks, axes = chain.blocks, list(range(2, 2 + len(chain.blocks.sides)))
    if node.integers("axes", 1) != axes or node.attribute("keepdims", 1):
        raise Unexpressed("it takes other means than those of blocks")
    chain.blocks = None
    _append(chain, Geometry(blocks.sides, blocks.strides, []), average=True)


def _reduced(node: Node, chain: Chain, *, average: bool) -> None:
    """Read what is made of all of each channel, whether its axes stay or not."""
    chain.require_ready()
    image = chain.image()
    count = len(image) + 1
    axes = sorted(axis % count for axis in node.integers("axes", 1) or range(count))
    if axes != list(range(2, count)):
        raise Unexpressed(f"it reduces the axes {axes}, and layers reduce all of each channel")
    if node.attribute("keepdims", 1):
        _whole(chain, average=average)
        return
    kinds = [[GlobalMaxPool1D, GlobalAveragePool1D], [GlobalMaxPool2D, GlobalAveragePool2D]]
    chain.append(kinds[len(image) - 2][average]())


def _whole(chain: Chain, *, average: bool) -> None:
    """Append a pooling whose block is the whole image, which stays one of one place; Flatten makes it a global one."""
    chain.require_ready()
    sides = chain.image()[1:]
    _append(chain, Geometry(sides, sides, []), average=average)


def _pooling(node: Node, chain: Chain) -> Geometry:
    """Return the blocks of a pooling operator."""
    chain.require_ready()
    image = chain.image()
    found = geometry(node, image, [int(side) for side in node.attribute("kernel_shape", [])])
    if any(end >= side for pair, side in zip(found.ends, found.sides, strict=True) for end in pair):
        raise Unexpressed(f"its padding {found.ends} is as wide as its blocks of {found.sides}")
    return found


def _with_ceiling(node: Node, found: Geometry, image: Shape) -> Ends:
    """Return the padding, with what ceil_mode adds after it for a last block that is not whole."""
    if not node.attribute("ceil_mode", 0):
        return found.ends
    ends = []
    for length, side, stride, (before, after) in zip(image[1:], found.sides, found.strides, found.ends, strict=True):
        beyond = -(before + length + after - side) % stride
        if beyond and after + beyond >= side:
            raise Unexpressed(
                "ceil_mode=1 makes a last block that begins behind its input, which versions of ONNX take or leave out"
            )
        ends.append((before, after + beyond))
    return ends


def _append(chain: Chain, found: Geometry, *, average: bool) -> None:
    """Append the pooling layer."""
    image, axes = chain.shape, len(found.sides)
    ways = zip(image[1:], found.sides, found.strides, strict=True)
    ends_even = all((length - side) % stride == 0 for length, side, stride in ways)
    if prod(found.sides) < 1 or any(side > length for side, length in zip(found.sides, image[1:], strict=True)):
        raise Unexpressed(f"its blocks of {found.sides} do not fit into an input of {image[1:]}")
    kinds = [[MaxPool1D, AveragePool1D], [MaxPool2D, AveragePool2D]]
    sides, strides = (list(each) if axes == 2 else each[0] for each in (found.sides, found.strides))
    chain.append(kinds[axes - 1][average](sides, strides, "error" if ends_even else "drop"))
