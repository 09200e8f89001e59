"""Certificates of the distance to logistic regression's minimum."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certificates.logistic_problems import fitted, problem
from certificates.sweep import Oracle as Judge
from geometry.naive_hulls import number
from mathdl import LogisticRegression
from mathdl.certificates import Certificate, Data, verify, write
from mathdl.errors import NotCertifiedError

STRENGTHS = (0.0, 1e-6, 0.01, 1.0)
DIGITS = 40
Vector = list[Decimal]


def decimal(text: Any) -> Decimal:
    exact = Fraction(text)
    return Decimal(exact.numerator) / Decimal(exact.denominator)


class Oracle:
    """The objective in decimals of 40 digits: value, gradient and Hessian as the formulas say; nothing of mathdl."""

    def __init__(self, X: Any, y: Any, weights: Any, classes: list[Any], strength: Decimal) -> None:
        self.rows = [[decimal(v) for v in (*x, 1.0)] for x in X]
        self.codes, self.K, self.strength = [classes.index(label) for label in y], len(classes), strength
        weights = [decimal(1 if weights is None else weights[i]) for i in range(len(X))]
        self.shares = [w / sum(weights) for w in weights]
        self.used = range(1, 2) if self.K == 2 else range(self.K)

    def chances(self, u: list[Vector], i: int) -> tuple[Vector, Decimal]:
        """Return the probabilities of the classes and the loss of object i."""
        z = [Decimal(0)] * self.K
        for k, row in zip(self.used, u, strict=True):
            z[k] = sum((a * b for a, b in zip(row, self.rows[i], strict=True)), Decimal(0))
        powers = [(t - max(z)).exp() for t in z]
        return [e / sum(powers) for e in powers], sum(powers).ln() + max(z) - z[self.codes[i]]

    def value(self, u: list[Vector]) -> Decimal:
        penalty = self.strength * sum((v * v for row in u for v in row[:-1]), Decimal(0))
        return penalty + sum((s * self.chances(u, i)[1] for i, s in enumerate(self.shares)), Decimal(0))

    def step(self, u: list[Vector]) -> tuple[Vector, Decimal]:
        """Return Newton's step, a very little regularised, and its decrement squared."""
        width, count = len(self.rows[0]), len(self.used)
        g = [2 * self.strength * v if j < width - 1 else Decimal(0) for row in u for j, v in enumerate(row)]
        H = [[Decimal(0)] * (width * count) for _ in range(width * count)]
        for j in range(width * count):
            H[j][j] = Decimal("1e-30") + (2 * self.strength if j % width < width - 1 else 0)
        for i, (share, x) in enumerate(zip(self.shares, self.rows, strict=True)):
            p, _ = self.chances(u, i)
            for a, k in enumerate(self.used):
                for b, v in enumerate(x):
                    g[a * width + b] += share * (p[k] - (k == self.codes[i])) * v
                for c, m in enumerate(self.used):
                    weight = share * (p[k] * (k == m) - p[k] * p[m])
                    for b, v in enumerate(x):
                        for d, w in enumerate(x):
                            H[a * width + b][c * width + d] += weight * v * w
        step = eliminate(H, [-v for v in g])
        return step, -sum((a * b for a, b in zip(step, g, strict=True)), Decimal(0))

    def minimum(self, u: list[Vector], enough: Decimal) -> Decimal:
        """Return a value that no more than rounding separates from the infimum, or one below ``enough``."""
        width, value = len(self.rows[0]), self.value(u)
        for _ in range(200):
            step, decrement = self.step(u)
            if value < enough or decrement < Decimal("1e-28") * (value + Decimal("1e-6")):
                break
            length = Decimal(1)
            while length > Decimal("1e-9"):
                moved = [[v + length * step[a * width + j] for j, v in enumerate(row)] for a, row in enumerate(u)]
                if (lower := self.value(moved)) < value:
                    u, value = moved, lower
                    break
                length /= 2
            else:
                break
        return value


def eliminate(H: list[Vector], g: Vector) -> Vector:
    """Solve H x = g."""
    rows = [[*row, v] for row, v in zip(H, g, strict=True)]
    n = len(rows)
    for k in range(n):
        pivot = max(range(k, n), key=lambda i: abs(rows[i][k]))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(n):
            if i != k:
                factor = rows[i][k] / rows[k][k]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [rows[k][n] / rows[k][k] for k in range(n)]


MIN_SHARE = 0.4


