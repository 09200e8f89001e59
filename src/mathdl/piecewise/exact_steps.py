"""The steps of a network in exact arithmetic: whole numbers over one denominator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.exact.whole_numbers import over_one_denominator
from mathdl.layers.pieces import Affine, Kinks, Largest, Piece

Array = NDArray[Any]


class Exact(NamedTuple):
    """Rows of affine functions, of which the last column is the constant: whole numbers over one unit."""

    numbers: Array
    unit: int


class Product(NamedTuple):
    """A matrix of whole numbers by rows, as a sparse one holds it."""

    starts: Array
    columns: Array
    entries: Array

    def __matmul__(self, x: Array) -> Array:
        """Return the matrix times another one."""
        found = np.zeros((len(self.starts) - 1, x.shape[1]), dtype=object)
        filled = self.starts[:-1] < self.starts[1:]
        if filled.any():
            products = self.entries[:, None] * x[self.columns]
            found[filled] = np.add.reduceat(products, self.starts[:-1][filled], axis=0)
        return found


class ExactAffine:
    """An affine function in whole numbers."""

    def __init__(self, piece: Affine) -> None:
        from scipy.sparse import csr_array

        matrix = csr_array(piece.matrix)
        matrix.sort_indices()
        numbers, below = over_one_denominator([*matrix.data.tolist(), *piece.offset.tolist()])
        self._unit, self._offset = below * piece.divisor, objects(numbers[matrix.nnz :])
        self._matrix = Product(matrix.indptr, matrix.indices, objects(numbers[: matrix.nnz]))
        order = csr_array((np.arange(matrix.nnz), matrix.indices, matrix.indptr), matrix.shape).T.tocsr()
        self._transposed = Product(order.indptr, order.indices, self._matrix.entries[order.data])

    def after(self, x: Exact) -> Exact:
        """Return the function of affine functions."""
        found = self._matrix @ x.numbers
        found[:, -1] += self._offset * x.unit
        return Exact(found, x.unit * self._unit)

    def before(self, slopes: Exact) -> Exact:
        """Return the slopes against the inputs, a column for each output of the network, from those behind."""
        return Exact(self._transposed @ slopes.numbers, slopes.unit * self._unit)


class ExactKinks:
    """Kinks in whole numbers; a choice tells which arguments are positive."""

    def __init__(self, piece: Kinks) -> None:
        slopes, self._unit = over_one_denominator([*piece.below.tolist(), *piece.above.tolist()])
        self._below, self._above = objects(slopes).reshape(2, -1)
        self.bends = piece.below != piece.above

    def choice(self, values: Array) -> Array:
        """Return which arguments are positive."""
        return np.asarray(values > 0, dtype=bool)

    def doubtful(self, values: Array, choice: Array) -> Array:
        """Return differences, a column each with its two places, that are 0 where the choice may end."""
        places = np.flatnonzero((values == 0) & self.bends)
        return np.array([places, np.full(len(places), -1)])

    def after(self, x: Exact, choice: Array) -> Exact:
        """Return affine functions whose arguments are positive as chosen."""
        return Exact(x.numbers * np.where(choice, self._above, self._below)[:, None], x.unit * self._unit)

    def before(self, slopes: Exact, choice: Array) -> Exact:
        """Return the slopes against the inputs."""
        return self.after(slopes, choice)


class ExactLargest:
    """Maxima; a choice holds the place of each."""

    def __init__(self, piece: Largest) -> None:
        self._blocks, self._inputs = piece

    def choice(self, values: Array) -> Array:
        """Return the places of the largest, of equal ones the first."""
        return np.array([max(block, key=lambda i: values[i]) for block in self._blocks.tolist()])

    def doubtful(self, values: Array, choice: Array) -> Array:
        """Return differences, a column each with its two places, that are 0 where the choice may end."""
        rows, columns = np.nonzero(
            (values[self._blocks] == values[choice][:, None]) & (self._blocks != choice[:, None])
        )
        return np.array([choice[rows], self._blocks[rows, columns]])

    def after(self, x: Exact, choice: Array) -> Exact:
        """Return the chosen affine functions."""
        return Exact(x.numbers[choice], x.unit)

    def before(self, slopes: Exact, choice: Array) -> Exact:
        """Return the slopes against the inputs."""
        found = np.zeros((self._inputs, slopes.numbers.shape[1]), dtype=object)
        np.add.at(found, choice, slopes.numbers)
        return Exact(found, slopes.unit)


Step = ExactAffine | ExactKinks | ExactLargest
Choices = list[Array | None]


def exact_step(step: Piece) -> Step:
    """Return a step in whole numbers."""
    if isinstance(step, Affine):
        return ExactAffine(step)
    return ExactKinks(step) if isinstance(step, Kinks) else ExactLargest(step)


def after(step: Step, x: Exact, choice: Array | None) -> Exact:
    """Return affine functions after a step, as was chosen."""
    return step.after(x) if isinstance(step, ExactAffine) else step.after(x, choice)  # type: ignore[arg-type]


def slopes_of(steps: Sequence[Step], choices: Choices, outputs: Array) -> Exact:
    """Return the slopes of combinations of the outputs, the columns of a matrix, against the inputs."""
    slopes = Exact(outputs.astype(object), 1)
    for step, choice in zip(reversed(steps), reversed(choices), strict=True):
        slopes = step.before(slopes) if isinstance(step, ExactAffine) else step.before(slopes, choice)  # type: ignore[arg-type]
    return slopes


def objects(numbers: Sequence[Any]) -> Array:
    """Return numbers of any size as an array."""
    found = np.empty(len(numbers), dtype=object)
    found[:] = numbers
    return found
