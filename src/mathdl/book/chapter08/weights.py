"""Exercise 8.4: what the weight of one object does to the minimiser."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.book.experiment import Experiment, Finding
from mathdl.descent.gradient_descent import gradient_descent
from mathdl.descent.sgd import SGD
from mathdl.objectives.least_squares import LeastSquares
from mathdl.plots.style import COLOURS, legend, log_axes, svg_file

Reals = NDArray[np.float64]

OBJECTS = (0.0, 0.01, 1.0)
SHOWN = (1e-6, 1 / 99, 0.1, 1.0, 1.98, 10.0, 100.0, 1e6)
TOLERANCE = 1e-12


def weights(seed: int = 0) -> Experiment:
    """Minimise (a - s1)^2 + (a - s2)^2 + v (a - s3)^2 for s = 0, 0.01, 1 and many weights v.

    The table has by weight the minimiser that descent finds, the formula (v + 0.01) / (v + 2), and each object's
    distance.
    """
    found = np.array([minimiser(v) for v in SHOWN])
    formula = _formula(np.array(SHOWN))
    away = np.abs(found[:, None] - OBJECTS)
    table = {"v": list(SHOWN), "a_v by descent": found.tolist(), "(v + 0.01) / (v + 2)": formula.tolist()}
    table |= {f"|a_v - s{i + 1}|": away[:, i].tolist() for i in range(3)}
    many = np.geomspace(1e-4, 1e4, 161)
    curve = np.array([minimiser(float(v)) for v in many])
    findings = (
        Finding("Descent ends at (v + 0.01) / (v + 2).", _close(np.append(found, curve), np.append(SHOWN, many))),
        Finding("The minimiser rises with v.", bool((np.diff(curve) > 0).all())),
        Finding("It tends to 0.005 as v tends to 0 and to 1 as v grows.", _limits(found)),
        Finding("It is 101/300 for v = 1 and 1/2 for v = 1.98.", _at(found, 1.0, 101 / 300) and _at(found, 1.98, 0.5)),
        Finding("The second object is met exactly at v = 1/99.", _at(found, 1 / 99, 0.01)),
        Finding(
            "More weight brings the third object nearer and sends the first away.",
            bool((np.diff(1 - curve) < 0).all() and (np.diff(curve) > 0).all()),
        ),
    )
    away = np.abs(curve[:, None] - OBJECTS)
    picture = _picture(many, curve, away)
    series = {"v": many.tolist(), "a_v": curve.tolist()}
    return Experiment("exercise-8.4", "The role of weights: three objects", table, findings, picture, series)


def minimiser(v: float) -> float:
    """Return where descent on the loss ends; its scale, 1 / (2 + v), changes nothing."""
    loss = LeastSquares(np.ones((3, 1)), OBJECTS, sample_weight=[1.0, 1.0, v])
    return float(gradient_descent(loss, [0.5], SGD(0.25), steps=100, tolerance=1e-15).point[0])


def _picture(v: Reals, minimisers: Reals, distances: Reals) -> str:
    """Draw the minimiser and the distance of each object by the weight of the third."""

    def minimiser(ax: Any) -> None:
        ax.plot(v, minimisers, color=COLOURS[0])
        ax.set(xlabel="weight v of the third object", ylabel="minimiser")
        log_axes(ax, x=True)

    def away(ax: Any) -> None:
        for i, (s, colour) in enumerate(zip(OBJECTS, COLOURS, strict=False)):
            ax.plot(v, distances[:, i], color=colour, label=f"object {i + 1} at {s:g}")
        ax.set(xlabel="weight v of the third object", ylabel="distance of each object")
        log_axes(ax, x=True)
        legend(ax)

    return svg_file("The minimiser and the distances of three objects, by the weight of the third", minimiser, away)


def _formula(v: Reals) -> Reals:
    """Return where the derivative (4 + 2 v) a - 2 v - 0.02 is zero."""
    return (v + 0.01) / (v + 2)


def _close(found: Reals, v: Reals) -> bool:
    """Tell whether descent and formula agree."""
    return bool(np.abs(found - _formula(v)).max() < TOLERANCE)


def _limits(found: Reals) -> bool:
    """Tell whether the ends of the table lie as near to the limits as the weights there allow."""
    return bool(abs(found[0] - 0.005) < SHOWN[0] and abs(found[-1] - 1) < 2 / SHOWN[-1])


def _at(found: Reals, v: float, value: float) -> bool:
    """Tell whether the minimiser at a weight of the table is a number."""
    return bool(abs(found[SHOWN.index(v)] - value) < TOLERANCE)
