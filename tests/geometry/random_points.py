"""Random pairs of point sets, many of them degenerate, on scales from 1e-150 to 1e150."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SHAPES = ("cloud", "grid", "copies", "line", "constant", "single", "touching", "near", "far", "corners")
SCALES = ("one", "all", "columns", "numbers")


def two_sets(seed: int, largest: int = 9) -> tuple[Array, Array]:
    """Draw two sets of 1 to ``largest`` points in dimension 1 to 4."""
    generator = np.random.default_rng(seed)
    p = int(generator.integers(1, 5))
    n, m = (int(count) for count in generator.integers(1, largest + 1, size=2))
    A, B = _shape(SHAPES[seed % len(SHAPES)], generator.normal(size=(n, p)), generator.normal(size=(m, p)), generator)
    apart = generator.choice([0.0, 0.5, 2.0, 8.0])
    if SHAPES[seed % len(SHAPES)] not in ("touching", "near"):
        B = B + np.round(apart * generator.normal(size=p) * 64) / 64
    scale = _scale(SCALES[seed // len(SHAPES) % len(SCALES)], len(A) + len(B), p, generator)
    if isinstance(scale, np.ndarray) and scale.ndim == 2:
        return A * scale[: len(A)], B * scale[len(A) :]
    return A * scale, B * scale


def _shape(shape: str, A: Array, B: Array, generator: np.random.Generator) -> tuple[Array, Array]:
    """Bend two clouds into a shape."""
    p = A.shape[1]
    if shape == "grid":
        return np.round(A), np.round(B)
    if shape == "copies":
        return A[generator.integers(0, len(A), size=len(A))], np.repeat(B[:1], len(B), axis=0)
    if shape == "line":
        direction = np.round(generator.normal(size=p) * 2)
        return np.round(A[:, :1] * 4) * direction, np.round(B[:, :1] * 4) * direction
    if shape == "constant":
        A[:, 0] = B[:, 0] = 3.0
    if shape == "single":
        return A[:1], B[:1]
    if shape == "touching":  # a corner of one set is one of the other, or half-way between two of its corners
        A, B = np.round(A * 8), np.abs(np.round(B * 8))
        A[:, 0] = -np.abs(A[:, 0])
        A[-1] = 0.0
        B[0], B[-1] = (B[0], -B[0]) if generator.random() < 0.5 else (B[0], 0.0 * B[0])
    if shape == "near":  # a distance of one unit in the last place
        A[:, 0] = -np.abs(A[:, 0]) - 1
        B[:, 0] = np.nextafter(-A[:, 0].max(), 2) * -1
    if shape == "far":
        return A + 2.0**40, B + 2.0**40
    if shape == "corners":
        A, B = np.sign(A), np.sign(B)
    return A, B


def _scale(scale: str, count: int, p: int, generator: np.random.Generator) -> float | Array:
    """Draw the scale of all numbers, of each column, or of each number."""
    if scale == "all":
        return float(10.0 ** generator.uniform(-150, 150))
    if scale == "columns":
        return np.asarray(10.0 ** generator.uniform(-150, 150, size=p))
    if scale == "numbers":
        return np.asarray(10.0 ** generator.uniform(-150, 150, size=(count, p)))
    return 1.0
