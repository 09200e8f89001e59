"""A convolution as a matrix, exactly in integers; what places see, against which pixels change them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl import (
    AveragePool2D,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool1D,
    GlobalAveragePool2D,
    MaxPool2D,
    Network,
    Residual,
    ZeroPad2D,
    pixel_uses,
    plots,
    receptive_field,
)
from mathdl.errors import InputError

KERNELS = [((2, 3), (1, 2)), ((3, 3), (1, 1)), ((2, 2), (3, 1)), ((1, 1), (2, 2))]  # few: each is compiled


def whole(layers: list[Any], shape: tuple[int, ...], seed: int = 0) -> Network:
    """Make a network of whole numbers that are not 0."""
    net, generator = Network(layers, input_shape=shape, dtype="float64"), np.random.default_rng(seed)
    net.parameters[:] = generator.integers(1, 9, net.size) * generator.choice([-1, 1], net.size)
    return net


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.sampled_from(KERNELS),
    st.integers(1, 3),
    st.tuples(st.integers(1, 3), st.integers(3, 7), st.integers(3, 7)),
    st.sampled_from(["valid", "same"]),
    st.sampled_from(["channel", "position", None]),
)
def test_the_matrix_is_the_layer(sides: Any, channels: int, shape: Any, padding: Any, bias: Any) -> None:
    (size, stride), generator = sides, np.random.default_rng(1)
    net = whole([Conv2D(channels, size, bias=bias, stride=stride, padding=padding)], shape)
    layer, x = net.layers[0], generator.integers(-9, 10, (2, *shape))
    matrix = layer.matrix()
    stated = (matrix @ x.reshape(2, -1).T).T.reshape(2, *layer.output_shape)
    if bias is not None:
        stated = stated + (layer.bias if bias == "position" else layer.bias[:, None, None])
    assert np.array_equal(net(x), stated)
    units = np.eye(np.prod(shape)).reshape(-1, *shape)
    assert np.array_equal(matrix.toarray(), (net(units) - net(np.zeros((1, *shape)))).reshape(len(units), -1).T)
    found = layer.connections()
    assert (found.entries, found.dense) == (matrix.nnz, np.prod(matrix.shape))
    layer.weights[...] = np.arange(layer.weights.size).reshape(layer.weights.shape)
    assert found.weights == len(np.unique(layer.matrix().data))


def test_the_matrix_of_signals() -> None:
    net = whole([Conv1D(2, 3, stride=2, padding="same", bias=None)], (2, 7))
    x = np.random.default_rng(2).integers(-9, 10, (2, 7))
    assert np.array_equal(net.layers[0].matrix() @ x.ravel(), net(x[None]).ravel())
    assert Network([Conv1D(1, 4)], (1, 6)).layers[0].connections() == (12, 4, 18)
    assert Network([Conv2D(6, 5)], (1, 28, 28)).layers[0].connections() == (6 * 25 * 576, 150, 784 * 6 * 576)


def test_a_layer_without_network_has_no_matrix() -> None:
    with pytest.raises(InputError, match="Conv2D has no weights yet; put it into a Network"):
        Conv2D(1, 2).matrix()
    with pytest.raises(InputError, match="Conv1D has no input yet; put it into a Network"):
        Conv1D(1, 2).connections()


CHAINS = [
    ([Conv2D(1, 3)], (1, 6, 7)),
    ([ZeroPad2D((1, 0, 2, 0)), Conv2D(1, (2, 3), stride=(1, 2))], (1, 5, 6)),
    (
        [Conv2D(1, 3, padding="same"), AveragePool2D(2, remainder="drop"), Dropout(0.5), Conv2D(1, 2, padding="same")],
        (1, 7, 6),
    ),
    ([Conv2D(1, 2, stride=3), Residual([Conv2D(1, 3, padding="same")])], (1, 8, 8)),
    ([Conv2D(1, 3), GlobalAveragePool2D()], (1, 5, 4)),
    ([Conv1D(1, 3), Conv1D(1, 2, stride=2)], (1, 9)),
    ([Conv1D(1, 2), GlobalAveragePool1D()], (1, 5)),
]


@pytest.mark.parametrize(("layers", "shape"), CHAINS)
def test_uses_are_the_ways_that_ones_count(layers: list[Any], shape: tuple[int, ...]) -> None:
    """With kernels of ones, no bias, and means times their blocks' sizes, an output counts the ways from a pixel."""
    net = Network(layers, input_shape=shape, dtype="float64")
    net.parameters[:] = 0
    blocks = 1
    for layer in [inner for each in net.layers for inner in (each, *getattr(each, "layers", ()))]:
        if layer.weights is not None:
            layer.weights[...] = 1
        if "AveragePool" in type(layer).__name__:
            down, across = layer.windows()
            blocks *= down.size * across.size
    units = np.eye(np.prod(shape)).reshape(-1, *shape)
    outputs = (net(units) * blocks).round().astype(int).reshape(len(units), -1)
    pixels = shape[1:]
    assert np.array_equal(pixel_uses(net), outputs.sum(axis=1).reshape(pixels))
    last = net.output_shape[1:] or (1,)
    for number, place in enumerate(np.ndindex(*last)):
        position = place if len(place) > 1 else place[0]
        seen = outputs[:, number].reshape(pixels)
        assert np.array_equal(pixel_uses(net, position=position), seen)
        field = receptive_field(net, position)
        met = np.argwhere(np.atleast_2d(seen) > 0)
        assert (field.rows.start, field.columns.start) == tuple(met.min(axis=0))
        assert (field.rows.stop, field.columns.stop) == tuple(met.max(axis=0) + 1)


