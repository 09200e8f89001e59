"""Networks of pictures with whole weights, evaluated as the textbook defines them, many pictures at once.

Signals are pictures of height 1, and their layers are those of pictures whose kernels and blocks have height 1.
Whole numbers of NumPy over a common unit, so that nothing is rounded but by sigmoid, tanh and softmax; mathdl is asked
for the layers' options and parameters alone.
"""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np


def outputs(layers: Any, x: Any, unit: int = 1) -> tuple[Any, int]:
    """Return the outputs for pictures (N, channels, height, width), and their unit."""
    for layer in layers:
        x, unit = _layer(layer, x, unit)
    return x, unit


def _layer(layer: Any, x: Any, unit: int) -> tuple[Any, int]:
    kind = type(layer).__name__.replace("1D", "2D")
    if kind == "ZeroPad2D":
        sides = ((0, 0), (0, 0), (layer.above, layer.below), (layer.left, layer.right))
        return np.pad(x, sides, constant_values=int(layer.value) * unit), unit
    if kind == "Flatten":
        return x.reshape(len(x), -1), unit
    if kind == "Residual":
        inner, finer = outputs(layer.layers, x, unit)
        return inner + x * (finer // unit), finer
    if kind in ("MaxPool2D", "AveragePool2D"):
        return _pooled(x, unit, kind == "MaxPool2D", *layer.sides, *layer.strides)
    if kind in ("GlobalMaxPool2D", "GlobalAveragePool2D"):
        pooled, unit = _pooled(x, unit, kind == "GlobalMaxPool2D", *x.shape[2:], *x.shape[2:])
        return pooled[:, :, 0, 0], unit
    weights = np.rint(layer.weights).astype(np.int64)
    bias = None if layer.bias is None else np.rint(layer.bias).astype(np.int64)
    if kind == "Dense":
        total = x @ weights.T
        return _activated(layer.activation, total if bias is None else total + bias * unit, unit)
    output_shape = layer.output_shape
    if weights.ndim == 3:
        weights, output_shape = weights[:, :, None], (output_shape[0], 1, output_shape[1])
        bias = bias[:, None] if bias is not None and bias.ndim == 2 else bias
    _, _, rows, columns = weights.shape
    if layer.padding == "same":
        zeros = [
            max((count - 1) * stride + side - length, 0)
            for count, stride, side, length in zip(
                output_shape[1:], layer.strides, (rows, columns), x.shape[2:], strict=True
            )
        ]
        x = np.pad(x, ((0, 0), (0, 0), *[(n // 2, n - n // 2) for n in zeros]))
    down, across = layer.strides
    places = product(range(output_shape[1]), range(output_shape[2]))
    total = np.zeros((len(x), *output_shape), x.dtype)
    for i, j in places:
        patch = x[:, :, i * down : i * down + rows, j * across : j * across + columns]
        for c, kernel in enumerate(weights):
            total[:, c, i, j] = (patch * kernel).sum(axis=(1, 2, 3))
    if bias is not None:
        total += (bias[:, None, None] if bias.ndim == 1 else bias) * unit
    return _activated(layer.activation, total, unit)


def _pooled(x: Any, unit: int, largest: bool, rows: int, columns: int, down: int, across: int) -> tuple[Any, int]:
    counts = (x.shape[2] - rows) // down + 1, (x.shape[3] - columns) // across + 1
    pooled = np.zeros((*x.shape[:2], *counts), x.dtype)
    for i, j in product(*map(range, counts)):
        block = x[:, :, i * down : i * down + rows, j * across : j * across + columns]
        pooled[:, :, i, j] = block.max(axis=(2, 3)) if largest else block.sum(axis=(2, 3))
    return pooled, unit if largest else unit * rows * columns


def _activated(activation: Any, z: Any, unit: int) -> tuple[Any, int]:
    name = activation.name
    if name == "identity":
        return z, unit
    if name == "relu":
        return np.where(z > 0, z, 0), unit
    if name == "abs":
        return np.where(z > 0, z, -z), unit
    if name == "leaky_relu":  # of slope 1/2
        return np.where(z > 0, 2 * z, z), 2 * unit
    t = z / unit
    if name == "softmax":
        powers = np.exp(t - t.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True), 1
    return (np.tanh(t) if name == "tanh" else 1 / (1 + np.exp(-np.clip(t, -700, 700)))), 1


def moved(x: Any, shift: tuple[int, int], cyclic: bool) -> Any:
    """Return pictures moved, entry by entry."""
    height, width = x.shape[-2:]
    found = np.zeros_like(x)
    for i, j in product(range(height), range(width)):
        r, q = i - shift[0], j - shift[1]
        if cyclic or (0 <= r < height and 0 <= q < width):
            found[..., i, j] = x[..., r % height, q % width]
    return found


def pictures(shape: tuple[int, ...], border: tuple[int, ...], drawn: int, seed: int) -> Any:
    """Return all pictures of no, one or two pixels of value 1 or -1, and drawn ones, with a blank border."""
    generator = np.random.default_rng(seed)
    above, below, left, right = border
    inside = np.zeros(shape, bool)
    inside[:, above : shape[1] - below, left : shape[2] - right] = True
    pixels = list(map(tuple, np.argwhere(inside)))
    marked = [(), *(((p, v),) for p in pixels for v in (1, -1))]
    marked += [((p, u), (q, v)) for p, q in combinations(pixels, 2) for u, v in product((1, -1), repeat=2)]
    found = np.zeros((len(marked) + drawn, *shape), np.int64)
    for picture, marks in zip(found, marked, strict=False):
        for pixel, value in marks:
            picture[pixel] = value
    found[len(marked) :] = generator.integers(-5, 6, (drawn, *shape)) * inside
    return found
