"""Values, pieces and rounding errors of networks at a point, against fractions computed as the definition says."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from mathdl import Activation, Conv2D, Dense, Flatten, MaxPool2D, Network, Residual, evaluate_exactly
from mathdl.errors import InputError

SLOPE = Activation("leaky_relu", slope=0.1)


def by_definition(net, x):
    """Evaluate dense layers in fractions, neuron by neuron."""
    values = [Fraction(v) for v in x]
    for layer in net.layers:
        slope = {"relu": Fraction(0), "leaky_relu": Fraction(float(np.dtype(net.dtype).type(layer.activation.slope)))}
        slope |= {"abs": Fraction(-1), "identity": Fraction(1), "softmax": Fraction(1)}
        sums = [
            sum((Fraction(float(w)) * v for w, v in zip(row, values, strict=True)), Fraction(float(b)))
            for row, b in zip(layer.weights, layer.bias, strict=True)
        ]
        values = [v if v > 0 else slope[layer.activation.name] * v for v in sums]
    return values


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_value_and_rounding_error_are_those_of_the_definition(dtype, scale):
    layers = [Dense(5, activation="relu"), Dense(4, activation=SLOPE), Dense(3, activation="abs"), Dense(2)]
    net = Network(layers, (3,), dtype=dtype, seed=1)
    rng = np.random.default_rng(2)
    net.parameters[:] = rng.normal(size=net.size) * scale**0.25
    x = (rng.normal(size=3) * scale).astype(dtype).astype(float)
    at = evaluate_exactly(net, x)
    exact = by_definition(net, x)
    assert at.value.tolist() == exact
    assert at.rounding_error == max(abs(Fraction(float(c)) - v) for c, v in zip(net([x])[0], exact, strict=True))
    assert (at.gradient.dot([Fraction(v) for v in x]) + at.offset).tolist() == exact


def test_the_gradient_is_that_of_the_piece():
    """An affine piece agrees with the network at points nearby, exactly."""
    net = Network([Conv2D(2, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(2)], (1, 6, 6), seed=3)
    net.parameters[:] += np.random.default_rng(0).normal(size=net.size) / 8
    x = np.round(np.random.default_rng(4).normal(size=(1, 6, 6)), 2)
    at = evaluate_exactly(net, x)
    assert at.differentiable
    near = [Fraction(v) + Fraction(k % 5 - 2, 2**40) for k, v in enumerate(x.ravel().tolist())]
    shaped = np.array(near, dtype=object).reshape(x.shape)
    assert evaluate_exactly(net, shaped).value.tolist() == (at.gradient.dot(near) + at.offset).tolist()


def test_where_pieces_meet_is_told():
    net = Network([Residual([Dense(2, activation="relu")]), Dense(1)], (2,))
    net.parameters[:] = [1, 0, 0, 0, 0, 0, 1, 1, 0]  # the second neuron is dead
    told = {point: evaluate_exactly(net, point).differentiable for point in [(0, 1), (1, 0), (-1, 0)]}
    assert told == {(0, 1): False, (1, 0): True, (-1, 0): True}
    assert evaluate_exactly(net, (0, 1)).gradient.tolist() == [[1, 1]]


def test_equal_entries_of_a_maximum_are_no_break_where_they_stay_equal():
    net = Network([Conv2D(1, 1, activation="relu"), MaxPool2D(2)], (1, 2, 2))
    net.parameters[:] = 1, -1
    assert evaluate_exactly(net, np.zeros((1, 2, 2))).differentiable
    net.parameters[:] = 1, 1
    assert not evaluate_exactly(net, np.zeros((1, 2, 2))).differentiable


def test_a_final_softmax_is_left_off():
    net = Network([Dense(3, activation="softmax")], (2,), seed=5)
    bare = Network([Dense(3)], (2,), seed=5)
    bare.parameters[:] = net.parameters
    at = evaluate_exactly(net, [1.0, 2.0])
    assert at.value.tolist() == by_definition(bare, [1.0, 2.0])
    assert at.computed.tolist() == bare([[1.0, 2.0]])[0].tolist()


@pytest.mark.parametrize(
    ("layers", "x", "message"),
    [
        ([Dense(2, activation="sigmoid"), Dense(1)], [0, 0], "layers[0]: Dense has the activation 'sigmoid', which is"),
        ([Dense(1)], [0, 0, 0], "x has shape (3,), but the network takes a point of shape (2,)"),
        ([Dense(1)], [0, "a"], "x holds something that is no finite real number"),
        ([Dense(1)], [0, np.inf], "x holds something that is no finite real number"),
    ],
)
def test_what_does_not_fit_is_refused(layers, x, message):
    with pytest.raises(InputError) as refused:
        evaluate_exactly(Network(layers, (2,)), x)
    assert message in str(refused.value)
