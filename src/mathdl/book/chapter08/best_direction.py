"""Exercise 8.2: for a step of fixed length the best direction is not that of the gradient."""

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

CASES = ((1, 1, 0.001), (1, 1, 0.01), (1, 1, 0.1), (1, 1, 0.5), (1, 0, 0.1), (0, 1, 0.1), (0, 1, 3.0))
ANGLES = np.linspace(-np.pi, np.pi, 721)
TOLERANCE = 1e-9


def best_direction(seed: int = 0) -> Experiment:
    """Minimise f(x - tau y) over unit vectors y for f(x) = x1^2 + 2 x2^2.

    The table has by point x and step tau the best y, the residual y1 (2 x2 - tau y2) - x1 y2 of the condition that it
    meets, and the sine of its angle to the gradient.
    """
    best = np.array([direction(np.array(case[:2], float), case[2]) for case in CASES])
    x, tau = np.array(CASES)[:, :2], np.array(CASES)[:, 2]
    residual = best[:, 0] * (2 * x[:, 1] - tau * best[:, 1]) - x[:, 0] * best[:, 1]
    sine = np.abs(sines(best, x))
    table = {"x1": x[:, 0].tolist(), "x2": x[:, 1].tolist(), "tau": tau.tolist()}
    table |= {"y1": best[:, 0].tolist(), "y2": best[:, 1].tolist()}
    table |= {"residual": residual.tolist(), "|sin| to the gradient": sine.tolist()}
    gained = all(value(x[i], tau[i], best[i]) < value(x[i], tau[i], _unit(gradient(x[i]))) for i in range(4))
    quotient = bool(abs(2 * x[6, 1] - tau[6] * best[6, 1]) < TOLERANCE and abs(x[6, 0] * best[6, 1]) < TOLERANCE)
    findings = (
        Finding("The best y meets y1 (2 x2 - tau y2) = x1 y2.", bool(np.abs(residual).max() < TOLERANCE)),
        Finding(
            "At x = (1, 1) it is not parallel to the gradient, and better.", bool(sine[:4].min() > 1e-5) and gained
        ),
        Finding("The angle there tends to 0 with tau.", bool((np.diff(sine[:4]) > 0).all() and sine[0] < 1e-3)),
        Finding("On the axes, for tau = 0.1, it is parallel all the same.", bool(sine[4:6].max() < TOLERANCE)),
        Finding("At x = (0, 1) with tau = 3 the printed quotient for y1 is 0/0.", quotient),
    )
    return Experiment("exercise-8.2", "The best direction of a step", table, findings, _picture())


def gradient(x: Any) -> Reals:
    """Return the gradient (2 x1, 4 x2) of f."""
    slopes: Reals = np.array([2.0, 4.0]) * x
    return slopes


def value(x: Any, tau: Any, y: Any) -> Any:
    """Return f(x - tau y)."""
    moved = x - tau * np.asarray(y)
    return moved[..., 0] ** 2 + 2 * moved[..., 1] ** 2


def direction(x: Reals, tau: float) -> Reals:
    """Return the best y = (cos t, sin t): the best of many angles, bettered by gradient descent on t."""

    def slope(t: Reals) -> Reals:
        y1, y2 = np.cos(t), np.sin(t)
        derivative: Reals = 2 * (x[0] * y2 - 2 * x[1] * y1 + tau * y1 * y2)
        return derivative

    # f(x - tau y) / tau has slopes of one size for all tau.
    loss = Function(lambda t: float(value(x, tau, _units(t))[0]) / tau, slope)
    start = ANGLES[int(np.argmin(value(x, tau, _units(ANGLES))))]
    angle = gradient_descent(loss, [start], SGD(0.05), steps=2000, tolerance=1e-13).point
    best: Reals = _units(angle)[0]
    return best


def sines(y: Reals, x: Reals) -> Reals:
    """Return the sine of the angle from the gradient at x to y, by rows."""
    g = gradient(x)
    crossed: Reals = (g[:, 0] * y[:, 1] - g[:, 1] * y[:, 0]) / np.linalg.norm(g, axis=1)
    return crossed


def _units(angles: Any) -> Reals:
    """Return the unit vectors of some angles."""
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _unit(vector: Reals) -> Reals:
    """Return a vector's direction."""
    scaled: Reals = vector / np.linalg.norm(vector)
    return scaled


def _picture() -> str:
    """Draw the angle between best direction and gradient, and f after steps in all directions."""

    def angles(ax: Any) -> None:
        taus = np.linspace(0.02, 0.9, 45)
        for k, x in enumerate(np.array([(1.0, 1.0), (1.0, 0.3), (1.0, 0.0)])):
            best = np.array([direction(x, float(tau)) for tau in taus])
            degrees = np.degrees(np.arcsin(np.abs(sines(best, np.tile(x, (len(taus), 1))))))
            ax.plot(taus, degrees, "-" if k < 2 else "--", color=COLOURS[k], label=f"x = ({x[0]:g}, {x[1]:g})")
        ax.set(xlabel="tau", ylabel="degrees from gradient to best")
        legend(ax)

    def after(ax: Any) -> None:
        x, tau, turns = np.array([1.0, 1.0]), 0.5, np.linspace(0, 180, 181)
        ax.plot(turns, value(x, tau, _units(np.radians(turns))), color=COLOURS[0], label="f(x - y / 2), x = (1, 1)")
        for y, name, colour in (
            (direction(x, tau), "best", COLOURS[1]),
            (_unit(gradient(x)), "along the gradient", COLOURS[2]),
        ):
            ax.plot(np.degrees(np.arctan2(y[1], y[0])), value(x, tau, y), "o", color=colour, label=name)
        ax.set(xlabel="direction of y in degrees", ylabel="f after a step")
        legend(ax)

    return svg_file("How far the best direction is from that of the gradient", angles, after)
