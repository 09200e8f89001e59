"""Certificates of the best clusters of numbers, and changed ones, against a plain program in fractions."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certificates.sweep import Oracle
from geometry.naive_hulls import number
from mathdl import Certificate, KMeans, verify
from mathdl.certificates import Data, write
from mathdl.certificates.intervals import Intervals

Numbers = Mapping[str, Any]


def cost(objects: list[tuple[Fraction, Fraction]]) -> Fraction:
    """The weighted sum of squared distances to the mean."""
    mass = sum(w for _, w in objects)
    mean = sum(x * w for x, w in objects) / mass
    return sum((w * (x - mean) ** 2 for x, w in objects), Fraction(0))


def least(objects: list[tuple[Fraction, Fraction]], k: int) -> Fraction:
    """The least cost of at most k intervals."""
    n = len(objects)
    best = [Fraction(0), *(cost(objects[:j]) for j in range(1, n + 1))]
    for _ in range(1, min(k, n)):
        best = [min([best[j], *(best[i] + cost(objects[i:j]) for i in range(1, j))]) for j in range(n + 1)]
    return best[n]


def stated(numbers: Numbers, X: Any, weights: Any) -> bool:
    """Whether the numbers say what is true: the cuts are cuts, their cost is the cost, and it is the least."""
    cuts, k = [number(cut) for cut in numbers["cuts"]], numbers["clusters"]
    weights = [1.0] * len(X) if weights is None else weights
    objects = sorted((Fraction(x), Fraction(w)) for (x,), w in zip(X, weights, strict=True))
    if type(k) is not int or len(cuts) != min(k, len({x for x, _ in objects})) - 1 or sorted(set(cuts)) != cuts:
        return False
    clusters = [[each for each in objects if sum(cut <= each[0] for cut in cuts) == c] for c in range(len(cuts) + 1)]
    if not all(clusters):
        return False
    return number(numbers["cost"]) == sum(map(cost, clusters)) == least(objects, k)


def problem(seed: int) -> tuple[Any, Any, int]:
    """Numbers, weights and k: of all scales, with many equal ones, in groups far apart, one object a cluster."""
    generator = np.random.default_rng(seed)
    n, k = int(generator.integers(1, 15)), int(generator.integers(1, 6))
    x = [
        lambda: generator.normal(size=n),
        lambda: generator.integers(-4, 5, n) / generator.choice([1, 3, 7]),
        lambda: np.full(n, generator.normal()),
        lambda: 1 + 1e-12 * generator.integers(0, 9, n) + generator.integers(0, 2, n),
        lambda: np.arange(n) * generator.normal(),
        lambda: np.exp(generator.uniform(-14, 14, n)) * generator.choice([-1, 1], n),
    ][seed % 6]() * 10.0 ** generator.integers(-6, 7)
    kinds = [None, generator.integers(1, 4, n).astype(float), 10.0 ** generator.uniform(-6, 6, n)]
    return x[:, None], kinds[seed // 6 % 3], min(k, n)


MIN_SHARE = 1


def make(seed: int) -> tuple[Certificate, Data]:
    X, weights, k = problem(seed)
    model = KMeans(k).fit(X, sample_weight=weights)
    certificate = model.certify()
    assert model.status_ == "certified"
    return certificate, Data(X, None, weights)


def judge(certificate: Certificate, data: Data) -> Oracle:
    return lambda numbers: stated(numbers, data.rows, data.weights)


def test_ten_clusters_of_two_thousand_numbers() -> None:
    generator = np.random.default_rng(0)
    X = np.concatenate([generator.normal(size=1500), generator.integers(-9, 9, 500) / 8])[:, None]
    model = KMeans(10).fit(X)
    start = time.perf_counter()
    model.certify()
    assert model.status_ == "certified"
    assert time.perf_counter() - start < 60


def test_objects_without_weight_are_absent() -> None:
    X, weights = [[0.0], [1.0], [5.0], [6.0]], [1.0, 1.0, 0.0, 2.0]
    best = write("interval_clusters", {"clusters": 2, "cuts": ["6"], "cost": "1/2"}, Data(X, None, weights))
    assert verify(best, X, None, weights)
    assert stated(best.numbers, [X[0], X[1], X[3]], [1.0, 1.0, 2.0])


X = [[10.0], [1.0], [2.0], [11.0]]
NUMBERS = {"clusters": 2, "cuts": ["7/2"], "cost": "1"}


def certificate(X: Any = X, **changes: Any) -> Certificate:
    return write("interval_clusters", {**NUMBERS, **changes}, Data(X))


def test_it_is_put_into_words() -> None:
    assert certificate().statement == (
        "The cuts divide 4 numbers into clusters whose squared distances to their means add up to 1; "
        "no division into at most 2 clusters has a smaller sum."
    )
    assert verify(certificate(), X)
    assert verify(certificate(cuts=["10"]), X)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"cost": "3/2"}, "The stated cost is not that of the clusters"),
        ({"cuts": ["2"], "cost": "146/3"}, "There are clusters that cost less"),
        ({"cuts": ["1"]}, "The cuts are not in order, or there is no number between two of them"),
        ({"cuts": ["12"]}, "The cuts are not in order, or there is no number between two of them"),
        ({"clusters": 3, "cuts": ["10", "2"], "cost": "1/2"}, "The cuts are not in order"),
        ({"clusters": 3, "cuts": ["3", "4"], "cost": "1"}, "The cuts are not in order"),
        ({"cuts": []}, "'cuts' is no list of 1"),
        ({"cuts": ["x"]}, "'x' is no number"),
        ({"cuts": 5}, "'cuts' is no list of 1"),
    ],
)
def test_it_is_refused(changes: dict[str, Any], reason: str) -> None:
    verdict = verify(certificate(**changes), X)
    assert not verdict
    assert re.match(reason, verdict.reason), verdict.reason


@pytest.mark.parametrize("clusters", [0, -1, True, "2", 2.0])
def test_a_number_of_clusters_that_is_none(clusters: Any) -> None:
    verdict = verify(Certificate("interval_clusters", "", {**NUMBERS, "clusters": clusters}, Data(X).fingerprint), X)
    assert verdict.reason == "'clusters' is no positive whole number."


def test_objects_with_more_features_are_refused() -> None:
    points = [[0.0, 1.0], [1.0, 1.0]]
    assert verify(certificate(points, cuts=["1"], cost="0"), points).reason == "The objects have more than one feature."


def test_weights_are_said() -> None:
    data = Data(X, None, [1, 1, 1, 1e-9])
    stated = "The cuts divide 4 numbers into clusters whose weighted squared distances to their means add up to 1;"
    assert write("interval_clusters", NUMBERS, data).statement.startswith(stated)


def test_costs_that_are_nearly_equal_are_compared_exactly() -> None:
    sums = Intervals(Data([[0.0], [1.0], [2.0], [3.0]]))
    tiny = Fraction(1, 2**40)  # less than the whole numbers that are compared first can tell
    for better in (1, 2):
        before = [Fraction(0), Fraction(2), Fraction(7, 2), Fraction(9)]
        before[better] -= tiny
        assert sums.best(before, sums.floors(before), range(1, 4), 4) == (4 - tiny, better)
    equal = [Fraction(0), Fraction(2), Fraction(7, 2), Fraction(9)]
    assert sums.best(equal, sums.floors(equal), range(1, 4), 4) == (4, 1)
