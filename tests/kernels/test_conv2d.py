"""The kernels of a convolution, each alone, against the definition; whole numbers make the sums exact."""

from __future__ import annotations

from typing import NamedTuple

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
    Array,
    flat,
    integers,
    run,
    run_gradient,
)
from mathdl.kernels import conv2d


class Case(NamedTuple):
    """A convolution of images (inputs, height, width) by kernels of d x d with a stride."""

    d: int
    stride: int
    channels: int
    inputs: int
    height: int
    width: int

    @property
    def output(self) -> tuple[int, int, int]:
        return (
            self.channels,
            (self.height - self.d) // self.stride + 1,
            (self.width - self.d) // self.stride + 1,
        )

    @property
    def kernels(self) -> tuple[int, int, int, int]:
        return (self.channels, self.inputs, self.d, self.d)

    def sizes(self, per_position: bool = False) -> list[int]:
        image, kernel = (self.inputs, self.height, self.width), (self.d, self.d, self.stride, self.stride)
        return [*image, *self.output, *kernel, per_position]


CASES = [
    Case(1, 1, 3, 2, 2, 3),
    Case(3, 1, 5, 1, 5, 4),
    Case(3, 1, 1, 6, 3, 3),
    Case(3, 1, 4, 3, 7, 8),
    Case(5, 1, 3, 2, 6, 6),  # fewer columns of the output than of a kernel
    Case(4, 1, 41, 2, 5, 6),  # more channels than go back at a time
    Case(2, 2, 6, 5, 5, 7),  # a row and a column that no kernel reaches
]


def padded(*arrays: Array) -> Array:
    """Write parameters one after the other, with room for a vector's load."""
    return np.concatenate([*(a.ravel() for a in arrays), np.full(16, np.nan)])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("bias", ["channel", "position", None])
def test_forward(dtype: str, n: int, case: Case, bias: str | None) -> None:
    x, K = integers(n, case.inputs, case.height, case.width), integers(*case.kernels, seed=1)
    b = integers(*(case.output if bias == "position" else case.output[:1]), seed=2)
    found = run(
        conv2d.forward,
        n,
        dtype,
        case.sizes(bias == "position"),
        {INPUT: flat(x)},
        {OUTPUT: int(np.prod(case.output))},
        padded(K, b),
        0,
        K.size if bias else -1,
    )
    truth = naive.conv2d(x, K, b if bias else None, case.stride)
    assert np.array_equal(found[OUTPUT], flat(truth))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("case", CASES)
def test_backward(dtype: str, n: int, case: Case) -> None:
    x, K = integers(n, case.inputs, case.height, case.width), integers(*case.kernels, seed=1)
    dy = integers(n, *case.output, seed=2)
    found = run(
        conv2d.backward,
        n,
        dtype,
        case.sizes(),
        {OUTPUT_GRADIENT: flat(dy)},
        {INPUT_GRADIENT: flat(x).shape[1]},
        padded(K),
        0,
    )
    assert np.array_equal(found[INPUT_GRADIENT], flat(naive.conv2d_gradient(x, K, dy, case.stride)[0]))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [1, 16, 17, 37])
@pytest.mark.parametrize("case", [*CASES, Case(3, 1, 2, 1, 5, 32)])  # the last goes in bands of one or two rows
@pytest.mark.parametrize("accumulate", [False, True])
def test_weights_gradient(dtype: str, samples: int, case: Case, accumulate: bool) -> None:
    """A tile is a range of channels; the gradient of the others stays as it is."""
    x, dy = integers(samples, case.inputs, case.height, case.width), integers(samples, *case.output, seed=1)
    before, first = integers(*case.kernels, seed=2), case.channels // 3
    found = run_gradient(
        conv2d.weights_gradient,
        dtype,
        case.sizes(),
        {INPUT: flat(x), OUTPUT_GRADIENT: flat(dy)},
        padded(before),
        (first, case.channels),
        weights=0,
        accumulate=accumulate,
    )
    truth = naive.conv2d_gradient(x, before, dy, case.stride)[1]
    expected = truth + before if accumulate else truth
    expected[:first] = before[:first]
    assert np.array_equal(found[: before.size], expected.ravel())


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("samples", [1, 17, 37])
@pytest.mark.parametrize("accumulate", [False, True])
def test_bias_gradients(dtype: str, samples: int, accumulate: bool) -> None:
    case = Case(2, 2, 6, 5, 5, 7)
    dy = integers(samples, *case.output, seed=1)
    for kernel, truth in [
        (conv2d.channel_bias_gradient, dy.sum(axis=(0, 2, 3))),
        (conv2d.position_bias_gradient, dy.sum(axis=0).ravel()),
    ]:
        before = integers(truth.size, seed=2)
        found = run_gradient(
            kernel,
            dtype,
            case.sizes(),
            {OUTPUT_GRADIENT: flat(dy)},
            padded(before),
            (2, truth.size),
            bias=0,
            accumulate=accumulate,
        )
        expected = truth + before if accumulate else truth.copy()
        expected[:2] = before[:2]
        assert np.array_equal(found[: truth.size], expected)
