"""Certificates of least squares: from fits to random problems, accepted; changed, refused wherever they are false."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from certificates.sweep import Oracle as Judge
from geometry.naive_hulls import number
from mathdl import LinearRegression, PolynomialRegression, verify
from mathdl.certificates import Certificate, Data, write
from mathdl.errors import InputError, NotCertifiedError

Vector = list[Fraction]


# ------------------------------------------------- an oracle: fractions, elimination, nothing from the package


def dot(a: Sequence[Fraction], b: Sequence[Fraction]) -> Fraction:
    return sum((x * y for x, y in zip(a, b, strict=True)), Fraction(0))


def eliminate(rows: list[Vector]) -> tuple[list[Vector], list[int]]:
    """Bring a matrix to reduced echelon form; return it and the pivots' columns."""
    rows, pivots = [list(row) for row in rows], []
    for j in range(len(rows[0]) if rows else 0):
        k = len(pivots)
        i = next((i for i in range(k, len(rows)) if rows[i][j]), None)
        if i is None:
            continue
        rows[k], rows[i] = rows[i], rows[k]
        rows[k] = [value / rows[k][j] for value in rows[k]]
        for i, row in enumerate(rows):
            if i != k and row[j]:
                rows[i] = [a - row[j] * b for a, b in zip(row, rows[k], strict=True)]
        pivots.append(j)
    return rows, pivots


def chebyshev(degree: int, u: Fraction) -> Fraction:
    values = [Fraction(1), u]
    while len(values) <= degree:
        values.append(2 * u * values[-1] - values[-2])
    return values[degree]


def exponents(degree: int, p: int) -> list[tuple[int, ...]]:
    """All but zero, in graded order, the first features first."""
    found = [e for e in product(range(degree + 1), repeat=p) if 0 < sum(e) <= degree]
    return sorted(found, key=lambda e: (sum(e), [-power for power in e]))


class Oracle:
    """The statement of a certificate, decided slowly."""

    def __init__(self, data: Data) -> None:
        self.X = [[Fraction(v) for v in row] for row in data.rows]
        self.Y = [[Fraction(v) for v in (y if isinstance(y, list) else [y])] for y in data.labels or []]
        self.w = [Fraction(v) for v in data.weights or [1] * data.count]

    def least(self, columns: list[Vector], y: Vector) -> Fraction:
        """The least weighted mean of squares of y minus a combination of columns, by orthogonal projection."""
        rest, done = y, []
        for column in columns:
            for q in done:
                column = self._without(column, q)
            if any(column):
                done.append(column)
                rest = self._without(rest, column)
        return self.mean(rest, rest)

    def mean(self, a: Vector, b: Vector) -> Fraction:
        return sum((w * s * t for w, s, t in zip(self.w, a, b, strict=True)), Fraction(0)) / sum(self.w)

    def _without(self, a: Vector, q: Vector) -> Vector:
        factor = self.mean(a, q) / self.mean(q, q)
        return [s - factor * t for s, t in zip(a, q, strict=True)]

    def holds(self, numbers: Mapping[str, Any]) -> bool:
        """Tell whether what the numbers state is true."""
        p = len(self.X[0])
        degree, centres, scales = (
            numbers["degree"],
            [*map(number, numbers["centres"])],
            [*map(number, numbers["scales"])],
        )
        if degree < 1 or min(scales) <= 0:
            return False
        powers = exponents(degree, p)
        columns = [[self._product(row, e, centres, scales) for row in self.X] for e in powers]
        ones = [Fraction(1)] * len(self.X)
        if any(len(row) != len(columns) for row in numbers["coefficients"]):
            return False
        model = least = Fraction(0)
        for k, texts in enumerate(numbers["coefficients"]):
            y, b = [row[k] for row in self.Y], number(numbers["intercepts"][k])
            rest = [v - b for v in y]
            for text, column in zip(texts, columns, strict=True):
                rest = [r - number(text) * v for r, v in zip(rest, column, strict=True)]
            model += self.mean(rest, rest)
            least += self.least([ones, *columns], y)
        minimum, excess = number(numbers["minimum"]), number(numbers["excess"])
        return least == minimum and model <= least + excess and self._shortest(numbers, columns, ones)

    def _product(self, row: Vector, e: tuple[int, ...], centres: Vector, scales: Vector) -> Fraction:
        value = Fraction(1)
        for x, power, centre, scale in zip(row, e, centres, scales, strict=True):
            value *= chebyshev(power, (x - centre) / scale)
        return value

    def _shortest(self, numbers: Any, columns: list[Vector], ones: Vector) -> bool:
        """Where the certificate says so: the minimiser is one, and orthogonal to every change that changes no value."""
        if "multipliers" not in numbers:
            return True
        centred = [self._without(column, ones) for column in columns]
        reduced, pivots = eliminate([list(row) for row in zip(*centred, strict=True)])
        for k, texts in enumerate(numbers["minimiser"]):
            b = [number(text) for text in texts]
            rest = self._without([row[k] for row in self.Y], ones)
            for value, column in zip(b, centred, strict=True):
                rest = [r - value * v for r, v in zip(rest, column, strict=True)]
            if any(self.mean(rest, column) for column in centred):
                return False
            for free in set(range(len(b))) - set(pivots):
                change = [Fraction(int(j == free)) for j in range(len(b))]
                for row, pivot in zip(reduced, pivots, strict=False):
                    change[pivot] = -row[free]
                if dot(change, b):
                    return False
        return True


