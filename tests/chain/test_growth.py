"""O(.) claims: witnesses that hold for every n that is tried, and refusals with a ratio that has no bound."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

import mathdl
from mathdl import chain
from mathdl.errors import InputError

n = mathdl.variables("n")
LADDER = [chain.log(n), n**0.5, n, n * chain.log(n), n**1.5, n**2, n**3, 2**n, chain.exp(n), 3**n]


@pytest.mark.parametrize(("slow", "fast"), list(pairwise(LADDER)), ids=str)
def test_a_ladder_of_growth(slow: Any, fast: Any) -> None:
    found = mathdl.is_big_o(slow, fast)
    assert found
    assert found.N is not None
    holds(slow, fast, found.C, found.N)
    other = mathdl.is_big_o(fast, slow)
    assert not other
    assert "has no bound" in other.reason


def holds(f: Any, g: Any, C: Any, N: int) -> None:
    for k in [*range(N + 1, N + 60), 200, 500]:
        if k > N:
            value, bound = abs(chain.evaluate(f, [float(k)])), C * abs(chain.evaluate(g, [float(k)]))
            assert value <= bound * (1 + 1e-12), (k, value, bound)


@pytest.mark.parametrize(
    ("f", "g", "C", "N"),
    [
        (math.pi * n**2 + 3 * n, n**2, 4, 3),
        (math.pi * n**2 + 3 * n, n**2, 5, 1),
        (2 * n - 1, n, 2, 0),
        (n**2, n**2 - 5 * n, 2, 9),
        (1000 * n, n**2, 1, 999),
        ((2 + (-1) ** n) * n, n, 3, 0),
        (chain.sin(n) * n + n, n, 2, 0),
        (n + 100, n - 10 * chain.log(n), 2, 206),
    ],
)
def test_the_least_beginning(f: Any, g: Any, C: float, N: int) -> None:
    found = mathdl.is_big_o(f, g, C=C)
    assert found.holds
    assert found.N == N
    holds(f, g, C, N)
    if N > 0:
        assert abs(chain.evaluate(f, [float(N)])) > C * abs(chain.evaluate(g, [float(N)]))


def test_a_constant_is_a_formula() -> None:
    found = mathdl.is_big_o(chain.exp(2.0), n, C=1)
    assert (found.holds, found.N) == (True, 7)
    assert mathdl.is_big_o(n, chain.exp(2.0)).reason.endswith("grows like n^1; see n = 10: 1.35, 100: 13.5, 1000: 135.")
    with pytest.raises(InputError, match=r"have the variables \[\]; give formulas in one"):
        mathdl.is_big_o(chain.exp(2.0), chain.exp(1.0))


def test_a_long_formula() -> None:
    f = n
    for k in range(3000):
        f = f + (k % 3) * n**2 + 1
    assert mathdl.is_big_o(f, n**2)
    assert not mathdl.is_big_o(f, n * chain.log(n))


def test_what_a_sine_is_of_does_not_matter_and_elsewhere_it_does() -> None:
    assert mathdl.is_big_o(chain.sin(abs(n - 7)) * n, n, C=1).N == 0
    for f, says in [
        (abs(n - 7) + n, r"abs\(n - 7\) is no formula of n"),
        (chain.log(n**2), r"log\(n \*\* 2\) is a logarithm of something else than n"),
        (chain.exp(n**2), r"exp\(n \*\* 2\) has an exponent that is no sum"),
        (1 / (n - 1), r"1 / \(n - 1\) has a fraction or a root of a sum"),
        (n**n, r"n \*\* n is no power of a formula"),
    ]:
        with pytest.raises(InputError, match=f"^is_big_o: {says}"):
            mathdl.is_big_o(f, n)
