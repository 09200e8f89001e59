"""Affine forms of functions: whatever a function is in a box lies in what is said of it, and narrow boxes say much."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import pytest

import mathdl as m
from mathdl.approximation.function_steps import steps_of
from mathdl.certificates.affine_forms import ONE, Form, coordinate
from mathdl.certificates.functions import OPERATIONS, Function
from mathdl.certificates.rationals import Refused

x, y = m.variables("x y")
c = m.chain
EVERY = [
    x + y - 3 * x * y, x * x - y * y, (x - y) / (3 + x * y), -x / 7, (2 + x) ** 3, (x - y) ** 4, (3 + x) ** -2,
    (2 + y) ** 1.5, (2 + y) ** 0.3, (2 + x) ** y, c.total([x, y, x]), c.exp(x - 2 * y), c.log(3 + x + y),
    c.log2(3 + x * y), c.sqrt(2 + x + x * y), c.sin(5 * x + y), c.cos(7 * x * y), c.tan(x * 0.7), c.tanh(3 * x),
    c.sigmoid(-9 * y), c.relu(x - y), abs(x * y), c.maximum(x, y**2), c.minimum(x, y) * x, c.norm([x, y, 0.1]),
    c.logsumexp([x, 2 * y, 0.5]), c.where(x > y, x, y), c.where(x * x <= 2, x, 1 / y), c.where(x >= 2, 1 / x, y),
    c.where(y < 3, x, 1 / (x - x)),
]  # fmt: skip


def boxes(chance: random.Random) -> list[tuple[Fraction, Fraction]]:
    """Two sides within -1 and 1, of any width."""
    width = Fraction(2.0 ** -chance.randrange(12))
    lows = [Fraction(chance.uniform(-1, float(1 - width))) for _ in range(2)]
    return [(low, low + width) for low in lows]


def forms(sides: list[tuple[Fraction, Fraction]]) -> list[Form]:
    return [coordinate(k, low, high, len(sides)) for k, (low, high) in enumerate(sides)]


def test_every_operation_is_tried() -> None:
    used = {step[0] for f in EVERY for step in steps_of(f, [x, y])}
    assert used == {*OPERATIONS, "variable", "constant", "where"}


@pytest.mark.parametrize("f", EVERY, ids=str)
def test_values_lie_in_the_form(f: Any) -> None:
    chance, function = random.Random(0), Function(steps_of(f, [x, y]), 2)
    for _ in range(40):
        sides = boxes(chance)
        found = function(forms(sides))
        if found is None:
            continue
        for _ in range(20):
            e = [chance.choice([-1.0, 1.0, chance.uniform(-1, 1)]) for _ in range(2)]
            ends = [(float(low), float(high)) for low, high in sides]
            point = [(low + high) / 2 + (high - low) / 2 * v for (low, high), v in zip(ends, e, strict=True)]
            value = float(c.evaluate(f, {x: point[0], y: point[1]}))
            slack = 1e-12 * (1 + abs(value))
            line = found.centre / ONE + sum(s / ONE * v for s, v in zip(found.slopes, e, strict=True))
            assert abs(value - line) <= found.radius / ONE + slack
            assert found.low / ONE - slack <= value <= found.high / ONE + slack


SMOOTH = [f for f in EVERY if not {"where", "abs", "maximum", "minimum", "relu"} & {s[0] for s in steps_of(f, [x, y])}]


@pytest.mark.parametrize("f", SMOOTH, ids=str)
def test_the_radius_falls_with_the_square_of_the_box(f: Any) -> None:
    function, at = Function(steps_of(f, [x, y]), 2), (Fraction(1, 3), Fraction(-1, 7))
    radii = []
    for bits in (8, 12):
        found = function(forms([(v - Fraction(1, 2**bits), v + Fraction(1, 2**bits)) for v in at]))
        assert found is not None
        radii.append(found.radius + 1)
    assert radii[1] <= radii[0] / 200 or radii[0] < 100


@pytest.mark.parametrize(
    "f", [c.log(x - 3), c.sqrt(x - 3), 1 / x, c.exp(200 + x), x**-1, x**0.3, c.where(x > 0, 1 / x, 0)]
)
def test_what_may_have_no_value_has_none(f: Any) -> None:
    assert Function(steps_of(f, [x]), 1)([coordinate(0, Fraction(-1), Fraction(1), 1)]) is None


def test_the_branch_that_is_taken_counts_alone() -> None:
    function = Function(steps_of(c.where(x > 0, c.log(x), -x), [x]), 1)
    assert function([coordinate(0, Fraction(-2), Fraction(-1), 1)]).centre == Fraction(3, 2) * ONE  # type: ignore[union-attr]
    found = function([coordinate(0, Fraction(1), Fraction(2), 1)])
    assert found is not None
    assert abs(found.high / ONE - math.log(2)) < 1e-15


@pytest.mark.parametrize(
    "steps", [None, [], [[]], [["variable", 1]], [["cos", 0]], [["variable", 0], ["add", 0]], [[["cos"]]]]
)
def test_what_is_no_function_is_refused(steps: Any) -> None:
    with pytest.raises(Refused):
        Function(steps, 1)


def test_a_long_function_is_not_written() -> None:
    f = x
    for _ in range(12):
        f = f * f
    assert Function(steps_of(f, [x]), 1).text == "the function of 13 steps that is shown"
