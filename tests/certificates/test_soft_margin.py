"""Certificates of soft margins: random ones and changed ones, against exact arithmetic that shares nothing with it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certificates.sweep import Oracle as Judge
from geometry.naive_hulls import number
from mathdl import Certificate, SoftMarginSVM, verify
from mathdl.certificates import Data, write
from mathdl.errors import ConvergenceWarning
from solvers.naive_soft_margin import dual_at, exact_minimum, value_at

KINDS = ("normal", "integers", "collinear", "duplicates", "constant", "one of a class", "separable", "mixed scales")
X, Y = [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [2.0, 0.0]], [-1, 1, -1, 1]
NUMBERS: dict[str, Any] = {
    "regularization": "1/10",
    "normal": ["5/4", "0"],
    "offset": "5/8",
    "positive": 1,
    "multipliers": ["0", "1", "1", "0"],
    "objective": "11/32",
    "gap": "0",
}


def draw(seed: int) -> tuple[Any, list[str], Any, float]:
    """A random problem: objects, labels, weights or None, lambda."""
    generator = np.random.default_rng(seed)
    kind = KINDS[seed % len(KINDS)]
    count = int(generator.integers(2, 5 if seed % 3 == 0 else 30))
    features = int(generator.integers(1, 4 if seed % 3 == 0 else 40 if seed % 5 == 0 else 6))
    points = generator.normal(size=(count, features))
    if kind == "integers":
        points = generator.integers(-2, 3, (count, features)).astype(float)
    elif kind == "collinear":
        points = np.outer(generator.integers(-5, 6, count), generator.integers(-3, 4, features)).astype(float)
    elif kind == "duplicates":
        points = points[generator.integers(0, max(1, count // 3), count)]
    elif kind == "constant":
        points[:, generator.integers(0, features)] = generator.choice([0, 1, 1000])
    positive = generator.random(count) < 0.5
    if kind == "one of a class":
        positive[:] = False
    elif kind == "separable":
        positive = points @ generator.normal(size=features) > 0
    if positive.all() or not positive.any():
        positive[generator.integers(0, count)] ^= True
    each = features if kind == "mixed scales" else 1
    points *= 10.0 ** generator.integers(-6, 7, each)
    weights = generator.choice([0.001, 0.5, 1.0, 2.0, 1000.0], count) if seed % 2 else None
    labels = ["yes" if one else "no" for one in positive]
    return points, labels, weights, float(10 ** generator.uniform(-8, 8))


def fitted(seed: int) -> tuple[SoftMarginSVM, Any, list[str], Any]:
    points, labels, weights, regularization = draw(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = SoftMarginSVM(regularization).fit(points, labels, weights)
    return model, points, labels, weights


class Oracle:
    """What is true of one problem, in fractions: its least value, or, of larger ones, a value that is hardly more."""

    def __init__(self, numbers: Mapping[str, Any], data: Data) -> None:
        whole = [Fraction(v) for v in data.weights or [1] * data.count]
        self.shares = [v / sum(whole) for v in whole]
        self.points, self.labels, self.regularization = data.rows, data.labels, number(numbers["regularization"])
        self.signs = [1 if label == "yes" else -1 for label in data.labels]
        self.numbers, self.small = numbers, data.count < 5 and data.features < 4
        if self.small:
            self.least = exact_minimum(self.points, self.signs, self.shares, self.regularization)
        else:
            self.least = self.value(numbers, self.signs, self.regularization)
        multipliers = [number(v) / sum(whole) for v in numbers["multipliers"]]
        assert dual_at(self.points, self.signs, self.regularization, multipliers) <= self.least

    def value(self, numbers: Mapping[str, Any], signs: list[int], regularization: Fraction) -> Fraction:
        w, b = [number(v) for v in numbers["normal"]], number(numbers["offset"])
        return value_at(self.points, signs, self.shares, regularization, w, b)

    def __call__(self, numbers: Mapping[str, Any]) -> bool:
        """Whether what these numbers state is true (another lambda makes another problem)."""
        regularization, label = number(numbers["regularization"]), numbers["positive"]
        if regularization <= 0 or label not in self.labels:
            return False
        signs = [1 if one == label else -1 for one in self.labels]
        least = self.least
        if (regularization, signs) != (self.regularization, self.signs):
            if self.small:
                least = exact_minimum(self.points, signs, self.shares, regularization)
            else:  # at most what the plane found has, the other way round where the signs are
                least = self.value(self.numbers, self.signs, regularization)
        objective = number(numbers["objective"])
        return self.value(numbers, signs, regularization) <= objective and objective - number(numbers["gap"]) <= least


MIN_SHARE = 1


def make(seed: int) -> tuple[Certificate, Data]:
    model, points, labels, weights = fitted(seed)
    reached, certificate = model.status_, model.certify()
    assert (reached, model.status_) == ("converged", "certified")
    assert number(certificate.numbers["gap"]) <= Fraction(2, 10**9) * number(certificate.numbers["objective"])
    return certificate, Data(points, labels, weights)


def judge(certificate: Certificate, data: Data) -> Judge:
    return Oracle(certificate.numbers, data)


def test_hinge_losses_that_are_rounding_do_not_hide_a_small_minimum() -> None:
    for seed in (685, 745, 785, 949):  # their minima are 3e-15, 6e-13, 1e-16 and 7e-15
        assert make(seed)


def test_rounding_does_not_end_the_search_early() -> None:
    for seed in (299, 355, 475, 875, 5452, 7028, 7172):  # some of which it did end, others with each BLAS kernel
        assert make(seed)


def certificate(**changes: Any) -> Certificate:
    return write("soft_margin", {**NUMBERS, **changes}, Data(X, Y))


def test_it_is_put_into_words() -> None:
    assert certificate().statement == (
        "lambda |w|^2 + the mean over 4 objects of max(0, 1 - y (w.x - b)), with lambda = 0.1 and y = 1 for those "
        "labelled 1 and -1 for the others, is at most 0.34375 for the w and b shown; for no others is it smaller."
    )
    assert verify(certificate(), X, Y)


@pytest.mark.parametrize("changes", [{"offset": "1/4"}, {"offset": "1"}, {"gap": "1"}, {"objective": "1", "gap": "1"}])
def test_another_true_one_is_accepted(changes: dict[str, Any]) -> None:
    assert verify(certificate(**changes), X, Y)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"gap": "-1/1000"}, "The lower bound is further below"),
        ({"objective": "10/32"}, "The objective at w and b is larger than stated"),
        ({"objective": "12/32"}, "The lower bound is further below"),
        ({"normal": ["5/4", "1/100"]}, "The objective at w and b is larger than stated"),
        ({"offset": "1/5"}, "The objective at w and b is larger than stated"),
        ({"offset": "101/100"}, "The objective at w and b is larger than stated"),
        ({"regularization": "11/100"}, "The objective at w and b is larger than stated"),
        ({"regularization": "9/100"}, "The lower bound is further below"),
        ({"regularization": "0"}, "Lambda is not positive"),
        ({"regularization": "-1/10"}, "Lambda is not positive"),
        ({"multipliers": ["0", "3/2", "3/2", "0"]}, "A multiplier is negative or larger than its weight"),
        ({"multipliers": ["-1", "0", "1", "0"]}, "A multiplier is negative or larger than its weight"),
        ({"multipliers": ["0", "1", "1/2", "0"]}, "The multipliers of the two classes differ"),
        ({"multipliers": ["0", "3/4", "3/4", "0"]}, "The lower bound is further below"),
        ({"multipliers": ["0"] * 3}, "'multipliers' is no list of 4"),
        ({"positive": -1}, "The objective at w and b is larger than stated"),
        ({"positive": 2}, "The labels are not two"),
    ],
)
def test_a_false_one_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert verify(certificate(**changes), X, Y).reason.startswith(reason)


def test_weights_are_those_of_the_mean() -> None:
    # The first object twice is the first object with weight 2.
    numbers = {**NUMBERS, "regularization": "1/8", "normal": ["4/5", "0"], "offset": "0", "gap": "1"}
    weighted = write("soft_margin", numbers | {"multipliers": ["0"] * 4, "objective": "1"}, Data(X, Y, [2, 1, 1, 1]))
    assert verify(weighted, X, Y, [2, 1, 1, 1])
    assert not verify(weighted, X, Y, [1, 1, 1, 1])
    exact = value_at([X[0], *X], [Y[0], *Y], [Fraction(1, 5)] * 5, Fraction(1, 8), [Fraction(4, 5), 0], 0)
    for objective, valid in ((exact, True), (exact - Fraction(1, 10**9), False)):
        stated = numbers | {"multipliers": ["0"] * 4, "objective": str(objective)}
        assert bool(verify(write("soft_margin", stated, Data(X, Y, [2, 1, 1, 1])), X, Y, [2, 1, 1, 1])) is valid
    heavy = numbers | {"multipliers": ["2", "1", "0", "1"], "objective": "1", "gap": "9"}
    assert verify(write("soft_margin", heavy, Data(X, Y, [2, 1, 1, 1])), X, Y, [2, 1, 1, 1])
    assert not verify(write("soft_margin", heavy, Data(X, Y)), X, Y)


def test_weights_are_said() -> None:
    weighted = write("soft_margin", NUMBERS, Data(X, Y, [2, 1, 1, 1])).statement
    assert weighted.startswith("lambda |w|^2 + the weighted mean over 4 objects of max")
