"""Best polynomials: their errors against known ones, and the certificate's bound beside what was found."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import mathdl as m
from mathdl.errors import InputError

x, y = m.variables("x y")
c = m.chain


@pytest.mark.parametrize(
    ("degree", "error"),
    [(0, 1), (1, 1), (2, 1), (3, 1), (4, 0.5935887), (5, 0.5935887), (6, 0.1493970), (12, 1.0706e-4)],
)
def test_the_cosine_over_two_periods(degree: int, error: float) -> None:
    best = m.best_polynomial(c.cos(x), (0, 4 * math.pi), degree)
    assert best.error == pytest.approx(error, rel=1e-4)
    assert best.least_error == pytest.approx(best.error, rel=1e-6)
    assert len(best.points) == degree + 2
    assert m.verify(best.certificate, best.data)


@pytest.mark.parametrize("degree", [1, 2, 3, 5, 8])
def test_a_power_by_chebyshev(degree: int) -> None:
    """Of x^(n+1) on [-1, 1] the best error is 2^-n."""
    best = m.best_polynomial(x ** (degree + 1), (-1, 1), degree)
    assert best.error == pytest.approx(2.0**-degree, rel=1e-4)
    assert best.least_error == pytest.approx(best.error, rel=1e-6)


def test_a_polynomial_is_its_own_best_one() -> None:
    best = m.best_polynomial(x * x - 2 * x, (-1, 3), 3)
    assert best.error < 1e-12
    assert best.least_error <= best.error
    assert np.allclose(best.polynomial(np.array([0.0, 1.0])), [0, -1])


@pytest.mark.parametrize("degree", [0, 1, 2])
def test_a_constant_is_its_own_best_polynomial(degree: int) -> None:
    best = m.best_polynomial(x * 0 + 3, (0, 1), degree)
    assert best.error < 1e-12
    assert best.least_error == 0


@pytest.mark.parametrize(
    ("f", "interval", "degree", "says"),
    [
        (1 / x, (-1, 1), 2, "no finite value"),
        (x * y, (-1, 1), 2, "2 variables"),
        (3, (-1, 1), 2, "give an expression"),
        (x, (1, -1), 2, "low first"),
        (x, 5, 2, "no pair"),
        (x, (-1, 1), -1, "degree"),
        (x, (-1, 1), 41, "degree"),
    ],
)
def test_bad_input(f: Any, interval: Any, degree: int, says: str) -> None:
    with pytest.raises(InputError) as raised:
        m.best_polynomial(f, interval, degree)
    assert says in str(raised.value)
