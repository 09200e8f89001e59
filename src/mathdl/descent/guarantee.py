"""How far gradient descent on a convex function is above its minimum: Theorem 8.1.2."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates import Certificate, text_of
from mathdl.descent.descent import Descent
from mathdl.descent.run_record import NAMES, checked_rate, listed, rounding_errors, run_numbers, verified
from mathdl.errors import NoGuaranteeError, NotCertifiedError
from mathdl.exact.dyadic import aligned, integers
from mathdl.objectives.exact_loss import ExactLoss
from mathdl.objectives.huber import Huber
from mathdl.objectives.least_squares import LeastSquares
from mathdl.objectives.lipschitz import rounded_up
from mathdl.objectives.logistic_loss import LogisticLoss
from mathdl.objectives.objective import Objective
from mathdl.objectives.quadratic import Quadratic

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Guarantee:
    """Bounds on L(a_k) - min L along a run of gradient descent with learning rate tau <= 1/d (Theorem 8.1.2, (8.7)).

    Attributes
    ----------
    descent : Descent
        The run.
    lipschitz, learning_rate : float
        d and tau.
    minimiser : ndarray of shape (mu,)
        Where the minimum is, of many minimisers one near the start. Of small least-squares, Huber and quadratic
        problems (up to 32 parameters) it is the exact one, rounded; else what floating point finds, so that minimum,
        distance and gaps are as good as that is.
    minimum : float
        L there.
    distance : float
        |a_0 - a|, from the start to the minimiser.
    bounds : ndarray of shape (K,)
        |a_0 - a|^2 / (2 tau k) for every recorded step k; infinite for k = 0.
    tight_bounds : ndarray of shape (K,)
        |a_0 - a|^2 / (4 tau k + 2/d), which is at most half as much and cannot be improved upon.
    gaps : ndarray of shape (K,)
        L(a_k) - L(a) as it turned out, to within ``rounding``.
    rounding : ndarray of shape (K,)
        By how much rounding may change the gaps.

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

    descent: Descent
    lipschitz: float
    learning_rate: float
    minimiser: Array
    minimum: float
    distance: float
    bounds: Array
    tight_bounds: Array
    gaps: Array
    rounding: Array

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
        descent, objective = self.descent, self.descent.objective
        chosen = _chosen(descent)
        numbers = run_numbers(descent, chosen)
        if isinstance(objective, LogisticLoss):
            gap = float(self.gaps[-1] + self.rounding[-1])
            numbers |= {"reference": [text_of(float(v)) for v in self.minimiser], "gap": text_of(gap)}
            if objective.regularization:
                numbers["below"] = text_of(_below(objective, self.minimiser))
            return verified("descent_bound", numbers, objective)
        assert isinstance(objective, Quadratic | LeastSquares | Huber)  # the other convex ones
        z = objective.exact_minimiser(descent.points[0])
        if z is None:
            raise NotCertifiedError("No exact minimiser was found, so nothing can be certified.")
        above = _Above(objective, z)
        start, tau, d = descent.points[0].tolist(), Fraction(self.learning_rate), Fraction(self.lipschitz)
        square, excess = sum(((Fraction(u) - v) ** 2 for u, v in zip(start, z, strict=True)), Fraction(0)), Fraction(0)
        near = self.gaps + 2 * self.rounding >= self.tight_bounds * (1 - 1e-9)
        for i in chosen[near[chosen]]:
            tight = square * d / (4 * tau * int(descent.steps[i]) * d + 2)
            excess = max(excess, above.at(descent.points[i]) - tight)
        numbers |= {
            "reference": [text_of(v) for v in z],
            "gap": text_of(rounded_up(above.at(descent.point))),
            "excess": text_of(rounded_up(excess)),
        }
        return verified("descent_bound", numbers, objective)


