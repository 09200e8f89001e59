from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from certificates.sweep import Oracle
from geometry.naive_hulls import number
from geometry.random_points import two_sets
from mathdl import Certificate, separate, verify
from mathdl.certificates import Data, write

X, Y = [[0.0, 0.0], [0.0, 2.0], [3.0, 1.0]], ["n", "n", "p"]
NUMBERS = {"normal": ["1", "0"], "offset": "3/2", "gap": "0x1.8p+0", "positive": "p"}


MIN_SHARE = 0.5


def make(seed: int) -> tuple[Certificate, Data] | None:
    A, B = two_sets(seed)
    found = separate(A, B)
    labels = ["A"] * len(A) + ["B"] * len(B)
    return (found.certificate, Data(np.vstack([A, B]), labels)) if found.separable else None


def judge(certificate: Certificate, data: Data) -> Oracle:
    return lambda numbers: stated(numbers, data.rows, data.labels)


def stated(numbers: Mapping[str, Any], X: Any, y: Any) -> bool:
    """The strict separation, in fractions."""
    normal, offset, gap = [number(v) for v in numbers["normal"]], number(numbers["offset"]), number(numbers["gap"])
    if numbers["positive"] not in y or len(set(y)) != 2 or gap <= 0:
        return False
    values = [sum(w * Fraction(v) for w, v in zip(normal, x, strict=True)) - offset for x in X]
    return all(v >= gap if label == numbers["positive"] else v <= -gap for v, label in zip(values, y, strict=True))


def certificate(**changes: Any) -> Certificate:
    return write("hyperplane", {**NUMBERS, **changes}, Data(X, Y))


def test_it_is_put_into_words() -> None:
    assert certificate().statement == (
        "The hyperplane w.x = b separates the 3 objects strictly: w.x - b is at least 1.5 "
        "for those labelled 'p' and at most minus that for the others."
    )
    assert verify(certificate(), X, Y)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"gap": "0"}, "The gap is not positive"),
        ({"gap": "-1"}, "The gap is not positive"),
        ({"gap": "1501/1000"}, "Object 0 lies on the wrong side"),
        ({"offset": "1"}, "Object 0 lies on the wrong side"),
        ({"normal": ["1"]}, "'normal' is no list of 2"),
        ({"positive": "n"}, "Object 0 lies on the wrong side"),
        ({"positive": "q"}, "The labels are not two of which 'q' is one"),
    ],
)
def test_a_false_one_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert verify(certificate(**changes), X, Y).reason.startswith(reason)


def test_it_speaks_about_its_data_and_in_its_words_only() -> None:
    assert "fingerprints differ" in verify(certificate(), [[0.0, 0.0], [0.0, 2.5], [3.0, 1.0]], Y).reason
    assert "fingerprints differ" in verify(certificate(), X, ["n", "p", "p"]).reason
    other = replace(certificate(), statement=certificate(gap="1").statement)
    assert "in words" in verify(other, X, Y).reason
