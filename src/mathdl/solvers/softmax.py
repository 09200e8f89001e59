"""Probabilities from logits: the logistic function (4.10) and the softmax (4.11), without overflow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def sigmoid(z: Array) -> Array:
    """Compute 1 / (1 + exp(-z))."""
    e = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1, e) / (1 + e))


def softmax(z: Array, axis: int = -1) -> Array:
    """Compute exp(z) / sum exp(z) along an axis."""
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


def log_softmax(z: Array, axis: int = -1) -> Array:
    """Compute the logarithm of the softmax; finite also where a probability is too small to be told from zero."""
    z = z - z.max(axis=axis, keepdims=True)
    return np.asarray(z - np.log(np.exp(z).sum(axis=axis, keepdims=True)))
