"""Runs that are interrupted, and go on from their checkpoint to the same model."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mathdl import Callback, load
from mathdl.errors import FileError, InputError, TrainingInterrupted
from mathdl.runs.train import train
from mathdl.training import watch
from runs.folders import FILES, saved, tree

ROOT = Path(__file__).parents[2]


class Interrupt(Callback):
    """Presses Ctrl-C after an epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def on_epoch(self, training: Any) -> None:
        if training.epoch == self.epoch:
            signal.raise_signal(signal.SIGINT)


def test_interrupted_and_resumed_is_the_same_model(
    tmp_path: Path, flowers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "MAX_WATCHING_SHARE", 1e9)  # look at the layers after every epoch, however short the run
    options: dict[str, Any] = {"target": "species", "epochs": 12, "seed": 2}
    once = train(flowers, out=tmp_path / "once", **options)
    for epoch in (3, 7):
        command = "mathdl train x" if epoch == 3 else "mathdl train x --resume"
        with pytest.raises(
            TrainingInterrupted, match=r"^Interrupted in epoch \d of 12. Go on with: mathdl train x --resume$"
        ) as stop:
            train(
                flowers,
                out=tmp_path / "run",
                command=command,
                resume=epoch == 7,
                callbacks=[Interrupt(epoch)],
                **options,
            )
        assert stop.value.history.epochs == epoch
        assert tree(tmp_path / "run") == ["checkpoint.safetensors"]
    run = train(flowers, out=tmp_path / "run", command="mathdl train x --resume", resume=True, **options)
    assert tree(run.folder) == FILES
    assert saved(run).model.network_.parameters.tobytes() == saved(once).model.network_.parameters.tobytes()
    assert run.metrics["test_accuracy"] == once.metrics["test_accuracy"]
    assert run.history.loss == once.history.loss
    assert run.metrics["layers_in_training"] == once.metrics["layers_in_training"]
    assert run.metrics["layers_in_training"]["epochs"] == list(range(13))
    assert run.metrics["command"] == "mathdl train x"


class InterruptSearch(Callback):
    """Presses Ctrl-C while a learning rate is looked for."""

    def on_search(self, trials: Any) -> None:
        signal.raise_signal(signal.SIGINT)


def test_interrupted_in_the_search_leaves_nothing(tmp_path: Path, flowers: Path) -> None:
    options: dict[str, Any] = {"target": "species", "epochs": 12, "out": tmp_path / "run", "learning_rate": "auto"}
    with pytest.raises(
        TrainingInterrupted, match=r"^Interrupted in the search for a learning rate, at .*again with: t$"
    ):
        train(flowers, command="t", callbacks=[InterruptSearch()], **options)
    assert tree(tmp_path) == ["flowers.csv"]
    with pytest.raises(FileError, match=r"no .* to resume from"):
        train(flowers, resume=True, **options)


def test_a_resumed_run_keeps_the_learning_rate_that_was_found(tmp_path: Path, flowers: Path) -> None:
    options: dict[str, Any] = {"target": "species", "epochs": 12, "learning_rate": "auto"}
    once = train(flowers, out=tmp_path / "once", **options)
    with pytest.raises(TrainingInterrupted, match=r"Go on with: .* --learning-rate auto .* --resume$"):
        train(flowers, out=tmp_path / "run", callbacks=[Interrupt(5)], **options)
    run = train(flowers, out=tmp_path / "run", resume=True, callbacks=[InterruptSearch()], **options)  # there is none
    assert run.history.search == once.history.search
    assert saved(run).model.network_.parameters.tobytes() == saved(once).model.network_.parameters.tobytes()
    assert run.metrics["learning_rate_search"] == once.metrics["learning_rate_search"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 7}, "epochs 6, but this run has 7"),
        ({"learning_rate": 0.5}, "learning_rate 0.03, but this run has 0.5"),
        ({"learning_rate": "auto"}, "learning_rate 0.03, but this run has 'auto'"),
        ({"batch_size": 9}, "batch_size 32, but this run has 9"),
        ({"seed": 1}, "seed 0, but this run has 1"),
        ({"test_fraction": 0.3}, "another training data than this run"),
        ({"target": "size"}, "another network than this run"),
    ],
)
def test_resumption_with_other_settings_is_refused(
    tmp_path: Path, flowers: Path, change: dict[str, Any], message: str
) -> None:
    options: dict[str, Any] = {"target": "species", "epochs": 6, "out": tmp_path / "run"}
    with pytest.raises(TrainingInterrupted):
        train(flowers, callbacks=[Interrupt(2)], **options)
    before = (tmp_path / "run" / "checkpoint.safetensors").read_bytes()
    with pytest.raises(InputError, match=message):
        train(flowers, resume=True, **(options | change))
    assert (tmp_path / "run" / "checkpoint.safetensors").read_bytes() == before
    assert tree(tmp_path / "run") == ["checkpoint.safetensors"]


@pytest.mark.filterwarnings("ignore::mathdl.errors.TrivialLossWarning")
def test_control_c_in_the_command(tmp_path: Path) -> None:
    """A real process, a real signal, and --resume in the next process."""
    X = np.random.default_rng(0).integers(0, 256, (3000, 12, 12), dtype=np.uint8)
    np.savez(tmp_path / "big.npz", X=X, y=X[:, 5, 5] % 3)
    here = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", "from mathdl.cli.main import main; main()", "train", str(tmp_path / "big.npz")]
    command += ["--epochs", "6", "--out", str(tmp_path / "run")]
    with subprocess.Popen(command, env=here, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any(line.startswith("epoch 1/6") for line in lines)  # on a new machine it compiles first, and says so
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert re.search(r"Interrupted in epoch \d of 6. Go on with: mathdl train .* --resume\n$", said)
    assert tree(tmp_path / "run") == ["checkpoint.safetensors"]
    done = subprocess.run([*command, "--resume"], env=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    once = train(tmp_path / "big.npz", epochs=6, out=tmp_path / "once")
    resumed = load(tmp_path / "run" / "model.safetensors").model.network_
    assert resumed.parameters.tobytes() == saved(once).model.network_.parameters.tobytes()
