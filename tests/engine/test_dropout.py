"""Dropout: steps of training equal the oracle's with the oracle's masks; nothing is dropped anywhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import naive
from engine.examples import data, network
from mathdl import SGD, Checkpoint, Dense, Dropout, Network, load_checkpoint
from mathdl.descent.batches import order_of_epoch

RATE, SEED, UNITS = 0.3, 2**40 + 7, 6


def one_hidden_layer(dtype: str = "float64", rate: float = RATE) -> Network:
    """Make a network that drops inputs, and numbers of a hidden layer."""
    layers = [Dropout(rate / 2), Dense(UNITS, activation="tanh"), Dropout(rate), Dense(4)]
    return Network(layers, input_shape=(5,), dtype=dtype, seed=1)


def step_of_oracle(a: naive.Array, x: naive.Array, y: NDArray[np.int64], step: int, seed: int) -> naive.Array:
    """Return the parameters after a step at rate 0.1, with the masks that the oracle draws."""
    dropouts = [(RATE / 2, 0, 5), (RATE, 1, UNITS)]
    inputs, hidden = (naive.dropout_mask(rate, seed, step, k, len(x), units) for rate, k, units in dropouts)
    first: naive.Layer = {"layer": "Dense", "units": UNITS, "activation": "tanh"}
    last: naive.Layer = {"layer": "Dense", "units": 4}
    a1, a2 = np.split(a, [UNITS * 6])
    x = x * inputs
    h = naive.layer_outputs(first, a1, x) * hidden
    f = naive.layer_outputs(last, a2, h)
    dh, da2 = naive.layer_gradient(last, a2, h, naive.object_gradients("cross_entropy", f, y) / len(x))
    _, da1 = naive.layer_gradient(first, a1, x, dh * hidden)
    return a - 0.1 * np.concatenate([da1, da2])


@pytest.mark.parametrize("batch_size", [1, 7, 40])
@pytest.mark.parametrize("seed", [0, SEED])
def test_steps_equal_the_oracle(batch_size: int, seed: int) -> None:
    net = one_hidden_layer()
    X, y = data(net, 40)
    a, step = net.parameters.copy(), 0
    for epoch in range(2):
        order = order_of_epoch(40, "without_replacement", seed, epoch)
        for start in range(0, 40, batch_size):
            rows = order[start : start + batch_size]
            a, step = step_of_oracle(a, X[rows], y[rows], step, seed), step + 1
    net.fit(X, y, loss="cross_entropy", rule=SGD(0.1), batch_size=batch_size, epochs=2, seed=seed, threads=1)
    np.testing.assert_allclose(net.parameters, a, rtol=1e-11, atol=1e-13)


def test_a_batch_of_several_blocks_equals_the_oracle() -> None:
    net = one_hidden_layer()
    X, y = data(net, 1100)
    order = order_of_epoch(1100, "without_replacement", 3, 0)
    a = step_of_oracle(net.parameters.copy(), X[order], y[order], 0, 3)
    net.fit(X, y, loss="cross_entropy", rule=SGD(0.1), batch_size=1100, epochs=1, seed=3)
    np.testing.assert_allclose(net.parameters, a, rtol=1e-10, atol=1e-12)


def test_masks_look_random() -> None:
    """What is dropped is within five standard deviations, by object and by unit; any two masks are unlike."""
    masks = [naive.dropout_mask(RATE, 0, step, number, 100, 500) == 0 for step in (0, 1) for number in (0, 1)]
    deviation = np.sqrt(RATE * (1 - RATE))
    for axes in [(0, 1, 2), (0, 1), (0, 2)]:
        found = np.mean(masks, axis=axes)
        assert np.abs(found - RATE).max() < 5 * deviation / np.sqrt(200_000 / found.size)
    for k, one in enumerate(masks):
        for other in masks[:k]:
            assert np.mean(one == other) == pytest.approx(RATE**2 + (1 - RATE) ** 2, abs=0.015)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_nothing_is_dropped_outside_of_steps(dtype: str) -> None:
    net = one_hidden_layer(dtype)
    plain = Network([Dense(UNITS, activation="tanh"), Dense(4)], input_shape=(5,), dtype=dtype)
    X, y = data(net, 40)
    for _ in range(2):  # before and after steps that drop
        plain.parameters[:] = net.parameters
        assert np.array_equal(net(X), plain(X))
        assert net.loss(X, y, "cross_entropy") == plain.loss(X, y, "cross_entropy")
        assert np.array_equal(net.gradient(X, y, "cross_entropy"), plain.gradient(X, y, "cross_entropy"))
        shown = net.backpropagate(X[0], y[0], "cross_entropy")
        assert np.array_equal(shown.outputs[0], shown.outputs[1])
        history = net.fit(X, y, loss="cross_entropy", rule=SGD(0.1), batch_size=8, epochs=1, validation=(X, y))
        assert history.validation_loss == [net.loss(X, y, "cross_entropy")]


def test_seeds_change_what_is_dropped_and_rate_zero_drops_nothing() -> None:
    X, y = data(one_hidden_layer(), 16)
    fits = []
    for rate, seed in [(RATE, 0), (RATE, 1), (0.0, 0), (0.0, 1)]:
        net = one_hidden_layer(rate=rate)
        net.fit(X, y, loss="cross_entropy", rule=SGD(0.1), batch_size=16, epochs=1, seed=seed)
        fits.append(net.parameters)
    assert np.abs(fits[0] - fits[1]).max() > 1e-3
    np.testing.assert_allclose(fits[2], fits[3], rtol=1e-12)


def test_training_resumed_is_exact(tmp_path: Path) -> None:
    whole, half = network("dropout"), network("dropout")
    X, y = data(whole, 70)
    options: dict[str, Any] = {"loss": "cross_entropy", "rule": SGD(0.05, momentum=0.9), "batch_size": 16, "seed": 4}
    whole.fit(X, y, epochs=4, **options)
    half.fit(X, y, epochs=2, callbacks=[Checkpoint(tmp_path / "half.ckpt")], **options)
    half.fit(X, y, epochs=4, resume=load_checkpoint(tmp_path / "half.ckpt"), **options)
    assert np.array_equal(half.parameters, whole.parameters)
