"""O(.) claims: witnesses that hold for every n that is tried, and refusals with a ratio that has no bound."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import pytest

import mathdl
from mathdl import chain

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
