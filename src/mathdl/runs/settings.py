"""What a run is made with: the user's choices, and what suits the data where there are none."""

from __future__ import annotations

from dataclasses import dataclass

from mathdl.checks import require_at_least
from mathdl.descent.rule import AUTO
from mathdl.descent.sgd import SGD
from mathdl.runs.prepared_data import PreparedData

MANY = 10_000  # training objects from which batches are larger
STEPS = {"images": 960, "table": 2000}  # about so many are taken by default


@dataclass(frozen=True)
class Choices:
    """What a user may choose of the training; None is what suits the data.

    Parameters
    ----------
    epochs, batch_size : int, optional
        At least 1.
    learning_rate : float or "auto", optional
        Positive; with "auto", training looks for one first.
    momentum : float, optional
        At least 0, less than 1.
    """

    epochs: int | None = None
    batch_size: int | None = None
    learning_rate: float | str | None = None
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
            if value is not None:
                require_at_least(name, value, least)
        SGD(
            1.0 if self.learning_rate is None else self.learning_rate,
            0.0 if self.momentum is None else self.momentum,
        )

    def settle(self, data: PreparedData) -> Settings:
        """Return the settings for these data: the choices, and what suits the data where there are none.

        Little data take more epochs, so that there are steps enough; a table of few rows holds back the weights.
        """
        objects, images = len(data.train), data.preprocessing is None
        batch_size = int(self.batch_size or (64 if objects >= MANY else 16 if images else 32))
        steps, rate = -(-objects // batch_size), self.learning_rate
        epochs = -(-STEPS["images" if images else "table"] // steps)
        return Settings(
            epochs=int(self.epochs or min(max(epochs, 5), 200)),
            batch_size=batch_size,
            learning_rate=_learning_rate(data) if rate is None else rate if rate == AUTO else float(rate),
            momentum=0.9 if self.momentum is None else float(self.momentum),
            weight_decay=0.0 if images else min(0.01, 10 / objects),
        )


@dataclass(frozen=True)
class Settings:
    """The settings of a run."""

    epochs: int
    batch_size: int
    learning_rate: float | str
    momentum: float
    weight_decay: float

    @property
    def rule(self) -> SGD:
        """The update rule."""
        return SGD(self.learning_rate, self.momentum, weight_decay=self.weight_decay)


def _learning_rate(data: PreparedData) -> float:
    """Return a rate that learns fast and is small enough for what the loss may curve."""
    images = data.preprocessing is None
    if data.task == "classification":
        return 0.05 if images else 0.03
    # Where features go together, the square of an error curves as their number.
    return 0.005 if images else min(0.03, 1 / data.input_shape[0])
