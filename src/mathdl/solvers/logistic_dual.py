"""Bounds for logistic regression's objective: its value from above, the minimum from below by a dual point.

- Problem: for probabilities p_i of the classes whose residuals balance, sum_i share_i (p_ik - [y_i = k]) = 0 for every
  class k, the minimum is at least sum_i share_i H(p_i) - sum_k |r_k|^2 / (4 lambda), with H the entropy and
  r_k = sum_i share_i (p_ik - [y_i = k]) x_i; with lambda = 0 all r_k have to be 0. The balance has to be exact.
- Given: the data and weights near the minimiser.
- Result: such probabilities as rational numbers, and both bounds; or a sentence that says why there are none.
- Stopping rule: none. Newton's step, taken by the probabilities, balances them but for rounding; the rest is moved
  between pairs of classes on as many objects as there are equations, by an exact solution of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import fsum, ldexp
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.special import xlogy

from mathdl.blas import one_thread
from mathdl.exact.linear_algebra import solve
from mathdl.exact.whole_numbers import in_proportion, over_one_denominator
from mathdl.solvers.logistic_objective import LogisticObjective, probabilities

Array = NDArray[Any]

MAX_EXACT_FEATURES = 60  # features up to which the equations are solved exactly where nothing is regularised
PROBABILITY_BITS = 128  # probabilities are multiples of 2^-128, but for those that the exact solution moves
BOUNDARY_FRACTION = 0.9  # of a step that leaves probabilities positive
ROUNDOFF = 2.0**-53
ERROR_FACTOR = 8  # by which rounding errors are overestimated


@dataclass(frozen=True)
class DualBounds:
    """``others`` holds for every object the probabilities of the classes that are not its own, in their order."""

    others: list[list[float | Fraction]]
    upper: float
    lower: float


def dual_bounds(
    X: Array, codes: Array, weights: Array | None, coef: Array, bias: Array, regularization: float
) -> DualBounds | str:
    """Find both bounds, or say why there are none; ``coef`` and ``bias`` have one row for two classes."""
    if regularization == 0 and X.shape[1] > MAX_EXACT_FEATURES:
        return (
            f"with nothing regularised the bound needs an exact solution of {X.shape[1] + 1} equations, and more than "
            f"{MAX_EXACT_FEATURES} features are too many for it; give a positive regularization"
        )
    with one_thread():
        shares = np.full(len(X), 1.0 / len(X)) if weights is None else weights / weights.max()
        shares = shares / shares.sum()
        objective = LogisticObjective(X, codes, shares, len(coef), regularization, (coef, bias))
        chances = _after_a_step(objective)
        exact = _Exact(X, codes, np.ones(len(X)) if weights is None else weights, regularization == 0, chances)
        for leaf, parent in _tree((shares * chances) @ chances.T):
            if not exact.balance(leaf, parent, objective):
                return "the dual point is too far from balance; a positive regularization makes it easier"
    upper, lower = _bounds(X, codes, shares, coef, bias, regularization, exact.floats())
    return DualBounds(exact.others(), upper, lower)


def _after_a_step(objective: LogisticObjective) -> Array:
    """Return the probabilities, one row a class, after a Newton step of their own; all stay positive."""
    point = objective.first
    chances = probabilities(point.logits)
    step = -objective.solver(point)(point.gradient)
    change = objective.evaluate(point.x + step, point, False).logits - point.logits
    change = np.vstack([np.zeros_like(change), change]) if len(change) == 1 else change
    change -= np.sum(chances * change, axis=0)
    return np.asarray(chances * (1.0 + change * min(1.0, BOUNDARY_FRACTION / max(np.abs(change).max(), 1e-300))))


def _tree(nearness: Array) -> list[tuple[int, int]]:
    """Return the edges (leaf, parent) of a tree that joins near classes; an edge to a leaf comes before those above."""
    joined, edges = [0], []
    while len(joined) < len(nearness):
        rest = [k for k in range(len(nearness)) if k not in joined]
        leaf, parent = max(((k, m) for k in rest for m in joined), key=lambda edge: nearness[edge])
        joined.append(leaf)
        edges.append((leaf, parent))
    return edges[::-1]


class _Exact:
    """Probabilities as whole numbers of 2^-PROBABILITY_BITS (or fractions of it), and what their residuals sum to."""

    def __init__(self, X: Array, codes: Array, weights: Array, all_features: bool, chances: Array) -> None:
        classes, self.codes = len(chances), codes.tolist()
        self.weights = in_proportion(weights.tolist())
        ones = [1] * len(X)
        self.columns = [ones, *(in_proportion(column) for column in X.T.tolist())] if all_features else [ones]
        self.parts: list[list[Any]] = [[int(ldexp(v, PROBABILITY_BITS)) for v in row] for row in chances.tolist()]
        for i, code in enumerate(self.codes):
            self.parts[code][i] = 0
            self.parts[code][i] = (1 << PROBABILITY_BITS) - sum(self.parts[k][i] for k in range(classes))
        self.rest = []
        for k, parts in enumerate(self.parts):
            residuals = [
                w * (part - (code == k) * (1 << PROBABILITY_BITS))
                for w, part, code in zip(self.weights, parts, self.codes, strict=True)
            ]
            self.rest.append([sum(map(mul, residuals, column)) for column in self.columns])

    def balance(self, leaf: int, parent: int, objective: LogisticObjective) -> bool:
        """Move what one class has too much to another one; False where that makes a probability negative."""
        objects, columns = self._chosen(leaf, parent, objective)
        matrix = [[self.weights[i] * self.columns[c][i] for i in objects] for c in columns]
        solution = solve(matrix, [[self.rest[leaf][c]] for c in columns])
        if solution is None:
            return False
        moved = [value for (value,) in solution]
        for c, column in enumerate(self.columns):
            total = sum(d * self.weights[i] * column[i] for d, i in zip(moved, objects, strict=True))
            if total != self.rest[leaf][c]:
                return False
            self.rest[parent][c] += self.rest[leaf][c]
        for d, i in zip(moved, objects, strict=True):
            self.parts[leaf][i] -= d
            self.parts[parent][i] += d
        return all(self.parts[k][i] >= 0 for k in (leaf, parent) for i in objects)

    def _chosen(self, leaf: int, parent: int, objective: LogisticObjective) -> tuple[list[int], list[int]]:
        """Choose as many objects as there are independent equations, with room for both classes, and the equations."""
        room = np.array([float(min(a, b)) for a, b in zip(self.parts[leaf], self.parts[parent], strict=True)])
        room *= objective.shares
        if len(self.columns) == 1:
            return [int(np.argmax(room))], [0]
        varies = objective.factor > 0
        Z = ((objective.X - objective.shift) * objective.factor)[:, varies]
        Z = np.column_stack([np.ones(len(room)), Z])
        objects = qr((np.sqrt(room)[:, None] * Z).T, mode="r", pivoting=True)[1][: Z.shape[1]]
        given = np.array([[float(column[i]) for column in self.columns] for i in objects])
        largest = np.abs(given).max(axis=0)
        columns = qr(given / np.where(largest > 0, largest, 1.0), mode="r", pivoting=True)[1][: Z.shape[1]]
        return objects.tolist(), columns.tolist()

    def floats(self) -> Array:
        """Return the probabilities, one row a class."""
        return np.array([[float(Fraction(part, 1 << PROBABILITY_BITS)) for part in parts] for parts in self.parts])

    def others(self) -> list[list[float | Fraction]]:
        """Return every object's probabilities of the classes that are not its own."""
        return [
            [_number(self.parts[k][i]) for k in range(len(self.parts)) if k != code]
            for i, code in enumerate(self.codes)
        ]


