"""What is loaded gives the same outputs as what was saved, and a damaged file an error rather than a model."""

from __future__ import annotations

import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.edited import edit
from mathdl import (
    Activation,
    AveragePool1D,
    AveragePool2D,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool1D,
    GlobalAveragePool2D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    MaxPool1D,
    MaxPool2D,
    Network,
    NetworkClassifier,
    NetworkRegressor,
    Parallel,
    Residual,
    ZeroPad1D,
    ZeroPad2D,
    load,
    save,
)
from mathdl.data import Preprocessing
from mathdl.data.frame import columns_of_frame
from mathdl.data.number_encoder import NumberEncoder
from mathdl.errors import FileError, InputError
from mathdl.layers.registry import LAYERS
from mathdl.models.trained_model import TrainedModel

IMAGE_LAYERS = [
    ZeroPad2D(1),
    Conv2D(3, 3, activation=Activation("leaky_relu", slope=0.125), bias="position", padding="same"),
    Residual([Conv2D(3, (1, 3), padding="same"), Dropout(0.25)]),
    MaxPool2D(2, remainder="drop"),
    AveragePool2D(2, stride=1),
    Parallel([[Conv2D(2, 1, activation="tanh", bias=None), GlobalMaxPool2D()], GlobalAveragePool2D(), [Flatten()]]),
    Dense(4, activation="softmax", bias=False),
]
SIGNAL_LAYERS = [
    ZeroPad1D((2, 0), value=0.1),
    Conv1D(3, 3, activation="relu", bias="position"),
    Parallel([GlobalMaxPool1D(), [MaxPool1D(3), GlobalAveragePool1D()], AveragePool1D(3, stride=1, remainder="drop")]),
]


def networks() -> list[Network]:
    """Networks of every layer."""
    return [
        Network(IMAGE_LAYERS, (2, 5, 6), seed=3),
        Network(IMAGE_LAYERS, (1, 4, 4), "float64", seed=4),
        Network(SIGNAL_LAYERS, (2, 9), seed=5),
        Network([Flatten()], (2, 2)),  # without parameters
        Network([Dense(1)], (1,), "float64"),
    ]


