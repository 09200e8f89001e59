"""A small problem for the tests of descent, and callbacks that watch or disturb a run."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl import Callback, Dense, Network
from mathdl.training.training import Training, TrainingState

Array = NDArray[Any]


def network(seed: int = 1, dtype: str = "float64") -> Network:
    """Make a network of two layers for objects of two numbers and three classes."""
    return Network([Dense(5, activation="tanh"), Dense(3)], input_shape=(2,), dtype=dtype, seed=seed)


def objects(count: int, seed: int = 0) -> tuple[Array, Array]:
    """Draw objects and classes that depend on them."""
    X = np.random.default_rng(seed).normal(size=(count, 2))
    return X, (X[:, 0] > 0).astype(int) + (X[:, 1] > 0)


class At(Callback):
    """Do something once, when at least so many objects went through; keep the state of that moment."""

    def __init__(self, samples: int, action: Callable[[], Any]) -> None:
        self.samples, self.action = samples, action
        self.state: TrainingState | None = None

    def on_progress(self, training: Training) -> None:
        if self.state is None and training.samples >= self.samples:
            self.state = training.state()
            self.action()

    def on_epoch(self, training: Training) -> None:
        self.on_progress(training)


def press_ctrl_c() -> None:
    signal.raise_signal(signal.SIGINT)


def nothing() -> None:
    pass
