"""Gradients of networks by batches and with weights: exact, in rational numbers made of whole data."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from numpy.typing import NDArray

from mathdl import SGD, Dense, Network

Array = NDArray[np.float64]


def problem(count: int) -> tuple[Network, Array, Array]:
    """Make a network and data of small whole numbers: all that follows is without rounding."""
    generator = np.random.default_rng(0)
    net = Network([Dense(3, activation="relu"), Dense(2)], input_shape=(2,), dtype="float64")
    net.parameters[:] = generator.integers(-3, 4, size=net.size)
    return net, generator.integers(-4, 5, size=(count, 2)).astype(float), generator.integers(-4, 5, size=(count, 2))


def exact(values: Array) -> list[Fraction]:
    return [Fraction(float(value)) for value in values]


def mean(vectors: Sequence[list[Fraction]], weights: Sequence[Fraction] | None = None) -> list[Fraction]:
    shares = weights or [Fraction(1, len(vectors))] * len(vectors)
    return [
        sum((s * v for s, v in zip(shares, column, strict=True)), Fraction(0)) for column in zip(*vectors, strict=True)
    ]


def test_with_the_whole_set_a_step_is_a_step_of_gradient_descent() -> None:
    net, X, y = problem(8)
    expected = net.parameters - 0.25 * net.gradient(X, y, "mean_square")
    net.fit(X, y, loss="mean_square", rule=SGD(learning_rate=0.25), batch_size=8, epochs=1, seed=3)
    assert np.array_equal(net.parameters, expected)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_the_batch_gradient_is_the_full_one_on_average(size: int) -> None:
    net, X, y = problem(4)
    batches = [list(batch) for batch in combinations(range(4), size)]
    gradients = [exact(net.gradient(X[batch], y[batch], "mean_square")) for batch in batches]
    full = exact(net.gradient(X, y, "mean_square"))
    assert any(full)
    assert mean(gradients) == full


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_the_same_for_six_objects(size: int) -> None:
    """As sums, since a third is no binary number: the average of a batch's sum is size / 6 times the whole sum."""
    net, X, y = problem(6)
    batches = [list(batch) for batch in combinations(range(6), size)]
    single = [exact(net.gradient(X[i : i + 1], y[i : i + 1], "mean_square")) for i in range(6)]
    sums = [[Fraction(size) * value for value in mean([single[i] for i in batch])] for batch in batches]
    assert mean(sums) == [size * value for value in mean(single)]
    for batch, total in zip(batches, sums, strict=True):
        found = size * net.gradient(X[batch], y[batch], "mean_square")
        np.testing.assert_allclose(found, np.array(total, float), rtol=1e-14, atol=1e-13)


def test_weights_in_the_loss_are_probabilities_of_drawing() -> None:
    net, X, y = problem(4)
    chances = [Fraction(1, 8), Fraction(1, 8), Fraction(1, 4), Fraction(1, 2)]
    single = [exact(net.gradient(X[i : i + 1], y[i : i + 1], "mean_square")) for i in range(4)]
    weighted = net.gradient(X, y, "mean_square", sample_weight=np.array(chances, float))
    assert exact(weighted) == mean(single, chances)
    pairs = list(product(range(4), repeat=2))  # batches of two independent draws
    drawn = [exact(net.gradient(X[list(pair)], y[list(pair)], "mean_square")) for pair in pairs]
    assert mean(drawn, [chances[i] * chances[j] for i, j in pairs]) == mean(single, chances)


def test_weights_balance_classes_of_nine_to_one() -> None:
    net, X, y = problem(20)
    minority = np.arange(20) >= 18
    weights = np.where(minority, 1 / (2 * minority.sum()), 1 / (2 * (~minority).sum()))
    assert weights[minority].sum() == weights[~minority].sum() == pytest.approx(0.5)
    balanced = net.gradient(X, y, "mean_square", sample_weight=weights)
    parts = [net.gradient(X[part], y[part], "mean_square") for part in (minority, ~minority)]
    np.testing.assert_allclose(balanced, (parts[0] + parts[1]) / 2, rtol=1e-12)
