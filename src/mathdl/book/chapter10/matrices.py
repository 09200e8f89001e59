"""Matrices of the chapter, and the layers applied to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import mathdl

WHITE_TO_BLACK = ((0, 0, 1, 1, 1),) * 5
"""The picture (10.16): 0 is white, 1 is black."""
EDGE = ((-1, 1), (-1, 1))
"""The kernel (10.17)."""
FEATURE = ((0, 1, 0), (1, 2, 1), (0, 1, 0))
"""The kernel (10.9)."""
PATTERN = (*((0, 1, 0, 1, 0), (1, 2, 1, 2, 1)) * 2, (0, 1, 0, 1, 0))
"""The matrix (10.8)."""


def network(layers: Sequence[Any], shape: Sequence[int], *parameters: Any) -> Any:
    """Make a network of double precision, with its parameters in their order where they are given."""
    net = mathdl.Network(list(layers), input_shape=shape, dtype="float64", seed=0)
    if parameters:
        net.parameters[:] = np.concatenate([np.ravel(part) for part in parameters])
    return net


def image_map(layers: Any, matrix: Any, *parameters: Any) -> Any:
    """Apply one or more layers to a matrix; with whole numbers nothing is rounded."""
    layers = layers if isinstance(layers, list) else [layers]
    image = np.asarray(matrix, np.float64)[None, None]
    return network(layers, image.shape[1:], *parameters)(image)[0, 0]


def max_pooled(matrix: Any, size: int) -> Any:
    """Return p(A): the maximum of each block of size x size."""
    return image_map(mathdl.MaxPool2D(size), matrix)


def padded(matrix: Any, size: int) -> Any:
    """Return P(A): the matrix with so many zeros on every side."""
    return image_map(mathdl.ZeroPad2D(size), matrix)


def drawn(*shape: int, seed: int = 0) -> Any:
    """Draw a matrix of whole numbers from -5 to 5."""
    return np.random.default_rng(seed).integers(-5, 6, size=shape)


def difference(first: Any, second: Any) -> Any:
    """Return the largest difference between two matrices of one size, in absolute value."""
    first, second = np.asarray(first), np.asarray(second)
    if first.shape != second.shape:
        raise ValueError(f"matrices of {first.shape} and {second.shape} numbers")
    return np.abs(first - second).max()


def unit_images(rows: int, columns: int) -> Any:
    """Return the pictures that have a single 1, one for each pixel, row by row."""
    return np.eye(rows * columns).reshape(-1, 1, rows, columns)
