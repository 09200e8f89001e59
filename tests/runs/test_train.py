"""The main job, end to end on real input: what it learns, what it writes, and what it refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.datasets import load_breast_cancer

from mathdl import Callback
from mathdl.data import mapped_arrays, noisy_waves, read, stratified_split
from mathdl.errors import DivergenceWarning, FileError, InputError
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.data_check import data_check
from mathdl.runs.predict import predict
from mathdl.runs.run import Run
from mathdl.runs.train import train
from runs.folders import FILES, page, saved, tree

ROOT = Path(__file__).parents[2]
MNIST = Path(os.environ.get("MATHDL_DATA", ROOT.parent / "shared" / "data")) / "mnist"


def strict(path: Path) -> dict[str, Any]:
    """Read JSON that any program can read: no NaN, no Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)
    return found


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train("digits", out=tmp_path_factory.mktemp("runs") / "new" / "digits")


def test_the_digits_are_learned(digits: Run) -> None:
    assert digits.metrics["test_accuracy"] >= 0.98
    assert (digits.history.status, digits.messages) == ("completed", [])
    assert tree(digits.folder) == FILES


def test_the_metrics_file(digits: Run) -> None:
    found = strict(digits.folder / "metrics.json")
    assert found == digits.metrics
    assert found["command"].startswith("mathdl train digits --seed 0 --out ")
    assert found["parameters"] == saved(digits).model.parameter_count
    assert found["epochs"] == len(digits.history.loss)
    assert 0 < found["train_seconds"] < 300
    assert (found["train_objects"], found["validation_objects"], found["test_objects"]) == (1294, 144, 359)


def test_the_layers_are_watched(digits: Run) -> None:
    found = strict(digits.folder / "metrics.json")
    assert "warnings" not in found
    record = found["layers_in_training"]
    assert (record["epochs"][0], record["epochs"][-1]) == (0, found["epochs"])
    assert list(record["gradient_norm"]) == list(record["update_ratio"]) == ["1 Conv2D", "3 Conv2D", "6 Dense"]
    assert list(record["dead_share"]) == ["1 Conv2D", "3 Conv2D"]
    assert {len(values) for values in record["gradient_norm"].values()} == {len(record["epochs"])}
    text = (digits.folder / "metrics.json").read_text(encoding="utf-8")
    assert f'"epochs": [{", ".join(map(str, record["epochs"]))}],' in text  # a list of numbers takes one line
    assert "Layers in training" in page(digits)


def test_a_run_that_goes_wrong_is_told_so(tmp_path: Path) -> None:
    deep = '[[layers]]\nlayer = "Dense"\nunits = 16\nactivation = "sigmoid"\n' * 10
    file = tmp_path / "deep.toml"
    file.write_text(f'[[layers]]\nlayer = "Flatten"\n{deep}[[layers]]\nlayer = "Dense"\nunits = 10\n')
    cases = ((file, None, "Gradients vanish", "warnings"), (None, 1.0, "The start", "message"))
    for network, rate, start, name in cases:
        run = train("digits", out=tmp_path / "run", network=network, learning_rate=rate, epochs=4)
        assert run.messages[0].startswith(start)
        found = strict(run.folder / "metrics.json")
        assert found[name] == (run.messages if name == "warnings" else run.messages[0])
        assert '<section class="notes"><ul><li>' + start in page(run)


class Erase(Callback):
    """Set all parameters to zero after the first epoch."""

    def on_epoch(self, training: Any) -> None:
        if training.epoch == 1:
            training.parameters[:] = 0


def test_what_cannot_be_measured_is_null(tmp_path: Path, flowers: Path) -> None:
    """The first layer stays zero, and there is no step relative to nothing."""
    run = train(flowers, target="species", out=tmp_path / "run", epochs=8, momentum=0.0, callbacks=[Erase()])
    found = strict(run.folder / "metrics.json")
    assert found == run.metrics
    assert found["layers_in_training"]["update_ratio"]["1.1.1 Dense"][-1] is None
    assert found["layers_in_training"]["gradient_norm"]["1.1.1 Dense"][-1] == 0


