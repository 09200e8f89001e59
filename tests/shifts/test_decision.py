"""Decisions about equivariance and invariance."""

from __future__ import annotations

import math
import time
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import mathdl as m
from mathdl.errors import InputError


def convolution(side: int, padding: int, **options: Any) -> m.Network:
    """The response to a picture, padded, of a kernel of 1s."""
    net = m.Network([m.ZeroPad2D(padding), m.Conv2D(1, side, **options)], (1, 6, 6), dtype="float64")
    net.parameters[: side * side] = 1
    return net


@pytest.mark.parametrize("side", [1, 2, 3, 4])
@pytest.mark.parametrize("padding", [0, 1, 2, 3])
def test_the_sharp_condition_on_the_padding(side: int, padding: int) -> None:
    """With one blank last column, s >= D - 1 is enough, and s = D - 2 is not (example 10.6.3)."""
    net = m.Network([*convolution(side, padding, bias=None).layers, m.GlobalMaxPool2D()], (1, 6, 6))
    net.parameters[:] = 0
    net.layers[1].weights[..., -1] = 1  # reads what is furthest to the right
    decision = m.decide_invariance(net, (0, 1), border=(0, 0, 0, 1))
    assert decision.proved is (padding >= side - 1), decision
    assert decision.refuted is (padding < side - 1)


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        ({"bias": None}, "proved"),
        ({"bias": None, "activation": "tanh"}, "proved"),
        ({"bias": None, "activation": "sigmoid"}, "refuted"),
        ({"bias": "channel"}, "refuted"),
        ({"bias": "channel", "activation": "relu"}, "refuted"),
        ({"bias": "position", "activation": "relu"}, "refuted"),
        ({"bias": None, "stride": 2}, "refuted"),
    ],
)
def test_what_a_second_layer_needs(options: dict[str, Any], verdict: str) -> None:
    """A bias, or a function that is not 0 at 0, makes the padding visible to the next layer."""
    layers = [m.ZeroPad2D(2), m.Conv2D(1, 3, **options), m.ZeroPad2D(2), m.Conv2D(1, 3, bias=None), m.GlobalMaxPool2D()]
    net = m.Network(layers, (1, 5, 5), dtype="float64")
    net.layers[1].weights[...] = 1
    net.layers[3].weights[...] = np.arange(-4, 5).reshape(3, 3)
    if net.layers[1].bias is not None:
        net.layers[1].bias[...] = np.arange(1, net.layers[1].bias.size + 1).reshape(net.layers[1].bias.shape)
    assert m.decide_invariance(net, (0, 1), border=1).verdict == verdict


def test_pooling_moves_by_whole_blocks_only() -> None:
    net = m.Network([m.MaxPool2D((1, 2))], (1, 1, 8))
    decision = m.decide_equivariance(net, (0, 1))
    assert decision.refuted
    assert np.count_nonzero(decision.picture) == 1
    x = np.array([[[[0, 0, 1, 1, 0, 0, 1, 1]]]])
    assert net(x).ravel().tolist() == [0, 1, 0, 1]
    assert net(np.roll(x, 1, axis=3)).ravel().tolist() == [1, 1, 1, 1]
    assert m.decide_equivariance(net, (0, 2), output_shift=(0, 1)).proved
    assert m.decide_equivariance(net.layers[0], (0, 2), output_shift=(0, 1)).proved
    assert m.decide_equivariance(net, (0, 2)).refuted


def test_a_verdict_does_not_hang_on_what_is_tried() -> None:
    """The bias is 0 before training and not after it; a difference of 2^-60 refutes as a large one does."""
    layers = [m.ZeroPad2D(2), m.Conv2D(1, 3), m.ZeroPad2D(2), m.Conv2D(1, 3, bias=None), m.GlobalMaxPool2D()]
    net = m.Network(layers, (1, 5, 5), dtype="float64")
    net.layers[1].weights[...], net.layers[3].weights[...] = 1, np.arange(-4, 5).reshape(3, 3)
    assert m.decide_invariance(net, (0, 1), border=1).proved
    net.layers[1].bias[...] = 2.0**-60
    decision = m.decide_invariance(net, (0, 1), border=1)
    assert not decision.proved


