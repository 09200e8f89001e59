"""A run that was interrupted anywhere and resumed ends with the same bits as one that was not."""

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

from files.edited import edit
from mathdl import (
    SGD,
    Activation,
    Adam,
    Callback,
    Checkpoint,
    Conv2D,
    CosineSchedule,
    Dense,
    EarlyStopping,
    Flatten,
    MaxPool2D,
    Network,
    Parallel,
)
from mathdl.errors import FileError, InputError, InputWarning, TrainingInterrupted
from mathdl.files.checkpoint import load_checkpoint
from mathdl.training import loop

RULES = [SGD(0.05), SGD(0.05, momentum=0.9, nesterov=True), Adam(0.01)]
LAYERS = [Conv2D(4, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(3)]
RANDOM = np.random.default_rng(0)
X = RANDOM.integers(0, 256, (70, 1, 8, 8), dtype=np.uint8)
Y = RANDOM.integers(0, 3, 70)


class Interrupt(Callback):
    """Presses Ctrl-C when so many calls have gone by."""

    def __init__(self, event: str, count: int) -> None:
        self.event, self.left = event, count

    def _count(self, event: str) -> None:
        if event == self.event:
            self.left -= 1
            if self.left == 0:
                signal.raise_signal(signal.SIGINT)

    def on_progress(self, training: Any) -> None:
        self._count("progress")

    def on_epoch(self, training: Any) -> None:
        self._count("epoch")


def fit(rule: Any = RULES[1], **options: Any) -> Network:
    """Train for five epochs of five steps each; the last batch is smaller."""
    network = Network(LAYERS, (1, 8, 8), seed=1)
    settings = {"batch_size": 16, "epochs": 5, "seed": 2, "schedule": CosineSchedule(0.1), "threads": 1}
    network.fit(X, Y, loss="cross_entropy", rule=rule, **(settings | options))
    return network


@pytest.fixture
def one_step_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let training come back after every step, so that it can be interrupted after any."""
    monkeypatch.setattr(loop, "CALL_SECONDS", 1e-12)


@pytest.mark.usefixtures("one_step_a_call")
@pytest.mark.parametrize("rule", RULES, ids=repr)
@pytest.mark.parametrize(("event", "count"), [("progress", 1), ("progress", 11), ("epoch", 1), ("epoch", 4)])
def test_interrupted_and_resumed_is_the_same(tmp_path: Path, rule: Any, event: str, count: int) -> None:
    path = tmp_path / "run.safetensors"
    with pytest.raises(TrainingInterrupted, match=r"Interrupted in epoch \d of 5"):
        fit(rule, callbacks=[Interrupt(event, count), Checkpoint(path)])
    state = load_checkpoint(path)
    assert (state.record["epoch"], state.record["step"] > 0) == ((count - 1) // 4 if event == "progress" else count,
                                                               event == "progress")  # fmt: skip
    resumed = fit(rule, callbacks=[Checkpoint(path)], resume=state)
    assert resumed.parameters.tobytes() == fit(rule).parameters.tobytes()


@pytest.mark.usefixtures("one_step_a_call")
def test_interrupted_again_and_again(tmp_path: Path) -> None:
    path, state, times = tmp_path / "run.safetensors", None, 0
    while True:
        try:
            network = fit(callbacks=[Checkpoint(path), Interrupt("progress", 3)], resume=state)
            break
        except TrainingInterrupted:
            state, times = load_checkpoint(path), times + 1
    assert times > 4
    assert network.parameters.tobytes() == fit().parameters.tobytes()


@pytest.mark.usefixtures("one_step_a_call")
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_resumed_with_other_threads(tmp_path: Path, threads: int) -> None:
    path = tmp_path / "run.safetensors"
    with pytest.raises(TrainingInterrupted):
        fit(callbacks=[Interrupt("progress", 7), Checkpoint(path)], threads=threads)
    resumed = fit(resume=load_checkpoint(path), threads=5 - threads)
    assert resumed.parameters.tobytes() == fit().parameters.tobytes()


@pytest.mark.usefixtures("one_step_a_call")
@pytest.mark.parametrize("checkpoint_first", [False, True])
@pytest.mark.parametrize("count", [2, 3, 4])
@pytest.mark.filterwarnings("ignore::mathdl.errors.TrivialLossWarning")
def test_early_stopping_resumes(tmp_path: Path, checkpoint_first: bool, count: int) -> None:
    # A learning rate under which the loss rises after some epochs, so that the best parameters are not the last.
    options = {"rule": SGD(0.4, 0.9), "epochs": 30, "validation": (X[::2], 2 - Y[::2])}
    stopping = [EarlyStopping(3)]
    once = fit(callbacks=stopping, **options)
    assert (once.parameters != fit(**options).parameters).any()
    path = tmp_path / "run.safetensors"
    callbacks = [Checkpoint(path), *stopping] if checkpoint_first else [*stopping, Checkpoint(path)]
    with pytest.raises(TrainingInterrupted):
        fit(callbacks=[*callbacks, Interrupt("epoch", count)], **options)
    resumed = fit(callbacks=callbacks, resume=load_checkpoint(path), **options)
    assert resumed.parameters.tobytes() == once.parameters.tobytes()


def test_what_others_keep_is_of_the_epoch_that_is_saved(tmp_path: Path) -> None:
    class Keep(Callback):
        def on_epoch(self, training: Any) -> None:
            training.arrays["epoch"] = np.array(training.epoch)

    fit(callbacks=[Checkpoint(tmp_path / "run.safetensors"), Keep()])
    assert load_checkpoint(tmp_path / "run.safetensors").arrays["extra.epoch"] == 5


def test_a_finished_run_resumes_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    network = fit(callbacks=[Checkpoint(path)])
    assert fit(resume=load_checkpoint(path)).parameters.tobytes() == network.parameters.tobytes()


@pytest.mark.parametrize(("every", "epochs"), [(1, [1, 2, 3, 4, 5]), (2, [2, 4]), (6, [])])
def test_every_so_many_epochs(tmp_path: Path, every: int, epochs: list[int]) -> None:
    path, seen = tmp_path / "run.safetensors", []

    class Look(Callback):
        def on_epoch(self, training: Any) -> None:
            if path.exists():
                seen.append(load_checkpoint(path).record["epoch"])
                path.unlink()

        def on_end(self, training: Any) -> None:
            self.on_epoch(training)

    fit(callbacks=[Look(), Checkpoint(path, every=every)])
    assert seen == epochs


PROGRAM = """
import sys
import numpy as np
import mathdl
from mathdl.training import loop as training
from mathdl.files.checkpoint import load_checkpoint

training.CALL_SECONDS = 0.02

class Say(mathdl.Callback):
    def on_progress(self, training):
        print("progress", flush=True)

path, resume, threads = sys.argv[1], sys.argv[2] == "resume", int(sys.argv[3])
X = np.random.default_rng(0).integers(0, 256, (20000, 1, 12, 12), dtype=np.uint8)
net = mathdl.Network([mathdl.Conv2D(8, 5, activation="relu"), mathdl.Flatten(), mathdl.Dense(5)], (1, 12, 12))
try:
    net.fit(X, X[:, 0, 5, 5] % 5, loss="cross_entropy", rule=mathdl.SGD(0.01, 0.9), epochs=9, threads=threads,
            callbacks=[Say(), mathdl.Checkpoint(path)], resume=load_checkpoint(path) if resume else None)
    print("bits", net.parameters.tobytes().hex())
except mathdl.errors.TrainingInterrupted as stop:
    print(stop)
"""


def start(path: Path, how: str, threads: int) -> subprocess.Popen[str]:
    source = str(Path(__file__).parents[2] / "src")
    words = [sys.executable, "-c", PROGRAM, str(path), how, str(threads)]
    return subprocess.Popen(words, env=os.environ | {"PYTHONPATH": source}, stdout=subprocess.PIPE, text=True)


def test_control_c_in_one_process_and_resumption_in_another(tmp_path: Path) -> None:
    path, never = tmp_path / "run.safetensors", tmp_path / "never.safetensors"
    with start(path, "begin", 2) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "progress\n"
        first.send_signal(signal.SIGINT)
        said = first.stdout.read()
    assert re.search(r"Interrupted in epoch \d of 9", said)
    assert first.returncode == 0
    assert load_checkpoint(path).record["step"] > 0
    bits = []
    for run in (start(path, "resume", 4), start(never, "begin", 1)):
        with run:
            out, _ = run.communicate(timeout=120)
        bits.append(out.split("bits ")[1])
    assert bits[0] == bits[1]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "run.safetensors"
    fit(callbacks=[Checkpoint(path, settings={"colour": "red", "layers": ["a"] * 40})])
    return path


def test_settings_are_compared(saved: Path) -> None:
    load_checkpoint(saved, {"colour": "red"})
    with pytest.raises(InputError, match="made with colour 'red', but this run has 'blue'; resume with the same"):
        load_checkpoint(saved, {"colour": "blue"})
    with pytest.raises(InputError, match="made with another layers than this run"):
        load_checkpoint(saved, {"layers": ["b"] * 40})
    with pytest.raises(InputError, match="made with size None, but this run has 3"):
        load_checkpoint(saved, {"size": 3})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 17}, "batch_size 16, but this run has 17"),
        ({"seed": 3}, "seed 2, but this run has 3"),
        ({"rule": SGD(0.1)}, "rule"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(saved: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        fit(resume=load_checkpoint(saved), **options)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda r, a, m: a.pop("memory"), "KeyError"),
        (lambda r, a, m: a.update(memory=a["memory"][:-1]), "its memory has shape"),
        (lambda r, a, m: a.update(losses=np.zeros(3)), "its losses"),
        (lambda r, a, m: a.update(parameters=a["parameters"][:-1]), "its parameters"),
        (lambda r, a, m: a.update(parameters=a["parameters"].astype(float)), "type float64"),
        (lambda r, a, m: a["parameters"].__setitem__(0, np.inf), "not a finite number"),
        (lambda r, a, m: r["state"].update(epoch=-1), "no whole numbers"),
        (lambda r, a, m: r["state"].update(epoch=4), "does not tell of 4 epochs"),
        (lambda r, a, m: r["state"].update(updates=1.5), "no whole numbers"),
        (lambda r, a, m: r["state"].update(seconds="long"), "damaged"),
        (lambda r, a, m: r["state"].update(seconds=float("nan")), "time"),
        (lambda r, a, m: r["state"].update(rule={"rule": "Lion"}), "'Lion' is unknown"),
        (lambda r, a, m: r["state"]["history"].update(luck=1), "luck"),
        (lambda r, a, m: r.update(state=[]), "damaged"),
        (lambda r, a, m: r.pop("settings"), "KeyError"),
        (lambda r, a, m: m.update(kind="Network"), "holds a 'Network', but one of Checkpoint"),
    ],
)
def test_a_damaged_checkpoint_is_an_error(saved: Path, change: Any, message: str) -> None:
    edit(saved, change)
    with pytest.raises(FileError, match=message):
        load_checkpoint(saved)


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "2"])
def test_every_is_a_whole_number(tmp_path: Path, every: Any) -> None:
    with pytest.raises(InputError, match="every is"):
        Checkpoint(tmp_path / "run.safetensors", every=every)


def test_the_folder_must_be_there_before_training(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="There is no folder"):
        fit(callbacks=[Checkpoint(tmp_path / "nowhere" / "run.safetensors")])


def test_before_training_a_checkpoint_says_what_save_will_not_take(tmp_path: Path) -> None:
    own = Activation("double", function=lambda x: 2 * x, derivative=lambda x: 2.0 + 0 * x)

    def network() -> Network:
        return Network([Parallel([[Dense(3, activation=own)], [Dense(2)]]), Dense(1)], (2,), seed=1)

    data = RANDOM.normal(size=(20, 2)), RANDOM.normal(size=20)
    whole, half, path = network(), network(), tmp_path / "run.safetensors"
    assert half.own_activations == ("double",)
    assert Network([Dense(1, activation="relu")], (2,)).own_activations == ()
    with pytest.warns(InputWarning, match="'double' is a function of your own: the checkpoint can be resumed"):
        half.fit(*data, loss="mean_square", epochs=2, callbacks=[Checkpoint(path)])
    whole.fit(*data, loss="mean_square", epochs=4)
    resumed = network()
    resumed.fit(*data, loss="mean_square", epochs=4, resume=load_checkpoint(path))
    assert resumed.parameters.tobytes() == whole.parameters.tobytes()


@pytest.mark.parametrize("settings", [5, "x", [("a", 1)]])
def test_settings_are_a_dictionary(tmp_path: Path, settings: Any) -> None:
    with pytest.raises(InputError, match=r"Checkpoint: settings is .*; give a dictionary"):
        Checkpoint(tmp_path / "run.safetensors", settings=settings)
    with pytest.raises(InputError, match=r"load_checkpoint: settings is .*; give a dictionary"):
        load_checkpoint(tmp_path / "run.safetensors", settings)
