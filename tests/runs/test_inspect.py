"""What a model file holds is told without running it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mathdl import Conv2D, Dense, Flatten, LinearRegression, Network, NetworkClassifier, NetworkRegressor, save
from mathdl.data import Preprocessing
from mathdl.data.frame import columns_of_frame
from mathdl.errors import FileError, InputError
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.inspect import inspect


def test_a_model_of_pictures(tmp_path: Path) -> None:
    X = np.random.default_rng(0).integers(0, 256, (6, 1, 4, 5), dtype=np.uint8)
    network = NetworkClassifier(layers=[Conv2D(2, 3), Flatten()], dtype="float64", epochs=1).fit(X, list("abcabc"))
    save(TrainedModel(network, training={"epochs": 3}), tmp_path / "m.safetensors")
    found = inspect(tmp_path / "m.safetensors")
    assert [row[1:] for row in found.layers] == [((2, 2, 3), 20), ((12,), 0), ((3,), 39)]
    assert found.layers[0][0].startswith("Conv2D(channels=2, kernel_size=3")
    assert (found.kind, found.input_shape, found.dtype, found.parameters) == ("TrainedModel", (1, 4, 5), "float64", 59)
    assert (found.class_names, found.training) == (["a", "b", "c"], {"epochs": 3})
    assert found.preprocessing == "images: bytes divided by 255"
    read = json.loads(found.to_json())
    assert read["layers"][2] == {"layer": found.layers[2][0], "output_shape": [3], "parameters": 39}
    assert read["class_names"] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("columns", "summary"),
    [
        ({"a": [1.0, 2.0]}, "1 number; 1 feature"),
        ({"a": [1.0, 2.0], "b": [3, 4], "c": ["x", "y"]},
         "2 numbers, 1 category; 4 features"),
        ({"c": ["x", "y"], "d": ["x", "x"]}, "1 category, 1 left out: 'd' is 'x' in every row; 2 features"),
    ],
)  # fmt: skip
def test_preprocessing_in_a_line(tmp_path: Path, columns: dict[str, list[object]], summary: str) -> None:
    read = columns_of_frame(columns, "the table")
    preprocessing = Preprocessing.fit(read)
    line = LinearRegression().fit(preprocessing.transform(read, "float64"), [1.0, 2.0])
    save(TrainedModel(line, preprocessing), tmp_path / "m.safetensors")
    assert inspect(tmp_path / "m.safetensors").preprocessing == summary


def test_other_kinds(tmp_path: Path) -> None:
    path, X = tmp_path / "m.safetensors", np.random.default_rng(0).normal(size=(10, 2))
    save(Network([Dense(1)], (2,)), path)
    found = inspect(path)
    assert (found.kind, found.class_names, found.preprocessing, found.training) == ("Network", [], "", {})
    save(NetworkClassifier((3,), epochs=2).fit(X, np.array(["u", "v"])[np.arange(10) % 2]), path)
    found = inspect(path)
    assert (found.kind, found.class_names) == ("NetworkClassifier", ["u", "v"])
    assert found.training == {"epochs": 2, "status": "completed"}
    save(NetworkRegressor((3,), epochs=2).fit(X, X[:, 0]), path)
    assert (inspect(path).kind, inspect(path).class_names) == ("NetworkRegressor", [])


def test_small_arrays_are_shown(tmp_path: Path) -> None:
    """A newcomer looks for the coefficients; large arrays are told by their shape."""
    save(LinearRegression().fit(np.eye(3)[:, :2], [2.0, 4.0, 1.0]), tmp_path / "m.safetensors")
    assert json.loads(str(inspect(tmp_path / "m.safetensors").learned["coef_"])) == pytest.approx([1.0, 3.0])
    save(LinearRegression().fit(np.eye(13), np.arange(13.0)), tmp_path / "m.safetensors")
    assert inspect(tmp_path / "m.safetensors").learned["coef_"] == "array of shape (13,)"


def test_what_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "m.safetensors").write_bytes(b"nonsense")
    with pytest.raises(FileError, match="damaged or no safetensors"):
        inspect(tmp_path / "m.safetensors")


def test_operations_of_a_network(tmp_path: Path) -> None:
    save(Network([Dense(20, activation="relu"), Dense(3)], (10,)), tmp_path / "m.safetensors")
    assert "operations" not in json.loads(inspect(tmp_path / "m.safetensors").to_json())
    found = inspect(tmp_path / "m.safetensors", operations=True)
    assert found.operations is not None
    assert (found.operations.forward, found.operations.backward) == (540, 400)
    steps = json.loads(found.to_json())["operations"]["steps"]
    assert steps[1]["input_gradient"] == {"multiplications": 60, "additions": 40}
    save(LinearRegression().fit(np.eye(3)[:, :2], [2.0, 4.0, 1.0]), tmp_path / "l.safetensors")
    with pytest.raises(InputError, match="LinearRegression, which has no layers"):
        inspect(tmp_path / "l.safetensors", operations=True)
