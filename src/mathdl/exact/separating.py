"""Do two convex hulls meet? A direction that separates them, or a common point, exactly."""

from __future__ import annotations

from mathdl.exact.conditioning import conditioned
from mathdl.exact.nearest_points import LIMIT, TooManyRounds, Weights, nearest_points

PATIENCE = 3  # exact rounds after which other coordinates are tried


def separating(rows: list[list[int]], signs: list[int]) -> tuple[Weights, list[int], list[int]]:
    """Find a direction along which every object of A is beyond every one of B, or a common point of their hulls.

    Parameters
    ----------
    rows : list of N lists of p int
        The objects.
    signs : list of N int
        +1 for those of A and -1 for those of B, at least one of each.

    Returns
    -------
    weights : dict of int to Fraction
        Convex weights in either class: those of the common point, where there is one.
    direction : list of p int
        w, zero where there is a common point.
    values : list of N int
        w.x for every object.

    Examples
    --------
    >>> separating([[0, 0], [0, 2], [3, 1]], [-1, -1, 1])[1:]
    ([1, 0], [0, 0, 3])
    """
    try:
        found = nearest_points(rows, signs, LIMIT, PATIENCE)
        return found.weights, found.direction, found.values
    except TooManyRounds:
        moved, matrix = conditioned(rows)
        found = nearest_points(moved, signs)
        return found.weights, (matrix @ found.direction).tolist(), found.values
