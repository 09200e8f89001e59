"""How a network becomes a table of kernels: the order of operations, shared copies, tiles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import naive
from engine.examples import data, network
from mathdl import Conv2D, Dense, Flatten, GlobalMaxPool2D, MaxPool2D, Network, Parallel
from mathdl.engine.executable import Data
from mathdl.engine.program import Program
from mathdl.kernels import activations
from mathdl.kernels.jit import LAYER, address
from mathdl.kernels.maxpool2d import pooling
from mathdl.layers.activation import INCREASING

NAMES = ["dense", "conv", "parallel"]


def kernels_of(program: Program) -> list[int]:
    return [int(where) for where in program.rows["forward"]]


def compiled(net: Network, mode: str, loss: str | None = "mean_square") -> Any:
    return net._executable(mode, loss)[0]


@pytest.mark.parametrize("activation", INCREASING)
@pytest.mark.parametrize("mode", ["predict", "train"])
def test_an_increasing_activation_moves_behind_the_pool(activation: str, mode: str) -> None:
    layers = [Conv2D(2, 2, activation=activation), MaxPool2D(2), GlobalMaxPool2D()]
    net = Network(layers, input_shape=(1, 5, 5), dtype="float64")
    pool, move = (
        address(kernel, LAYER, "float64") for kernel in (pooling(2, 2, 2, 2).forward, getattr(activations, activation))
    )
    assert kernels_of(compiled(net, mode, None if mode == "predict" else "mean_square").program)[1:] == [
        pool,
        pool,
        move,
    ]
    assert kernels_of(compiled(net, "inspect").program)[1:] == [move, pool, pool]


def test_the_absolute_value_stays_before_the_pool() -> None:
    net = Network([Conv2D(2, 2, activation="abs"), MaxPool2D(2)], input_shape=(1, 5, 5), dtype="float64")
    pool = address(pooling(2, 2, 2, 2).forward, LAYER, "float64")
    assert kernels_of(compiled(net, "train").program)[-1] == pool


@pytest.mark.parametrize("activation", [*INCREASING, "abs"])
@pytest.mark.parametrize("branches", [False, True])
def test_the_order_changes_neither_values_nor_gradients(activation: str, branches: bool) -> None:
    """Where branches read an activation too, it must not move behind the pool of one of them."""
    rest = [Parallel([MaxPool2D(2), Flatten(), [Conv2D(2, 2)]]), Dense(3)] if branches else [MaxPool2D(2), Flatten()]
    layers = [Conv2D(3, 2, activation=activation), *rest]
    net = Network(layers, input_shape=(1, 7, 5), dtype="float64", seed=1)
    generator = np.random.default_rng(0)
    x = generator.normal(size=(20, 1, 7, 5))
    y = generator.normal(size=(20, *net.output_shape))
    a = net.parameters
    outputs = naive.outputs(net.architecture, (1, 7, 5), a, x)
    value, gradient = naive.loss_and_gradient(net.architecture, (1, 7, 5), a, x, y, "mean_square")
    np.testing.assert_allclose(net(x), outputs, rtol=1e-11, atol=1e-13)
    assert net.loss(x, y, "mean_square") == pytest.approx(value, rel=1e-12)
    checked = Data(x, y.reshape(20, -1))
    for mode in ("train", "inspect"):
        found_value, found, _ = compiled(net, mode).gradient(a, checked, 1)
        assert found_value == pytest.approx(value, rel=1e-12)
        np.testing.assert_allclose(found, gradient, rtol=1e-10, atol=1e-12)


def test_readers_of_one_activation_share_its_copy() -> None:
    program = Program("float64", 5, training=True)
    hidden = program.buffer(20)
    place, makes = program.panels(hidden)
    assert makes
    assert program.panels(hidden) == (place, False)
    assert program.allocate(1) == place + 24  # three panels of eight
    assert not program.panels(program.input)[1]  # it comes with the data


def test_prediction_keeps_no_gradients() -> None:
    net = network("conv")
    predicting, training = (
        compiled(net, mode, loss).program for mode, loss in [("predict", None), ("train", "mean_square")]
    )
    assert predicting.size < training.size
    assert all((predicting.rows[name] == -1).all() for name in ("input_gradient", "output_gradient"))
    assert not predicting.gradients
    assert not predicting.rows["backward"].any()


@pytest.mark.parametrize("name", NAMES)
def test_the_first_layer_sends_no_gradient_to_the_data(name: str) -> None:
    rows = compiled(network(name), "train", "cross_entropy").program.rows
    assert rows[0].input_gradient == -1
    assert rows[0].backward == 0


def test_programs_are_made_once() -> None:
    net = network("dense")
    X, y = data(net, 3)
    first = compiled(net, "train", "cross_entropy")
    net.gradient(X, y, "cross_entropy")
    assert compiled(net, "train", "cross_entropy") is first
