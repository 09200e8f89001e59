"""The first parameters: He's before rectifiers, Glorot's elsewhere, biases zero, by the seed alone."""

from __future__ import annotations

import numpy as np
import pytest

from mathdl import Activation, Conv2D, Dense, Network, Parallel

RECTIFIERS = ["relu", "leaky_relu"]
OTHERS = ["identity", "tanh", "sigmoid", "abs", "softmax"]


@pytest.mark.parametrize("activation", RECTIFIERS)
def test_he_before_rectifiers(activation: str) -> None:
    dense = Network([Dense(200, activation=activation)], input_shape=(300,), dtype="float64").layers[0]
    conv = Network([Conv2D(40, 5, activation=activation)], input_shape=(30, 5, 5), dtype="float64").layers[0]
    for layer, inputs in ((dense, 300), (conv, 30 * 25)):
        assert layer.weights is not None
        assert layer.weights.std() == pytest.approx(np.sqrt(2 / inputs), rel=0.02)
        assert abs(layer.weights.mean()) < 0.02 * np.sqrt(2 / inputs)
        scaled = layer.weights.ravel() / np.sqrt(2 / inputs)
        assert (np.abs(scaled) < 1).mean() == pytest.approx(0.683, abs=0.01)  # normal


@pytest.mark.parametrize("activation", OTHERS)
def test_glorot_elsewhere(activation: str) -> None:
    layers = [Network([Dense(200, activation=activation)], input_shape=(300,), dtype="float64").layers[0]]
    fans = [500]
    if activation != "softmax":
        net = Network([Conv2D(40, 5, activation=activation)], input_shape=(30, 5, 5), dtype="float64")
        layers.append(net.layers[0])
        fans.append(70 * 25)
    for layer, fan in zip(layers, fans, strict=True):
        assert layer.weights is not None
        bound = np.sqrt(6 / fan)
        assert np.abs(layer.weights).max() <= bound
        assert np.abs(layer.weights).max() > 0.999 * bound
        assert layer.weights.std() == pytest.approx(bound / np.sqrt(3), rel=0.02)


def test_a_users_activation_is_no_rectifier() -> None:
    own = Activation("relu", function=lambda x: x, derivative=lambda x: 1.0)
    weights = Network([Dense(50, activation=own)], input_shape=(50,)).layers[0].weights
    assert weights is not None
    assert np.abs(weights).max() <= np.sqrt(6 / 100)


@pytest.mark.parametrize("bias", ["channel", "position"])
def test_biases_are_zero(bias: str) -> None:
    net = Network([Conv2D(3, 2, bias=bias), Parallel([Conv2D(1, 2)])], input_shape=(1, 4, 4))  # type: ignore[arg-type]
    assert net.layers[0].bias is not None
    assert not net.layers[0].bias.any()
    assert net.parameters.any()


def test_layers_are_drawn_one_after_the_other() -> None:
    """The first layers do not depend on those that follow."""
    short = Network([Dense(4)], input_shape=(3,), seed=7)
    long = Network([Dense(4), Dense(5)], input_shape=(3,), seed=7)
    assert np.array_equal(long.parameters[: short.size], short.parameters)
    assert not np.array_equal(long.layers[1].weights.ravel()[:4], short.parameters[:4])  # type: ignore[union-attr]
