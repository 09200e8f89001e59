"""The data that a certificate speaks about: the exact values of a matrix of float64, labels, weights of the rows."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from typing import Any

from mathdl.certificates.rationals import Refused, dot, scaled


class Data:
    """Objects, one a row.

    Parameters
    ----------
    X : array or sequence of sequences
        The matrix, N x p; an array of any library that has ``tolist``.
    y : array or sequence, optional
        Labels (texts, whole numbers, truth values) or targets (numbers, or several numbers an object).
    sample_weight : array or sequence, optional
        Weights of the objects.

    Raises
    ------
    Refused
        If the shapes do not fit, or a number is not finite.
    """

    def __init__(self, X: Any, y: Any = None, sample_weight: Any = None) -> None:
        self.rows: list[list[float]] = [[_real(value) for value in _plain(row)] for row in _plain(X)]
        self.labels: list[Any] | None = None if y is None else [_plain(label) for label in _plain(y)]
        self.weights = None if sample_weight is None else [_real(weight) for weight in _plain(sample_weight)]
        self.count, self.features = len(self.rows), len(self.rows[0]) if self.rows else 0
        if any(len(row) != self.features for row in self.rows):
            raise Refused("the rows of the data differ in length")
        for name, values in (("labels", self.labels), ("weights", self.weights)):
            if values is not None and len(values) != self.count:
                raise Refused(f"there are {len(values)} {name} for {self.count} rows")
        if self.weights is not None and (min(self.weights, default=0) < 0 or not any(self.weights)):
            raise Refused("the weights of the objects are negative or all zero")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the shape, the values (little-endian float64, row by row), and labels and weights as JSON."""
        found = hashlib.sha256(json.dumps([self.count, self.features]).encode())
        for row in self.rows:
            found.update(struct.pack(f"<{self.features}d", *row))
        found.update(json.dumps(self.labels).encode())
        if self.weights is not None:
            found.update(json.dumps(self.weights).encode())
        return found.hexdigest()

    @cached_property
    def integers(self) -> tuple[list[list[int]], int]:
        """The matrix as integers over one denominator."""
        flat, denominator = scaled(value for row in self.rows for value in row)
        p = self.features
        return [flat[i * p : (i + 1) * p] for i in range(self.count)], denominator

    @cached_property
    def shares(self) -> tuple[list[int], int]:
        """Each object's weight as an integer, and the sum of all: weight / sum is its share in a mean."""
        if self.weights is None:
            return [1] * self.count, self.count
        weights, _ = scaled(self.weights)
        return weights, sum(weights)

    def signs(self, positive: object) -> list[int]:
        """Return +1 for the objects with the label ``positive`` and -1 for those with the other one."""
        if self.labels is None:
            raise Refused("the data have no labels")
        kinds = {json.dumps(label) for label in self.labels}
        if len(kinds) != 2 or json.dumps(positive) not in kinds:
            raise Refused(f"the labels are not two of which {positive!r} is one")
        return [1 if json.dumps(label) == json.dumps(positive) else -1 for label in self.labels]

    def affine(self, normal: Iterable[Fraction], constant: Fraction) -> tuple[list[int], int]:
        """Return normal . x + constant for every object, as integers over one positive denominator."""
        rows, below = self.integers
        coefficients, common = scaled([*normal, constant])
        shift = coefficients.pop() * below
        return [dot(coefficients, row) + shift for row in rows], common * below


def _plain(values: Any) -> Any:
    """Return lists and numbers of Python in place of arrays and scalars of a library."""
    return values.tolist() if hasattr(values, "tolist") else values


def _real(value: Any) -> float:
    """Return a finite number as float64."""
    value = _plain(value)
    if isinstance(value, bool | int | float) and math.isfinite(number := float(value)) and number == value:
        return number
    raise Refused(f"{value!r} in the data is no finite number")
