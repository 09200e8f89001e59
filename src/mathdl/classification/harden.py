"""From a soft classifier to a hard one: the class with the largest probability (chapter 3)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.checks import require_choice
from mathdl.classification.probabilities import probability_table
from mathdl.errors import InputError


def harden(p: Any, classes: ArrayLike | None = None, *, ties: Literal["error", "first"] = "error") -> NDArray[Any]:
    """Return the class whose entry is the largest, for each vector of a soft classifier.

    Parameters
    ----------
    p : array-like of shape (n, m) or (m,)
        Probabilities, or other scores, of m classes. Fractions are compared exactly.
    classes : array-like of m labels, optional
        What the classes are called; by default 0, 1, ..., m - 1, as networks number them.
    ties : {"error", "first"}, default "error"
        What to do where several entries are the largest, for which no class is defined: refuse, or take the first.

    Returns
    -------
    ndarray of shape (n,), or () for a single vector
        Labels.

    Raises
    ------
    InputError
        If there is a tie and ``ties`` is "error", or p is no table of finite numbers with one column for each class.

    Examples
    --------
    >>> harden([[0.25, 0.125, 0.625], [0.0, 1.0, 0.0]], classes=[1, 2, 3])
    array([3, 2])
    >>> int(harden([0.5, 0.5, 0.0], ties="first"))
    0
    """
    require_choice("ties", ties, ("error", "first"))
    rows, _, _ = probability_table("p", p)
    names = np.arange(rows.shape[1]) if classes is None else _labels(classes, rows.shape[1])
    largest = rows == rows.max(axis=1, keepdims=True)
    tied = largest.sum(axis=1) > 1
    if ties == "error" and tied.any():
        row = int(np.argmax(tied))
        first, second = names[largest[row]].tolist()[:2]
        raise InputError(
            f"Vector {row} has the same largest entry {rows[row].max()} for the classes {first!r} and {second!r}; "
            "set ties='first' to take the first."
        )
    found = names[largest.argmax(axis=1)]
    return found[0] if np.ndim(p) == 1 else found  # type: ignore[no-any-return]


def _labels(classes: Any, count: int) -> NDArray[Any]:
    """Return the labels as an array."""
    try:
        names = np.asarray(classes)
    except ValueError:
        names = np.zeros((0, 0))
    if names.shape != (count,):
        raise InputError(f"classes has shape {names.shape} for vectors of {count} entries; give one label for each.")
    return names
