from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certificates.sweep import Oracle
from geometry.naive_hulls import inner, number, square_distance
from geometry.random_points import two_sets
from mathdl import Certificate, HardMarginSVM, verify
from mathdl.certificates import Data, write
from mathdl.errors import NotSeparableError

X, Y = [[-1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [2.0, 0.0], [-1.0, 1.0], [0.5, 1.0]], [-1, 1, -1, 1, -1, 1]
NUMBERS: dict[str, Any] = {
    "normal": ["2", "1"],
    "offset": "1",
    "multipliers": ["0", "3/2", "5/2", "0", "0", "1"],
    "gap": "0",
    "positive": 1,
}


MIN_SHARE = 0.5


def make(seed: int) -> tuple[Certificate, Data] | None:
    A, B = two_sets(seed, 4 if seed % 7 == 0 else 9)
    X, y = np.vstack([A, B]), [False] * len(A) + [True] * len(B)
    weights = None if seed % 5 else np.arange(1.0, len(X) + 1)
    try:
        return HardMarginSVM().fit(X, y, weights).certify(), Data(X, y, weights)
    except NotSeparableError as error:
        shown = verify(error.separation.certificate, X, ["A"] * len(A) + ["B"] * len(B))
    assert shown
    return None


def judge(certificate: Certificate, data: Data) -> Oracle:
    LEAST.clear()
    return lambda numbers: stated(numbers, data.rows, data.labels)


LEAST: dict[str, Fraction] = {}


def stated(numbers: Mapping[str, Any], X: Any, y: Any) -> bool:
    """Feasible, and half of |w|^2 not further above the minimum than the gap; all in fractions."""
    normal, offset = [number(v) for v in numbers["normal"]], number(numbers["offset"])
    if numbers["positive"] not in y or isinstance(numbers["positive"], str):
        return False
    signs = [1 if label == numbers["positive"] else -1 for label in y]
    if any(s * (inner(normal, [Fraction(v) for v in x]) - offset) < 1 for s, x in zip(signs, X, strict=True)):
        return False
    if str(X) not in LEAST:
        LEAST[str(X)] = least(numbers, X, y, signs)
    return inner(normal, normal) / 2 - LEAST[str(X)] <= number(numbers["gap"])


def least(numbers: Mapping[str, Any], X: Any, y: Any, signs: list[int]) -> Fraction:
    """The minimum: of a small problem from all simplices, else from the duality that the multipliers show."""
    classes = [[x for x, sign in zip(X, signs, strict=True) if sign == s] for s in (1, -1)]
    if len(X) < 7 and len(X[0]) < 4:
        return 2 / square_distance(*classes)
    multipliers = [number(a) for a in numbers["multipliers"]]
    signed = [sign * a for sign, a in zip(signs, multipliers, strict=True)]
    assert min(multipliers) >= 0
    assert sum(signed) == 0
    vector = [inner(signed, [Fraction(v) for v in column]) for column in zip(*X, strict=True)]
    assert number(numbers["gap"]) == 0
    return sum(multipliers) - inner(vector, vector) / 2


def certificate(**changes: Any) -> Certificate:
    return write("hard_margin", {**NUMBERS, **changes}, Data(X, Y))


def test_it_is_put_into_words() -> None:
    assert certificate().statement == (
        "For w of the hyperplane w.x = b, w.x - b is at least 1 for those of the 6 objects labelled 1 and at most -1 "
        "for the others, and half of |w|^2, 2.5, is the least possible value."
    )
    assert certificate(gap="1/8").statement.endswith(
        "half of |w|^2, 2.5, exceeds the least possible value by at most 0.125."
    )
    assert verify(certificate(), X, Y)
    assert verify(certificate(gap="1/8"), X, Y)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"gap": "-1/1000"}, "The lower bound is further below"),
        ({"normal": ["3", "1"], "offset": "3/2"}, "The lower bound is further below"),
        ({"normal": ["2", "0"]}, "Object 5 lies on the wrong side or within the strip"),
        ({"offset": "9/8"}, "Object 1 lies on the wrong side or within the strip"),
        ({"multipliers": ["-1", "3/2", "7/2", "0", "0", "1"]}, "A multiplier is negative"),
        ({"multipliers": ["0", "3/2", "5/2", "0", "0", "2"]}, "A multiplier is negative, or those of the two classes"),
        ({"multipliers": ["0", "2", "2", "0", "0", "0"]}, "The lower bound is further below"),
        ({"multipliers": ["0"] * 6}, "The lower bound is further below"),
        ({"multipliers": ["0"] * 5}, "'multipliers' is no list of 6"),
        ({"positive": -1}, "Object 0 lies on the wrong side"),
        ({"positive": 2}, "The labels are not two"),
    ],
)
def test_a_false_one_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert verify(certificate(**changes), X, Y).reason.startswith(reason)
