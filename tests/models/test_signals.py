"""Networks of signals: they learn what stands anywhere, and compute what images of height 1 do, to the bit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
