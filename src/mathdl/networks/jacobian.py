"""Jacobians of layers: the outputs' derivatives with respect to the input and to the parameters, for one object."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.executable import Data
from mathdl.layers.layer import Layer
from mathdl.networks.composition import compose
from mathdl.networks.losses import WEIGHTED_SUM

Array = NDArray[Any]


def jacobians(layers: Sequence[Layer], parameters: Array, x: Array) -> tuple[Array, Array]:
    """Return the derivatives of all outputs with respect to x and to the parameters: a backward pass for each row."""
    executable, buffers = compose(layers, parameters.dtype.name, "inspect", WEIGHTED_SUM)
    source, outputs = buffers[0], prod(layers[-1].output_shape)
    of_x, of_parameters = np.empty((outputs, source.size), x.dtype), np.empty((outputs, parameters.size), x.dtype)
    for row, unit in enumerate(np.eye(outputs, dtype=x.dtype)):
        data = Data(np.ascontiguousarray(x)[None], unit[None])
        _, of_parameters[row], workspace = executable.gradient(parameters, data, 1)
        of_x[row] = workspace[source.gradient : source.gradient + source.size]
    return of_x, of_parameters
