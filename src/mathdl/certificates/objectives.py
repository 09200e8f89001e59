"""Objectives of gradient descent: their value and gradient at a point, how curved they are, whether they are convex.

A certificate names its ``objective``: "quadratic" is a . Q a / 2 - b . a, and its data are Q and b in place of X and y;
the others are losses sum_i share_i phi(x_i W, y_i) + lambda |W|^2 of linear models, lambda the ``regularization``:
"least squares" has phi = |z - y|^2 and perhaps several outputs, W row by row; "Huber" has phi = r^2 for r = z - y of
at most the ``threshold`` t in size and 2 t |r| - t^2 beyond; "logistic" has log(1 + exp(-y z)); "neuron" has
(s - y)^2 with s = 1 / (1 + exp(-z)). What exp and log take part in is enclosed, the rest is exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from mathdl.certificates.columns import targets
from mathdl.certificates.data import Data
from mathdl.certificates.enclosures import UNIT_BITS, exp_bounds, log_bounds
from mathdl.certificates.limits import afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, combination, dot, scaled
from mathdl.certificates.semidefinite import Matrix, is_semidefinite, shifted
from mathdl.certificates.words import in_words

Phi = Callable[[Fraction, Fraction, Fraction], tuple[Fraction, Fraction, Fraction]]
UNIT = Fraction(1, 1 << UNIT_BITS)


def described(numbers: Numbers, data: Data) -> str:
    """Say in words which objective a certificate names."""
    name = numbers.plain("objective")
    words = [str(name)[:40], f"{data.count} {data.weighted}rows of data"]
    if name == "Huber" and numbers.has("threshold"):
        words.append(f"threshold = {in_words(numbers.number('threshold'))}")
    if name != "quadratic" and numbers.has("regularization") and numbers.number("regularization"):
        words.append(f"lambda = {in_words(numbers.number('regularization'))}")
    return ", ".join(words)


@dataclass(frozen=True)
class Local:
    """An objective at a point: bounds of the value; every component of the gradient to within ``error``."""

    low: Fraction
    high: Fraction
    gradient: list[Fraction]
    error: Fraction = Fraction(0)

    @property
    def most(self) -> Fraction:
        """The square of the gradient's length, or more."""
        return sum(((abs(g) + self.error) ** 2 for g in self.gradient), Fraction(0))


