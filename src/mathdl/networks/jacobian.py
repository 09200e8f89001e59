"""Jacobians of layers: the outputs' derivatives with respect to the input and to the parameters, for one object."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.executable import Data, Executable
from mathdl.engine.program import Buffer
from mathdl.layers.layer import Layer
from mathdl.networks.composition import compose
from mathdl.networks.losses import WEIGHTED_SUM

Array = NDArray[Any]


def jacobians(layers: Sequence[Layer], parameters: Array, x: Array) -> tuple[Array, Array]:
    """Return the derivatives of all outputs with respect to x and to the parameters: a backward pass for each row."""
    executable, buffers = compose(layers, parameters.dtype.name, "inspect", WEIGHTED_SUM)
    outputs = prod(layers[-1].output_shape)
    of_x, of_parameters = np.empty((outputs, x.size), x.dtype), np.empty((outputs, parameters.size), x.dtype)
    for row in range(outputs):
        _, of_x[row], of_parameters[row] = _row(executable, buffers[0], parameters, x, row)
    return of_x, of_parameters


def input_gradient(layers: Sequence[Layer], parameters: Array, x: Array, output: int) -> tuple[float, Array]:
    """Return one output, and its derivatives with respect to x, in x's shape."""
    executable, buffers = compose(layers, parameters.dtype.name, "inspect", WEIGHTED_SUM)
    value, of_x, _ = _row(executable, buffers[0], parameters, x, output)
    return value, of_x.reshape(x.shape)


def _row(
    executable: Executable, source: Buffer, parameters: Array, x: Array, output: int
) -> tuple[float, Array, Array]:
    """Return an output, and its derivatives with respect to x and to the parameters."""
    unit = np.zeros((1, executable.output.size), x.dtype)
    unit[0, output] = 1
    value, of_parameters, workspace = executable.gradient(parameters, Data(np.ascontiguousarray(x)[None], unit), 1)
    return value, workspace[source.gradient : source.gradient + source.size].copy(), of_parameters
