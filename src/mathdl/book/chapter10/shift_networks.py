"""The networks of example 10.6.3, and what they answer before and after a shift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import drawn, network
from mathdl.book.finding import Finding, differs, equals


def shift_invariant(sizes: Sequence[int], channels: int = 1) -> list[Any]:
    """List the layers of example 10.6.3: for each D_k padding by D_k - 1 and a convolution, then the maximum."""
    layers: list[Any] = []
    for place, d in enumerate(sizes, 1):
        count = channels if place == len(sizes) else 1
        layers += [mathdl.ZeroPad2D(d - 1), mathdl.Conv2D(count, d, activation="relu", bias=None)]
    return [*layers, mathdl.GlobalMaxPool2D()]


def before_and_after(layers: Sequence[Any], matrix: Any, *parameters: Any) -> tuple[float, float]:
    """Return the largest response to a picture and to T_h of it."""
    picture = np.array(matrix)[None, None]
    net = network([*layers, mathdl.GlobalMaxPool2D()], picture.shape[1:], *parameters)
    return net(picture).item(), net(np.roll(picture, 1, axis=-1)).item()


def one(place: int, size: int = 4) -> Any:
    """Return a vector with a 1 at a place, counted from 1, and else 0: the entries of a kernel, row by row."""
    return np.eye(size, dtype=int)[place - 1]


def repaired_by_padding() -> Iterator[Finding]:
    """Find that any biases will do where a layer is padded by what the layers before make of their padding."""
    kernels, biases = [drawn(9, seed=seed) for seed in range(3)], (2, -1, 3)
    values = [0]
    for kernel, bias in zip(kernels, biases, strict=True):
        values.append(max(int(values[-1] * kernel.sum() + bias), 0))
    yield equals(
        "v_0 = 0 and v_k = lambda(v_(k-1) (sum of K_k) + b_k) for three drawn kernels, b = 2, -1, 3, ReLU: v_0 to v_2",
        values[:3],
        [0, 2, 9],
        "what is left of the responses where the picture is blank, if layer k is padded by v_(k-1)",
    )
    parameters = [part for kernel, bias in zip(kernels, biases, strict=True) for part in (kernel, [bias])]
    verdicts = []
    for padding in (values[:3], [0, 0, 0]):
        pairs = [(mathdl.ZeroPad2D(2, value=v), mathdl.Conv2D(1, 3, activation="relu")) for v in padding]
        layers: list[Any] = [layer for pair in pairs for layer in pair]
        net = network([*layers, mathdl.GlobalMaxPool2D()], (1, 5, 5), *parameters)
        verdicts.append(mathdl.decide_invariance(net, (0, 1), border=(0, 0, 0, 1)).verdict)
    yield equals(
        "the decision for all 5 x 5 M with a blank last column, padded by these v, and padded by 0",
        verdicts,
        ["proved", "refuted"],
    )
    half = [mathdl.ZeroPad2D(3), mathdl.Conv2D(1, 3, activation="sigmoid")]
    half += [mathdl.ZeroPad2D(3, value=0.5), mathdl.Conv2D(1, 3, activation="sigmoid"), mathdl.GlobalMaxPool2D()]
    net = network(half, (1, 2, 2), one(1, 9), [0], one(1, 9) - one(3, 9), [0])
    yield equals(
        "the decision for the sigmoid above with padding by v_1 = 1/2 in its second layer",
        mathdl.decide_invariance(net, (0, 1), border=(0, 0, 0, 1)).verdict,
        "proved",
    )


CORNER = ((1, 0), (0, 0))
"""A picture with one pixel that is not 0."""


def padded_by(s: int, d: int) -> list[Any]:
    """Return padding by s zeros and a convolution with a d x d kernel."""
    return [mathdl.ZeroPad2D(s), mathdl.Conv2D(1, d, bias=None)]


def biases_matter() -> Iterator[Finding]:
    """Find that biases and the activation function matter."""
    layers = {name: [mathdl.ZeroPad2D(3), mathdl.Conv2D(1, 3, activation=name)] * 2 for name in ("relu", "sigmoid")}
    with_bias, without = ((one(1, 9), [bias], one(1, 9) - one(3, 9), [0]) for bias in (1, 0))
    kernels = "kernels 1 at (1, 1), and 1 at (1, 1), -1 at (1, 3)"
    before, after = before_and_after(layers["relu"], CORNER, *with_bias)
    what = f"with M = (1 0, 0 0), ReLU, b_1 = 1, s = 3 and {kernels}: q of T_h M, beside q of M"
    yield differs(what, after, before)
    before, after = before_and_after(layers["sigmoid"], CORNER, *without)
    yield differs("the same with b_1 = 0 and sigmoid", after, before, 0.01)
    by_place, peak = [mathdl.ZeroPad2D(1), mathdl.Conv2D(1, 2, bias="position")], np.zeros((3, 3))
    peak[0, 0] = 5
    before, after = before_and_after(by_place, CORNER, one(4), peak)
    yield differs("with a bias of 5 at the place (1, 1) alone: q of T_h M, beside q of M", after, before)
    yield equals(
        "with ReLU and b_1 = 0, q of M and of T_h M", before_and_after(layers["relu"], CORNER, *without), (1, 1)
    )
