"""What backpropagation computes on its way, for one object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.executable import Data, Executable
from mathdl.engine.program import Buffer
from mathdl.layers.layer import Layer
from mathdl.networks.jacobian import jacobians
from mathdl.networks.trace import trace

Array = NDArray[Any]


MAX_SHOWN = 6  # numbers of an array that are printed; of larger ones the shape and the norm (chosen)


@dataclass(frozen=True, repr=False)
class Backpropagation:
    """What backpropagation computes for one object (section 9.5), for inspection; printing it gives a table.

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
    layers : list of str
        The layers, as they are written.
    pre_activations : list of ndarray
        z_1, ..., z_M: what goes into each layer's activation, such as A h + b.
    output_blocks : list of ndarray or None
        The Jacobians dh_1/dh_0, ..., dh_M/dh_(M-1), if they were asked for; arrays count as flat.
    parameter_blocks : list of scipy.sparse.csr_array or None
        The Jacobians dh_1/da_1, ..., dh_M/da_M, which have few entries that are not 0.
    """

    loss: float
    outputs: list[Array]
    output_gradients: list[Array]
    parameter_gradients: list[Array]
    layers: list[str]
    pre_activations: list[Array]
    output_blocks: list[Array] | None = None
    parameter_blocks: list[Any] | None = None

    def __repr__(self) -> str:
        layers = len(self.parameter_gradients)
        return f"Backpropagation of one object through {layers} layer{'s'[: layers != 1]}: loss {self.loss:.6g}"

    def __str__(self) -> str:
        return self.after(2 * len(self.outputs))

    def after(self, steps: int) -> str:
        """Return the table with what is known after so many steps.

        Parameters
        ----------
        steps : int
            The input and a layer each forward, then as many backward.
        """
        n = len(self.outputs)
        forward: list[list[Any]] = [[None, *self.pre_activations], self.outputs]
        backward: list[list[Any]] = [self.output_gradients, [None, *self.parameter_gradients]]
        loss = [f"loss {self.loss:.6g}"] if steps >= n else []
        return "\n".join([*loss, table_of(self.layers, forward, backward, steps)])


def table_of(
    layers: Sequence[str], forward: Sequence[Sequence[Any]], backward: Sequence[Sequence[Any]], steps: int
) -> str:
    """Return what is known after some steps as a table: z_k and h_k forward, dl/dh_k and dl/da_k backward."""
    names = ["input", *layers]
    rows: list[tuple[str, ...]] = [("k", "layer", "z_k", "h_k", *(["dl/dh_k", "dl/da_k"] if backward else []))]
    for k, name in enumerate(names):
        there = [_shown(arrays[k]) if k < steps else "" for arrays in forward]
        back = [_shown(arrays[k]) if 2 * len(names) - k <= steps else "" for arrays in backward]
        rows.append((str(k), name, *there, *back))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)


def _shown(array: Array | None) -> str:
    """Write a small array; of a large one its shape and its norm."""
    if array is None or array.size == 0:
        return ""
    if array.size <= MAX_SHOWN:
        return " ".join(f"{number + 0.0:.4g}" for number in array.flat)
    return f"{' x '.join(map(str, array.shape))}, norm {np.linalg.norm(array):.4g}"


def inspect(
    executable: Executable,
    buffers: Sequence[Buffer],
    layers: Sequence[Layer],
    parameters: Array,
    data: Data,
) -> Backpropagation:
    """Run a program that keeps everything for one object, and read its buffers: the input's and each layer's output."""
    value, gradient, workspace = executable.gradient(parameters, data, 1)
    shapes = [layers[0].input_shape, *(layer.output_shape for layer in layers)]
    outputs, gradients = [], []
    for buffer, shape in zip(buffers, shapes, strict=True):
        outputs.append(workspace[buffer.values : buffer.values + buffer.size].reshape(shape))
        gradients.append(workspace[buffer.gradient : buffer.gradient + buffer.size].reshape(shape))
    bounds = np.cumsum([0, *(layer.size for layer in layers)])
    parts = [gradient[start:stop] for start, stop in pairwise(bounds)]
    before = [step.pre_activation for step in trace(layers, parameters, data.inputs[0])]
    return Backpropagation(value, outputs, gradients, parts, [repr(layer) for layer in layers], before)


def with_blocks(found: Backpropagation, layers: Sequence[Layer], parameters: Array) -> Backpropagation:
    """Return the same with the Jacobian of every layer."""
    from scipy.sparse import csr_array

    blocks, first = [], 0
    for layer, x in zip(layers, found.outputs, strict=False):
        blocks.append(jacobians([layer], parameters[first : first + layer.size], x))
        first += layer.size
    sparse = [csr_array(of_parameters) for _, of_parameters in blocks]
    return replace(found, output_blocks=[of_x for of_x, _ in blocks], parameter_blocks=sparse)
