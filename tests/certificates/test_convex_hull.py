from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import pytest

from certificates.sweep import Oracle
from geometry.naive_hulls import exact, vertices
from geometry.random_points import two_sets
from mathdl import Certificate, convex_hull, verify
from mathdl.certificates import Data, write

X = [[0.0, 0.0], [4.0, 0.0], [0.0, 4.0], [1.0, 1.0], [4.0, 0.0]]
NUMBERS: dict[str, Any] = {
    "vertices": [0, 1, 2],
    "directions": [["-1", "-1"], ["1", "0"], ["0", "1"]],
    "inside": [{"vertices": [0, 1, 2], "weights": ["1/2", "1/4", "1/4"]}, {"vertices": [1], "weights": ["1"]}],
}


MIN_SHARE = 1


def make(seed: int) -> tuple[Certificate, Data]:
    X = np.vstack(two_sets(seed, 3))
    return convex_hull(X).certificate, Data(X)


def judge(certificate: Certificate, data: Data) -> Oracle:
    return lambda numbers: stated(numbers, data.rows)


def stated(numbers: Mapping[str, Any], X: Any) -> bool:
    """Whether these are the vertices, by all simplices."""
    points = [tuple(point) for point in exact(X)]
    return sorted(points[v] for v in numbers["vertices"]) == vertices_of(tuple(points))


@cache
def vertices_of(points: tuple[tuple[Fraction, ...], ...]) -> list[tuple[Fraction, ...]]:
    return sorted(vertices(points))


def certificate(**changes: Any) -> Certificate:
    return write("convex_hull", {**NUMBERS, **changes}, Data(X))


def test_it_is_put_into_words() -> None:
    assert certificate().statement == "The convex hull of the 5 points has exactly 3 vertices: 0, 1, 2."
    assert verify(certificate(), X)
    assert convex_hull([[1.0]]).certificate.statement == "The convex hull of the 1 points has exactly 1 vertex: 0."


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"vertices": [0, 1, 1]}, "'vertices' holds a number twice"),
        ({"vertices": [0, 1, 4]}, "In its direction, vertex 1 is not further"),
        ({"vertices": [0, 1]}, "'directions' is no list of 2"),
        ({"vertices": [0, 1], "directions": NUMBERS["directions"][:2]}, "'inside' is no list of 3"),
        ({"directions": [["-1", "-1"], ["1", "1"], ["0", "1"]]}, "In its direction, vertex 1 is not further"),
        ({"directions": [["-1", "-1"], ["0", "0"], ["0", "1"]]}, "In its direction, vertex 1 is not further"),
        ({"inside": NUMBERS["inside"][:1]}, "'inside' is no list of 2"),
        ({"inside": [{"vertices": [], "weights": []}] * 2}, "The weights of object 3"),
        ({"inside": [{"vertices": [3], "weights": ["1"]}, NUMBERS["inside"][1]]}, "The weights of object 3"),
        ({"inside": [{"vertices": [0, 2], "weights": ["3/4", "1/4"]}, NUMBERS["inside"][1]]}, "Object 3 is not"),
        ({"inside": [NUMBERS["inside"][0], {"vertices": [1], "weights": ["2"]}]}, "The weights of object 4"),
        ({"inside": [NUMBERS["inside"][0], {"vertices": [1, 2], "weights": ["2", "-1"]}]}, "The weights of object 4"),
        ({"inside": [NUMBERS["inside"][0], {"weights": ["1"]}]}, "'vertices' is missing"),
    ],
)
def test_a_false_one_is_refused(changes: dict[str, Any], reason: str) -> None:
    verdict = verify(certificate(**changes) if changes.get("vertices") != [0, 1, 1] else raw(changes), X)
    assert verdict.reason.startswith(reason)


def raw(changes: dict[str, Any]) -> Certificate:
    """One that cannot be put into words."""
    good = certificate()
    return Certificate(good.kind, good.statement, {**NUMBERS, **changes}, good.fingerprint)


@pytest.mark.parametrize("entry", [5, "5", [], None])
def test_an_entry_of_another_form_is_refused(entry: Any) -> None:
    assert not verify(certificate(inside=[entry, NUMBERS["inside"][1]]), X)
