"""What certificates of descent have in common: the objective and the run in numbers, and how far rounding may reach."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates import Certificate, Data, text_of, verify, write
from mathdl.certificates.rationals import Refused
from mathdl.descent.descent import Descent
from mathdl.descent.sgd import SGD
from mathdl.errors import NoGuaranteeError, NotCertifiedError
from mathdl.objectives.huber import Huber
from mathdl.objectives.least_squares import LeastSquares
from mathdl.objectives.linear_model_loss import LinearModelLoss
from mathdl.objectives.logistic_loss import LogisticLoss
from mathdl.objectives.neuron_loss import NeuronLoss
from mathdl.objectives.objective import Objective
from mathdl.objectives.quadratic import Quadratic

Array = NDArray[Any]

NAMES: dict[type[Objective], str] = {
    Quadratic: "quadratic",
    LeastSquares: "least squares",
    Huber: "Huber",
    LogisticLoss: "logistic",
    NeuronLoss: "neuron",
}
EFFORT = 3 * 10**6  # operations with whole numbers, about a microsecond each, that a checker is asked for
FEWEST = 16  # points listed in spite of it


def checked_rate(descent: Descent) -> tuple[float, float]:
    """Return tau and d of plain descent with tau <= 1/d; raise NoGuaranteeError for any other."""
    rule, d = descent.rule, descent.objective.lipschitz
    if not isinstance(rule, SGD) or rule.momentum or rule.weight_decay:
        raise NoGuaranteeError(f"The theorem speaks of plain gradient descent, not of {rule!r}; use SGD(tau) alone.")
    if descent.batch_size is not None:
        raise NoGuaranteeError(
            f"The theorem speaks of steps along the whole gradient, not of batches of {descent.batch_size}; leave out "
            "batch_size."
        )
    if d is None:
        raise NoGuaranteeError(
            f"No Lipschitz constant d of the gradient is known for this {type(descent.objective).__name__}, so nothing "
            "is known of tau <= 1/d; use a Function with lipschitz=d if you know one."
        )
    tau = float(rule.learning_rate)
    if Fraction(tau) * Fraction(d) > 1:
        raise NoGuaranteeError(
            f"The learning rate {tau!r} is above 1/d = {1 / d!r}, d = {d!r} the Lipschitz constant of the gradient; "
            "give a smaller one, or 'auto'."
        )
    return tau, d


def listed(descent: Descent) -> int:
    """Return how many points a certificate may list."""
    objective = descent.objective
    if isinstance(objective, LinearModelLoss) and not isinstance(objective, LeastSquares):
        each = objective.objects * (objective.features + (15 if isinstance(objective, Huber) else 150))
    else:
        each = len(descent.point) * (objective.features if isinstance(objective, LeastSquares) else len(descent.point))
    return int(max(FEWEST, EFFORT // (each + 20)))


@np.errstate(over="ignore", invalid="ignore")
def run_numbers(descent: Descent, chosen: Array) -> dict[str, Any]:
    """Return the objective, the rule and the chosen points of a run as numbers of a certificate."""
    objective, (tau, d) = descent.objective, checked_rate(descent)
    if type(objective) not in NAMES:
        raise NotCertifiedError(
            f"A checker cannot know this {type(objective).__name__}, a program; the bounds hold if what was said of it "
            "is true."
        )
    points, steps = descent.points[chosen], descent.steps[chosen]
    reach, size = 0.0, np.abs(points).max(initial=0.0).astype(np.float64)
    _, errors = rounding_errors(objective, points)
    for i in np.flatnonzero(np.diff(steps) == 1):
        gradient = objective.value_and_gradient(points[i])[1].astype(np.float64)
        off = points[i + 1].astype(np.float64) - (points[i].astype(np.float64) - tau * gradient)
        reach = max(reach, float(np.abs(off).max() + 2 * tau * errors[i]))
    epsilon = float(np.finfo(np.float64).eps)
    numbers: dict[str, Any] = {
        "objective": NAMES[type(objective)],
        "learning_rate": text_of(tau),
        "lipschitz": text_of(d),
        "steps": [int(step) for step in steps],
        "points": [[text_of(float(v)) for v in point] for point in points],
        "rounding": text_of(reach + 4 * epsilon * float(size)),
    }
    if isinstance(objective, LinearModelLoss):
        numbers["regularization"] = text_of(objective.regularization)
    if isinstance(objective, Huber):
        numbers["threshold"] = text_of(objective.threshold)
    return numbers


def verified(kind: str, numbers: dict[str, Any], objective: Objective) -> Certificate:
    """Write a certificate and have it checked; raise NotCertifiedError where the checker refuses it."""
    assert isinstance(objective, LinearModelLoss | Quadratic)  # or it would have been refused
    data = Data(*objective.training_data)
    try:
        certificate = write(kind, numbers, data)
    except Refused as refused:
        raise NotCertifiedError(f"Numbers of this descent are beyond floating point: {refused}.") from None
    verdict = verify(certificate, data)
    if not verdict:
        raise NotCertifiedError(f"The checker refuses the certificate of this descent: {verdict.reason}")
    return certificate


@np.errstate(over="ignore", invalid="ignore")
def rounding_errors(objective: Objective, points: Array) -> tuple[Array, Array]:
    """Return by how much L, and any component of its gradient, may be off in floating point at every point."""
    a = np.abs(points.astype(np.float64))
    epsilon = float(np.finfo(points.dtype).eps)
    if isinstance(objective, Quadratic):
        n, image = objective.size, a @ np.abs(objective.Q)
        off = (n + 4) * epsilon * (image + np.abs(objective.b))
        return (a * off).sum(axis=1), off.max(axis=1)
    assert isinstance(objective, LinearModelLoss)
    X, N, p, n = np.abs(objective.X.astype(np.float64)), objective.objects, objective.features, objective.outputs
    values, gradients = np.zeros(len(a)), np.zeros(len(a))
    for k, w in enumerate(points.astype(np.float64).reshape(len(a), p, n)):
        residuals = np.abs(objective.X @ w - objective.y)
        off = (p + 4) * epsilon * (X @ np.abs(w) + np.abs(objective.y))  # of an output less its target
        slope = np.ones_like(residuals)  # at least |phi'|
        if isinstance(objective, LeastSquares | Huber):
            slope = 2 * (residuals + off)
            size = (residuals + off) ** 2
            if isinstance(objective, Huber):
                slope, size = (
                    np.minimum(slope, 2 * objective.threshold),
                    np.minimum(size, 2 * objective.threshold * (residuals + off)),
                )
        else:
            size = residuals + off + 1
        shares, ridge = objective.shares, objective.regularization
        values[k] = shares @ (slope * off + off**2 + (N + n + 16) * epsilon * size).sum(axis=1)
        values[k] += (p * n + 8) * epsilon * ridge * float((w * w).sum())
        pull = X.T @ (shares[:, None] * (objective.curvature * off + (N + 16) * epsilon * slope))
        gradients[k] = (pull + 16 * epsilon * ridge * np.abs(w)).max()
    return values, gradients
