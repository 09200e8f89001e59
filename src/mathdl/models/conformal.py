"""Split conformal prediction: how far answers may lie from the truth, by the errors on objects kept apart."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.checks import is_number, shortened
from mathdl.errors import InputError

MAX_KEPT = 100_000  # scores in a model file; of more, only some ranks are kept
ROUNDING = 1e-9  # (n + 1) level is often meant to be whole, and 10 * 0.9 need not be so in floats


def conformal_rank(n: int, level: float) -> int:
    """Return the rank, from 1 on, of the score that covers a new one of n exchangeable ones with this probability."""
    return ceil((n + 1) * checked_level(level) - ROUNDING)


def conformal_quantile(scores: ArrayLike, level: float) -> float:
    """Return the score of rank ceil((n + 1) level), infinite where there are too few scores for that.

    A new score, exchangeable with those given, is at most this large with a probability of at least ``level``.
    """
    return Calibration.of(np.asarray(scores, np.float64)).quantile(level)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Sorted scores of objects that a model was not fitted to: errors, or 1 less the probability of the true class.

    Of ``count`` scores those of every so manieth rank are kept, counted from the largest; between them the next larger
    one is taken, which covers more. ``approximate`` says that they come from cross-validation: from other models of
    the same kind.
    """

    scores: NDArray[np.float64]
    count: int
    approximate: bool = False

    @classmethod
    def of(cls, scores: NDArray[np.float64], *, approximate: bool = False) -> Calibration:
        """Sort scores and keep what is needed of them."""
        stride = max(1, -(-len(scores) // MAX_KEPT))
        return cls(np.sort(scores)[::-1][::stride][::-1], len(scores), approximate)

    def __post_init__(self) -> None:
        kept = len(self.scores)
        if self.scores.ndim != 1 or not kept <= self.count or (kept == 0) != (self.count == 0):
            raise InputError(f"A calibration of {self.count} scores cannot hold {self.scores.shape} of them.")
        if np.isnan(self.scores).any() or (np.diff(self.scores) < 0).any():
            raise InputError("The scores of a calibration are not sorted.")

    def quantile(self, level: float) -> float:
        """Return what :func:`conformal_quantile` does."""
        rank = conformal_rank(self.count, level)
        if rank > self.count:
            return float("inf")
        stride = -(-self.count // len(self.scores))
        return float(self.scores[len(self.scores) - 1 - (self.count - rank) // stride])


def checked_level(level: float) -> float:
    """Return the level of an interval; refuse what is not between 0 and 1."""
    if not is_number(level) or not 0 < level < 1:
        raise InputError(f"The level is {shortened(level)}; give a number between 0 and 1, such as 0.9.")
    return float(level)
