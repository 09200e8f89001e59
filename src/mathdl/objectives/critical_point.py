"""The second-derivative test: what a point is where the gradient is zero."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mathdl.checks import reals, require_between, require_unmasked
from mathdl.errors import InputError
from mathdl.exact.definite import is_semidefinite
from mathdl.exact.linear_algebra import solve
from mathdl.objectives.hessian import as_polynomial, hessian_by_differences
from mathdl.objectives.objective import Array, Objective, require_objective
from mathdl.objectives.polynomial import Polynomial, fraction, over_one

TOLERANCE = 1e-8  # of the gradient's length, by default, where it is known in floating point only


@dataclass(frozen=True, eq=False)
class CriticalPoint:
    """What the second-derivative test says of a point.

    Attributes
    ----------
    kind : str
        "minimum", "maximum" (both local and strict), "saddle", "undecided" where the Hessian has no eigenvalues of both
        signs but is singular, or "not critical" where the gradient is not zero.
    gradient : list of Fraction or ndarray of shape (mu,)
        Exact where the function is a Polynomial or a Quadratic.
    hessian : list of list of Fraction or ndarray of shape (mu, mu)
        The matrix of second derivatives, exact likewise, else by differences of gradients.
    exact : bool
        Whether all of this is exact.
    """

    kind: str
    gradient: Any
    hessian: Any
    exact: bool

    def __repr__(self) -> str:
        if self.kind == "not critical":
            return f"CriticalPoint(not critical: the gradient is [{', '.join(map(_written, self.gradient))}])"
        why = {
            "minimum": "every eigenvalue of the Hessian is positive",
            "maximum": "every eigenvalue of the Hessian is negative",
            "saddle": "the Hessian has a positive and a negative eigenvalue",
        }.get(self.kind, "the Hessian is singular" if self.exact else "the Hessian may be singular")
        return f"CriticalPoint({self.kind}: {why})"


def second_derivative_test(objective: Objective, point: Any, tolerance: float | None = None) -> CriticalPoint:
    """Say whether a point is a local minimum, a local maximum or a saddle point (chapter 8).

    A ``Polynomial`` or a ``Quadratic`` is judged exactly. Of any other function the second derivatives are differences
    of its gradient, and eigenvalues that may be zero by their errors decide nothing.

    Parameters
    ----------
    objective : Objective
        What :func:`gradient_descent` takes.
    point : array-like of shape (mu,)
        For exact functions also of Fractions, or of texts such as "1/3".
    tolerance : float, optional
        The length of the gradient up to which the point counts as critical: by default 0 for exact functions, 1e-8 for
        others.

    Returns
    -------
    CriticalPoint

    Raises
    ------
    InputError
        If an argument does not fit.

    Examples
    --------
    >>> from mathdl import Polynomial, second_derivative_test
    >>> second_derivative_test(Polynomial({(2, 0): 1, (0, 2): -1}), [0, 0])
    CriticalPoint(saddle: the Hessian has a positive and a negative eigenvalue)
    >>> second_derivative_test(Polynomial({(4,): 1}), [0])
    CriticalPoint(undecided: the Hessian is singular)
    """
    require_objective(objective)
    if tolerance is not None:
        require_between("tolerance", tolerance, 0)
    polynomial = as_polynomial(objective)
    if polynomial is not None:
        return _exactly(polynomial, point, fraction(tolerance or 0))
    return _by_differences(objective, floats_of(objective, point), TOLERANCE if tolerance is None else tolerance)


def floats_of(objective: Objective, point: Any, name: str = "point") -> Array:
    """Return a point as floats; raise InputError where it is none of the objective."""
    require_unmasked(name, point)
    try:
        a = np.array(reals(np.asarray(point), objective.dtype))
    except (TypeError, ValueError):
        raise InputError(f"{name} holds something that is no number; give one number for each parameter.") from None
    if a.ndim != 1 or not a.size or (objective.size is not None and len(a) != objective.size):
        wanted = "(mu,), one number for each parameter" if objective.size is None else f"({objective.size},)"
        raise InputError(f"{name} has shape {a.shape}; give an array of shape {wanted}.")
    if not np.isfinite(a).all():
        raise InputError(f"{name} holds {a[~np.isfinite(a)][0]}; give finite numbers.")
    return a


def _exactly(polynomial: Polynomial, point: Any, tolerance: Fraction) -> CriticalPoint:
    """Test in fractions."""
    gradient, hessian = polynomial.exact_gradient(point), polynomial.exact_hessian(point)
    if sum(g * g for g in gradient) > tolerance**2:
        return CriticalPoint("not critical", gradient, hessian, True)
    matrix = over_one(hessian)
    up, down = is_semidefinite(matrix), is_semidefinite([[-v for v in row] for row in matrix])
    singular = solve(matrix, [[0]] * len(matrix)) is None
    kind = "saddle" if not (up or down) else "undecided" if singular else "minimum" if up else "maximum"
    return CriticalPoint(kind, gradient, hessian, True)


def _by_differences(objective: Objective, a: Array, tolerance: float) -> CriticalPoint:
    """Test in floating point."""
    gradient = objective.value_and_gradient(a)[1]
    hessian, error = hessian_by_differences(objective, a)
    if not (np.isfinite(gradient).all() and np.isfinite(hessian).all()):
        raise InputError("The gradient is not finite at the point or near it; give a point where it is.")
    if np.linalg.norm(gradient.astype(np.float64)) > tolerance:
        return CriticalPoint("not critical", gradient, hessian, False)
    eigenvalues = np.linalg.eigvalsh(hessian)
    up, down = bool(eigenvalues[-1] > error), bool(eigenvalues[0] < -error)
    kind = "saddle" if up and down else "undecided"
    if eigenvalues[0] > error:
        kind = "minimum"
    elif eigenvalues[-1] < -error:
        kind = "maximum"
    return CriticalPoint(kind, gradient, hessian, False)


def _written(value: Any) -> str:
    """Write a number."""
    return str(value) if isinstance(value, Fraction) else f"{value:.6g}"
