"""`mathdl.train` on data in memory: the same answers as from a file, and a run that can be shown, saved and used."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits, load_iris

import mathdl
from mathdl.errors import InputError, NotSeparableError, TrainingInterrupted
from runs.folders import CERTIFIED, FILES, tree

IRIS = load_iris(as_frame=True)
FLOWERS = IRIS.data.assign(species=IRIS.target_names[IRIS.target])


@pytest.fixture(autouse=True)
def _nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "runs").exists()


def same(first: dict[str, Any], second: dict[str, Any]) -> bool:
    """Whether metrics agree but for what tells where and when."""
    other = ("train_seconds", "command", "source", "layers_in_training")
    return {k: v for k, v in first.items() if k not in other} == {k: v for k, v in second.items() if k not in other}


@pytest.mark.parametrize("model", ["network", "logistic", "kmeans"])
def test_a_frame_a_mapping_and_a_file_give_the_same_run(tmp_path: Path, model: str) -> None:
    options: dict[str, Any] = {"network": {"epochs": 4}, "logistic": {"regularization": 0.1}, "kmeans": {"clusters": 3}}
    FLOWERS.to_csv("flowers.csv", index=False)
    given = [
        FLOWERS,
        {str(name): column.tolist() for name, column in FLOWERS.items()},
        "flowers.csv",
        Path("flowers.csv"),
    ]
    runs = [mathdl.train(data, target="species", model=model, **options[model]) for data in given]
    assert all(same(run.metrics, runs[0].metrics) for run in runs)
    answers = [run.model.predict(FLOWERS.drop(columns="species")).tolist() for run in runs]
    assert all(answer == answers[0] for answer in answers)
    assert runs[0].metrics["command"] == (
        f"mathdl.train(data, {'' if model == 'network' else f'model={model!r}, '}target='species', "
        f"{next(iter(options[model]))}={next(iter(options[model].values()))}, seed=0)"
    )
    assert runs[2].metrics["command"].startswith("mathdl train flowers.csv ")
    assert tree(tmp_path) == ["flowers.csv"]


def test_arrays() -> None:
    X, y = load_digits(return_X_y=True)
    run = mathdl.train((X, y), model="logistic", regularization=0.01)
    assert run.metrics["test_accuracy"] > 0.93
    assert run.model.preprocessing.left_out[0] == ("x0", "is 0 in every row")
    assert run.model.preprocessing.columns[:2] == ("x1", "x2")
    images = np.rint(X * 255 / 16).astype(np.uint8).reshape(-1, 8, 8)
    names = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])[y]
    network = mathdl.train((images, names), epochs=2)
    assert network.metrics["test_accuracy"] > 0.8
    assert network.model.input_shape == (1, 8, 8)
    assert set(network.model.predict(images[:20, None])) <= set(names)
    clusters = mathdl.train(X, model="kmeans", clusters=10)
    assert len(clusters.model.model.cluster_centers_) == 10


def test_a_run_is_shown_saved_and_used(tmp_path: Path) -> None:
    run = mathdl.train(FLOWERS[50:], target="species", model="soft-margin", certify=True)
    assert repr(run).startswith("<Run: soft-margin, accuracy 0.")
    assert (run.history, run.folder) == (None, None)
    assert run.report.startswith("<!DOCTYPE html>")
    assert "mathdl.train(data, model=" in run.report
    shown = run._repr_html_()
    assert shown.startswith('<iframe title="&lt;Run: soft-margin')
    assert "<script" not in shown
    assert mathdl.verify(run.certificate, *run.model.model.training_data)
    assert run.save(tmp_path / "deep" / "run") == tmp_path / "deep" / "run"
    assert tree(tmp_path / "deep" / "run") == CERTIFIED
    again = mathdl.load(tmp_path / "deep" / "run" / "model.safetensors")
    assert (again.predict(FLOWERS) == run.model.predict(FLOWERS)).all()
    network = mathdl.train(FLOWERS, target="petal width (cm)", epochs=3)
    network.save(tmp_path / "deep" / "run")
    assert tree(tmp_path / "deep" / "run") == FILES
    assert len(network.history.loss) == 3
    assert "test_rmse" in network.metrics


class Interrupt(mathdl.Callback):
    """Presses Ctrl-C after the first epoch."""

    def on_epoch(self, training: Any) -> None:
        signal.raise_signal(signal.SIGINT)


def test_interrupted_without_a_folder(tmp_path: Path) -> None:
    with pytest.raises(TrainingInterrupted, match=r"^Interrupted in epoch \d of 9\. Nothing is written\.$") as stop:
        mathdl.train(FLOWERS, target="species", epochs=9, callbacks=[Interrupt()])
    assert stop.value.history.epochs == 1
    assert tree(tmp_path) == []


def test_classes_that_cannot_be_separated() -> None:
    petals = FLOWERS[["petal length (cm)", "petal width (cm)", "species"]][50:]
    with pytest.raises(NotSeparableError, match="separates the classes 'versicolor' and 'virginica'; choose the model"):
        mathdl.train(petals, target="species", model="hard-margin", certify=True)


X, Y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
BAD: dict[str, tuple[object, dict[str, Any], str]] = {
    "no target": (FLOWERS, {}, "No target was named for the DataFrame"),
    "another target": (
        FLOWERS,
        {"target": "speces"},
        "The DataFrame has no column 'speces'; perhaps 'species' is meant",
    ),
    "two targets": (FLOWERS, {"target": ["species", "x"]}, r"The target is \['species', 'x'\]; name one column"),
    "a target of arrays": ((X, Y), {"target": "y"}, "The data are arrays and have no column 'y'"),
    "arrays of different length": ((X, Y[1:]), {}, r"X has 20 rows and y has shape \(19,\)"),
    "columns of different length": ({"x": [1, 2], "y": [1]}, {"target": "y"}, "has 2 values, but the target"),
    "no y": (X, {}, "give a DataFrame, a mapping of columns, a pair"),
    "three arrays": ((X, Y, Y), {}, "The data are of type tuple; give a DataFrame"),
    "two targets in y": ((X, np.stack([Y, Y], 1)), {}, "give y one value per row"),
    "nothing": (None, {}, "The data are of type NoneType"),
    "a missing value": (
        FLOWERS.assign(x=[None, *range(149)]),
        {"target": "species", "missing": "error"},
        "Column 'x' has no value in row 1",
    ),
    "no such model": (FLOWERS, {"target": "species", "model": "forest"}, "no model 'forest'"),
    "no such option": (FLOWERS, {"target": "species", "epoch": 3}, "There is no option 'epoch'"),
    "another model's option": (FLOWERS, {"target": "species", "degree": 3}, "--degree goes with --model polynomial"),
    "an option of a kind": (FLOWERS, {"target": "species", "epochs": "many"}, "epochs is 'many'"),
    "a seed": (FLOWERS, {"target": "species", "seed": 1.5}, "seed is 1.5"),
    "a seed that is too large": (
        FLOWERS,
        {"target": "species", "model": "kmeans", "seed": 2**32},
        "seed is 4294967296; kmeans takes at most 4294967295",
    ),
    "a fraction": (FLOWERS, {"target": "species", "test_fraction": "half"}, "The test fraction is 'half'"),
    "a task": (FLOWERS, {"target": "species", "task": "clustering"}, "The task is 'clustering'"),
    "a callback": (FLOWERS, {"target": "species", "callbacks": 3}, "callbacks"),
    "nothing to resume": (FLOWERS, {"target": "species", "resume": True}, "no folder to resume from"),
    "a nameless folder": (FLOWERS, {"target": "species", "out": ""}, "The output folder has no name"),
    "a long name": (FLOWERS, {"target": "species", "out": "x" * 300}, "cannot be made"),
    "no network": (FLOWERS, {"target": "species", "network": 3}, "3 is no path"),
    "no folder of data": ("mnist", {"data_folder": 3}, "3 is no path"),
    "no threads": (FLOWERS, {"target": "species", "threads": "two"}, "threads is 'two'"),
    "no threads of clusters": (FLOWERS, {"target": "species", "model": "kmeans", "threads": "two"}, "threads is 'two'"),
    "no path": (FLOWERS, {"target": "species", "out": "a\0b"}, "is no path"),
    "no path at all": (FLOWERS, {"target": "species", "out": 3}, "3 is no path"),
    "an id": (
        {"id": [f"n{k}" for k in range(20_000)], "y": list(range(20_000))},
        {"target": "y", "model": "linear"},
        "No column can be learned from: 'id' is different in every row",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    data, options, message = BAD[name]
    with pytest.raises(InputError, match=message) as error:
        mathdl.train(data, **options)
    assert "\n" not in str(error.value)
    assert tree(tmp_path) == []


def bars(count: int, channels: int = 1) -> tuple[list[Any], list[str]]:
    """Pictures of different sizes, dark ones and bright ones."""
    draw = np.random.default_rng(0)
    labels = ["bright" if number % 2 else "dark" for number in range(count)]
    sizes = [(int(draw.integers(6, 12)), int(draw.integers(6, 12))) for _ in labels]
    pictures = [
        draw.integers(0, 80, (channels, *size)).astype(np.uint8) + np.uint8(150 * (label == "bright"))
        for label, size in zip(labels, sizes, strict=True)
    ]
    return [picture[0] if channels == 1 else picture for picture in pictures], labels


@pytest.mark.parametrize("channels", [1, 3])
def test_a_list_of_pictures_of_different_sizes(tmp_path: Path, channels: int) -> None:
    X, y = bars(60, channels)
    run = mathdl.train((X, y), epochs=5, resize="larger", cv=0)
    assert run.model.input_shape == (channels, 11, 11)
    assert (run.model.predict(X) == y).mean() > 0.9
    assert any(said.startswith("Pictures of ") and "got a border (black)" in said for said in run.messages)
    assert "resize='larger'" in run.metrics["command"]
    assert mathdl.train((X, y), epochs=1, size=8, cv=0).model.input_shape == (channels, 8, 8)
    mathdl.save(run.model, tmp_path / "model.safetensors")
    assert (mathdl.load(tmp_path / "model.safetensors").predict_proba(X) == run.model.predict_proba(X)).all()


def test_a_list_of_pictures_of_one_size_is_an_array() -> None:
    """Of any channels; those of a list that have the model's size are taken as they are."""
    X = list(np.random.default_rng(0).integers(0, 256, (60, 2, 6, 7)).astype(np.uint8))
    model = mathdl.train((X, [0, 1] * 30), epochs=1, cv=0).model
    assert model.input_shape == (2, 6, 7)
    assert (model.predict_proba(X) == model.predict_proba(np.stack(X))).all()
    grey = [picture[0] for picture in X]
    model = mathdl.train((grey, [0, 1] * 30), epochs=1, cv=0).model
    assert (model.predict_proba(grey) == model.predict_proba(np.stack(grey)[:, None])).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"resize": "some"}, "give 'all' or 'larger'"),
        ({"y": ["dark"]}, r"X has 60 pictures and y has shape \(1,\)"),
        ({"channels": 2}, "a picture has 1 channel or 3, which come first: give"),
        ({"target": "y"}, "have no column 'y'"),
    ],
)
def test_bad_lists_of_pictures(change: dict[str, Any], message: str) -> None:
    X, y = bars(60, change.pop("channels", 1))
    with pytest.raises(InputError, match=message):
        mathdl.train((X, change.pop("y", y)), **change)
    with pytest.raises(InputError, match="arrays of different shapes"):
        mathdl.NetworkClassifier().fit(X, y)


