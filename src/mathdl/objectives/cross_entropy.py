"""The cross-entropy of what happened and a model's probabilities, as entropy plus divergence (exercise 6.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import reals, require_numbers
from mathdl.errors import InputError

Array = NDArray[Any]
SUM_ROUNDING = 1e-6  # chosen: what a sum of probabilities may be off 1, as in float32


@dataclass(frozen=True, eq=False)
class CrossEntropy:
    """A cross-entropy loss and its parts.

    Attributes
    ----------
    loss : float
        L, the sum over all that happened of -log of the model's probability for it (6.9).
    entropy : float
        The least loss of any probabilities: that of the shares of what happened in each group.
    divergence : float
        What the model's loss is above it: the sum of the groups' divergences (6.10). Never negative, and 0 if and only
        if the model's probabilities are the shares.
    divergences : ndarray of shape (g,)
        The Kullback-Leibler divergence of each group's shares from the model's probabilities, times its total.
    """

    loss: float
    entropy: float
    divergence: float
    divergences: Array


def cross_entropy(counts: Any, probabilities: Any) -> CrossEntropy:
    """Split a cross-entropy loss into the entropy of what happened and the model's divergence from it.

    Objects of one kind make a group, as the students who prepared equally long do in exercise 6.6. Terms that stand for
    nothing that happened are 0, as 0 log 0 is.

    Parameters
    ----------
    counts : array-like of shape (g, k)
        How often each of k outcomes happened in each of g groups, or the weight of it; not negative.
    probabilities : array-like of shape (g, k)
        The model's probabilities for the outcomes in each group.

    Returns
    -------
    CrossEntropy
        With ``loss`` = ``entropy`` + ``divergence``.

    Raises
    ------
    InputError
        If shapes differ, or a row holds no counts, or no probabilities.

    Examples
    --------
    >>> import mathdl
    >>> found = mathdl.cross_entropy([[3, 1], [1, 1]], [[0.5, 0.5], [0.5, 0.5]])
    >>> round(found.loss, 6), round(found.entropy, 6), round(found.divergence, 6)
    (4.158883, 3.635635, 0.523248)
    """
    from scipy.special import kl_div, xlogy

    happened, model = _table("counts", counts), _table("probabilities", probabilities)
    if happened.shape != model.shape:
        raise InputError(f"counts has shape {happened.shape} and probabilities {model.shape}; give one for each count.")
    if (happened < 0).any() or not np.isfinite(happened.sum()):
        raise InputError("counts holds a number that is negative, or too large to be added; give counts.")
    if (model < 0).any() or (np.abs(model.sum(axis=1) - 1) > SUM_ROUNDING).any():
        raise InputError("probabilities has a row that is not from 0 to 1 or does not sum to 1; give probabilities.")
    totals = happened.sum(axis=1, keepdims=True)
    shares = np.divide(happened, totals, out=np.zeros_like(happened), where=totals > 0)
    with np.errstate(divide="ignore"):
        loss, entropy = -xlogy(happened, model).sum(), -xlogy(happened, shares).sum()
    divergences = np.where(totals[:, 0] > 0, totals[:, 0] * kl_div(shares, model).sum(axis=1), 0.0)
    return CrossEntropy(float(loss), float(entropy), float(divergences.sum()), divergences)


def _table(name: str, values: Any) -> Array:
    """Return a table of finite numbers as float64."""
    try:
        table = reals(np.array(require_numbers(name, values)), "float64")
    except (TypeError, ValueError):
        raise InputError(f"{name} holds something that is no number; give a table of numbers.") from None
    if table.ndim != 2 or 0 in table.shape or not np.isfinite(table).all():
        raise InputError(f"{name} has shape {table.shape}; give a table of finite numbers, a row for each group.")
    return table