# ---------------------------------------------------------------------------------------------- random problems


def problem(seed: int) -> tuple[Any, Any, Any, Any]:
    """Draw a model, X, y and weights; many are degenerate, and linear ones of any scale."""
    r = random.Random(seed)
    generator = np.random.default_rng(seed)
    degree = r.choice([0, 0, 1, 2, 3])  # 0: linear regression
    N, p, m = r.randint(1, r.choice([6, 12])), r.randint(1, 4 if degree < 2 else 2), r.choice([0, 0, 1, 2])
    X = generator.normal(size=(N, p)) if r.random() < 0.5 else generator.integers(-3, 4, size=(N, p)).astype(float)
    y = generator.normal(size=(N, m)) if m else generator.integers(-3, 4, size=N).astype(float)
    for kind in r.sample(
        ["duplicate rows", "collinear", "constant feature", "zero feature", "equal features"], r.choice([0, 0, 1, 2])
    ):
        if kind == "duplicate rows":
            X[N // 2 :] = X[0]
        elif kind == "collinear":
            X = np.outer(X[:, 0], np.ones(p))
        elif kind == "constant feature":
            X[:, -1] = r.choice([0.1, 7.0])
        elif kind == "zero feature":
            X[:, 0] = 0
        else:
            X[:, -1] = 2 * X[:, 0]
    if r.random() < 0.2:
        y[:] = 0.3
    widest = 150 if degree == 0 else 6
    scale = r.choice([0, 0, widest])
    X = X * 10.0 ** generator.integers(-scale, scale + 1, size=p) + r.choice([0, 0, 1, 1000])
    y = y * 10.0 ** r.choice([0, 0, -scale, scale])
    weights = None if r.random() < 0.5 else generator.integers(0, 4, size=N) + (0.0 if r.random() < 0.5 else 0.1)
    if weights is not None and not weights.any():
        weights = None
    exact = r.random() < 0.3
    model = PolynomialRegression(degree, exact=exact) if degree else LinearRegression(exact=exact)
    return model, X, y, weights


MIN_SHARE = 0.85


def make(seed: int) -> tuple[Certificate, Data] | None:
    model, X, y, weights = problem(seed)
    try:
        model.fit(X, y, sample_weight=weights)
    except InputError:
        assert np.abs(y).max() > 1e100 or np.abs(X).min() < 1e-100
        return None
    try:
        certificate = model.certify()
    except NotCertifiedError as error:
        rank = "floating-point numbers could not tell" in str(error)
        if not rank and "Rounded to float64" not in str(error):
            raise
        assert not (rank and model.exact)
        return None
    assert model.status_ in ("certified", "minimum norm")
    assert (model.status_ == "minimum norm") == ("multipliers" in certificate.numbers)
    return certificate, Data(X, y, weights)


def judge(certificate: Certificate, data: Data) -> Judge:
    return Oracle(data).holds


def certified(**changes: Any) -> tuple[Certificate, Data]:
    """A certificate with two targets and dependent features, with numbers changed."""
    X = np.array([[1.0, 2.0], [2.0, 4.0], [4.0, 8.0]])
    model = LinearRegression().fit(X, np.array([[1.0, 0.0], [2.0, 2.0], [2.0, 5.0]]))
    certificate = model.certify()
    data = Data(*model.training_data)
    return write(certificate.kind, dict(certificate.numbers) | changes, data), data


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"degree": -1}, "The degree is no natural number"),
        ({"degree": True}, "The degree is no natural number"),
        ({"degree": "1"}, "The degree is no natural number"),
        ({"degree": 10**9}, "more terms than there are coefficients"),
        ({"degree": 10**4200}, "more terms than there are coefficients"),
        ({"scales": ["1", "0"]}, "A scale is not positive"),
        ({"scales": ["1", "-1"]}, "A scale is not positive"),
        ({"scales": ["1", "1", "1"]}, "no list of 2"),
        ({"minimum": "1/7"}, "The minimum is another one"),
        ({"excess": "-1/10"}, "further above it"),
        ({"minimiser": [["0", "0"], ["0", "0"]]}, "does not solve the normal equations"),
        ({"minimiser": [["0"], ["0"]]}, "no list of 2"),
        ({"multipliers": [["0", "0"], ["0", "0"]]}, "not in the row space"),
        ({"coefficients": [["1", "0"], ["0", "1"]]}, "further above it"),
    ],
)
def test_what_is_malformed_or_false_is_refused_with_a_reason(changes: dict[str, Any], reason: str) -> None:
    assert verify(*certified())
    verdict = verify(*certified(**changes))
    assert not verdict
    assert reason in verdict.reason