def classifier(names: tuple[Any, ...]) -> NetworkClassifier:
    """A small network that tells images apart."""
    images = np.random.default_rng(0).integers(0, 256, (12, 1, 4, 4), dtype=np.uint8)
    layers = [Conv2D(2, 3, activation="relu"), Flatten()]
    return NetworkClassifier(layers=layers, epochs=1, random_state=0).fit(
        images, np.array(names)[np.arange(12) % len(names)]
    )


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A sound model file."""
    path = tmp_path / "model.safetensors"
    save(TrainedModel(classifier(("a", "b", "c")), training={"epochs": 2}), path)
    return path


def test_every_layer_is_tried() -> None:
    used = {name for network in networks() for name in LAYERS if name in str(network.architecture)}
    assert used == set(LAYERS)


@pytest.mark.parametrize("number", range(5))
def test_a_network_comes_back_to_the_last_bit(tmp_path: Path, number: int) -> None:
    network = networks()[number]
    network.trained_loss = "cross_entropy"
    save(network, tmp_path / "net.safetensors")
    same = load(tmp_path / "net.safetensors")
    assert isinstance(same, Network)
    X = np.random.default_rng(0).normal(size=(5, *network.input_shape))
    assert same(X).tobytes() == network(X).tobytes()
    assert same.parameters.tobytes() == network.parameters.tobytes()
    assert same.parameters.flags.writeable
    assert same.architecture == network.architecture
    assert (same.input_shape, same.dtype) == (network.input_shape, network.dtype)
    assert (same.seed, same.trained_loss) == (network.seed, network.trained_loss)
    assert os.listdir(tmp_path) == ["net.safetensors"]


def test_another_process_computes_the_same(tmp_path: Path) -> None:
    network = networks()[0]
    save(network, tmp_path / "net.safetensors")
    X = np.random.default_rng(0).normal(size=(40, *network.input_shape)).astype("float32")
    np.save(tmp_path / "X.npy", X)
    code = (
        "import sys, numpy, mathdl\n"
        "print(mathdl.load(sys.argv[1])(numpy.load(sys.argv[2])).tobytes().hex())\n"
        "assert not {'sklearn', 'pandas', 'pickle5', 'matplotlib'} & sys.modules.keys()"
    )
    words = [sys.executable, "-c", code, str(tmp_path / "net.safetensors"), str(tmp_path / "X.npy")]
    source = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(words, env=os.environ | {"PYTHONPATH": source}, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == network(X).tobytes().hex()


def test_saving_twice_writes_over_the_first(tmp_path: Path) -> None:
    first, second = Network([Dense(2)], (2,), seed=1), Network([Dense(2)], (2,), seed=2)
    save(first, tmp_path / "net.safetensors")
    save(second, tmp_path / "net.safetensors")
    assert (load(tmp_path / "net.safetensors").parameters == second.parameters).all()


@pytest.mark.parametrize("names", [("a", "b"), (0, 1), (False, True), (0.0, 2.0)])
def test_class_names_keep_their_type(tmp_path: Path, names: tuple[Any, ...]) -> None:
    model = TrainedModel(classifier(names), training={"loss": [1.0, None]})
    save(model, tmp_path / "m.safetensors")
    same = load(tmp_path / "m.safetensors")
    assert isinstance(same, TrainedModel)
    assert same.classes == model.classes == list(names)
    assert [type(name) for name in same.classes] == [type(name) for name in names]
    assert same.training == {"loss": [1.0, None]}
    X = np.random.default_rng(0).integers(0, 256, (6, 1, 4, 4), dtype=np.uint8)
    assert same.predict(X).tolist() == model.predict(X).tolist()
    assert (same.predict_proba(X) == model.predict_proba(X)).all()


def test_preprocessing_and_scaling_travel_with_the_model(tmp_path: Path) -> None:
    table = {"width": np.array([1.0, 2.5, 4.0]), "colour": np.array(["red", "blue", "red"], object)}
    columns = columns_of_frame(table, "the table")
    preprocessing = Preprocessing.fit(columns)
    network = NetworkRegressor((3,), epochs=2).fit(preprocessing.transform(columns, "float64"), [100.0, 1 / 3, 7.0])
    model = TrainedModel(network, preprocessing)
    save(model, tmp_path / "m.safetensors")
    same = load(tmp_path / "m.safetensors")
    assert isinstance(same, TrainedModel)
    assert same.preprocessing == model.preprocessing
    assert same.predict(table).tobytes() == model.predict(table).tobytes()


@pytest.mark.parametrize("inside", [False, True])
def test_an_activation_of_ones_own_cannot_be_saved(tmp_path: Path, inside: bool) -> None:
    own = Dense(2, activation=Activation("double", function=lambda x: 2 * x, derivative=lambda x: 2.0))
    network = Network([Parallel([[own], [Flatten()]]) if inside else own], (2,))
    with pytest.raises(InputError, match=r"'double' is a function of your own.*cannot hold"):
        save(network, tmp_path / "m.safetensors")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("thing", [3, None, "net", Dense(2), np.zeros(3)])
def test_other_things_cannot_be_saved(tmp_path: Path, thing: Any) -> None:
    with pytest.raises(InputError, match="give a Network"):
        save(thing, tmp_path / "m.safetensors")
    assert os.listdir(tmp_path) == []


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save(Network([Dense(2)], (2,)), path)
    before = path.read_bytes()
    model = TrainedModel(classifier((1, 2)), training={"what": object()})
    with pytest.raises(InputError, match="neither number"):
        save(model, path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


def network(record: dict[str, Any]) -> dict[str, Any]:
    return record["estimator"]["learned"]["network_"]


def layer(record: dict[str, Any], number: int, **changes: Any) -> None:
    network(record)["architecture"][number].update(changes)


CHANGES: dict[str, tuple[Callable[..., Any], str]] = {
    "a parameter too few": (
        lambda r, a, m: a.update({"network_.parameters": a["network_.parameters"][:-1]}),
        "its layers need",
    ),
    "parameters of another type": (
        lambda r, a, m: a.update({"network_.parameters": a["network_.parameters"].astype(float)}),
        "type float64",
    ),
    "parameters in a matrix": (
        lambda r, a, m: a.update({"network_.parameters": a["network_.parameters"][None]}),
        "shape",
    ),
    "a NaN": (lambda r, a, m: a["network_.parameters"].__setitem__(1, np.nan), "not a finite number"),
    "an infinity": (lambda r, a, m: a["network_.parameters"].__setitem__(1, np.inf), "not a finite number"),
    "no parameters": (lambda r, a, m: a.pop("network_.parameters"), "KeyError"),
    "an unknown layer": (lambda r, a, m: layer(r, 0, layer="Conv5D"), "'Conv5D' is unknown"),
    "a layer without a name": (lambda r, a, m: layer(r, 0, layer=[]), "damaged"),
    "an unknown option": (lambda r, a, m: layer(r, 0, colour=3), "colour"),
    "a negative option": (lambda r, a, m: layer(r, 0, channels=-2), "channels is -2"),
    "an unknown activation": (lambda r, a, m: layer(r, 0, activation="softplus"), "softplus"),
    "a kernel larger than its input": (lambda r, a, m: layer(r, 0, kernel_size=9), "does not fit"),
    "no layers": (lambda r, a, m: network(r).update(architecture=[]), "damaged"),
    "layers that are no list": (lambda r, a, m: network(r).update(architecture=7), "damaged"),
    "another input": (lambda r, a, m: network(r).update(input_shape=[1, 5, 5]), "its layers need"),
    "an empty input": (lambda r, a, m: network(r).update(input_shape=[1, 0, 4]), "input shape"),
    "a fractional input": (lambda r, a, m: network(r).update(input_shape=[1, 4.0, 4]), "input shape"),
    "an unknown dtype": (lambda r, a, m: network(r).update(dtype="float16"), "float16"),
    "a dtype that is none": (lambda r, a, m: network(r).update(dtype={"a": 1}), "damaged"),
    "a negative seed": (lambda r, a, m: network(r).update(seed=-1), "seed is -1"),
    "an unknown loss": (lambda r, a, m: network(r).update(trained_loss="absolute"), "'absolute' is unknown"),
    "no classes": (lambda r, a, m: r["estimator"]["learned"].pop("classes_"), "it lacks classes_"),
    "an image shape of text": (lambda r, a, m: r.update(image_shape="141"), "channels, height and width"),
    "no estimator": (lambda r, a, m: r.update(model="Network"), "its model is of the kind 'Network'"),
    "a preprocessing of nothing": (lambda r, a, m: r.update(preprocessing={"columns": []}), "no columns"),
    "a preprocessing of other data": (
        lambda r, a, m: r.update(preprocessing=Preprocessing((NumberEncoder("x", 0.0, 1.0, 0.0),)).to_dict()),
        "but the preprocessing returns",
    ),
    "a training record of text": (lambda r, a, m: r.update(training="long"), "no dictionary"),
    "a kind that is none": (lambda r, a, m: m.update(kind="Oracle"), "holds a 'Oracle'"),
    "another kind": (lambda r, a, m: m.update(kind="KMeans"), "damaged"),
    "a checkpoint": (lambda r, a, m: m.update(kind="Checkpoint"), "holds a 'Checkpoint', but one of Network, "),
    "no network": (lambda r, a, m: r["estimator"]["learned"].pop("network_"), "it lacks network_"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_damaged_model_is_an_error(saved: Path, name: str) -> None:
    change, message = CHANGES[name]
    edit(saved, change)
    with pytest.raises(FileError, match=message) as error:
        load(saved)
    assert str(error.value).startswith(str(saved))
    assert str(error.value).endswith(".")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("layers", "input_shape"),
    [
        ([{"layer": "Dense", "units": 10**12}], [3]),
        ([{"layer": "Dense", "units": 1}], [10**15]),
        ([{"layer": "ZeroPad2D", "size": 10**9}, {"layer": "GlobalMaxPool2D"}], [1, 4, 4]),
        ([{"layer": "Conv2D", "channels": 10**6, "kernel_size": 10**4, "padding": "same"}], [1, 4, 4]),
        ([{"layer": "Parallel", "branches": [[{"layer": "ZeroPad2D", "size": 10**8}, {"layer": "GlobalMaxPool2D"}]]}],
         [1, 4, 4]),
    ],
)  # fmt: skip
def test_a_header_that_asks_for_a_gigantic_network_gets_nothing(
    tmp_path: Path, layers: list[dict[str, Any]], input_shape: list[int]
) -> None:
    path = tmp_path / "m.safetensors"
    save(Network([Flatten()], (3,)), path)  # without parameters, so that their number fits where the layers have none
    edit(path, lambda r, a, m: r["network"].update(architecture=layers, input_shape=input_shape))
    tracemalloc.start()
    with pytest.raises(FileError, match=r"but its layers need|more than|at most"):
        load(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


SOUND: list[bytes] = []


@given(place=st.integers(0, 10**6), value=st.integers(0, 255))
def test_a_flipped_byte_gives_a_model_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    path = tmp_path_factory.mktemp("flip") / "m.safetensors"
    if not SOUND:
        save(TrainedModel(classifier(("a", "b", "c"))), path)
        SOUND.append(path.read_bytes())
    content = bytearray(SOUND[0])
    content[place % len(content)] = value
    path.write_bytes(content)
    try:
        model = load(path)
    except FileError:
        return
    assert np.isfinite(model.model.network_.parameters).all()