NEW = '''
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from mathdl.errors import NotCertifiedError
from mathdl.models.declaration import Declaration, DeclaredEstimator, Option
from mathdl.status import Status


class ShrunkMean(DeclaredEstimator, RegressorMixin, BaseEstimator):
    """Predicts one number."""

    declaration: ClassVar[Declaration] = Declaration(
        command="shrunk-mean",
        task="regression",
        minimises="mean square error, shrunk",
        learned={"coef_": "p", "intercept_": "", "status_": "status"},
        options={"shrink": Option("shrink", float, "how much the mean is shrunk", "1")},
    )

    def __init__(self, shrink: float = 1.0) -> None:
        self.shrink = shrink

    def fit(self, X: Any, y: Any) -> "ShrunkMean":
        X, y = validate_data(self, X, y, y_numeric=True)
        self.coef_, self.intercept_ = np.zeros(X.shape[1]), float(np.mean(y) * self.shrink)
        self.status_ = Status.CONVERGED
        return self

    def predict(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return np.full(len(validate_data(self, X, reset=False)), self.intercept_)

    def objective_value(self, X: Any, y: Any) -> float:
        return float(np.mean((y - self.intercept_) ** 2))

    def certify(self) -> None:
        raise NotCertifiedError("Nothing is shown about a shrunk mean.")
'''