def test_the_outputs_of_a_counterexample_are_exact() -> None:
    net = m.Network([m.Conv2D(1, 2, bias=None), m.AveragePool2D(3), m.Flatten()], (1, 4, 4), dtype="float64")
    net.parameters[:] = 0.1, 0.2, 0.3, 0.4
    decision = m.decide_invariance(net, (0, 1))
    right, found = decision.outputs
    for picture, output in ((decision.picture, right), (np.roll(decision.picture, 1, axis=2), found)):
        total = Fraction(0)
        for i in range(3):
            for j in range(3):
                for place, weight in zip(((0, 0), (0, 1), (1, 0), (1, 1)), (0.1, 0.2, 0.3, 0.4), strict=True):
                    total += Fraction(weight) * int(picture[0, i + place[0], j + place[1]])
        assert output[0] == total / 9
    assert decision.within == 0


def test_sigmoid_inside_gives_enclosed_outputs() -> None:
    net = m.Network([m.Conv2D(1, 1, activation="sigmoid"), m.Flatten(), m.Dense(1)], (1, 1, 2), dtype="float64")
    net.parameters[:] = 1, 0, 1, 2, 0
    decision = m.decide_invariance(net, (0, 1))
    assert 0 < decision.within < Fraction(1, 2**90)
    picture = decision.picture[None].astype(float)
    assert float(decision.outputs[0][0]) == pytest.approx(float(net(picture)[0, 0]), abs=1e-12)


def own(**options: Any) -> m.Activation:
    return m.Activation("cube", function=lambda x: x * x * x, derivative=lambda x: 3 * x * x, **options)


def test_an_own_function_with_its_value_at_zero() -> None:
    def made(activation: m.Activation) -> m.Network:
        layers = [m.ZeroPad2D(2), m.Conv2D(2, 3, activation=activation, bias=None), m.GlobalMaxPool2D()]
        return m.Network(layers, (1, 5, 5))

    assert m.decide_invariance(made(own(at_zero=0.0)), (1, 0), border=1).proved
    undecided = m.decide_invariance(made(own(at_zero=0.0)), (1, 0))
    assert undecided.verdict == "undecided"
    assert "layer 0, ZeroPad2D" in undecided.reason
    assert undecided.reason.endswith("; ask about a larger border, or about fewer layers.")
    with pytest.raises(InputError, match=r"Conv2D has the activation 'cube' of your own.*at_zero"):
        m.decide_invariance(made(own()), (1, 0))


@pytest.mark.parametrize("value", [math.nan, math.inf, "0", True, 1.0])
def test_a_value_at_zero_is_a_number_of_an_own_function(value: Any) -> None:
    with pytest.raises(InputError, match="at_zero"):
        own(at_zero=value)
    with pytest.raises(InputError, match="at_zero"):
        m.Activation("relu", at_zero=0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shift": (0, 7)}, r"shift is \(0, 7\), but the pictures have 6 columns"),
        ({"shift": (-7, 0)}, "have 6 rows"),
        ({"shift": 1}, "give two whole numbers"),
        ({"shift": (0.5, 1)}, "give two whole numbers"),
        ({"border": 4}, "more than pictures of 6 x 6 have"),
        ({"border": (0, 1)}, "or four: above, below, left, right"),
        ({"border": -1}, "of at least 0"),
        ({"mode": "round"}, "give 'cyclic' or 'zeros'"),
        ({"network": m.Network([m.Dense(2)], (3,))}, "are no pictures"),
        ({"network": m.Conv2D(2, 3)}, "is in no network"),
        ({"network": "x"}, "give a Network"),
    ],
)
def test_bad_input_is_one_sentence(change: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"network": convolution(3, 2), "shift": (0, 1)}
    for decide in (m.decide_equivariance, m.decide_invariance):
        with pytest.raises(InputError, match=message):
            decide(**{**good, **change})


