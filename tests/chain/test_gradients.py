"""Gradients of random expressions beside PyTorch and exact rationals; derivatives at kinks; long expressions."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import pytest
import torch

import mathdl
from mathdl import chain
from mathdl.errors import InputError

TIES = (39,)  # a maximum of a and b, and the minimum of that and b: a tie, though the whole has a gradient
BINARY = ("add", "sub", "mul", "div", "max", "min")
SMOOTH = ("exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "square", "cube")


def random_expression(seed: int, functions: tuple[str, ...]) -> tuple[Any, Any, list[float]]:
    """An expression in three variables, the same by PyTorch, and a point."""
    chance = random.Random(seed)
    names = list(mathdl.variables("x y z"))
    point = [chance.uniform(0.2, 2.0) for _ in names]
    tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in point]
    pool: list[tuple[Any, Any]] = list(zip(names, tensors, strict=True))
    for _ in range(chance.randrange(4, 16)):
        (a, s), (b, t) = chance.choice(pool), chance.choice(pool)
        kind = chance.choice(BINARY + functions)
        pool.append(combined(kind, a, s, b, t))
    total, expected = pool[3]
    for each, tensor in pool[4:]:
        total, expected = total + each, expected + tensor
    return total, (expected, tensors), point


def combined(kind: str, a: Any, s: Any, b: Any, t: Any) -> tuple[Any, Any]:
    """One operation in both libraries, kept away from where it has no value or grows beyond measure."""
    if kind in ("max", "min"):
        ours, theirs = (chain.maximum, torch.maximum) if kind == "max" else (chain.minimum, torch.minimum)
        return ours(a, 1.5 * b + 1), theirs(s, 1.5 * t + 1)
    if kind in ("add", "sub", "mul"):
        return {"add": (a + b, s + t), "sub": (a - b, s - t), "mul": (a * b / 4, s * t / 4)}[kind]
    if kind == "div":
        return a / (2 + b * b), s / (2 + t * t)
    if kind in ("square", "cube"):
        n = 2 if kind == "square" else 3
        return (a / 4) ** n, (s / 4) ** n
    inner, theirs = (1 + a * a, 1 + s * s) if kind in ("log", "sqrt") else (a / (1 + a * a), s / (1 + s * s))
    return getattr(chain, kind)(inner), getattr(torch, kind)(theirs)


@pytest.mark.parametrize("seed", range(300))
def test_a_gradient_is_pytorchs(seed: int) -> None:
    f, (expected, tensors), point = random_expression(seed, SMOOTH)
    theirs = [0.0 if g is None else g.item() for g in torch.autograd.grad(expected, tensors, allow_unused=True)]
    needed = {str(v) for v in mathdl.chain.expression.variables_of([f])}
    wanted = [g for name, g in zip("xyz", theirs, strict=True) if name in needed]
    values = dict(zip("xyz", point, strict=True))
    assert chain.evaluate(f, values) == pytest.approx(expected.item(), rel=1e-12)
    assert mathdl.gradient(f, values) == pytest.approx(wanted, rel=1e-12, abs=1e-12)
    if chain.counts_by_paths(f).derivatives < 20_000 and seed not in TIES:
        assert chain.gradient_by_paths(f, values) == pytest.approx(wanted, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("seed", range(60))
def test_a_gradient_of_rational_operations_is_exact(seed: int) -> None:
    f, _, point = random_expression(seed, ("square", "cube"))
    values = {name: Fraction(value).limit_denominator(7) for name, value in zip("xyz", point, strict=True)}
    exact = mathdl.gradient(f, values)
    assert all(isinstance(each, Fraction) for each in exact)
    near = mathdl.gradient(f, {name: float(value) for name, value in values.items()})
    assert near == pytest.approx([float(each) for each in exact], rel=1e-12, abs=1e-12)
    h = Fraction(1, 10**30)
    for k, variable in enumerate(mathdl.chain.expression.variables_of([f])):
        moved = values | {str(variable): values[str(variable)] + h}
        quotient = (chain.evaluate(f, moved) - chain.evaluate(f, values)) / h
        assert abs(quotient - exact[k]) < Fraction(1, 10**20)


@pytest.mark.parametrize("n", [2, 3, 7])
@pytest.mark.parametrize("size", [1, 10**3, 10**30 + 1])
def test_rational_roots_are_found_however_large(n: int, size: int) -> None:
    x = mathdl.variables("x")
    root = Fraction(size, 3)
    assert chain.evaluate(x ** Fraction(1, n), [root**n]) == root
    assert chain.evaluate(x ** Fraction(-2, n), [root**n]) == root**-2
    with pytest.raises(InputError, match="is no rational number"):
        chain.evaluate(x ** Fraction(1, n), [root**n + Fraction(1, 3**n)])


def test_what_lies_far_out() -> None:
    x, y = mathdl.variables("x y")
    assert mathdl.gradient(x - 2 * y, [math.inf, 1.0]) == [1, -2]
    assert chain.evaluate(chain.relu(x), [-math.inf]) == 0


def test_complex_points() -> None:
    x, y = mathdl.variables("x y")
    f, point = chain.log2(x) * chain.sigmoid(y) + x**y, [0.5 + 1j, 1.5 - 0.25j]
    h = 1e-6
    for k, slope in enumerate(mathdl.gradient(f, point)):
        ends = [chain.evaluate(f, [z + step * (i == k) for i, z in enumerate(point)]) for step in (-h, h)]
        assert slope == pytest.approx((ends[1] - ends[0]) / (2 * h), rel=1e-8)
    with pytest.raises(InputError, match="maximum has no value at"):
        chain.evaluate(chain.maximum(x, y), point)
    with pytest.raises(InputError, match=r"The node abs\(x\) has no derivative there"):
        mathdl.gradient(abs(x), point[:1])
