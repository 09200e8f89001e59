"""Exercise 8.3: gradient descent on sin(10 x)^2 oscillates from a learning rate of 1/100 on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.book.experiment import Experiment, Finding
from mathdl.descent.gradient_descent import gradient_descent
from mathdl.descent.sgd import SGD
from mathdl.objectives.function import Function
from mathdl.plots.style import COLOURS, legend, svg_file

Reals = NDArray[np.float64]

THRESHOLD, PRINTED = 1 / 100, 1 / 19
RATES = (0.0099, 0.0101, 0.011, 0.012, PRINTED)
START, STEPS = 1e-3, 6000
WELL = np.pi / 20  # 0 is the only minimum between the maxima -pi/20 and pi/20
DRAWN_RATES, DRAWN_POINTS = np.linspace(0.005, 0.056, 256), 48  # learning rates of the picture, and points of each
TOLERANCE = 1e-9


def oscillation(seed: int = 0) -> Experiment:
    """Follow gradient descent on sin(10 x)^2 from x = 0.001 by learning rate.

    The table has by learning rate the multiplier 1 - 200 tau of the minimum at 0, the last point, the positive root of
    5 tau sin(20 x) = x, to and fro between which and its negative descent goes, and the farthest point.
    """
    paths = trace(np.array(RATES), np.full(len(RATES), START), STEPS)
    last, before, farthest = paths[-1], paths[-2], np.abs(paths).max(axis=0)
    roots = [cycle(rate) for rate in RATES]
    cycles = [root if abs(abs(x) - (root or 0)) < TOLERANCE else None for root, x in zip(roots, last, strict=True)]
    table = {
        "tau": list(RATES),
        "1 - 200 tau": [1 - 200 * rate for rate in RATES],
        "last |x|": np.abs(last).tolist(),
        "cycle": cycles,
        "farthest |x|": farthest.tolist(),
    }
    swings = bool((np.abs(last + before)[1:4] < TOLERANCE).all()) and None not in cycles[1:4]
    findings = (
        Finding("For tau = 0.0099 descent comes to 0.", bool(abs(last[0]) < TOLERANCE)),
        Finding("For tau = 0.0101, 0.011 and 0.012 it ends in a cycle of two points.", swings),
        Finding("So the threshold is 1/100, not the printed 1/19.", bool(abs(last[0]) < TOLERANCE) and swings),
        Finding("For tau = 1/19 it leaves the interval from -pi/20 to pi/20.", bool(farthest[-1] > WELL)),
        Finding("For tau up to 1/100 every start tried within that interval is drawn towards 0.", _all_fall(seed)),
    )
    tau, x = attractor()
    series = {"tau": tau.tolist(), "x": x.tolist()}
    picture = _picture(tau, x)
    return Experiment("exercise-8.3", "Oscillation on sin(10 x)^2", table, findings, picture, series)


def trace(rates: Reals, starts: Reals, steps: int) -> Reals:
    """Return the points of gradient descent on sin(10 x)^2 for many learning rates at once, (steps + 1, rates).

    Descent with rate 1 on the sum of tau_i sin(10 x_i)^2 takes a step of rate tau_i in each x_i.
    """
    loss = Function(lambda a: float(rates @ np.sin(10 * a) ** 2), lambda a: 10 * rates * np.sin(20 * a))
    return gradient_descent(loss, starts, SGD(1.0), steps=steps, tolerance=0.0).points


def cycle(rate: float) -> float | None:
    """Return the positive x up to pi/20 with 5 tau sin(20 x) = x, which descent maps to -x; None up to tau = 1/100."""
    from scipy.optimize import brentq

    if rate <= THRESHOLD:
        return None
    root: float = brentq(lambda x: 5 * rate * np.sin(20 * x) - x, 1e-6, WELL, xtol=1e-15)
    return root


def attractor() -> tuple[Reals, Reals]:
    """Return learning rates and the points between which descent ends up going, taken modulo pi/10."""
    paths = trace(DRAWN_RATES, np.full(len(DRAWN_RATES), START), 1500)[-DRAWN_POINTS:]
    x = (paths - 2 * WELL * np.round(paths / (2 * WELL))).round(4)
    pairs = np.unique(np.column_stack([np.tile(DRAWN_RATES, DRAWN_POINTS), x.reshape(-1)]), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _all_fall(seed: int) -> bool:
    """Tell whether |x| fell with every step, and far, for rates up to the threshold and seeded starts."""
    generator = np.random.default_rng(seed)
    starts = generator.uniform(-0.999 * WELL, 0.999 * WELL, 200)
    rates = np.append(generator.uniform(0.001, THRESHOLD, 190), np.full(10, THRESHOLD))
    paths = np.abs(trace(rates, starts, 3000))
    return bool((np.diff(paths, axis=0)[paths[:-1] > 1e-8] < 0).all() and (paths[-1] < 0.01).all())


def _picture(tau: Any, x: Any) -> str:
    """Draw where descent ends up, and the two thresholds."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    def draw(ax: Any) -> None:
        # Thousands of points as one path, of lines without length: each as a marker would make a file of a megabyte.
        dots = Path(np.repeat(np.column_stack([tau, x]), 2, axis=0), np.tile([Path.MOVETO, Path.LINETO], len(tau)))
        dots.should_simplify = False
        ax.add_patch(PathPatch(dots, color=COLOURS[0], linewidth=1.6, capstyle="round", label="modulo pi/10"))
        ax.autoscale_view()
        ax.axvline(THRESHOLD, linestyle="--", color=COLOURS[1], label="1/100")
        ax.axvline(PRINTED, linestyle="--", color=COLOURS[2], label="1/19, as printed")
        ax.set_xlabel("tau")
        ax.set_ylabel("x after many steps")
        legend(ax)

    return svg_file("Points at which gradient descent ends, by learning rate", draw, size=(7.0, 3.0))
