"""What backpropagation computes on its way, for one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.executable import Data, Executable
from mathdl.engine.program import Buffer

Array = NDArray[Any]


@dataclass(frozen=True, repr=False)
class Backpropagation:
    """What backpropagation computes for one object (section 9.5), for inspection.

    Attributes
    ----------
    loss : float
        The loss l.
    outputs : list of ndarray
        h_0 (the input), h_1, ..., h_M: the output of each layer, after its activation.
    output_gradients : list of ndarray
        dl/dh_0, ..., dl/dh_M, of the same shapes.
    parameter_gradients : list of ndarray
        dl/da_1, ..., dl/da_M, each flat in the order of the parameter vector.
    """

    loss: float
    outputs: list[Array]
    output_gradients: list[Array]
    parameter_gradients: list[Array]

    def __repr__(self) -> str:
        layers = len(self.parameter_gradients)
        return f"Backpropagation of one object through {layers} layer{'s'[: layers != 1]}: loss {self.loss:.6g}"


def inspect(
    executable: Executable,
    buffers: Sequence[Buffer],
    shapes: Sequence[tuple[int, ...]],
    parameters: Array,
    data: Data,
    sizes: Sequence[int],
) -> Backpropagation:
    """Run a program that keeps everything for one object, and read its buffers.

    ``buffers`` and ``shapes`` are those of the input and of each layer's output; ``sizes`` are the layers' numbers
    of parameters.
    """
    value, gradient, workspace = executable.gradient(parameters, data, 1)
    outputs, gradients = [], []
    for buffer, shape in zip(buffers, shapes, strict=True):
        outputs.append(workspace[buffer.values : buffer.values + buffer.size].reshape(shape))
        gradients.append(workspace[buffer.gradient : buffer.gradient + buffer.size].reshape(shape))
    bounds = np.cumsum([0, *sizes])
    return Backpropagation(value, outputs, gradients, [gradient[start:stop] for start, stop in pairwise(bounds)])
