"""Small seeded data sets for tests and examples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def two_moons(n: int, noise: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw n points of two interleaved half circles, classes 0 and 1 in turn, with normal noise of a deviation."""
    generator = np.random.default_rng(seed)
    y = np.arange(n) % 2
    angle = generator.uniform(0.0, np.pi, n)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    X = np.where(y[:, None] == 0, upper, [1.0, 0.5] - upper)
    return X + noise * generator.standard_normal((n, 2)), y


def noisy_waves(n: int, noise: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Draw n points of the curve y = sin(2x) + x/2 over [-3, 3], with normal noise of a deviation added to y."""
    generator = np.random.default_rng(seed)
    x = generator.uniform(-3.0, 3.0, n)
    y = np.sin(2 * x) + x / 2 + noise * generator.standard_normal(n)
    return x[:, None], y