def test_which_layer_is_meant() -> None:
    net = Network([Conv2D(2, 3), MaxPool2D(2), Flatten(), Dense(2)], (1, 6, 6))
    assert receptive_field(net, (1, 1)).rows == range(2, 6)
    assert receptive_field(net, (1, 1), layer=0).rows == range(1, 4)
    assert pixel_uses(net, 0).tolist()[0] == [1, 2, 3, 3, 2, 1]
    outside = Network([ZeroPad2D(2), Conv2D(1, 1)], (1, 3, 3))
    assert receptive_field(outside, (0, 0)) == (range(0), range(0))


@pytest.mark.parametrize(
    ("layers", "shape", "arguments", "message"),
    [
        ([Dense(2)], (3,), {}, r"The network takes objects of shape \(3,\); give one of images"),
        ([Flatten(), Dense(2)], (1, 2, 2), {}, r"Flatten\(\) has no places that see parts of the input"),
        ([Conv2D(1, 2), Flatten()], (1, 3, 3), {"layer": 1}, r"Flatten\(\) has no places"),
        ([Conv2D(1, 2)], (1, 3, 3), {"layer": 2}, "layer is 2; give a whole number of at most 0"),
        ([Conv2D(1, 2)], (1, 3, 3), {"position": (0, 2)}, "position: column is 2; give a whole number of at most 1"),
        ([Conv2D(1, 2)], (1, 3, 3), {"position": 1}, "position is 1; give row and column, two whole numbers"),
    ],
)
def test_what_has_no_places(layers: list[Any], shape: Any, arguments: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        pixel_uses(Network(layers, input_shape=shape), **arguments)


def test_uses_are_drawn() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    net = Network([Conv2D(1, 3), MaxPool2D(2)], (1, 6, 6))
    axes = plots.plot_pixel_uses(net, position=(0, 1))
    axes.figure.canvas.draw()
    assert np.array_equal(axes.images[0].get_array(), pixel_uses(net, position=(0, 1)))
    frame = axes.patches[0]
    assert (frame.get_x(), frame.get_y(), frame.get_width(), frame.get_height()) == (1.5, -0.5, 4, 4)
    assert plots.plot_pixel_uses(Network([Conv1D(1, 3)], (1, 40))).images[0].get_array().shape == (1, 40)
    with pytest.raises(InputError, match="network is 3; give a Network"):
        plots.plot_pixel_uses(3)
