"""Whether vectors are probabilities of classes (equations (3.3) and (4.9))."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import reals, require_at_least, require_numbers
from mathdl.errors import InputError

Array = NDArray[Any]
TOLERANCES = {"float16": 1e-2, "float32": 1e-5}  # chosen: of the sum; of other floats 1e-12


@dataclass(frozen=True, eq=False, repr=False)
class ProbabilityCheck:
    """Whether vectors are probability vectors, and the first that is not.

    Attributes
    ----------
    holds : bool
        Whether all entries are from 0 to 1 and those of each vector add up to 1.
    exact : bool
        Whether the numbers are fractions, which were added without rounding.
    sums : ndarray of shape (n,)
        The sum of each vector's entries.
    row : int or None
        The first vector that is none, counted from 0.
    message : str
        The finding in a sentence.
    """

    holds: bool
    exact: bool
    sums: Array
    row: int | None
    message: str

    def __repr__(self) -> str:
        return f"ProbabilityCheck(holds={self.holds}): {self.message}"


def check_probabilities(p: Any, classes: int | None = None) -> ProbabilityCheck:
    """Check what a soft classifier returns: that its vectors are probabilities of the classes.

    Parameters
    ----------
    p : array-like of shape (m,) or (n, m)
        A vector, or one for each object. Whole numbers and fractions are added exactly; floats may miss 1 by 1e-12,
        those of single precision by 1e-5.
    classes : int, optional
        How many classes there are; by default as many as a vector has entries.

    Returns
    -------
    ProbabilityCheck

    Raises
    ------
    InputError
        If p is no table of finite numbers.

    Examples
    --------
    >>> from fractions import Fraction
    >>> check_probabilities([Fraction(1, 2), Fraction(1, 3), Fraction(1, 6)])
    ProbabilityCheck(holds=True): All entries are from 0 to 1, and each vector adds up to 1 exactly.
    >>> check_probabilities([[0.5, 0.5], [1.0, 0.25]])
    ProbabilityCheck(holds=False): Vector 1 adds up to 1.25.
    """
    rows, exact, tolerance = probability_table("p", p)
    sums = rows.sum(axis=1)
    if classes is not None:
        require_at_least("classes", classes, 1)
        if rows.shape[1] != classes:
            return ProbabilityCheck(False, exact, sums, 0, f"A vector has {rows.shape[1]} entries, not {classes}.")
    outside = (rows < 0) | (rows > 1)
    bad = outside.any(axis=1) | (abs(sums - 1) > tolerance)
    if not bad.any():
        how = "exactly" if exact else f"within {tolerance:g}"
        return ProbabilityCheck(
            True, exact, sums, None, f"All entries are from 0 to 1, and each vector adds up to 1 {how}."
        )
    row = int(np.argmax(bad))
    if outside[row].any():
        column = int(np.argmax(outside[row]))
        message = f"Vector {row} has the entry {rows[row, column]} at place {column}."
    else:
        message = f"Vector {row} adds up to {sums[row]}."
    return ProbabilityCheck(False, exact, sums, row, message)


def probability_table(name: str, p: Any) -> tuple[Array, bool, float]:
    """Return vectors as rows, whether they are exact, and how far their sums may be from 1."""
    given = np.asarray(require_numbers(name, p))
    rows = given[None] if given.ndim == 1 else given
    if rows.ndim != 2 or 0 in rows.shape:
        raise InputError(f"{name} has shape {given.shape}; give a vector, or one row of numbers for each object.")
    if rows.dtype.kind in "iu" or all(isinstance(x, Rational) and not isinstance(x, bool) for x in rows.flat):
        exact = np.empty(rows.shape, object)
        exact.ravel()[:] = [Fraction(x) for x in rows.ravel().tolist()]
        return exact, True, 0.0
    try:
        tolerance = TOLERANCES.get(rows.dtype.name, 1e-12)
        rows = reals(rows, "float64")
    except (TypeError, ValueError):
        raise InputError(f"{name} holds something that is no number; give real numbers.") from None
    if not np.isfinite(rows).all():
        raise InputError(f"{name} holds a number that is NaN or infinite; give finite numbers.")
    return rows, False, tolerance