def test_a_minimiser_that_is_not_the_shortest_is_refused() -> None:
    certificate, _ = certified()
    (a, b), other = certificate.numbers["minimiser"]
    longer = [str(number(a) + 2), str(number(b) - 1)]  # no prediction changes
    verdict = verify(*certified(minimiser=[longer, other]))
    assert verdict.reason == "The minimiser is not in the row space."


@pytest.mark.parametrize("y", [["a", "b", "c"], [[1.0], [1.0, 2.0], [1.0]], [True, False, True], None, [[], [], []]])
def test_targets_that_are_no_numbers_are_refused(y: Any) -> None:
    certificate, data = certified()
    bad = Data(data.rows, y)
    verdict = verify(Certificate(certificate.kind, certificate.statement, certificate.numbers, bad.fingerprint), bad)
    assert not verdict


def test_a_reader_can_take_the_sentence_apart() -> None:
    X, y = [[0], [1], [2]], [0, 1, 3]
    assert re.fullmatch(
        "The mean square error of the polynomial shown on the 3 objects is at most 0.0555556; no polynomial of degree "
        "at most 1 has less than 0.0555555 or is better by more than .*e-3.[.]",  # rounding is another one elsewhere
        LinearRegression().fit(X, y).certify().statement,
    )
    assert LinearRegression().fit(X, [[0, 0], [1, 2], [2, 4]], [1, 1, 2]).certify().statement == (
        "The weighted mean square error of the polynomial shown on the 3 objects, summed over 2 targets, is at most 0; "
        "no polynomial of degree at most 1 has less."
    )


def test_weights_change_the_sentence() -> None:
    X, y, weights = [[0.0], [0.0]], [1.0, 5.0], [1.0, 0.0]
    model = LinearRegression().fit(X, y, weights)
    assert "weighted mean square error of the polynomial shown on the 1 objects" in model.certify().statement
    assert verify(model.certify(), X, y, weights)
