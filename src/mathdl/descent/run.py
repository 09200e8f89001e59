"""A run of gradient descent, and what guarantees and certificates need to know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates import Certificate, Data, text_of, verify, write
from mathdl.certificates.rationals import Refused
from mathdl.descent.rule import Rule
from mathdl.descent.sgd import SGD
from mathdl.errors import NoGuaranteeError, NotCertifiedError
from mathdl.objectives.objective import CertifiableObjective, Objective
from mathdl.status import Status

Array = NDArray[Any]

MAX_CHECKING_COST = 3 * 10**6  # operations that the checker of a certificate is asked for: about 3 seconds (measured)
MAX_RATES = 10**5  # of steps with rates of their own (chosen: a file of megabytes)
MIN_POINTS = 16  # points listed in spite of it (chosen)
COST_OF_A_POINT = 20  # operations beside those that the objective asks for (measured)


@dataclass(frozen=True, eq=False)
class Run:
    """Where gradient descent went, and how it ended: the fields of :class:`~mathdl.Descent`."""

    objective: Objective
    rule: Rule
    batch_size: int | None
    steps: NDArray[np.int64]
    points: Array
    values: NDArray[np.float64]
    gradient_norms: NDArray[np.float64]
    status: Status
    message: str
    object_gradients: int
    rates: NDArray[np.float64] | None = None

    @property
    def point(self) -> Array:
        """The last point, of shape (mu,)."""
        last: Array = self.points[-1]
        return last

    @property
    def value(self) -> float:
        """L at the last point."""
        return float(self.values[-1])


def checked_rate(run: Run) -> tuple[float, float]:
    """Return tau and d of plain descent with every rate <= 1/d; raise NoGuaranteeError for any other."""
    rule, d = run.rule, run.objective.lipschitz
    if not isinstance(rule, SGD) or rule.momentum or rule.weight_decay:
        raise NoGuaranteeError(f"The theorem speaks of plain gradient descent, not of {rule!r}; use SGD(tau) alone.")
    if run.batch_size is not None:
        raise NoGuaranteeError(
            f"The theorem speaks of steps along the whole gradient, not of batches of {run.batch_size}; leave out "
            "batch_size."
        )
    if d is None:
        raise NoGuaranteeError(
            f"No Lipschitz constant d of the gradient is known for this {type(run.objective).__name__}, so nothing "
            "is known of tau <= 1/d; use a Function with lipschitz=d if you know one."
        )
    tau = float(rule.learning_rate)
    largest = tau if run.rates is None else float(run.rates.max(initial=0.0))
    if Fraction(largest) * Fraction(d) > 1:
        raise NoGuaranteeError(
            f"The learning rate {largest!r} is above 1/d = {1 / d!r}, d = {d!r} the Lipschitz constant of the "
            "gradient; give a smaller one, or 'auto'."
        )
    return tau, d


def rates_of_steps(run: Run) -> Array:
    """Return the learning rate of every step, or the one of all."""
    return np.array(run.rule.rate) if run.rates is None else run.rates


def work(run: Run) -> Array:
    """Return the sums of the rates up to the recorded steps, in multiples of tau: the numbers of steps for one rate."""
    if run.rates is None:
        return run.steps
    sums: Array = np.append(0.0, np.cumsum(run.rates))[run.steps] / run.rule.rate
    return sums


def exact_sums(run: Run) -> Callable[[int], Fraction]:
    """Return a function that gives the exact sum of the rates of the first k steps."""
    if run.rates is None:
        return lambda k: Fraction(run.rule.rate) * k
    sums = [Fraction(0), *accumulate(map(Fraction, run.rates.tolist()))]
    return lambda k: sums[k]


def certifiable(run: Run) -> CertifiableObjective:
    """Return the objective; raise NotCertifiedError where the checker cannot know it."""
    if not isinstance(run.objective, CertifiableObjective):
        raise NotCertifiedError(
            f"A checker cannot know this {type(run.objective).__name__}, a program; the bounds hold if what was said "
            "of it is true."
        )
    return run.objective


def max_points(objective: CertifiableObjective) -> int:
    """Return how many points a certificate may list."""
    return int(max(MIN_POINTS, MAX_CHECKING_COST // (objective.checking_cost + COST_OF_A_POINT)))


@np.errstate(over="ignore", invalid="ignore")
def certificate_numbers(run: Run, chosen: Array) -> dict[str, Any]:
    """Return the objective, the rule and the chosen points of a run as numbers of a certificate."""
    objective, (tau, d) = certifiable(run), checked_rate(run)
    if run.rates is not None and len(run.rates) > MAX_RATES:
        raise NotCertifiedError(
            f"A certificate lists the rate of every step, and {len(run.rates):,} steps have one of their own; it lists "
            f"at most {MAX_RATES:,}, so take fewer steps."
        )
    points, steps = run.points[chosen], run.steps[chosen]
    reach, size = 0.0, np.abs(points).max(initial=0.0).astype(np.float64)
    _, errors = objective.rounding_errors(points)
    for i in np.flatnonzero(np.diff(steps) == 1):
        gradient = objective.value_and_gradient(points[i])[1].astype(np.float64)
        rate = tau if run.rates is None else float(run.rates[steps[i]])
        off = points[i + 1].astype(np.float64) - (points[i].astype(np.float64) - rate * gradient)
        reach = max(reach, float(np.abs(off).max() + 2 * rate * errors[i]))
    epsilon = float(np.finfo(np.float64).eps)
    rates: dict[str, Any] = {"learning_rate": text_of(tau)}
    if run.rates is not None:
        rates = {"rates": [text_of(rate) for rate in run.rates[: steps[-1]].tolist()]}
    return objective.certificate_numbers | {
        **rates,
        "lipschitz": text_of(d),
        "steps": [int(step) for step in steps],
        "points": [[text_of(float(v)) for v in point] for point in points],
        "rounding": text_of(reach + 4 * epsilon * float(size)),
    }


def verified(kind: str, numbers: dict[str, Any], objective: CertifiableObjective) -> Certificate:
    """Write a certificate and have it checked; raise NotCertifiedError where the checker refuses it."""
    data = Data(*objective.training_data)
    try:
        certificate = write(kind, numbers, data)
    except Refused as refused:
        raise NotCertifiedError(f"Numbers of this descent are beyond floating point: {refused}.") from None
    verdict = verify(certificate, data)
    if not verdict:
        raise NotCertifiedError(f"The checker refuses the certificate of this descent: {verdict.reason}")
    return certificate