def _number(part: int | Fraction) -> float | Fraction:
    """Return a multiple of 2^-PROBABILITY_BITS as a float where that is exact."""
    exact = Fraction(part) / (1 << PROBABILITY_BITS)
    number = float(exact)
    return number if number == exact else exact


def _bounds(
    X: Array, codes: Array, shares: Array, coef: Array, bias: Array, regularization: float, chances: Array
) -> tuple[float, float]:
    """Return the objective from above and the dual objective from below, rounding errors being overestimated."""
    objects, penalty = np.arange(len(X)), regularization * float(np.sum(coef**2))
    logits = _rounded_logits(X, coef, bias)
    logits = np.column_stack([np.zeros(len(X)), logits]) if len(bias) == 1 else logits
    own = logits[objects, codes][:, None]
    top = logits.max(axis=1, keepdims=True)
    chosen = np.exp(logits - top)
    chosen[objects, codes] = 0.0
    rest = chosen.sum(axis=1)
    lead = np.exp(own - top)[:, 0]
    losses = np.where(lead == 1.0, np.log1p(rest), np.log(rest + lead)) + (top - own)[:, 0]
    error = ROUNDOFF * (2 * np.abs(logits).max(axis=1) + (len(bias) + 8) * losses)
    loss = fsum(shares * losses)
    rounding = fsum(shares * error) + ROUNDOFF * ((X.shape[1] + 8) * penalty + 2 * loss)
    upper = loss + penalty + ERROR_FACTOR * rounding
    entropies = _entropies(chances, codes)
    entropy = fsum(shares * entropies)
    lower = entropy - ERROR_FACTOR * 8 * ROUNDOFF * entropy
    if regularization > 0:
        residuals = chances.copy()
        residuals[codes, objects] = 0.0
        residuals[codes, objects] = -residuals.sum(axis=0)
        residuals = residuals[-len(bias) :] * shares
        Z = X - np.average(X, axis=0, weights=shares)  # residuals sum to 0, so the origin does not matter
        pulls = residuals @ Z
        errors = ERROR_FACTOR * ROUNDOFF * np.sqrt(len(X)) * (np.abs(residuals) @ np.abs(Z))
        lower -= fsum((np.abs(pulls) + errors).ravel() ** 2) / (4 * regularization) * (1 + 8 * ROUNDOFF * pulls.size)
    return float(upper), float(lower)


def _rounded_logits(X: Array, coef: Array, bias: Array) -> Array:
    """Return w.x + b, rounded once."""
    values, below = over_one_denominator([*coef.ravel().tolist(), *bias.tolist()])
    width, logits = X.shape[1], np.empty((len(X), len(bias)))
    rows = [values[k * width : (k + 1) * width] for k in range(len(bias))]
    for i, x in enumerate(X.tolist()):
        numbers, unit = over_one_denominator(x)
        for k, row in enumerate(rows):
            logits[i, k] = (sum(map(mul, row, numbers)) + values[len(bias) * width + k] * unit) / (below * unit)
    return logits


def _entropies(chances: Array, codes: Array) -> Array:
    """Return -sum p log p of every object, accurate also where its own class is nearly certain."""
    objects = np.arange(len(codes))
    others = chances.copy()
    others[codes, objects] = 0.0
    rest = others.sum(axis=0)
    own = np.where(rest < 0.5, 1.0 - rest, chances[codes, objects])
    logs = np.where(rest < 0.5, np.log1p(-np.minimum(rest, 0.5)), np.log(np.maximum(own, 1e-300)))
    return np.asarray(-xlogy(others, others).sum(axis=0) - own * logs)
