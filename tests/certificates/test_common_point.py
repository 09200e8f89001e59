from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certificates.sweep import Oracle
from geometry.naive_hulls import number
from geometry.random_points import two_sets
from mathdl import Certificate, separate, verify
from mathdl.certificates import Data, write

X, Y = [[0.0, 0.0], [2.0, 2.0], [1.0, 0.0], [1.0, 4.0]], ["a", "a", "b", "b"]
NUMBERS = {"weights": ["1/2", "1/2", "3/4", "0x1p-2"], "positive": "b"}


MIN_SHARE = 0.3


def make(seed: int) -> tuple[Certificate, Data] | None:
    A, B = two_sets(seed)
    found = separate(A, B)
    labels = ["A"] * len(A) + ["B"] * len(B)
    return (found.certificate, Data(np.vstack([A, B]), labels)) if not found.separable else None


def judge(certificate: Certificate, data: Data) -> Oracle:
    return lambda numbers: stated(numbers, data.rows, data.labels)


def stated(numbers: Mapping[str, Any], X: Any, y: Any) -> bool:
    """The two convex combinations, in fractions."""
    weights = [number(weight) for weight in numbers["weights"]]
    if numbers["positive"] not in y or len(set(y)) != 2 or min(weights) < 0:
        return False
    points = []
    for label in set(y):
        own = [(weight, x) for weight, x, its in zip(weights, X, y, strict=True) if its == label]
        if sum(weight for weight, _ in own) != 1:
            return False
        points.append([sum(weight * Fraction(x[j]) for weight, x in own) for j in range(len(X[0]))])
    return points[0] == points[1]


def certificate(**changes: Any) -> Certificate:
    return write("common_point", {**NUMBERS, **changes}, Data(X, Y))


def test_it_is_put_into_words() -> None:
    assert certificate().statement == (
        "No hyperplane separates the 4 objects strictly: a convex combination of those labelled 'b' is also one of the "
        "others."
    )
    assert verify(certificate(), X, Y)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"weights": ["1/2", "1/2", "1/2", "1/2"]}, "The two convex combinations are different"),
        ({"weights": ["3/2", "-1/2", "3/4", "1/4"]}, "A weight is negative"),
        ({"weights": ["1", "1", "3/2", "1/2"]}, "The weights of a class do not sum to 1"),
        ({"weights": ["0", "0", "0", "0"]}, "The weights of a class do not sum to 1"),
        ({"weights": ["1/2", "1/2", "3/4"]}, "'weights' is no list of 4"),
        ({"positive": "c"}, "The labels are not two"),
    ],
)
def test_a_false_one_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert verify(certificate(**changes), X, Y).reason.startswith(reason)


def test_data_without_labels_are_refused() -> None:
    unlabelled = Data(X)
    assert verify(write("common_point", NUMBERS, unlabelled), unlabelled).reason == "The data have no labels."