def make(seed: int) -> tuple[Certificate, Data] | None:
    X, y, weights = problem(seed)
    model = fitted(X, y, weights, STRENGTHS[seed // 8 % 4])
    if model.status_ == "no minimiser":
        return None
    certificate = model.certify()
    assert certificate.kind == "logistic"
    assert model.gap_ < 1e-8 * max(model.objective_, 1e-3)
    return certificate, Data(X, y, weights)


def judge(certificate: Certificate, data: Data) -> Judge:
    def precisely(numbers: Mapping[str, Any]) -> bool:
        with localcontext() as context:
            context.prec = DIGITS
            return is_true(numbers, data)

    return precisely


def is_true(numbers: Mapping[str, Any], data: Data) -> bool:
    """Say whether the objective of the weights is at most as stated, and no other by more than the gap smaller."""
    X, y, weights = data.rows, data.labels, data.weights
    if sorted(map(json.dumps, set(y))) != sorted(map(json.dumps, numbers["classes"])):
        return False
    strength, objective, gap = (decimal(number(numbers[name])) for name in ("regularization", "objective", "gap"))
    if strength < 0:
        return False  # there is no least objective
    oracle = Oracle(X, y, weights, numbers["classes"], strength)
    u = [[decimal(number(v)) for v in (*w, b)] for w, b in zip(numbers["coef"], numbers["intercept"], strict=True)]
    if oracle.value(u) > objective:
        return False
    start = [[Decimal(0)] * len(u[0]) for _ in u] if abs(oracle.value(u)) > 1000 else u
    return oracle.minimum(start, objective - gap) >= objective - gap


# One object of either class at the same place: the best is a half each, and the loss log 2.
X, Y = [[3.0], [3.0]], ["a", "b"]
LOG_2 = "0x1.62e42fefa39f0p-1"  # a little more than log 2
NUMBERS: dict[str, Any] = {
    "classes": ["a", "b"],
    "regularization": "0",
    "coef": [["0"]],
    "intercept": ["0"],
    "objective": LOG_2,
    "gap": "0x1p-52",
    "others": [["1/2"], ["1/2"]],
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"classes": ["b", "a"]}, None),
        ({"regularization": "2"}, None),
        ({"objective": "0x1.62e42fefa39efp-1"}, "no objective as small"),  # the float just below log 2
        ({"intercept": ["1"]}, "no objective as small"),
        ({"intercept": ["1"], "objective": "1", "gap": "308/1000"}, None),
        ({"intercept": ["1"], "objective": "1", "gap": "306/1000"}, "not ruled out"),
        ({"coef": [["1"]], "intercept": ["-3"]}, None),
        ({"coef": [["1"]], "intercept": ["-3"], "regularization": "1"}, "no objective as small"),
        ({"gap": "0"}, "not ruled out"),
        ({"gap": "-1"}, "not ruled out"),
        ({"regularization": "-1"}, "negative"),
        ({"others": [["1/2"], ["1/3"]]}, "not balanced"),
        ({"others": [["1/2"], ["1/3"]], "regularization": "1", "gap": "1"}, "not balanced"),
        ({"others": [["2"], ["2"]]}, "negative"),
        ({"others": [["-1"], ["-1"]]}, "negative"),
        ({"others": [["0"], ["0"]]}, "not ruled out"),
        ({"others": [["1/2"]]}, "no list of 2"),
        ({"classes": ["a", "c"]}, "not the labels"),
        ({"classes": ["a", "b", "c"]}, "not the labels"),
    ],
)
def test_the_checker(change: dict[str, Any], reason: str | None) -> None:
    data, numbers = Data(X, Y), NUMBERS | change
    verdict = verify(write("logistic", numbers, data), data)
    assert verdict.valid == (reason is None), verdict.reason
    assert reason is None or reason in verdict.reason


def test_balance_is_needed_for_every_feature_only_where_nothing_is_regularised() -> None:
    # The two objects do not lie at the same place, and the second class can be told by x > 0.
    data = Data([[-1.0], [1.0]], Y)
    numbers = NUMBERS | {"objective": "1", "gap": "0.9".replace("0.9", "9/10")}
    assert "not balanced" in verify(write("logistic", numbers, data), data).reason
    # With lambda the pull of x costs |r|^2 / (4 lambda) = 1/16 at lambda = 1, r = 1/2.
    numbers |= {"regularization": "1", "gap": "37/100"}  # 1 - (log 2 - 1/16) = 0.3694
    assert verify(write("logistic", numbers, data), data)
    assert "not ruled out" in verify(write("logistic", numbers | {"gap": "369/1000"}, data), data).reason


def test_many_features_without_regularisation_have_no_certificate() -> None:
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(400, 61)), generator.integers(0, 2, 400)
    model = LogisticRegression().fit(X, y)
    with pytest.raises(NotCertifiedError, match="more than 60 features"):
        model.certify()
    assert model.status_ == "converged"
    assert model.fit(X[:, :60], y).certify().kind == "logistic"
    assert LogisticRegression(0.01).fit(X, y).certify().kind == "logistic"
