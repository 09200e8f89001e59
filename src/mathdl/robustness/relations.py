"""Linear programs: how small a number of a network can be while the relations of its kinks hold.

At a convex kink the value is at least either slope times the argument, at a concave one at most. The dual solution of
the program shows it: factors of the relations, with which anybody can compute the bound, however well it was solved.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.layers.pieces import Affine
from mathdl.robustness.zonotope import Bends, Zonotope

Array = NDArray[Any]
PENALTY = 1e3  # chosen: what it costs that a relation does not hold, of the size of the number: so factors are bounded
FACTOR_BITS = 24  # chosen: of the factors' fractions


class Least(NamedTuple):
    """A number less the relations times their factors, about where it is least, and the factors."""

    left: Zonotope
    point: Array
    factors: Array


def relations_of(bends: Sequence[Bends], width: int) -> Zonotope:
    """Return what is never negative: of every kink its value less either slope times its argument, or minus that."""
    found = [Zonotope(np.zeros(0), np.zeros((0, width)), np.zeros(0))]
    for bend in bends:
        sign = np.where(bend.above > bend.below, 1.0, -1.0)
        both = [bend.values.minus(slope, bend.arguments) for slope in (bend.below, bend.above)]
        centre, error = (
            np.stack(parts, axis=1).ravel() for parts in zip(*((sign * x.centre, x.error) for x in both), strict=True)
        )
        factors = np.stack([sign[:, None] * x.factors for x in both], axis=1).reshape(len(centre), -1)
        found.append(Zonotope(centre, np.pad(factors, ((0, 0), (0, width - factors.shape[1]))), error))
    return reduce(Zonotope.beside, found)


def least(number: Zonotope, relations: Zonotope) -> Least:
    """Minimise one number while the relations hold."""
    point, factors = _solved(number, relations)
    factors = np.round(factors * 2.0**FACTOR_BITS) / 2.0**FACTOR_BITS
    return Least(number.beside(relations).after(Affine(np.append(1.0, -factors)[None], np.zeros(1))), point, factors)


def _solved(number: Zonotope, relations: Zonotope) -> tuple[Array, Array]:
    """Return where a number is least while the relations hold, and the factors of these that show it."""
    from scipy.optimize import linprog

    count, width = relations.factors.shape
    scale = float(abs(number.centre[0]) + number.reach[0]) or 1.0
    sizes = np.abs(relations.centre) + relations.reach
    sizes = np.where(sizes > 0, sizes, 1.0)
    if not np.isfinite([scale, *sizes]).all():
        return np.zeros(width), np.zeros(count)
    matrix = np.hstack([-relations.factors / sizes[:, None], -np.ones((count, 1))])
    found = linprog(
        np.append(number.factors[0] / scale, PENALTY),
        A_ub=matrix if count else None,
        b_ub=relations.centre / sizes if count else None,
        bounds=[(-1, 1)] * width + [(0, None)],
        method="highs",
    )
    if found.x is None:
        return np.zeros(width), np.zeros(count)
    factors = np.maximum(-found.ineqlin.marginals, 0.0) if count else np.zeros(0)
    return found.x[:-1], factors * scale / sizes


def furthest(bends: Sequence[Bends], found: Least) -> int:
    """Return the open kink whose value at the point is furthest from the right one, times what is left of its number.

    That is how much the least number would grow, were the value the right one. -1 where there is no open kink.
    """
    best, kink = 0.0, -1
    left = np.abs(found.left.factors[0])
    for bend in bends:
        argument, value = (
            x.centre + x.factors @ found.point[: x.factors.shape[1]] for x in (bend.arguments, bend.values)
        )
        off = np.abs(value - np.where(argument > 0, bend.above, bend.below) * argument)
        before, behind = (x.factors.shape[1] for x in (bend.arguments, bend.values))
        new = np.abs(bend.values.factors[:, before:])
        width = new.sum(axis=1)
        scores = off * ((new > 0) @ left[before:behind]) / np.where(width > 0, width, 1.0)
        if scores.size and scores.max() > best:
            best, kink = float(scores.max()), int(bend.numbers[np.argmax(scores)])
    return kink
