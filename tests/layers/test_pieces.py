"""What layers declare themselves to be made of, against the layers as their definitions."""

from __future__ import annotations

import numpy as np
import pytest

import naive
from mathdl import (
    Activation,
    AveragePool1D,
    AveragePool2D,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool1D,
    GlobalAveragePool2D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    MaxPool1D,
    MaxPool2D,
    Network,
    Parallel,
    Residual,
    ZeroPad1D,
    ZeroPad2D,
    evaluate_exactly,
    output_bounds,
)
from mathdl.errors import InputError
from mathdl.layers.pieces import Affine, Kinks
from mathdl.layers.registry import LAYERS

IMAGE, SIGNAL = (2, 6, 7), (3, 9)
CASES = [
    (Dense(4, activation="relu"), (5,)),
    (Dense(3, activation=Activation("leaky_relu", slope=0.3), bias=False), (5,)),
    (Dense(3, activation="abs"), (5,)),
    (Dropout(0.5), (5,)),
    (Flatten(), IMAGE),
    (Conv2D(3, (2, 3), activation="relu", stride=(1, 2), padding="same"), IMAGE),
    (Conv2D(3, 3, activation="abs", bias="position"), IMAGE),
    (Conv2D(3, 3, bias=None), IMAGE),
    (Conv1D(2, 3, activation="leaky_relu", stride=2), SIGNAL),
    (MaxPool2D((2, 3), stride=1), IMAGE),
    (MaxPool1D(3), SIGNAL),
    (AveragePool2D((2, 3), remainder="drop"), IMAGE),
    (AveragePool1D(3, stride=2), SIGNAL),
    (GlobalMaxPool2D(), IMAGE),
    (GlobalMaxPool1D(), SIGNAL),
    (GlobalAveragePool2D(), IMAGE),
    (GlobalAveragePool1D(), SIGNAL),
    (ZeroPad2D((1, 0, 2, 1), value=0.5), IMAGE),
    (ZeroPad1D(2, value=-3), SIGNAL),
    (Residual([Conv2D(2, 3, padding="same", activation="relu"), Dropout(0.1)]), IMAGE),
    (Parallel([[MaxPool2D(2, remainder="drop"), Flatten()], [GlobalAveragePool2D()], [Flatten(), Dense(2)]]), IMAGE),
]


def outputs(steps, x):
    """Apply the steps to vectors, samples in columns."""
    for step in steps:
        if isinstance(step, Affine):
            x = (step.matrix @ x + step.offset[:, None]) / step.divisor
        elif isinstance(step, Kinks):
            x = x * np.where(x > 0, step.above[:, None], step.below[:, None])
        else:
            x = x[step.blocks].max(axis=1)
    return x


@pytest.mark.parametrize(("layer", "shape"), CASES, ids=repr)
def test_the_pieces_make_up_the_layer(layer, shape):
    net = Network([layer], shape, dtype="float64")
    rng = np.random.default_rng(0)
    net.parameters[:] = rng.normal(size=net.size)
    x = rng.normal(size=(6, *shape))
    expected = naive.outputs(net.architecture, shape, net.parameters, x).reshape(6, -1).T
    assert outputs(net.layers[0].pieces("float64"), x.reshape(6, -1).T) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_every_layer_of_the_registry_is_among_the_cases():
    assert {type(layer).__name__ for layer, _ in CASES} == set(LAYERS)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softmax"])
def test_what_is_not_piecewise_affine_is_named(name):
    net = Network([Residual([Dense(2, activation=name)]), Dense(2)], (2,))
    expected = rf"^layers\[0\]: Dense has the activation '{name}', which is not piecewise affine; choose"
    with pytest.raises(InputError, match=expected):
        evaluate_exactly(net, [0, 0])


def test_nothing_is_known_of_an_activation_of_ones_own():
    own = Activation("half", function=lambda x: 0.5 * x, derivative=lambda x: 0.5)
    net = Network([Dense(3, activation=own)], (2,))
    expected = r"^layers\[0\]: Dense has the activation 'half' of your own, of which no pieces and no bounds"
    for ask in (lambda: evaluate_exactly(net, [0, 0]), lambda: output_bounds(net, -1, 1)):
        with pytest.raises(InputError, match=expected):
            ask()
