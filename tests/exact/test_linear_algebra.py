from __future__ import annotations

import random
from fractions import Fraction
from itertools import islice
from math import prod
from operator import mul
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geometry.naive_hulls import solve as solve_naively
from mathdl.exact import linear_algebra
from mathdl.exact.linear_algebra import independent_rows, solve


def drawn(generator: random.Random, rows: int, columns: int, bits: int) -> list[list[int]]:
    return [[generator.randint(-(2**bits), 2**bits) for _ in range(columns)] for _ in range(rows)]


def product(matrix: Any, x: Any) -> list[list[Any]]:
    return [[sum(map(mul, row, column)) for column in zip(*x, strict=True)] for row in matrix]


@given(st.integers(1, 5), st.integers(1, 3), st.integers(0, 60), st.randoms(use_true_random=False))
@settings(deadline=None, derandomize=True, max_examples=200)
def test_small_systems_are_solved_as_fractions_solve_them(n: int, m: int, bits: int, generator: random.Random) -> None:
    matrix, right = drawn(generator, n, n, bits), drawn(generator, n, m, bits)
    naive = [solve_naively(matrix, list(column)) for column in zip(*right, strict=True)]
    expected = None if naive[0] is None else [list(row) for row in zip(*naive, strict=True)]
    assert solve(matrix, right) == expected


@pytest.mark.parametrize("bits", [1, 3, 53, 200])
@pytest.mark.parametrize("n", [1, 2, 17, 24])
def test_lifting_and_elimination_agree(n: int, bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = random.Random(n * bits)
    matrix, right = drawn(generator, n, n, bits), drawn(generator, n, 2, 3 * bits)
    matrix[0][0] += 2**300  # one number much larger than the others
    expected = linear_algebra._eliminate(matrix, right)
    monkeypatch.setattr(linear_algebra, "MAX_ELIMINATED_UNKNOWNS", 0)
    assert solve(matrix, right) == expected


def test_sixty_unknowns_with_long_numbers() -> None:
    generator = random.Random(0)
    matrix, right = drawn(generator, 60, 60, 106), drawn(generator, 60, 1, 106)
    found = solve(matrix, right)
    assert found is not None
    assert product(matrix, found) == right
    assert max(value.denominator for row in found for value in row) > 2**6000


def test_a_positive_definite_system_of_integers() -> None:
    generator = random.Random(1)
    factor = drawn(generator, 30, 40, 20)
    gram = product(factor, list(zip(*factor, strict=True)))
    known = [[generator.randint(-9, 9)] for _ in range(30)]
    assert solve(gram, product(gram, known)) == known


@pytest.mark.parametrize("n", [1, 3, 20])
@pytest.mark.parametrize("rank", [0, 1, 12, 19])
def test_a_singular_matrix_has_no_solution(n: int, rank: int) -> None:
    generator = random.Random(rank)
    rank = min(rank, n - 1)
    matrix = [[0] * n for _ in range(n)]
    if rank:
        matrix = product(drawn(generator, n, rank, 20), drawn(generator, rank, n, 20))
    assert solve(matrix, [[1]] * n) is None


def test_an_unlucky_prime_is_passed_over() -> None:
    n = 20
    unlucky = prod(islice(linear_algebra._primes(linear_algebra._bits(n)), 2))
    matrix = [[int(i == j) for j in range(n)] for i in range(n)]
    matrix[3][3] = unlucky
    found = solve(matrix, [[1]] * n)
    assert found is not None
    assert found[3] == [Fraction(1, unlucky)]


def test_independent_rows_are_the_first_ones() -> None:
    assert independent_rows([[0, 0], [1, 2], [-2, -4], [0, 2**200], [1, 1]]) == [1, 3]
    assert independent_rows([[0], [0]]) == []
