"""Figure 8.1: gradient descent steps across the level sets at right angles."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.book.experiment import Experiment, Finding
from mathdl.descent.gradient_descent import gradient_descent
from mathdl.descent.sgd import SGD
from mathdl.objectives.quadratic import Quadratic
from mathdl.plots.level_sets import plot_level_sets
from mathdl.plots.style import COLOURS, svg_file

LEVELS = (0.25, 0.5, 1.0, 2.0)
ANGLES = np.pi * (np.arange(6) / 3 + 1 / 8)  # of an arrow's base on each level set
START, RATE, STEPS = (-1.25, -0.45), 0.08, 20
TOLERANCE = 1e-10  # of |gradient . tangent|
ARROW = 0.06  # of the gradient, so that arrows do not touch


def level_sets(seed: int = 0) -> Experiment:
    """Draw level sets of a1^2 + 2 a2^2, arrows against the gradient, and a path of gradient descent.

    The table has by arrow its level, its base, and the gradient's products with the level set's unit tangent and with
    the arrow.
    """
    loss = Quadratic([[2.0, 0.0], [0.0, 4.0]])
    bases, tangents = on_levels(LEVELS, ANGLES)
    gradients = np.array([loss.value_and_gradient(base)[1] for base in bases])
    arrows = -ARROW * gradients
    along, down = np.einsum("ij,ij->i", gradients, tangents), np.einsum("ij,ij->i", arrows, -gradients)
    descent = gradient_descent(loss, START, SGD(RATE), steps=STEPS, tolerance=0.0)
    table = {
        "level": np.repeat(LEVELS, len(ANGLES)).tolist(),
        "a1": bases[:, 0].tolist(),
        "a2": bases[:, 1].tolist(),
        "gradient . tangent": along.tolist(),
        "arrow . (-gradient)": down.tolist(),
    }
    steps = np.diff(descent.points, axis=0)
    findings = (
        Finding(
            "At every arrow the gradient is perpendicular to the level set.",
            bool(np.abs(along).max() < TOLERANCE),
        ),
        Finding("Every arrow goes downhill.", bool((down > 0).all())),
        Finding("Levels fall towards the centre.", _nested()),
        Finding(
            "Along the path of gradient descent L falls with every step.", bool((np.diff(descent.values) < 0).all())
        ),
        Finding("Every step is perpendicular to the level set that it leaves.", _crosses(descent.points[:-1], steps)),
    )
    picture = _picture(bases, arrows, descent.points)
    series = {"path a1": descent.points[:, 0].tolist(), "path a2": descent.points[:, 1].tolist()}
    series["L on the path"] = descent.values.tolist()
    return Experiment("fig-8.1", "Level sets and perpendicular steps", table, findings, picture, series)


def _picture(bases: NDArray[np.float64], arrows: NDArray[np.float64], path: NDArray[np.float64]) -> str:
    """Draw the level sets to one scale, the arrows and the path."""

    def draw(ax: Any) -> None:
        across, up = np.linspace(-1.6, 1.6, 161), np.linspace(-1.1, 1.1, 111)
        values = across**2 + 2 * up[:, None] ** 2
        look = {"color": COLOURS[1], "width": 0.004, "label": "against the gradient"}
        ax.quiver(*bases.T, *arrows.T, angles="xy", scale_units="xy", scale=1.0, **look)
        plot_level_sets(values, across, up, LEVELS, path=path, path_name=f"descent, tau = {RATE:g}", ax=ax)

    return svg_file("Level sets of a1^2 + 2 a2^2", draw, size=(6.4, 4.4))


def on_levels(levels: Any, angles: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return points sqrt(c) (cos t, sin t / sqrt 2) of the level sets c, and unit tangents, the derivatives in t."""
    c, t = np.repeat(levels, len(angles)), np.tile(angles, len(levels))
    points = np.sqrt(c)[:, None] * np.column_stack([np.cos(t), np.sin(t) / np.sqrt(2)])
    tangents = np.column_stack([-np.sin(t), np.cos(t) / np.sqrt(2)])
    return points, tangents / np.linalg.norm(tangents, axis=1, keepdims=True)


def _nested() -> bool:
    """Tell whether along every ray from the centre the lower levels come first."""
    points, _ = on_levels(LEVELS, ANGLES)
    lengths = np.linalg.norm(points, axis=1).reshape(len(LEVELS), len(ANGLES))
    return bool((np.diff(lengths, axis=0) > 0).all())


def _crosses(points: NDArray[np.float64], steps: NDArray[np.float64]) -> bool:
    """Tell whether steps are at right angles to the ellipses a1^2 + 2 a2^2 = c through their beginnings."""
    tangents = np.column_stack([-np.sqrt(2) * points[:, 1], points[:, 0] / np.sqrt(2)])
    return bool(np.abs(np.einsum("ij,ij->i", steps, tangents)).max() < TOLERANCE)
