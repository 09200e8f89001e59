"""The runs of section 8.6: stochastic gradient descent on polynomial regression with batches of many sizes.

The book leaves data, learning rate, start and the drawing of batches open. Here the data come from
``noisy_polynomials``, the rate is 0.4, the start is 0, and every epoch takes all objects in a new order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.book.data import noisy_polynomials
from mathdl.book.item import Progress
from mathdl.descent.batches import order_of_epoch
from mathdl.descent.gradient_descent import gradient_descent
from mathdl.descent.sgd import SGD
from mathdl.objectives.least_squares import LeastSquares

Reals = NDArray[np.float64]

OBJECTS, EPOCHS, RATE = 2**13, 200, 0.4
BATCH_SIZES = tuple(2**k for k in range(12))
TARGET_LOSS = 0.04  # the relative loss whose cost is compared
FINAL_EPOCHS = 50  # epochs whose mean is the level at which a run ends up
CHECK_SAMPLES = 32  # samples after which, at the latest, a run is looked at to see whether it came near


class Problem:
    """Least squares on noisy polynomials, with its minimiser and the relative loss (8.18)."""

    def __init__(self, seed: int, objects: int = OBJECTS) -> None:
        powers, values = noisy_polynomials(objects, seed=seed)
        self.loss = LeastSquares(powers, values)
        # The transpose of (8.17).
        self.minimiser = self._matrix(self.loss.nearest_minimiser(np.zeros(self.loss.features * self.loss.outputs)))
        self.hessian: Reals = powers.T @ powers / objects  # half the second derivative by a column of parameters
        self.residuals: Reals = ((powers @ self.minimiser - values) ** 2).sum(axis=1)
        self.least = float(self.residuals.mean())

    def relative_losses(self, points: Reals) -> Reals:
        """Return L / L_min - 1 at many points, by L - L_min = tr(D^T H D), D the distance from the minimiser.

        The difference of two losses near each other would lose its digits; this does not.
        """
        D = self._matrix(points) - self.minimiser
        losses: Reals = ((self.hessian @ D) * D).sum(axis=(-2, -1)) / self.least
        return losses

    def predicted_level(self, batch_size: int) -> float | None:
        """Return the relative loss about which independent batches end up.

        Its second moments S solve S = E[(I - 2 tau H_b) S (I - 2 tau H_b)] + (4 tau^2 / b) E[|r|^2 x^ x^T] with the
        mean H_b of x^ x^T over a batch and the residuals r at the minimiser: a linear system. None where the moments
        grow without bound.
        """
        X, H, tau = self.loss.X, self.hessian, RATE
        one, share = np.eye(len(H)), 1 / batch_size
        pairs = np.einsum("ij,ik->ijk", X, X).reshape(len(X), -1)
        squares = share * pairs.T @ pairs / len(X) + (1 - share) * np.kron(H, H)
        kept = 2 * tau * (np.kron(H, one) + np.kron(one, H)) - 4 * tau**2 * squares
        if np.abs(np.linalg.eigvals(np.eye(len(kept)) - kept)).max() >= 1:
            return None
        moments = np.linalg.solve(kept, 4 * tau**2 * share * (self.residuals @ pairs) / len(X))
        return float(moments @ H.reshape(-1)) / self.least

    def _matrix(self, points: Any) -> Reals:
        """Return parameters as matrices."""
        points = np.asarray(points, np.float64)
        matrices: Reals = points.reshape(*points.shape[:-1], self.loss.features, self.loss.outputs)
        return matrices


@dataclass(frozen=True)
class Run:
    """What one batch size did."""

    batch_size: int
    losses: Reals  # relative, at the start and after every epoch
    gradients_a_step: float  # gradients of single objects
    # Until the relative loss first was 0.04 or less; None where it never was. Batches of fewer than 32 objects are
    # looked at after every 32 samples, larger ones after every step.
    samples: int | None
    predicted: float | None  # the level that independent batches tend to; None for the whole set, or without one

    @property
    def level(self) -> float:
        """The mean relative loss of the last epochs."""
        return float(self.losses[-FINAL_EPOCHS:].mean())

    @property
    def near_epoch(self) -> int | None:
        """The first epoch after which the relative loss was 0.04 or less."""
        return _first(self.losses <= TARGET_LOSS)

    @property
    def settled_epoch(self) -> int | None:
        """The first epoch after which the relative loss was at most twice the level."""
        return _first(self.losses <= 2 * self.level)


def run(problem: Problem, batch_size: int, seed: int, epochs: int = EPOCHS) -> Run:
    """Run one batch size."""
    loss, steps = problem.loss, epochs * -(-problem.loss.objects // batch_size)
    start = np.zeros(loss.size)
    descent = gradient_descent(loss, start, SGD(RATE), steps=steps, tolerance=0.0, batch_size=batch_size, seed=seed)
    losses = problem.relative_losses(descent.points)
    whole = batch_size == loss.objects
    near = _first(losses <= TARGET_LOSS)
    samples = (
        (None if near is None else near * batch_size)
        if whole
        else samples_until_near(problem, batch_size, seed, epochs)
    )
    predicted = None if whole else problem.predicted_level(batch_size)
    return Run(batch_size, losses, descent.object_gradients / steps, samples, predicted)


def samples_until_near(problem: Problem, batch_size: int, seed: int, epochs: int = EPOCHS) -> int | None:
    """Take the steps that gradient descent takes, look oftener than once an epoch, and stop when it is near."""
    loss, rule = problem.loss, SGD(RATE)
    stepper = loss.stepper(rule.vectors, batch_size)
    a, in_epoch, stride = np.zeros(loss.size), -(-loss.objects // batch_size), max(1, CHECK_SAMPLES // batch_size)
    stops = [*range(0, in_epoch, stride), in_epoch]
    points = np.zeros((len(stops) - 1, len(a)))
    with one_thread():
        for epoch in range(epochs):
            order = order_of_epoch(loss.objects, "without_replacement", seed, epoch)
            for k, (first, last) in enumerate(pairwise(stops)):
                stepper.take(a, order, first, last, rule.update(RATE, epoch * in_epoch + first))
                points[k] = a
            near = _first(problem.relative_losses(points) <= TARGET_LOSS)
            if near is not None:
                return int(epoch * loss.objects + min(stops[near + 1] * batch_size, loss.objects))
    return None


def study(seed: int = 0, progress: Progress | None = None) -> list[Run]:
    """Run all batch sizes, and the whole set last; once for every seed."""
    sizes = [*BATCH_SIZES, OBJECTS]
    runs: list[Run] = []
    for batch_size in sizes:
        if progress is not None:
            progress(len(runs), len(sizes))
        runs.append(run_once(seed, batch_size))
    if progress is not None:
        progress(len(runs), len(sizes))
    return runs


@lru_cache(maxsize=2)
def problem_of(seed: int) -> Problem:
    """Return the problem of a seed."""
    return Problem(seed)


@lru_cache(maxsize=26)
def run_once(seed: int, batch_size: int) -> Run:
    """Run one batch size; a second time take what came out."""
    return run(problem_of(seed), batch_size, seed)


def _first(where: NDArray[np.bool_]) -> int | None:
    """Return the first place that is true; None where none is."""
    places = np.flatnonzero(where)
    return int(places[0]) if len(places) else None
