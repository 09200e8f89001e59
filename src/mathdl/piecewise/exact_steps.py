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
    """Whole numbers over one unit: values, or slopes with the constants in a last row, a column for each function."""

    numbers: Array
    unit: int


class ExactAffine:
    """An affine function in whole numbers."""

    def __init__(self, piece: Affine) -> None:
        from scipy.sparse import csr_array

        matrix = csr_array(piece.matrix)
        numbers, below = over_one_denominator([*matrix.data.tolist(), *piece.offset.tolist()])
        self._unit, self._offset = below * piece.divisor, objects(numbers[matrix.nnz :])
        self._entries, self._columns, self._inputs = objects(numbers[: matrix.nnz]), matrix.indices, matrix.shape[1]
        self._rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))

    def after(self, x: Exact) -> Exact:
        """Return the values behind the function."""
        found = self._offset * x.unit
        np.add.at(found, self._rows, self._entries * x.numbers[self._columns])
        return Exact(found, x.unit * self._unit)

    def before(self, slopes: Exact) -> Exact:
        """Return functions of what comes out as functions of what goes in."""
        used = (slopes.numbers[:-1] != 0).any(axis=1)
        kept = used[self._rows]
        found = np.zeros((self._inputs + 1, slopes.numbers.shape[1]), dtype=object)
        np.add.at(found, self._columns[kept], self._entries[kept, None] * slopes.numbers[self._rows[kept]])
        found[-1] = slopes.numbers[-1] * self._unit + self._offset[used].dot(slopes.numbers[:-1][used])
        return Exact(found, slopes.unit * self._unit)


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
        """Return the values behind the kinks, of arguments that are positive as chosen."""
        return Exact(x.numbers * np.where(choice, self._above, self._below), x.unit * self._unit)

    def before(self, slopes: Exact, choice: Array) -> Exact:
        """Return functions of what comes out as functions of what goes in."""
        factors = np.append(np.where(choice, self._above, self._below), self._unit)
        return Exact(slopes.numbers * factors[:, None], slopes.unit * self._unit)


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
        """Return the chosen values."""
        return Exact(x.numbers[choice], x.unit)

    def before(self, slopes: Exact, choice: Array) -> Exact:
        """Return functions of what comes out as functions of what goes in."""
        found = np.zeros((self._inputs + 1, slopes.numbers.shape[1]), dtype=object)
        np.add.at(found, np.append(choice, self._inputs), slopes.numbers)
        return Exact(found, slopes.unit)


Step = ExactAffine | ExactKinks | ExactLargest
Choices = list[Array | None]


def exact_step(step: Piece) -> Step:
    """Return a step in whole numbers."""
    if isinstance(step, Affine):
        return ExactAffine(step)
    return ExactKinks(step) if isinstance(step, Kinks) else ExactLargest(step)


def after(step: Step, x: Exact, choice: Array | None) -> Exact:
    """Return the values behind a step, as was chosen."""
    return step.after(x) if isinstance(step, ExactAffine) else step.after(x, choice)  # type: ignore[arg-type]


def functions_of(steps: Sequence[Step], choices: Choices, outputs: Array) -> Exact:
    """Return combinations of the outputs, the columns of a matrix, as functions of the inputs."""
    slopes = Exact(np.vstack([outputs, np.zeros_like(outputs[:1])]).astype(object), 1)
    for step, choice in zip(reversed(steps), reversed(choices), strict=True):
        slopes = step.before(slopes) if isinstance(step, ExactAffine) else step.before(slopes, choice)  # type: ignore[arg-type]
    return slopes


def objects(numbers: Sequence[Any]) -> Array:
    """Return numbers of any size as an array."""
    found = np.empty(len(numbers), dtype=object)
    found[:] = numbers
    return found
