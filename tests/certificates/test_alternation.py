"""Certificates that no polynomial of a degree is near to a function."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

import mathdl as m
from certificates.functions import value
from certificates.sweep import Oracle
from geometry.naive_hulls import number
from mathdl.certificates import Certificate, Data, verify, write

MIN_SHARE = 0.9
x = m.variables("x")
FUNCTIONS = [m.chain.cos(2 * x), abs(x - 0.25), m.chain.exp(x), 1 / (2 + x), m.chain.where(x > 0, x, x**2)]


def make(seed: int) -> tuple[Certificate, Data] | None:
    chance = random.Random(seed)
    found = m.best_polynomial(chance.choice(FUNCTIONS), (-1, chance.choice([1.0, 2.0])), chance.randrange(4))
    return found.certificate, found.data


def judge(certificate: Certificate, data: Data) -> Oracle:
    points = np.array(data.rows)[:, 0]

    def is_true(numbers: Mapping[str, Any]) -> bool:
        """The best polynomial on the points, by linear programming."""
        try:
            values = value(numbers["function"], [points])
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError):
            return False
        powers, ones = np.vander(points, len(points) - 1), np.ones((len(points), 1))
        bounds = np.vstack([np.hstack([powers, -ones]), np.hstack([-powers, -ones])])
        cost = np.eye(len(points))[-1]
        found = linprog(cost, bounds, np.concatenate([values, -values]), bounds=(None, None))
        return bool(found.fun >= float(number(numbers["error"])) - 1e-9)

    return is_true


def test_it_is_put_into_words() -> None:
    best = m.best_polynomial(abs(x), (-1, 1), 1)
    assert best.certificate.statement == (
        "Every polynomial in x1 of degree at most 1 differs from abs(x1) by at least 0.499999 at one of the 3 points."
    )
    assert verify(best.certificate, best.data)


@pytest.mark.parametrize(
    ("data", "error", "right"),
    [
        (Data([[-1.0], [0.0], [1.0]]), "1/2", True),
        (Data([[-1.0], [0.0], [1.0]]), "501/1000", False),
        (Data([[-1.0], [0.0], [0.0]]), "0", False),
        (Data([[-1.0]]), "0", False),
        (Data([[-1.0, 0.0]]), "0", False),
        (Data([[-1.0], [0.0], [1.0]], ["a", "b", "c"]), "0", False),
        (Data([[-1.0], [0.0], [1.0]], None, [1.0, 2.0, 1.0]), "0", False),
    ],
)
def test_what_is_not_shown_is_refused(data: Data, error: str, right: bool) -> None:
    certificate = write("alternation", {"function": [["variable", 0], ["abs", 0]], "error": error}, data)
    assert bool(verify(certificate, data)) is right


def test_a_function_without_a_value_is_refused() -> None:
    data = Data([[-1.0], [0.0], [1.0]])
    certificate = write("alternation", {"function": [["variable", 0], ["log", 0]], "error": "0"}, data)
    assert "not shown to have a value at" in verify(certificate, data).reason
