"""Seeded generators."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from mathdl.book.data import (
    applicants,
    growing_plants,
    leaves,
    noisy_polynomials,
    plant_survival,
    students,
    transaction_features,
    transactions,
    unknown_words,
    unlabelled_points,
)
from mathdl.data.generators import noisy_waves, two_moons


def test_two_moons() -> None:
    X, y = two_moons(101, noise=0.0, seed=1)
    np.testing.assert_allclose(np.hypot(*X[y == 0].T), 1.0)
    np.testing.assert_allclose(np.hypot(*(X[y == 1] - [1.0, 0.5]).T), 1.0)
    assert np.bincount(y).tolist() == [51, 50]


def test_noisy_waves() -> None:
    X, y = noisy_waves(200, noise=0.0, seed=1)
    np.testing.assert_array_equal(y, np.sin(2 * X[:, 0]) + X[:, 0] / 2)
    assert X.shape == (200, 1)
    assert abs(X).max() <= 3


def test_noise_and_seed() -> None:
    for generate in (two_moons, noisy_waves):
        first, again, other = generate(500, 0.1, 3), generate(500, 0.1, 3), generate(500, 0.1, 4)
        np.testing.assert_array_equal(first[0], again[0])
        np.testing.assert_array_equal(first[1], again[1])
        assert (first[0] != other[0]).any()
    noise = noisy_waves(500, 0.1, 3)[1] - noisy_waves(500, 0.0, 3)[1]
    assert 0.08 < noise.std() < 0.12


@pytest.mark.parametrize(
    "generate", [students, applicants, unlabelled_points, leaves, transactions, unknown_words, noisy_polynomials]
)
def test_the_books_data_come_again_from_their_seed(generate: Any) -> None:
    (first, labels), (again, same_labels), (other, _) = generate(), generate(), generate(seed=1)
    assert np.array_equal(first, again)
    assert np.array_equal(labels, same_labels)
    assert len(first) == len(labels) == len(other)
    assert not np.array_equal(first, other)


def test_students() -> None:
    hours, passed = students()
    assert hours.shape == (100, 1)
    assert 0 <= hours.min() < hours.max() <= 6
    assert passed.sum() == 56
    hours, passed = students(20_000, 1)
    for low in range(6):
        mine = (hours[:, 0] >= low) & (hours[:, 0] < low + 1)
        assert passed[mine].mean() == pytest.approx(1 / (1 + np.exp(4.8 - 1.6 * (low + 0.5))), abs=0.03)


def test_applicants() -> None:
    X, accepted = applicants()
    assert X.shape == (600, 2)
    gpa, gre = X.T
    assert 2 <= gpa.min() < gpa.max() <= 4
    assert 260 <= gre.min() < gre.max() <= 340
    assert np.array_equal(gre, gre.round())
    assert len(np.unique(X, axis=0)) == 544
    assert accepted.sum() == 264
    signs = 2 * accepted - 1  # no w, b with sign (w.x + b) >= 1 everywhere
    constraints = -signs[:, None] * np.column_stack([X, np.ones(600)])
    assert linprog(np.zeros(3), A_ub=constraints, b_ub=-np.ones(600), bounds=(None, None)).status == 2


def test_growing_plants() -> None:
    crossings = 5 + 2 * np.sqrt(np.log(2)) * np.array([-1, 1])
    assert plant_survival(crossings) == pytest.approx(0.5, rel=1e-15)
    assert crossings == pytest.approx([3.334891, 6.665109], abs=5e-7)
    assert plant_survival(np.arange(11)).mean() == pytest.approx(0.340017, abs=5e-7)
    light, survived = growing_plants(50_000, 0)
    assert light.shape == (50_000, 1)
    for low in range(10):
        mine = (light[:, 0] >= low) & (light[:, 0] < low + 1)
        expected = plant_survival(np.linspace(low, low + 1, 101)).mean()
        assert survived[mine].mean() == pytest.approx(expected, abs=0.03)


def test_transactions() -> None:
    raw, fraudulent = transactions(5000, 400, 0)
    assert raw.shape == (5400, 4)
    assert fraudulent.tolist() == [0] * 5000 + [1] * 400
    amount, hour, day, method = raw.T
    assert amount.min() > 0
    assert 0 <= hour.min() < hour.max() < 24
    assert set(day) == set(range(7))
    assert set(method) == {0, 1}
    night = fraudulent == 1
    assert amount[night].min() >= 500
    assert hour[night].max() <= 4.5
    assert transaction_features(raw).shape == (5400, 6)
    assert transactions(5, 0)[0].shape == (5, 4)
    assert transactions(0, 2)[0].shape == (2, 4)


def test_noisy_polynomials() -> None:
    powers, values = noisy_polynomials(4000, outputs=3, degree=2, seed=1)
    assert powers.shape == (4000, 3)
    assert values.shape == (4000, 3)
    np.testing.assert_array_equal(powers[:, 0], 1.0)
    np.testing.assert_allclose(powers[:, 2], powers[:, 1] ** 2, rtol=1e-15)
    assert abs(powers).max() <= 1
    noise = values - powers @ np.linalg.lstsq(powers, values, rcond=None)[0]
    assert 0.095 < noise.std() < 0.105
