"""Directions in which the cross-entropy falls for ever, so that it has no minimum.

- Problem: find weights v and biases c, one row a class, for which no object's own class ever has a smaller logit than
  another class, and at least one has a larger one. (For two classes one row: the second class's logit, the first's
  being 0.)
- Given: objects and their classes.
- Result: such a direction in rational numbers, checked exactly, or None.
- Stopping rule: a linear program finds which logits can be told apart at all; the others have to be equal, which makes
  a system of linear equations, and the direction is moved to its exact solution.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.optimize import linprog
from scipy.sparse import csr_array, eye_array, hstack

from mathdl.exact.linear_algebra import independent_rows, solve
from mathdl.exact.whole_numbers import in_proportion, over_one_denominator
from mathdl.solvers.logistic_objective import LogisticObjective

Array = NDArray[Any]

MAX_EXACT_EQUATIONS = 300  # equations that are solved exactly
ROUNDOFF = 2.0**-53


@dataclass(frozen=True)
class Direction:
    """Rows of weights with the bias behind them, as fractions; ``rises`` tells for every margin whether it grows.

    Margins come object by object, for every class but the object's own.
    """

    rows: list[list[Fraction]]
    rises: Array

    @property
    def strict(self) -> bool:
        """Whether every margin grows: the classes can be separated strictly."""
        return bool(self.rises.all())

    def floats(self) -> tuple[Array, Array]:
        """Return weights and biases as floats, the largest of them about 1."""
        largest = max(abs(value) for row in self.rows for value in row)
        scaled = np.array([[float(value / largest) for value in row] for row in self.rows])
        return scaled[:, :-1], scaled[:, -1]


def margins_of(X: Array, codes: Array, coef: Array, bias: Array) -> Array:
    """Return the own class's logit less each other class's, object by object."""
    logits = X @ coef.T + bias
    if len(bias) == 1:
        return np.asarray((2 * codes - 1) * logits[:, 0])
    objects = np.arange(len(X))
    differences = logits[objects, codes][:, None] - logits
    others = np.arange(len(bias)) != codes[:, None]
    return np.asarray(differences[others])


def strict_direction(X: Array, codes: Array, coef: Array, bias: Array) -> Direction | None:
    """Return weights and biases as a direction, if all their margins are positive."""
    rows = [[Fraction(float(v)) for v in (*w, b)] for w, b in zip(coef, bias, strict=True)]
    signs = _signs(X, codes, rows)
    return Direction(rows, signs > 0) if signs.min() > 0 else None


def find_direction(X: Array, objective: LogisticObjective) -> Direction | None:
    """Search for a direction, whether all margins grow along it or some only."""
    solution = _by_linear_program(objective)
    if solution is None:
        return None
    x, rises = solution
    coef, bias = objective.weights(x)
    if rises.all():
        return strict_direction(X, objective.codes, coef, bias)
    rows = _with_equal(X, objective, np.column_stack([coef, bias]), ~rises)
    if rows is None:
        return None
    signs = _signs(X, objective.codes, rows)
    return Direction(rows, signs > 0) if signs.min() >= 0 and signs.max() > 0 else None


def _by_linear_program(objective: LogisticObjective) -> tuple[Array, Array] | None:
    """Maximise the sum of min(margin, 1), no margin being negative; return the direction and which margins grow.

    Where a margin can grow along any direction it does along this one, which may be made as long as it takes.
    """
    Z = np.hstack([(objective.X - objective.shift) * objective.factor, np.ones((len(objective.X), 1))])
    rows = _differences(Z, objective.codes, objective.rows)
    count, size = rows.shape
    matrix = hstack([csr_array(-rows), eye_array(count)], format="csr")
    bounds = [(None, None)] * size + [(0.0, 1.0)] * count
    answer = linprog(np.repeat([0.0, -1.0], [size, count]), A_ub=matrix, b_ub=np.zeros(count), bounds=bounds)
    if answer.x is None:
        return None
    rises = answer.x[size:] > 0.5
    return (answer.x[:size], rises) if rises.any() else None


def _differences(Z: Array, codes: Array, rows: int) -> Array:
    """Return for every margin what it is made of: a row that is multiplied by all parameters."""
    if rows == 1:
        return np.asarray((2 * codes - 1)[:, None] * Z)
    objects, width = np.arange(len(Z)), Z.shape[1]
    differences = np.zeros((len(Z), rows, rows, width), Z.dtype)
    for k in range(rows):
        differences[objects, k, codes] += Z
        differences[objects, k, k] -= Z
    others = np.arange(rows) != codes[:, None]
    return np.asarray(differences[others].reshape(-1, rows * width))


def _with_equal(X: Array, objective: LogisticObjective, floats: Array, equal: Array) -> list[list[Fraction]] | None:
    """Move a direction so that these margins are exactly 0."""
    integers = np.array([in_proportion([*row, 1.0]) for row in X.tolist()], dtype=object)
    chosen = _differences(integers, objective.codes, objective.rows)[equal].tolist()
    chosen = [list(row) for row in dict.fromkeys(map(tuple, chosen))]
    chosen = [chosen[i] for i in independent_rows(chosen)]
    if len(chosen) > MAX_EXACT_EQUATIONS:
        return None
    # Of the unknowns, those that the equations hold best are solved for.
    sizes = np.tile([*np.abs(X).max(axis=0), 1.0], objective.rows)
    weighed = np.array([[float(Fraction(v, max(map(abs, row)))) for v in row] for row in chosen])
    weighed /= np.where(sizes > 0, sizes, 1.0)
    pivots = sorted(qr(weighed, mode="r", pivoting=True)[1][: len(chosen)].tolist())
    given, below = over_one_denominator(floats.ravel().tolist())
    kept = [0 if j in set(pivots) else value for j, value in enumerate(given)]
    right = [[-sum(map(mul, row, kept))] for row in chosen]
    solution = solve([[row[j] for j in pivots] for row in chosen], right)
    if solution is None:
        return None
    values = [Fraction(value, below) for value in kept]
    for j, (value,) in zip(pivots, solution, strict=True):
        values[j] = value / below
    width = floats.shape[1]
    return [values[k * width : (k + 1) * width] for k in range(objective.rows)]


def _signs(X: Array, codes: Array, rows: list[list[Fraction]]) -> Array:
    """Return the sign of every margin: from floating point where its error cannot matter, else exactly."""
    floats = np.array([[float(v) for v in row] for row in rows])
    margins = margins_of(X, codes, floats[:, :-1], floats[:, -1])
    sizes = np.abs(X) @ np.abs(floats[:, :-1]).T + np.abs(floats[:, -1])
    error = 4 * (X.shape[1] + 8) * ROUNDOFF * sizes.sum(axis=1) + 1e-290
    certain = np.abs(margins) > np.repeat(error, len(margins) // len(X))
    signs = np.where(certain, np.sign(margins), 0).reshape(len(X), -1)
    whole = in_proportion([value for row in rows for value in row])
    whole_rows = [whole[k * len(rows[0]) : (k + 1) * len(rows[0])] for k in range(len(rows))]
    for i in np.flatnonzero((signs == 0).any(axis=1)).tolist():
        x, code = in_proportion([*X[i].tolist(), 1.0]), int(codes[i])
        logits = [sum(map(mul, row, x)) for row in whole_rows]
        logits = [0, *logits] if len(rows) == 1 else logits
        signs[i] = [(d > 0) - (d < 0) for d in (logits[code] - z for k, z in enumerate(logits) if k != code)]
    return np.asarray(signs.ravel())
