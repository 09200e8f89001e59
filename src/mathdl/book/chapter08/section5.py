"""Section 8.5: weights of objects."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, equals, near
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend

CHANCES = (Fraction(1, 8), Fraction(1, 8), Fraction(1, 4), Fraction(1, 2))
X, Y = [[1.0, 2.0], [3.0, -1.0], [2.0, 0.0], [0.0, 1.0]], [1.0, 2.0, -3.0, 4.0]
POINT = [1.0, -1.0]


def gradient(rows: Any, weights: Any = None) -> list[Fraction]:
    """Return the gradient of the mean square loss of some objects, exact since all numbers are small and whole."""
    loss = mathdl.LeastSquares([X[i] for i in rows], [Y[i] for i in rows], sample_weight=weights)
    return [Fraction(v) for v in loss.value_and_gradient(np.array(POINT))[1].tolist()]


def mean(vectors: list[list[Fraction]], chances: list[Fraction]) -> list[Fraction]:
    """Return the expected vector."""
    return [
        sum((p * v for p, v in zip(chances, column, strict=True)), Fraction(0)) for column in zip(*vectors, strict=True)
    ]


@item(
    "sec-8.5",
    "Weights of objects, in the loss or in the draw",
    try_it="mathdl.gradient_descent(mathdl.LeastSquares([[1], [2]], [2, 1], sample_weight=[1, 3]), [0]).point",
)
def weights() -> Findings:
    """Objects s may have weights v(s), whose sum is 1, in the loss L(a) = sum of v(s) l(s, a), or in the draw.

    Here l(s, a) is the loss of an object. Drawn with the probabilities v(s), the batches have on average the gradient
    of the weighted loss. Weights of 1 / (m |class|) for m classes make each class count as much as every other.
    """
    expected = gradient(range(4), [float(p) for p in CHANCES])
    yield equals(
        "gradient of the weighted loss at a = (1, -1), v = (1/8, 1/8, 1/4, 1/2)",
        expected,
        (6, Fraction(-13, 2)),
    )
    yield equals(
        "mean gradient of one object drawn by v", mean([gradient([i]) for i in range(4)], list(CHANCES)), expected
    )
    pairs = list(product(range(4), repeat=2))
    twice = mean([gradient(pair) for pair in pairs], [CHANCES[i] * CHANCES[j] for i, j in pairs])
    yield equals("mean gradient of batches of two independent draws", twice, expected)
    rare = np.arange(20) >= 18
    balanced = np.where(rare, 1 / (2 * rare.sum()), 1 / (2 * (~rare).sum()))
    yield near(
        "expected share of the class of 2 among 20 objects in a batch, weights 1 / (m |class|)",
        balanced[rare].sum(),
        1 / 2,
        1e-15,
    )
    loss = mathdl.LeastSquares(np.eye(20), np.zeros(20))
    run = mathdl.gradient_descent(
        loss,
        np.ones(20),
        mathdl.SGD(1e-3),
        steps=20000,
        batch_size=1,
        sampling="with_replacement",
        sampling_weight=balanced,
    )
    visits = np.log(run.point) / np.log1p(-2e-3)
    yield near(
        "share of that class among 20,000 objects drawn with these weights", visits[rare].sum() / 20000, 0.5, 0.01
    )


@weights.figure(
    "the share of a class of 2 among 20 objects in what is drawn, with equal weights and with balanced ones"
)
def _draw_shares(ax: Any) -> None:
    draws, rare = np.arange(1, 2001), np.arange(20) >= 18
    for name, style, chances in (("equal", "--", None), ("1 / (m |class|)", "-", np.where(rare, 0.25, 1 / 36))):
        drawn = np.random.default_rng(0).choice(20, size=2000, p=chances)
        ax.plot(draws, np.cumsum(rare[drawn]) / draws, style, color=COLOURS[chances is None], label=f"weights {name}")
    ax.set(xlabel="objects drawn", ylabel="share of the small class", ylim=(0, 1))
    legend(ax)
