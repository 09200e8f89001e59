"""Section 8.3: stochastic gradient descent."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, equals, erratum, near, refutes, shows
from mathdl.book.item import item

X, Y = [1, 2, 3, -1, 1, -2], [2, 1, 0, 3, 1, -2]  # of a straight line through 0 with the slope a


def slope(a: Fraction, batch: tuple[int, ...]) -> Fraction:
    """Return the derivative in a of the mean of (a x - y)^2 over a batch."""
    return sum((2 * X[i] * (a * X[i] - Y[i]) for i in batch), Fraction(0)) / len(batch)


@item(
    "sec-8.3",
    "Stochastic gradient descent: a step by a batch",
    try_it="mathdl.gradient_descent(mathdl.LeastSquares([[1], [2]], [2, 1]), [0], batch_size=1, steps=9).points",
)
def batches() -> Findings:
    """Stochastic gradient descent steps along the gradient of the mean loss of a batch T_n, drawn anew (8.11).

    a_n = a_(n-1) - tau grad (1 / |T_n|) sum over s in T_n of l(s, a), the gradient taken at a_(n-1). A step costs |T_n|
    gradients of single objects instead of |T|, and on average over all batches its gradient is that of the whole loss.
    """
    a, whole = Fraction(1, 3), slope(Fraction(1, 3), tuple(range(6)))
    for size in range(1, 7):
        chosen = list(combinations(range(6), size))
        mean = sum((slope(a, batch) for batch in chosen), Fraction(0)) / len(chosen)
        yield equals(
            f"mean gradient of all {len(chosen)} batches of {size} of 6 objects, less the whole one", mean - whole, 0
        )
    loss = mathdl.LeastSquares(np.array(X, float)[:, None], Y)
    yield near(
        "gradient of the whole loss at a = 1/3 by the library",
        loss.value_and_gradient(np.array([1 / 3]))[1][0],
        Fraction(2, 9),
        1e-14,
    )
    given: dict[str, Any] = {"steps": 5, "tolerance": 0.0}
    full = mathdl.gradient_descent(loss, [0.0], mathdl.SGD(0.0625), **given)
    by_six = mathdl.gradient_descent(loss, [0.0], mathdl.SGD(0.0625), batch_size=6, **given)
    yield equals(
        "points with the batch T_n = T, less those of gradient descent", by_six.points - full.points, np.zeros((6, 1))
    )
    cost = mathdl.gradient_descent(loss, [0.0], mathdl.SGD(0.0625), batch_size=2, **given).object_gradients
    yield equals(
        "gradients of single objects in 5 steps with all six, and with batches of 2",
        (full.object_gradients, cost),
        (30, 10),
    )
    first = [Fraction(0) - Fraction(1, 16) * slope(Fraction(0), (i,)) for i in range(6)]
    one = mathdl.gradient_descent(loss, [0.0], mathdl.SGD(0.0625), batch_size=1, steps=6, tolerance=0.0, seed=3)
    order = _order(one.point[0])
    yield erratum(
        "In (8.11) the gradient is taken at an a that is not said.",
        "It is taken at a_(n-1), the point that the step begins from.",
        refutes(
            "With the gradients at the start 0 instead, no order of the objects leads to the point after 6 steps.",
            abs(float(sum(first)) - one.point[0]) > 0.1,
        ),
        shows("With the gradients at a_(n-1) an order of the objects leads exactly there, in fractions.", order),
    )


def _order(end: float) -> list[tuple[int, ...]]:
    """Return the orders of the objects in which six steps of rate 1/16 from 0 lead to a point, found in fractions."""
    paths: list[tuple[tuple[int, ...], Fraction]] = [((), Fraction(0))]
    for _ in range(6):
        paths = [((*done, i), a - slope(a, (i,)) / 16) for done, a in paths for i in range(6) if i not in done]
    return [done for done, a in paths if a == Fraction(end)]
