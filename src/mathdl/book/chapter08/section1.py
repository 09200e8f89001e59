"""Section 8.1: gradient descent."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, Table, differs, equals, erratum, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, SOFT, legend, log_axes

RATES = (Fraction(1, 1000), Fraction(1, 100), Fraction(1, 10), Fraction(1, 2), Fraction(1))


def distances(rate: Fraction) -> Any:
    """Return |x_n| along gradient descent on x^2 from x_0 = 1."""
    square = mathdl.Quadratic([[2.0]])
    descent = mathdl.gradient_descent(square, [1.0], mathdl.SGD(float(rate)), steps=4000, tolerance=0.0)
    return np.abs(descent.points[:, 0])


def first_near(rate: Fraction) -> int | None:
    """Return the first n with |1 - 2 tau|^n < 1/1000, in whole numbers; None where there is none."""
    factor = abs(1 - 2 * rate)
    if factor >= 1:
        return None
    over, under, n = 1, 1, 0
    while 1000 * over >= under:
        over, under, n = over * factor.numerator, under * factor.denominator, n + 1
    return n


@item(
    "tab-8.1",
    "Gradient descent on x^2: steps by learning rate",
    try_it="mathdl.gradient_descent(mathdl.Quadratic([[2.0]]), [1.0], mathdl.SGD(0.1), steps=31, tolerance=0.0).point",
)
def steps_by_rate() -> Findings:
    """Gradient descent x_(n+1) = x_n - tau f'(x_n) on f(x) = x^2 from x_0 = 1 multiplies x by 1 - 2 tau in every step.

    The table has, for five learning rates tau, the number of steps until |x_n| < 0.001.
    """
    traces = [distances(rate) for rate in RATES]
    first = [int(np.argmax(trace < 0.001)) if (trace < 0.001).any() else None for trace in traces]
    last_far = [None if trace[-1] >= 0.001 else int(np.flatnonzero(trace >= 0.001)[-1]) for trace in traces]
    yield Table({"tau": [float(rate) for rate in RATES], "first n": first, "smallest N": last_far})
    yield equals("first n with |x_n| < 0.001, by tau", first, (3451, 342, 31, 1, None))
    yield equals("the same in whole numbers, without rounding", [first_near(rate) for rate in RATES], first)
    yield shows("With tau = 1, |x_n| stays 1 for ever.", (traces[-1] == 1).all())
    yield erratum(
        "The table gives the smallest N with |x_n| < 0.001 for all n > N.",
        "It gives the first n with |x_n| < 0.001; the smallest such N is one less.",
        differs("smallest N with |x_n| < 0.001 for all n > N, by tau", last_far, (3451, 342, 31, 1, None)),
        equals("the same", last_far, (3450, 341, 30, 0, None)),
    )


@steps_by_rate.figure("the distance |x_n| from the minimum of x^2, for five learning rates tau", size=(7.0, 3.0))
def _draw_distances(ax: Any) -> None:
    for rate, colour in zip(RATES, COLOURS, strict=False):
        trace = distances(rate)
        n = np.unique(np.geomspace(1, len(trace), 200).astype(int))
        n = n[trace[n - 1] > 1e-5]
        name = f"tau = {float(rate):g}" + (" (x_1 = 0)" if rate == Fraction(1, 2) else "")
        ax.plot(n, trace[n - 1], color=colour, marker="o" if len(n) == 1 else None, label=name)
    ax.axhline(1e-3, linestyle="--", color=SOFT, label="0.001")
    ax.set(xlabel="n + 1", ylabel="|x_n|")
    log_axes(ax, x=True, y=True)
    legend(ax)
