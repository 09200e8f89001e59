"""Certificates that polygons tile a part of a plane, and that a network is affine on each."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest

import mathdl as m
from certificates.sweep import Oracle
from geometry.naive_hulls import number
from mathdl.certificates import Certificate, Data, verify, write

MIN_SHARE = 1.0


def make(seed: int) -> tuple[Certificate, Data]:
    rng = np.random.default_rng(seed)
    hidden = m.Dense(int(rng.integers(1, 4)), activation=["relu", "abs", "leaky_relu"][seed % 3])
    net = m.Network([hidden, m.Dense(2, activation="relu")], (2 + seed % 2,))
    net.parameters[:] = np.round(rng.normal(size=net.size), 2)
    points = None if seed % 2 == 0 else rng.integers(-3, 4, size=(3, 3)) + np.diag([10, 20, 30])
    found = m.regions(net, ((-1, 1), (-1, 1)), points)
    return found.certify(), found.data


def judge(certificate: Certificate, data: Data) -> Oracle:
    def is_true(numbers: Mapping[str, Any]) -> bool:
        try:
            return stated(numbers, [Fraction(value) for value in data.rows[0]])
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError):
            return False

    return is_true


def stated(numbers: Mapping[str, Any], row: list[Fraction]) -> bool:
    """Compare areas, and values at corners and half-way between them, in fractions."""
    u, v, o = ([number(text) for text in line] for line in numbers["plane"])
    corners = [(number(s), number(t)) for s, t in numbers["corners"]]
    whole, *pieces = ([corners[k] for k in piece] for piece in (numbers["whole"], *numbers["pieces"]))
    assert min(k for piece in numbers["pieces"] for k in piece) >= 0
    for polygon in (whole, *pieces):
        assert len(set(polygon)) == len(polygon) > 2
        for k in range(len(polygon)):
            assert turn(polygon[k - 2], polygon[k - 1], polygon[k]) > 0
    if area(whole) != sum(map(area, pieces)):
        return False
    for piece in pieces:
        if any(turn(a, b, c) < 0 for c in piece for a, b in zip(whole, whole[1:] + whole[:1], strict=True)):
            return False
        for (s, t), (p, q) in combinations(piece, 2):
            ends = [outputs(numbers["steps"], row, u, v, o, point) for point in ((s, t), (p, q))]
            middle = outputs(numbers["steps"], row, u, v, o, ((s + p) / 2, (t + q) / 2))
            if any(a + b != 2 * c for a, b, c in zip(*ends, middle, strict=True)):
                return False
    return True


def outputs(steps: Any, row: list[Fraction], u: Any, v: Any, o: Any, point: Any) -> list[Fraction]:
    """Evaluate a dense network at a point of the plane."""
    assert len(o) == row[0]
    x, place = [c + point[0] * a + point[1] * b for a, b, c in zip(u, v, o, strict=True)], 3
    for kind, *given in steps:
        if kind == "dense":
            units, bias = given
            weights = [row[place + k * len(x) :][: len(x)] for k in range(units)]
            place += units * len(x)
            assert place + units * bias <= len(row)
            sums = [sum(w * value for w, value in zip(line, x, strict=True)) for line in weights]
            x = [value + (row[place + k] if bias else 0) for k, value in enumerate(sums)]
            place += units * bias
        elif kind == "apply":
            slope = {"relu": Fraction(0), "abs": Fraction(-1)}.get(given[0]) if given[1] is None else number(given[1])
            assert given[0] in ("relu", "abs", "leaky_relu")
            x = [value if value > 0 else slope * value for value in x]
        else:
            assert kind == "flatten"
    assert place == len(row)
    return x


def turn(a: Any, b: Any, c: Any) -> Any:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def area(polygon: Any) -> Any:
    return sum(turn(polygon[0], a, b) for a, b in pairwise(polygon))


def changed(certificate: Certificate, data: Data, **numbers: Any) -> str:
    """Return why a certificate with other numbers is refused."""
    verdict = verify(write("affine_pieces", {**certificate.numbers, **numbers}, data), data)
    assert not verdict
    return verdict.reason


def cross() -> tuple[Certificate, Data]:
    """The four quarters of a square; the neurons are max(s, 0) and max(t, 0)."""
    net = m.Network([m.Dense(2, activation="relu")], (2,))
    net.parameters[:] = 1, 0, 0, 1, 0, 0
    found = m.regions(net, ((-1, 1), (-1, 1)))
    return found.certify(), found.data


def test_what_does_not_tile_is_refused() -> None:
    certificate, data = cross()
    pieces = certificate.numbers["pieces"]
    assert len(pieces) == 4
    without, twice, turned = pieces[1:], [*pieces, pieces[0]], [pieces[0][::-1], *pieces[1:]]
    assert "do not cover the polygon, or overlap" in changed(certificate, data, pieces=without)
    assert "do not cover the polygon, or overlap" in changed(certificate, data, pieces=twice)
    assert "do not go round it counter-clockwise" in changed(certificate, data, pieces=turned)
    assert "do not cover" in changed(certificate, data, pieces=[])
    assert "do not go round" in changed(certificate, data, pieces=[[*pieces[0], pieces[0][0]], *pieces[1:]])
    assert "no list of the numbers of corners" in changed(certificate, data, pieces=[[-1, 0, 1], *pieces])


def test_a_piece_over_which_a_neuron_changes_its_sign_is_refused() -> None:
    certificate, data = cross()
    whole = [certificate.numbers["whole"]]
    assert "changes its sign inside of a piece" in changed(certificate, data, pieces=whole)


def test_a_star_is_no_convex_polygon() -> None:
    """Its corners turn left everywhere, but it goes round twice."""
    certificate, data = cross()
    star = [["0", "3"], ["-2", "-2"], ["3", "1"], ["-3", "1"], ["2", "-2"]]
    corners = [*certificate.numbers["corners"], *star]
    first = len(corners) - 5
    pieces = [*certificate.numbers["pieces"], list(range(first, first + 5))]
    assert "is not convex" in changed(certificate, data, corners=corners, pieces=pieces)


@pytest.mark.parametrize(
    "step", [["apply", "sigmoid", None, 0], ["apply", "tanh", None, 0], ["apply", "own", "0", 0], ["softmax"]], ids=str
)
def test_what_is_not_affine_is_refused(step: Any) -> None:
    certificate, data = cross()
    steps = copy.deepcopy(certificate.numbers["steps"])
    steps[-1] = step
    assert "not piecewise affine" in changed(certificate, data, steps=steps)


def test_the_largest_of_a_block_has_to_stay_the_same() -> None:
    net = m.Network([m.MaxPool2D((1, 3))], (1, 1, 3))
    found = m.regions(net, points=np.array([[0.0, 0, 0], [1, 0, 0.5], [0, 1, 0.5]]).reshape(3, 1, 1, 3))
    certificate, data = found.certify(), found.data
    assert len(found) == 2  # (s + t) / 2 is nowhere alone the largest
    assert "the largest entry" in changed(certificate, data, pieces=[certificate.numbers["whole"]])
