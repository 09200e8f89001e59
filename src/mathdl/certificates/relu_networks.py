"""Networks of dense layers with ReLU between them and one output, on boxes: exact but for what is rounded outwards."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from mathdl.certificates.affine_forms import ONE, Form, combination, rectified
from mathdl.certificates.data import Data
from mathdl.certificates.rationals import Refused


class ReluNetwork:
    """A network whose parameters are one row of data: for each layer its weights row by row, then its biases."""

    def __init__(self, inputs: int, widths: Any, data: Data) -> None:
        data.refuse_weights()
        (row, *others), self._below = data.integers
        if others or data.labels is not None:
            raise Refused("the data are not one row of parameters")
        if not isinstance(widths, list) or not all(type(width) is int and width > 0 for width in widths):
            raise Refused("'widths' is no list of positive whole numbers")
        if not widths or widths[-1] != 1:
            raise Refused("the network has no single output")
        if sum(rows * (columns + 1) for columns, rows in pairwise([inputs, *widths])) != len(row):
            raise Refused("the layers have more or fewer parameters than there are")
        self._layers, first = [], 0
        for columns, rows in pairwise([inputs, *widths]):
            weights, biases = row[first : first + rows * columns], row[first + rows * columns :][:rows]
            kernels = [weights[k * columns : (k + 1) * columns] for k in range(rows)]
            self._layers.append([(kernel, bias * ONE) for kernel, bias in zip(kernels, biases, strict=True)])
            first += rows * (columns + 1)
        self.effort = len(row) * (inputs + 4)

    def __call__(self, box: Sequence[Form]) -> Form:
        """Return what is known of the output on a box."""
        values = list(box)
        for k, layer in enumerate(self._layers, 1):
            values = [combination(kernel, values, bias, self._below) for kernel, bias in layer]
            values = [rectified(value) for value in values] if k < len(self._layers) else values
        return values[0]
