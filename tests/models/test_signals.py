"""Networks of signals: they learn what stands anywhere, and compute what images of height 1 do, to the bit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mathdl
from mathdl import (
    SGD,
    AveragePool1D,
    AveragePool2D,
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    MaxPool1D,
    MaxPool2D,
    Network,
    NetworkClassifier,
    ZeroPad1D,
    ZeroPad2D,
)
from mathdl.data.generators import shifted_patterns, stereo_sounds
from mathdl.errors import InputError
from mathdl.runs.predict import predict

EXAMPLE = Path(__file__).parents[2] / "examples" / "stereo_sound.py"


def test_signals_are_images_of_height_one() -> None:
    one = [
        *[ZeroPad1D((3, 1), 0.5), Conv1D(5, 3, activation="relu", stride=2), MaxPool1D(2, remainder="drop")],
        *[Conv1D(4, 4, padding="same", bias="position"), AveragePool1D(3, stride=1), GlobalMaxPool1D(), Dense(3)],
    ]
    two = [
        *[ZeroPad2D((0, 0, 3, 1), 0.5), Conv2D(5, (1, 3), activation="relu", stride=(1, 2))],
        *[MaxPool2D((1, 2), remainder="drop"), Conv2D(4, (1, 4), padding="same", bias="position")],
        *[AveragePool2D((1, 3), stride=1), GlobalMaxPool2D(), Dense(3)],
    ]
    X, y = np.random.default_rng(0).normal(size=(50, 2, 30)), np.arange(50) % 3
    signals, images = Network(one, input_shape=(2, 30), seed=1), Network(two, input_shape=(2, 1, 30), seed=1)
    for net, objects in ((signals, X), (images, X[:, :, None])):
        net.fit(objects, y, loss="cross_entropy", rule=SGD(0.1), batch_size=8, epochs=3, seed=0)
    assert np.array_equal(signals.parameters, images.parameters)
    assert np.array_equal(signals(X), images(X[:, :, None]))
    assert signals.layers[1].weights.shape == (5, 2, 3)


@pytest.mark.parametrize(
    ("draw", "layers", "options"),
    [
        (
            shifted_patterns,
            [Conv1D(16, 9, activation="relu"), Conv1D(16, 9, activation="relu"), GlobalMaxPool1D()],
            {"length": 64, "noise": 0.15},
        ),
        (
            stereo_sounds,
            [
                *[Conv1D(16, 9, activation="relu"), MaxPool1D(2), Conv1D(24, 9, activation="relu")],
                *[AveragePool1D(4), Flatten()],
            ],
            {"length": 128, "noise": 0.2},
        ),
    ],
)
def test_networks_of_signals_learn(draw: Any, layers: list[Any], options: dict[str, Any]) -> None:
    """Where the pattern stands and which pitch the sound has differ, so that a linear model is far from this."""
    X, y = draw(1000, seed=3, **options)
    again, _ = draw(1000, seed=3, **options)
    assert np.array_equal(X, again)
    assert set(y) == {0, 1, 2, 3}
    model = NetworkClassifier(layers=layers, epochs=20, random_state=0).fit(X[:700], y[:700])
    assert model.score(X[700:], y[700:]) > 0.95


@pytest.mark.parametrize(
    ("draw", "options"),
    [(shifted_patterns, {"length": 64, "noise": 0.15}), (stereo_sounds, {"length": 128, "noise": 0.2})],
)
def test_the_network_of_those_who_choose_nothing_learns_signals(draw: Any, options: dict[str, Any]) -> None:
    """Whatever their unit and offset are: a run standardises the channels."""
    X, y = draw(1000, seed=3, **options)
    run = mathdl.train((1000 * X[:700] + 5000, y[:700]), cv=0)
    assert any(isinstance(layer, Conv1D) for layer in run.model.model.network_.layers)
    assert np.mean(run.model.predict(1000 * X[700:] + 5000) == y[700:]) > 0.95
    made = NetworkClassifier(epochs=20, random_state=0).fit(X[:700], y[:700])
    assert made.score(X[700:], y[700:]) > 0.9


def saved_signals(path: Path, X: Any, y: Any, **more: Any) -> Path:
    np.savez(path, X=X, y=y, **more)
    return path


@pytest.mark.parametrize("model", ["network", "logistic"])
def test_files_of_signals(tmp_path: Path, model: str) -> None:
    X, y = shifted_patterns(160, 40, 0.1, seed=0)
    labels = np.array(["ramp", "wave", "fall", "evaw"])[y]
    run = mathdl.train(
        saved_signals(tmp_path / "t.npz", X[:100], labels[:100]), model=model, out=tmp_path / "run", cv=0,
        **({"epochs": 2} if model == "network" else {}),
    )  # fmt: skip
    trained = mathdl.load(tmp_path / "run" / "model.safetensors")
    assert trained.signal_scale == run.model.signal_scale
    assert trained.signal_scale.means == pytest.approx([np.mean(X[:100])], abs=0.05)
    new = saved_signals(tmp_path / "new.npz", X[100:], labels[100:])
    found = predict(tmp_path / "run" / "model.safetensors", [new])
    assert found.labels == trained.predict(X[100:]).tolist() == run.model.predict(X[100:]).tolist()
    assert found.names[0] == "1"
    assert predict(tmp_path / "run" / "model.safetensors", [new, new]).names[-1] == "new.npz: 60"
    scores = mathdl.evaluate(trained, (X[100:], labels[100:]))
    assert scores.scores["accuracy"].value == np.mean(np.array(found.labels) == labels[100:])
    parts = saved_signals(tmp_path / "parts.npz", X[:100], labels[:100], X_test=X[100:], y_test=labels[100:])
    tested = mathdl.evaluate(trained, parts)
    assert (tested.objects, tested.notes) == (60, ("only the test part is scored",))
    assert (
        "signals of 1 channel and length 40" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8").lower()
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"X": np.full((30, 1, 8), np.nan)}, "Signal 1 of the arrays holds a number that is NaN or infinite"),
        ({"X": np.zeros((0, 1, 8)), "y": []}, "holds|have type"),
        ({"y": [0, 1]}, "X has 30 rows and y has shape"),
        ({"X": np.zeros((30, 1, 8), complex)}, "give images as uint8"),
        ({"augment": "flip"}, "augment changes pictures, but the data are signals"),
    ],
)
def test_bad_signals_are_told_in_a_sentence(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"X": np.random.default_rng(0).normal(size=(30, 1, 8)), "y": np.arange(30) % 2, **change}
    X, y = given.pop("X"), np.asarray(given.pop("y"))
    with pytest.raises(InputError, match=message):
        mathdl.train((X, y), **given)


def test_a_model_of_signals_refuses_other_objects(tmp_path: Path) -> None:
    X, y = shifted_patterns(60, 20, 0.1, seed=0)
    model = mathdl.train((X, y), epochs=1, cv=0).model
    with pytest.raises(InputError, match=r"the model takes signals; give numbers of shape \(N, 1, length\)"):
        model.predict(np.zeros((3, 2, 20)))
    with pytest.raises(InputError, match=r"takes \(N, 1, 20\)|shape"):
        model.predict(np.zeros((3, 1, 21)))
    with pytest.raises(InputError, match="holds none"):
        mathdl.evaluate(model, (np.zeros((60, 20)), y))
    with pytest.raises(InputError, match="have no columns to keep"):
        predict(saved_model(tmp_path, model), [saved_signals(tmp_path / "x.npz", X, y)], keep=["a"])


def saved_model(folder: Path, model: Any) -> Path:
    mathdl.save(model, folder / "model.safetensors")
    return folder / "model.safetensors"


def test_the_example_of_stereo_sound() -> None:
    done = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "Conv1D(channels=16, kernel_size=9, activation='relu')" in done.stdout
    assert "Each of the last places hears 32 of the 128 numbers." in done.stdout
    share = float(done.stdout.split("\n")[-2].split("%")[0])
    assert share > 95


def test_channels_last_are_told() -> None:
    net = Network([Conv1D(2, 3), GlobalMaxPool1D()], input_shape=(2, 10))
    with pytest.raises(InputError, match=r"the channels come first: give X.transpose\(0, 2, 1\)"):
        net(np.zeros((4, 10, 2)))
