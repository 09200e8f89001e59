"""Backpropagation through dense layers by the steps of section 9.5, written out to count the operations of each."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from mathdl.book.chapter09.chain_network import relu, slope
from mathdl.book.chapter09.products import dot


class Layer(NamedTuple):
    """A layer h = ReLU(A h + b)."""

    weights: Any
    bias: Any


def layers_of(arrays: Any) -> list[Layer]:
    """Return layers of the arrays A_1, b_1, ..., A_M, b_M."""
    return [Layer(*pair) for pair in zip(arrays[::2], arrays[1::2], strict=True)]


def forward(layers: list[Layer], s: Any) -> tuple[list[Any], list[Any]]:
    """Step 0: return z_1, ..., z_M and h_0, ..., h_M by (9.79)."""
    z, h = [], [s]
    for layer in layers:
        z.append([dot(row, h[-1]) + b for row, b in zip(layer.weights, layer.bias, strict=True)])
        h.append([relu(each) for each in z[-1]])
    return z, h


def output_block(layer: Layer, z: Any) -> Any:
    """Return the Jacobian dh_(k+1)/dh_k by (9.81): row i of A_(k+1) times lambda'(z_i)."""
    rows = [[factor * a for a in row] for factor, row in zip(map(slope, z), layer.weights, strict=True)]
    return np.array(rows, dtype=object)


def output_gradients(layers: list[Layer], z: Any, h: Any, y: Any) -> list[Any]:
    """Step 1: return dl/dh_1, ..., dl/dh_M for l = |h_M - y|^2, backward by (9.80)."""
    found = [[2 * (a - b) for a, b in zip(h[-1], y, strict=True)]]
    for k in range(len(layers) - 1, 0, -1):
        block = output_block(layers[k], z[k])
        found.append([dot(found[-1], column) for column in block.T])
    return found[::-1]


def parameter_blocks(z: Any, h: Any) -> list[Any]:
    """Step 2: return the entries of dh_k/da_k that are not zero by (9.82): for output i a row, then the bias's."""
    blocks = []
    for values, x in zip(z, h, strict=False):
        factors = [slope(value) for value in values]
        blocks.append([([factor * each for each in x], factor) for factor in factors])
    return blocks


def parameter_gradients(backward: Any, blocks: Any) -> list[list[Any]]:
    """Step 3: return dl/da_1, ..., dl/da_M by (9.84), each the weights row by row and then the bias."""
    found = []
    for slopes, block in zip(backward, blocks, strict=True):
        rows = [[d * each for each in row] for d, (row, _) in zip(slopes, block, strict=True)]
        found.append(
            [*(each for row in rows for each in row), *(d * b for d, (_, b) in zip(slopes, block, strict=True))]
        )
    return found


def backpropagate(layers: list[Layer], s: Any, y: Any) -> list[list[Any]]:
    """Return dl/da_1, ..., dl/da_M by the steps 0 to 3."""
    z, h = forward(layers, s)
    return parameter_gradients(output_gradients(layers, z, h, y), parameter_blocks(z, h))


def without_blocks(layers: list[Layer], s: Any, y: Any) -> list[list[Any]]:
    """Return the same with delta_k = dl/dh_k lambda'(z_k) in place of the two Jacobians."""
    z, h = forward(layers, s)
    back, found = [2 * (a - b) for a, b in zip(h[-1], y, strict=True)], []
    for k in range(len(layers) - 1, -1, -1):
        delta = [d * slope(value) for d, value in zip(back, z[k], strict=True)]
        found.append([*(d * x for d in delta for x in h[k]), *delta])
        if k > 0:
            back = [dot(delta, column) for column in np.transpose(layers[k].weights)]
    return found[::-1]


def without_recursion(layers: list[Layer], s: Any, y: Any) -> list[Any]:
    """Return dl/dh_1, ..., dl/dh_M, each by (9.91) from dl/dh_M on, the Jacobians being known."""
    z, h = forward(layers, s)
    blocks, found = [output_block(layer, values) for layer, values in zip(layers, z, strict=True)], []
    for k in range(1, len(layers) + 1):
        back = [2 * (a - b) for a, b in zip(h[-1], y, strict=True)]
        for block in reversed(blocks[k:]):
            back = [dot(back, column) for column in block.T]
        found.append(back)
    return found


def parameters_of(widths: Any) -> list[int]:
    """Return mu_k = n_k (n_(k-1) + 1) for every layer."""
    return [n * (m + 1) for m, n in pairwise(widths)]
