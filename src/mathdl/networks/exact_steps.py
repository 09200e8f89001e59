"""The steps of a network in exact arithmetic: whole numbers over one unit, forwards for values, back for functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates.enclosures import UNIT_BITS, exp_bounds
from mathdl.exact.whole_numbers import over_one_denominator
from mathdl.layers.pieces import Affine, Curved, Kinks, Largest, Step, UnknownValueError

Array = NDArray[Any]
Choices = list[Array | None]
NOTHING = np.zeros((2, 0), dtype=int)


class Exact(NamedTuple):
    """Whole numbers over one unit: values, or slopes with the constants in a last row, a column for each function."""

    numbers: Array
    unit: int

    @property
    def fractions(self) -> Array:
        """The same numbers as fractions."""
        found = objects([Fraction(number, self.unit) for number in self.numbers.ravel().tolist()])
        return found.reshape(self.numbers.shape)


class Values(NamedTuple):
    """Whole numbers over one unit between which values lie, one array twice where nothing is rounded.

    Values of several inputs stand in columns.
    """

    low: Array
    high: Array
    unit: int

    @property
    def exact(self) -> bool:
        """Whether nothing is rounded."""
        return self.low is self.high

    def mapped(self, function: Callable[[Array], Array], unit: int = 1) -> Values:
        """Return what a function that never falls makes of both, so many times the unit."""
        low = function(self.low)
        return Values(low, low if self.exact else function(self.high), self.unit * unit)


def values_of(numbers: Array) -> Values:
    """Return numbers of any kind as values."""
    found, unit = over_one_denominator(np.ravel(numbers).tolist())
    whole = objects(found).reshape(np.shape(numbers))
    return Values(whole, whole, unit)


class ExactAffine:
    """An affine function in whole numbers."""

    def __init__(self, piece: Affine) -> None:
        from scipy.sparse import csr_array

        matrix = csr_array(piece.matrix)
        distinct, places = np.unique(np.concatenate([matrix.data, piece.offset]), return_inverse=True)
        numbers, below = over_one_denominator(distinct.tolist())
        self._entries, self._offset = np.split(objects(numbers)[places], [matrix.nnz])
        self._unit, self._columns, self._inputs = below * piece.divisor, matrix.indices, matrix.shape[1]
        self._rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))

    def choice(self, values: Array) -> None:
        """Return nothing: there is no choice."""

    def doubtful(self, values: Array, choice: None) -> Array:
        """Return no differences."""
        return NOTHING

    def after(self, x: Values) -> Values:
        """Return the values behind the function."""
        if x.exact:
            return x.mapped(lambda a: self._sums(self._entries, a, x.unit), self._unit)
        rising, falling = np.maximum(self._entries, 0), np.minimum(self._entries, 0)
        ends = [self._sums(rising, a, x.unit) + self._sums(falling, b, 0) for a, b in (x[:2], x[1::-1])]
        return Values(ends[0], ends[1], x.unit * self._unit)

    def _sums(self, entries: Array, x: Array, unit: int) -> Array:
        """Return sums of entries times numbers, and of the offset in a unit."""
        found = np.repeat(self._offset[:, None] * unit, x.size // len(x), axis=1)
        np.add.at(found, self._rows, entries[:, None] * x.reshape(len(x), -1)[self._columns])
        return found.reshape(-1, *x.shape[1:])

    def before(self, slopes: Exact, choice: None) -> Exact:
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

    def after(self, x: Values) -> Values:
        """Return the values behind the kinks: an end is the value at an end of the interval, or at 0."""
        found = x.mapped(lambda a: (a.T * np.where(a.T > 0, self._above, self._below)).T, self._unit)
        if x.exact:
            return found
        ends = np.stack([*found[:2], np.where((x.low < 0) & (x.high > 0), 0, found.low)])
        return Values(ends.min(axis=0), ends.max(axis=0), found.unit)

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

    def after(self, x: Values) -> Values:
        """Return the largest values."""
        return x.mapped(lambda a: a[self._blocks].max(axis=1))

    def before(self, slopes: Exact, choice: Array) -> Exact:
        """Return functions of what comes out as functions of what goes in."""
        found = np.zeros((self._inputs + 1, slopes.numbers.shape[1]), dtype=object)
        np.add.at(found, np.append(choice, self._inputs), slopes.numbers)
        return Exact(found, slopes.unit)


class ExactCurved:
    """Sigmoid and tanh, enclosed in bounds of about 2^-96, or a user's own function, known at 0 alone."""

    def __init__(self, piece: Curved) -> None:
        self._piece = piece

    def after(self, x: Values) -> Values:
        """Return the values behind the function."""
        places, (above, below) = self._piece.places, Fraction(self._piece.at_zero or 0).as_integer_ratio()
        if self._piece.at_zero is not None and not (np.any(x.low[places]) or np.any(x.high[places])):
            return x.mapped(lambda a: _replaced(a * below, places, above * x.unit), below)
        if self._piece.activation not in _ENCLOSED or self._piece.bounds is None:
            raise UnknownValueError
        enclosed = np.vectorize(_ENCLOSED[self._piece.activation], otypes=[object, object])
        low, high = (
            _replaced(a << UNIT_BITS, places, enclosed(a[places], x.unit)[k] * x.unit) for k, a in enumerate(x[:2])
        )
        return Values(low, high, x.unit << UNIT_BITS)


ExactPiece = ExactAffine | ExactKinks | ExactLargest
_EXACT: dict[type, type] = {Affine: ExactAffine, Kinks: ExactKinks, Largest: ExactLargest, Curved: ExactCurved}


def exact_step(step: Step) -> Any:
    """Return a step in whole numbers."""
    return _EXACT[type(step)](step)


def functions_of(steps: Sequence[ExactPiece], choices: Choices, outputs: Array) -> Exact:
    """Return combinations of the outputs, the columns of a matrix, as functions of the inputs."""
    slopes = Exact(np.vstack([outputs, np.zeros_like(outputs[:1])]).astype(object), 1)
    for step, choice in zip(reversed(steps), reversed(choices), strict=True):
        slopes = step.before(slopes, choice)  # type: ignore[arg-type]
    return slopes


def objects(numbers: Sequence[Any]) -> Array:
    """Return numbers of any size as an array."""
    found = np.empty(len(numbers), dtype=object)
    found[:] = numbers
    return found


def _replaced(numbers: Array, places: slice, by: Any) -> Array:
    """Return numbers, in a new array, some of which are replaced."""
    found = numbers.copy()
    found[places] = by
    return found


def _sigmoid(numerator: int, unit: int) -> tuple[int, int]:
    """Enclose 1 / (1 + e^-t) in units of 2^-UNIT_BITS."""
    one = 1 << UNIT_BITS
    low, high = exp_bounds(-abs(Fraction(numerator, unit)))
    if numerator >= 0:
        return (one * one) // (one + high), -(-one * one // (one + low))
    return low * one // (one + low), -(-high * one // (one + high))


def _tanh(numerator: int, unit: int) -> tuple[int, int]:
    """Enclose tanh t = 2 sigmoid(2 t) - 1."""
    low, high = _sigmoid(2 * numerator, unit)
    one = 1 << UNIT_BITS
    return 2 * low - one, 2 * high - one


_ENCLOSED = {"sigmoid": _sigmoid, "tanh": _tanh}
