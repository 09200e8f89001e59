"""The update kernels of SGD and Adam against their steps as written."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import naive
from kernels.one_row import DTYPES
from mathdl.kernels import adam, sgd
from mathdl.kernels.narrow import MIN_VECTOR_INPUTS
from mathdl.kernels.table import SPAN

COUNT, FIRST, LAST = 23, 3, 20  # parameters in all, and those of the tile
PLACE = 5  # where its gradient lies


def span(step: int) -> Any:
    made = np.zeros(1, SPAN)[0]
    made.start, made.stop, made.gradient = FIRST, LAST, PLACE
    made.parameters, made.step = COUNT, step
    return made


def only_the_tile(value: Any, before: Any) -> Any:
    """Take a new value inside the tile, the old one outside."""
    return np.concatenate([before[:FIRST], value[FIRST:LAST], before[LAST:]])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize(
    ("kernel", "momentum", "nesterov"), [(sgd.plain, 0.0, False), (sgd.momentum, 0.9, False), (sgd.nesterov, 0.9, True)]
)
def test_sgd(dtype: str, decay: float, kernel: Any, momentum: float, nesterov: bool) -> None:
    generator = np.random.default_rng(0)
    a = generator.normal(size=COUNT)
    velocity = np.zeros(COUNT)
    parameters, memory = a.astype(dtype), np.zeros(2 * COUNT, dtype)
    for step in range(4):
        gradient = generator.normal(size=COUNT)
        memory[PLACE : PLACE + LAST - FIRST] = gradient[FIRST:LAST]
        kernel(np.array([0.05, momentum, decay]), memory, parameters, span(step))
        new, moved = naive.sgd_step(a, gradient, velocity, 0.05, momentum, nesterov, decay)
        a, velocity = only_the_tile(new, a), only_the_tile(moved, velocity)
    tolerance = 16 * np.finfo(dtype).eps
    np.testing.assert_allclose(parameters, a, rtol=tolerance, atol=tolerance)
    assert np.array_equal(memory[PLACE : PLACE + LAST - FIRST], gradient[FIRST:LAST].astype(dtype))
    if momentum:
        np.testing.assert_allclose(memory[COUNT:], velocity, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adam(dtype: str, decay: float) -> None:
    generator = np.random.default_rng(0)
    a, mean, square = generator.normal(size=COUNT), np.zeros(COUNT), np.zeros(COUNT)
    parameters, memory = a.astype(dtype), np.zeros(3 * COUNT, dtype)
    for step in range(4):
        gradient = generator.normal(size=COUNT)
        memory[PLACE : PLACE + LAST - FIRST] = gradient[FIRST:LAST]
        adam.adam(np.array([0.05, 0.8, 0.95, 1e-6, decay]), memory, parameters, span(step))
        new = naive.adam_step(a, gradient + decay * a, mean, square, step + 1, 0.05, 0.8, 0.95, 1e-6)
        a, mean, square = (only_the_tile(*pair) for pair in zip(new, (a, mean, square), strict=True))
    tolerance = 64 * np.finfo(dtype).eps
    np.testing.assert_allclose(parameters, a, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(memory[COUNT:], np.concatenate([mean, square]), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
def test_adams_first_step_is_the_sign_of_the_gradient(dtype: str) -> None:
    """Freed from their start at zero, mean and root of the mean square are equal at first."""
    parameters, memory = np.zeros(COUNT, dtype), np.zeros(3 * COUNT, dtype)
    memory[PLACE : PLACE + LAST - FIRST] = np.linspace(-3, 2, LAST - FIRST)
    adam.adam(np.array([0.5, 0.9, 0.999, 1e-12, 0.0]), memory, parameters, span(0))
    expected = -0.5 * np.sign(np.linspace(-3, 2, LAST - FIRST))
    np.testing.assert_allclose(parameters[FIRST:LAST], expected, rtol=1e-5 if dtype == "float32" else 1e-10)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("width", [0, 1, 4, 5, 35])
@pytest.mark.parametrize("units", [4, 37])
def test_sgd_with_the_factors_of_a_gradient(dtype: str, decay: float, width: int, units: int) -> None:
    """Without x the gradient is d itself; a zero in d leaves its row alone but for the decay."""
    generator, first = np.random.default_rng(0), 3
    d, x = np.resize([0.5, 0.0, -1.0, 2.0], units), generator.normal(size=max(width, 1))
    a = generator.normal(size=first + units * max(width, 1) + 2)
    gradient = np.zeros(len(a))
    gradient[first:-2] = np.outer(d, x if width else [1]).ravel()
    expected = a - 0.05 * (gradient + decay * a)
    expected[:first], expected[-2:] = a[:first], a[-2:]
    span = np.zeros(1, SPAN)[0]
    span.start, span.stop = first, len(a) - 2
    span.left, span.right, span.right_width = 1, units + 2, width
    w = np.concatenate([[np.nan], d, [np.nan], x, np.full(16, np.nan)]).astype(dtype)
    for kernel in [sgd.plain_outer, *([sgd.plain_narrow(width)] if 0 < width < MIN_VECTOR_INPUTS else [])]:
        parameters = a.astype(dtype)
        kernel(np.array([0.05, 0.0, decay]), w, parameters, span)
        np.testing.assert_allclose(parameters, expected, rtol=16 * np.finfo(dtype).eps, atol=16 * np.finfo(dtype).eps)
