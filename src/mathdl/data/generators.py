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


def shifted_patterns(n: int, length: int, noise: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw n signals of a length of at least 20, shape (n, 1, length), and their classes 0 to 3.

    Each class is a pattern of 16 numbers. It stands anywhere in a signal of zeros, larger or smaller, with normal noise
    of a deviation. The last two are the first two from right to left.
    """
    generator = np.random.default_rng(seed)
    t = np.linspace(0.0, 1.0, 16)
    ramp, wave = t, np.sin(4 * np.pi * t) * (1 - t)
    patterns = [ramp, wave, ramp[::-1], wave[::-1]]
    X, y = noise * generator.standard_normal((n, 1, length)), generator.integers(4, size=n)
    for signal, label in zip(X, y, strict=True):
        place = int(generator.integers(length - len(t) + 1))
        signal[0, place : place + len(t)] += generator.uniform(0.7, 1.4) * patterns[label]
    return X, y


def stereo_sounds(n: int, length: int, noise: float, seed: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Draw n sounds of two channels, left and right, shape (n, 2, length), and their classes 0 to 3.

    A tone of any pitch rises (classes 0 and 1) or falls (2 and 3) and is louder on the left (0 and 2) or on the right
    (1 and 3), with normal noise of a deviation.
    """
    generator = np.random.default_rng(seed)
    y, t = generator.integers(4, size=n), np.arange(length) / length
    low, phase = generator.uniform(4, 8, (n, 1)), generator.uniform(0, 2 * np.pi, (n, 1))
    glide = np.where(y[:, None] < 2, t**2, 2 * t - t**2)  # the pitch goes from low to 3 low, or back
    tone = np.sin(phase + 2 * np.pi * low * (t + glide))
    quiet = generator.uniform(0.3, 0.6, n)
    sides = np.where((y % 2 == 0)[:, None], np.column_stack([np.ones(n), quiet]), np.column_stack([quiet, np.ones(n)]))
    return sides[:, :, None] * tone[:, None] + noise * generator.standard_normal((n, 2, length)), y
