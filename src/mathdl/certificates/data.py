"""The data that a certificate speaks about: the exact values of a matrix of float64, labels, weights of the rows."""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from mathdl.certificates.rationals import Refused, dot, scaled


class Data:
    """Objects, one a row of X, perhaps with labels (or targets) and weights, as they were given to ``fit``.

    Lists, arrays and tables of any library are taken, if they have ``tolist``, ``to_numpy`` or ``toarray``. Objects of
    weight zero count as absent. Raises ``Refused`` where shapes do not fit or a number is not finite.
    """

    def __init__(self, X: Any, y: Any = None, sample_weight: Any = None) -> None:
        self.rows = [[_real(value) for value in _list(row, "a row of X")] for row in _list(X, "X")]
        self.labels = None if y is None else [_label(label) for label in _list(y, "y")]
        self.weights = None if sample_weight is None else _weights(sample_weight, len(self.rows))
        self.features = len(self.rows[0]) if self.rows else 0
        if not self.features:
            raise Refused("there are no objects, or they have no features")
        if any(len(row) != self.features for row in self.rows):
            raise Refused("the rows of the data differ in length")
        if self.labels is not None and len(self.labels) != len(self.rows):
            raise Refused(f"there are {len(self.labels)} labels for {len(self.rows)} rows")
        if self.weights is not None and not all(self.weights):
            used = [i for i, weight in enumerate(self.weights) if weight]
            self.rows, self.weights = [self.rows[i] for i in used], [self.weights[i] for i in used]
            self.labels = None if self.labels is None else [self.labels[i] for i in used]
        self.count = len(self.rows)

    @cached_property
    def label_keys(self) -> list[str]:
        """The labels as JSON, equal numbers alike."""
        if self.labels is None:
            raise Refused("the data have no labels")
        return [label_key(label) for label in self.labels]

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the shape, the values (little-endian float64, row by row), and labels and weights as JSON."""
        found = hashlib.sha256(json.dumps([self.count, self.features]).encode())
        for row in self.rows:
            found.update(struct.pack(f"<{self.features}d", *row))
        found.update(f"[{', '.join(self.label_keys)}]".encode() if self.labels is not None else b"null")
        if self.weights is not None:
            found.update(json.dumps(self.weights).encode())
        return found.hexdigest()

    @property
    def weighted(self) -> str:
        """The word that belongs before a mean or a sum where the objects have weights."""
        return "" if self.weights is None else "weighted "

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

    def refuse_weights(self) -> None:
        """Refuse weights, which a statement about points says nothing of."""
        if self.weights is not None:
            raise Refused("the statement says nothing of weights, but the data have some")

    def signs(self, positive: object) -> list[int]:
        """Return +1 for the objects with the label ``positive`` and -1 for those with the other one."""
        keys, key = self.label_keys, label_key(positive)
        if len(set(keys)) != 2 or key not in keys:
            raise Refused(f"the labels are not two of which {positive!r} is one")
        return [1 if own == key else -1 for own in keys]

    def codes(self, classes: Sequence[object]) -> list[int]:
        """Return the index of each object's label among the classes, which have to be all labels, two or more."""
        places = {label_key(label): k for k, label in enumerate(classes)}
        if not len(places) == len(classes) >= 2 or set(places) != set(self.label_keys):
            raise Refused("'classes' are not the labels of the data, two or more, each once")
        return [places[key] for key in self.label_keys]

    def affine(self, normal: Iterable[Fraction], constant: Fraction) -> tuple[list[int], int]:
        """Return normal . x + constant for every object, as integers over one positive denominator."""
        rows, below = self.integers
        coefficients, common = scaled([*normal, constant])
        shift = coefficients.pop() * below
        return [dot(coefficients, row) + shift for row in rows], common * below


def label_key(label: object) -> str:
    """Return the JSON of a label or of targets; 1, 1.0 and True are the same, as in an array."""
    return json.dumps([_number(v) for v in label] if isinstance(label, list) else _number(label))


def _number(label: object) -> str | int | float:
    if isinstance(label, str):
        return label
    if isinstance(label, int) and label.bit_length() <= 1024:
        return int(label)
    if isinstance(label, float) and math.isfinite(label):
        return int(label) if label.is_integer() else label
    raise Refused(f"the label or target {str(label)[:40]!r} is no text and no finite number")


def _label(label: Any) -> Any:
    """Return a label or target of Python; one target in a list of its own is that target."""
    label = _plain(label)
    if isinstance(label, list | tuple):
        label = [_plain(value) for value in label]
        label = label[0] if len(label) == 1 else label
    label_key(label)
    return label


def _weights(sample_weight: Any, count: int) -> list[float]:
    """Return one weight for each object; a single number is that of all."""
    given = _plain(sample_weight)
    weights = [
        _real(weight) for weight in ([given] * count if isinstance(given, int | float) else _list(given, "the weights"))
    ]
    if len(weights) != count:
        raise Refused(f"there are {len(weights)} weights for {count} rows")
    if min(weights, default=0) < 0 or not any(weights):
        raise Refused("the weights of the objects are negative or all zero")
    return weights


def _plain(values: Any) -> Any:
    """Return lists and numbers of Python in place of arrays, tables and scalars of a library."""
    for name in ("toarray", "to_numpy"):  # of a sparse matrix, of a table
        values = getattr(values, name)() if hasattr(values, name) else values
    return values.tolist() if hasattr(values, "tolist") else values


def _list(values: Any, what: str) -> list[Any]:
    values = _plain(values)
    if not isinstance(values, list | tuple | range):
        raise Refused(f"{what} is no list and no array")
    return list(values)


def _real(value: Any) -> float:
    """Return a finite number as float64, and 0 for -0."""
    value = value if type(value) is float else _plain(value)
    if isinstance(value, bool | int | float):
        try:
            if math.isfinite(number := float(value)) and number == value:
                return number + 0.0
        except OverflowError:
            pass
    raise Refused(f"{str(value)[:40]!r} in the data is no finite number of float64")
