"""Second derivatives of an objective at a point: exactly where it is a polynomial, else by differences."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from mathdl.objectives.objective import Array, Objective
from mathdl.objectives.polynomial import Polynomial
from mathdl.objectives.quadratic import Quadratic

STEP = np.finfo(np.float64).eps ** (1 / 3)  # relative, where errors of a central difference balance


def as_polynomial(objective: Objective) -> Polynomial | None:
    """Return a polynomial or a quadratic function as a polynomial, None for any other."""
    if isinstance(objective, Polynomial):
        return objective
    if not isinstance(objective, Quadratic):
        return None
    n = objective.size
    unit = np.eye(n, dtype=int)
    terms = {(0,) * n: Fraction(0)}
    for i in range(n):
        terms[tuple(unit[i].tolist())] = -Fraction(objective.b[i].item())
        for j in range(i + 1):
            terms[tuple((unit[i] + unit[j]).tolist())] = Fraction(objective.Q[i, j].item()) / (2 if i == j else 1)
    return Polynomial(terms)


def hessian_by_differences(objective: Objective, a: Array) -> tuple[Array, float]:
    """Return the matrix of second derivatives, and by how much an eigenvalue of it may be off, as far as one can see.

    Columns are central differences of the gradient. What they differ by from those with twice the step, and from
    symmetry, tells their error.
    """
    fine, coarse, largest = np.zeros((len(a), len(a))), np.zeros((len(a), len(a))), 0.0
    for i in range(len(a)):
        for matrix, factor in ((fine, 1), (coarse, 2)):
            step = factor * STEP * max(1.0, abs(float(a[i])))
            ahead, behind = a.copy(), a.copy()
            ahead[i] += step
            behind[i] -= step
            up, down = (objective.value_and_gradient(b)[1].astype(np.float64) for b in (ahead, behind))
            matrix[:, i] = (up - down) / float(ahead[i] - behind[i])
            largest = max(largest, float(np.abs(up).max()), float(np.abs(down).max()))
    error = 2 * (np.linalg.norm(fine - coarse) + np.linalg.norm(fine - fine.T))
    size = largest + np.linalg.norm(fine) * max(1.0, float(np.abs(a).max()))
    return (fine + fine.T) / 2, float(error + 64 * np.finfo(a.dtype).eps / STEP * size)
