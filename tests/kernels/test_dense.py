"""The kernels of a dense layer, each alone, against the definition; whole numbers make the sums exact."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import naive
from kernels.one_row import (
    COUNTS,
    DTYPES,
    INPUT,
    INPUT_GRADIENT,
    OUTPUT,
    OUTPUT_GRADIENT,
    in_panels,
    integers,
    run,
    run_gradient,
)
from mathdl.kernels import dense
from mathdl.kernels.narrow import MIN_VECTOR_INPUTS

SIZES = [(1, 1), (3, 2), (5, 7), (4, 37), (16, 4), (17, 5), (33, 9)]  # inputs, units


def kernels(inputs: int) -> list[Any]:
    """The kernels that compute y for so many inputs."""
    return [dense.forward, *([dense.narrow_forward(inputs)] if inputs < MIN_VECTOR_INPUTS else [])]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize(("inputs", "units"), SIZES)
@pytest.mark.parametrize("with_bias", [True, False])
def test_forward(dtype: str, n: int, inputs: int, units: int, with_bias: bool) -> None:
    x, A, b = integers(n, inputs), integers(units, inputs, seed=1), integers(units, seed=2)
    parameters = np.concatenate([np.full(2, np.nan), A.ravel(), b, np.full(16, np.nan)])
    bias = 2 + A.size if with_bias else -1
    truth = naive.dense(x, A, b if with_bias else None)
    for kernel in kernels(inputs):
        given = ([inputs, units, 0], {INPUT: x}, {OUTPUT: units}, parameters, 2, bias)
        assert np.array_equal(run(kernel, n, dtype, *given, (0, units))[OUTPUT], truth)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize(("inputs", "units"), SIZES[2:])
def test_forward_for_some_units(dtype: str, n: int, inputs: int, units: int) -> None:
    """Threads share out the units of a layer; the outputs of the others stay as they are."""
    x, A, b = integers(n, inputs), integers(units, inputs, seed=1), integers(units, seed=2)
    parameters, first, last = np.concatenate([A.ravel(), b, np.zeros(16)]), units // 3, units - 1
    truth = naive.dense(x, A, b)
    truth[:, :first] = truth[:, last:] = np.nan
    for kernel in kernels(inputs):
        given = ([inputs, units, 0], {INPUT: x}, {OUTPUT: units}, parameters, 0, A.size)
        np.testing.assert_array_equal(run(kernel, n, dtype, *given, (first, last))[OUTPUT], truth)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS[1:])  # of one sample the input itself is the copy
@pytest.mark.parametrize(("inputs", "units"), SIZES)
def test_forward_makes_the_copy(dtype: str, n: int, inputs: int, units: int) -> None:
    """Together with the first unit."""
    x, A = integers(n, inputs), integers(units, inputs, seed=1)
    wanted = {OUTPUT: units, "panels": in_panels(x, dtype).shape[1]}
    given = ([inputs, units, 1], {INPUT: x}, wanted, np.append(A, np.zeros(16)), 0, -1)
    found = run(dense.forward, n, dtype, *given, (0, units))
    assert np.isnan(run(dense.forward, n, dtype, *given, (1, units))["panels"]).all()
    np.testing.assert_array_equal(found["panels"].T.ravel(), in_panels(x, dtype).ravel())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize(("inputs", "units"), SIZES)
def test_backward(dtype: str, n: int, inputs: int, units: int) -> None:
    x, A, dy = integers(n, inputs), integers(units, inputs, seed=1), integers(n, units, seed=2)
    parameters = np.concatenate([A.ravel(), np.full(16, np.nan)])
    found = run(
        dense.backward, n, dtype, [inputs, units], {OUTPUT_GRADIENT: dy}, {INPUT_GRADIENT: inputs}, parameters, 0
    )
    assert np.array_equal(found[INPUT_GRADIENT], naive.dense_gradient(x, A, dy)[0])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [1, 2, 16, 17, 37])
@pytest.mark.parametrize(("inputs", "units"), SIZES)
@pytest.mark.parametrize("accumulate", [False, True])
def test_gradients(dtype: str, samples: int, inputs: int, units: int, accumulate: bool) -> None:
    """A tile is a range of units; the gradient of the others stays as it is."""
    x, dy = integers(samples, inputs), integers(samples, units, seed=1)
    copy = np.vstack([in_panels(x[first : first + 16], dtype) for first in range(0, samples, 16)])
    sizes, part = [inputs, units], (units // 3, units)
    before = integers(units * inputs + units + 16, seed=2)
    _, dA, db = naive.dense_gradient(x, np.zeros((units, inputs)), dy)
    for kernel, place, truth in [
        (dense.weights_gradient, 0, dA),
        (dense.bias_gradient, units * inputs, db),
    ]:
        found = run_gradient(
            kernel,
            dtype,
            sizes,
            {INPUT: x, OUTPUT_GRADIENT: dy},
            before,
            part,
            {"panels": copy},
            weights=0,
            bias=units * inputs,
            accumulate=accumulate,
        )
        expected = before.copy()
        mine = expected[place : place + truth.size].reshape(truth.shape)[part[0] :]
        mine[...] = truth[part[0] :] + (mine if accumulate else 0)
        assert np.array_equal(found, expected)
