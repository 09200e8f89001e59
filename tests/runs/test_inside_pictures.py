"""``mathdl inspect MODEL --pictures DIR``: which pictures of which model, and what is said where data are missing."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from mathdl import (
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalMaxPool2D,
    KMeans,
    LogisticRegression,
    MaxPool2D,
    Network,
    NetworkClassifier,
    NetworkRegressor,
    save,
)
from mathdl.cli.main import main
from mathdl.data import read
from mathdl.errors import FileError, InputError
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.inspect import inspect

RANDOM = np.random.default_rng(0)
EXAMPLES = Path(__file__).parents[2] / "examples"
LAYERS = [Conv2D(3, 3, activation="relu"), Flatten()]


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a network that knows that it was trained on the digits."""
    path = tmp_path_factory.mktemp("model") / "m.safetensors"
    source: Any = read("digits")
    model = NetworkClassifier(layers=LAYERS, epochs=1, random_state=0).fit(source.images[:300], source.labels[:300])
    save(TrainedModel(model, training={"source": "digits"}), path)
    return path


def names(found: Any) -> list[str]:
    """The names of the pictures, each of which is there and is one that can be read."""
    assert found.pictures is not None
    for file, shows in found.pictures:
        assert ElementTree.parse(file).getroot().get("aria-label", "").lower() == shows.lower()
    return [Path(file).name for file, _ in found.pictures]


def texts(path: Path) -> list[str]:
    return [
        "".join(each.itertext()) for each in ElementTree.parse(path).getroot().iter("{http://www.w3.org/2000/svg}text")
    ]


def test_a_model_is_drawn_with_the_data_that_it_was_trained_on(digits: Path, tmp_path: Path) -> None:
    told: list[str] = []
    found = inspect(digits, pictures=tmp_path / "a" / "b", progress=lambda what, done, of: told.append(what))
    expected = ["layer0-kernels.svg", "layer0-maps.svg", "layer0-patches.svg", "layer2-objects.svg", "pixels.svg"]
    assert names(found) == expected == sorted(os.listdir(tmp_path / "a" / "b"))
    assert found.notes == ()
    assert "of 1,797 objects" in found.pictures[2][1]
    assert set(told) == {"patches for layer 0", "patches for layer 2", "pixels that matter"}
    titles = [text.partition(":")[0] for text in texts(tmp_path / "a" / "b" / "pixels.svg") if text.startswith("for")]
    assert titles == sorted(set(titles)) <= [f"for {k}" for k in range(10)] or set(titles) <= {
        f"for {k}" for k in range(10)
    }
    assert len(titles) == len(set(titles)) > 1


