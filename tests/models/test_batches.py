"""Batches in place of arrays: what estimators make of them, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mathdl import HardMarginSVM, KMeans, LinearRegression, LogisticRegression, NetworkClassifier, memory_map
from mathdl.errors import InputError

X = np.random.default_rng(0).normal(size=(300, 3))
Y = (X[:, 0] + 0.1 * X[:, 1] ** 2 > 0).astype(int)


def batches() -> Iterator[Any]:
    for start in range(0, 300, 70):
        yield X[start : start + 70], Y[start : start + 70]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
@pytest.mark.parametrize("make", [LinearRegression, lambda: LogisticRegression(0.1), lambda: KMeans(3, random_state=0)])
def test_models_learn_to_the_bit_what_they_learn_of_arrays(make: Callable[[], Any], dtype: Any) -> None:
    numbers = (10 * X).astype(dtype)
    expected = make().fit(numbers, Y)
    mapped = memory_map(iter([(numbers[:200], Y[:200]), (numbers[200:], Y[200:])]))
    for found in (make().fit(*mapped), make().fit(iter([(numbers[:90], Y[:90]), (numbers[90:], Y[90:])]))):
        name = "cluster_centers_" if isinstance(found, KMeans) else "coef_"
        assert np.array_equal(getattr(found, name), getattr(expected, name))
        assert found.get_params() == expected.get_params()


def test_weights_come_along() -> None:
    weights = np.arange(300) % 4
    expected = LinearRegression().fit(X, Y, weights)
    found = LinearRegression().fit(iter([(X[:100], Y[:100], weights[:100]), (X[100:], Y[100:], weights[100:])]))
    assert np.array_equal(found.coef_, expected.coef_)


@pytest.mark.parametrize(
    ("fit", "message"),
    [
        (lambda: LinearRegression().fit(batches(), Y), "X yields batches, and these bring y and sample_weight along"),
        (lambda: HardMarginSVM().fit(batches(), Y), "X yields batches where an array is expected; give one, as"),
        (lambda: NetworkClassifier().fit(iter([("a", "b")])), "X is 'a'; give an array of numbers"),
        (lambda: NetworkClassifier().fit(iter([])), "batches holds no object"),
        (lambda: LinearRegression().fit(X, Y).predict(batches()), "X yields batches where an array is expected"),
    ],
)
def test_what_cannot_be_used_is_refused(fit: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit()


def test_batches_without_targets_are_refused_as_arrays_are() -> None:
    with pytest.raises(ValueError, match="requires y to be passed, but the target y is None"):
        LinearRegression().fit(x for x, _ in batches())
