"""Networks of given numbers, for the items of the chapter."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

import mathdl

POINT = (1, 0, 6)
# Example 4.2.1.
A1 = [[4, 2, -5], [5, 4, 6], [0, 3, 2], [2, 2, -3], [-7, 1, -4]]
B1 = [-2, 3, 5, -2, 7]
A2 = [[-2, 6, 2, -5, 0], [-3, 0, 6, 1, 2]]
B2 = [-3, -1]


def network(*layers: tuple[Any, Any], activation: str = "relu") -> Any:
    """Make a network of layers (A, b), b None for none, all with one activation, in double precision."""
    dense = [mathdl.Dense(len(A), activation=activation, bias=b is not None) for A, b in layers]
    net = mathdl.Network(dense, input_shape=(len(layers[0][0][0]),), dtype="float64")
    parts = [np.ravel(np.array(part, dtype=float)) for pair in layers for part in pair if part is not None]
    net.parameters[:] = np.concatenate(parts)
    return net


def example() -> Any:
    """Make the network of example 4.2.1."""
    return network((A1, B1), (A2, B2))


def value(net: Any, *x: Any) -> tuple[int | float, ...]:
    """Return a network's output at a point, whole numbers as such."""
    outputs = net(np.array([x], dtype=float))[0].tolist()
    return tuple(int(y) if y == int(y) else y for y in outputs)


def points(count: int, dimension: int, seed: int = 0) -> list[tuple[Fraction, ...]]:
    """Draw points whose coordinates are multiples of 1/8, with which sums and products of floats are exact."""
    draw = Random(seed)
    return [tuple(Fraction(draw.randint(-80, 80), 8) for _ in range(dimension)) for _ in range(count)]


def relu(values: Sequence[Any]) -> list[Any]:
    """Return max(v, 0) for every number."""
    return [max(v, 0) for v in values]


def affine(A: Sequence[Sequence[Any]], b: Sequence[Any], x: Sequence[Any]) -> list[Any]:
    """Return A x + b, exactly for exact numbers."""
    return [sum(a * v for a, v in zip(row, x, strict=True)) + c for row, c in zip(A, b, strict=True)]


def exact(rows: Any) -> list[list[Fraction]]:
    """Return floats as the fractions that they are."""
    return [[Fraction(v) for v in row] for row in np.asarray(rows).tolist()]
