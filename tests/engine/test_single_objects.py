"""Batches of one object: dense layers are updated through the factors of their gradient, which is not written down."""

from __future__ import annotations

import numpy as np
import pytest

import naive
from mathdl import SGD, Conv2D, Dense, Flatten, Network
from mathdl.descent.batches import order_of_epoch
from mathdl.layers.layer import Layer

CLASSES = 3
WIDE: list[Layer] = [Flatten(), Dense(20, activation="relu"), Dense(18, activation="relu", bias=False), Dense(CLASSES)]
NARROW: list[Layer] = [Conv2D(1, 4, activation="relu"), Flatten(), Dense(CLASSES)]


@pytest.mark.parametrize("layers", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_an_epoch_is_the_steps_as_written(layers: list[Layer], momentum: float, decay: float) -> None:
    net = Network(layers, input_shape=(1, 6, 6), dtype="float64", seed=0)
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(9, 1, 6, 6)), generator.integers(CLASSES, size=9)
    a, velocity = net.parameters.copy(), np.zeros(net.size)
    for j in order_of_epoch(9, "without_replacement", 0, 0):
        _, gradient = naive.loss_and_gradient(net.architecture, (1, 6, 6), a, X[[j]], y[[j]], "cross_entropy")
        a, velocity = naive.sgd_step(a, gradient, velocity, 0.05, momentum, False, decay)
    net.fit(X, y, loss="cross_entropy", rule=SGD(0.05, momentum, weight_decay=decay), batch_size=1, epochs=1, seed=0)
    np.testing.assert_allclose(net.parameters, a, rtol=1e-10, atol=1e-12)
