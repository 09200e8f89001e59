"""Networks of dense layers with ReLU between them and one output, on boxes: exact but for what is rounded outwards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from mathdl.certificates.affine_forms import ONE, Form, combination, rectified
from mathdl.certificates.data import Data
from mathdl.certificates.rationals import Refused, dot

Row = tuple[list[int], int]


class Layer(NamedTuple):
    """For each neuron its weights and its bias, in whole numbers over a denominator."""

    rows: list[Row]
    below: int


class ReluNetwork:
    """Layers with ReLU after all but the last one, which has one neuron."""

    def __init__(self, layers: list[Layer]) -> None:
        self._layers = layers
        self.effort = sum(
            (len(kernel) + 4) * (1 + below.bit_length() // 512) for rows, below in layers for kernel, _ in rows
        )

    def __call__(self, box: Sequence[Form]) -> tuple[Form, ReluNetwork]:
        """Return what is known of the output on a box, and a network that is the same there, smaller where it can be.

        Neurons that are zero on the box are left out. Where all that remain in a layer are positive, it is an affine
        map, and becomes part of the next one.
        """
        values, kept, layers = list(box), list(range(len(box))), list[Layer]()
        affine: Layer | None = None
        for place, layer in enumerate(self._layers, 1):
            rows, below = [([kernel[k] for k in kept], bias) for kernel, bias in layer.rows], layer.below
            if affine is not None:
                rows, below = _after(affine, rows, len(values)), below * affine.below
            made = [combination(kernel, values, bias * ONE, below) for kernel, bias in rows]
            if place == len(self._layers):
                return made[0], ReluNetwork([*layers, Layer(rows, below)])
            kept = [k for k, value in enumerate(made) if value.high > 0]
            left = Layer([rows[k] for k in kept], below)
            affine = left if all(made[k].low >= 0 for k in kept) else None
            if affine is None:
                layers.append(left)
                values = [rectified(made[k]) for k in kept]
        raise Refused("the network has no layers")


def read_network(inputs: int, widths: Any, data: Data) -> ReluNetwork:
    """Return the network whose parameters are a row of data: of each layer the weights row by row, then the biases."""
    data.refuse_weights()
    (row, *others), below = data.integers
    if others or data.labels is not None:
        raise Refused("the data are not one row of parameters")
    if not isinstance(widths, list) or not all(type(width) is int and width > 0 for width in widths):
        raise Refused("'widths' is no list of positive whole numbers")
    if not widths or widths[-1] != 1:
        raise Refused("the network has no single output")
    if sum(rows * (columns + 1) for columns, rows in pairwise([inputs, *widths])) != len(row):
        raise Refused("the layers have more or fewer parameters than there are")
    layers, first = [], 0
    for columns, rows in pairwise([inputs, *widths]):
        biases = row[first + rows * columns :][:rows]
        kernels = [row[first + k * columns :][:columns] for k in range(rows)]
        layers.append(Layer(list(zip(kernels, biases, strict=True)), below))
        first += rows * (columns + 1)
    return ReluNetwork(layers)


def _after(affine: Layer, rows: list[Row], columns: int) -> list[Row]:
    """Return rows that are applied to what an affine map makes of so many numbers, as rows applied to these."""
    by_column = [[kernel[c] for kernel, _ in affine.rows] for c in range(columns)]
    biases = [bias for _, bias in affine.rows]
    return [
        ([dot(kernel, column) for column in by_column], dot(kernel, biases) + bias * affine.below)
        for kernel, bias in rows
    ]
