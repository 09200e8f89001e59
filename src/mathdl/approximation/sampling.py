"""Points between which a function of one variable is nearly straight."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError

Reals = NDArray[np.float64]
CELLS = 2**8  # to begin with; chosen
MAX_HALVINGS = 44  # of these cells: a function that is still not straight jumps, or is as steep as if it did
MAX_POINTS, MAX_VALUE = 10**6, 1e100  # chosen


def _place(x: float) -> str:
    return f"x = {x:.6g}"


def sampled(
    f: Callable[[Reals], Reals],
    low: float,
    high: float,
    bend: float,
    name: str,
    place: Callable[[float], str] = _place,
) -> tuple[Reals, Reals]:
    """Return points of an interval and values, such that chords miss the function in their middle by at most a bend.

    The function's name and what writes a point are for errors.
    """
    x = np.linspace(low, high, CELLS + 1)
    y = _finite(f, x, name, place)
    open_cells = np.ones(CELLS, bool)
    for _ in range(MAX_HALVINGS):
        left = x[:-1][open_cells]
        middle = left + (x[1:][open_cells] - left) / 2
        values = _finite(f, middle, name, place)
        bent = np.abs(values - (y[:-1] + y[1:])[open_cells] / 2) > bend
        if not bent.any():
            return x, y
        if len(x) > MAX_POINTS:
            break
        places = np.flatnonzero(open_cells)[bent]
        x, y = np.insert(x, places + 1, middle[bent]), np.insert(y, places + 1, values[bent])
        open_cells = np.zeros(len(x) - 1, bool)
        new = places + np.arange(len(places))
        open_cells[new] = open_cells[new + 1] = True
    k = int(np.argmin(np.diff(x)))
    raise InputError(
        f"{name} changes by {abs(y[k + 1] - y[k]):.3g} within {x[k + 1] - x[k]:.3g} near {place(x[k])}: it is not "
        "continuous there, or too steep; give a box where it is continuous, or a larger error."
    )


def _finite(f: Callable[[Reals], Reals], x: Reals, name: str, place: Callable[[float], str]) -> Reals:
    """Return values; raise InputError where there is none."""
    values = np.broadcast_to(np.asarray(f(x), np.float64), x.shape)
    good = np.abs(values) < MAX_VALUE  # nan is not
    if not good.all():
        where = place(float(x[~good][0]))
        raise InputError(f"{name} has no finite value at {where}; give a box where it is continuous.")
    return values
