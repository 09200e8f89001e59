"""Chords of a function that pass below its graph: each shows that it is not convex (Definition 8.1.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mathdl.chain.expression import Expression
from mathdl.checks import is_number, require_at_least
from mathdl.errors import InputError
from mathdl.objectives.critical_point import floats_of
from mathdl.objectives.function import Function, as_objective
from mathdl.objectives.hessian import as_polynomial, hessian_by_differences
from mathdl.objectives.objective import Array, Objective
from mathdl.objectives.polynomial import exact_point, fraction

POINTS = 32  # that a search begins from (chosen)
LENGTHS = 4.0 ** -np.arange(5.0)  # of chords, in sides of the box (chosen)
SHARES = (0.5, 0.25, 0.75, 0.0625, 0.9375)  # places on a chord that are looked at (chosen)
MAX_CURVED = 64  # parameters up to which chords go along the directions in which the graph bends down (chosen)
MAX_SHOWN = 4  # coordinates in print (chosen)
ROUNDING = 64 * float(np.finfo(np.float64).eps)  # relative error of a value (chosen)


@dataclass(frozen=True, eq=False)
class Chord:
    """A chord of the graph of L, from a to b, and how far the graph is above it at t a + (1 - t) b.

    Attributes
    ----------
    a, b : ndarray of shape (mu,) or list of Fraction
        Its ends.
    t : float or Fraction
        Where on it, from 0 at b to 1 at a.
    gap : float or Fraction
        L(t a + (1 - t) b) - t L(a) - (1 - t) L(b), which is 0 or less for all chords of a convex L.
    exact : bool
        Whether the gap is exact: that of a Polynomial or a Quadratic is.
    """

    a: Any
    b: Any
    t: Any
    gap: Any
    exact: bool

    def __repr__(self) -> str:
        side = "above" if self.gap > 0 else "below"
        place = f"at t = {float(self.t):g} the graph is {abs(float(self.gap)):.6g} {side} it"
        return f"Chord(from {_written(self.a)} to {_written(self.b)}: {place})"


def chord(objective: Objective | Expression, a: Any, b: Any, t: Any = 0.5) -> Chord:
    """Compare a function at a point between two others with the chord of its graph there (8.6).

    Parameters
    ----------
    objective : Objective or Expression
        What :func:`gradient_descent` takes.
    a, b : array-like of shape (mu,)
        The ends; of a ``Polynomial`` or a ``Quadratic`` also of Fractions, or of texts such as "1/3".
    t : float or Fraction, default 1/2
        From 0, at b, to 1, at a.

    Returns
    -------
    Chord

    Raises
    ------
    InputError
        If an argument does not fit.

    Examples
    --------
    >>> from mathdl import Polynomial, chord
    >>> chord(Polynomial({(4,): 1, (2,): -1}), [-1], [1]).gap
    Fraction(0, 1)
    """
    objective = as_objective(objective)
    if not (is_number(t) or isinstance(t, Fraction)) or not 0 <= t <= 1:
        raise InputError(f"t is {t!r}; give a number from 0 to 1.")
    polynomial = as_polynomial(objective)
    if polynomial is None:
        start, end, share = floats_of(objective, a, "a"), floats_of(objective, b, "b"), float(t)
        if start.shape != end.shape:
            raise InputError(f"a has shape {start.shape} and b {end.shape}; give points of one shape.")
        return Chord(start, end, share, float(_gaps(objective, start, end, (share,))[0][0]), False)
    u, v, s = exact_point(a, polynomial.size), exact_point(b, polynomial.size), fraction(t)
    between = [s * x + (1 - s) * y for x, y in zip(u, v, strict=True)]
    gap = polynomial.exact(between) - s * polynomial.exact(u) - (1 - s) * polynomial.exact(v)
    return Chord(u, v, s, gap, True)


def find_chord_below(objective: Objective | Expression, low: Any, high: Any, seed: int = 0) -> Chord | None:
    """Look for a chord that passes below the graph: a witness that a function is not convex.

    Chords begin at points of a box and go along the directions in which the graph bends down most, or along any. Their
    gap has to be above the rounding of floating point; of a ``Polynomial`` or a ``Quadratic`` it is exact. That none is
    found does not show that the function is convex.

    Parameters
    ----------
    objective : Objective or Expression
        What :func:`gradient_descent` takes.
    low, high : array-like of shape (mu,)
        Opposite corners of the box in which to look.
    seed : int, default 0
        Of the points.

    Returns
    -------
    Chord or None
        None where no such chord was found.

    Raises
    ------
    InputError
        If an argument does not fit.

    Examples
    --------
    >>> from mathdl import Polynomial, Quadratic, find_chord_below
    >>> bool(find_chord_below(Polynomial({(4,): 1, (2,): -1}), [-1], [1]).gap > 0)
    True
    >>> find_chord_below(Quadratic([[2.0]]), [-1], [1]) is None
    True
    """
    objective = as_objective(objective)
    least, most = floats_of(objective, low, "low"), floats_of(objective, high, "high")
    if least.shape != most.shape or not (least < most).all():
        raise InputError(f"low is {low!r} and high {high!r}; give corners with every number of low less than high's.")
    require_at_least("seed", seed, 0)
    if objective.convex and not isinstance(objective, Function):  # whose word is not taken for it
        return None
    generator, best, excess = np.random.default_rng(seed), None, 0.0
    with np.errstate(all="ignore"):
        for _ in range(POINTS):
            point = generator.uniform(least, most).astype(objective.dtype)
            for a, b in _chords(objective, point, _direction(objective, point, generator), least, most):
                gaps, rounding = _gaps(objective, a, b, SHARES)
                gaps[~(gaps > rounding)] = 0.0
                if gaps.max() > excess:
                    best, excess = (a, b, SHARES[int(gaps.argmax())]), float(gaps.max())
    return None if best is None else chord(objective, *best)


def _direction(objective: Objective, point: Array, generator: np.random.Generator) -> Array:
    """Return the direction in which the graph bends down most at a point, or any one."""
    if len(point) <= MAX_CURVED:
        hessian, _ = hessian_by_differences(objective, point)
        if np.isfinite(hessian).all():
            return np.linalg.eigh(hessian)[1][:, 0]
    return generator.normal(size=len(point))


def _chords(objective: Objective, point: Array, direction: Array, least: Array, most: Array) -> list[tuple[Any, Any]]:
    """Return chords through a point, shorter and shorter, that end within the box."""
    longest = float(np.min((most - least) / np.maximum(np.abs(direction), 1e-300)))
    ends = [(point - length * longest * direction, point + length * longest * direction) for length in LENGTHS]
    return [tuple(np.clip(end, least, most).astype(objective.dtype) for end in pair) for pair in ends]


def _gaps(objective: Objective, a: Array, b: Array, shares: Sequence[float]) -> tuple[Array, Array]:
    """Return how far the graph is above a chord at some places, and by how much rounding may change that."""
    t = np.array(shares)
    points = [(share * a + (1 - share) * b).astype(objective.dtype) for share in shares]
    between, ends = ([objective.value(p) for p in part] for part in (points, (a, b)))
    scale = ROUNDING * np.finfo(objective.dtype).eps / np.finfo(np.float64).eps
    rounding = scale * (np.abs(between) + np.abs(ends).sum())
    return np.array(between) - t * ends[0] - (1 - t) * ends[1], rounding


def _written(point: Any) -> str:
    """Write a point, of many numbers the first ones."""
    shown = ", ".join(f"{float(x):.6g}" for x in point[:MAX_SHOWN])
    return f"[{shown}]" if len(point) <= MAX_SHOWN else f"[{shown}, ... of {len(point)} numbers]"