def test_an_answer_that_is_no_picture_cannot_move() -> None:
    with pytest.raises(InputError, match="no picture or signal that could move"):
        m.decide_equivariance(m.Network([m.GlobalMaxPool2D()], (1, 3, 3)), (0, 1))


def test_parameters_that_are_not_finite() -> None:
    net = convolution(3, 2)
    net.parameters[0] = np.nan
    with pytest.raises(InputError, match="NaN or infinite"):
        m.decide_equivariance(net, (0, 1))


def test_lenet_takes_seconds() -> None:
    layers = [
        m.Conv2D(6, 5, activation="relu", padding="same"), m.MaxPool2D(2), m.Conv2D(16, 5, activation="relu"),
        m.MaxPool2D(2), m.Flatten(), m.Dense(120, activation="relu"), m.Dense(84, activation="relu"), m.Dense(10),
    ]  # fmt: skip
    net = m.Network(layers, (1, 28, 28))
    start = time.perf_counter()
    assert m.decide_invariance(net, (0, 1), border=4).refuted
    assert m.decide_equivariance(m.Network(layers[:3], (1, 28, 28)), (0, 2), output_shift=(0, 1)).refuted
    assert time.perf_counter() - start < 10  # each in under 5


def test_branches_and_dropout() -> None:
    branches = m.Parallel([[m.ZeroPad2D(1), m.Conv2D(2, 2, bias=None), m.GlobalMaxPool2D()], [m.GlobalAveragePool2D()]])
    block = m.Residual([m.Conv2D(1, 1, activation="relu", bias=None)])
    net = m.Network([block, m.Dropout(0.5), branches, m.Dense(3, activation="softmax")], (1, 5, 5))
    assert m.decide_invariance(net, (-1, 1), border=1).proved
    assert m.decide_invariance(net, (-1, 1)).refuted


@pytest.mark.parametrize(("dtype", "holds"), [("float32", np.float32(0.1)), ("float64", 0.1)])
def test_a_padding_is_what_the_precision_makes_of_it(dtype: Any, holds: Any) -> None:
    net = m.Network([m.ZeroPad2D(1, value=0.1), m.Conv2D(1, 1, bias=None), m.Flatten()], (1, 3, 3), dtype=dtype)
    net.parameters[:] = 1
    decision = m.decide_invariance(net, (0, 1))
    assert decision.outputs[0][0] == Fraction(float(holds))
    assert net(np.zeros((1, 1, 3, 3)))[0, 0] == holds


def test_what_rounds_to_zero_is_zero() -> None:
    layers = [m.ZeroPad2D(1, value=1e-50), m.Conv2D(1, 2, bias=None), m.GlobalMaxPool2D()]
    for dtype, proved in (("float32", True), ("float64", False)):
        net = m.Network(layers, (1, 3, 3), dtype=dtype)
        assert m.decide_invariance(net, (0, 1), border=(0, 0, 0, 1)).proved is proved
    with pytest.raises(InputError, match="a layer alone does not tell its precision; give a Network of it"):
        m.decide_equivariance(net.layers[0], (0, 1))
    assert m.decide_equivariance(m.Network(layers[:1], (1, 3, 3)), (0, 1), border=(0, 0, 0, 1)).proved


def test_a_padding_beyond_the_precision() -> None:
    net = m.Network([m.ZeroPad2D(1, value=1e39), m.GlobalMaxPool2D()], (1, 3, 3))
    with pytest.raises(InputError, match=r"ZeroPad2D: value is 1e\+39, beyond the float32 of the network"):
        m.decide_invariance(net, (0, 1))
