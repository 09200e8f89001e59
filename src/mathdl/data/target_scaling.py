"""Standardising the target of a regression, and undoing it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.data.cleaning import clean_values
from mathdl.data.standardise import mean_and_scale
from mathdl.errors import FileError, InputError


@dataclass(frozen=True)
class TargetScaling:
    """A target's mean and scale on the training part.

    Parameters
    ----------
    mean
        What is subtracted.
    scale
        What it is then divided by.

    Examples
    --------
    >>> scaling = TargetScaling.fit([1.0, 3.0])
    >>> scaling.transform([5.0])
    array([3.])
    >>> scaling.inverse([3.0])
    array([5.])
    """

    mean: float
    scale: float

    @classmethod
    def fit(cls, y: ArrayLike) -> TargetScaling:
        """Take mean and scale from the training part.

        Parameters
        ----------
        y
            The training part's target.

        Returns
        -------
        TargetScaling
            Its mean and scale; a constant target has scale 1.

        Raises
        ------
        InputError
            If the target is empty, not numeric, or not finite.
        """
        numbers = _numbers(y)
        if len(numbers) == 0:
            raise InputError("The target is empty; give at least one value.")
        return cls(*mean_and_scale(numbers))

    @classmethod
    def from_dict(cls, record: object) -> TargetScaling:
        """Rebuild the scaling from what `to_dict` gave.

        Parameters
        ----------
        record
            The record, as it came back from JSON.

        Returns
        -------
        TargetScaling
            The same scaling.

        Raises
        ------
        FileError
            If the record is not one of a scaling.
        """
        try:
            mean, scale = float(record["mean"]), float(record["scale"])  # type: ignore[index]
            sound = math.isfinite(mean) and math.isfinite(scale) and scale > 0
        except (KeyError, TypeError, ValueError):
            sound = False
        if not sound:
            raise FileError(f"The target's scaling {record!r} holds no mean and positive scale; save the model again.")
        return cls(mean, scale)

    def to_dict(self) -> dict[str, float]:
        """Return the scaling as a record for JSON.

        Returns
        -------
        dict
            Mean and scale.
        """
        return {"mean": self.mean, "scale": self.scale}

    def transform(self, y: ArrayLike) -> NDArray[np.float64]:
        """Standardise a target.

        Parameters
        ----------
        y
            Targets in their own unit.

        Returns
        -------
        numpy.ndarray
            The targets as the network sees them, float64.

        Raises
        ------
        InputError
            If the target is not numeric or not finite.
        """
        standardised: NDArray[np.float64] = (_numbers(y) - self.mean) / self.scale
        return standardised

    def inverse(self, outputs: ArrayLike) -> NDArray[np.float64]:
        """Turn a network's outputs into predictions in the target's own unit.

        Parameters
        ----------
        outputs
            Outputs of the network.

        Returns
        -------
        numpy.ndarray
            Predictions, float64, of the same shape.
        """
        return np.asarray(outputs, dtype=np.float64) * self.scale + self.mean


def _numbers(y: ArrayLike) -> NDArray[Any]:
    """Return a target as float64."""
    values = clean_values("The target", y)
    if values.dtype.kind == "O":
        raise InputError(
            f"A regression needs a target of numbers, but it holds text such as {values[0]!r}; "
            "choose classification or another target."
        )
    return values.astype(np.float64)