@np.errstate(over="ignore", invalid="ignore")
def guarantee(descent: Descent) -> Guarantee:
    """Return the guarantee; raise NoGuaranteeError where a hypothesis of the theorem fails."""
    objective = descent.objective
    if not objective.convex:
        raise NoGuaranteeError(
            f"This {type(objective).__name__} is not known to be convex, as the theorem asks; decrease() does without."
        )
    tau, d = checked_rate(descent)
    minimiser = objective.nearest_minimiser(descent.points[0])
    if minimiser is None:
        raise NoGuaranteeError(
            f"The theorem speaks of a {type(objective).__name__} with a minimiser, but {objective.no_minimiser}."
        )
    start = descent.points[0].astype(np.float64)
    distance, at = float(np.linalg.norm(start - minimiser)), minimiser.astype(descent.points.dtype)
    minimum = objective.value_and_gradient(at)[0]
    if not (np.isfinite(minimum) and np.isfinite(distance)):
        raise NoGuaranteeError(f"The minimiser is beyond {descent.points.dtype}; scale the features or the targets.")
    rounding = 16 * np.finfo(descent.points.dtype).eps * (np.abs(descent.values) + abs(minimum))
    if type(objective) in NAMES:
        errors, _ = rounding_errors(objective, np.vstack([descent.points, at]))
        rounding = errors[:-1] + errors[-1] + _lowered(objective, at)
    gaps = descent.values - minimum
    if (gaps < -rounding).any():
        mend = "scale the features" if type(objective) in NAMES else "give a minimiser"
        raise NoGuaranteeError(
            f"The {type(objective).__name__} is {minimum:g} at what was taken for its minimiser, but the run came down "
            f"to {descent.values.min():g}; {mend}."
        )
    with np.errstate(divide="ignore", invalid="ignore"):
        bounds = np.where(descent.steps > 0, distance**2 / (2 * tau * descent.steps), np.inf)
    tight = distance**2 * d / (4 * (tau * d) * descent.steps + 2)
    return Guarantee(descent, d, tau, minimiser, minimum, distance, bounds, tight, gaps, rounding)


class _Above:
    """L less its minimum, at the exact minimiser z."""

    def __init__(self, objective: Quadratic | LeastSquares | Huber, z: list[Fraction]) -> None:
        self._objective, self._z = objective, z
        if isinstance(objective, Quadratic):
            self._hessian, exponent = aligned(*integers(objective.Q))
            self._unit = Fraction(2) ** exponent
        else:
            self._loss = ExactLoss(objective)
            self._hessian, self._unit = self._loss.hessian()

    def at(self, point: Array) -> Fraction:
        """Return how far L is above its minimum at a point."""
        a = [Fraction(v) for v in point.tolist()]
        if isinstance(self._objective, Huber):
            t = Fraction(self._objective.threshold)
            return self._loss.huber_value(a, t) - self._loss.huber_value(self._z, t)
        outputs = 1 if isinstance(self._objective, Quadratic) else self._objective.outputs
        off = [u - v for u, v in zip(a, self._z, strict=True)]
        total = Fraction(0)
        for k in range(outputs):
            e = off[k::outputs]
            total += sum(
                (
                    u * sum((h * v for h, v in zip(row, e, strict=True)), Fraction(0))
                    for u, row in zip(e, self._hessian, strict=True)
                ),
                Fraction(0),
            )
        return total * self._unit / 2


def _chosen(descent: Descent) -> Array:
    """Return which recorded points a certificate lists."""
    steps = descent.steps
    if len(steps) <= listed(descent):
        return np.arange(len(steps))
    powers = 2 ** np.arange(int(steps[-1]).bit_length())
    wanted = np.concatenate([[0, steps[-2], steps[-1]], powers, powers + 1])
    found: Array = np.flatnonzero(np.isin(steps, wanted))
    return found


def _lowered(objective: Objective, at: Array) -> float:
    """Return about how far L may lie above its minimum at the minimiser rounded to a float."""
    gradient, error = objective.value_and_gradient(at)[1].astype(np.float64), rounding_errors(objective, at[None])[1][0]
    off = np.finfo(at.dtype).eps * np.abs(at).astype(np.float64)
    return float((np.abs(gradient) + error) @ off)


def _below(loss: LogisticLoss, z: Array) -> float:
    """Return how far the minimum may be below L(z): |grad L(z)|^2 / (4 lambda)."""
    at = z.astype(np.float64)
    wide = LogisticLoss(loss.X.astype(np.float64), loss.y[:, 0], loss.sample_weight, loss.regularization)
    gradient, error = wide.value_and_gradient(at)[1], rounding_errors(wide, at[None])[1][0]
    return float(((np.abs(gradient) + 2 * error) ** 2).sum() / (4 * loss.regularization)) * (1 + 1e-9)
