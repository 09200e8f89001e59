"""The columns of a table as inputs of a network: numbers in their own units, and all that a category may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import is_number, shortened
from mathdl.data.category_encoder import CategoryEncoder
from mathdl.data.column import Column, Kind
from mathdl.data.frame import columns_of_frame
from mathdl.data.number_encoder import NumberEncoder
from mathdl.errors import InputError
from mathdl.networks.intervals import Box

Array = NDArray[Any]
Ends = tuple[list[Fraction], list[Fraction]]
NO_CATEGORY = "none of the categories"


class Interval(NamedTuple):
    """The least and the largest value of a number column, in its own unit."""

    low: float
    high: float


class Value(NamedTuple):
    """A value of a column, None where it is missing, and the features that stand for it."""

    value: Any
    features: Array


class TableInputs:
    """What a trained model of a table makes of objects, given as columns by name or as a DataFrame.

    Standardised numbers rise with the numbers, rounding included, so that the ends of an interval become ends.
    """

    def __init__(self, model: Any, X: Any) -> None:
        plans = model.preprocessing.plans
        if not isinstance(X, Mapping) and not hasattr(X, "columns"):
            raise InputError(f"The model was trained on a table, and X is {shortened(X)}; give its columns by name.")
        if not (isinstance(X, Mapping) and all(isinstance(column, Column) for column in X.values())):
            X = columns_of_frame(X, "The table", model.reading, plans, plans)
        encoded = model.encoded(X)
        self.columns: dict[str, Column] = {name: X[name] for name in plans}
        self.matrix: Array = encoded.matrix
        self._encoders = {encoder.name: encoder for encoder in model.preprocessing.encoders}
        self._blocks = dict(zip(self._encoders, model.preprocessing.blocks, strict=True))

    def __len__(self) -> int:
        return len(self.matrix)

    @property
    def numbers(self) -> list[str]:
        """The columns of numbers."""
        return [name for name, encoder in self._encoders.items() if isinstance(encoder, NumberEncoder)]

    def require(self, name: Any) -> str:
        """Return the name of a column of numbers or of categories; raise InputError where it is none."""
        if not isinstance(name, str) or name not in self._encoders:
            known = ", ".join(self._encoders)
            raise InputError(f"{shortened(name)} is no column that the model reads; its columns are {known}.")
        if self._encoders[name].kind is Kind.DATE:
            raise InputError(f"{name!r} is a column of dates; ask about a column of numbers or of categories.")
        return name

    def is_number(self, name: str) -> bool:
        """Whether a column is one of numbers."""
        return isinstance(self._encoders[name], NumberEncoder)

    def deviation(self, name: str) -> float:
        """Return the standard deviation of a number column in training."""
        return float(self._encoders[name].scale)

    def value(self, row: int, name: str) -> float | None:
        """Return a number of an object, None where it is missing."""
        column = self.columns[name]
        return None if column.missing[row] else float(column.values[row])

    def range(self, name: str) -> Interval:
        """Return the least and the largest number of a column in these objects."""
        column = self.columns[name]
        values = column.values[~column.missing].astype(np.float64)
        if not len(values):
            raise InputError(f"Column {name!r} has no number in the table, so it has no range; give rows with one.")
        return Interval(float(values.min()), float(values.max()))

    def values(self, name: str) -> list[Value]:
        """Return all that a category column may be, texts that were not seen in training and gaps included.

        Of a number column what it may be apart from the numbers: a gap.
        """
        encoder = self._encoders[name]
        if isinstance(encoder, CategoryEncoder):
            texts = [*encoder.categories, None, self._stranger(encoder)]
            column = Column(name, Kind.CATEGORY, np.array(texts, dtype=object))
            texts[-1] = NO_CATEGORY
        elif encoder.indicates:
            texts, column = [None], Column(name, Kind.NUMBER, np.array([np.nan]))
        else:
            return []
        features = encoder.encode(column).features
        seen: dict[bytes, Value] = {}
        for text, block in zip(texts, features, strict=True):
            seen.setdefault(block.tobytes(), Value(text, block))
        return list(seen.values())

    def between(self, row: int, intervals: Mapping[str, Interval]) -> Ends:
        """Return the limits of the inputs where numbers of an object lie in intervals and all else is as it is."""
        low, high = (self.matrix[row].copy() for _ in range(2))
        for name, interval in intervals.items():
            block = self._blocks[name]
            low[block] = high[block] = 0  # also that the number is missing
            low[block.start], high[block.start] = self._standardised(name, np.array(interval))
        if not np.isfinite([*low, *high]).all():
            raise InputError(f"An interval goes beyond the {self.matrix.dtype} of the network; give a smaller radius.")
        return _fractions(low), _fractions(high)

    def with_value(self, row: int, name: str, features: Array) -> Array:
        """Return the inputs of an object with the features of another value in a column."""
        found: Array = self.matrix[row].copy()
        found[self._blocks[name]] = features
        return found

    def object(self, row: int, **changed: Any) -> dict[str, Any]:
        """Return an object as its table shows it, some values changed."""
        found = {}
        for name, column in self.columns.items():
            found[name] = None if column.missing[row] else column.values[row : row + 1].tolist()[0]
        return {**found, **changed}

    def nearest(self, row: int, intervals: Mapping[str, Interval], inputs: Array) -> tuple[dict[str, Any], Array]:
        """Return an object with numbers in intervals that is as near to inputs as it can be, and its own inputs."""
        flat, found, changed = inputs.ravel(), self.matrix[row].copy(), {}
        for name, interval in intervals.items():
            encoder, block = self._encoders[name], self._blocks[name]
            number = float(flat[block.start])
            if number != float(found[block.start]) or self.value(row, name) is None:
                low, high = self._standardised(name, np.array(interval)).tolist()
                value = min(max(number * encoder.scale + encoder.mean, interval.low), interval.high)
                changed[name] = interval.low if number <= low else interval.high if number >= high else value
                found[block] = 0
                found[block.start] = self._standardised(name, np.array([changed[name]]))[0]
        return self.object(row, **changed), found

    def with_numbers(self, inputs: Array, name: str, values: Array) -> Array:
        """Return inputs with other numbers in a column, one row for each."""
        found = np.repeat(inputs[None], len(values), axis=0)
        found[:, self._blocks[name]] = 0
        found[:, self._blocks[name].start] = self._standardised(name, values)
        return found

    def occurring(self, name: str) -> list[Value]:
        """Return what a column holds in these objects, once each as the network sees it."""
        seen: dict[bytes, Value] = {}
        for row, features in enumerate(self.matrix[:, self._blocks[name]]):
            if features.tobytes() not in seen:
                seen[features.tobytes()] = Value(self.object(row)[name], features)
        return list(seen.values())

    def inputs_of(self, values: Mapping[str, float | Value]) -> Array:
        """Return the inputs of an object that has numbers, or such values, in its columns."""
        found = np.zeros(self.matrix.shape[1], self.matrix.dtype)
        for name, value in values.items():
            if isinstance(value, Value):
                found[self._blocks[name]] = value.features
            else:
                found[self._blocks[name].start] = self._standardised(name, np.array([value]))[0]
        return found

    def box(self, numbers: Mapping[str, Interval], others: Mapping[str, list[Value]]) -> Box:
        """Return the inputs of objects with numbers in intervals, and some of the values, or what lies between."""
        low, high = np.zeros((2, self.matrix.shape[1]))
        for name, interval in numbers.items():
            place = self._blocks[name].start
            low[place], high[place] = self._standardised(name, np.array(interval))
        for name, values in others.items():
            features = np.stack([value.features for value in values])
            low[self._blocks[name]], high[self._blocks[name]] = features.min(axis=0), features.max(axis=0)
        return Box(low, high)

    def block(self, name: str) -> slice:
        """Return where the features of a column stand."""
        found: slice = self._blocks[name]
        return found

    def _standardised(self, name: str, values: Array) -> Array:
        """Return numbers as the network reads them."""
        encoder = replace(self._encoders[name], indicates=False)
        with np.errstate(over="ignore"):
            features = encoder.encode(Column(name, Kind.NUMBER, values)).features
            return np.asarray(features[:, 0].astype(self.matrix.dtype))

    def _stranger(self, encoder: CategoryEncoder) -> str:
        """Return a text that is none of the categories."""
        return max(encoder.categories, key=len, default="") + "?"


def table_of(model: Any, X: Any) -> TableInputs:
    """Return objects of the table that a classifier was trained on; raise InputError where it reads none."""
    if getattr(model, "preprocessing", None) is None:
        raise InputError(f"model is {shortened(model)}; give a model that mathdl.train made of a table.")
    if not model.classes:
        raise InputError("The model predicts numbers, which are no classes that could change; give a classifier.")
    return TableInputs(model, X)


def checked_radii(table: TableInputs, radius: Any) -> dict[str, float]:
    """Return radii by column: of a number that many standard deviations of every column of numbers."""
    if not isinstance(radius, Mapping):
        return {name: float(radius) * table.deviation(name) for name in table.numbers}
    for name, value in radius.items():
        if not table.is_number(table.require(name)):
            raise InputError(f"{name!r} is a column of categories, which have no radius; name columns of numbers.")
        if not is_number(value) or not 0 <= value < np.inf:
            raise InputError(f"The radius of {name!r} is {shortened(value)}; give a finite number of at least 0.")
    return {str(name): float(value) for name, value in radius.items()}


def _fractions(values: Array) -> list[Fraction]:
    return [Fraction(value) for value in values.ravel().tolist()]