class QuadraticForm:
    """The sum over columns w of the parameters of w . H w / 2 - g . w, plus a constant."""

    def __init__(self, H: Matrix, columns: Matrix, constant: Fraction, convex: bool) -> None:
        if any(len(row) != len(H) for row in H) or any(H[i][j] != H[j][i] for i in range(len(H)) for j in range(i)):
            raise Refused("the matrix is not symmetric")
        self.size, self.hessian, self.weight = len(H) * len(columns), H, Fraction(0)
        self.convex = convex or is_semidefinite(H)
        self.operations = len(H) * (self.size // 4 + 1)  # of a value and a gradient
        self._columns, self._constant = columns, constant
        flat, self._below = scaled(value for row in H for value in row)
        self._rows = [flat[i * len(H) : (i + 1) * len(H)] for i in range(len(H))]

    def at(self, a: list[Fraction]) -> Local:
        """Return value and gradient."""
        n, value, gradient = len(self._columns), self._constant, [Fraction(0)] * self.size
        for k, g in enumerate(self._columns):
            w, below = scaled(a[k::n])
            image = [dot(row, w) for row in self._rows]
            value += Fraction(dot(w, image), 2 * self._below * below**2) - sum(map(Fraction.__mul__, g, a[k::n]))
            gradient[k::n] = [Fraction(v, self._below * below) - c for v, c in zip(image, g, strict=True)]
        return Local(value, value, gradient)

    def is_smooth(self, d: Fraction) -> bool:
        """Tell whether the gradient has the Lipschitz constant d: no eigenvalue of H is larger in size."""
        return is_semidefinite(shifted(self.hessian, d, -1)) and is_semidefinite(shifted(self.hessian, d, 1))


class LinearModelLoss:
    """The sum of the objects' shares of phi(x . w, y) plus lambda |w|^2, where |phi''| is at most the curvature."""

    def __init__(self, data: Data, weight: Fraction, phi: Phi, curvature: Fraction, extra: Fraction) -> None:
        self._rows, self._below = data.integers
        self._shares, self._total = data.shares
        columns = targets(data)
        if len(columns) != 1:
            raise Refused("there is not one target for each object")
        self.targets = [value * columns[0][1] for value in columns[0][0]]
        self.size, self.weight, self._phi, self._extra = data.features, weight, phi, extra
        self.convex = phi is not _neuron
        self.operations = data.count * (data.features // 4 + (15 if phi is _huber else 150))
        self._largest = Fraction(max(abs(value) for row in self._rows for value in row), self._below)
        self._curvature = shifted([[curvature * v for v in row] for row in second_moments(data)], 2 * weight, 1)

    def at(self, a: list[Fraction]) -> Local:
        """Return value and gradient."""
        w, below = scaled(a)
        outputs = (Fraction(dot(w, row), below * self._below) for row in self._rows)
        found = [self._phi(z, y, self._extra) for z, y in zip(outputs, self.targets, strict=True)]
        values, unit = scaled(value for value, _, _ in found)
        slopes, slope = scaled(slope for _, slope, _ in found)
        value = Fraction(dot(self._shares, values), unit * self._total)
        value += self.weight * sum(v * v for v in a)
        pull = combination([s * v for s, v in zip(self._shares, slopes, strict=True)], self._rows, self.size)
        below = slope * self._total * self._below
        gradient = [Fraction(v, below) + 2 * self.weight * c for v, c in zip(pull, a, strict=True)]
        error = max(error for _, _, error in found)
        return Local(value - error, value + error, gradient, error * self._largest)

    def is_smooth(self, d: Fraction) -> bool:
        """Tell whether d is shown to be a Lipschitz constant of the gradient."""
        return is_semidefinite(shifted(self._curvature, d, -1))


def read_objective(numbers: Numbers, data: Data) -> QuadraticForm | LinearModelLoss:
    """Return the objective that a certificate speaks about."""
    name = numbers.plain("objective")
    if name == "quadratic":
        data.refuse_weights()
        (b, unit), *more = targets(data)
        if more:
            raise Refused("b is not one number for each row")
        Q = [[Fraction(value) for value in row] for row in data.rows]
        return QuadraticForm(Q, [[value * unit for value in b]], Fraction(0), False)
    weight = numbers.number("regularization")
    if weight < 0:
        raise Refused("lambda is negative")
    if name == "least squares":
        (rows, below), (shares, total) = data.integers, data.shares
        H = shifted([[2 * value for value in row] for row in second_moments(data)], 2 * weight, 1)
        columns, constant = [], Fraction(0)
        for y, unit in targets(data):
            pull = combination([s * v for s, v in zip(shares, y, strict=True)], rows, data.features)
            columns.append([2 * unit * Fraction(v, total * below) for v in pull])
            constant += unit**2 * Fraction(dot(shares, [v * v for v in y]), total)
        return QuadraticForm(H, columns, constant, True)
    threshold = numbers.number("threshold") if name == "Huber" else Fraction(1)
    if not isinstance(name, str) or name not in PHIS or threshold <= 0:
        raise Refused(f"{str(name)[:40]!r} is no objective, or the threshold is not positive")
    return LinearModelLoss(data, weight, *PHIS[name], threshold)


def second_moments(data: Data) -> Matrix:
    """Return the sum of the objects' shares of x x^T."""
    (rows, below), (shares, total) = data.integers, data.shares
    afford(data.features**2 * (data.count // 10 + 1))
    columns = list(zip(*rows, strict=True))
    weighted = [[s * v for s, v in zip(shares, column, strict=True)] for column in columns]
    return [[Fraction(dot(u, v), total * below**2) for v in columns] for u in weighted]


def _huber(z: Fraction, y: Fraction, threshold: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    r = z - y
    near = max(-threshold, min(r, threshold))
    return near * (2 * r - near), 2 * near, Fraction(0)


def _logistic(z: Fraction, y: Fraction, _: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    if abs(y) != 1:
        raise Refused("a target is neither 1 nor -1")
    low, high = exp_bounds(-abs(z))
    low_log, high_log = log_bounds(1 + low * UNIT)[0], log_bounds(1 + high * UNIT)[1]
    chance, error = _sigmoid(-y * z)
    return max(-y * z, Fraction(0)) + low_log * UNIT, -y * chance, max(error, (high_log - low_log) * UNIT)


def _neuron(z: Fraction, y: Fraction, _: Fraction) -> tuple[Fraction, Fraction, Fraction]:
    if not 0 <= y <= 1:
        raise Refused("a target is not from 0 to 1")
    s, error = _sigmoid(z)  # both results change by less than 3 times as much as s does
    return (s - y) ** 2, 2 * (s - y) * s * (1 - s), 3 * error


def _sigmoid(z: Fraction) -> tuple[Fraction, Fraction]:
    """Return 1 / (1 + exp(-z)), and how far it may be off."""
    low, high = exp_bounds(-abs(z))  # its derivative by this is at most 1 in size
    one = 1 << UNIT_BITS
    return ((one if z > 0 else low) << UNIT_BITS) // (one + low) * UNIT, (high - low + 1) * UNIT


# With s the sigmoid, the neuron's phi'' = 2 s (1 - s) (s (1 - s) + (s - y) (1 - 2 s)) is largest in size at y = 0 or
# 1, where it is 2 t^2 (1 - t) (2 - 3 t) with t = s or 1 - s: less than 0.15406 for t from 0 to 1.
PHIS: dict[str, tuple[Phi, Fraction]] = {
    "Huber": (_huber, Fraction(2)),
    "logistic": (_logistic, Fraction(1, 4)),
    "neuron": (_neuron, Fraction(15406, 100000)),
}
