"""How far gradient descent on a convex function is above its minimum: Theorem 8.1.2."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates import Certificate, text_of
from mathdl.descent.run import (
    Run,
    certifiable,
    certificate_numbers,
    checked_rate,
    exact_sums,
    max_points,
    verified,
    work,
)
from mathdl.errors import NoGuaranteeError, NotCertifiedError
from mathdl.exact.curvature import rounded_up
from mathdl.objectives.objective import CertifiableObjective, ExactObjective

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Guarantee:
    """Bounds on L(a_k) - min L along a run of gradient descent with learning rate tau <= 1/d (Theorem 8.1.2, (8.7)).

    Attributes
    ----------
    descent : Descent
        The run.
    lipschitz, learning_rate : float
        d and the rule's tau.
    minimiser : ndarray of shape (mu,)
        Where the minimum is, of many minimisers one near the start. Of small least-squares, Huber and quadratic
        problems (up to 32 parameters) it is the exact one, rounded; else what floating point finds, so that minimum,
        distance and gaps are as good as that is.
    minimum : float
        L there.
    distance : float
        |a_0 - a|, from the start to the minimiser.
    bounds : ndarray of shape (K,)
        |a_0 - a|^2 / (2 tau k) for every recorded step k; infinite for k = 0. With a schedule the sum of the rates of
        the first k steps stands for tau k, here and below.
    tight_bounds : ndarray of shape (K,)
        |a_0 - a|^2 / (4 tau k + 2/d), which is at most half as much and cannot be improved upon.
    gaps : ndarray of shape (K,)
        L(a_k) - L(a) as it turned out, to within ``rounding``.
    rounding : ndarray of shape (K,)
        By how much rounding may change the gaps.
    exact_minimiser : list of Fraction or None
        The minimiser in rational numbers, where the problem is small.

    Examples
    --------
    >>> from mathdl import SGD, LeastSquares, gradient_descent
    >>> run = gradient_descent(LeastSquares([[1.0], [2.0]], [2.0, 4.0]), [0.0], SGD(0.1), steps=2)
    >>> guarantee = run.guarantee()
    >>> guarantee.tight_bounds, guarantee.holds
    (array([10.        ,  5.        ,  3.33333333]), True)
    >>> guarantee.certificate.kind
    'descent_bound'
    """

    descent: Run
    lipschitz: float
    learning_rate: float
    minimiser: Array
    minimum: float
    distance: float
    bounds: Array
    tight_bounds: Array
    gaps: Array
    rounding: Array
    exact_minimiser: list[Fraction] | None = field(default=None, repr=False)

    @property
    def holds(self) -> bool:
        """Whether the gaps were within the bounds, as far as floating point can tell; the certificate is exact."""
        least = np.minimum(self.bounds, self.tight_bounds) * (1 + 1e-12)
        return bool((self.gaps <= least + self.rounding).all())

    @cached_property
    @np.errstate(over="ignore", invalid="ignore")
    def certificate(self) -> Certificate:
        """The certificate, of kind ``descent_bound``, accepted by the checker, about the data of the objective.

        It lists all recorded points where that is cheap to check, and else those after 0, 1, 2, 4, 8, ... steps, each
        with the next, and the last two. The minimiser is exact; of the logistic loss, whose minimiser is irrational, it
        is a point near it, and the bounds compare with L there.

        Raises
        ------
        NotCertifiedError
            If there is none, or the checker refuses it.
        """
        run, objective = self.descent, certifiable(self.descent)
        chosen = _chosen(run, objective)
        numbers = certificate_numbers(run, chosen)
        if isinstance(objective, ExactObjective):
            numbers |= self._compared_exactly(objective, chosen)
        else:
            numbers |= self._compared_with_a_point(objective)
        return verified("descent_bound", numbers, objective)

    def _compared_exactly(self, objective: ExactObjective, chosen: Array) -> dict[str, Any]:
        """Return the exact minimiser, how far L is above its minimum at the end, and above the tight bound anywhere."""
        run = self.descent
        z = self.exact_minimiser or objective.exact_minimiser(run.points[0])
        if z is None:
            raise NotCertifiedError("No exact minimiser was found, so nothing can be certified.")
        sums, d, excess = exact_sums(run), Fraction(self.lipschitz), Fraction(0)
        square = sum(((Fraction(u) - v) ** 2 for u, v in zip(run.points[0].tolist(), z, strict=True)), Fraction(0))
        perhaps_above = self.gaps + 2 * self.rounding >= self.tight_bounds * (1 - 1e-9)
        for i in chosen[perhaps_above[chosen]]:
            tight = square * d / (4 * sums(int(run.steps[i])) * d + 2)
            excess = max(excess, objective.exact_gap(run.points[i], z) - tight)
        return {
            "reference": [text_of(v) for v in z],
            "gap": text_of(rounded_up(objective.exact_gap(run.point, z))),
            "excess": text_of(rounded_up(excess)),
        }

    def _compared_with_a_point(self, objective: CertifiableObjective) -> dict[str, Any]:
        """Return a point near an irrational minimiser, and how far L at the end is above L there."""
        numbers: dict[str, Any] = {
            "reference": [text_of(float(v)) for v in self.minimiser],
            "gap": text_of(float(self.gaps[-1] + self.rounding[-1])),
        }
        below = objective.minimum_below(self.minimiser)
        return numbers if below is None else numbers | {"below": text_of(below)}

    def __repr__(self) -> str:
        run = self.descent
        bound = min(self.bounds[-1], self.tight_bounds[-1])
        return (
            f"Guarantee(after {run.steps[-1]:,} steps the value is {self.gaps[-1]:.3g} above the minimum "
            f"{self.minimum:.6g}, by the theorem at most {bound:.3g})"
        )


@np.errstate(over="ignore", invalid="ignore")
def guarantee(run: Run) -> Guarantee:
    """Return the guarantee; raise NoGuaranteeError where a hypothesis of the theorem fails."""
    objective, name = run.objective, type(run.objective).__name__
    if not objective.convex:
        raise NoGuaranteeError(f"This {name} is not known to be convex, as the theorem asks; decrease() does without.")
    tau, d = checked_rate(run)
    solution = objective.find_minimiser(run.points[0])
    if solution is None:
        raise NoGuaranteeError(f"The theorem speaks of a {name} with a minimiser, but {objective.no_minimiser}.")
    minimiser, exact = solution
    start = run.points[0].astype(np.float64)
    distance, at = float(np.linalg.norm(start - minimiser)), minimiser.astype(run.points.dtype)
    minimum = objective.value_and_gradient(at)[0]
    if not (np.isfinite(minimum) and np.isfinite(distance)):
        raise NoGuaranteeError(f"The minimiser is beyond {run.points.dtype}; scale the features or the targets.")
    rounding = objective.gap_errors(run.points, run.values, at, minimum)
    gaps, done = run.values - minimum, work(run)
    if (gaps < -rounding).any():
        raise NoGuaranteeError(
            f"The {name} is {minimum:g} at what was taken for its minimiser, but the run came down "
            f"to {run.values.min():g}; {objective.wrong_minimiser}."
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = np.where(done > 0, distance**2 / (2 * tau * done), np.inf)
    tight = distance**2 * d / (4 * (tau * d) * done + 2)
    return Guarantee(run, d, tau, minimiser, minimum, distance, bounds, tight, gaps, rounding, exact)


def _chosen(run: Run, objective: CertifiableObjective) -> Array:
    """Return which recorded points a certificate lists."""
    steps = run.steps
    if len(steps) <= max_points(objective):
        return np.arange(len(steps))
    powers = 2 ** np.arange(int(steps[-1]).bit_length())
    wanted = np.concatenate([[0, steps[-2], steps[-1]], powers, powers + 1])
    listed: Array = np.flatnonzero(np.isin(steps, wanted))
    return listed