def test_the_command_says_where_they_are(digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["inspect", str(digits), "--pictures", str(tmp_path), "--data", str(EXAMPLES / "four.png"), "--json"])
    assert ended.value.code in (0, None)
    read_back = json.loads(capsys.readouterr().out)
    assert [Path(each["file"]).parent for each in read_back["pictures"]] == [tmp_path] * 5
    assert read_back["notes"] == []
    with pytest.raises(SystemExit):
        main(["inspect", str(digits), "--pictures", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith(str(tmp_path / "pixels.svg"))
    with pytest.raises(SystemExit):
        main(["inspect", str(digits), "--json"])
    assert not {"pictures", "notes"} & set(json.loads(capsys.readouterr().out))


def test_without_data_there_are_kernels_and_a_sentence(digits: Path, tmp_path: Path) -> None:
    network = Network([Conv2D(2, 3), GlobalMaxPool2D(), Dense(2)], (1, 6, 6))
    save(network, tmp_path / "m.safetensors")
    found = inspect(tmp_path / "m.safetensors", pictures=tmp_path / "out")
    assert names(found) == ["layer0-kernels.svg"]
    (note,) = found.notes
    assert note.startswith("Only kernels are drawn, without data: The file does not say what the model was trained on")
    model: Any = NetworkClassifier(layers=LAYERS, epochs=1).fit(RANDOM.random((8, 1, 4, 4)), np.arange(8) % 2)
    save(TrainedModel(model, training={"source": "pictures/gone"}), tmp_path / "t.safetensors")
    (note,) = inspect(tmp_path / "t.safetensors", pictures=tmp_path / "out").notes
    assert "There is no 'pictures/gone' to look at the model with" in note


def test_a_folder_of_pictures(tmp_path: Path) -> None:
    for name in ("a/one.png", "b/two.png"):
        (tmp_path / "data" / name).parent.mkdir(parents=True)
        Image.fromarray(RANDOM.integers(0, 256, (9, 9, 3), dtype=np.uint8)).save(tmp_path / "data" / name)
    save(Network([Conv2D(2, 3), Flatten(), Dense(1)], (3, 9, 9)), tmp_path / "m.safetensors")
    found = inspect(tmp_path / "m.safetensors", pictures=tmp_path / "out", data=tmp_path / "data")
    assert "of 2 objects" in found.pictures[2][1]  # type: ignore[index]
    assert sum(text.startswith("output 0: ") for text in texts(tmp_path / "out" / "pixels.svg")) == 2
    assert texts(tmp_path / "out" / "layer0-kernels.svg").count("2") == 1  # three columns: red, green and blue


def test_signals_of_an_array(tmp_path: Path) -> None:
    X, y = RANDOM.normal(size=(20, 2, 30)), RANDOM.normal(size=20)
    save(NetworkRegressor(layers=[Conv1D(3, 5), Flatten()], epochs=1).fit(X, y), tmp_path / "m.safetensors")
    np.savez(tmp_path / "X.npz", X=X)
    found = inspect(tmp_path / "m.safetensors", pictures=tmp_path / "out", data=tmp_path / "X.npz")
    assert names(found)[-1] == "pixels.svg"
    assert "which part of a signal" in found.pictures[-1][1]  # type: ignore[index]
    np.savez(tmp_path / "grey.npz", X=RANDOM.integers(0, 256, (3, 6, 6), dtype=np.uint8))
    save(Network([Conv2D(2, 3), Flatten(), Dense(2)], (1, 6, 6)), tmp_path / "p.safetensors")
    assert len(names(inspect(tmp_path / "p.safetensors", pictures=tmp_path / "grey", data=tmp_path / "grey.npz"))) == 5


def test_dense_networks_and_linear_models_of_pictures(tmp_path: Path) -> None:
    save(Network([Flatten(), Dense(6, activation="relu"), Dense(2)], (1, 8, 8)), tmp_path / "m.safetensors")
    found = inspect(tmp_path / "m.safetensors", pictures=tmp_path / "out", data="digits")
    assert names(found) == ["layer1-weights.svg", "layer2-objects.svg", "pixels.svg"]
    X, y = RANDOM.random((20, 16)), np.arange(20) % 3
    linear = TrainedModel(LogisticRegression(regularization=0.1).fit(X, y), image_shape=(1, 4, 4))
    save(linear, tmp_path / "l.safetensors")
    assert names(inspect(tmp_path / "l.safetensors", pictures=tmp_path / "linear")) == ["weights.svg"]
    save(TrainedModel(KMeans(3, random_state=0).fit(X), image_shape=(1, 4, 4)), tmp_path / "k.safetensors")
    assert names(inspect(tmp_path / "k.safetensors", pictures=tmp_path / "clusters")) == ["clusters.svg"]
    assert texts(tmp_path / "clusters" / "clusters.svg") == ["cluster 0", "cluster 1", "cluster 2"]


def test_what_has_no_pictures_is_refused_before_anything_is_written(digits: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    save(LogisticRegression(regularization=0.1).fit([[0.0], [1.0]], ["a", "b"]), tmp_path / "l.safetensors")
    save(Network([Dense(2)], (3,)), tmp_path / "n.safetensors")
    save(Network([Conv1D(2, 3), Flatten(), Dense(1)], (1, 9)), tmp_path / "s.safetensors")
    (tmp_path / "bad.npz").write_bytes(b"nonsense")
    calls: list[tuple[Any, dict[str, Any], str]] = [
        (tmp_path / "l.safetensors", {}, "The LogisticRegression reads features, which are no pixels"),
        (tmp_path / "n.safetensors", {}, "The Network reads features, which are no pixels"),
        (tmp_path / "s.safetensors", {"data": EXAMPLES / "four.png"}, "takes signals, no pictures; give an NPZ file"),
        (digits, {"data": "nowhere"}, "There is no 'nowhere' to look at the model with; give digits, mnist"),
        (digits, {"data": tmp_path / "bad.npz"}, "cannot be read as NPZ"),
        (digits, {"data": EXAMPLES / "flowers.csv"}, "cannot be read as a picture"),
    ]
    for path, options, message in calls:
        with pytest.raises((InputError, FileError), match=message):
            inspect(path, pictures=out, **options)
        assert not out.exists()
    with pytest.raises(InputError, match="name a folder for these with --pictures"):
        inspect(digits, data="digits")
    with pytest.raises(InputError, match="is a file, but the output goes into a folder"):
        inspect(digits, pictures=tmp_path / "bad.npz")


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("MATHDL_DATA"), reason="needs MNIST")
def test_lenet_on_mnist(tmp_path: Path) -> None:
    layers = [Conv2D(6, 5, activation="relu", padding="same"), MaxPool2D(2), Conv2D(16, 5), Flatten(), Dense(10)]
    net = Network(layers, (1, 28, 28))
    save(net, tmp_path / "m.safetensors")
    found = inspect(tmp_path / "m.safetensors", pictures=tmp_path / "out", data="mnist")
    assert len(names(found)) == 8
    assert sum(file.stat().st_size for file in (tmp_path / "out").iterdir()) < 2e6
