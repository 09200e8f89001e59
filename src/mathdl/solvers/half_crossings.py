"""Where a probability curve crosses 1/2.

Problem: find the points of an interval at which p - 1/2 changes its sign, for a function p of one variable.
Given: p, the ends of the interval. Result: the points, in increasing order.
Stopping rule: the interval is cut into 2,000 equal parts, and each part whose ends have different signs is bisected
until float64 has no number between its ends. Two crossings within one part, 1/2,000 of the interval, are missed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import probabilities_on, require_interval

Array = NDArray[Any]
PARTS = 2000  # chosen


def half_crossings(curve: Any, low: float, high: float) -> Array:
    """Find where a probability curve crosses 1/2: the decision boundary on a line (section 6.3.4).

    A logistic curve has one crossing at most. A curve with several, such as that of plants that need neither too
    little light nor too much (figure 6.11), is not well fitted by one.

    Parameters
    ----------
    curve : callable or classifier
        A function that returns the probabilities at an array of numbers, or a fitted classifier with
        ``predict_proba``, one feature and two classes.
    low, high : float
        The ends of the interval.

    Returns
    -------
    ndarray of shape (m,)
        The crossings, in increasing order. Where the curve is 1/2 on a whole stretch, the middle of it; where it only
        touches 1/2 there is none. Two that are closer than 1/2,000 of the interval can be missed.

    Raises
    ------
    InputError
        If the ends are no interval, or the curve does not return one number for each.

    Examples
    --------
    >>> import mathdl
    >>> from mathdl.book.data import plant_survival
    >>> mathdl.half_crossings(plant_survival, 0, 10).round(6)
    array([3.334891, 6.665109])
    """
    require_interval(low, high)
    x = np.linspace(float(low), float(high), PARTS + 1)
    signs = np.sign(probabilities_on("curve", curve, x) - 0.5)
    found, known = [], np.flatnonzero(signs)
    for left, right in pairwise(known):
        if signs[left] == signs[right]:
            continue
        if right == left + 1:
            found.append(_bisected(curve, x[left], x[right], signs[left]))
        else:  # 1/2 at every point between
            found.append((x[left + 1] + x[right - 1]) / 2)
    return np.array(found)


def _bisected(curve: Any, left: float, right: float, sign: float) -> float:
    """Return where the sign changes between two points."""
    while left < (middle := left + (right - left) / 2) < right:
        here = np.sign(probabilities_on("curve", curve, np.array([middle]))[0] - 0.5)
        if here == 0:
            return float(middle)
        left, right = (middle, right) if here == sign else (left, middle)
    return float(middle)
