"""Exact definiteness, and eigenvalues from above."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from mathdl.exact.definite import eigenvalue_bound, is_semidefinite


def determinant(matrix: list[list[int]]) -> int:
    if not matrix:
        return 1
    return sum(
        (-1) ** j * v * determinant([[*row[:j], *row[j + 1 :]] for row in matrix[1:]]) for j, v in enumerate(matrix[0])
    )


@pytest.mark.parametrize("seed", range(200))
def test_it_agrees_with_principal_minors(seed: int) -> None:
    generator = np.random.default_rng(seed)
    n = int(generator.integers(1, 5))
    A = generator.integers(-3, 4, size=(int(generator.integers(1, n + 1)), n))
    matrix = A.T @ A
    if seed % 2:
        i, j = generator.integers(0, n, size=2)
        matrix[i, j] -= 1
        matrix[j, i] = matrix[i, j]
    rows = matrix.tolist()
    minors = [
        determinant([[rows[i][j] for j in c] for i in c]) for k in range(1, n + 1) for c in combinations(range(n), k)
    ]
    assert is_semidefinite(rows) == (min(minors) >= 0)


def test_one_unit_in_a_thousand_bits_decides() -> None:
    large = 1 << 1000
    assert is_semidefinite([[large, large], [large, large]])
    assert not is_semidefinite([[large, large], [large, large - 1]])


@pytest.mark.parametrize("value", [2.0, 3.0, 200.0, 0.1, 5e-324, 2.0**1020, 0.0])
def test_nice_eigenvalues_are_exact(value: float) -> None:
    unit = Fraction(value) or Fraction(1)
    assert eigenvalue_bound([[int(value > 0)]], unit) == value


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("absolute", [False, True])
def test_the_bound_is_above_and_near(seed: int, absolute: bool) -> None:
    generator = np.random.default_rng(seed)
    n = int(generator.integers(1, 8))
    A = generator.integers(-9, 10, size=(n, n))
    rows, unit = (A + A.T).tolist(), Fraction(1, 3) if seed % 2 else Fraction(2) ** 500
    d = eigenvalue_bound(rows, unit, absolute=absolute)
    values = np.linalg.eigvalsh(A + A.T) * float(unit)
    true = max(values.max(), -values.min() if absolute else 0.0, 0.0)
    assert d == pytest.approx(true, rel=1e-11, abs=1e-13 * float(unit) * np.abs(A).max())
    shift = Fraction(d) / unit
    shifted = [
        [shift.numerator * (i == j) - shift.denominator * v for j, v in enumerate(row)] for i, row in enumerate(rows)
    ]
    assert is_semidefinite(shifted)


def test_too_large_is_infinite() -> None:
    assert eigenvalue_bound([[1]], Fraction(2) ** 2000) == np.inf
