"""By how much gradient descent lowers a smooth function in every step, convex or not: exercise 8.5."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates import Certificate, text_of
from mathdl.descent.run import Run, certifiable, certificate_numbers, checked_rate, max_points, rates_of_steps, verified
from mathdl.errors import NoGuaranteeError

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Decrease:
    """What is known of a run with tau kappa <= 1/2, where |L(b) - L(a) - (b - a) . grad L(a)| <= kappa |b - a|^2.

    L falls by tau (1 - kappa tau) |grad L(a_k)|^2 at least. So the sum of tau |grad L(a_k)|^2 is at most twice the fall
    of L, and the smallest |grad L|^2 of K steps at most 2 (L(a_0) - L(a_K)) / (K tau). With a schedule tau is that of
    each step, and the sum of the rates stands for K tau.

    Attributes
    ----------
    descent : Descent
        The run, of K steps.
    kappa, learning_rate : float
        kappa = d/2, d the Lipschitz constant of the gradient; the rule's tau.
    slacks : ndarray of shape (K,)
        By how much more than that L fell in every step; below 0 by rounding only.
    sums : ndarray of shape (K,)
        The sums of tau |grad L(a_j)|^2 over the steps up to every step.
    limits : ndarray of shape (K,)
        Twice the fall of L up to there; for L >= 0 it is at most 2 L(a_0).
    smallest : ndarray of shape (K,)
        The least |grad L(a_j)|^2 up to there.

    Examples
    --------
    >>> from mathdl import NeuronLoss, gradient_descent
    >>> decrease = gradient_descent(NeuronLoss([[1.0], [2.0]], [0, 1]), [0.0], steps=100).decrease()
    >>> bool((decrease.slacks >= 0).all() and (decrease.sums <= decrease.limits).all())
    True
    >>> decrease.certificate.kind
    'descent_decrease'
    """

    descent: Run
    kappa: float
    learning_rate: float
    slacks: Array
    sums: Array
    limits: Array
    smallest: Array

    @cached_property
    @np.errstate(over="ignore", invalid="ignore")
    def certificate(self) -> Certificate:
        """The certificate, of kind ``descent_decrease``, accepted by the checker, about the data of the objective.

        It speaks about all steps, or where these take long to check about the first ones.

        Raises
        ------
        NotCertifiedError
            If there is none, or the checker refuses it.
        """
        run, objective = self.descent, certifiable(self.descent)
        chosen = np.arange(min(len(run.steps), max_points(objective)))
        numbers = certificate_numbers(run, chosen)
        points, values, count = run.points[chosen], run.values[chosen], len(chosen) - 1
        errors, slopes = objective.rounding_errors(points)
        norms, rates = run.gradient_norms[chosen[:-1]], rates_of_steps(run)
        rates = rates[:count] if rates.ndim else rates
        off = np.sqrt(points.shape[1]) * slopes[:-1] + 1e-14 * norms
        noise = errors[:-1] + errors[1:] + 4 * rates * off * (norms + off)
        noise += 1e-15 * np.abs(values[:-1]) + 1e-300
        excess = float(np.maximum(noise - self.slacks[:count], 0.0).max(initial=0.0))
        limit = max([2 * (values[0] - values[-1]), *self.sums[:count][-1:]])
        limit = float(limit * (1 + 1e-12) + 2 * (errors[0] + errors[-1] + noise.sum()))
        numbers |= {"excess": text_of(excess), "limit": text_of(limit)}
        return verified("descent_decrease", numbers, objective)

    def __repr__(self) -> str:
        run = self.descent
        least = (
            f", and the gradient's length was {np.sqrt(self.smallest[-1]):.3g} at the least"
            if len(run.steps) > 1
            else ""
        )
        return f"Decrease(in {run.steps[-1]:,} steps the value fell from {run.values[0]:.6g} to {run.value:.6g}{least})"


@np.errstate(over="ignore", invalid="ignore")
def decrease(run: Run) -> Decrease:
    """Return what is known; raise NoGuaranteeError where it is not."""
    tau, d = checked_rate(run)
    if run.steps[-1] != len(run.steps) - 1:
        raise NoGuaranteeError(
            f"Of the {run.steps[-1]:,} steps only {len(run.steps):,} were recorded; take fewer steps at a time."
        )
    values, squares = run.values, run.gradient_norms[:-1] ** 2
    rates = rates_of_steps(run)
    slacks = values[:-1] - values[1:] - rates * (1 - d / 2 * rates) * squares
    sums = tau * np.cumsum(squares) if run.rates is None else np.cumsum(rates * squares)
    limits = 2 * (values[0] - values[1:])
    return Decrease(run, d / 2, tau, slacks, sums, limits, np.minimum.accumulate(squares))
