"""Seeded objectives of gradient descent, many of them degenerate, and an oracle of its own for them."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from mathdl import SGD, Descent, Huber, LeastSquares, LogisticLoss, NeuronLoss, Quadratic, gradient_descent
from mathdl.certificates import Data
from mathdl.certificates.rationals import Refused, rational

SHAPES = ("normal", "integers", "duplicates", "constant", "singular", "wide", "scaled", "weighted")
CONVEX = ("quadratic", "least squares", "Huber", "logistic")
SCHEDULES = (lambda k, steps: 1 / (k + 1), lambda k, steps: k % 3 / 2)  # the second with steps of length 0
SMOOTH = (*CONVEX, "neuron", "indefinite")


def objective(seed: int, names: tuple[str, ...]) -> Any:
    """Draw an objective."""
    generator = np.random.default_rng(seed)
    name, shape = names[seed % len(names)], SHAPES[seed // len(names) % len(SHAPES)]
    N, p = int(generator.integers(3, 8)), int(generator.integers(1, 4))
    N = max(p - 1, 1) if shape == "wide" else N
    X = generator.normal(size=(N, p))
    if shape in ("integers", "duplicates"):
        X = generator.integers(-2, 3, size=(N, p)).astype(float)
    if shape == "duplicates":
        X = np.concatenate([X, X])
    if shape == "constant":
        X[:, 0] = generator.choice([0.0, 1.0])
    if shape == "singular":
        X = generator.integers(-3, 4, size=(N, 1)) * generator.integers(-2, 3, size=p).astype(float)
    if shape == "scaled":
        X = X * 10.0 ** generator.integers(-6, 7, size=p)
    weights = generator.integers(0, 4, size=len(X)) + np.eye(len(X))[0] if shape == "weighted" else None
    ridge = float(generator.choice([0.0, 0.0, 1e-3, 0.5]))
    if name in ("quadratic", "indefinite"):
        Q = np.round(X * 2**10).T @ np.round(X * 2**10) / 2**20
        if name == "indefinite":
            Q = Q - np.diag(np.round(generator.uniform(0, 2 * np.abs(Q).max(), size=p), 3))
        return Quadratic(Q, Q @ generator.integers(-3, 4, size=p) if name == "quadratic" else generator.normal(size=p))
    y = X @ generator.integers(-2, 3, size=p) + generator.normal(size=len(X))
    if shape in ("integers", "duplicates"):
        y = np.round(y)
    if name == "least squares":
        return LeastSquares(X, np.column_stack([y, -2 * y]) if seed % 3 == 0 else y, weights, ridge)
    if name == "Huber":
        return Huber(X, y, float(generator.choice([0.25, 1.0, 4.0])), weights, ridge)
    if name == "neuron":
        return NeuronLoss(X, generator.integers(0, 3, size=len(X)) / 2, weights, ridge)
    return LogisticLoss(X, generator.choice([-1, 1], size=len(X)), weights, ridge)


def run(seed: int, loss: Any) -> Descent:
    """Descend a few steps from a random start, as fast as 1/d, or more slowly, or at a rate that changes."""
    generator = np.random.default_rng([seed, 1])
    rate: float | str = "auto"
    if seed % 3 and loss.lipschitz > 0:
        rate = float(generator.uniform(0.2, 0.99)) / loss.lipschitz
    start, schedule = generator.normal(size=loss.size) * 2, SCHEDULES[seed % 5 - 3] if seed % 5 >= 3 else None
    return gradient_descent(loss, start, SGD(rate), steps=4 + seed % 7, tolerance=0, schedule=schedule)


class Oracle:
    """What a certificate states about data, by the definitions: in fractions; exp and log in 60 digits."""

    def __init__(self, numbers: Any, data: Data) -> None:
        self.name = numbers["objective"]
        self.X = [[Fraction(v) for v in row] for row in data.rows]
        self.y = [[Fraction(v) for v in (row if isinstance(row, list) else [row])] for row in data.labels or []]
        weights = [Fraction(w) for w in data.weights or [1.0] * data.count]
        self.shares = [w / sum(weights) for w in weights]
        self.ridge = rational(numbers["regularization"]) if "regularization" in numbers else Fraction(0)
        self.t = rational(numbers["threshold"]) if "threshold" in numbers else Fraction(1)
        self.d, self.steps = rational(numbers["lipschitz"]), numbers["steps"]
        if ("rates" in numbers) == ("learning_rate" in numbers):
            raise ValueError("there is one rate, or there are many")
        self.rates = [rational(rate) for rate in numbers.get("rates", ())]
        if "rates" in numbers and len(self.rates) != self.steps[-1]:
            raise ValueError("there are more or fewer rates than steps")
        if "learning_rate" in numbers:
            self.rates = [rational(numbers["learning_rate"])] * (self.steps[-1] + 1)
        self.known = all(rate * self.d <= 1 and rate >= 0 for rate in self.rates)
        self.known = self.known and ("rates" in numbers or self.rates[0] > 0)
        self.points = [[rational(v) for v in point] for point in numbers["points"]]
        self.tolerance = Fraction(0) if self.name in ("quadratic", "least squares", "Huber") else Fraction(1, 10**25)

    def phi(self, z: Fraction, y: Fraction) -> tuple[Fraction, Fraction]:
        """Return the loss of an output, and its slope."""
        r = z - y
        if self.name == "least squares" or (self.name == "Huber" and abs(r) <= self.t):
            return r * r, 2 * r
        if self.name == "Huber":
            return 2 * self.t * abs(r) - self.t**2, 2 * self.t if r > 0 else -2 * self.t
        with localcontext() as context:
            context.prec = 60
            number = Decimal(z.numerator) / Decimal(z.denominator)
            power = (-min(abs(number), Decimal(200))).exp()  # what is smaller does not matter here
            small, large = Fraction(power / (1 + power)), Fraction(1 / (1 + power))
            if self.name == "logistic":
                return Fraction((1 + power).ln()) + max(-z * y, Fraction(0)), -y * (small if z * y > 0 else large)
            s = large if z > 0 else small
            return (s - y) ** 2, 2 * (s - y) * s * (1 - s)

    def at(self, a: list[Fraction]) -> tuple[Fraction, list[Fraction]]:
        """Return value and gradient."""
        if self.name == "quadratic":
            image = [sum(q * v for q, v in zip(row, a, strict=True)) for row in self.X]
            b = [value for (value,) in self.y]
            value = sum((v * (i / 2 - c) for v, i, c in zip(a, image, b, strict=True)), Fraction(0))
            return value, [i - c for i, c in zip(image, b, strict=True)]
        n = len(self.y[0])
        value, gradient = self.ridge * sum(v * v for v in a), [2 * self.ridge * v for v in a]
        for x, y, share in zip(self.X, self.y, self.shares, strict=True):
            for k in range(n):
                loss, slope = self.phi(sum(u * a[j * n + k] for j, u in enumerate(x)), y[k])
                value += share * loss
                for j, u in enumerate(x):
                    gradient[j * n + k] += share * slope * u
        return value, gradient

    def hessian(self) -> list[list[Fraction]]:
        """Return the matrix that the second derivative is at most."""
        if self.name == "quadratic":
            return self.X
        p = range(len(self.X[0]))
        factor = {"least squares": 2, "Huber": 2, "logistic": Fraction(1, 4), "neuron": Fraction("0.154058570124020")}
        return [
            [
                factor[self.name] * sum(s * x[i] * x[j] for s, x in zip(self.shares, self.X, strict=True))
                + 2 * self.ridge * (i == j)
                for j in p
            ]
            for i in p
        ]

    def is_run(self, numbers: Any) -> bool:
        """Say whether d is a Lipschitz constant, tau <= 1/d, and the points follow one another."""
        rounding = rational(numbers["rounding"])
        H = self.hessian()
        smooth = semidefinite(added(H, self.d, -1)) and (self.name != "quadratic" or semidefinite(added(H, self.d, 1)))
        known = self.ridge >= 0 and self.t > 0 and self.known
        if not smooth or not known or any(k >= m for k, m in pairwise(self.steps)):
            return False
        if self.steps[0] != 0:
            return False
        for i in range(len(self.steps) - 1):
            gradient, tau = self.at(self.points[i])[1], self.rates[self.steps[i]]
            off = max(abs(v - u + tau * g) for u, v, g in zip(*self.points[i : i + 2], gradient, strict=True))
            if self.steps[i + 1] == self.steps[i] + 1 and off > rounding + self.tolerance * (1 + tau):
                return False
        return True


def bound_is_true(numbers: Any, data: Data) -> bool:
    """Say whether a certificate of the kind ``descent_bound`` states the truth."""
    oracle, z = Oracle(numbers, data), [rational(v) for v in numbers["reference"]]
    if oracle.name == "neuron" or not oracle.is_run(numbers) or not semidefinite(oracle.hessian()):
        return False
    least, slope = oracle.at(z)
    exact, above = oracle.name != "logistic", Fraction(0)
    if exact and any(slope):
        return False
    if "below" in numbers and not below_is_true(oracle, z, rational(numbers["below"])):
        return False
    square = sum((u - v) ** 2 for u, v in zip(oracle.points[0], z, strict=True))
    for k, point in zip(oracle.steps, oracle.points, strict=True):
        above, work = oracle.at(point)[0] - least - oracle.tolerance, sum(oracle.rates[:k])
        if work and above > square / (2 * work):
            return False
        if exact and oracle.d and above > square / (4 * work + 2 / oracle.d) + rational(numbers["excess"]):
            return False
        if exact and not oracle.d and above > rational(numbers["excess"]):
            return False
    return above <= rational(numbers["gap"])


def below_is_true(oracle: Oracle, z: list[Fraction], below: Fraction) -> bool:
    """Say whether steps with the largest curvature find no point that much below z."""
    first, w = oracle.at(z)[0], z
    if oracle.ridge <= 0:
        return False
    for _ in range(60):
        value, gradient = oracle.at(w)
        if first - value > below + oracle.tolerance:
            return False
        step = np.linalg.solve(np.array(oracle.hessian(), float), np.array(gradient, float))
        w = [u - Fraction(float(v)) for u, v in zip(w, step, strict=True)]
    return True


def decrease_is_true(numbers: Any, data: Data) -> bool:
    """Say whether a certificate of the kind ``descent_decrease`` states the truth."""
    oracle = Oracle(numbers, data)
    if not oracle.is_run(numbers) or oracle.steps != list(range(len(oracle.steps))):
        return False
    found, total = [oracle.at(point) for point in oracle.points], Fraction(0)
    for tau, ((value, gradient), (later, _)) in zip(oracle.rates, pairwise(found), strict=False):
        square = sum(g * g for g in gradient)
        total += tau * square
        least = tau * (1 - tau * oracle.d / 2) * square
        if later - value + least > rational(numbers["excess"]) + oracle.tolerance * (1 + square):
            return False
    return total <= rational(numbers["limit"]) + oracle.tolerance * (1 + total)


def truth(is_true: Any, numbers: Any, data: Data) -> bool:
    """Say whether numbers state the truth, where they are no numbers: no."""
    try:
        return bool(is_true(numbers, data))
    except (Refused, ArithmeticError, LookupError, TypeError, ValueError):
        return False


def added(matrix: list[list[Fraction]], shift: Fraction, sign: int) -> list[list[Fraction]]:
    """Return shift I + sign matrix."""
    return [[shift * (i == j) + sign * v for j, v in enumerate(row)] for i, row in enumerate(matrix)]


def semidefinite(matrix: list[list[Fraction]]) -> bool:
    """Say whether no principal minor is negative."""
    count = range(len(matrix))
    return all(
        determinant([[matrix[i][j] for j in chosen] for i in chosen]) >= 0
        for size in range(1, len(matrix) + 1)
        for chosen in combinations(count, size)
    )


def determinant(matrix: list[list[Fraction]]) -> Fraction:
    """Expand by the first row."""
    if not matrix:
        return Fraction(1)
    return sum(
        (
            (-1) ** j * v * determinant([[*row[:j], *row[j + 1 :]] for row in matrix[1:]])
            for j, v in enumerate(matrix[0])
        ),
        Fraction(0),
    )
