"""Separation of two finite point sets by a hyperplane (section 7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import gcd, lcm
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.certificates import Certificate, Data, text_of, write
from mathdl.errors import InputError
from mathdl.exact.dyadic import balanced
from mathdl.exact.nearest_points import separating
from mathdl.geometry.hyperplane import Hyperplane
from mathdl.geometry.points import checked_points, fractions

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class Separation:
    """Whether two finite point sets can be separated strictly, and what shows it.

    Either there is a hyperplane with a gap, or a common point of the convex hulls with its weights; the other is None.

    Attributes
    ----------
    A, B : ndarray of shape (n, p) and (m, p)
        The points, float64.
    separable : bool
        Whether a hyperplane separates them strictly.
    hyperplane : Hyperplane or None
        w and b, as fractions; w is whole numbers without a common factor.
    gap : Fraction or None
        w.x - b is at most minus the gap on A and at least the gap on B (equations (7.5) and (7.6)).
    common_point : ndarray of shape (p,) or None
        A point of both convex hulls, as fractions.
    weights : tuple of two ndarrays of shape (n,) and (m,), or None
        The convex weights, as fractions, that make the common point of A, and of B.
    """

    A: Array
    B: Array
    separable: bool
    hyperplane: Hyperplane | None = None
    gap: Fraction | None = None
    common_point: Array | None = None
    weights: tuple[Array, Array] | None = None

    def __repr__(self) -> str:
        result = f"a hyperplane with gap {self.gap}" if self.separable else "none, since their convex hulls meet"
        return f"Separation of {len(self.A)} and {len(self.B)} points: {result}"

    @property
    def margin(self) -> float | None:
        """The width 2 gap / |w| of the strip between the sets; None where there is no hyperplane."""
        return None if self.hyperplane is None else self.hyperplane.width(self.A, self.B)

    @cached_property
    def certificate(self) -> Certificate:
        """The certificate; its data are the rows of A, then those of B, with the labels "A" and "B"."""
        data = Data(np.vstack([self.A, self.B]), ["A"] * len(self.A) + ["B"] * len(self.B))
        if self.hyperplane is not None and self.gap is not None:
            normal, offset = [text_of(value) for value in self.hyperplane.normal], text_of(self.hyperplane.offset)
            numbers = {"normal": normal, "offset": offset, "gap": text_of(self.gap), "positive": "B"}
            return write("hyperplane", numbers, data)
        assert self.weights is not None
        weights = [text_of(weight) for weight in np.concatenate(self.weights)]
        return write("common_point", {"weights": weights, "positive": "B"}, data)


def separate(A: Any, B: Any) -> Separation:
    """Decide exactly whether a hyperplane separates two finite point sets strictly.

    That is so if and only if their convex hulls have no point in common (theorem 7.1.2). The numbers are taken as the
    exact binary numbers that they are, and the answer holds for them without any rounding.

    Parameters
    ----------
    A, B : array-like of shape (n, p) and (m, p)
        Finite numbers that float64 holds exactly.

    Returns
    -------
    Separation
        A hyperplane half-way between the two sets, or a common point of their hulls. The strip between the sets is
        wide; ``HardMarginSVM`` finds the widest one.

    Raises
    ------
    InputError
        If a set is empty, a number is not finite, or the points differ in dimension.

    Examples
    --------
    >>> found = separate([[0.0, 0.0], [0.0, 1.0]], [[2.0, 0.0]])
    >>> found.separable, found.hyperplane.normal, found.hyperplane.offset, found.gap, found.margin
    (True, array([Fraction(1, 1), Fraction(0, 1)], dtype=object), Fraction(1, 1), Fraction(1, 1), 2.0)
    >>> crossed = separate([[0.0, 0.0], [2.0, 1.0]], [[1.0, 0.0], [1.0, 1.0]])
    >>> crossed.separable, crossed.common_point
    (False, array([Fraction(1, 1), Fraction(1, 2)], dtype=object))
    """
    A, B = checked_points("A", A), checked_points("B", B)
    if A.shape[1] != B.shape[1]:
        raise InputError(
            f"A has points of dimension {A.shape[1]} and B of dimension {B.shape[1]}; give both the same dimension."
        )
    rows, exponents = balanced(np.vstack([A, B]))
    with one_thread():
        found, direction, values = separating(rows, [-1] * len(A) + [1] * len(B))
    if any(direction):
        normal = [value * Fraction(2) ** -exponent for value, exponent in zip(direction, exponents, strict=True)]
        hyperplane, gap = _half_way(normal, max(values[: len(A)]), min(values[len(A) :]))
        return Separation(A, B, True, hyperplane, gap)
    weights = [found.get(i, Fraction(0)) for i in range(len(rows))]
    on_a, on_b = fractions(weights[: len(A)]), fractions(weights[len(A) :])
    used = np.flatnonzero(on_a)
    return Separation(A, B, False, common_point=on_a[used] @ fractions(A[used]), weights=(on_a, on_b))


def _half_way(normal: list[Fraction], below: int, above: int) -> tuple[Hyperplane, Fraction]:
    """Return the hyperplane half-way between two values of w.x, with w in whole numbers, and its gap."""
    factor = Fraction(lcm(*(value.denominator for value in normal)), gcd(*(value.numerator for value in normal)))
    whole = fractions([factor * value for value in normal])
    return Hyperplane(whole, factor * Fraction(above + below, 2)), factor * Fraction(above - below, 2)
