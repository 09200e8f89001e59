"""The time of a fit is the time that its user waited."""

from __future__ import annotations

import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mathdl.errors import TrainingInterrupted
from mathdl.files.checkpoint import load_checkpoint
from mathdl.runs.train import train
from mathdl.training.callbacks import Callback

X = np.random.default_rng(0).normal(size=(60, 2))
TABLE = {"a": X[:, 0], "b": X[:, 1], "y": X[:, 0] - X[:, 1]}
SEARCH, EPOCH = 1000.0, 1.0  # seconds on a clock that nothing else moves


class Clock(Callback):
    """A clock that each epoch moves; after one of them it presses Ctrl-C."""

    def __init__(self, stop: int | None = None) -> None:
        self.now, self.stop = 0.0, stop

    def on_epoch(self, training: Any) -> None:
        self.now += EPOCH
        if training.epoch == self.stop:
            signal.raise_signal(signal.SIGINT)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()

    def search(*_: object) -> float:
        found.now += SEARCH
        return 0.01

    monkeypatch.setattr("mathdl.runs.fitting.time", SimpleNamespace(perf_counter=lambda: found.now))
    monkeypatch.setattr("mathdl.models.network_estimator.lowest_loss", search)
    return found


def test_the_search_for_a_weight_decay_counts(clock: Clock) -> None:
    run = train(TABLE, target="y", epochs=3, cv=0, callbacks=[clock])
    assert run.metrics["train_seconds"] == SEARCH + 3 * EPOCH


def test_a_resumed_run_counts_what_was_before(clock: Clock, tmp_path: Path) -> None:
    options: dict[str, Any] = {"target": "y", "epochs": 6, "cv": 0, "weight_decay": 0.1, "out": tmp_path}
    with pytest.raises(TrainingInterrupted):
        train(TABLE, callbacks=[Clock(stop=4)], **options)
    before = load_checkpoint(tmp_path / "checkpoint.safetensors").record["seconds"]
    run = train(TABLE, callbacks=[clock], resume=True, **options)
    assert before > 0
    assert run.metrics["train_seconds"] == before + 2 * EPOCH
