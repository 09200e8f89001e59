"""The polynomial that is nearest to a function everywhere on an interval, and points that show it (Chebyshev, Remez).

Where the differences of one polynomial alternate at enough points, no other comes nearer to all of them than the
smallest of these differences (equation 4.29).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import inf, nextafter
from typing import Any

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.typing import NDArray

from mathdl.approximation.function_steps import steps_of
from mathdl.certificates.alternation import least_error
from mathdl.certificates.checker import verify, write
from mathdl.certificates.data import Data
from mathdl.certificates.functions import Function
from mathdl.certificates.rationals import Refused, text_of
from mathdl.certificates.record import Certificate
from mathdl.chain.evaluation import evaluate
from mathdl.chain.expression import Expression, require_expression, variables_of
from mathdl.checks import require_at_least, require_interval
from mathdl.errors import InputError

MAX_DEGREE = 40  # chosen
POINTS, SOME, ROUNDS = 20_000, 400, 60  # where differences are looked for, some first; exchanges; chosen
Reals = NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class BestPolynomial:
    """A polynomial as near to a function as those of its degree can be, about.

    Attributes
    ----------
    polynomial : numpy.polynomial.Chebyshev
        Called with points it gives values; ``polynomial.convert(kind=numpy.polynomial.Polynomial)`` has the
        coefficients.
    error : float
        The largest difference from the function that was found, at 20,001 points.
    least_error : float
        What every polynomial of the degree differs by at least, certified.
    points : ndarray
        Where the certificate says so.
    certificate : Certificate
        Of the kind ``alternation``; ``verify(certificate, data)`` checks it.
    data : Data
        What it speaks about: the points.

    Examples
    --------
    >>> import math, mathdl
    >>> x = mathdl.variables("x")
    >>> best = mathdl.best_polynomial(mathdl.chain.cos(x), (0, 4 * math.pi), degree=3)
    >>> round(best.error, 6), round(best.least_error, 6), len(best.points)
    (1.0, 1.0, 5)
    """

    polynomial: Any
    error: float
    least_error: float
    points: Reals
    certificate: Certificate
    data: Any = field(default=None)

    def __repr__(self) -> str:
        return f"BestPolynomial, off by {self.error:.6g}: {self.certificate.statement}"


def best_polynomial(f: Expression, interval: Sequence[float], degree: int) -> BestPolynomial:
    """Find the polynomial that is nearest to a function on an interval, and certify how near any can be.

    Parameters
    ----------
    f : Expression
        In one variable, of :func:`mathdl.variables`; continuous on the interval.
    interval : pair of float
        From where to where.
    degree : int
        Of the polynomial, at most 40.

    Returns
    -------
    BestPolynomial

    Raises
    ------
    InputError
        If f is no expression in one variable or has no finite value, or the interval or the degree is none.

    Examples
    --------
    >>> import mathdl
    >>> x = mathdl.variables("x")
    >>> best = mathdl.best_polynomial(abs(x), (-1, 1), degree=2)
    >>> round(best.error, 9), round(best.least_error, 9)
    (0.125, 0.125)
    >>> bool(mathdl.verify(best.certificate, best.data))
    True
    """
    require_expression("best_polynomial: f", f)
    if len(variables := variables_of([f])) != 1:
        raise InputError(f"best_polynomial: f has {len(variables)} variables; give an expression in one.")
    ends = interval.tolist() if isinstance(interval, np.ndarray) else interval
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise InputError("best_polynomial: interval is no pair of numbers; give from where to where.")
    low, high = ends
    require_interval(low, high)
    require_at_least("best_polynomial: degree", degree, 0, MAX_DEGREE)
    x = np.linspace(float(low), float(high), POINTS + 1)
    with np.errstate(all="ignore"):
        y = np.broadcast_to(np.asarray(evaluate(f, [x]), np.float64), x.shape)
    if not np.isfinite(y).all():
        raise InputError(f"best_polynomial: {f} has no finite value at {x[~np.isfinite(y)][0]:.6g}; leave that out.")
    polynomial, places = _exchanged(x, y, int(degree))
    steps, points = steps_of(f, variables), x[places]
    values, exact = Function(steps, 1), [Fraction(t) for t in points.tolist()]
    try:
        bound = least_error(exact, [values.at([t]) for t in exact])
    except Refused as refusal:
        raise InputError(f"best_polynomial: {refusal}; leave such points out.") from None
    least = max(nextafter(float(bound), -inf), 0.0)
    data = Data(points[:, None].tolist())
    certificate = write("alternation", {"function": steps, "error": text_of(least)}, data)
    if not (verdict := verify(certificate, data)):
        raise InputError(
            f"best_polynomial: nothing was certified ({verdict.reason.rstrip('.')}); give another interval."
        )
    error = float(np.max(np.abs(polynomial(x) - y)))
    return BestPolynomial(polynomial, error, least, points, certificate, data)


def _exchanged(x: Reals, y: Reals, degree: int) -> tuple[Any, NDArray[np.int64]]:
    """Return the polynomial whose differences alternate at some of the points, and these (Remez)."""
    count, domain = degree + 2, [x[0], x[-1]]
    powers: Any = np.polynomial.chebyshev.chebvander(np.linspace(-1, 1, len(x)), degree)
    best = _first(powers, y), np.linspace(0, len(x) - 1, count).astype(np.int64)
    for _ in range(ROUNDS):
        away = y - powers @ best[0]
        places = _alternating(away, count)
        if len(places) < count or np.array_equal(places, best[1]):
            break
        matrix = np.column_stack([powers[places], (-1.0) ** np.arange(count)])
        found = np.linalg.solve(matrix, y[places])[:-1]
        if np.max(np.abs(y - powers @ found)) >= np.max(np.abs(away)):
            return Chebyshev(best[0], domain=domain), places
        best = found, places
    return Chebyshev(best[0], domain=domain), best[1]


def _first(powers: Reals, y: Reals) -> Reals:
    """Return the coefficients of the polynomial that is best at some of the points, by linear programming."""
    from scipy.optimize import linprog  # a tenth of a second

    rows, values = powers[:: POINTS // SOME], y[:: POINTS // SOME]
    ones, cost = np.ones((len(rows), 1)), np.eye(rows.shape[1] + 1)[-1]
    bounds = np.vstack([np.hstack([rows, -ones]), np.hstack([-rows, -ones])])
    found = linprog(cost, bounds, np.concatenate([values, -values]), bounds=(None, None))
    return np.asarray(found.x[:-1], np.float64)


def _alternating(away: Reals, count: int) -> NDArray[np.int64]:
    """Return so many places at which differences are largest and alternate, the largest of all among them."""
    some = np.flatnonzero(away)
    starts = np.flatnonzero(np.diff(np.sign(away[some]), prepend=0.0))
    runs = np.split(some, starts[1:]) if len(some) else []
    tops = np.array([run[np.argmax(np.abs(away[run]))] for run in runs], dtype=np.int64)
    while len(tops) > count:  # the smaller end goes, so that the rest still alternates
        tops = tops[1:] if abs(away[tops[0]]) < abs(away[tops[-1]]) else tops[:-1]
    return tops
