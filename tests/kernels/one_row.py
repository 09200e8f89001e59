"""One kernel alone: its row of the table, a workspace and parameters.

Everything in the workspace that the kernel was not given is NaN before, and must be NaN after unless the kernel
was to write there. Values have samples first here; the workspace has features first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.executable import PADDING_NUMBERS
from mathdl.kernels import table

Array = NDArray[Any]
COUNTS = (1, 2, 16, 17, 35)  # samples: fewer than a vector's lanes, as many, more, more than two vectors'
DTYPES = ("float32", "float64")
INPUT, INPUT_GRADIENT, OUTPUT, OUTPUT_GRADIENT = "input", "input_gradient", "output", "output_gradient"
SHIFT = 3  # where the gradient of parameter number 0 lies


def integers(*shape: int, seed: int = 0, largest: int = 4) -> Array:
    """Draw small whole numbers: sums of their products are exact, and many of them are equal."""
    return np.random.default_rng(seed).integers(-largest, largest + 1, size=shape).astype(float)


def flat(values: Array) -> Array:
    """Write each sample as a vector."""
    return values.reshape(len(values), -1)


class Areas:
    """Places in the workspace, each named by the field of the kernel's row that points to it."""

    def __init__(self, kernel: Any, sizes: Sequence[float], widths: dict[str, int], weights: int, bias: int) -> None:
        self.row = np.zeros(1, kernel.row)[0]
        own = kernel.row.names[len(table.OF_EVERY_OPERATION) :]
        for name, size in zip(own, sizes, strict=False):
            self.row[name] = size
        self.row.weights, self.row.bias = weights, bias
        self.widths, self.size = widths, 1
        for column, width in widths.items():
            self.row[column] = self.size
            self.size += width + 1

    def of(self, workspace: Array, column: str, n: int) -> Array:
        """Return the part of a chunk's workspace that a column points to."""
        start = int(self.row[column])
        return workspace[start * n : (start + self.widths[column]) * n]


def run(
    kernel: Any,
    n: int,
    dtype: str,
    sizes: Sequence[float],
    given: dict[str, Array],
    wanted: dict[str, int],
    parameters: Any = (),
    weights: int = -1,
    bias: int = -1,
    units: tuple[int, int] = (0, 0),
) -> dict[str, Array]:
    """Run a forward or backward kernel on ``n`` samples; return what it wrote, by column, samples first.

    ``given`` has (n, features) values for columns, ``wanted`` says how many features the kernel writes where, ``units``
    which of an operation's units it is to compute.
    """
    widths = {**{column: values.shape[1] for column, values in given.items()}, **wanted}
    areas = Areas(kernel, sizes, widths, weights, bias)
    areas.row.first_unit, areas.row.last_unit = units
    workspace = np.full(areas.size * n + PADDING_NUMBERS, np.nan, dtype)
    for column, values in given.items():
        areas.of(workspace, column, n)[:] = values.T.ravel()
    before = workspace.copy()
    kernel(areas.row, np.array(parameters, dtype), workspace, n)
    found = {}
    for column in wanted:
        written = areas.of(workspace, column, n)
        found[column] = written.reshape(-1, n).T.copy()
        areas.of(before, column, n)[:] = written
    np.testing.assert_array_equal(workspace, before)
    return found


def in_panels(values: Array, dtype: str) -> Array:
    """Lay a chunk (n, features) out in panels, NaN filling the last one, and cut it into n rows of equal length."""
    lanes, (n, features) = 64 // np.dtype(dtype).itemsize, values.shape
    padded = np.full((n, -(-features // lanes) * lanes), np.nan)
    padded[:, :features] = values
    return padded.reshape(n, -1, lanes).transpose(1, 0, 2).reshape(n, -1)


def run_gradient(
    kernel: Any,
    dtype: str,
    sizes: Sequence[float],
    given: dict[str, Array],
    gradient: Array,
    part: tuple[int, int],
    as_it_lies: dict[str, Array] | None = None,
    weights: int = -1,
    bias: int = -1,
    accumulate: bool = False,
) -> Array:
    """Run a gradient kernel over chunks of 16 samples; return the gradient that it changed.

    ``as_it_lies`` has values that lie in the workspace as they are, for instance a dense layer's copy.
    """
    copies = as_it_lies or {}
    samples = len(next(iter(given.values())))
    areas = Areas(kernel, sizes, {c: v.shape[1] for c, v in [*given.items(), *copies.items()]}, weights, bias)
    stride = areas.size * 16 + 5
    workspace = np.full(-(-samples // 16) * stride + PADDING_NUMBERS, np.nan, dtype)
    for chunk, first in enumerate(range(0, samples, 16)):
        n, own = min(16, samples - first), workspace[chunk * stride :]
        for column, values in given.items():
            areas.of(own, column, n)[:] = values[first : first + n].T.ravel()
        for column, values in copies.items():
            areas.of(own, column, n)[:] = values[first : first + n].ravel()
    block = np.zeros(1, table.BLOCK)[0]
    block.first, block.last = part
    block.samples, block.chunk, block.stride = samples, 16, stride
    block.accumulates, block.shift = accumulate, SHIFT
    before, changed = workspace.copy(), np.append(np.full(SHIFT, np.nan), gradient).astype(dtype)
    kernel(areas.row, workspace, changed, block)
    np.testing.assert_array_equal(workspace, before)
    assert np.isnan(changed[:SHIFT]).all()
    return changed[SHIFT:]
