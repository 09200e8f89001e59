"""Seeded generators."""

from __future__ import annotations

import numpy as np

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