def test_the_model_file_gives_the_test_accuracy_again(digits: Run) -> None:
    model = saved(digits)
    assert isinstance(model, TrainedModel)
    assert model.training == digits.metrics
    source = read("digits")
    _, test = stratified_split(source.labels, 0.2, 0)
    right = model.predict(source.images[test]) == source.labels[test]
    assert right.mean() == digits.metrics["test_accuracy"]


def test_the_report(digits: Run) -> None:
    shown = page(digits)
    assert shown == digits.report
    for text in (digits.metrics["command"], "Confusion matrix", "Worst mistakes", "Conv2D", "1,294 to train"):
        assert text in shown
    assert f"{100 * digits.metrics['test_accuracy']:.2f} %" in shown


def test_the_same_seed_gives_the_same_bits_for_any_number_of_threads(tmp_path: Path) -> None:
    runs = [train("digits", out=tmp_path / str(k), epochs=2, threads=k, seed=5) for k in (1, 2, 4)]
    bits = {saved(run).model.network_.parameters.tobytes() for run in runs}
    assert len(bits) == 1
    other = train("digits", out=tmp_path / "other", epochs=2, seed=6)
    assert saved(other).model.network_.parameters.tobytes() not in bits


def test_a_csv_of_classes(tmp_path: Path, flowers: Path) -> None:
    run = train(flowers, target="species", out=tmp_path / "run", network=None)
    assert run.metrics["test_accuracy"] >= 0.9
    assert run.messages == []
    assert (run.metrics["task"], run.metrics["target"]) == ("classification", "species")
    assert run.metrics["test_objects"] == 150
    model = saved(run)
    assert model.classes == ["setosa", "versicolor", "virginica"]
    assert model.preprocessing.feature_names[-2:] == ("size=big", "size=small")


def test_a_parquet_of_numbers(tmp_path: Path) -> None:
    X, y = noisy_waves(400, 0.05, seed=0)
    pd.DataFrame({"x": np.ravel(X), "y": y * 1000 + 5000}).to_parquet(tmp_path / "waves.parquet")
    run = train(tmp_path / "waves.parquet", target="y", out=tmp_path / "run")
    assert run.metrics["task"] == "regression"
    assert run.metrics["test_r2"] > 0.8
    assert 0 < run.metrics["test_rmse"] < 500
    assert run.messages == []
    assert run.metrics["test_rmse"] > 10  # in the target's own unit
    assert "R²" in page(run)


