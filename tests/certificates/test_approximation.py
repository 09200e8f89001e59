"""Certificates that a ReLU network is near to a function on a box."""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping
from functools import cache
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest

import mathdl as m
from certificates.functions import value
from certificates.sweep import Oracle
from geometry.naive_hulls import number
from mathdl.certificates import Certificate, Data, limits, verify, write
from mathdl.certificates.rationals import Refused

MIN_SHARE = 0.9
x, y = m.variables("x y")
c = m.chain
FUNCTIONS = [
    (c.cos(3 * x), 1),
    (1 / (1 + x**2), 1),
    (abs(x - 0.25) * 2, 1),
    (c.exp(x) - c.log(2 + x), 1),
    (c.sqrt(x + 1), 1),
    (c.where(x > 0, x**3, -x), 1),
    (c.tanh(2 * x) + c.sigmoid(x), 1),
    (x * y, 2),
    (c.maximum(x, y) - c.minimum(x, 0.5), 2),
    (c.norm([x, y]) - x, 2),
]


def make(seed: int) -> tuple[Certificate, Data] | None:
    chance = random.Random(seed)
    which = chance.randrange(len(FUNCTIONS))
    side = chance.choice([-1.0, -0.5, -0.25]), chance.choice([0.25, 0.5, 1.0])
    return approximated(which, side, chance.choice([0.3, 0.2, 0.1] if FUNCTIONS[which][1] == 1 else [0.5, 0.4]))


@cache
def approximated(which: int, side: tuple[float, float], error: float) -> tuple[Certificate, Data]:
    f, variables = FUNCTIONS[which]
    found = m.approximate(f, [side] * variables, error)
    return found.certificate, found.data


def judge(certificate: Certificate, data: Data) -> Oracle:
    def is_true(numbers: Mapping[str, Any]) -> bool:
        try:
            return stated(numbers, np.array(data.rows[0]))
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError, RecursionError):
            return False

    return is_true


def stated(numbers: Mapping[str, Any], row: Any) -> bool:
    """Try many points of the box, and lines through triples of points, in floats."""
    box = [[float(number(end)) for end in side] for side in numbers["box"]]
    assert all(low < high for low, high in box)
    count = 2001 if len(box) == 1 else 61
    points = np.array(list(product(*(np.linspace(low, high, count) for low, high in box))))
    steps, error = numbers["function"], float(number(numbers["error"]))
    away = np.abs(output(row, numbers["widths"], points) - value(steps, points.T))
    if not np.max(away) <= error + 1e-12:
        return False
    if "triples" not in numbers:
        return True
    start, end = (np.array([float(number(part)) for part in corner]) for corner in numbers["line"])
    assert all(low <= part <= high for corner in (start, end) for part, (low, high) in zip(corner, box, strict=True))
    shares = [[float(number(share)) for share in triple] for triple in numbers["triples"]]
    flat = [0.0, *(share for triple in shares for share in triple), 1.0]
    assert all(a <= b for a, b in pairwise(flat))
    assert shares
    for a, b, d in shares:
        assert a < b < d
        left, middle, right = value(steps, (start + np.outer([a, b, d], end - start)).T)
        chord = left + (right - left) * (b - a) / (d - a)
        if abs(middle - chord) / 2 < float(number(numbers["missed"])) - 1e-12:
            return False
    return True


def output(row: Any, widths: list[int], points: Any) -> Any:
    """Return what the network gives, by its definition."""
    assert widths[-1] == 1
    values, first = points, 0
    for k, width in enumerate(widths, 1):
        size = width * values.shape[1]
        weights, biases = row[first : first + size].reshape(width, -1), row[first + size :][:width]
        first += size + width
        values = values @ weights.T + biases
        values = np.maximum(values, 0) if k < len(widths) else values
    assert first == len(row)
    return values[:, 0]


def proved() -> Any:
    return m.approximate(abs(x - 0.25), (-1, 1), 0.125)


def test_it_is_put_into_words() -> None:
    near = proved()
    assert near.certificate.statement == (
        "For x1 from -1 to 1, the exact output of the network of 7 parameters with ReLU, in layers of 2, 1 neurons, "
        "differs from abs((x1 - 0.25)) by at most 0.125; from (-1) to (1) a function that is affine on 1 intervals is "
        "somewhere off by 0.125 or more."
    )
    assert verify(near.certificate, near.data)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("error",), "1/10", "The network is farther"),
        (("error",), "-1", "The network is farther"),
        (("box", 0, 1), "-1", "The box has no sides"),
        (("box", 0, 1), "1/2", "The line is not in the box"),
        (("box",), [], "The box has no sides"),
        (("widths",), [3, 1], "The layers have more or fewer"),
        (("widths",), [7], "The network has no single output"),
        (("widths",), [True, 1], "'widths' is no list"),
        (("function", 0), ["variable", 1], "Step 0, 'variable', is no"),
        (("function", 1), ["constant", "1/2"], "The network is farther"),
        (("function", 2), ["subtract", 0, 3], "Step 2 has operands"),
        (("function", 2), ["subtract", 0], "Step 2, 'subtract', is no"),
        (("function", 2), ["subtract", 0, "1"], "Step 2 has operands"),
        (("function", 3), ["sign", 2], "Step 3, 'sign', is no"),
        (("function", 3), ["gt", 2, 0], "The network is not shown"),
        (("function", 3), ["log", 2], "The network is not shown"),
        (("function",), [], "The function is no list"),
        (("line", 0, 0), "-2", "The line is not in the box"),
        (("triples",), [], "The triples are not in order"),
        (("triples", 0, 0), "2", "The triples are not in order"),
        (("missed",), "10", "An affine function is not shown"),
    ],
)
def test_what_is_not_shown_is_refused(path: tuple[Any, ...], value: Any, reason: str) -> None:
    near = proved()
    numbers = copy.deepcopy(dict(near.certificate.numbers))
    place: Any = numbers
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    try:
        verdict = verify(write("approximation", numbers, near.data), near.data)
    except Refused as refusal:  # it cannot even be put into words
        said = str(refusal)
    else:
        assert not verdict.valid
        said = verdict.reason
    assert (said[0].upper() + said[1:]).startswith(reason), said


def test_data_of_another_kind_are_refused() -> None:
    near = proved()
    row = near.data.rows[0]
    for data in (Data([row, row]), Data([row], ["a"]), Data([row], None, [2.0]), Data([row[:-1]])):
        assert not verify(write("approximation", dict(near.certificate.numbers), data), data)


def test_it_does_not_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    near = proved()
    monkeypatch.setattr(limits, "MAX_OPERATIONS", 500)
    assert verify(near.certificate, near.data).reason.startswith("Checking it takes")


def test_a_network_that_is_off_in_one_place_only_is_refused() -> None:
    """A narrow hat on a network that is right: 1/1000 high, 2^-30 wide, far from where halving a box would look."""
    width, top = 2.0**-30, 0.123456789
    hat = [1.0, 1.0, 1.0], [width - top, -top, -width - top], [1e-3 / width, -2e-3 / width, 1e-3 / width]
    data = Data([[*hat[0], *hat[1], *hat[2], 0.0]])
    numbers = {"function": [["constant", "0"]], "box": [["-1", "1"]], "widths": [3, 1]}
    for error, right in (("9/10000", False), ("11/10000", True)):
        assert bool(verify(write("approximation", {**numbers, "error": error}, data), data)) is right
