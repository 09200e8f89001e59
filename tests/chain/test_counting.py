"""Counts of operations, of expressions and of functions; of derivatives by paths and backward; long expressions."""

from __future__ import annotations

import random
import time
from typing import Any

import numpy as np
import pytest

import mathdl
from mathdl import chain


@pytest.mark.parametrize("n", [1, 2, 5])
def test_products_of_arrays(n: int) -> None:
    a, b = np.ones((n, n + 1)), np.ones((n + 1, n + 2))
    assert mathdl.count_operations(np.matmul, a, b)["total"] == n * (n + 2) * (2 * (n + 1) - 1)
    assert mathdl.count_operations(lambda u: u @ u, np.ones(n))["total"] == 2 * n - 1


def test_kinds() -> None:
    def every(x: Any, y: Any) -> Any:
        z = np.exp(x + y) - x / y
        return z if z > 0 else -z * x**2

    counted = mathdl.count_operations(every, 1.0, 2.0)
    assert counted == {
        "additions": 1,
        "subtractions": 1,
        "multiplications": 0,
        "divisions": 1,
        "exponentials": 1,
        "comparisons": 1,
        "total": 5,
    }


def test_an_expression_and_its_function_count_alike() -> None:
    x, y = mathdl.variables("x y")
    for f in (lambda a, b: a * b + a / b - 3, lambda a, b: abs(a - b) ** 2 * 5, lambda a, b: a**2 / (1 + b)):
        assert mathdl.count_operations(f(x, y)) == mathdl.count_operations(f, 1.0, 2.0)


def test_what_is_written_twice_counts_once() -> None:
    x = mathdl.variables("x")
    assert mathdl.count_operations(chain.exp(x) * chain.exp(x))["total"] == 2
    assert mathdl.count_operations(lambda a: np.exp(a) * np.exp(a), 1.0)["total"] == 3


def test_derivatives_by_paths_and_backward() -> None:
    x, y, z = mathdl.variables("x y z")
    line = chain.exp(chain.sin(chain.cos(x)))
    assert chain.counts_by_paths(line) == (3, 2, 0)
    assert chain.counts_backward(line) == (3, 2, 0)
    fan = chain.total([x * y, x * z, y * z])
    assert chain.counts_by_paths(fan) == (12, 6, 3)
    assert chain.counts_backward(fan) == (9, 6, 3)
    assert chain.counts_backward(x * (y * 0 + 2) + chain.exp(expression(2.0))).additions == 0


def expression(value: float) -> Any:
    return chain.exp(value)


def test_paths_grow_where_edges_do_not() -> None:
    f = mathdl.variables("x")
    for _ in range(20):
        f = chain.sin(f) + f
    paths, backward = chain.counts_by_paths(f), chain.counts_backward(f)
    assert paths.additions == 2**20 - 1
    assert backward.derivatives == 60


def long_sum(n: int) -> Any:
    chance = random.Random(0)
    x, y = mathdl.variables("x y")
    f = x
    for _ in range(n // 2):
        f = f * (chance.randrange(1, 4) / 4) + (y if chance.random() < 0.5 else x)
    return f


def test_a_hundred_thousand_nodes_take_linear_time() -> None:
    times = []
    for n in (20_000, 100_000):
        f = long_sum(n)
        start = time.perf_counter()
        found = mathdl.gradient(f, [1.0, 2.0])
        times.append(time.perf_counter() - start)
        assert chain.evaluate(f, [1.0, 2.0]) == pytest.approx(found[0] + 2 * found[1], rel=1e-9)  # f is linear
        assert chain.counts_backward(f).derivatives >= n
    assert times[1] < 15 * times[0] + 1


def test_a_long_expression_is_written_and_dropped_without_recursion() -> None:
    f = long_sum(50_000)
    assert len(str(f)) <= 120
    assert mathdl.hessian(f, [1.0, 2.0]).tolist() == [[0, 0], [0, 0]]
    del f