@pytest.mark.parametrize("kind", ["table", "pictures"])
def test_large_data_are_learned_from_files_as_in_memory(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    if kind == "table":
        table = pd.DataFrame(random.normal(size=(600, 3)), columns=["a", "b", "c"])
        table.assign(y=np.where(table["a"] > table["b"], "yes", "no")).to_parquet(source := tmp_path / "t.parquet")
    else:
        source = tmp_path / "pictures"
        for number in range(120):
            (source / "ab"[number % 2]).mkdir(parents=True, exist_ok=True)
            pixels = random.integers(60 * (number % 2), 200, (6, 5), dtype=np.uint8)
            Image.fromarray(pixels).save(source / "ab"[number % 2] / f"{number}.png")
    options: dict[str, Any] = {"target": "y" if kind == "table" else None, "epochs": 3}
    runs = [train(source, out=tmp_path / "memory", **options)]
    monkeypatch.setattr(mapped_arrays, "MAX_BYTES_IN_MEMORY", 100)
    runs.append(train(source, out=tmp_path / "files", **options))
    scores = [
        {name: run.metrics[name] for name in run.metrics if name != "command" and "seconds" not in name} for run in runs
    ]
    assert scores[0] == scores[1]
    parameters = [saved(run).model.network_.parameters for run in runs]
    assert np.array_equal(*parameters)


def test_an_npz_with_a_test_part(tmp_path: Path) -> None:
    cancer = load_breast_cancer()
    X, y = cancer.data, cancer.target
    np.savez(tmp_path / "cancer.npz", X=X[:400], y=y[:400], X_test=X[400:], y_test=y[400:])
    run = train(tmp_path / "cancer.npz", out=tmp_path / "run")
    assert run.metrics["test_objects"] == len(X) - 400
    assert run.metrics["test_accuracy"] > 0.93
    assert run.messages == []


def test_a_folder_of_images(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for kind, low in (("dark", 0), ("light <b>", 120)):
        (tmp_path / "pictures" / kind).mkdir(parents=True)
        for number in range(15):
            pixels = random.integers(low, low + 100, (6, 5, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pictures" / kind / f"{number}.png")
    run = train(tmp_path / "pictures", out=tmp_path / "run")
    assert run.metrics["test_accuracy"] == 1.0
    assert saved(run).classes == ["dark", "light <b>"]
    assert run.metrics["validation_objects"] == 0


def test_parts_with_pictures_of_all_sizes(tmp_path: Path) -> None:
    """Training, validation and test part, with pictures of many sizes, one of them grey."""
    random = np.random.default_rng(0)
    for part, count in (("train", 60), ("valid", 10), ("test", 10)):
        for number in range(count):
            folder = tmp_path / "pictures" / part / ("blue", "red")[number % 2]
            folder.mkdir(parents=True, exist_ok=True)
            pixels = random.integers(0, 100, (*random.integers(8, 20, 2), 3), dtype=np.uint8)
            pixels[..., 0 if number % 2 else 2] += 100
            picture = Image.fromarray(pixels)
            (picture.convert("L") if (part, number) == ("train", 4) else picture).save(folder / f"{number}.png")
    run = train(tmp_path / "pictures", size=12, pad="edge", augment=("flip", "shift"), out=tmp_path / "run")
    sizes = [run.metrics[f"{part}_objects"] for part in ("train", "validation", "test")]
    assert sizes == [60, 10, 10]
    assert run.metrics["test_accuracy"] == 1.0
    assert run.metrics["augment"] == ["shift", "flip"]
    assert "--size 12 --pad edge --augment flip,shift" in run.metrics["command"]
    model = saved(run)
    assert model.picture_format == (3, 12, 12, "edge", "all")
    split = run.outcome.data.split
    assert data_check(split, {}).lines()[0][1].startswith("70 images and 10 to test; target: 2 classes")
    answers = predict(tmp_path / "run" / "model.safetensors", [tmp_path / "pictures" / "test"])
    assert answers.labels == ["blue"] * 5 + ["red"] * 5


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(k, marks=pytest.mark.slow) for k in range(3, 20))])
def test_colour_alone_is_learned_from_any_start(seed: int) -> None:
    random = np.random.default_rng(1)
    X, y = random.integers(0, 180, (120, 3, 32, 32), dtype=np.uint8), np.arange(120) % 2
    X[y == 1, 0] += 60
    assert train((X, y), seed=seed, test_fraction=0.2).metrics["test_accuracy"] == 1.0


def test_images_with_a_number_to_predict(tmp_path: Path) -> None:
    X = np.random.default_rng(0).integers(0, 256, (300, 4, 4), dtype=np.uint8)
    np.savez(tmp_path / "light.npz", X=X, y=X.mean(axis=(1, 2)) * 10)
    run = train(tmp_path / "light.npz", out=tmp_path / "run", epochs=40)
    assert run.metrics["test_r2"] > 0.8


def test_a_network_file_in_float64(tmp_path: Path, flowers: Path) -> None:
    file = tmp_path / "net.toml"
    file.write_text('dtype = "float64"\n[[layers]]\nlayer = "Dense"\nunits = 3\n', encoding="utf-8")
    run = train(flowers, target="species", out=tmp_path / "run", network=file, epochs=30)
    model = saved(run)
    assert (model.model.network_.dtype, len(model.model.network_.layers)) == ("float64", 1)
    assert run.metrics["test_accuracy"] > 0.8


@pytest.mark.parametrize(("rows", "classes"), [(4, 2), (7, 3), (12, 2)])
def test_tiny_sets(tmp_path: Path, rows: int, classes: int) -> None:
    np.savez(tmp_path / "tiny.npz", X=np.random.default_rng(0).normal(size=(rows, 2)), y=np.arange(rows) % classes)
    run = train(tmp_path / "tiny.npz", out=tmp_path / "run", epochs=3)
    assert tree(run.folder) == FILES
    assert 0 <= run.metrics["test_accuracy"] <= 1


def test_a_test_target_that_is_constant(tmp_path: Path) -> None:
    arrays = {"X": np.arange(60.0)[:, None], "y": np.arange(60.0), "X_test": np.ones((3, 1)), "y_test": np.full(3, 0.5)}
    np.savez(tmp_path / "a.npz", **arrays)
    run = train(tmp_path / "a.npz", out=tmp_path / "run", epochs=2, task="regression")
    assert run.metrics["test_r2"] == 0.0


@pytest.mark.parametrize("rate", [1e6, 1e30])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_divergence_leaves_a_model_and_says_what_to_try(tmp_path: Path, flowers: Path, rate: float, task: str) -> None:
    target = "species" if task == "classification" else "petal length (cm)"
    with pytest.warns(DivergenceWarning):
        run = train(flowers, target=target, out=tmp_path / "run", learning_rate=rate)
    assert (run.history.status, run.metrics["status"]) == ("diverged", "diverged")
    assert f"try learning_rate={rate / 10:g}" in run.messages[0]
    assert tree(run.folder) == FILES
    found = strict(run.folder / "metrics.json")
    assert [found["message"]] == run.messages
    assert "try learning_rate" in page(run)
    assert np.isfinite(saved(run).model.network_.parameters).all()


def test_a_command_of_python_is_one_that_can_be_typed(tmp_path: Path, flowers: Path) -> None:
    run = train(flowers, target="species", out=tmp_path / "my run", epochs=1, momentum=0.5)
    words = f"--target species --epochs 1 --momentum 0.5 --seed 0 --out '{tmp_path / 'my run'}'"
    assert run.metrics["command"] == f"mathdl train {flowers} {words}"


def test_a_learning_rate_is_found_and_shown(tmp_path: Path, flowers: Path) -> None:
    run = train(flowers, target="species", out=tmp_path / "run", epochs=40, learning_rate="auto")
    search = run.history.search
    assert search is not None
    found = strict(run.folder / "metrics.json")
    assert found == run.metrics
    assert found["learning_rate"] == run.history.learning_rate[0]  # that of the last beginning
    assert found["learning_rate_search"] == search.to_dict()
    assert found["command"].startswith(f"mathdl train {flowers} --target species --epochs 40 --learning-rate auto ")
    assert found["test_accuracy"] >= 0.9
    shown = page(run)
    assert "<h2>Learning rate</h2>" in shown
    assert search.reason in shown
    assert saved(run).training == found
    rates = {"learning_rate": found["learning_rate"], "weight_decay": found["weight_decay"]}
    given = train(flowers, target="species", out=tmp_path / "given", epochs=40, **rates)
    assert saved(run).model.network_.parameters.tobytes() == saved(given).model.network_.parameters.tobytes()
    assert "learning_rate_search" not in given.metrics
    assert "<h2>Learning rate</h2>" not in page(given)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no such source": ({"data": "nowhere.csv"}, "There is no file or folder 'nowhere.csv'"),
    "no target": ({"target": None}, "No target was named"),
    "an unknown target": ({"target": "speces"}, "no column 'speces'; perhaps 'species' is meant"),
    "an unknown task": ({"task": "clustering"}, "The task is 'clustering'"),
    "text as a number": ({"task": "regression"}, "needs a target of numbers"),
    "zero epochs": ({"epochs": 0}, "epochs is 0"),
    "a negative learning rate": ({"learning_rate": -1}, "learning_rate is -1"),
    "a momentum of one": ({"momentum": 1}, "momentum is 1"),
    "an empty batch": ({"batch_size": 0}, "batch_size is 0"),
    "no threads": ({"threads": 0}, "threads is 0"),
    "a negative seed": ({"seed": -1}, "seed is -1"),
    "all to test": ({"test_fraction": 1.0}, "The test fraction is 1.0"),
    "no network file": ({"network": "none.toml"}, "There is no network file none.toml"),
    "nothing to resume from": ({"resume": True}, "to resume from; start anew"),
    "a data folder for a table": ({"data_folder": "there"}, "goes with mnist only"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_an_error_and_nothing_is_written(tmp_path: Path, flowers: Path, name: str) -> None:
    options, message = BAD[name]
    before = tree(tmp_path)
    with pytest.raises(InputError, match=message):
        train(**({"data": flowers, "target": "species", "out": tmp_path / "deep" / "run"} | options))
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ('[[layers]]\nlayer = "Dense"\nunits = 4\n', "net.toml ends in 4 outputs, but the data have 3 classes"),
        ('[[layers]]\nlayer = "Conv2D"\nchannels = 3\nkernel_size = 3\n', "Conv2D needs images"),
        ('[[layers]]\nlayer = "Dense"\nunits = 3\nbais = false\n', "Dense has no option 'bais'"),
    ],
)
def test_a_bad_network_file_is_an_error_and_nothing_is_written(
    tmp_path: Path, flowers: Path, layers: str, message: str
) -> None:
    (tmp_path / "net.toml").write_text(layers, encoding="utf-8")
    before = tree(tmp_path)
    with pytest.raises(InputError, match=message):
        train(flowers, target="species", network=tmp_path / "net.toml", out=tmp_path / "run")
    assert tree(tmp_path) == before


