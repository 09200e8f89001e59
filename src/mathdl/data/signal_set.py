"""A set of labelled signals, and the scale on which a model reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class SignalSet:
    """Signals of one length, numbers of shape (N, channels, length), with a label each; perhaps with a test part."""

    signals: Array
    labels: Array
    name: str
    test: SignalSet | None = None

    def __post_init__(self) -> None:
        signals, labels = self.signals, self.labels
        if signals.ndim != 3 or signals.dtype.kind not in "iuf" or not signals.size:
            raise InputError(
                f"Signals of {self.name} have type {signals.dtype} and shape {signals.shape}; give numbers of shape "
                "(N, channels, length)."
            )
        if labels.shape != (len(signals),):
            raise InputError(
                f"{self.name} holds {len(signals)} signals and labels of shape {labels.shape}; give one label per "
                "signal."
            )
        finite = np.isfinite(signals).all(axis=(1, 2))
        if not finite.all():
            raise InputError(
                f"Signal {int(np.argmin(finite)) + 1} of {self.name} holds a number that is NaN or infinite; fill it "
                "in, or leave the signal out."
            )
        if self.test is not None and self.test.signals.shape[1:] != signals.shape[1:]:
            raise InputError(
                f"The test signals of {self.name} have shape {self.test.signals.shape[1:]}, the training signals "
                f"{signals.shape[1:]}; make them alike."
            )

    def __len__(self) -> int:
        return len(self.signals)

    @property
    def target(self) -> Array:
        """The labels."""
        return self.labels

    @property
    def target_name(self) -> str:
        """Empty: labels of signals have no name."""
        return ""


class SignalScale(NamedTuple):
    """What a model subtracts from each channel of a signal, and what it then divides it by."""

    means: Sequence[float]
    deviations: Sequence[float]

    @classmethod
    def of(cls, signals: Array) -> SignalScale:
        """Standardise the channels of these signals; one that is constant becomes 0."""
        numbers = signals.astype(np.float64, copy=False)
        deviations = numbers.std(axis=(0, 2))
        return cls(numbers.mean(axis=(0, 2)).tolist(), np.where(deviations > 0, deviations, 1.0).tolist())

    def applied(self, signals: Any) -> Array:
        """Return signals on the scale; raise InputError where they have other channels."""
        numbers = np.asarray(signals)
        if numbers.ndim != 3 or numbers.shape[1] != len(self.means) or numbers.dtype.kind not in "iuf":
            raise InputError(
                f"The objects have type {numbers.dtype} and shape {numbers.shape}, but the model takes signals; give "
                f"numbers of shape (N, {len(self.means)}, length)."
            )
        means, deviations = (np.array(part, np.float64)[:, None] for part in self)
        return np.asarray((numbers - means) / deviations)