@pytest.fixture
def _one_more_estimator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """One new file in a folder that belongs to the models' room, and a command that has not been loaded yet."""
    folder = tmp_path / "more"
    folder.mkdir()
    (folder / "shrunk_mean.py").write_text(NEW, encoding="utf-8")
    monkeypatch.setattr("mathdl.models.__path__", [*mathdl.models.__path__, str(folder)])
    for module in ("mathdl.cli.main", "mathdl.cli.train"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    yield
    sys.modules.pop("mathdl.models.shrunk_mean", None)
    for module in ("mathdl.cli.main", "mathdl.cli.train"):
        sys.modules.pop(module, None)


@pytest.mark.usefixtures("_one_more_estimator")
def test_a_new_estimator_is_one_new_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from mathdl.cli.main import main

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(words)
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out, printed.err

    table = pd.DataFrame({"x": np.arange(20.0), "y": np.arange(20.0) + 7})
    table.to_csv("t.csv", index=False)
    assert "--shrink <float>" in run("train", "--help")[1]
    code, _, err = run("train", "t.csv", "--target", "y", "--model", "shrunk-mean", "--shrink", "0.5", "--out", "here")
    assert (code, err) == (0, "")
    assert tree(tmp_path / "here") == FILES
    model = mathdl.load("here/model.safetensors")
    assert type(model.model).__name__ == "ShrunkMean"
    expected = model.predict(table)
    assert expected[0] == pytest.approx(table["y"].mean() / 2, rel=0.2)
    assert f"{expected[0]:.6g}" in run("predict", "here/model.safetensors", "t.csv")[1]
    assert "ShrunkMean" in run("inspect", "here/model.safetensors")[1]
    page = (tmp_path / "here" / "report.html").read_text(encoding="utf-8")
    assert "mean square error, shrunk" in page
    code, _, err = run("train", "t.csv", "--target", "y", "--model", "shrunk-mean", "--certify", "--out", "here")
    assert (code, err) == (1, "Nothing is shown about a shrunk mean.\n")
    code, _, err = run("train", "t.csv", "--target", "y", "--model", "linear", "--shrink", "1")
    assert code == 2
    assert "--shrink goes with --model shrunk-mean, not with linear; leave it out." in err


def test_the_new_estimator_is_gone_again() -> None:
    with pytest.raises(InputError, match="no model 'shrunk-mean'"):
        mathdl.train(FLOWERS, target="species", model="shrunk-mean")
