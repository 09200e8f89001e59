"""Certificates that a network gives all inputs of a box one class, against all of its pieces in fractions."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import mathdl as m
from certificates.sweep import Oracle
from geometry.naive_hulls import number
from mathdl.certificates import Certificate, Data, verify, write
from piecewise.naive_pieces import PLANE, Function, Point, area, cut

MIN_SHARE = 0.5
SLOPES = {"relu": Fraction(0), "abs": Fraction(-1)}


def make(seed: int) -> tuple[Certificate, Data] | None:
    rng = np.random.default_rng(seed)
    activation = ["relu", "abs", m.Activation("leaky_relu", slope=[0.25, 1.5][seed % 2])][seed % 3]
    hidden = [m.Dense(int(rng.integers(2, 4)), activation=activation) for _ in range(1 + seed % 2)]
    net = m.Network([*hidden, m.Dense(1 + seed % 3)], (2,))
    net.parameters[:] = np.round(rng.normal(size=net.size), 2)
    x = np.round(rng.normal(size=(1, 2)), 2)
    outputs = net(x)[0]
    own = int(outputs.argmax()) if len(outputs) > 1 else int(outputs[0] > 0)
    radius = [0.05, 0.2, 0.5, 1.0][int(rng.integers(4))]
    found = m.certify_robustness(net, x, [own], radius, limits=None, seconds=1000)
    assert found.verdicts != ["undecided"]
    if found.verdicts == ["refuted"]:
        point = found.counterexamples[0]
        assert np.abs(point - x.astype(np.float32)[0]).max() <= radius
        value = m.evaluate_exactly(net, point).value.tolist()
        value = value if len(value) > 1 else [0, *value]
        assert value[found.classes[0]] == max(value) > value[own]
        return None
    return found.certificates[0], found.data


def judge(certificate: Certificate, data: Data) -> Oracle:
    def is_true(numbers: Mapping[str, Any]) -> bool:
        try:
            return stated(numbers, [Fraction(value) for value in data.rows[0]])
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError):
            return False

    return is_true


def stated(numbers: Mapping[str, Any], row: list[Fraction]) -> bool:
    """Look at the outputs at the corners of all pieces; of a box without an inside, at many points."""
    low, high = ([number(text) for text in numbers[name]] for name in ("low", "high"))
    (own,) = numbers["class"]
    assert row[:3] == [2, 1, 1]
    assert len(low) == len(high) == 2
    assert all(a <= b for a, b in zip(low, high, strict=True))
    if low[0] == high[0] or low[1] == high[1]:
        shares = [Fraction(k, 64) for k in range(65)]
        corners = [(low[0] + (high[0] - low[0]) * s, low[1] + (high[1] - low[1]) * s) for s in shares]
        pieces = [([c], [(0, 0, f) for f in outputs(numbers["steps"], row, list(c))]) for c in corners]
    else:
        box = [(low[0], low[1]), (high[0], low[1]), (high[0], high[1]), (low[0], high[1])]
        pieces = list(cells(numbers["steps"], row, box))
    for polygon, functions in pieces:
        for s, t in polygon:
            values = [f[0] * s + f[1] * t + f[2] for f in functions]
            values = values if len(values) > 1 else [Fraction(0), *values]
            assert 0 <= own < len(values)
            if any(values[own] <= value for k, value in enumerate(values) if k != own):
                return False
    return True


def cells(steps: Any, row: list[Fraction], box: list[Point]) -> Iterator[tuple[list[Point], list[Function]]]:
    """Return the pieces with an inside, and the outputs there."""
    parts, place = [(box, list(PLANE))], 3
    for kind, *given in steps:
        if kind == "dense":
            inputs, (units, bias) = len(parts[0][1]), given
            weights = [row[place + k * inputs :][:inputs] for k in range(units)]
            place += units * inputs
            biases = row[place : place + units] if bias else [Fraction(0)] * units
            place += units * bias
            assert place <= len(row)
            parts = [
                (polygon, [combined(w, b, x) for w, b in zip(weights, biases, strict=True)]) for polygon, x in parts
            ]
        elif kind == "apply":
            slope = SLOPES[given[0]] if given[0] != "leaky_relu" else number(given[1])
            assert slope >= 0 or given[0] == "abs"
            for k in range(len(parts[0][1])):
                parts = [half for polygon, x in parts for half in halves(polygon, x, k, slope)]
        else:
            assert kind == "flatten"
    assert place == len(row)
    yield from parts


def combined(weights: list[Fraction], bias: Fraction, x: list[Function]) -> Function:
    sums = [sum((w * f[c] for w, f in zip(weights, x, strict=True)), Fraction(0)) for c in range(3)]
    return sums[0], sums[1], sums[2] + bias


def halves(polygon: list[Point], x: list[Function], k: int, slope: Fraction) -> Iterator[tuple[list[Point], Any]]:
    above, below = cut(polygon, x[k]), cut(polygon, (-x[k][0], -x[k][1], -x[k][2]))
    if area(above):
        yield above, x
    if area(below) and any(x[k]):
        yield below, [*x[:k], (slope * x[k][0], slope * x[k][1], slope * x[k][2]), *x[k + 1 :]]


def outputs(steps: Any, row: list[Fraction], point: list[Fraction]) -> list[Fraction]:
    """Evaluate at a point: on a small triangle around it, the piece that contains it."""
    x, place = list(point), 3
    for kind, *given in steps:
        if kind == "dense":
            units, bias = given
            weights = [row[place + k * len(x) :][: len(x)] for k in range(units)]
            place += units * len(x)
            sums = [sum(w * v for w, v in zip(line, x, strict=True)) for line in weights]
            x = [v + (row[place + k] if bias else 0) for k, v in enumerate(sums)]
            place += units * bias
        elif kind == "apply":
            slope = SLOPES[given[0]] if given[0] != "leaky_relu" else number(given[1])
            x = [v if v > 0 else slope * v for v in x]
    assert place == len(row)
    return x


def split_one() -> tuple[Certificate, Data]:
    """A certificate whose proof splits and has factors."""
    for seed in range(200):
        found = make(seed)
        if found and isinstance(found[0].numbers["proof"], list):
            return found
    raise AssertionError


def changed(certificate: Certificate, data: Data, **numbers: Any) -> str:
    """Return why a certificate with other numbers is refused."""
    verdict = verify(write("robustness", {**certificate.numbers, **numbers}, data), data)
    assert not verdict
    return verdict.reason


def test_every_part_of_a_proof_is_needed() -> None:
    certificate, data = split_one()
    kink, above, below = certificate.numbers["proof"]
    refused = 0
    for proof in (
        above,
        below,
        {},
        [kink, above, {}],
        [kink, {}, below],
        [kink, below, above],
        [kink + 1, above, below],
    ):
        verdict = verify(write("robustness", {**certificate.numbers, "proof": proof}, data), data)
        refused += not verdict
    assert refused >= 4
    assert "no kink and two proofs" in changed(certificate, data, proof=[kink, above])
    assert "no kink and two proofs" in changed(certificate, data, proof=["0", above, below])
    certificate, data = next(found for found in map(make, range(200)) if found and found[0].numbers["proof"] == {})
    assert "is none of the numbers" in changed(certificate, data, proof={"7": []})


def test_factors_are_not_negative_and_of_kinks() -> None:
    certificate, data = split_one()
    other = str(1 - certificate.numbers["class"][0])
    for factors in ([[0, "-1", "0"]], [[10**6, "1", "0"]], [[-1, "1", "0"]], [[0, "1"]], [["0", "1", "1"]]):
        assert "factor is negative, or belongs to no kink" in changed(certificate, data, proof={other: factors})


def test_a_box_upside_down_is_refused() -> None:
    certificate, data = split_one()
    low, high = (certificate.numbers[name] for name in ("low", "high"))
    assert "above the largest one" in changed(certificate, data, low=high, high=low)


@pytest.mark.parametrize("step", [["apply", "sigmoid", None, 0], ["apply", "own", "0", 0], ["softmax"]], ids=str)
def test_what_is_not_piecewise_affine_is_refused(step: Any) -> None:
    certificate, data = split_one()
    steps = copy.deepcopy(certificate.numbers["steps"])
    assert "not piecewise affine" in changed(certificate, data, steps=[*steps, step])