def test_a_network_without_parameters_is_an_error_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "net.toml").write_text('[[layers]]\nlayer = "Flatten"\n', encoding="utf-8")
    np.savez(tmp_path / "a.npz", X=np.zeros((9, 1, 2), np.uint8), y=np.arange(9) % 2)
    before = tree(tmp_path)
    with pytest.raises(InputError, match="no parameters to train"):
        train(tmp_path / "a.npz", network=tmp_path / "net.toml", out=tmp_path / "run")
    assert tree(tmp_path) == before


@pytest.mark.parametrize("cells", ["inf", "many"])
def test_bad_cells_are_an_error_and_nothing_is_written(tmp_path: Path, cells: str) -> None:
    rows = "".join(f"{i},{i % 2}\n" for i in range(9))
    (tmp_path / "a.csv").write_text(f"x,y\n{rows}{cells},1\n", encoding="utf-8")
    before = tree(tmp_path)
    with pytest.raises(InputError, match=r"Column 'x' .*row 10 \(line 11"):
        train(tmp_path / "a.csv", target="y", out=tmp_path / "run")
    assert tree(tmp_path) == before


def test_the_output_must_be_a_folder(tmp_path: Path, flowers: Path) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    for out in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(InputError, match="file is a file, but the output goes into a folder"):
            train(flowers, target="species", out=out)


def test_the_folder_must_be_writable(tmp_path: Path, flowers: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FileError, match="cannot write to"):
        train(flowers, target="species", out=tmp_path / "run")


def test_a_checkpoint_that_is_none(tmp_path: Path, flowers: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "checkpoint.safetensors").write_bytes(b"nonsense")
    with pytest.raises(FileError, match="damaged or no safetensors file"):
        train(flowers, target="species", out=tmp_path / "run", resume=True)
    assert tree(tmp_path / "run") == ["checkpoint.safetensors"]


@pytest.mark.slow
@pytest.mark.skipif(not MNIST.is_dir(), reason=f"MNIST is not there ({MNIST}); set MATHDL_DATA to the folder of mnist/")
def test_lenet_learns_mnist(tmp_path: Path) -> None:
    lenet = ROOT / "examples" / "lenet.toml"
    run = train("mnist", data_folder=MNIST, network=lenet, epochs=5, batch_size=64, out=tmp_path / "run")
    assert run.metrics["test_objects"] == 10_000
    assert run.metrics["test_accuracy"] >= 0.985
    assert run.messages == ["Logistic regression was left out for time: 54,000 objects of 784 features."]
