"""What a run is made with: the user's choices, and what suits the data where there are none."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mathdl.descent.sgd import SGD
from mathdl.errors import InputError
from mathdl.runs.prepared_data import PreparedData

MANY = 10_000  # training objects from which batches are larger
STEPS = {"images": 1200, "table": 2000}  # about so many are taken by default


@dataclass(frozen=True)
class Choices:
    """What a user may choose of the training; None is what suits the data.

    Parameters
    ----------
    epochs, batch_size : int, optional
        At least 1.
    learning_rate : float, optional
        Positive.
    momentum : float, optional
        At least 0, less than 1.
    """

    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | None = None
    momentum: float | None = None

    def check(self, *, seed: int, threads: int | None) -> None:
        """Refuse what cannot be, before any data are read; also the seed and the threads of the run."""
        whole = {
            "epochs": (self.epochs, 1),
            "batch_size": (self.batch_size, 1),
            "threads": (threads, 1),
            "seed": (seed, 0),
        }
        for name, (value, least) in whole.items():
            wrong = isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least
            if value is not None and wrong:
                raise InputError(f"{name} is {value!r}; give a whole number of at least {least}.")
        SGD(
            1.0 if self.learning_rate is None else self.learning_rate,
            0.0 if self.momentum is None else self.momentum,
        )

    def settle(self, data: PreparedData) -> Settings:
        """Return the settings for these data."""
        defaults = _suitable(data, self.batch_size)
        chosen = {name: value for name, value in asdict(self).items() if value is not None}
        found = {**defaults, **chosen}
        return Settings(
            int(found["epochs"]), int(found["batch_size"]), float(found["learning_rate"]), float(found["momentum"])
        )


@dataclass(frozen=True)
class Settings:
    """The settings of a run."""

    epochs: int
    batch_size: int
    learning_rate: float
    momentum: float

    @property
    def rule(self) -> SGD:
        """The update rule."""
        return SGD(self.learning_rate, self.momentum)


def _suitable(data: PreparedData, batch_size: int | None) -> dict[str, Any]:
    """Return what suits the data: more epochs where an epoch has few steps, smaller steps for regression."""
    objects, images = len(data.train), data.preprocessing is None
    batch_size = batch_size or (64 if objects >= MANY else 16 if images else 32)
    steps = -(-objects // batch_size)
    epochs = -(-STEPS["images" if images else "table"] // steps)
    return {
        "epochs": min(max(epochs, 5), 200),
        "batch_size": batch_size,
        "learning_rate": 0.05 if data.task == "classification" else 0.01,
        "momentum": 0.9,
    }
