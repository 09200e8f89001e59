"""Example 8.1.1 with Table 8.1: how many steps gradient descent on x^2 takes, by learning rate."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.book.experiment import Experiment, Finding
from mathdl.descent.gradient_descent import gradient_descent
from mathdl.descent.sgd import SGD
from mathdl.objectives.quadratic import Quadratic
from mathdl.plots.style import COLOURS, SOFT, legend, log_axes, svg_file

Reals = NDArray[np.float64]

RATES = (Fraction(1, 1000), Fraction(1, 100), Fraction(1, 10), Fraction(1, 2), Fraction(1))
PRINTED = (3451, 342, 31, 1, None)
MAX_DISTANCE = Fraction(1, 1000)
MAX_STEPS = 4000


def learning_rates(seed: int = 0) -> Experiment:
    """Count the steps from x = 1 until |x| < 0.001.

    The table has by learning rate the first index n with |x_n| < 0.001, in floating point and in rationals, and the
    smallest N with |x_n| < 0.001 for all n > N, beside the printed one.
    """
    traces = [distances(rate) for rate in RATES]
    first = [_first_near(trace) for trace in traces]
    exact = [first_near_exactly(rate) for rate in RATES]
    smallest = [_last_far(trace) for trace in traces]
    table: dict[str, Any] = {
        "tau": [float(rate) for rate in RATES],
        "first n": first,
        "first n, exact": exact,
        "smallest N": smallest,
        "printed N": list(PRINTED),
    }
    findings = (
        Finding("The printed N is the first n with |x_n| < 0.001.", first == list(PRINTED)),
        Finding(
            "The smallest N with |x_n| < 0.001 for all n > N is one less than printed.",
            smallest == [None if n is None else n - 1 for n in PRINTED],
        ),
        Finding("With tau = 1, |x_n| stays 1 for ever.", bool((traces[-1] == 1).all())),
        Finding("Floating point and rationals agree on every count.", first == exact),
    )
    series = {f"|x_n|, tau = {float(rate):g}": trace.tolist() for rate, trace in zip(RATES, traces, strict=True)}
    return Experiment(
        "tab-8.1", "Gradient descent on x^2: steps by learning rate", table, findings, _picture(traces), series
    )


def distances(rate: Fraction) -> Reals:
    """Return |x_n| along gradient descent from x_0 = 1."""
    square = Quadratic([[2.0]])
    descent = gradient_descent(square, [1.0], SGD(float(rate)), steps=MAX_STEPS, tolerance=0.0)
    return np.abs(descent.points[:, 0])


def first_near_exactly(rate: Fraction) -> int | None:
    """Return the first n with |1 - 2 tau|^n < 0.001, in whole numbers; None where there is none."""
    factor = abs(1 - 2 * rate)
    if factor >= 1:
        return None
    over, under, n = 1, 1, 0
    while over * MAX_DISTANCE.denominator >= under * MAX_DISTANCE.numerator:
        over, under, n = over * factor.numerator, under * factor.denominator, n + 1
    return n


def _first_near(trace: Reals) -> int | None:
    """Return the first n with |x_n| < 0.001."""
    near = np.flatnonzero(trace < float(MAX_DISTANCE))
    return int(near[0]) if len(near) else None


def _last_far(trace: Reals) -> int | None:
    """Return the smallest N with |x_n| < 0.001 for all n > N; None where the end is still far."""
    far = np.flatnonzero(trace >= float(MAX_DISTANCE))
    return None if far[-1] == len(trace) - 1 else int(far[-1])


def _picture(traces: list[Reals]) -> str:
    """Draw |x_n| by n + 1, as n = 0 has no place on a logarithmic axis."""

    def draw(ax: Any) -> None:
        for rate, trace, colour in zip(RATES, traces, COLOURS, strict=False):
            n = np.unique(np.geomspace(1, len(trace), 200).astype(int))
            n = n[trace[n - 1] > 1e-5]
            name = f"tau = {float(rate):g}" + (" (x_1 = 0)" if rate == Fraction(1, 2) else "")
            ax.plot(n, trace[n - 1], color=colour, marker="o" if len(n) == 1 else None, label=name)
        ax.axhline(float(MAX_DISTANCE), linestyle="--", color=SOFT, label="0.001")
        ax.set(xlabel="n + 1", ylabel="|x_n|")
        log_axes(ax, x=True, y=True)
        legend(ax)

    description = "The distance of gradient descent from the minimum of x^2, for five learning rates"
    return svg_file(description, draw, size=(7.0, 3.0))
